"""Result: scores of leads, what a score is made of, and the moments at which leads qualify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadpact.log import Log

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Scores:
    """The score of each lead of a log (in its order): `fit` and `interest` in hundredths of a
    point, `grade` from A1 to C3 ("" without a grid), `disqualified` by the agreement's rule."""

    fit: Ints
    interest: Ints
    grade: NDArray[np.str_]
    disqualified: Bools

    def __len__(self) -> int:
        return len(self.fit)


@dataclass(frozen=True)
class Factor:
    """A part of a score, in hundredths of a point; caps take something off.

    `axis` is fit or interest; `kind` is rule, rule cap, group cap, account, account cap, cap or by
    hand. `rule` is the place of the rule in its list (from 0), `name` what was done, the group, or
    who gave the score by hand. `times` counts the engagements, `last_at` (µs) is the latest.
    """

    axis: str
    kind: str
    points: int
    name: str = ""
    rule: int | None = None
    times: int = 0
    last_at: int | None = None
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The factor in its JSON form, without what it doesn't have."""
        told = asdict(self) | {"times": self.times or None}
        return {name: value for name, value in told.items() if value not in (None, "")}


@dataclass(frozen=True)
class Explained:
    """The score of a lead at an instant, and the factors that it is the sum of, axis by axis."""

    fit: int
    interest: int
    grade: str
    disqualified: bool
    factors: tuple[Factor, ...]

    def as_dict(self) -> dict[str, Any]:
        """The score in its JSON form."""
        return asdict(self) | {"factors": [factor.as_dict() for factor in self.factors]}


@dataclass(frozen=True, eq=False)
class Rises:
    """The moments at which leads come to qualify, in the order of leads and time.

    `lead` and `row` are indexes of `log` (as of its last instant); `at` is in µs, the scores then in
    hundredths of a point. `trigger` is the stage, or the act that counts at once. Where a colleague's
    act did it, `row` is that act: a row of another lead.
    """

    log: Log
    lead: NDArray[np.int32]
    row: Ints
    at: Ints
    fit: Ints
    interest: Ints
    trigger: Sequence[str]

    def __len__(self) -> int:
        return len(self.at)
