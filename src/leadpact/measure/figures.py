"""Figures: measured values with their definition, numerator, denominator, interval and grounds."""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from statistics import NormalDist
from typing import Any, Literal, TypeAlias

from leadpact.figure import Exact, exact_text
from leadpact.measure.definitions import DEFINITIONS

Where: TypeAlias = str | int | tuple[str, ...] | None

MINIMUM = 30
"""Below this count a share decides nothing, unless an agreement says otherwise."""
CONFIDENCE = Fraction(95, 100)
PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a share may truly lie, with that confidence; ends to six decimals."""

    low: Decimal
    high: Decimal
    confidence: Fraction = CONFIDENCE

    def contains(self, share: Fraction) -> bool:
        """Whether the share is one that the interval allows."""
        return self.low <= share <= self.high

    def to_json(self) -> dict[str, Any]:
        """The interval in its JSON form."""
        return {
            "low": exact_text(self.low, 6),
            "high": exact_text(self.high, 6),
            "confidence": exact_text(self.confidence),
        }


def wilson(hits: int, count: int, confidence: Fraction = CONFIDENCE) -> Interval | None:
    """Wilson's score interval of a share; None where nothing was counted.

    (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n), with z from the normal distribution (E. B.
    Wilson, 1927).
    """
    if not count:
        return None
    with localcontext() as exact:
        exact.prec = 30
        z = Decimal(NormalDist().inv_cdf(float((1 + confidence) / 2)))
        n, share = Decimal(count), Decimal(hits) / Decimal(count)
        middle = share + z * z / (2 * n)
        half = z * (share * (1 - share) / n + z * z / (4 * n * n)).sqrt()
        whole = 1 + z * z / n
        low = Decimal(0) if hits == 0 else (middle - half) / whole
        high = Decimal(1) if hits == count else (middle + half) / whole
    return Interval(low.quantize(PLACES), high.quantize(PLACES), confidence)


@dataclass(frozen=True, slots=True)
class Grounds:
    """Which rows a figure was counted from, in words that `rows_of` finds again.

    `where` selects the denominator (or all that was counted), `hit` the numerator among it.
    """

    of: Literal["obligations", "legs", "passes", "facts"]
    where: tuple[tuple[str, Where], ...] = ()
    hit: tuple[tuple[str, Where], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The grounds in their JSON form."""
        return {"of": self.of, "where": dict(self.where), "hit": dict(self.hit)}


@dataclass(frozen=True, slots=True)
class Measured:
    """A value that was measured at a moment (`as_of`, µs UTC), and everything that explains it.

    A share has its numerator and denominator; `undecided` is how many could not be counted yet, or
    at all; `value` is None where nothing was.
    """

    value: Exact | None
    unit: str
    definition: str
    as_of: int
    numerator: Exact | None = None
    denominator: Exact | None = None
    undecided: int = 0
    interval: Interval | None = None
    minimum: int = MINIMUM
    grounds: Grounds | None = None

    @property
    def meaning(self) -> str:
        """What the figure means, in a sentence."""
        return DEFINITIONS[self.definition]()

    @property
    def enough(self) -> bool:
        """Whether enough was counted to judge, compare or rank by it."""
        return self.denominator is None or self.denominator >= self.minimum

    def to_json(self) -> dict[str, Any]:
        """The figure in its JSON form."""
        return {
            "value": _text(self.value),
            "unit": self.unit,
            "definition": self.definition,
            "numerator": _text(self.numerator),
            "denominator": _text(self.denominator),
            "undecided": self.undecided,
            "interval": None if self.interval is None else self.interval.to_json(),
            "enough": self.enough,
            "grounds": None if self.grounds is None else self.grounds.to_json(),
        }


def share(
    hits: int,
    count: int,
    definition: str,
    as_of: int,
    *,
    undecided: int = 0,
    grounds: Grounds | None = None,
    minimum: int = MINIMUM,
) -> Measured:
    """A share as a figure with its interval; its value is None where nothing was counted."""
    return Measured(
        Fraction(hits, count) if count else None,
        "share",
        definition,
        as_of,
        hits,
        count,
        undecided,
        wilson(hits, count),
        minimum,
        grounds,
    )


def _text(value: Exact | None) -> int | str | None:
    return None if value is None else exact_text(value, 6)


def within(
    share: Fraction, interval: Interval, low: Fraction | None, high: Fraction | None
) -> bool | None:
    """Whether a share keeps to its bounds, both inclusive; None where chance may explain a miss."""
    if (low is None or share >= low) and (high is None or share <= high):
        return True
    surely_low = low is not None and interval.high < low
    surely_high = high is not None and interval.low > high
    return False if surely_low or surely_high else None
