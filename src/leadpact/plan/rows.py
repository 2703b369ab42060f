"""Row: what one month asks of one lead type in one stream, and the whole that it is a part of."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from leadpact.figure import Figure, Input, exact_text, number
from leadpact.plan.agreed import Agreed
from leadpact.plan.funnel import Demand
from leadpact.plan.months import Month, first_of
from leadpact.units import rounded
from leadpact.words import _


@dataclass(frozen=True, slots=True)
class Whole:
    """What is rounded as one: a quota's period, over all streams, types and months alike in value.

    `at_confidence` is how many leads make its deals as likely as was asked for.
    """

    demand: Demand
    at_confidence: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """A row's part of a whole: its quota, and its count at each stage."""

    whole: Whole
    quota: Decimal
    counts: tuple[int, ...]
    at_confidence: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One month of one lead type in one stream.

    `counts` are the leads at each stage, first stage first, for the deals that close in the month;
    `due` are those that must arrive in it: up to the lead stage the leads of the deals that close
    `lag` months later (worth `due_quota`), after it those of its own. An `alternative` carries its stream's quota by
    itself and is not added to the others.
    """

    stream: str | None
    lead_type: str
    month: Month
    alternative: bool
    lag: int
    agreed: Agreed
    parts: tuple[Part, ...]
    counts: tuple[int, ...]
    due: tuple[int, ...]
    due_quota: Decimal
    inputs: tuple[Input, ...]

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages, first to last."""
        return self.agreed.chain.stages

    @property
    def quota(self) -> Decimal:
        """The revenue that this row must bring."""
        return sum((part.quota for part in self.parts), Decimal(0))

    @property
    def deals(self) -> int:
        """The deals that close in the month."""
        return self.counts[-1]

    @property
    def leads(self) -> int:
        """The leads at the lead stage, for those deals."""
        return self.counts[self.agreed.lead]

    @property
    def leads_due(self) -> int:
        """The leads that must arrive at the lead stage in the month."""
        return self.due[self.agreed.lead]

    @property
    def leads_due_in(self) -> str:
        """The month in which the leads of this month's deals must arrive."""
        return f"{first_of(self.month.ordinal - self.lag):%Y-%m}"

    @property
    def at_confidence(self) -> int | None:
        """The leads for this month's deals at the confidence asked for, if one was."""
        found = [part.at_confidence for part in self.parts if part.at_confidence is not None]
        return sum(found) if found else None

    @property
    def costs(self) -> Decimal | None:
        """What the leads due in the month cost, where a cost is agreed."""
        return None if self.agreed.costs is None else self.agreed.costs * self.leads_due

    @property
    def value_per_lead(self) -> Fraction | None:
        """Backward: the quota of the whole over its whole leads; None where there are none."""
        stage = self.agreed.lead_stage
        worths = [(part, part.whole.demand.value_per_lead(stage)) for part in self.parts]
        leads = sum((Fraction(part.quota) / worth for part, worth in worths if worth), Fraction(0))
        return Fraction(self.quota) / leads if leads else None

    @property
    def value_forward(self) -> Fraction:
        """Forward: the rates after the lead stage times the order value."""
        return self.agreed.chain.value_per_lead(self.agreed.lead_stage)

    @property
    def working(self) -> str:
        """How the counts were reached: the chain of the whole, then this row's part of it."""
        return "; ".join(self._worked(part) for part in self.parts)

    def _worked(self, part: Part) -> str:
        demand = part.whole.demand
        if Fraction(part.quota) == demand.quota:
            return demand.working
        counts = ", ".join(
            f"{count:,} {name}"
            for count, name in zip(
                reversed(part.counts), [_("deals"), *reversed(self.stages[:-1])], strict=True
            )
        )
        here = _("of which {part} of {whole} here: {counts}").format(
            part=number(part.quota), whole=number(demand.quota), counts=counts
        )
        return f"{demand.working}; {here}"

    def figure(self, stage: str) -> Figure:
        """The count of a stage, with its chain and inputs. Raises `ValueError` for another one."""
        last = stage == self.stages[-1]
        defined = _("{stage} needed for the quota of {month}, {lead_type}").format(
            stage=_("deals") if last else stage, month=self.month, lead_type=self.lead_type
        )
        count = self.counts[self.stages.index(stage)]
        unit = _("deals") if last else stage
        return Figure(count, unit, defined, self.working, (*self.inputs, *self.agreed.inputs))

    def value_figure(self, currency: str) -> Figure | None:
        """The value per lead, backward, with its working; None where no leads are needed."""
        if (value := self.value_per_lead) is None:
            return None
        whole = self.parts[0].whole.demand
        worked = (
            f"{number(whole.quota)} ÷ {whole.count(self.agreed.lead_stage):,} = {number(value)}"
        )
        defined = _("quota over the leads that it takes")
        unit = _("{currency} per {stage}").format(currency=currency, stage=self.agreed.lead_stage)
        return Figure(value, unit, defined, worked, (*self.inputs, *self.agreed.inputs))

    def to_json(self) -> dict[str, Any]:
        """The row in its JSON form: counts as ints, money as decimal texts."""
        backward = self.value_per_lead
        return {
            "stream": self.stream,
            "lead_type": self.lead_type,
            "month": str(self.month),
            "from": self.month.start.isoformat(),
            "to": self.month.end.isoformat(),
            "working_days": self.month.working_days,
            "alternative": self.alternative,
            "quota": exact_text(self.quota),
            "deals": self.deals,
            "stages": dict(zip(self.stages, self.counts, strict=True)),
            "lead_stage": self.agreed.lead_stage,
            "leads": self.leads,
            "leads_due_in": self.leads_due_in,
            "due": dict(zip(self.stages, self.due, strict=True)),
            "leads_at_confidence": self.at_confidence,
            "value_per_lead": None if backward is None else str(rounded(backward, 4)),
            "value_per_lead_forward": str(rounded(self.value_forward, 4)),
            "costs": None if self.costs is None else exact_text(self.costs),
            "chain": self.working,
            "rounding": str(self.parts[0].whole.demand.rounding),
            "inputs": [
                {"name": i.name, "value": i.value, "origin": i.origin, "source": i.source}
                for i in (*self.inputs, *self.agreed.inputs)
            ],
        }
