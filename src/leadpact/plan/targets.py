"""Targets: what the plan promises for any span of days, and what a lead is worth on a day."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from leadpact.agreement.clause import named
from leadpact.agreement.model import Agreement
from leadpact.plan.agreed import LeadType, lead_types
from leadpact.plan.demand import plan
from leadpact.plan.months import ONE_DAY, Month
from leadpact.plan.result import Plan
from leadpact.plan.rows import Row
from leadpact.plan.streams import streams
from leadpact.problem import Problem
from leadpact.units import rounded

_Key = tuple[str | None, str | None, str | None]


@dataclass(frozen=True)
class Targets:
    """The plan as promises need it; without a plan (see `problems`) every amount is None.

    Spans of days are given by their first day and the day after their last. Names of streams,
    lead types and stages are compared without regard to case and underscores.
    """

    plan: Plan | None
    problems: tuple[Problem, ...]
    kinds: Mapping[str | None, tuple[LeadType, ...]]
    stages: tuple[str, ...]

    def amount(
        self,
        stage: str,
        period_start: date,
        period_end: date,
        stream: str | None = None,
        lead_type: str | None = None,
    ) -> Decimal | None:
        """The leads that must arrive at a stage from `period_start` up to and without `period_end`.

        Part of a month is its count by working days, rounded so that parts sum to the month.
        None where nothing is planned for the stage in that time, or where lead types that stand
        for a stream by themselves would have to be added up.
        """
        if stream is None and lead_type is None and self._undecided:
            return None
        if lead_type is None and _name(stream) in self._undecided:
            return None
        planned = self._counts.get((named(stage), _name(stream), _name(lead_type)))
        return self._within(planned, period_start, period_end, 0)

    def value(
        self,
        period_start: date,
        period_end: date,
        stream: str | None = None,
        lead_type: str | None = None,
    ) -> Decimal | None:
        """The quota of the leads that must arrive in a span of days; parts as for `amount`."""
        planned = self._quotas.get((None, _name(stream), _name(lead_type)))
        return self._within(planned, period_start, period_end, 2)

    def value_per_lead(
        self, stage: str, lead_type: str, stream: str | None = None, *, on: date
    ) -> Fraction | None:
        """Forward: what a lead at a stage is worth on a day: the rates after it × the order value.

        A stage that the lead type's funnel skips is worth what the one before it is. None for a
        stage before its first, an unknown lead type, or where streams differ and none is given.
        """
        found = {
            self._worth(kind, named(stage), on)
            for kinds in self._of(_name(stream))
            for kind in kinds
            if kind.name == named(lead_type)
        }
        return found.pop() if len(found) == 1 else None

    def _of(self, stream: str | None) -> list[tuple[LeadType, ...]]:
        if stream in self.kinds:
            return [self.kinds[stream]]
        return [] if stream and None not in self.kinds else list(self.kinds.values())

    def _worth(self, kind: LeadType, stage: str, on: date) -> Fraction | None:
        if stage not in self.stages:
            return None
        upto = self.stages.index(stage) + 1
        known = [s for s in self.stages[:upto] if s in kind.stages]
        return kind.on(on).chain.value_per_lead(known[-1]) if known else None

    def _within(
        self, planned: Mapping[Month, Decimal] | None, start: date, stop: date, places: int
    ) -> Decimal | None:
        if planned is None:
            return None
        touched = [m for m in planned if m.start < stop and m.end >= start]
        parts = (
            self._until(planned[m], m, stop, places) - self._until(planned[m], m, start, places)
            for m in touched
        )
        return sum(parts, Decimal(0)) if touched else None

    def _until(self, total: Decimal, month: Month, day: date, places: int) -> Decimal:
        """A month's total up to and without a day."""
        past = month.end + ONE_DAY
        if day <= month.start or day >= past:
            return total if day >= past else Decimal(0)
        gone, whole = (day - month.start).days, (past - month.start).days
        if month.working_days and self.plan:
            gone, whole = self.plan.workdays.within(month.start, day), month.working_days
        return rounded(Fraction(total) * gone / whole, places)

    @cached_property
    def _undecided(self) -> frozenset[str | None]:
        """The streams whose lead types all stand by themselves, so that there is no sum."""
        rows = self.plan.rows if self.plan else ()
        return frozenset(row.stream for row in rows) - {r.stream for r in rows if not r.alternative}

    @cached_property
    def _counts(self) -> Mapping[_Key, Mapping[Month, Decimal]]:
        found: dict[_Key, dict[Month, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for row in self.plan.rows if self.plan else ():
            for stage, count in zip(row.stages, row.due, strict=True):
                for stream, kind in self._keys(row, added=not row.alternative):
                    found[stage, stream, kind][row.month] += count
        return found

    @cached_property
    def _quotas(self) -> Mapping[_Key, Mapping[Month, Decimal]]:
        found: dict[_Key, dict[Month, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for row in self.plan.rows if self.plan else ():
            # Where the lead types of a stream are alternatives, the first stands for its quota.
            first = self.kinds[row.stream][0].name == row.lead_type
            added = not row.alternative or (row.stream in self._undecided and first)
            for stream, kind in self._keys(row, added=added):
                found[None, stream, kind][row.month] += row.due_quota
        return found

    @staticmethod
    def _keys(row: Row, *, added: bool) -> set[tuple[str | None, str | None]]:
        alone: set[tuple[str | None, str | None]] = {
            (None, row.lead_type),
            (row.stream, row.lead_type),
        }
        return alone | {(None, None), (row.stream, None)} if added else alone


def targets(agreement: Agreement) -> Targets:
    """What an agreement's own plan promises, as it rounds by default."""
    shares, _problems = streams(agreement)
    kinds, _more = lead_types(agreement, [s.name for s in shares if not s.retention])
    made, problems = plan(agreement)
    return Targets(made, tuple(problems), kinds, agreement.stages)


def _name(word: str | None) -> str | None:
    return None if word is None else named(word)
