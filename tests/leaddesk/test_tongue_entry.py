"""Entry: days, times and years as people of three calendars type them; every mistake by its name."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaddesk import tongue
from leaddesk.tongue import Unread, Wishes, speaking
from tests.leaddesk.desk import at

NOW = at("2026-11-23 10:00")
TODAY = date(2026, 11, 23)
READERS = {
    "en": Wishes("en"),
    "fa": Wishes("fa"),
    "fa, Latin digits": Wishes("fa", digits="latin"),
    "en, Jalali": Wishes("en", calendar="jalali"),
    "en, Buddhist": Wishes("en", calendar="buddhist"),
    "th": Wishes("th"),
    "th, Gregorian": Wishes("th", calendar="gregorian"),
    "fr": Wishes("fr"),
}


@pytest.mark.parametrize(
    "reader, text, day",
    [
        ("fa", "1405/09/02", TODAY),
        ("fa", "۱۴۰۵/۰۹/۰۲", TODAY),
        ("fa", "٠٢/٠٩/١٤٠٥", TODAY),
        ("fa", "2026-11-23", TODAY),
        ("en, Jalali", "2/9/1405", TODAY),
        ("th", "23/11/2569", TODAY),
        ("th", "๒๓/๑๑/๒๕๖๙", TODAY),
        ("th", "2026-11-23", TODAY),
        ("en, Buddhist", "2/12/2569", date(2026, 12, 2)),
        ("en, Buddhist", "2569.12.2", date(2026, 12, 2)),
        ("th, Gregorian", "2/12/2026", date(2026, 12, 2)),
        # leap days and the last days of months
        ("fa", "1403/12/30", date(2025, 3, 20)),
        ("fa", "1404/12/29", date(2026, 3, 20)),
        ("fa", "1405/06/31", date(2026, 9, 22)),
        ("th", "29/2/2567", date(2024, 2, 29)),
        ("fr", "29/02/2028", date(2028, 2, 29)),
        # a year of both: what could be Gregorian is
        ("fa", "1700/01/01", date(1700, 1, 1)),
        ("th", "1/1/2300", date(2300, 1, 1)),
        ("th", "1/1/2301", date(1758, 1, 1)),
    ],
)
def test_a_day_is_taken_in_the_readers_calendar_and_in_iso(reader, text, day):
    with speaking(READERS[reader], NOW):
        assert tongue.read_day(text) == day


@pytest.mark.parametrize(
    "reader, text, said",
    [
        ("fa, Latin digits", "1404/12/30", "اسفند 1404 29 روز"),
        ("en, Jalali", "1404/12/30", "Esfand 1404 has 29 days."),
        ("en, Jalali", "1405/07/31", "Mehr 1405 has 30 days."),
        ("en, Jalali", "1405/13/01", "A year has 12 months; there is no month 13."),
        ("en, Jalali", "1405/00/01", "A year has 12 months; there is no month 0."),
        ("en, Jalali", "1405/01/00", "Farvardin 1405 has 31 days."),
        ("en, Jalali", "05/9/2", "The year needs four digits. Write it like 1405/09/02."),
        ("en, Jalali", "2569/9/2", "The year 2569 is none of your calendar. Today is 1405/09/02 or 2026-11-23."),
        ("en, Jalali", "2/12/2026", "The day could be the month here. Write the year first: 1405/09/02."),
        ("en, Buddhist", "29/2/2569", "February 2569 BE has 28 days."),
        ("en, Buddhist", "1405/09/02", "The year 1405 is none of your calendar. Today is 23/11/2569 or 2026-11-23."),
        ("en", "2026-02-29", "February 2026 has 28 days."),
        ("en", "1405/09/02", "The year 1405 is none of your calendar. Today is 2026-11-23."),
        ("en", "2/12/2026", "The day could be the month here. Write the year first: 2026-11-23."),
        ("en, Buddhist", "2/12/2026", "The day could be the month here. Write the year first: 23/11/2569."),
        ("en", "2026-1/2", "This is no day. Write it like 2026-11-23."),
        ("en, Jalali", "tomorrow", "This is no day. Write it like 1405/09/02 or 2026-11-23."),
        ("en", "0000-01-01", "The year 0 is none of your calendar. Today is 2026-11-23."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_its_name(reader, text, said):
    with speaking(READERS[reader], NOW), pytest.raises(Unread) as raised:
        tongue.read_day(text)
    if READERS[reader].language == "en":
        assert str(raised.value) == said


@given(st.dates(date(1925, 1, 1), date(2123, 12, 31)), st.sampled_from(sorted(READERS)))
def test_what_is_written_is_read_back(day, reader):
    with speaking(READERS[reader], NOW):
        assert tongue.read_day(tongue.written_day(day)) == day


@given(st.integers(1304, 1500), st.integers(1, 12))
def test_the_day_after_the_last_of_a_month_is_refused(year, month):
    with speaking(READERS["en, Jalali"], NOW):
        last = tongue.month_of(tongue.read_day(f"{year}/{month}/1")).last
        days = (last - tongue.read_day(f"{year}/{month}/1")).days + 1
        assert tongue.read_day(f"{year}/{month}/{days}") == last
        with pytest.raises(Unread):
            tongue.read_day(f"{year}/{month}/{days + 1}")
        following = f"{year + month // 12}/{month % 12 + 1}/1"
        assert tongue.read_day(following) == last + timedelta(days=1)


def test_the_example_is_today_in_both():
    shown = {}
    for name, reader in READERS.items():
        with speaking(reader, NOW):
            shown[name] = tongue.written_day()
    assert shown == {
        "en": "2026-11-23",
        "fa": "۱۴۰۵/۰۹/۰۲",
        "fa, Latin digits": "1405/09/02",
        "en, Jalali": "1405/09/02",
        "en, Buddhist": "23/11/2569",
        "th": "23/11/2569",
        "th, Gregorian": "2026-11-23",
        "fr": "2026-11-23",
    }


def test_examples_run_from_the_left_in_a_sentence_that_does_not():
    with speaking(READERS["fa"], NOW):
        own, iso = "\u2066۱۴۰۵/۰۹/۰۲\u2069", "\u20662026-11-23\u2069"
        assert own in tongue.examples()
        assert iso in tongue.examples()
        assert {tongue.read_day(own), tongue.read_day(iso)} == {TODAY}
    with speaking(READERS["th"], NOW):
        assert "\u2066" not in tongue.examples()


@pytest.mark.parametrize(
    "reader, text, moment",
    [
        ("en", "2026-11-23 14:05", "2026-11-23T14:05+01:00"),
        ("en", "2026-11-23T14:05:30+00:00", "2026-11-23T14:05:30+00:00"),
        ("en", "2026-11-23", "2026-11-23T00:00+01:00"),
        ("id", "2026-11-20 10.30", "2026-11-20T10:30+01:00"),
        ("en", "2026-11-20 9.30", "2026-11-20T09:30+01:00"),
        ("en", "2026-11-20 9.30.05z", "2026-11-20T09:30:05+00:00"),
        ("fa", "۱۴۰۵/۰۹/۰۲ ۹:۰۵", "2026-11-23T09:05+01:00"),
        ("th", "23/11/2569 14:05", "2026-11-23T14:05+01:00"),
    ],
)
def test_a_time_stands_after_its_day(reader, text, moment):
    how = Wishes(reader, zone="Europe/Warsaw")
    with speaking(how, NOW):
        found = tongue.read_moment(text)
    assert found == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-23 25:00", "2026-11-23 noon", "9:00", "", "2026-11-23 14:05 14:06"),
        *("2026-11-23 14,05", "2026-11-23 14:05.5", "2026-11-23 14:5", "2026-11-23 1405"),
        *("2026-11-23 14", "2026-11-23 14:60", "2026-11-23 14:05+99:00"),
    ],
)
def test_what_is_no_time_is_not_read(text):
    with speaking(READERS["en"], NOW), pytest.raises(Unread):
        tongue.read_moment(text)


def test_a_year_is_of_either_calendar():
    with speaking(READERS["fa"], NOW):
        own = tongue.read_year("۱۴۰۵")
        assert own == (date(2026, 3, 21), date(2027, 3, 20))
        assert tongue.read_year("2026") == (date(2026, 1, 1), date(2026, 12, 31))
        assert (tongue.written_year(), tongue.written_year(own)) == ("۱۴۰۵", "۱۴۰۵")
        assert tongue.written_year(tongue.read_year("2026")) == "۲۰۲۶"
        with pytest.raises(Unread):
            tongue.read_year("05")
