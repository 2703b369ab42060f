"""Shown: numbers, money, shares, times and instants as people read them."""

from decimal import Decimal
from fractions import Fraction

from leadpact.clock import to_datetime
from leadpact.figure import Exact
from leadpact.measure import Interval, Measured
from leadpact.units import DAY, HOUR, MINUTE, SECOND, rounded
from leadpact.words import _

NOTHING = "–"
"""Stands where there is no value."""


def count(value: Exact | None) -> str:
    """A count: ``1,773``; with up to two decimals where it isn't whole."""
    if value is None:
        return NOTHING
    exact = Fraction(value)
    if exact.denominator == 1:
        return f"{int(exact):,}"
    return f"{_trimmed(rounded(exact, 2)):,}"


def money(value: Exact | None, currency: str) -> str:
    """An amount to the whole unit: ``USD 128,205``; with cents below a thousand."""
    if value is None:
        return NOTHING
    exact = Fraction(value)
    places = 2 if abs(exact) < 1000 and exact.denominator != 1 else 0
    return f"{currency}\u00a0{rounded(exact, places):,}"


def percent(value: Exact | None, places: int = 1) -> str:
    """A share as a percentage: ``93.2 %``, ``80 %``."""
    if value is None:
        return NOTHING
    return f"{_trimmed(rounded(Fraction(value) * 100, places)):,}\u00a0%"


def interval(found: Interval | None) -> str:
    """An interval of a share: ``4.6–11.1 %``."""
    if found is None:
        return NOTHING
    low, high = (rounded(Fraction(end) * 100, 1) for end in (found.low, found.high))
    return f"{low}–{high}\u00a0%"


def share(figure: Measured | None) -> str:
    """A share with what it was counted from: ``80 % (60 of 75)``."""
    if figure is None or figure.value is None:
        return NOTHING
    return _("{share} ({part} of {whole})").format(
        share=percent(figure.value), part=count(figure.numerator), whole=count(figure.denominator)
    )


def length(micros: Exact | None) -> str:
    """A length of time: ``45 s``, ``12 min``, ``3 h 20 min``, ``2 d 4 h``."""
    if micros is None:
        return NOTHING
    whole = int(rounded(Fraction(micros) / SECOND, 0)) * SECOND
    sign, whole = ("−", -whole) if whole < 0 else ("", whole)
    if whole < MINUTE:
        return sign + _("{n} s").format(n=whole // SECOND)
    if whole < HOUR:
        return sign + _("{n} min").format(n=whole // MINUTE)
    if whole < DAY:
        rest = whole % HOUR // MINUTE
        return sign + _("{h} h").format(h=whole // HOUR) + _rest(_("{n} min"), rest)
    rest = whole % DAY // HOUR
    return sign + _("{d} d").format(d=f"{whole // DAY:,}") + _rest(_("{n} h"), rest)


def _rest(text: str, number: int) -> str:
    return f" {text.format(n=number)}" if number else ""


def moment(instant: int | None, zone: str) -> str:
    """An instant as local time: ``2026-03-31 18:00``."""
    return NOTHING if instant is None else f"{to_datetime(instant, zone):%Y-%m-%d %H:%M}"


def _trimmed(value: Decimal) -> Decimal:
    """A decimal without zeros at its end."""
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()
