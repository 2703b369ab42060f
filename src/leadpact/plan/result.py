"""Plan: the rows of an agreement's term, their totals, and what stands beside them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from leadpact.agreement.model import Agreement
from leadpact.figure import exact_text, percentage
from leadpact.plan.capacity import Capacity
from leadpact.plan.funnel import Rounding
from leadpact.plan.months import Month, Workdays
from leadpact.plan.rows import Row
from leadpact.plan.sensitivity import Sensitivity, sensitivities
from leadpact.words import _


@dataclass(frozen=True, slots=True)
class Retained:
    """The quota of a stream of existing customers in a month: no leads are demanded for it."""

    stream: str | None
    month: Month
    quota: Decimal


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Leads that had to arrive before the plan begins, for deals of one of its first months."""

    row: Row

    @property
    def due_in(self) -> str:
        """The month in which they had to arrive."""
        return self.row.leads_due_in


@dataclass(frozen=True, slots=True)
class Total:
    """The rows of one month, or (month is None) of the whole plan, added up.

    `alternative` names the lead type where it stands for its streams by itself.
    """

    month: Month | None
    alternative: str | None
    quota: Decimal
    deals: int
    stages: dict[str, int]
    due: dict[str, int]
    leads: int
    leads_due: int
    costs: Decimal | None


@dataclass(frozen=True)
class Plan:
    """What an agreement asks of each month of its term, lead type by lead type."""

    agreement: Agreement
    rounding: Rounding
    confidence: Fraction | None
    months: tuple[Month, ...]
    rows: tuple[Row, ...]
    retained: tuple[Retained, ...]
    workdays: Workdays

    @cached_property
    def totals(self) -> tuple[Total, ...]:
        """Each month added up, then the whole plan; alternatives each by themselves."""
        groups: dict[tuple[str | None, Month | None], list[Row]] = defaultdict(list)
        for row in self.rows:
            alone = row.lead_type if row.alternative else None
            groups[alone, row.month].append(row)
            groups[alone, None].append(row)
        alone_or_not = dict.fromkeys(alone for alone, _month in groups)
        return tuple(
            _total(month, alone, groups[alone, month])
            for alone in alone_or_not
            for month in (*self.months, None)
            if (alone, month) in groups
        )

    @property
    def uncovered(self) -> tuple[Uncovered, ...]:
        """What had to be secured before the plan begins: the leads of its first deals."""
        first = self.months[0].ordinal
        return tuple(
            Uncovered(row) for row in self.rows if row.lag and row.month.ordinal - row.lag < first
        )

    @property
    def capacity(self) -> tuple[tuple[Month, Capacity], ...]:
        """Each month's leads beside the reps for them; empty where routing has no limits."""
        route = self.agreement.handoff.route if self.agreement.handoff else None
        if route is None or (route.most is None and route.least is None):
            return ()
        whole = {t.month: t.leads_due for t in self.totals if t.alternative is None}
        return tuple(
            (
                month,
                Capacity(
                    whole[month],
                    reps(self.agreement, month),
                    self._in_month(route.most, month),
                    self._in_month(route.least, month),
                ),
            )
            for month in self.months
            if month in whole
        )

    def _in_month(self, limit: tuple[int, str] | None, month: Month) -> Fraction | None:
        if limit is None:
            return None
        number, period = limit
        if period in {"month", "quarter", "year"}:
            return Fraction(number, {"month": 1, "quarter": 3, "year": 12}[period])
        days = month.working_days
        return Fraction(number * days, 1 if period == "day" else self.workdays.in_a_week)

    def sensitivity(self) -> dict[tuple[str | None, str], tuple[Sensitivity, ...]]:
        """For each stream and lead type: its first month's leads with each value a tenth better."""
        first = {(row.stream, row.lead_type): row for row in reversed(self.rows)}
        return {
            key: sensitivities(
                row.agreed.chain, row.quota, rounding=self.rounding, stage=row.agreed.lead_stage
            )
            for key, row in reversed(first.items())
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """How to read the plan: rounding, split, lag and what was assumed, in sentences."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        yield self.rounding.sentence
        yield _(
            "Streams, lead types and months alike in value are rounded as one whole and parted by"
            " largest remainder, so that the parts sum to it."
        )
        quota = self.agreement.goal.quota if self.agreement.goal else None
        if quota and quota.per in {"quarter", "year"}:
            said = _("The quota of each {period} falls on the months by working days.")
            yield said.format(period=quota.per)
        elif quota and quota.per == "month":
            yield _("A quota per month stays per month, however many working days the month has.")
        if self.agreement.term is None:
            yield _("No term is agreed: the plan takes the twelve months from `valid from`.")
        if any(row.lag for row in self.rows):
            yield _(
                "Leads are due as many months before the deals as these take to close. After the"
                " term the quota is taken to go on."
            )
        if self.uncovered:
            yield _("The leads of the first deals had to arrive before the plan begins.")
        if any(row.alternative for row in self.rows):
            yield _(
                "A lead type without `share` carries its stream's quota alone: such types are"
                " alternatives and are not added up."
            )

    def to_json(self) -> dict[str, Any]:
        """The plan in its JSON form: counts as ints, money and rates as exact decimal texts."""
        agreement, confidence = self.agreement, self.confidence
        return {
            "agreement": agreement.agreement,
            "version": agreement.version,
            "currency": agreement.currency,
            "from": self.months[0].start.isoformat(),
            "to": self.months[-1].end.isoformat(),
            "rounding": str(self.rounding),
            "confidence": None if confidence is None else percentage(confidence),
            "notes": list(self.notes),
            "rows": [row.to_json() for row in self.rows],
            "totals": [_total_json(total) for total in self.totals],
            "uncovered": [_uncovered_json(item) for item in self.uncovered],
            "retained": [_retained_json(item) for item in self.retained],
            "capacity": [_capacity_json(month, found) for month, found in self.capacity],
            "sensitivity": [
                {"stream": stream, "lead_type": kind, **_sensitivity_json(found)}
                for (stream, kind), rows in self.sensitivity().items()
                for found in rows
            ],
            "drivers": self._drivers(),
        }

    def _drivers(self) -> dict[str, Any]:
        """What a demand must be weighed against: goal, budget, and people on both sides."""
        whole = next((t for t in self.totals if t.month is None and not t.alternative), None)
        between = self.agreement.between
        return {
            "quota": None if whole is None else exact_text(whole.quota),
            "costs": None if whole is None or whole.costs is None else exact_text(whole.costs),
            "marketers": len(between.get("marketing", ())),
            "reps": reps(self.agreement, self.months[0]),
        }


def reps(agreement: Agreement, month: Month) -> int:
    """How many people leads are shared out among in a month; those of sales if none are listed."""
    route = agreement.handoff.route if agreement.handoff else None
    team = route.team if route else None
    if not agreement.people:
        return len(agreement.between.get("sales", ()))
    return sum(
        (team is None or person.team == team)
        and (person.from_ is None or person.from_ <= month.end)
        and (person.to is None or person.to >= month.start)
        for person in agreement.people.values()
    )


def _total(month: Month | None, alternative: str | None, rows: Sequence[Row]) -> Total:
    costs = [row.costs for row in rows if row.costs is not None]
    return Total(
        month,
        alternative,
        sum((row.quota for row in rows), Decimal(0)),
        sum(row.deals for row in rows),
        _by_stage((row.stages, row.counts) for row in rows),
        _by_stage((row.stages, row.due) for row in rows),
        sum(row.leads for row in rows),
        sum(row.leads_due for row in rows),
        sum(costs, Decimal(0)) if costs else None,
    )


def _by_stage(rows: Iterable[tuple[tuple[str, ...], tuple[int, ...]]]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for stages, counts in rows:
        for stage, count in zip(stages, counts, strict=True):
            found[stage] += count
    return dict(found)


def _total_json(total: Total) -> dict[str, Any]:
    return {
        "month": None if total.month is None else str(total.month),
        "working_days": None if total.month is None else total.month.working_days,
        "alternative": total.alternative,
        "quota": exact_text(total.quota),
        "deals": total.deals,
        "stages": total.stages,
        "due": total.due,
        "leads": total.leads,
        "leads_due": total.leads_due,
        "costs": None if total.costs is None else exact_text(total.costs),
    }


def _uncovered_json(item: Uncovered) -> dict[str, Any]:
    row = item.row
    return {
        "stream": row.stream,
        "lead_type": row.lead_type,
        "for_month": str(row.month),
        "due_in": item.due_in,
        "stage": row.agreed.lead_stage,
        "leads": row.leads,
        "alternative": row.alternative,
    }


def _retained_json(item: Retained) -> dict[str, Any]:
    return {"stream": item.stream, "month": str(item.month), "quota": exact_text(item.quota)}


def _capacity_json(month: Month, found: Capacity) -> dict[str, Any]:
    return {
        "month": str(month),
        "leads": found.leads,
        "reps": found.reps,
        "most_per_rep": None if found.most is None else exact_text(found.most),
        "least_per_rep": None if found.least is None else exact_text(found.least),
        "reps_needed": found.needed,
        "reps_fed": found.fed,
        "state": found.state,
    }


def _sensitivity_json(found: Sensitivity) -> dict[str, Any]:
    return {
        "what": found.what,
        "exact": exact_text(found.exact),
        "once": found.once,
        "stepwise": found.stepwise,
        "saved": found.saved,
        "capped": found.capped,
    }
