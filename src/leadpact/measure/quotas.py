"""Quotas: what a volume promise owes in a period, by its own number or by the plan."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

from leadpact.agreement.calendars import default_calendar
from leadpact.agreement.conditions import Is
from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import PLANNED, Volume
from leadpact.clock import Clock
from leadpact.figure import Exact
from leadpact.measure.periods import Period, instant_of, periods_around
from leadpact.plan import Targets, targets
from leadpact.units import rounded
from leadpact.words import _


class Due(NamedTuple):
    """What is owed; None where that can't be told, with the reason."""

    target: Exact | None
    reason: str | None = None


class Quotas:
    """What one version of an agreement owes, period by period."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement

    @cached_property
    def planned(self) -> Targets:
        """The targets of the version's plan."""
        return targets(self.agreement)

    def worth(
        self, stage: str, lead_type: str | None, stream: str | None, on: date
    ) -> Fraction | None:
        """What one lead at a stage is worth; None where nothing is agreed."""
        if lead_type is None:
            return None
        return self.planned.value_per_lead(stage, lead_type, stream, on=on)

    def due(self, clause: Volume, span: Period, rep: str | None, team: tuple[str, ...]) -> Due:
        """What the promise owes in a period, or one rep of a team does."""
        if rep is not None and rep not in team:
            return Due(None, _("{rep} is not on this side of the agreement.").format(rep=rep))
        if clause.amount != PLANNED:
            return Due(self._fixed(clause, span))
        amount = self._planned(clause, span)
        if amount is None:
            return Due(None, self._why_not(clause))
        if rep is None:
            return Due(amount)
        return Due(Fraction(amount) * self._weight(rep, team))

    def _fixed(self, clause: Volume, span: Period) -> Exact:
        """The amount of the clause; its part by working time where the period is cut."""
        amount = Decimal(clause.amount)
        if not span.whole:
            return rounded(Fraction(amount) * self._part(span), 2 if clause.in_value else 0)
        return int(amount) if amount == amount.to_integral_value() else amount

    def _part(self, span: Period) -> Fraction:
        zone = self.agreement.zone
        begins, ends = (instant_of(day, zone) for day in periods_around(span))
        clock = Clock(default_calendar(self.agreement))
        whole = clock.between(begins, ends)
        if not whole:
            return Fraction(span.ends - span.begins, ends - begins)
        return Fraction(clock.between(span.begins, span.ends), whole)

    def _planned(self, clause: Volume, span: Period) -> Exact | None:
        parts = _parts(clause.for_)
        if parts is None:
            return None
        total = Fraction(0)
        for stream, kind in parts:
            if clause.in_value:
                found = self.planned.value(span.first, span.after, stream, kind)
            else:
                found = self.planned.amount(clause.stage, span.first, span.after, stream, kind)
            if found is None:
                return None
            total += Fraction(found)
        return int(total) if total == int(total) else total

    def _why_not(self, clause: Volume) -> str:
        if _parts(clause.for_) is None:
            return _("The plan has no number for the leads that this promise is for.")
        if self.planned.problems:
            return " ".join(problem.problem for problem in self.planned.problems)
        return _("The plan has no number for {stage} in this period.").format(stage=clause.stage)

    def _weight(self, rep: str, team: tuple[str, ...]) -> Fraction:
        """The rep's part of what the team owes, by the weights of routing."""
        people = self.agreement.people
        weights = {
            name: Fraction(people[name].weight) if name in people else Fraction(1) for name in team
        }
        whole = sum(weights.values())
        return weights[rep] / whole if whole else Fraction(1, len(team))


def _parts(condition: Any) -> list[tuple[str | None, str | None]] | None:
    """The streams and lead types that a condition names; None where it asks for anything else."""
    if condition is None:
        return [(None, None)]
    if not isinstance(condition, Is):
        return None
    named = {"type": "lead type"}
    tests: dict[str, Any] = {named.get(name, name): test for name, test in condition.fields.items()}
    if set(tests) - {"lead type", "stream"}:
        return None
    if not all(isinstance(test, tuple) for test in tests.values()):
        return None
    listed: list[tuple[str | None, str | None]] = list(
        product(tests.get("stream", (None,)), tests.get("lead type", (None,)))
    )
    return listed
