"""Parts: a whole number shared out by weights, so that the parts sum to it (largest remainder)."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def parts(whole: int, weights: Sequence[int], at_least: Sequence[int] | None = None) -> list[int]:
    """Shares of `whole` in proportion to `weights`, each less than 1 from its exact share.

    What is left over goes to the largest remainders, the earlier of equals. With `at_least` (which
    may not sum to more than `whole`) no part is below its floor. Weights are not negative;
    without any weight the parts are even.
    """
    if len(weights) == 1:
        return [whole]
    total = sum(weights)
    if not total:
        return parts(whole, [1] * len(weights), at_least) if weights else []
    shared = [divmod(whole * weight, total) for weight in weights]
    found = [share for share, _rest in shared]
    by_rest = sorted(range(len(shared)), key=lambda i: -shared[i][1])
    for i in by_rest[: whole - sum(found)]:
        found[i] += 1
    return found if at_least is None else _raised(found, at_least)


def _raised(found: list[int], floors: Sequence[int]) -> list[int]:
    """The parts with those below their floor raised, at the cost of those furthest above theirs."""
    for i, floor in enumerate(floors):
        while found[i] < floor:
            richest = max(range(len(found)), key=lambda k: found[k] - floors[k])
            found[richest] -= 1
            found[i] += 1
    return found


def whole_weights(shares: Sequence[Fraction]) -> list[int]:
    """Shares as whole numbers in the same proportion."""
    common = lcm(*(share.denominator for share in shares))
    return [share.numerator * (common // share.denominator) for share in shares]
