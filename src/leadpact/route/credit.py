"""Credit: what each of a pool is owed, so that shares stay within one lead of the weights.

Each lead that is given out adds to everybody's credit the share that their weight makes of those who
could be given it, and takes one from whoever gets it. Nobody who can't be served gathers credit: no
burst when they return, no hole later. Of those who are owed enough, that one is next whose credit
would be first to grow too large: the rule for which R. Tijdeman ("The chairman assignment problem",
1980) proved that among n people no share is ever further than 1 - 1/(2n - 2) from what is due.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

LEAD = 1_000_000
"""Credit is counted in millionths of a lead."""
LOWEST = -2 * LEAD
"""Who gets leads past their turn, those of their own accounts, misses no more than two turns for it."""


_FINE = 10**12
_LAST = (True, 10**30, "")


@dataclass
class Turn:
    """What somebody of a pool is owed, or when it was last their turn; how many they were `given`, and
    for how many of them that they `rejected` they were credited."""

    credit: int = 0
    given: int = 0
    rejected: int = 0


def shares(weights: Mapping[str, Decimal]) -> dict[str, int]:
    """The share of each of one lead, in millionths that sum to one (largest remainder, then name)."""
    total = sum((Fraction(weight) for weight in weights.values()), Fraction(0))
    exact = {name: Fraction(weight) * LEAD / total for name, weight in weights.items()}
    found = {name: int(share) for name, share in exact.items()}
    left = LEAD - sum(found.values())
    for name in sorted(exact, key=lambda name: (found[name] - exact[name], name))[:left]:
        found[name] += 1
    return found


def accrue(turns: Mapping[str, Turn], gains: Mapping[str, int]) -> None:
    """Credit everybody who can be served with their share of one lead."""
    for name, gain in gains.items():
        turns[name].credit += gain


def first_two(
    candidates: Sequence[str], turns: Mapping[str, Turn], gains: Mapping[str, int]
) -> tuple[str, str]:
    """Whose turn it is among some, after `accrue`, and who would be next ("" for nobody); equal ones
    by name."""
    most = len(gains)
    least = LEAD // (2 * most - 2) if most > 1 else -_FINE
    bound = LEAD - max(least, 0)
    first = second = _LAST
    for name in candidates:
        credit, gain = turns[name].credit, gains[name]
        ready = gain > 0 and credit >= least
        one = (not ready, (bound - credit) * _FINE // gain if ready else -credit, name)
        if one < first:
            first, second = one, first
        elif one < second:
            second = one
    return first[2], second[2]
