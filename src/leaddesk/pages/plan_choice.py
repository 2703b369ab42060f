"""Choice: which part of a plan is looked at: a month, a stream, a lead type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from leaddesk.book.models import AgreementVersion
from leaddesk.book.refusal import Absent
from leaddesk.book.versions import name_of
from leadpact.plan import Plan
from leadpact.plan.months import Month
from leadpact.plan.rows import Row

A_YEAR = 12


@dataclass(frozen=True, eq=False)
class Choice:
    """A part of a version's plan. `stream` and `lead_type` are empty for all.

    Of lead types that stand for a stream by themselves one is looked at, since they have no sum.
    """

    version: AgreementVersion
    plan: Plan
    month: Month
    stream: str
    lead_type: str
    is_of_asked_version: bool

    @classmethod
    def read(
        cls, version: AgreementVersion, plan: Plan, asked: Mapping[str, Any], today: date
    ) -> "Choice":
        """What an address asks for. Raises `Absent` for a month or name that the plan hasn't."""
        stream, lead_type = asked.get("stream", ""), asked.get("type", "")
        if stream and stream not in {row.stream for row in plan.rows}:
            raise Absent("stream")
        if lead_type and lead_type not in {row.lead_type for row in plan.rows}:
            raise Absent("lead type")
        whole = [row for row in plan.rows if not stream or row.stream == stream]
        if not lead_type and whole and all(row.alternative for row in whole):
            lead_type = whole[0].lead_type
        month = _month(plan, asked.get("month", ""), today)
        return cls(version, plan, month, stream, lead_type, bool(asked.get("version", "")))

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The rows of all months."""
        return [
            row
            for row in self.plan.rows
            if (not self.stream or row.stream == self.stream)
            and (row.lead_type == self.lead_type if self.lead_type else not row.alternative)
        ]

    @cached_property
    def own(self) -> Sequence[Row]:
        """The rows of the month."""
        return self.of(self.month)

    def of(self, month: Month) -> Sequence[Row]:
        """The rows of a month."""
        return [row for row in self.rows if row.month == month]

    @cached_property
    def months(self) -> Sequence[Month]:
        """The twelve months of the plan among which the month is."""
        place = self.plan.months.index(self.month) // A_YEAR * A_YEAR
        return self.plan.months[place : place + A_YEAR]

    def other_months(self, step: int) -> str:
        """The page of the twelve months after these (1) or before (-1); "" where there are none."""
        place = (self.plan.months.index(self.months[0])) + step * A_YEAR
        known = 0 <= place < len(self.plan.months)
        return self.address(month=str(self.plan.months[place])) if known else ""

    @cached_property
    def stages(self) -> Sequence[str]:
        """The stages that the rows pass, first to last."""
        passed = {stage for row in self.rows for stage in row.stages}
        return [stage for stage in self.plan.agreement.stages if stage in passed]

    @property
    def lead_stage(self) -> str:
        """The stage that marketing owes."""
        return self.rows[0].agreed.lead_stage if self.rows else ""

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.plan.agreement.currency

    @property
    def lines(self) -> str:
        """The page of the text, of which each line has an address."""
        return reverse("agreement-text", args=[name_of(self.version)])

    def address(self, route: str = "plan", **other: str) -> str:
        """The page of this choice, or one with other parts of it."""
        kept = {"month": str(self.month), "stream": self.stream, "type": self.lead_type}
        if self.is_of_asked_version:
            kept["version"] = name_of(self.version)
        chosen = {key: value for key, value in (kept | other).items() if value}
        return f"{reverse(route)}?{urlencode(chosen)}"

    def opens(self, of: str, month: Month | None = None, row: Row | None = None) -> str:
        """The page of one number: ``quota``, ``value``, ``stage:mql`` or ``due:mql``."""
        other = {"of": of}
        if month is not None:
            other["month"] = str(month)
        if row is not None:
            other |= {"stream": row.stream or "", "type": row.lead_type}
        return self.address("plan-figure", **other)


def total(rows: Sequence[Row], of: str) -> int | Decimal:
    """A number of several rows added up: the quota, or a stage's leads, or those due at it."""
    if of == "quota":
        return sum((row.quota for row in rows), Decimal(0))
    kind, _colon, stage = of.partition(":")
    return sum(count_of(row, kind, stage) for row in rows)


def count_of(row: Row, kind: str, stage: str) -> int:
    """A stage's leads in a row, or those due at it; 0 at a stage that its funnel skips."""
    counts = row.due if kind == "due" else row.counts
    return counts[row.stages.index(stage)] if stage in row.stages else 0


def _month(plan: Plan, asked: str, today: date) -> Month:
    if asked:
        found = next((one for one in plan.months if str(one) == asked), None)
        if found is None:
            raise Absent("month")
        return found
    running = [one for one in plan.months if one.start <= today]
    return running[-1] if running else plan.months[0]
