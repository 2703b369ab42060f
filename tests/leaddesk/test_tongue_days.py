"""Days and instants: in five languages, three calendars and any zone."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaddesk import tongue
from leaddesk.tongue import Period, Wishes, speaking
from tests.leaddesk.desk import at

DAY = date(2026, 11, 22)
AT = at("2026-11-22 14:05:07")
WARSAW = {"zone": "Europe/Warsaw"}


@pytest.mark.parametrize(
    "language, expected",
    [
        ("en", "November 22, 2026"),
        ("fr", "22 novembre 2026"),
        ("id", "22 November 2026"),
        ("th", "22 พฤศจิกายน 2569"),
        ("fa", "۱ آذر ۱۴۰۵"),
    ],
)
def test_a_long_date(language, expected):
    with speaking(Wishes(language)):
        assert tongue.day_text(DAY, is_long=True) == expected


@pytest.mark.parametrize(
    "language, expected",
    [
        ("en", "Nov 22, 2026, 14:05"),
        ("fr", "22 nov. 2026, 14\u00a0h\u00a005"),
        ("id", "22 Nov 2026 14.05"),
        ("th", "22 พ.ย. 2569 14:05"),
        ("fa", "۱ آذر ۱۴۰۵، ۱۴:۰۵"),
    ],
)
def test_an_instant_in_the_language_of_the_reader(language, expected):
    with speaking(Wishes(language, **WARSAW)):
        assert tongue.instant_text(AT) == expected


@pytest.mark.parametrize(
    "language, expected",
    [
        ("en", "Sunday, November 22, 2026"),
        ("fr", "dimanche 22 novembre 2026"),
        ("id", "Minggu, 22 November 2026"),
        ("th", "วันอาทิตย์ที่ 22 พฤศจิกายน 2569"),
        ("fa", "یکشنبه ۱ آذر ۱۴۰۵"),
    ],
)
def test_a_day_with_its_weekday(language, expected):
    with speaking(Wishes(language)):
        assert tongue.day_text(DAY, is_long=True, with_weekday=True) == expected


@pytest.mark.parametrize(
    "language, calendar, expected",
    [
        ("en", "jalali", "Azar 1, 1405"),
        ("en", "buddhist", "Nov 22, 2569 BE"),
        ("fr", "jalali", "1 âzar 1405"),
        ("th", "gregorian", "22 พ.ย. ค.ศ. 2026"),
        ("th", "jalali", "1 อะซาร์ 1405"),
        ("fa", "gregorian", "۲۲ نوامبر ۲۰۲۶"),
        ("fa", "buddhist", "۲۲ نوامبر ۲۵۶۹ BE"),
    ],
)
def test_the_calendar_is_a_wish_apart_from_the_language(language, calendar, expected):
    with speaking(Wishes(language, calendar=calendar)):
        assert tongue.day_text(DAY) == expected


def test_digits_are_a_wish_apart_from_the_language():
    with speaking(Wishes("fa", digits="latin", **WARSAW)):
        assert tongue.instant_text(AT) == "1 آذر 1405، 14:05"


def test_an_instant_is_a_time_element_that_machines_read_alike_in_every_language():
    with speaking(Wishes("fa", zone="Asia/Tehran")):
        assert tongue.instant(AT) == (
            '<time datetime="2026-11-22T16:35:07+03:30" dir="rtl"'
            ' title="2026-11-22 16:35:07 Asia/Tehran (UTC+03:30)">۱ آذر ۱۴۰۵، ۱۶:۳۵</time>'
        )
    with speaking(Wishes("fr", zone="UTC")):
        assert tongue.day(AT) == '<time datetime="2026-11-22" dir="ltr">22 nov. 2026</time>'
        assert (
            tongue.clocktime(time(9, 5))
            == '<time datetime="09:05" dir="ltr">09\u00a0h\u00a005</time>'
        )


def test_the_hour_that_comes_twice_is_told_apart():
    midnight = at("2026-10-25 00:05")
    with speaking(Wishes(**WARSAW)):
        told = [tongue.instant(midnight + hours * 3_600_000_000) for hours in (2, 3)]
    assert [">Oct 25, 2026, 02:05<" in one for one in told] == [True, True]
    assert ["(UTC+02:00)" in one for one in told] == [True, False]


@pytest.mark.parametrize(
    "zone, expected",
    [
        ("Asia/Bangkok", "20:05 in Bangkok"),
        ("Asia/Tokyo", "22:05 in Tokyo"),
        ("Pacific/Auckland", "Monday, 02:05 in Auckland"),
        ("America/Argentina/Buenos_Aires", "10:05 in Buenos Aires"),
    ],
)
def test_the_time_where_a_lead_is(zone, expected):
    with speaking(Wishes(**WARSAW)):
        assert tongue.local_time(AT, zone) == expected


@pytest.mark.parametrize(
    "paris, tokyo", [("2026-03-28 10:00", "18:00 in Tokyo"), ("2026-03-30 10:00", "17:00 in Tokyo")]
)
def test_two_zones_are_right_across_a_change_of_the_clocks(paris, tokyo):
    instant = datetime.fromisoformat(paris).replace(tzinfo=ZoneInfo("Europe/Paris"))
    with speaking(Wishes(zone="Europe/Paris")):
        assert tongue.local_time(instant, "Asia/Tokyo") == tokyo


def test_a_place_is_named_in_the_language_of_the_reader():
    with speaking(Wishes("fa", **WARSAW)):
        assert "بانکوک" in tongue.local_time(AT, "Asia/Bangkok")


def test_periods_of_the_jalali_calendar_are_real_periods():
    with speaking(Wishes("fa")):
        month, year = tongue.month_of(DAY), tongue.year_of(DAY)
        assert month == Period(date(2026, 11, 22), date(2026, 12, 21))
        assert tongue.quarter_of(DAY) == Period(date(2026, 9, 23), date(2026, 12, 21))
        assert year == Period(date(2026, 3, 21), date(2027, 3, 20))
        assert tongue.months_of(year)[8] == month
        assert [tongue.period(*one) for one in (month, tongue.quarter_of(DAY), year)] == [
            "آذر ۱۴۰۵",
            tongue.period(date(2026, 9, 23), date(2026, 12, 21)),
            "۱۴۰۵",
        ]


def test_a_leap_year_of_the_jalali_calendar_ends_a_day_later():
    assert tongue.year_of(date(2025, 3, 1), "jalali").last == date(2025, 3, 20)
    assert tongue.month_of(date(2025, 3, 1), "jalali") == Period(
        date(2025, 2, 19), date(2025, 3, 20)
    )


@pytest.mark.parametrize(
    "language, first, last, expected",
    [
        ("en", date(2026, 11, 1), date(2026, 11, 30), "November 2026"),
        ("en", date(2026, 10, 1), date(2026, 12, 31), "quarter 4 of 2026"),
        ("en", date(2026, 11, 22), date(2026, 12, 21), "Azar 1405"),
        ("en", date(2026, 11, 2), date(2026, 11, 8), "Nov 2, 2026 to Nov 8, 2026"),
        ("th", date(2026, 1, 1), date(2026, 12, 31), "2569"),
        ("fa", date(2026, 11, 1), date(2026, 11, 30), "نوامبر ۲۰۲۶"),
    ],
)
def test_a_period_keeps_its_name_in_whatever_calendar_it_is_one(language, first, last, expected):
    with speaking(Wishes(language)):
        assert tongue.period(first, last) == expected


def test_a_month_of_the_agreement_is_not_renamed_for_readers_of_another_calendar():
    with speaking(Wishes("fa")):
        assert tongue.month(date(2026, 11, 1)) == "نوامبر ۲۰۲۶"
        assert tongue.month(DAY) == "آذر ۱۴۰۵"
    with speaking(Wishes("en")):
        assert tongue.month(DAY, is_short=True) == "Nov 2026"


@pytest.mark.parametrize("start, first", [(0, 16), (6, 22), (5, 21)])
def test_a_week_starts_where_the_workspace_says(start, first):
    with speaking(Wishes("fa", week_start=start)):
        assert tongue.week_of(DAY).first == date(2026, 11, first)


def test_the_weekend_is_never_taken_from_the_language():
    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
    with speaking(Wishes("fa")):
        assert [tongue.is_weekend(one) for one in (friday, saturday)] == [False, True]
    with speaking(Wishes("en", weekend=(4,))):
        assert [tongue.is_weekend(one) for one in (friday, saturday)] == [True, False]


@pytest.mark.parametrize(
    "language, text",
    [
        *[(code, "2026-11-22") for code in ("en", "fr", "id", "th", "fa")],
        ("fa", "۱۴۰۵/۹/۱"),
        ("fa", "1405-09-01"),
        ("fa", "٢٠٢٦-١١-٢٢"),
        ("th", "22/11/2569"),
        ("th", "๒๕๖๙-๑๑-๒๒"),
        ("fr", "22/11/2026"),
        ("id", "22.11.2026"),
        ("en", " 2026/11/22\u200e"),
    ],
)
def test_a_day_is_read_as_it_is_written_here(language, text):
    with speaking(Wishes(language)):
        assert tongue.read_day(text) == DAY


@pytest.mark.parametrize(
    "language, text",
    [
        ("fa", "۱۴۰۴/۱۲/۳۰"),
        ("en", "2026-02-30"),
        ("en", "1405-09-01"),
        ("en", "2569-11-22"),
        ("en", "22/11/2026"),
        ("en", "tomorrow"),
        ("en", ""),
        ("en", "2026-11-22" * 10_000),
        ("en", "²⁰²⁶-11-22"),
        ("fa", "2026-11-22\0"),
        ("th", "9999-01-01"),
    ],
)
def test_what_is_no_day_is_not_read(language, text):
    with speaking(Wishes(language)), pytest.raises(tongue.Unread):
        tongue.read_day(text)


@given(
    st.dates(date(1925, 1, 1), date(2123, 12, 31)),
    st.sampled_from(["jalali", "buddhist", "gregorian"]),
)
def test_every_day_is_read_back_from_its_calendar(day, calendar):
    month = tongue.month_of(day, calendar)
    assert month.first <= day <= month.last
    assert tongue.month_of(month.last, calendar) == month
    with speaking(Wishes("th", calendar=calendar)):
        found = tongue.read_day("-".join(str(part) for part in _parts(day, calendar)))
    assert found == day


def _parts(day, calendar):
    from leaddesk.tongue.reckoning import reckoned

    return reckoned(day, calendar)


def test_whoever_speaks_in_a_block_is_silent_afterwards():
    with speaking(Wishes("fr", zone="Asia/Tokyo")):
        with speaking(Wishes("fa")):
            assert tongue.wishes().direction == "rtl"
        assert tongue.wishes().zone == "Asia/Tokyo"
    assert tongue.wishes() == Wishes()
