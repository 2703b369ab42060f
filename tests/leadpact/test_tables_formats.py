"""How exports spell dates, numbers and durations."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadpact.tables.formats import ascii_digits, date_reader, local_time, number, seconds


def told(found):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=found.at)
    return f"{moment:%Y-%m-%d}" if found.date_only else f"{moment:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    "form, text, expected",
    [
        ("dd.mm.yyyy hh:mm", "31.12.2023 10:29", "2023-12-31 10:29:00"),
        ("dd.mm.yyyy", "31.12.2023", "2023-12-31"),
        ("dd Mon, yyyy hh:mm:ss", "15 Apr, 2021 00:03:00", "2021-04-15 00:03:00"),
        ("d/m/yyyy", "5/4/2021", "2021-04-05"),
        ("m/d/yyyy h:mm am", "4/5/2021 12:07 AM", "2021-04-05 00:07:00"),
        ("m/d/yyyy h:mm am", "4/5/2021 12:07 p.m.", "2021-04-05 12:07:00"),
        ("Month d, yyyy", "September 9, 2026", "2026-09-09"),
        ("d Mon yy", "9 Sept 26", "2026-09-09"),
        ("yyyy-mm-dd hh:mm:ss.fff", "2021-04-05 06:07:08.5", "2021-04-05 06:07:08"),
        ("iso", "2021-04-05T06:07:08", "2021-04-05 06:07:08"),
        ("iso", "2021-04-05", "2021-04-05"),
        ("excel", "44291", "2021-04-05"),
        ("excel", "44291.25", "2021-04-05 06:00:00"),
    ],
)
def test_a_date_is_read_in_its_form(form, text, expected):
    assert told(local_time(text, [form])) == expected


def test_an_offset_is_kept():
    found = local_time("2021-04-05 06:07 +05:30", ["yyyy-mm-dd hh:mm zz"])
    assert found.offset == 330 * 60_000_000


@pytest.mark.parametrize(
    "form, text",
    [
        ("dd.mm.yyyy", "31.02.2023"),
        ("dd.mm.yyyy", "1.2.2023"),
        ("dd.mm.yyyy hh:mm", "01.02.2023"),
        ("dd Mon yyyy", "01 Foo 2023"),
        ("iso", "05.04.2021"),
        ("excel", "yesterday"),
        ("excel", "0.5"),
    ],
)
def test_another_form_is_not_guessed(form, text):
    assert local_time(text, [form]) is None


@pytest.mark.parametrize("form", ["hh:mm", "dd.mm", "yyyy", "dd.dd.yyyy mm", ""])
def test_a_form_of_dates_has_a_year_a_month_and_a_day_once(form):
    with pytest.raises(ValueError, match=r"needs|twice"):
        date_reader(form)


@pytest.mark.parametrize(
    "text, sample, expected",
    [
        ("€ 2.900,00", "1.234,56", "2900.00"),
        ("€ 11398,00", "1.234,56", "11398.00"),
        ("11000", "1.234,56", "11000"),
        ("$1,117.10K", "1,234.56K", "1117100"),
        ("$22,700.00", "1,234.56K", "22700"),
        ("1.5m", "1,234.56K", "1500000"),
        ("1 234,5 zł", "1 234,56", None),
        ("1\u202f234,5", "1 234,56", "1234.5"),
        ("1’234.50", "1'234.56", "1234.5"),
        ("(1,200.00)", "1,234.56", "-1200"),
        ("-7", "1234.56", "-7"),
        ("\u22127", "1234.56", "-7"),
        ("1,234", "1234.56", None),
        ("1.2.3", "1.234,56", None),
        ("12,34.5", "1,234.56", None),
        ("1e5", "1234.56", None),
        ("", "1234.56", None),
    ],
)
def test_a_number_is_read_in_its_form(text, sample, expected):
    assert number(text, sample) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    "text, way, expected",
    [
        ("4 days, 22:47:14", "clock", 4 * 86_400 + 22 * 3600 + 47 * 60 + 14),
        ("00:29:17", "clock", 1757),
        ("-1 day, 23:50:00", "clock", -600),
        ("-00:10:00", "clock", -600),
        ("90:00", "clock", 324_000),
        ("884", "seconds", 884),
        ("1.5", "minutes", 90),
        ("-2", "hours", -7200),
        ("soon", "clock", None),
    ],
)
def test_a_duration_is_read_in_its_way(text, way, expected):
    assert seconds(text, way, "1234.56") == expected


@given(st.timedeltas(timedelta(days=-900), timedelta(days=900)))
def test_durations_are_read_as_a_spreadsheet_writes_them(span):
    whole = timedelta(days=span.days, seconds=span.seconds)
    assert seconds(str(whole), "clock", "1234.56") == int(whole.total_seconds())


@given(st.decimals(-(10**9), 10**9, places=2))
def test_numbers_with_marks_are_what_they_were(value):
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert number(english, "1,234.56") == number(german, "1.234,56") == value


def test_digits_of_any_script_are_digits():
    assert ascii_digits("\u200f۱۴۰۲/۰۱/๐๙") == "1402/01/09"
