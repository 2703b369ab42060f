"""Instants as files hold them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.log.instants import instants, utc, zone_of
from leadpact.problem import Problem

YEARS = (datetime(1971, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001  (times on a wall)
WARSAW = ZoneInfo("Europe/Warsaw")


def read(*texts, zone="Europe/Warsaw"):
    return instants(pa.array(texts, pa.string()), ZoneInfo(zone))


def told(at):
    return datetime.fromtimestamp(at / 1_000_000, UTC).replace(tzinfo=None).isoformat(" ")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2026-03-13T12:00:00+01:00", "2026-03-13 11:00:00"),
        ("2026-03-13T12:00:00Z", "2026-03-13 12:00:00"),
        ("2026-03-13 12:00z", "2026-03-13 12:00:00"),
        ("2026-03-13 12:00:00 +0530", "2026-03-13 06:30:00"),
        ("2026-03-13t12:00:00-03", "2026-03-13 15:00:00"),
        ("2026-03-13 12:00", "2026-03-13 11:00:00"),
        ("2026-07-13 12:00:30", "2026-07-13 10:00:30"),
        ("  2026-03-13 12:00  ", "2026-03-13 11:00:00"),
        ("2026-03-13 12:00:00.5", "2026-03-13 11:00:00.500000"),
        ("2026-03-13 12:00:00,123456789", "2026-03-13 11:00:00.123456"),
        ("1970-01-01T00:00:00Z", "1970-01-01 00:00:00"),
        ("2200-12-31T23:59:59Z", "2200-12-31 23:59:59"),
        ("2024-02-29", "2024-02-28 23:00:00"),
    ],
)
def test_an_instant_is_read_as_it_is_written(text, expected):
    found = read(text)
    assert not found.bad.any()
    assert told(found.at[0]) == expected
    assert bool(found.date_only[0]) == (len(text.strip()) == 10)


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "13.03.2026",
        "2026-3-13",
        "20260313",
        "2026-03-13T25:00",
        "2026-03-13T12:60",
        "2026-03-13T12:00:60",
        "2026-03-13T12:00+25:00",
        "٢٠٢٦-٠٣-١٣",
        "now",
        "2026",
    ],
)
def test_what_is_no_instant_is_bad(text):
    assert read(text).bad.tolist() == [True]


def test_a_local_time_that_comes_twice_is_the_first_and_one_that_never_comes_is_moved():
    found = read("2026-10-25 02:30", "2026-03-29 02:30", "2026-03-29 03:30")
    assert [told(at) for at in found.at] == [
        "2026-10-25 00:30:00",
        "2026-03-29 01:30:00",
        "2026-03-29 01:30:00",
    ]
    assert (found.repeated, found.skipped) == (1, 1)


def test_a_day_begins_with_its_first_instant_even_where_midnight_is_skipped():
    found = read("2026-04-24", zone="Africa/Cairo")  # clocks go from 00:00 to 01:00 on that day
    assert told(found.at[0]) == "2026-04-23 22:00:00"
    assert (found.repeated, found.skipped) == (0, 0)


def test_columns_of_timestamps_dates_and_dictionaries_are_read_likewise():
    moment = datetime(2026, 3, 13, 11, tzinfo=UTC)
    aware = pa.array([moment, None], pa.timestamp("ns", "Asia/Tehran"))
    naive = pa.array([1_773_403_200, None], pa.timestamp("s"))  # 12:00 on the wall
    text = pa.array(["2026-03-13T11:00Z", None]).dictionary_encode()
    for column in (aware, naive, text):
        found = instants(column, WARSAW)
        assert told(found.at[0]) == "2026-03-13 11:00:00"
        assert (found.missing.tolist(), found.bad.tolist()) == ([False, True], [False, False])
    days = instants(pa.array([moment.date(), None], pa.date32()), WARSAW)
    assert (told(days.at[0]), days.date_only.tolist()) == ("2026-03-12 23:00:00", [True, False])


def test_numbers_are_no_instants():
    assert instants(pa.array([1_700_000_000]), WARSAW).bad.tolist() == [True]


def test_an_unknown_zone_is_a_problem():
    for name in ("Mars/Olympus", "", "../etc/passwd", "Europe"):
        assert isinstance(zone_of(name), Problem)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.datetimes(*YEARS),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(
        ["Europe/Warsaw", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Tehran"]
    ),
)
def test_local_times_agree_with_the_standard_library(moments, name):
    zone = ZoneInfo(name)
    local = np.array(moments, "datetime64[us]").astype(np.int64)
    expected = [moment.replace(tzinfo=zone).astimezone(UTC) for moment in moments]
    found = [
        datetime.fromtimestamp(0, UTC) + np.timedelta64(at, "us").item()
        for at in utc(local, zone)[0].tolist()
    ]
    assert found == expected
