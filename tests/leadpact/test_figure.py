from decimal import Decimal
from fractions import Fraction

import pytest

from leadpact.figure import Figure, Input, exact_text, number, percentage


@pytest.mark.parametrize(
    "value, shown",
    [
        (3900, "3,900"),
        (Fraction(25000, 23), "1,086.96"),
        (Decimal("500000.00"), "500,000"),
        (Decimal("128.5"), "128.50"),
        (Fraction(-1, 3), "-0.33"),
    ],
)
def test_numbers_read_as_people_write_them(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    "share, shown",
    [
        (Fraction(34, 100), "34%"),
        (Fraction(496, 1000), "49.6%"),
        (Fraction(1, 3), "1/3"),
        (Fraction(1), "100%"),
        (Fraction(64124, 1000000), "6.4124%"),
    ],
)
def test_shares_read_as_percentages_where_these_are_exact(share, shown):
    assert percentage(share) == shown


@pytest.mark.parametrize(
    "value, text",
    [
        (3900, 3900),
        (Decimal("500000.00"), "500000"),
        (Decimal("128.50"), "128.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal(100), "100"),
        (Decimal("12345678901234567890123456789.5"), "12345678901234567890123456789.5"),
        (Fraction(500000, 3900), "128.2051"),
    ],
)
def test_json_holds_ints_and_exact_decimals(value, text):
    assert exact_text(value) == text


def test_a_figure_opens_to_its_inputs():
    figure = Figure(
        3900,
        "mql",
        "mql needed",
        "1,326 sql ÷ 34% = 3,900",
        (Input("mql to sql", "34%", "funnel.website form.mql to sql", "last quarter"),),
    )
    assert str(figure) == "3,900 mql"
    assert figure.to_json() == {
        "value": 3900,
        "unit": "mql",
        "definition": "mql needed",
        "working": "1,326 sql ÷ 34% = 3,900",
        "inputs": [
            {
                "name": "mql to sql",
                "value": "34%",
                "origin": "funnel.website form.mql to sql",
                "source": "last quarter",
            }
        ],
    }
