"""Demand: the whole plan of an agreement, month by month, from its quota back to the leads."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from leadpact.agreement.calendars import default_calendar
from leadpact.agreement.model import Agreement, Quota
from leadpact.clock import CalendarError
from leadpact.figure import Input, number, percentage
from leadpact.plan.agreed import Agreed, LeadType, alternatives, lead_types, mixed
from leadpact.plan.funnel import Rounding
from leadpact.plan.months import (
    ONE_DAY,
    Month,
    QuotaPeriod,
    Workdays,
    first_of,
    later,
    months,
    quota_periods,
    scale_of,
)
from leadpact.plan.odds import leads_for
from leadpact.plan.parts import parts, whole_weights
from leadpact.plan.result import Plan, Retained
from leadpact.plan.rows import Part, Row, Whole
from leadpact.plan.streams import Share, streams
from leadpact.problem import Problem
from leadpact.units import Misread, rounded
from leadpact.words import _


def plan(
    agreement: Agreement,
    *,
    since: date | None = None,
    rounding: Rounding = Rounding.EACH_STEP_UP,
    confidence: Fraction | None = None,
) -> tuple[Plan | None, list[Problem]]:
    """The plan of an agreement for its term, or from the month of `since` on.

    With a `confidence` each row also says how many leads make its deals that likely. What the
    agreement lacks to be planned comes back as problems, and then there is no plan.
    """
    shares, problems = streams(agreement)
    term = _term(agreement)
    kinds, more = lead_types(agreement, [share.name for share in shares if not share.retention])
    workdays, bad = _workdays(agreement)
    problems += [*more, *bad, *_asked(term, since, confidence)]
    quota = agreement.goal.quota if agreement.goal else None
    if problems or quota is None or workdays is None:
        return None, problems
    planning = _Planning(agreement, quota, shares, kinds, term, workdays, rounding, confidence)
    return planning.plan(since or term[0]), []


@dataclass(frozen=True, slots=True)
class _Cell:
    """The quota of a lead type, in a stream, in one piece of time, before it is rounded.

    `row` is the month it falls in, -1 outside the rows of this plan.
    """

    row: int
    stream: str | None
    kind: LeadType
    alternative: bool
    agreed: Agreed
    amount: int


_Key = tuple[int, str | None, str]


@dataclass(frozen=True)
class _Planning:
    """One run of the plan: cells of quota, pooled into wholes, counted back, parted again."""

    agreement: Agreement
    quota: Quota
    shares: Sequence[Share]
    kinds: Mapping[str | None, tuple[LeadType, ...]]
    term: tuple[date, date]
    workdays: Workdays
    rounding: Rounding
    confidence: Fraction | None
    wholes: dict[tuple[int, int], Whole] = field(default_factory=dict)

    @cached_property
    def scale(self) -> int:
        """Parts of a currency unit in which the quota is shared out."""
        return scale_of(self.quota.amount)

    def plan(self, since: date) -> Plan:
        """The plan from the month of a day on."""
        inside = months(max(since.replace(day=1), self.term[0]), self.term[1], self.workdays)
        every = [*inside, *self._after(inside[-1])]
        found: dict[_Key, list[tuple[_Cell, Part]]] = defaultdict(list)
        retained: list[Retained] = []
        for period in quota_periods(self.quota, every, self.term, self.workdays):
            retained += self._retained(period, inside)
            for cell, part in self._parted(period):
                found[cell.row, cell.stream, cell.kind.name].append((cell, part))
        return Plan(
            self.agreement,
            self.rounding,
            self.confidence,
            tuple(inside),
            self._rows(found, every, len(inside)),
            tuple(retained),
            self.workdays,
        )

    def _after(self, last: Month) -> list[Month]:
        """The months after the term whose leads are due within it."""
        lag = max(kind.lag for types in self.kinds.values() for kind in types)
        end = first_of(last.ordinal + lag + 1) - ONE_DAY
        return months(self.term[1] + ONE_DAY, end, self.workdays) if lag else []

    def _by_stream(self, amount: int) -> Iterator[tuple[Share, int]]:
        weights = whole_weights([share.share for share in self.shares])
        yield from zip(self.shares, parts(amount, weights), strict=True)

    def _retained(self, period: QuotaPeriod, inside: Sequence[Month]) -> Iterator[Retained]:
        for share, amount in self._by_stream(period.amount):
            if share.retention:
                cuts = parts(amount, [piece.weight for piece in period.pieces])
                for piece, cut in zip(period.pieces, cuts, strict=True):
                    if piece.row is not None and piece.row < len(inside):
                        yield Retained(share.name, inside[piece.row], Decimal(cut) / self.scale)

    def _parted(self, period: QuotaPeriod) -> Iterator[tuple[_Cell, Part]]:
        """The cells of a period that fall in the rows, each with its part of its whole."""
        pools: dict[tuple[str | None, int], list[_Cell]] = defaultdict(list)
        for share, amount in self._by_stream(period.amount):
            if not share.retention:
                for cell in self._cells(share.name, amount, period):
                    alone = cell.kind.name if cell.alternative else None
                    pools[alone, id(cell.agreed.chain)].append(cell)
        for cells in pools.values():
            yield from self._pool(cells)

    def _cells(self, stream: str | None, amount: int, period: QuotaPeriod) -> Iterator[_Cell]:
        sourced = int(rounded(amount * self.quota.marketing_share, 0))
        weights = [piece.weight for piece in period.pieces]
        for kind, alternative, carried in self._by_type(stream, sourced):
            for piece, cut in zip(period.pieces, parts(carried, weights), strict=True):
                row = -1 if piece.row is None else piece.row
                yield _Cell(row, stream, kind, alternative, kind.on(piece.start), cut)

    def _by_type(self, stream: str | None, amount: int) -> Iterator[tuple[LeadType, bool, int]]:
        kinds = self.kinds[stream]
        mix = mixed(kinds)
        weights = whole_weights([share for _kind, share in mix])
        for (kind, _share), carried in zip(mix, parts(amount, weights), strict=True):
            yield kind, False, carried
        yield from ((kind, True, amount) for kind in alternatives(kinds))

    def _pool(self, cells: Sequence[_Cell]) -> Iterator[tuple[_Cell, Part]]:
        """A whole is counted back once; each cell gets its part of it at each stage."""
        amounts = [cell.amount for cell in cells]
        whole = self._whole(cells[0].agreed, sum(amounts))
        columns = [parts(whole.demand.deals, amounts)]
        for count in whole.demand.counts[-2::-1]:
            columns.append(parts(count, amounts, columns[-1]))
        sure = whole.at_confidence
        likely = None if sure is None else parts(sure, amounts, columns[0])
        for n, cell in enumerate(cells):
            if cell.row >= 0:
                counts = tuple(column[n] for column in reversed(columns))
                money = Decimal(cell.amount) / self.scale
                yield cell, Part(whole, money, counts, likely[n] if likely else None)

    def _whole(self, agreed: Agreed, amount: int) -> Whole:
        key = id(agreed.chain), amount
        if key not in self.wholes:
            demand = agreed.chain.demand(Fraction(amount, self.scale), self.rounding)
            overall = agreed.chain.overall(agreed.lead_stage)
            sure = leads_for(demand.deals, overall, self.confidence) if self.confidence else None
            self.wholes[key] = Whole(demand, sure)
        return self.wholes[key]

    def _rows(
        self,
        found: Mapping[_Key, Sequence[tuple[_Cell, Part]]],
        every: Sequence[Month],
        inside: int,
    ) -> tuple[Row, ...]:
        counts = {key: _summed(part.counts for _cell, part in own) for key, own in found.items()}
        closing: dict[_Key, list[_Key]] = defaultdict(list)
        for key in found:
            closing[every[key[0]].ordinal, key[1], key[2]].append(key)
        rows = []
        for key, cells in self._in_order(found):
            if key[0] < inside:
                cell, month = cells[0][0], every[key[0]]
                lag, lead = cell.kind.lag, cell.agreed.lead + 1
                ahead = closing[month.ordinal + lag, key[1], key[2]] if lag else [key]
                leads = _summed(counts[k] for k in ahead)
                rows.append(
                    Row(
                        cell.stream,
                        cell.kind.name,
                        month,
                        cell.alternative,
                        lag,
                        cell.agreed,
                        tuple(part for _cell, part in cells),
                        counts[key],
                        (*leads[:lead], *counts[key][lead:]),
                        sum((part.quota for k in ahead for _cell, part in found[k]), Decimal(0)),
                        self._inputs[key[1:]],
                    )
                )
        return tuple(rows)

    def _in_order(
        self, found: Mapping[_Key, Sequence[tuple[_Cell, Part]]]
    ) -> list[tuple[_Key, Sequence[tuple[_Cell, Part]]]]:
        """By month, then by stream and lead type as the agreement lists them."""
        listed = {
            (stream, kind.name): place
            for stream, kinds in self.kinds.items()
            for place, kind in enumerate(kinds)
        }
        streams = {stream: place for place, stream in enumerate(self.kinds)}
        return sorted(found.items(), key=lambda i: (i[0][0], streams[i[0][1]], listed[i[0][1:]]))

    @cached_property
    def _inputs(self) -> dict[tuple[str | None, str], tuple[Input, ...]]:
        """What each stream's and lead type's quota rests on."""
        quota = self.quota
        amount = Input(
            _("quota per {period}").format(period=quota.per), number(quota.amount), "goal.quota"
        )
        sourced = Input(
            _("marketing's share"), percentage(quota.marketing_share), "goal.quota.marketing share"
        )
        streams = {
            share.name: Input(
                _("share of {name}").format(name=share.name),
                percentage(share.share),
                f"goal.streams.{share.name}.share",
            )
            for share in self.shares
            if share.name
        }
        return {
            (stream, kind.name): (
                amount,
                *([sourced] if quota.marketing_share != 1 else []),
                *([streams[stream]] if stream else []),
                *([kind.shown_share] if kind.shown_share else []),
            )
            for stream, kinds in self.kinds.items()
            for kind in kinds
        }


def _summed(tuples: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    own = list(tuples)
    return own[0] if len(own) == 1 else tuple(map(sum, zip(*own, strict=True)))


def _term(agreement: Agreement) -> tuple[date, date]:
    """The first and the last day: of the term, else of the twelve months from `valid from`."""
    if agreement.term:
        return agreement.term.from_, agreement.term.to
    return agreement.valid_from, later(agreement.valid_from, 12) - ONE_DAY


def _asked(
    term: tuple[date, date], since: date | None, confidence: Fraction | None
) -> Iterator[Problem]:
    if term[1] < term[0]:
        yield Problem("term", 0, _("The term ends before it begins."), _("Write a later `to`."))
    elif since is not None and since > term[1]:
        said = _("The plan can't begin on {day}, after the term ends on {end}.")
        remedy = _("Ask for a month of the term.")
        yield Problem("term", 0, said.format(day=since, end=term[1]), remedy)
    if confidence is not None and not 0 < confidence < 1:
        said = _("A confidence of {share} can't be planned for.").format(
            share=percentage(confidence)
        )
        yield Problem("confidence", 0, said, _("Ask for one between 0% and 100%, such as 80%."))


def _workdays(agreement: Agreement) -> tuple[Workdays | None, list[Problem]]:
    try:
        return Workdays(default_calendar(agreement)), []
    except (CalendarError, Misread) as error:
        return None, [Problem("calendars", 0, str(error), _("Mend the first calendar."))]
