"""Money: revenue won against the quota, order values, win rates, open deals, what leads cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np

from leadpact.agreement.model import Quota
from leadpact.facts import CONVERTED, MOVED, WON
from leadpact.figure import Exact, exact_text
from leadpact.log import MONEY_SCALE, NONE
from leadpact.log.ledger import Ledger
from leadpact.measure.deliveries import elapsed_share, place_in
from leadpact.measure.figures import Measured, share
from leadpact.measure.judged import Bools, Evidence, Ints, Judged, evidence
from leadpact.measure.periods import EPOCH, Period, local_date, periods
from leadpact.measure.speed import median
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.units import DAY


@dataclass(frozen=True, slots=True)
class Revenue:
    """What was won in one period of the quota, in all or of one stream.

    `unvalued` deals were won without an amount; `elapsed` is the share of working time that is over.
    """

    stream: str | None
    period: Period
    currency: str
    won: Fraction
    deals: int
    unvalued: int
    quota: Fraction
    elapsed: Fraction
    as_of: int

    @property
    def figure(self) -> Measured:
        """KR1: won ÷ quota."""
        value = self.won / self.quota if self.quota else None
        return Measured(value, "share of quota", "KR1", self.as_of, self.won, self.quota)

    def to_json(self) -> dict[str, Any]:
        """The revenue in its JSON form."""
        return {
            "stream": self.stream,
            **self.period.to_json(),
            "currency": self.currency,
            "won": exact_text(self.won),
            "deals": self.deals,
            "unvalued": self.unvalued,
            "quota": exact_text(self.quota),
            "elapsed": exact_text(self.elapsed),
            "attainment": self.figure.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Deals:
    """The deals of a log: how many were won and lost, for how much, and what is still open.

    Amounts are in the agreement's currency; `cycle` is the median µs from opportunity to win, of
    those won (which makes it look shorter than it is).
    """

    as_of: int
    currency: str
    opportunities: int
    won: int
    lost: int
    open: int
    won_amount: Fraction
    lost_amount: Fraction
    open_amount: Fraction
    valued: int
    median_order: Fraction | None
    cycle: Fraction | None

    @property
    def closed(self) -> Measured:
        """KV9: won ÷ (won + lost)."""
        return share(self.won, self.won + self.lost, "KV9", self.as_of, undecided=self.open)

    @property
    def created(self) -> Measured:
        """KV10: won ÷ all opportunities."""
        return share(self.won, self.opportunities, "KV10", self.as_of, undecided=self.open)

    @property
    def by_value(self) -> Measured:
        """KV11: amount won ÷ amount closed."""
        whole = self.won_amount + self.lost_amount
        value = self.won_amount / whole if whole else None
        return Measured(value, "share", "KV11", self.as_of, self.won_amount, whole)

    @property
    def order_value(self) -> Measured:
        """KR3: the mean of the deals that have an amount; the median stands beside it."""
        value = self.won_amount / self.valued if self.valued else None
        return Measured(value, self.currency, "KR3", self.as_of, self.won_amount, self.valued)

    @property
    def velocity(self) -> Measured:
        """KR5: opportunities × order value × win rate ÷ days of the cycle, per day."""
        rate, order = self.closed.value, self.order_value.value
        value = None
        if rate is not None and order is not None and self.cycle:
            value = velocity(self.opportunities, order, rate, self.cycle / DAY)
        return Measured(value, f"{self.currency} a day", "KR5", self.as_of)

    def to_json(self) -> dict[str, Any]:
        """The deals in their JSON form."""
        return {
            "currency": self.currency,
            "opportunities": self.opportunities,
            "won": self.won,
            "lost": self.lost,
            "open": self.open,
            "won_amount": exact_text(self.won_amount),
            "open_amount": exact_text(self.open_amount),
            "win_rate": self.closed.to_json(),
            "win_rate_created": self.created.to_json(),
            "win_rate_by_value": self.by_value.to_json(),
            "order_value": self.order_value.to_json(),
            "median_order": None if self.median_order is None else exact_text(self.median_order),
            "cycle_days": None if self.cycle is None else exact_text(self.cycle / DAY),
            "velocity": self.velocity.to_json(),
        }


def velocity(
    opportunities: int, order_value: Exact, win_rate: Exact, cycle_days: Exact
) -> Fraction:
    """Opportunities × average order value × win rate ÷ days of the sales cycle: money a day."""
    return (
        Fraction(opportunities) * Fraction(order_value) * Fraction(win_rate) / Fraction(cycle_days)
    )


class _Book:
    """Wins, and the amount of the deal of each pass."""

    def __init__(self, found: Evidence) -> None:
        self.found = found
        log = found.log
        self.amount: Ints = np.full(len(found.pass_lead), NONE, np.int64)
        told = np.isin(log.kind, [MOVED, CONVERTED, WON]) & (log.amount != NONE)
        rows = np.flatnonzero(told & (found.place >= 0))
        self.amount[found.place[rows]] = log.amount[rows]  # the last one stands
        names = found.version.names
        self.won = self._entered(names.final)
        self.opened = self._entered(names.conversion)

    def _entered(self, stage: int) -> Ints:
        rows = self.found.stories.entered[:, stage].astype(np.int64)
        at = self.found.log.at if len(self.found.log) else np.zeros(1, np.int64)
        return np.where((rows >= 0) & self.found.live, at[rows], NEVER)

    def total(self, which: Bools) -> Fraction:
        """The sum of the amounts of some passes; those without one add nothing."""
        known = self.amount[which & (self.amount != NONE)]
        return Fraction(int(known.sum()), MONEY_SCALE)


def deals(judged: Judged | Evidence) -> Deals:
    """The deals of a log until now."""
    found = evidence(judged)
    book = _Book(found)
    standing = found.stories.passes[:, col.S_STANDING]
    opened, won = book.opened != NEVER, book.won != NEVER
    lost = opened & ~won & (standing == col.LOST)
    running = opened & ~won & (standing == col.IN)
    valued = won & (book.amount != NONE)
    orders = np.sort(book.amount[valued])
    cycle = np.sort((book.won - book.opened)[won & opened])
    return Deals(
        found.now,
        found.agreement.currency,
        int(opened.sum()),
        int(won.sum()),
        int(lost.sum()),
        int(running.sum()),
        book.total(won),
        book.total(lost),
        book.total(running),
        int(valued.sum()),
        median(orders) / MONEY_SCALE if len(orders) else None,
        median(cycle) if len(cycle) else None,
    )


def revenues(judged: Judged | Evidence) -> list[Revenue]:
    """What was won against the quota, period by period, in all and by stream."""
    found = evidence(judged)
    book = _Book(found)
    return [
        revenue
        for place, version in enumerate(found.program.versions)
        if (goal := version.agreement.goal) is not None and goal.quota is not None
        for revenue in _revenues(found, book, place, goal.quota)
    ]


def _revenues(found: Evidence, book: _Book, version: int, quota: Quota) -> Iterator[Revenue]:
    agreement = found.program.versions[version].agreement
    spans = periods(found.program, version, quota.per, found.now)
    if not spans:
        return
    where = place_in(spans, book.won)
    shares: dict[str | None, Fraction] = {None: Fraction(1)}
    if agreement.goal is not None:
        shares |= {name: stream.share for name, stream in agreement.goal.streams.items()}
    for number, span in enumerate(spans):
        for stream, part in shares.items():
            own = (where == number) & _of_stream(found, stream)
            yield Revenue(
                stream,
                span,
                agreement.currency,
                book.total(own),
                int(own.sum()),
                int((own & (book.amount == NONE)).sum()),
                Fraction(quota.amount) * part,
                elapsed_share(found, version, span),
                found.now,
            )


def _of_stream(found: Evidence, stream: str | None) -> Bools:
    """Which passes belong to a stream, by what was known when they opened or later."""
    if stream is None:
        return np.ones(len(found.pass_lead), bool)
    codes, words = found.known("stream")
    if stream not in words:
        return np.zeros(len(found.pass_lead), bool)
    last = found.log.starts[1:][found.pass_lead] - 1
    found_stream: Bools = codes[last] == words.index(stream)
    return found_stream


@dataclass(frozen=True, slots=True)
class Cost:
    """KM14: spend ÷ passes that entered a stage, from the first day of the agreement until now."""

    stage: str
    spend: Fraction
    count: int
    currency: str
    as_of: int

    @property
    def figure(self) -> Measured:
        """The cost of one."""
        value = self.spend / self.count if self.count else None
        return Measured(value, self.currency, "KM14", self.as_of, self.spend, self.count)

    def to_json(self) -> dict[str, Any]:
        """The cost in its JSON form."""
        return {"stage": self.stage, **self.figure.to_json()}


def costs(judged: Judged | Evidence, ledger: Ledger) -> list[Cost]:
    """What a lead, and a pass at each stage after, cost; empty where the ledger has no spend."""
    found = evidence(judged)
    first, last = found.program.versions[0].agreement.valid_from, _today(found)
    spend = _booked(ledger, "spend", first, last)
    if spend is None:
        return []
    begins = found.program.versions[0].begins
    return [
        Cost(
            stage, spend, _entries_since(found, stage, begins), found.agreement.currency, found.now
        )
        for stage in found.agreement.stages
        if found.program.stages.index(stage) >= found.version.names.base
    ]


def visits(judged: Judged | Evidence, ledger: Ledger) -> Measured | None:
    """KV1: leads ÷ visitors, over the agreement's time; None where the ledger has no visitors."""
    found = evidence(judged)
    first = found.program.versions[0].agreement.valid_from
    visitors = _booked(ledger, "visitors", first, _today(found))
    if not visitors:
        return None
    stage = found.program.stages[found.version.names.base]
    leads = _entries_since(found, stage, found.program.versions[0].begins)
    return Measured(leads / visitors, "ratio", "KV1", found.now, leads, visitors)


def _booked(ledger: Ledger, measure: str, first: date, last: date) -> Fraction | None:
    """What the ledger has under a measure on some days; None where it never has any."""
    if measure not in ledger.measure.words:
        return None
    days = [(day - EPOCH).days for day in (first, last)]
    own = ledger.measure.codes == ledger.measure.words.index(measure)
    own &= (ledger.day >= days[0]) & (ledger.day <= days[1])
    return Fraction(int(ledger.amount[own].sum()), MONEY_SCALE)


def _today(found: Evidence) -> date:
    return local_date(found.now, found.zone)


def _entries_since(found: Evidence, stage: str, begins: int) -> int:
    return int((found.log.at[found.entries(stage).rows] >= begins).sum())


@dataclass(frozen=True, slots=True)
class Mix:
    """KM12: how many passes of a lead type entered the qualifying stage, and its share of all."""

    lead_type: str | None
    count: int
    figure: Measured

    def to_json(self) -> dict[str, Any]:
        """The part of the mix in its JSON form."""
        return {"lead_type": self.lead_type, "count": self.count, "share": self.figure.to_json()}


def mix(judged: Judged | Evidence) -> list[Mix]:
    """The lead types of what qualified, the most frequent first."""
    found = evidence(judged)
    place = max(found.version.names.qualifies, found.version.names.base)
    codes, words = found.lead_type
    kinds = codes[found.entries(found.program.stages[place]).rows]
    counts = np.bincount(kinds + 1, minlength=len(words) + 1)
    named = [(code, int(counts[code])) for code in np.flatnonzero(counts).tolist()]
    named.sort(key=lambda item: -item[1])
    return [
        Mix(words[code - 1] if code else None, count, share(count, len(kinds), "KM12", found.now))
        for code, count in named
    ]
