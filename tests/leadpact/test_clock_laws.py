"""Laws that hold for every calendar, instant and working time."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.clock import DAY, Clock, same_time, to_datetime, to_micros
from tests.leadpact.test_clock_reference import calendars

MIDDLE = date(2026, 3, 29)
FIRST, LAST = (
    1_735_689_600_000_000,  # 2025-01-01
    1_830_297_600_000_000,  # 2028-01-01
)
instants = st.integers(FIRST, LAST)
spans = st.integers(0, 400 * DAY // 4)


def clocks():
    return calendars(MIDDLE).map(Clock)


@settings(max_examples=60, deadline=None)
@given(clocks(), instants, instants, instants)
def test_working_time_adds_up_and_turns_around(clock, a, b, c):
    assert clock.between(a, b) + clock.between(b, c) == clock.between(a, c)
    assert clock.between(a, b) == -clock.between(b, a)
    assert clock.between(a, b) == clock.read(b) - clock.read(a)
    assert clock.between(a, a) == 0


@settings(max_examples=60, deadline=None)
@given(clocks(), instants, instants)
def test_working_time_never_runs_backward_or_faster_than_time(clock, a, b):
    first, last = sorted((a, b))
    assert 0 <= clock.between(first, last) <= last - first


@settings(max_examples=60, deadline=None)
@given(clocks(), instants)
def test_the_earliest_instant_of_a_reading(clock, t):
    w = clock.read(t)
    earliest = clock.at(w)
    assert earliest <= t
    assert clock.read(earliest) == w
    assert clock.read(earliest - 1) == w - 1
    assert earliest == t or not clock.is_open(t - 1)


@settings(max_examples=60, deadline=None)
@given(clocks(), instants, spans)
def test_after_a_working_time_just_that_has_passed(clock, t, working):
    due = clock.after(t, working)
    assert clock.between(t, due) == working
    assert due == t or clock.between(t, due - 1) == working - 1


@settings(max_examples=60, deadline=None)
@given(clocks(), instants, spans, spans)
def test_a_pause_between_two_parts_of_a_working_time_changes_nothing(clock, t, one, other):
    assert clock.after(t, one + other) == clock.after(clock.after(t, one), other) or other == 0


@settings(max_examples=60, deadline=None)
@given(clocks(), instants, instants)
def test_the_intervals_explained_are_what_was_counted(clock, a, b):
    intervals = clock.explain(a, b)
    assert sum(i.worked for i in intervals) == clock.between(a, b)
    edges = [to_micros(edge) for i in intervals for edge in (i.opened_at, i.shut_at)]
    assert edges == sorted(edges)
    assert all(min(a, b) <= edge <= max(a, b) for edge in edges)


@settings(max_examples=60, deadline=None)
@given(clocks(), instants, st.integers(1, 300))
def test_a_working_day_is_the_nth_date_with_open_hours(clock, t, n):
    zone = clock.calendar.zone
    due = clock.nth_day(t, n)
    today = to_datetime(t, zone).date()
    opened = {i.opened_at.date() for i in clock.explain(t - 9 * DAY, due + 9 * DAY)}
    nth = sorted(day for day in opened if day > today)[n - 1]
    same = same_time(t, (nth - today).days, zone)
    if clock.is_open(same):
        assert due == same
    elif clock.is_open(due):  # before the opening, or in a break
        assert not clock.is_open(due - 1)
        assert clock.between(same, due) == 0
        assert to_datetime(due, zone).date() == nth
    else:
        assert clock.is_open(due - 1)
        assert due <= same
        # A shift of the evening before may end at just that time, before the day's own begins.
        later = [i for i in clock.explain(due, due + 2 * DAY) if i.worked]
        assert due == same or all(i.opened_at.date() > nth for i in later)


@settings(max_examples=20, deadline=None)
@given(clocks(), st.lists(st.tuples(instants, spans), min_size=1, max_size=50))
def test_a_column_tells_what_its_rows_tell(clock, rows):
    starts, working = (np.array(column) for column in zip(*rows, strict=True))
    assert clock.after(starts, working).tolist() == [clock.after(t, w) for t, w in rows]
    assert clock.read(starts).tolist() == [clock.read(t) for t, _ in rows]
    assert clock.at(working).tolist() == [clock.at(w) for _, w in rows]
