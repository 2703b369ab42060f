"""Calendars: open hours as authors write them, and whose calendar is whose."""

from datetime import date

import pytest

from leadpact.agreement.calendars import (
    calendars,
    default_calendar,
    open_hours,
    weekdays,
)
from leadpact.agreement.roster import working
from leadpact.clock import Calendar
from leadpact.units import Misread
from tests.leadpact.agreements import agreed

OFFICE = ((540, 750), (810, 1050))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", [0]),
        ("Monday", [0]),
        ("mon-fri", [0, 1, 2, 3, 4]),
        ("Tues – thurs", [1, 2, 3]),
        ("sun-thu", [6, 0, 1, 2, 3]),
        ("sat, sun", [5, 6]),
        ("mon-sun", [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_days_of_the_week(text, days):
    assert weekdays(text) == days


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("09:00-12:30", ((540, 750),)),
        ("9:00 to 12:30", ((540, 750),)),
        ("9.00 – 12.30", ((540, 750),)),
        ("22:00-06:00", ((1320, 1800),)),
        ("00:00-24:00", ((0, 1440),)),
        ("always", ((0, 1440),)),
        ("closed", ()),
    ],
)
def test_open_hours(text, ranges):
    assert open_hours(text) == ranges


@pytest.mark.parametrize("text", ["9-12", "25:00-26:00", "09:00", "09:00-09:00", "24:00-24:00", ""])
def test_no_open_hours(text):
    with pytest.raises(Misread):
        open_hours(text)


def test_calendars_of_an_agreement():
    office = Calendar(
        "Europe/Warsaw",
        (OFFICE,) * 5 + ((), ()),
        frozenset({date(2026, 1, 1), date(2026, 1, 6)}),
    )
    night = Calendar("Europe/Warsaw", (((1320, 1800),),) * 4 + ((), (), ((1320, 1800),)))
    agreement = agreed()
    assert calendars(agreement) == {"office": office, "night": night}
    assert default_calendar(agreement) == office
    assert working(agreement) == {
        None: office,
        "calendar office": office,
        "calendar night": night,
        "ana": office.with_leave(
            [(date(1970, 1, 1), date(2025, 2, 28)), (date(2026, 12, 1), date(2199, 12, 31))]
        ),
        "ben": night.with_leave([(date(2026, 2, 2), date(2026, 2, 13))]),
        "chai": office,
    }


def test_without_calendars_time_runs_round_the_clock():
    agreement = agreed(
        text="leadpact: 1\nagreement: A\nversion: 1\nvalid from: 2026-01-01\nzone: Asia/Bangkok\npeople: {ana: {}}\n"
    )
    always = Calendar("Asia/Bangkok", (((0, 1440),),) * 7)
    assert default_calendar(agreement) == always
    assert working(agreement) == {None: always, "ana": always}


def test_a_calendar_may_be_open_always():
    agreement = agreed(("{open: {sun-thu: 22:00-06:00}}", "{open: always, zone: UTC}"))
    assert calendars(agreement)["night"] == Calendar("UTC", (((0, 1440),),) * 7)


def test_hours_of_several_keys_for_one_day_are_joined():
    agreement = agreed(("{sun-thu: 22:00-06:00}", "{sat: 09:00-10:00, sat-sun: 12:00-13:00}"))
    assert calendars(agreement)["night"].week[5:] == (((540, 600), (720, 780)), ((720, 780),))
