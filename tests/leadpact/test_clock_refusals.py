"""What a clock and a calendar refuse, and what may be kept of them."""

import pickle
from copy import deepcopy
from dataclasses import asdict
from datetime import date, datetime

import numpy as np
import pytest

from leadpact.clock import Calendar, CalendarError, Clock, to_micros
from tests.leadpact.test_clock import HOUR, NINE_TO_FIVE, WARSAW, at, every_day, weekdays


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda clock: clock.after(0, -1), ValueError),
        (lambda clock: clock.after(np.array([0]), np.array([-1])), ValueError),
        (lambda clock: clock.nth_day(0, -1), ValueError),
        (lambda clock: clock.read(1.5), TypeError),
        (lambda clock: clock.read(np.array([1.5])), TypeError),
        (
            lambda clock: clock.read(to_micros(datetime.fromisoformat("2300-01-01T00:00Z"))),
            CalendarError,
        ),
        (lambda clock: clock.nth_day(0, 10**9), CalendarError),
    ],
)
def test_what_a_clock_refuses(ask, error):
    with pytest.raises(error):
        ask(Clock(Calendar(WARSAW, NINE_TO_FIVE)))


@pytest.mark.parametrize(
    ("zone", "week", "sentence"),
    [
        (WARSAW, 7 * ((),), "This calendar never opens. Give it at least one open range."),
        (
            "Europe/Warsow",
            NINE_TO_FIVE,
            "There is no zone 'Europe/Warsow'. Did you mean 'Europe/Warsaw'?",
        ),
        ("new york", NINE_TO_FIVE, "There is no zone 'new york'. Did you mean 'America/New_York'?"),
        (
            "../passwd",
            NINE_TO_FIVE,
            "There is no zone '../passwd'. Write the name of an IANA zone, such as Europe/Warsaw or UTC.",
        ),
        (WARSAW, NINE_TO_FIVE[:5], "A week has seven days, not 5."),
        (
            WARSAW,
            weekdays("09:00-12:30", "12:00-17:00"),
            "The open ranges 09:00-12:30 and 12:00-17:00 overlap. Join or part them.",
        ),
        (
            WARSAW,
            every_day("07:00-22:00", "22:00-08:00"),
            "The open ranges 22:00-08:00 and 07:00-22:00 overlap. Join or part them.",
        ),
        (
            WARSAW,
            (((0, 1440),), ((0, 1500),), *5 * (((0, 60),),)),
            "The open range 00:00-01:00 must last from one minute to 24 hours.",
        ),
        (
            WARSAW,
            7 * (((600, 600),),),
            "The open range 10:00-10:00 must last from one minute to 24 hours.",
        ),
        (
            WARSAW,
            7 * (((1440, 1500),),),
            "An open range starts between 00:00 and 23:59 of its day, not at minute 1440.",
        ),
    ],
)
def test_calendars_that_are_refused(zone, week, sentence):
    with pytest.raises(CalendarError) as refused:
        Calendar(zone, week)
    assert str(refused.value) == sentence


def test_a_leave_that_ends_before_it_starts_is_refused():
    with pytest.raises(
        CalendarError, match="can't end on 2026-05-01, before it starts on 2026-05-04"
    ):
        Calendar(WARSAW, NINE_TO_FIVE, leave=[(date(2026, 5, 4), date(2026, 5, 1))])


def test_calendars_of_the_same_hours_are_equal():
    one = Calendar(WARSAW, weekdays("13:30-17:30", "09:00-12:30"), holidays={date(2026, 1, 1)})
    other = Calendar(WARSAW, weekdays("09:00-12:30", "13:30-17:30")).with_holidays(
        [date(2026, 1, 1)]
    )
    assert (one, hash(one)) == (other, hash(other))
    assert one != one.with_leave([(date(2026, 2, 2), date(2026, 2, 13))])


def test_the_intervals_counted_can_be_copied_and_kept():
    clock = Clock(Calendar(WARSAW, NINE_TO_FIVE))
    intervals = clock.explain(at("2026-03-10 12:00", WARSAW), at("2026-03-11 10:00", WARSAW))
    assert deepcopy(intervals) == pickle.loads(pickle.dumps(intervals)) == intervals
    assert asdict(intervals[0])["opened_at"].tzinfo.key == WARSAW
    assert [i.worked for i in intervals] == [5 * HOUR, HOUR]
