"""Numbers, money and spans: exact, in the separators and digits of the reader."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from leaddesk import tongue
from leaddesk.tongue import Wishes, speaking

AMOUNT = Decimal("1234567.89")
SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND


@pytest.mark.parametrize(
    "language, number, share",
    [
        ("en", "1,234,567.89", "75.6%"),
        ("fr", "1\u202f234\u202f567,89", "75,6\u00a0%"),
        ("id", "1.234.567,89", "75,6%"),
        ("th", "1,234,567.89", "75.6%"),
        ("fa", "۱٬۲۳۴٬۵۶۷٫۸۹", "۷۵٫۶٪"),
    ],
)
def test_numbers_and_shares(language, number, share):
    with speaking(Wishes(language)):
        assert tongue.number(AMOUNT) == number
        assert tongue.percent(Decimal("0.756")) == share
        assert tongue.read_number(number) == AMOUNT


def test_latin_digits_come_with_latin_separators():
    with speaking(Wishes("fa", digits="latin")):
        assert tongue.number(AMOUNT) == "1,234,567.89"
        assert tongue.percent(Fraction(3, 4)) == "75%"


def test_a_minus_stays_before_its_number_where_lines_run_to_the_left():
    with speaking(Wishes("fa")):
        assert tongue.number(-5) == "\u200e−۵"
    with speaking(Wishes("en")):
        assert tongue.number(-5) == "-5"


@pytest.mark.parametrize(
    "value, places, expected",
    [
        (Fraction(1, 3), None, "0.33"),
        (Fraction(1, 2), None, "0.5"),
        (Decimal("2.675"), 2, "2.68"),
        (2000, 2, "2,000.00"),
        (Decimal("123456789012345678.123456789"), None, "123,456,789,012,345,678.123456789"),
        (0.1, None, "0.1"),
        (None, None, "–"),
    ],
)
def test_a_number_is_exact_or_rounded_half_up(value, places, expected):
    with speaking(Wishes()):
        assert tongue.number(value, places) == expected


@pytest.mark.parametrize(
    "share, expected",
    [(Fraction(1, 3), "33.3%"), (1, "100%"), (0, "0%"), (Decimal("0.0005"), "0.1%"), (None, "–")],
)
def test_a_share_with_one_decimal(share, expected):
    with speaking(Wishes()):
        assert tongue.percent(share) == expected


@pytest.mark.parametrize(
    "language, amount, currency, expected",
    [
        ("en", AMOUNT, "USD", "$1,234,567.89"),
        ("en", 2000, "USD", "$2,000"),
        ("en", Decimal("0.5"), "THB", "THB\u00a00.50"),
        ("en", Decimal("0.5"), "KWD", "KWD\u00a00.500"),
        ("en", Decimal("1234.5"), "JPY", "¥1,235"),
        ("fr", AMOUNT, "EUR", "1\u202f234\u202f567,89\u00a0€"),
        ("id", Decimal("1234567.5"), "IDR", "Rp1.234.567,50"),
        ("th", AMOUNT, "THB", "฿1,234,567.89"),
        ("fa", Decimal("1234567.89"), "IRR", "۱٬۲۳۴٬۵۶۸\u00a0ریال"),
        ("fa", 12, "USD", "۱۲\u00a0$"),
        ("fa", 12, "PLN", "۱۲\u00a0زلوتی لهستان"),
        ("en", None, "USD", "–"),
    ],
)
def test_money_with_the_minor_digits_of_its_currency(language, amount, currency, expected):
    with speaking(Wishes(language)):
        assert tongue.money(amount, currency) == expected


def test_a_toman_is_ten_rials_and_no_currency():
    with speaking(Wishes()):
        assert tongue.money(1_234_560, "IRR", in_toman=True) == "123,456 toman"
        assert tongue.money(10, "USD", in_toman=True) == "$10"


@pytest.mark.parametrize(
    "language, text, expected",
    [
        ("fa", "۱٬۲۳۴٫۵", "1234.5"),
        ("fa", "١٬٢٣٤٫٥", "1234.5"),
        ("fa", "1,234.5", "1234.5"),
        ("fa", "\u200e−۵", "-5"),
        ("th", "๑,๒๓๔.๕", "1234.5"),
        ("fr", "1 234,5", "1234.5"),
        ("fr", "1\u202f234,5", "1234.5"),
        ("fr", "1234.5", "1234.5"),
        ("id", "1.234", "1234"),
        ("id", "1,5", "1.5"),
        ("id", "1.5", "1.5"),
        ("en", "1,234", "1234"),
        ("en", "+0.10", "0.10"),
    ],
)
def test_a_number_is_read_as_it_is_written_here(language, text, expected):
    with speaking(Wishes(language)):
        assert tongue.read_number(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text", ["", "²", "½", "1,23", "1.2.3", "--1", "NaN", "1e9", "0x1", "ten", "1" * 10_000, "1\0"]
)
def test_what_is_no_number_is_not_read(text):
    with speaking(Wishes()), pytest.raises(tongue.Unread):
        tongue.read_number(text)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12
    ),
    st.sampled_from(["en", "fr", "id", "th", "fa"]),
    st.sampled_from(["language", "latin"]),
)
def test_every_number_is_read_back(value, language, digits):
    with speaking(Wishes(language, digits=digits)):
        assert tongue.read_number(tongue.number(value, 3)) == value


@pytest.mark.parametrize(
    "length, expected",
    [
        (0, "0.0 s"),
        (2_540_000, "2.5 s"),
        (42 * SECOND, "42 s"),
        (119 * SECOND, "119 s"),
        (4 * MINUTE + 59 * SECOND, "4 min"),
        (72 * MINUTE, "1 h 12 min"),
        (2 * HOUR, "2 h"),
        (3 * DAY + 4 * HOUR + MINUTE, "3 d 4 h"),
        (2 * DAY, "2 d"),
        (1234 * DAY, "1,234 d"),
        (-5, "0.0 s"),
        (None, "–"),
    ],
)
def test_a_span_in_its_two_largest_units(length, expected):
    with speaking(Wishes()):
        assert tongue.span(length) == expected


def test_how_long_ago_and_how_long_still():
    now = 1_773_000_000 * SECOND
    with speaking(Wishes(), now):
        assert tongue.ago(now - 4 * MINUTE) == "4 min ago"
        assert tongue.ago(now) == "just now"
        assert tongue.ago(None) == "never"
        assert ">1 h 12 min left</time>" in tongue.countdown(now + 72 * MINUTE)
        assert 'data-left="… left" data-late="… late">' in tongue.countdown(now)
        assert ">59 s left</time>" in tongue.countdown(now + 59 * SECOND)
        assert ">1 min late</time>" in tongue.countdown(now - 119 * SECOND)
    with speaking(Wishes()), pytest.raises(LookupError):
        tongue.ago(now)


def test_templates_speak_with_the_same_tongue():
    text = (
        "{% load tongue %}{{ n|number }} {{ s|percent }} {{ a|money:c }} {{ l|span }} {{ d|day }}"
    )
    values = {"n": 1234, "s": Fraction(1, 2), "a": 5, "c": "EUR", "l": HOUR, "d": 0}
    with speaking(Wishes("id")):
        shown = Template(text).render(Context(values))
    assert shown == '1.234 50% €5 1 jam <time datetime="1970-01-01" dir="ltr">1 Jan 1970</time>'
