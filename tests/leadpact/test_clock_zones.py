"""Calendar days in zones, and the data that say when clocks change."""

import struct
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.clock import (
    DAY,
    SECOND,
    CalendarError,
    day_start,
    local_day,
    proposed_holidays,
    same_time,
    to_datetime,
    to_micros,
    zone_data_version,
    zone_named,
)
from leadpact.clock.zones import offsets
from tests.leadpact.test_clock_reference import ZONES

EPOCH = date(1970, 1, 1)


def at(text, zone, fold=0):
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=zone_named(zone), fold=fold))


@pytest.mark.parametrize(
    ("start", "days", "later"),
    [
        ("2026-03-07T12:00:00-05:00", 1, "2026-03-08T12:00:00-04:00"),
        ("2026-03-07T02:30:00-05:00", 1, "2026-03-08T03:30:00-04:00"),  # skipped
        ("2026-03-09T02:30:00-04:00", -1, "2026-03-08T03:30:00-04:00"),
        ("2026-10-31T01:30:00-04:00", 1, "2026-11-01T01:30:00-04:00"),  # the first of two
        ("2026-11-01T01:30:00-05:00", 0, "2026-11-01T01:30:00-05:00"),  # the second, unmoved
        ("2026-11-01T01:30:00-05:00", 14, "2026-11-15T01:30:00-05:00"),
        ("2026-01-31T23:59:59.999999-05:00", 28, "2026-02-28T23:59:59.999999-05:00"),
    ],
)
def test_the_same_time_some_days_later(start, days, later):
    instant = to_micros(datetime.fromisoformat(start))
    found = same_time(instant, days, "America/New_York")
    assert to_datetime(found, "America/New_York").isoformat() == later
    assert same_time(np.array([instant]), np.array([days]), "America/New_York").tolist() == [found]


@pytest.mark.parametrize(
    ("zone", "day", "starts"),
    [
        ("Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00"),
        ("Africa/Cairo", "2026-10-30", "2026-10-30T00:00:00+02:00"),
        ("Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00+03:00"),
        ("America/Havana", "2026-03-08", "2026-03-08T01:00:00-04:00"),
        ("America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00"),  # the first midnight
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"),
        ("Asia/Tehran", "2022-03-22", "2022-03-22T01:00:00+04:30"),
        ("Asia/Kathmandu", "2026-01-01", "2026-01-01T00:00:00+05:45"),
        ("Pacific/Apia", "2011-12-31", "2011-12-31T00:00:00+14:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"),  # a date that never was
    ],
)
def test_a_date_starts_when_it_first_exists(zone, day, starts):
    number = (date.fromisoformat(day) - EPOCH).days
    begins = day_start(number, zone)
    assert to_datetime(begins, zone).isoformat() == starts
    assert day_start(np.array([number, number]), zone).tolist() == [begins, begins]
    assert local_day(begins - 1, zone) < number <= local_day(begins, zone)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from((*ZONES, "America/Havana", "Africa/Casablanca", "Europe/Dublin")),
    st.integers(to_micros(datetime(1990, 1, 1, tzinfo=UTC)), 2 * 10**15),
    st.integers(-400, 400),
)
def test_days_agree_with_the_standard_library(zone, instant, days):
    local = to_datetime(instant, zone)
    assert local_day(instant, zone) == (local.date() - EPOCH).days
    if days:
        moved = (local.replace(tzinfo=None, fold=0) + timedelta(days=days)).replace(
            tzinfo=zone_named(zone)
        )
        assert same_time(instant, days, zone) == to_micros(moved)


@pytest.mark.parametrize("zone", [*ZONES, "Africa/Casablanca", "Europe/London", "Asia/Gaza", "UTC"])
def test_the_offsets_of_a_zone_are_those_of_its_file(zone):
    lines = offsets(zone, 1970, 2037)
    listed = [row for row in changes(zone) if 0 < row[0] * SECOND <= END_2037]
    seconds, new = ((column[1:] // SECOND).tolist() for column in (lines.at, lines.offset))
    found = list(zip(seconds, new, strict=True))
    assert found[: len(listed)] == listed
    place = zone_named(zone)
    for second, offset in found[len(listed) :]:  # by the rule at the end of the file
        after = datetime.fromtimestamp(second, UTC).astimezone(place)
        before = datetime.fromtimestamp(second - 1, UTC).astimezone(place)
        assert after.utcoffset() == timedelta(seconds=offset) != before.utcoffset()


END_2037 = to_micros(datetime(2037, 12, 31, tzinfo=UTC))


def test_no_zone_changes_twice_within_five_days():
    zones = (resources.files("tzdata") / "zones").read_text("utf-8").split()
    since_1900 = -2_208_988_800
    gaps = [
        (later - earlier, zone)
        for zone in zones
        for seconds in [[s for s, _ in changes(zone) if s > since_1900]]
        for earlier, later in pairwise(seconds)
    ]
    assert len(gaps) > 10_000
    assert min(gaps)[0] > 5 * 86_400


def changes(zone):
    """The seconds at which a TZif file changes the offset, each with the new offset."""
    data = (resources.files("tzdata") / "zoneinfo").joinpath(*zone.split("/")).read_bytes()
    utc, std, leap, times, types, chars = struct.unpack(">6l", data[20:44])
    start = 44 + 5 * times + 6 * types + chars + 8 * leap + std + utc
    _, _, _, times, types, _ = struct.unpack(">6l", data[start + 20 : start + 44])
    body = data[start + 44 :]
    seconds = struct.unpack(f">{times}q", body[: 8 * times])
    kinds = body[8 * times : 9 * times]
    place = [
        struct.unpack(">lBB", body[n : n + 6])[0]
        for n in range(9 * times, 9 * times + 6 * types, 6)
    ]
    rows, offset = [], place[0] if types else 0
    for second, kind in zip(seconds, kinds, strict=True):
        if place[kind] != offset:
            offset = place[kind]
            rows.append((second, offset))
    return rows


def test_instants_and_datetimes():
    fold = {f: at("2026-11-01 01:30", "America/New_York", fold=f) for f in (0, 1)}
    assert fold[1] - fold[0] == 3600 * SECOND
    assert to_datetime(fold[1], "America/New_York").isoformat() == "2026-11-01T01:30:00-05:00"
    skipped = at("2026-03-08 02:30", "America/New_York")
    assert to_datetime(skipped, "America/New_York").isoformat() == "2026-03-08T03:30:00-04:00"
    assert to_micros(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    assert to_datetime(-1) == datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert (
        to_datetime(np.int64(1), "Asia/Kathmandu").isoformat() == "1970-01-01T05:30:00.000001+05:30"
    )


def test_a_datetime_without_zone_is_refused():
    with pytest.raises(ValueError, match=r"2026-01-01T00:00:00 has no zone. Add one"):
        to_micros(datetime.fromisoformat("2026-01-01"))


def test_an_unknown_zone_is_refused():
    with pytest.raises(CalendarError, match="Did you mean 'Asia/Bangkok'"):
        to_datetime(0, "Asia/Bankok")
    with pytest.raises(CalendarError):
        local_day(0, "/etc/localtime")


def test_far_dates_keep_the_last_offset_known():
    assert local_day(np.array([253_402_300_799 * SECOND]), "Asia/Bangkok").tolist() == [2_932_897]
    assert local_day(np.array([-(10**17)]), "UTC").tolist() == [-(10**17) // DAY]


def test_the_zone_data_have_a_version():
    assert len(zone_data_version()) == 5
    assert zone_data_version()[:4].isdigit()


def test_holidays_are_proposed_with_english_names_in_order():
    proposed = proposed_holidays("pl", [2027, 2026])
    assert proposed[date(2026, 1, 6)] == "Epiphany"
    assert list(proposed) == sorted(proposed)
    assert {day.year for day in proposed} == {2026, 2027}
    assert proposed_holidays("TH", 2026)[date(2026, 4, 13)] == "Songkran Festival"
    assert date(2026, 7, 3) in proposed_holidays("US", 2026)


def test_holidays_of_a_part_of_a_country():
    with pytest.raises(CalendarError, match=r"no subdivision 'XX'. Use one of: .*, BW, BY"):
        proposed_holidays("DE", 2026, "XX")
    everywhere, bavaria = proposed_holidays("DE", 2026), proposed_holidays("DE", 2026, "BY")
    assert bavaria.keys() - everywhere.keys() >= {date(2026, 1, 6)}


@pytest.mark.parametrize(
    ("country", "part", "sentence"),
    [
        ("Poland", None, "There is no country 'Poland'. Did you mean 'PL'?"),
        ("Unitd States", None, "There is no country 'Unitd States'. Did you mean 'US'?"),
        ("UK", None, "There is no country 'UK'. Did you mean 'GB'?"),
        ("Q9", None, "There is no country 'Q9'. Write its two-letter code, such as PL or TH."),
        ("SG", "XX", "SG has no subdivision 'XX'. Leave it out."),
    ],
)
def test_an_unknown_country_is_refused(country, part, sentence):
    with pytest.raises(CalendarError) as refused:
        proposed_holidays(country, 2026, part)
    assert str(refused.value) == sentence
