"""Validation: how well chances foretold the outcomes of later leads than those that were learned from."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadpact.learn.features import FEWEST
from leadpact.learn.model import CHANCE

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

Z = 1.959963984540054
"""Of intervals that hold in 95 of 100 cases."""


@dataclass(frozen=True)
class Area:
    """The AUC: how often a lead that was won stands above one that wasn't; with its interval of 95 %."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Its JSON form."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Group:
    """Leads of about one rank: how many, how many were won, the chance that was foretold for them on
    average (None where they are ranked by points), the share that was won with its interval, and how
    many times the share of all that is."""

    leads: int
    won: int
    foretold: float | None
    share: float
    low: float
    high: float
    lift: float

    def to_json(self) -> dict[str, Any]:
        """Its JSON form."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Validation:
    """How a model did on the leads `first` to `last` (µs), which it had never seen.

    `brier` is the mean squared error of the chances, `brier_of_base` that of saying the same for
    all. `rules` has the AUC of the same leads ranked by the points of the rules, `ahead` by how much
    the model's is larger; both are None where there are no rules.
    """

    first: int
    last: int
    leads: int
    won: int
    auc: Area
    brier: float
    brier_of_base: float
    groups: tuple[Group, ...]
    rules: Area | None
    rules_groups: tuple[Group, ...]
    ahead: Area | None

    @property
    def tells(self) -> bool:
        """Whether it tells better than chance who will be won."""
        return self.auc.low > 0.5

    def to_json(self) -> dict[str, Any]:
        """Its JSON form."""
        return {
            "tells": self.tells,
            **{k: getattr(self, k) for k in ("first", "last", "leads", "won")},
            "auc": self.auc.to_json(),
            "brier": self.brier,
            "brier of base": self.brier_of_base,
            "groups": [group.to_json() for group in self.groups],
            "rules": None
            if self.rules is None
            else {
                "auc": self.rules.to_json(),
                "groups": [group.to_json() for group in self.rules_groups],
                "ahead": None if self.ahead is None else self.ahead.to_json(),
            },
        }


def validated(
    at: Ints, won: Bools, sums: Ints, chances: Ints, base: float, points: Ints | None
) -> Validation:
    """How sums and chances (millionths) of later leads did; `base` is the share won before them,
    `points` what the rules gave."""
    share = chances / CHANCE
    rules = None if points is None else area(points, won)
    return Validation(
        first=int(at[0]),
        last=int(at[-1]),
        leads=len(at),
        won=int(won.sum()),
        auc=area(sums, won),
        brier=round(float(((share - won) ** 2).mean()), 6),
        brier_of_base=round(float(((base - won) ** 2).mean()), 6),
        groups=groups(sums, won, share),
        rules=rules,
        rules_groups=() if points is None else groups(points, won, None),
        ahead=None if points is None else ahead(sums, points, won),
    )


def area(ranks: Ints, won: Bools) -> Area:
    """The AUC of a ranking, with DeLong's interval."""
    value, up, down = _placements(ranks, won)
    return _interval(value, up.var(ddof=1) / len(up) + down.var(ddof=1) / len(down), 0.0)


def ahead(ours: Ints, theirs: Ints, won: Bools) -> Area:
    """By how much the AUC of one ranking of the same leads is larger than that of another (DeLong)."""
    one, up, down = _placements(ours, won)
    other, up_too, down_too = _placements(theirs, won)
    up, down = up - up_too, down - down_too
    return _interval(one - other, up.var(ddof=1) / len(up) + down.var(ddof=1) / len(down), -1.0)


def _interval(value: float, variance: float, least: float) -> Area:
    half = Z * sqrt(max(float(variance), 0.0))
    low, high = max(value - half, least), min(value + half, 1.0)
    return Area(round(value, 4), round(low, 4), round(high, 4))


def _placements(ranks: Ints, won: Bools) -> tuple[float, Floats, Floats]:
    """The AUC, and of each won lead the share of lost ones below it, of each lost one the share of
    won ones above it; ties count half."""
    up, down = np.sort(ranks[won]), np.sort(ranks[~won])
    below = np.searchsorted(down, ranks[won], "left") + np.searchsorted(down, ranks[won], "right")
    above = np.searchsorted(up, ranks[~won], "left") + np.searchsorted(up, ranks[~won], "right")
    ours = below / (2.0 * len(down))
    theirs = 1.0 - above / (2.0 * len(up))
    return float(ours.mean()), ours, theirs


def groups(ranks: Ints, won: Bools, foretold: Floats | None) -> tuple[Group, ...]:
    """Tenths of the leads from the highest rank down; fewer and larger groups where a tenth would
    have too few leads to say anything."""
    count = max(1, min(10, len(ranks) // FEWEST))
    order = np.argsort(-ranks, kind="stable")
    base = float(won.mean())
    return tuple(
        _group(part, won, foretold, base) for part in np.array_split(order, count) if len(part)
    )


def _group(part: Ints, won: Bools, foretold: Floats | None, base: float) -> Group:
    wins = int(won[part].sum())
    share = wins / len(part)
    low, high = wilson(wins, len(part))
    mean = None if foretold is None else round(float(foretold[part].mean()), 6)
    lift = round(share / base, 4) if base else 0.0
    return Group(len(part), wins, mean, round(share, 6), low, high, lift)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Wilson's interval of 95 % for a share."""
    share, more = hits / count, Z * Z / count
    middle = (share + more / 2) / (1 + more)
    half = Z * sqrt(share * (1 - share) / count + more / (4 * count)) / (1 + more)
    return round(max(middle - half, 0.0), 6), round(min(middle + half, 1.0), 6)
