"""Capacity: how many leads a rep can take, how many reps a demand takes, what leads may cost."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from leadpact.figure import Exact


@dataclass(frozen=True, slots=True)
class Capacity:
    """The leads of a month beside the people for them.

    `most` and `least` are leads per rep in that month; `needed` is how many reps the demand takes
    at the most, `fed` how many it keeps above the least. None where no limit is agreed.
    """

    leads: int
    reps: int
    most: Fraction | None
    least: Fraction | None

    @property
    def needed(self) -> int | None:
        """Reps that the demand takes, each at the most."""
        return None if self.most is None else reps_needed(self.leads, self.most)

    @property
    def fed(self) -> int | None:
        """Reps that the demand can give at least the least."""
        return floor(self.leads / self.least) if self.least else None

    @property
    def state(self) -> str:
        """``over`` where reps would get more than the most, ``under`` less than the least."""
        if self.needed is not None and self.needed > self.reps:
            return "over"
        if self.fed is not None and self.fed < self.reps:
            return "under"
        return "within"


def reps_needed(leads: int, most: Exact) -> int:
    """How many reps a demand takes, each with at most `most` leads. Raises where that is 0."""
    return ceil(Fraction(leads) / Fraction(most))


def opportunities(leads: int, rate: Fraction) -> int:
    """What a rep's leads come to at a rate, rounded up: 250 at 7 % are 17.5, so 18."""
    return ceil(leads * rate)


def leads_expecting(opportunities: int, rate: Fraction) -> int:
    """How many leads it takes to expect so many opportunities: 18 at 7 % take 258."""
    return ceil(opportunities / rate)


def throughput(reps: int, calls_a_day: int, days: int, attempts_a_lead: int) -> int:
    """How many whole leads the reps can work, at so many calls a day and attempts a lead."""
    return reps * calls_a_day * days // attempts_a_lead


def budget_per_lead(value_per_lead: Exact, share_for_marketing: Fraction) -> Fraction:
    """What a lead may cost when marketing may spend a share of what it brings in."""
    return Fraction(value_per_lead) * share_for_marketing
