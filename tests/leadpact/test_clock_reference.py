"""The clock against one that walks through every minute and looks at the wall."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.clock import DAY, MINUTE, Calendar, Clock, to_micros, zone_named

ZONES = (
    "America/New_York",
    "Europe/Warsaw",
    "Europe/Berlin",
    "Asia/Tehran",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Asia/Bangkok",
)
# Around these dates the clocks change in some of the zones; the last two are ordinary.
CHANGES = (
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2022, 3, 22),
    date(2021, 9, 22),
    date(2026, 4, 24),
    date(2026, 10, 30),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 6, 1),
    date(2026, 12, 31),
)


class Wall:
    """A few days, minute by minute: what the wall shows, and whether the desk is open."""

    def __init__(self, calendar, middle, days=3):
        self.start = datetime(middle.year, middle.month, middle.day, tzinfo=UTC) - timedelta(days)
        self.minutes = [self.start + timedelta(minutes=n) for n in range((2 * days + 1) * 1440)]
        zone = zone_named(calendar.zone)
        self.shown = [m.astimezone(zone).replace(tzinfo=None) for m in self.minutes]
        self.open = [False] * len(self.minutes)
        for n in range(-days - 2, days + 3):
            self._open_on(calendar, middle + timedelta(days=n))

    def _open_on(self, calendar, day):
        away = any(first <= day <= last for first, last in calendar.leave)
        if day in calendar.holidays or away:
            return
        midnight = datetime.fromisoformat(day.isoformat())
        for opens, closes in calendar.week[day.weekday()]:
            opening, closing = (midnight + timedelta(minutes=m) for m in (opens, closes))
            reached = [n for n, shown in enumerate(self.shown) if shown >= opening]
            not_over = [n for n, shown in enumerate(self.shown) if shown < closing]
            if reached and not_over:
                for n in range(reached[0], not_over[-1] + 1):
                    self.open[n] = True

    def worked(self, a, b):
        """The µs of open minutes between two instants, cut to them."""
        first = to_micros(self.start)
        total = 0
        for n, is_open in enumerate(self.open):
            begin = first + n * MINUTE
            if is_open:
                total += max(0, min(b, begin + MINUTE) - max(a, begin))
        return total

    def after(self, t, working):
        """The instant at which so much was worked, if it is in these days."""
        first = to_micros(self.start)
        for n, is_open in enumerate(self.open):
            begin = max(t, first + n * MINUTE)
            left = first + (n + 1) * MINUTE - begin
            if is_open and left > 0:
                if working <= left:
                    return begin + working
                working -= left
        return None


@st.composite
def days_of_week(draw):
    """Open ranges of a week that don't overlap: cuts of the week, every other part open."""
    cuts = sorted(draw(st.sets(st.integers(0, 7 * 48 - 1), min_size=2, max_size=24)))
    shift = draw(st.sampled_from([0, 1, 13]))
    week = [[] for _ in range(7)]
    for opens, closes in zip(cuts[::2], cuts[1::2], strict=False):
        opens, closes = 30 * opens + shift, min(30 * closes + shift, 30 * opens + shift + 1440)
        week[opens // 1440].append((opens % 1440, closes - opens + opens % 1440))
    return tuple(tuple(day) for day in week)


@st.composite
def calendars(draw, middle):
    near = st.integers(-4, 4).map(lambda n: middle + timedelta(days=n))
    leave = [tuple(sorted(pair)) for pair in draw(st.lists(st.tuples(near, near), max_size=1))]
    return Calendar(
        draw(st.sampled_from(ZONES)),
        draw(days_of_week()),
        draw(st.frozensets(near, max_size=2)),
        tuple(leave) if draw(st.booleans()) else (),
    )


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_clock_agrees_with_the_wall_minute_by_minute(data):
    middle = data.draw(st.sampled_from(CHANGES))
    calendar = data.draw(calendars(middle))
    clock, wall = Clock(calendar), Wall(calendar, middle)
    moments = st.integers(-2 * DAY, 3 * DAY).map(
        lambda n: to_micros(wall.start) + 3 * DAY + n // 500_000 * 500_000
    )
    a, b = sorted(data.draw(st.tuples(moments, moments)))
    working = data.draw(st.integers(1, DAY // 2))
    assert clock.between(a, b) == wall.worked(a, b)
    assert sum(i.worked for i in clock.explain(a, b)) == wall.worked(a, b)
    assert clock.is_open(a) == wall.open[(a - to_micros(wall.start)) // MINUTE]
    if (due := wall.after(a, working)) is not None:
        assert clock.after(a, working) == due
