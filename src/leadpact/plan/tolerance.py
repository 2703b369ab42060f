"""Band: how far a result may be from what was planned, on both sides, ends included."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from leadpact.figure import Exact


@dataclass(frozen=True, slots=True)
class Band:
    """The results that count as delivered: from `low` to `high`, both included."""

    planned: Fraction
    low: Fraction
    high: Fraction

    @property
    def whole(self) -> tuple[int, int]:
        """The least and the greatest whole number within."""
        return ceil(self.low), floor(self.high)

    def state(self, actual: Exact) -> Literal["under", "within", "over"]:
        """On which side of the band a result is."""
        return "under" if actual < self.low else "over" if actual > self.high else "within"


def band(planned: Exact, tolerance: Fraction) -> Band:
    """The band of so much, say a tenth, around a planned number or value."""
    middle = Fraction(planned)
    return Band(middle, middle * (1 - tolerance), middle * (1 + tolerance))
