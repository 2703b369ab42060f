"""What a clock tells, in the words of desks and people."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from leadpact.clock import (
    ALWAYS,
    DAY,
    MINUTE,
    SECOND,
    Calendar,
    CalendarError,
    Clock,
    Interval,
    to_datetime,
    to_micros,
    zone_named,
)

HOUR = 60 * MINUTE
NEW_YORK, WARSAW, BANGKOK, LONDON = (
    "America/New_York",
    "Europe/Warsaw",
    "Asia/Bangkok",
    "Europe/London",
)


def weekdays(*ranges):
    """Monday to Friday, each with these ranges (``"09:00-17:00"``)."""
    return 5 * (tuple(map(minutes, ranges)),) + 2 * ((),)


def every_day(*ranges):
    return 7 * (tuple(map(minutes, ranges)),)


def minutes(text):
    opens, closes = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return opens, closes if closes > opens else closes + 24 * 60


def at(text, zone, fold=0):
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=zone_named(zone), fold=fold))


def shown(instant, zone):
    return to_datetime(instant, zone).strftime("%a %Y-%m-%d %H:%M")


NINE_TO_FIVE = weekdays("09:00-17:00")


@pytest.mark.parametrize(
    ("zone", "start", "target", "due", "due_utc", "elapsed"),
    [
        (NEW_YORK, "2026-03-06 16:30", 2, "Mon 2026-03-09 10:30", "14:30", 65),
        (NEW_YORK, "2026-03-13 16:30", 2, "Mon 2026-03-16 10:30", "14:30", 66),
        (NEW_YORK, "2026-10-30 16:30", 2, "Mon 2026-11-02 10:30", "15:30", 67),
        (WARSAW, "2026-03-27 16:30", 2, "Mon 2026-03-30 10:30", "08:30", 65),
        (WARSAW, "2026-10-23 16:30", 2, "Mon 2026-10-26 10:30", "09:30", 67),
        (BANGKOK, "2026-03-06 16:30", 2, "Mon 2026-03-09 10:30", "03:30", 66),
        (NEW_YORK, "2026-03-10 07:00", 1, "Tue 2026-03-10 10:00", "14:00", 3),
        (NEW_YORK, "2026-03-08 12:00", 1, "Mon 2026-03-09 10:00", "14:00", 22),
        (NEW_YORK, "2026-03-10 17:00", 0.5, "Wed 2026-03-11 09:30", "13:30", 16.5),
        (NEW_YORK, "2026-03-10 16:00", 1, "Tue 2026-03-10 17:00", "21:00", 1),
        (NEW_YORK, "2026-07-02 16:00", 2, "Mon 2026-07-06 10:00", "14:00", 90),
        (NEW_YORK, "2026-03-13 16:00", 4, "Mon 2026-03-16 12:00", "16:00", 68),
        (LONDON, "2026-03-10 11:00", 8, "Wed 2026-03-11 11:00", "11:00", 24),
    ],
)
def test_due_on_weekdays_from_nine_to_five(zone, start, target, due, due_utc, elapsed):
    clock = Clock(Calendar(zone, NINE_TO_FIVE, holidays={date(2026, 7, 3)}))
    began, working = at(start, zone), int(target * HOUR)
    ends = clock.after(began, working)
    assert shown(ends, zone) == due
    assert shown(ends, "UTC").endswith(due_utc)
    assert ends - began == elapsed * HOUR
    assert clock.between(began, ends) == working


@pytest.mark.parametrize(
    ("hours", "start", "target", "due"),
    [
        ("09:00-18:00", "2026-03-14 15:00", 60, "Mon 2026-03-16 10:00"),
        ("09:00-18:00", "2026-03-14 20:00", 60, "Mon 2026-03-16 10:00"),
        ("09:00-18:00", "2026-03-15 08:00", 60, "Mon 2026-03-16 10:00"),
        ("09:00-18:00", "2026-03-20 11:00", 60, "Mon 2026-03-23 10:00"),  # a holiday
        ("09:00-18:00", "2026-03-13 17:30", 60, "Mon 2026-03-16 09:30"),
        ("09:00-17:00", "2026-03-13 17:00", 480, "Mon 2026-03-16 17:00"),
        ("08:00-17:00", "2026-03-13 16:00", 240, "Mon 2026-03-16 11:00"),
    ],
)
def test_due_across_a_weekend_or_holiday(hours, start, target, due):
    clock = Clock(Calendar(WARSAW, weekdays(hours), holidays={date(2026, 3, 20)}))
    assert shown(clock.after(at(start, WARSAW), target * MINUTE), WARSAW) == due


def test_a_lunch_break_stops_the_clock():
    clock = Clock(Calendar(WARSAW, weekdays("09:00-12:00", "13:30-17:30")))
    start = at("2026-03-10 11:45", WARSAW)
    assert shown(clock.after(start, 30 * MINUTE), WARSAW) == "Tue 2026-03-10 13:45"
    assert shown(clock.after(start, 15 * MINUTE), WARSAW) == "Tue 2026-03-10 12:00"
    assert clock.between(start, at("2026-03-10 14:00", WARSAW)) == 45 * MINUTE


def test_a_change_of_the_clocks_leaves_earlier_weeks_alone():
    for zone, before, after in (
        (NEW_YORK, "2026-03-06", "2026-03-09"),
        (NEW_YORK, "2026-10-30", "2026-11-02"),
        (WARSAW, "2026-03-27", "2026-03-30"),
        (WARSAW, "2026-10-23", "2026-10-26"),
    ):
        clock = Clock(Calendar(zone, NINE_TO_FIVE))
        for day in (before, after):
            opens, shuts = at(f"{day} 09:00", zone), at(f"{day} 17:00", zone)
            assert clock.explain(opens - DAY // 4, shuts + DAY // 4) == [
                Interval(to_datetime(opens, zone), to_datetime(shuts, zone), 8 * HOUR)
            ]


def test_a_night_shift_loses_and_gains_the_hour():
    clock = Clock(Calendar(NEW_YORK, every_day("22:00-06:00")))
    nights = ("2026-03-06", "2026-03-07", "2026-10-30", "2026-10-31")
    noons = [at(f"{night} 12:00", NEW_YORK) for night in nights]
    worked = [clock.between(noon, noon + DAY) for noon in noons]
    assert worked == [8 * HOUR, 7 * HOUR, 8 * HOUR, 9 * HOUR]


@pytest.mark.parametrize(
    ("hours", "day", "opens", "shuts", "worked"),
    [
        ("02:30-05:00", "2026-03-08", "07:00", "09:00", 120),  # opens when the clock jumps
        ("01:00-02:30", "2026-03-08", "06:00", "07:00", 60),  # shuts when the clock jumps
        ("01:30-05:00", "2026-11-01", "05:30", "10:00", 270),  # opens at the first 01:30
        ("00:00-01:30", "2026-11-01", "04:00", "06:30", 150),  # shuts at the second 01:30
        ("00:00-01:00", "2026-11-01", "04:00", "05:00", 60),  # 01:00 ends an hour that is unique
        ("02:00-03:00", "2026-11-01", "07:00", "08:00", 60),
        ("00:00-02:00", "2026-11-01", "04:00", "07:00", 180),
    ],
)
def test_opening_and_closing_in_the_hour_that_is_skipped_or_repeated(
    hours, day, opens, shuts, worked
):
    clock = Clock(Calendar(NEW_YORK, every_day(hours)))
    midnight = at(f"{day} 00:00", NEW_YORK)
    (interval,) = clock.explain(midnight, midnight + 12 * HOUR)
    assert (interval.opened_at, interval.shut_at) == (
        to_datetime(at(f"{day} {opens}", "UTC"), NEW_YORK),
        to_datetime(at(f"{day} {shuts}", "UTC"), NEW_YORK),
    )
    assert interval.worked == worked * MINUTE


def test_hours_that_the_clock_skips_are_no_hours():
    clock = Clock(Calendar(NEW_YORK, every_day("02:15-02:45")))
    sunday = at("2026-03-08 00:00", NEW_YORK)
    assert clock.explain(sunday, sunday + 20 * HOUR) == []
    assert shown(clock.nth_day(sunday - 12 * HOUR, 1), NEW_YORK) == "Mon 2026-03-09 02:45"


def test_ranges_that_meet_in_the_repeated_hour_count_it_once():
    clock = Clock(Calendar(NEW_YORK, every_day("00:00-01:30", "01:30-08:00")))
    sunday = at("2026-11-01 00:00", NEW_YORK)
    assert [i.worked for i in clock.explain(sunday, sunday + DAY // 2)] == [
        150 * MINUTE,
        390 * MINUTE,
    ]


def test_the_whole_day_lasts_23_or_25_hours_where_the_clocks_change():
    clock = Clock(Calendar(NEW_YORK, every_day("00:00-00:00")))
    days = ("2026-03-08", "2026-11-01", "2026-06-01")
    worked = [i.worked for d in days for i in clock.explain(*local_day_of(d, NEW_YORK))]
    assert worked == [23 * HOUR, 25 * HOUR, 24 * HOUR]


def local_day_of(day, zone):
    following = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    return at(f"{day} 00:00", zone), at(f"{following} 00:00", zone)


def test_a_midnight_that_does_not_exist_opens_at_one():
    clock = Clock(Calendar("Africa/Cairo", every_day("00:00-08:00")))
    evening = at("2026-04-23 20:00", "Africa/Cairo")
    (interval,) = clock.explain(evening, evening + 14 * HOUR)
    assert interval.opened_at.isoformat() == "2026-04-24T01:00:00+03:00"
    assert interval.worked == 7 * HOUR


def test_a_range_belongs_to_the_date_on_which_it_opens():
    nights = Calendar(WARSAW, every_day("22:00-06:00"), holidays={date(2026, 5, 1)})
    clock = Clock(nights.with_leave([(date(2026, 5, 4), date(2026, 5, 5))]))
    start = at("2026-04-30 12:00", WARSAW)
    opened = [i.opened_at.date().day for i in clock.explain(start, start + 7 * DAY)]
    assert opened == [30, 2, 3, 6]
    assert clock.is_open(at("2026-05-01 05:59", WARSAW))
    assert not clock.is_open(at("2026-05-01 22:30", WARSAW))


def test_a_weekend_may_be_any_day():
    week = 4 * (((540, 1020),),) + ((), ((540, 1020),), ((540, 1020),))  # closed on Fridays
    clock = Clock(Calendar("Asia/Tehran", week))
    start = at("2026-03-05 16:00", "Asia/Tehran")
    assert shown(clock.after(start, 2 * HOUR), "Asia/Tehran") == "Sat 2026-03-07 10:00"


def test_elapsed_time_is_not_the_difference_of_wall_clocks():
    saturday, sunday = at("2026-03-07 12:00", NEW_YORK), at("2026-03-08 12:00", NEW_YORK)
    assert sunday - saturday == 23 * HOUR
    assert Clock(ALWAYS).between(saturday, sunday) == 23 * HOUR
    assert (
        Clock(Calendar(NEW_YORK, every_day("00:00-00:00"))).between(saturday, sunday) == 23 * HOUR
    )
    assert shown(saturday + 24 * HOUR, NEW_YORK) == "Sun 2026-03-08 13:00"


def test_open_from_the_opening_until_before_the_closing():
    clock = Clock(Calendar(WARSAW, NINE_TO_FIVE))
    opens, shuts = at("2026-03-10 09:00", WARSAW), at("2026-03-10 17:00", WARSAW)
    moments = [opens - 1, opens, shuts - 1, shuts]
    assert [clock.is_open(moment) for moment in moments] == [False, True, True, False]
    assert clock.is_open(np.array(moments)).tolist() == [False, True, True, False]


def test_half_seconds_and_microseconds_are_exact():
    clock = Clock(Calendar(WARSAW, NINE_TO_FIVE))
    start = at("2026-03-13 16:59:59.500001", WARSAW)
    assert clock.between(start, at("2026-03-16 09:00:00.5", WARSAW)) == SECOND - 1
    assert clock.after(start, SECOND - 1) == at("2026-03-16 09:00:00.5", WARSAW)
    assert clock.after(start, SECOND // 2 - 1) == at("2026-03-13 17:00", WARSAW)
    assert clock.after(start, SECOND // 2) == at("2026-03-16 09:00:00.000001", WARSAW)


def test_no_working_time_ends_where_it_starts():
    clock = Clock(Calendar(WARSAW, NINE_TO_FIVE))
    sunday = at("2026-03-15 12:00", WARSAW)
    assert clock.after(sunday, 0) == sunday
    assert clock.nth_day(sunday, 0) == sunday
    assert clock.after(np.array([sunday]), 0).tolist() == [sunday]


def test_a_reversed_span_counts_below_zero():
    clock = Clock(Calendar(WARSAW, NINE_TO_FIVE))
    monday, friday = at("2026-03-09 12:00", WARSAW), at("2026-03-13 12:00", WARSAW)
    assert clock.between(friday, monday) == -32 * HOUR
    assert sum(i.worked for i in clock.explain(friday, monday)) == -32 * HOUR


def test_the_reading_counts_from_2020():
    assert Clock(ALWAYS).read(at("2020-01-01", "UTC")) == 0
    assert Clock(ALWAYS).read(at("1999-12-31", "UTC")) == -7306 * DAY
    assert Clock(Calendar("UTC", NINE_TO_FIVE)).read(at("2020-01-02 10:00", "UTC")) == 9 * HOUR
    assert Clock(Calendar("UTC", NINE_TO_FIVE)).at(9 * HOUR) == at("2020-01-02 10:00", "UTC")


def test_a_reading_is_reached_first_at_the_closing():
    clock = Clock(Calendar(WARSAW, NINE_TO_FIVE))
    shuts = at("2026-03-13 17:00", WARSAW)
    assert clock.at(clock.read(at("2026-03-16 09:00", WARSAW))) == shuts
    assert clock.at(clock.read(shuts) + 1) == at("2026-03-16 09:00:00.000001", WARSAW)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-10 10:00", 1, "Wed 2026-03-11 10:00"),
        ("2026-03-13 10:00", 1, "Mon 2026-03-16 10:00"),
        ("2026-03-14 10:00", 1, "Mon 2026-03-16 10:00"),
        ("2026-03-14 10:00", 5, "Fri 2026-03-20 10:00"),
        ("2026-03-10 07:00", 1, "Wed 2026-03-11 09:00"),  # not open yet: at its opening
        ("2026-03-10 20:00", 1, "Wed 2026-03-11 17:30"),  # closed: at its closing
        ("2026-03-10 17:30", 1, "Wed 2026-03-11 17:30"),
        ("2026-03-10 13:00", 1, "Wed 2026-03-11 13:30"),  # in a break: when it ends
        ("2026-03-10 12:30", 1, "Wed 2026-03-11 12:30"),
        ("2026-03-27 10:00", 1, "Mon 2026-03-30 10:00"),
        ("2026-04-30 10:00", 1, "Mon 2026-05-04 10:00"),  # over a holiday and a weekend
    ],
)
def test_working_days_end_at_the_same_time(start, days, due):
    week = weekdays("09:00-12:30", "13:30-17:30")
    clock = Clock(Calendar(WARSAW, week, holidays={date(2026, 5, 1)}))
    assert shown(clock.nth_day(at(start, WARSAW), days), WARSAW) == due


def test_working_days_of_a_night_shift_keep_the_time_after_midnight():
    clock = Clock(Calendar(WARSAW, every_day("22:00-06:00")))
    for start, due in (("02:00", "02:00"), ("06:00", "06:00"), ("12:00", "22:00")):
        found = clock.nth_day(at(f"2026-03-10 {start}", WARSAW), 1)
        assert shown(found, WARSAW) == f"Wed 2026-03-11 {due}"


def test_arrays_and_numbers_tell_the_same():
    clock = Clock(Calendar(NEW_YORK, NINE_TO_FIVE))
    starts = np.arange(at("2026-02-01", NEW_YORK), at("2026-12-01", NEW_YORK), 7_777_777_777)
    ends = starts[::-1].copy()
    spans = np.abs(ends - starts) // 5
    days = spans // DAY
    rows = list(zip(starts.tolist(), ends.tolist(), spans.tolist(), days.tolist(), strict=True))
    assert clock.read(starts).tolist() == [clock.read(a) for a, *_ in rows]
    assert clock.at(spans).tolist() == [clock.at(w) for _, _, w, _ in rows]
    assert clock.between(starts, ends).tolist() == [clock.between(a, b) for a, b, *_ in rows]
    assert clock.after(starts, spans).tolist() == [clock.after(a, w) for a, _, w, _ in rows]
    assert clock.nth_day(starts, days).tolist() == [clock.nth_day(a, n) for a, _, _, n in rows]
    assert clock.is_open(starts).tolist() == [clock.is_open(a) for a, *_ in rows]


def test_arrays_of_any_shape_meet_numbers():
    clock = Clock(Calendar(NEW_YORK, NINE_TO_FIVE))
    start = at("2026-03-06 16:30", NEW_YORK)
    frozen = np.full((2, 3), start)
    frozen.flags.writeable = False
    assert clock.after(frozen, 2 * HOUR).tolist() == [[start + 65 * HOUR] * 3] * 2
    assert clock.after(frozen[:, ::2], HOUR).shape == (2, 2)
    assert clock.after(start, np.array([0, 2 * HOUR])).tolist() == [start, start + 65 * HOUR]
    assert clock.read(np.array([], np.int64)).tolist() == []


def test_no_answer_depends_on_what_was_asked_before():
    calendar = Calendar(NEW_YORK, NINE_TO_FIVE)
    fresh, asked = Clock(calendar), Clock(calendar)
    moment = at("2026-03-10 12:00", NEW_YORK)
    asked.read(np.array([at("1950-01-01", "UTC"), at("2150-01-01", "UTC")]))
    asked.after(moment, 100_000 * HOUR)
    assert asked.read(moment) == fresh.read(moment)
    assert asked.at(10**12) == fresh.at(10**12)
    assert asked.at(-(10**12)) == fresh.at(-(10**12))
    assert asked.after(moment, 40_000 * HOUR) == fresh.after(moment, 40_000 * HOUR)


def test_a_leave_without_end_never_reaches_the_deadline():
    gone = Calendar(WARSAW, NINE_TO_FIVE, leave=[(date(2026, 6, 1), date.max)])
    with pytest.raises(CalendarError, match="years 1900 to 2199"):
        Clock(gone).after(at("2026-05-29 16:30", WARSAW), HOUR)
    assert Clock(gone).after(at("2026-05-29 16:30", WARSAW), HOUR // 2) == at(
        "2026-05-29 17:00", WARSAW
    )


def test_deadlines_come_in_the_order_of_their_starts():
    clock = Clock(Calendar(WARSAW, NINE_TO_FIVE))
    starts = np.arange(at("2026-03-01", WARSAW), at("2026-04-01", WARSAW), 600 * SECOND)
    due = clock.after(starts, 4 * HOUR)
    assert all(a <= b for a, b in pairwise(due.tolist()))
