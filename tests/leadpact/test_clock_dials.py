"""The tables of many clocks in a compiled loop tell what each clock tells alone."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from leadpact.clock import (
    ALWAYS,
    DAY,
    MINUTE,
    OUTSIDE,
    Calendar,
    Clock,
    deadline,
    dials,
    elapsed,
    instant,
    nth_working_day,
    opened,
    reading,
    same_local_time,
    same_time,
    to_micros,
)

HOUR = 60 * MINUTE
OFFICE = Calendar(
    "Europe/Warsaw",
    5 * (((540, 750), (810, 1050)),) + 2 * ((),),
    holidays={date(2026, 1, 1), date(2026, 1, 6), date(2026, 4, 6)},
)
CALENDARS = (
    OFFICE,
    OFFICE.with_leave([(date(2026, 2, 2), date(2026, 2, 13))]),
    Calendar("America/New_York", 7 * (((1320, 1800),),)),
    Calendar("Africa/Cairo", 7 * (((0, 480), (1200, 1440)),)),
    ALWAYS,
)
ZONES = ("Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
FIRST, LAST = (
    to_micros(datetime(year, month, 1, tzinfo=UTC)) for year, month in ((2025, 9), (2026, 12))
)
TABLES = dials(CALENDARS, ZONES, FIRST, LAST)


def rows(count):
    """Instants, working times and days, the same in each run."""
    made = np.random.default_rng(26)
    return list(
        zip(
            made.integers(FIRST, LAST, count).tolist(),
            made.integers(1, 200 * HOUR, count).tolist(),
            made.integers(1, 60, count).tolist(),
            strict=True,
        )
    )


@pytest.mark.parametrize("number", range(len(CALENDARS)))
def test_each_dial_tells_what_its_clock_tells(number):
    clock = Clock(CALENDARS[number])
    for t, working, days in rows(200):
        due = clock.after(t, working)
        assert deadline(TABLES, number, t, working) == due
        assert instant(TABLES, number, reading(TABLES, number, t) + working) == due
        assert elapsed(TABLES, number, t, due) == working
        assert nth_working_day(TABLES, number, t, days) == clock.nth_day(t, days)
        assert opened(TABLES, number, t) == clock.is_open(t)


def test_zones_are_those_given_and_then_those_of_the_clocks():
    zones = [*ZONES, *(calendar.zone for calendar in CALENDARS)]
    for t, _, days in rows(100):
        for z, zone in enumerate(zones):
            assert same_local_time(TABLES, z, t, days) == same_time(t, days, zone)
            assert same_local_time(TABLES, z, t, 0) == t


def test_a_time_that_is_skipped_or_repeated_in_a_zone():
    tables = dials([], ["America/New_York"], FIRST, LAST)
    for start, later in (
        ("2026-03-07T02:30:00-05:00", "2026-03-08T03:30:00-04:00"),
        ("2026-10-31T01:30:00-04:00", "2026-11-01T01:30:00-04:00"),
        ("2026-11-01T01:30:00-05:00", "2026-11-02T01:30:00-05:00"),
    ):
        t, due = (to_micros(datetime.fromisoformat(text)) for text in (start, later))
        assert same_local_time(tables, 0, t, 1) == due


def test_without_a_clock_time_just_passes():
    for t, working, days in rows(5):
        assert reading(TABLES, -1, t) == instant(TABLES, -1, t) == t
        assert deadline(TABLES, -1, t, working) == t + working
        assert elapsed(TABLES, -1, t, t + working) == working
        assert nth_working_day(TABLES, -1, t, days) == t + days * DAY
        assert opened(TABLES, -1, t) == 1


def test_tables_reach_a_year_back_and_two_years_ahead():
    for t in (FIRST - 365 * DAY, LAST + 730 * DAY):
        assert all(reading(TABLES, c, t) != OUTSIDE for c in range(len(CALENDARS)))
        assert same_local_time(TABLES, 0, t, 0) == t


def test_what_lies_beyond_the_tables_is_outside():
    early, late = FIRST - 1000 * DAY, LAST + 2000 * DAY
    for c in range(len(CALENDARS)):
        for beyond in (early, late):
            assert reading(TABLES, c, beyond) == OUTSIDE
            assert opened(TABLES, c, beyond) == OUTSIDE
            assert deadline(TABLES, c, beyond, HOUR) == OUTSIDE
            assert elapsed(TABLES, c, beyond, FIRST) == OUTSIDE
            assert elapsed(TABLES, c, FIRST, beyond) == OUTSIDE
            assert nth_working_day(TABLES, c, beyond, 1) == OUTSIDE
            assert same_local_time(TABLES, 0, beyond, 1) == OUTSIDE
        assert deadline(TABLES, c, FIRST, 40_000 * HOUR) == OUTSIDE
        assert nth_working_day(TABLES, c, FIRST, 5_000) == OUTSIDE
        assert instant(TABLES, c, reading(TABLES, c, TABLES.clocks[c, 0])) == OUTSIDE
    assert same_local_time(TABLES, 0, FIRST, 5_000) == OUTSIDE


def test_a_leave_without_end_is_outside():
    gone = OFFICE.with_leave([(date(2026, 3, 1), date.max)])
    tables = dials([OFFICE, gone], [], FIRST, LAST)
    assert deadline(tables, 1, LAST, HOUR) == OUTSIDE
    assert nth_working_day(tables, 1, LAST, 1) == OUTSIDE
    assert elapsed(tables, 1, LAST, LAST + 90 * DAY) == 0
    assert deadline(tables, 0, LAST, HOUR) == Clock(OFFICE).after(LAST, HOUR)


def test_a_table_for_nobody_still_knows_zones():
    tables = dials([], ["Asia/Bangkok"], FIRST, LAST)
    assert same_local_time(tables, 0, FIRST, 3) == FIRST + 3 * DAY


def test_an_absurd_instant_does_not_make_an_absurd_table():
    tables = dials([OFFICE], [], -(10**17), 253_402_300_799_000_000)
    assert len(tables.spans) < 300 * 366 * 2
    assert deadline(tables, 0, FIRST, HOUR) == Clock(OFFICE).after(FIRST, HOUR)


def test_the_same_code_runs_uncompiled():
    code = "import json, test_clock_dials as t; print(json.dumps(t.told()))"
    plain = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        env={**os.environ, "LEADPACT_UNCOMPILED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(plain.stdout) == json.loads(json.dumps(told()))


def told():
    """Everything that the clocks say of some rows, in numbers and in columns."""
    table = rows(40)
    starts, working, days = (np.array(column) for column in zip(*table, strict=True))
    clocks = [Clock(calendar) for calendar in CALENDARS]
    return [
        [
            [int(f(TABLES, c, t, w)) for t, w, _ in table for f in (deadline, elapsed)],
            [int(nth_working_day(TABLES, c, t, n)) for t, _, n in table],
            [int(same_local_time(TABLES, c, t, n)) for t, _, n in table],
            clock.after(starts, working).tolist(),
            clock.between(starts, starts + working).tolist(),
            clock.nth_day(starts, days).tolist(),
            clock.is_open(starts).tolist(),
            clock.at(clock.read(starts)).tolist(),
            [str(interval) for interval in clock.explain(FIRST, FIRST + 9 * DAY)],
        ]
        for c, clock in enumerate(clocks)
    ]
