"""Budget: how many misses a target allows in a month, how many are left, how fast they go."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any, Literal

from leadpact.agreement.promises import Response
from leadpact.figure import Exact, exact_text
from leadpact.measure.compliance import clause_of
from leadpact.measure.deliveries import elapsed_share
from leadpact.measure.figures import MINIMUM
from leadpact.measure.judged import Evidence, Judged, evidence
from leadpact.measure.owed import owed_of
from leadpact.measure.periods import Period, periods
from leadpact.measure.quotas import Quotas
from leadpact.program import columns as col


@dataclass(frozen=True, slots=True)
class Budget:
    """Misses allowed by a target over the leads expected in a period, against those made.

    `expected` comes from the plan (`source` is ``plan``) or from the leads so far at their pace
    (``pace``). A burn rate of 1 uses the budget up exactly at the end; `enough` says whether
    enough is due for it to mean something.
    """

    promise: str
    period: Period | None
    target: Fraction
    expected: Fraction
    source: Literal["plan", "pace"]
    due: int
    missed: int
    elapsed: Fraction

    @property
    def allowed(self) -> Fraction:
        """The misses that the target allows: (1 − target) × expected leads."""
        return (1 - self.target) * self.expected

    @property
    def left(self) -> Fraction:
        """The misses that are left; below zero once the promise can't be met any more."""
        return self.allowed - self.missed

    @property
    def missed_share(self) -> Fraction | None:
        """Misses ÷ those due."""
        return Fraction(self.missed, self.due) if self.due else None

    @property
    def burn(self) -> Fraction | None:
        """Share of misses ÷ (1 − target); None where no miss is allowed, or nothing is due."""
        if self.missed_share is None or self.target == 1:
            return None
        return self.missed_share / (1 - self.target)

    @property
    def used(self) -> Fraction | None:
        """The part of the budget that is gone."""
        return Fraction(self.missed) / self.allowed if self.allowed else None

    @property
    def enough(self) -> bool:
        """Whether enough is due to judge the speed."""
        return self.due >= MINIMUM

    def to_json(self) -> dict[str, Any]:
        """The budget in its JSON form."""
        numbers: dict[str, Exact | None] = {
            "target": self.target,
            "expected": self.expected,
            "allowed": self.allowed,
            "left": self.left,
            "missed_share": self.missed_share,
            "burn": self.burn,
            "used": self.used,
            "elapsed": self.elapsed,
        }
        return {
            "promise": self.promise,
            **({} if self.period is None else self.period.to_json()),
            "source": self.source,
            "due": self.due,
            "missed": self.missed,
            "enough": self.enough,
            **{name: None if n is None else exact_text(n) for name, n in numbers.items()},
        }


def budgets(judged: Judged | Evidence) -> list[Budget]:
    """The budget of every response promise with a target, in the running month."""
    found = evidence(judged)
    version = found.program.versions.index(found.version)
    months = periods(found.program, version, "month", found.now)
    return [*_budgets(found, months[-1])] if months else []


def _budgets(found: Evidence, month: Period) -> Iterator[Budget]:
    owed = owed_of(found)
    elapsed = elapsed_share(found, month.version, month)
    within = owed.started_between(month.begins, month.ends)
    for promise, group in found.program.groups.items():
        _side, clause = clause_of(found, promise)
        if clause.target is None or promise not in found.agreement.promised():
            continue
        own = within & (owed.group == group)
        missed, kept = (int((owed.verdict[own] == v).sum()) for v in (col.BROKEN, col.KEPT))
        planned = _planned(found, clause, month)
        rungs = max(len(clause.rungs), 1)
        yield Budget(
            promise,
            month,
            clause.target,
            _projected(int(own.sum()), elapsed) if planned is None else planned * rungs,
            "pace" if planned is None else "plan",
            kept + missed,
            missed,
            elapsed,
        )


def _planned(found: Evidence, clause: Response, month: Period) -> Fraction | None:
    """The leads of the month's plan that the promise will fall on; None where it can't be told."""
    agreement = found.agreement
    handoff = agreement.handoff.when if agreement.handoff else "mql"
    stages = {handoff if name == "handed over" else name for name in clause.after}
    if clause.for_ is not None or len(stages) != 1 or not stages <= set(agreement.stages):
        return None
    amount = Quotas(agreement).planned.amount(stages.pop(), month.first, month.after)
    return None if amount is None else Fraction(amount)


def _projected(started: int, elapsed: Fraction) -> Fraction:
    return Fraction(ceil(started / elapsed)) if elapsed else Fraction(started)
