"""Numbers: counts, shares and money. They are rounded half up from exact values, as in the engine."""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_name,
    get_currency_precision,
    get_currency_symbol,
)
from django.utils.translation import gettext as _

from leaddesk.tongue.digits import persian
from leaddesk.tongue.wishes import wishes
from leadpact.units import rounded

NOTHING = "–"
"""Stands where there is no value."""
Number = int | Decimal | Fraction | float
_TOMAN = 10
"""So many rials are a toman, which is no currency but how people count rials."""
_MINUS = "\u200e−"
"""In a line that runs to the left the sign must still stand before its number."""


def number(value: Number | None, places: int | None = None) -> str:
    """A number: ``1,234,567.89``. Without `places`, a decimal in full and a fraction up to two."""
    if value is None:
        return NOTHING
    if places is not None:
        return _decimal(rounded(Fraction(value), places), places)
    shown = value if isinstance(value, (int, Decimal)) else rounded(Fraction(value), 2)
    return _decimal(shown, 0)


def percent(share: Number | None, places: int = 1) -> str:
    """A share of one as a percentage: ``75.6%``; zeros at its end are left out."""
    if share is None:
        return NOTHING
    shown = rounded(Fraction(share) * 100, places) / 100
    return _said(format_percent(shown, locale=wishes().language, **_how()))


def money(amount: Number | None, currency: str, *, in_toman: bool = False) -> str:
    """An amount: ``$1,234.50``; the minor digits of its currency are left out where it is whole.

    `in_toman` counts Iranian rials in tens.
    """
    if amount is None:
        return NOTHING
    exact = Fraction(amount)
    if in_toman and currency == "IRR":
        return _("%(amount)s toman") % {"amount": number(exact / _TOMAN)}
    minor = 0 if exact.denominator == 1 else get_currency_precision(currency)
    shown, language = rounded(exact, minor), wishes().language
    if language == "fa":
        return f"{_decimal(shown, minor)}\u00a0{_sign(currency)}"
    return _said(
        format_currency(
            shown,
            currency,
            _layout(currency, language, minor),
            locale=language,
            currency_digits=False,
            **_how(),
        )
    )


def _layout(currency: str, language: str, minor: int) -> str:
    """Where the sign of a currency stands; one of letters keeps its distance."""
    digits = _pattern(minor)
    if language == "fr":
        return f"{digits}\u00a0¤"
    is_code = get_currency_symbol(currency, language) == currency
    return f"¤\u00a0{digits}" if is_code else f"¤{digits}"


def _sign(currency: str) -> str:
    """What stands for a currency in Persian: its sign, else its name."""
    sign = get_currency_symbol(currency, "fa")
    return get_currency_name(currency, locale="fa") if sign == currency else sign


def _pattern(places: int) -> str:
    return "#,##0." + "0" * places if places else "#,##0"


def _decimal(value: Decimal | int, places: int) -> str:
    """At least so many decimals, and every one that the value has."""
    return _said(_digits(str(value), places, wishes().language, str(_how()["numbering_system"])))


@lru_cache(maxsize=4096)
def _digits(value: str, places: int, language: str, system: str) -> str:
    """The digits of a number as they are written; pages say the same ones again and again."""
    how = {"decimal_quantization": False, "numbering_system": system}
    return str(format_decimal(Decimal(value), _pattern(places), locale=language, **how))


def _how() -> dict[str, object]:
    """Every digit of what is given, in the separators of the digits that are wished for."""
    system = "default" if wishes().is_persian_in_figures else "latn"
    return {"decimal_quantization": False, "numbering_system": system}


def _said(text: str) -> str:
    if wishes().language == "fa":
        text = text.replace("-", _MINUS)
    return persian(text) if wishes().is_persian_in_figures else text
