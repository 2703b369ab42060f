"""Odds: the chance that so many leads bring so many deals, and how many leads a chance takes.

Each lead is won or not by itself, with the funnel's overall rate: a binomial count. Averages plan
to miss every other month; a confidence says by how much to plan above them.
"""

from fractions import Fraction
from functools import lru_cache

_NEAR = 1e-9
_MOST_WORK = 2_000_000_000


def chance(leads: int, rate: Fraction, deals: int) -> float:
    """The probability that `leads` bring at least `deals`, each with probability `rate`."""
    from scipy.special import betainc

    if deals <= 0:
        return 1.0
    if deals > leads or rate <= 0:
        return 0.0
    return float(betainc(deals, leads - deals + 1, float(rate)))


@lru_cache(maxsize=4096)
def leads_for(deals: int, rate: Fraction, confidence: Fraction) -> int:
    """The least number of leads that bring at least `deals` with probability `confidence`.

    Raises `ValueError` unless rate and confidence are above 0 and at most 1, with the confidence
    below 1 where the rate is.
    """
    if not (0 < rate <= 1 and 0 < confidence <= 1) or (confidence == 1 and rate < 1):
        raise ValueError("no number of leads makes this certain")
    if deals <= 0:
        return 0
    low, high = deals - 1, deals
    while not reaches(high, rate, deals, confidence):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if reaches(middle, rate, deals, confidence):
            high = middle
        else:
            low = middle
    return high


def reaches(leads: int, rate: Fraction, deals: int, confidence: Fraction) -> bool:
    """Whether the chance of `deals` is at least `confidence`; decided exactly where it is close."""
    near = chance(leads, rate, deals)
    work = leads * rate.denominator.bit_length() * deals
    if abs(near - float(confidence)) > _NEAR or work > _MOST_WORK:
        return near >= confidence
    return 1 - _fewer(leads, rate, deals) >= confidence


def _fewer(leads: int, rate: Fraction, deals: int) -> Fraction:
    """The exact probability of fewer than `deals` of `leads`."""
    won, lost = rate.numerator, rate.denominator - rate.numerator
    if not lost:
        return Fraction(int(deals > leads))
    term = total = lost**leads
    for k in range(min(deals - 1, leads)):
        term = term * (leads - k) * won // ((k + 1) * lost)
        total += term
    return Fraction(total if deals else 0, rate.denominator**leads)
