"""Agreed: the funnel values of each lead type that are in force on a day, and where they stand."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from leadpact.agreement.demand import Dated, Funnel
from leadpact.agreement.model import Agreement
from leadpact.figure import Input, percentage
from leadpact.plan.funnel import WIN, Chain
from leadpact.problem import Path, Problem, did_you_mean, spoken
from leadpact.units import DAY, Span, amount, rate
from leadpact.words import _


@dataclass(frozen=True, slots=True)
class Agreed:
    """The values of a lead type on a day; `lead_stage` is the stage that is demanded and valued."""

    chain: Chain
    lead_stage: str
    lead: int
    costs: Decimal | None
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class LeadType:
    """A lead type with its share of the quota, its lag in whole months, and its dated values."""

    name: str
    share: Fraction | None
    shown_share: Input | None
    lag: int
    steps: Mapping[str, tuple["Value", ...]]
    order_value: tuple["Value", ...]
    costs: tuple["Value", ...]
    stages: tuple[str, ...]
    lead_stage: str
    _known: dict[int, Agreed] = field(default_factory=dict, repr=False, compare=False)
    _chains: dict[Chain, Chain] = field(default_factory=dict, repr=False, compare=False)

    def on(self, day: date) -> Agreed:
        """The values in force on a day."""
        moment = bisect_right(self._changes, day)
        if moment not in self._known:
            self._known[moment] = self._agreed(day)
        return self._known[moment]

    @cached_property
    def _changes(self) -> list[date]:
        series = (*self.steps.values(), self.order_value, self.costs)
        return sorted({value.begin for values in series for value in values})

    def _agreed(self, day: date) -> Agreed:
        rates = [_held(series, day) for series in self.steps.values()]
        worth = _held(self.order_value, day)
        cost = _held(self.costs, day) if self.costs else None
        chain = Chain(self.stages, tuple(v.value for v in rates), worth.value)
        return Agreed(
            self._chains.setdefault(chain, chain),
            self.lead_stage,
            self.stages.index(self.lead_stage),
            Decimal(cost.value.numerator) / cost.value.denominator if cost else None,
            tuple(v.shown for v in (worth, *reversed(rates), *([cost] if cost else []))),
        )


def mixed(kinds: Sequence[LeadType]) -> list[tuple[LeadType, Fraction]]:
    """The lead types that carry a stream's quota together, with their shares."""
    if len(kinds) == 1:
        return [(kinds[0], Fraction(1))]
    return [(kind, kind.share) for kind in kinds if kind.share is not None]


def alternatives(kinds: Sequence[LeadType]) -> list[LeadType]:
    """The lead types without a share: each could carry its stream's quota alone."""
    return [kind for kind in kinds if kind.share is None] if len(kinds) > 1 else []


class Value(NamedTuple):
    """One value of a series: from when it holds, and how and where it was written."""

    begin: date
    value: Fraction
    shown: Input


def _held(series: Sequence[Value], day: date) -> Value:
    begun = [value for value in series if value.begin <= day]
    return max(begun, key=lambda value: value.begin, default=series[0])


def lead_types(
    agreement: Agreement, streams: Sequence[str | None]
) -> tuple[dict[str | None, tuple[LeadType, ...]], list[Problem]]:
    """The lead types of each stream, and what keeps them from being planned with.

    A stream under `funnel by stream` has the types listed there; what such a type leaves out it
    takes from the type of the same name in `funnel`. The other streams have the types of `funnel`.
    """
    reading = _Reading(agreement)
    found = {stream: reading.of_stream(stream) for stream in streams}
    for stream in sorted(agreement.funnel_by_stream.keys() - set(streams)):
        reading.wrong(
            ("funnel by stream", stream),
            _("The goal has no stream '{name}'.").format(name=stream),
            did_you_mean(stream, [s for s in streams if s]) if any(streams) else _("Add it there."),
        )
    return found, reading.problems


class _Reading:
    """The agreed values being read, with the problems found on the way."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.problems: list[Problem] = []
        self._chains: dict[Chain, Chain] = {}
        self._common: tuple[LeadType, ...] | None = None

    def wrong(self, path: Path, problem: str, remedy: str) -> None:
        self.problems.append(Problem(spoken(path), 0, problem, remedy))

    def of_stream(self, stream: str | None) -> tuple[LeadType, ...]:
        funnel, own = self.agreement.funnel, self.agreement.funnel_by_stream.get(stream or "")
        if own is None:
            if self._common is None:
                self._common = self._types({k: [(v, ("funnel", k))] for k, v in funnel.items()})
            return self._common
        return self._types(
            {
                name: [
                    (clause, ("funnel by stream", stream or "", name)),
                    *([(funnel[name], ("funnel", name))] if name in funnel else []),
                ]
                for name, clause in own.items()
            }
        )

    def _types(self, places: Mapping[str, "_Places"]) -> tuple[LeadType, ...]:
        if not places:
            self.wrong(
                ("funnel",),
                _("The plan has no lead type to count back through."),
                _("Write a lead type with its rates and its order value under `funnel`."),
            )
        types = [self._type(name, places[name]) for name in places]
        shares = [_share(place) for place in places.values()]
        given = [share for share in shares if share is not None]
        if given and sum(given) != 1:
            self.wrong(
                next(iter(places.values()))[0][1][:-1],
                _("The shares of the lead types sum to {sum}, not 100%.").format(
                    sum=percentage(sum(given, Fraction(0)))
                ),
                _("Change them so that they sum to 100%."),
            )
        return tuple(kind for kind in types if kind)

    def _type(self, name: str, places: "_Places") -> LeadType | None:
        before = len(self.problems)
        path = places[0][1]
        steps = self._steps(name, places)
        stages = self._stages(path, list(steps))
        worth = self._amounts(places, "order value")
        if not worth:
            self.wrong(
                (*path, "order value"),
                _("The average value of a deal is missing."),
                _("Write `order value: 2000`, in the agreement's currency."),
            )
        elif any(not value.value for value in worth):
            self.wrong(
                (*path, "order value"),
                _("A deal is worth nothing, so no number of them reaches the quota."),
                _("Write an order value above 0."),
            )
        if len(self.problems) > before:
            return None
        share = _share(places)
        closes = next((c.closes_in for c, _p in places if c.closes_in), None)
        return LeadType(
            name,
            share,
            Input(
                _("share of {name}").format(name=name), percentage(share), spoken((*path, "share"))
            )
            if share is not None
            else None,
            lag_months(closes) if closes else 0,
            {step: steps[step] for step in self._in_order(list(steps))},
            worth,
            self._amounts(places, "costs"),
            stages,
            self._lead_stage(stages),
            _chains=self._chains,
        )

    def _steps(self, name: str, places: "_Places") -> dict[str, tuple[Value, ...]]:
        own, path = places[0]
        common = places[-1][0].steps
        written = {step: (series, path, own.source) for step, series in own.steps.items()}
        if own.steps.keys() <= common.keys():
            rest = common.keys() - own.steps.keys()
            inherited, where = places[-1]
            written |= {step: (common[step], where, inherited.source) for step in rest}
        found = {
            step: (*_values(series, (*at, step), source), *self._improved(name, step))
            for step, (series, at, source) in written.items()
        }
        for step, values in found.items():
            if any(not value.value for value in values):
                self.wrong(
                    (*written[step][1], step),
                    _("At a rate of 0 no number of leads reaches the quota."),
                    _("Write a rate above 0%, such as 34%."),
                )
        return found

    def _improved(self, name: str, step: str) -> Iterator[Value]:
        """The rates that both sides undertook to reach, from the day by which they are."""
        for place, clause in enumerate(self.agreement.improve):
            if clause.what == step and clause.lead_type in {None, name}:
                origin = spoken(("improve", place, "to"))
                yield Value(clause.by, clause.to, Input(step, percentage(clause.to), origin))

    def _amounts(self, places: "_Places", key: str) -> tuple[Value, ...]:
        for clause, path in places:
            series = clause.order_value if key == "order value" else clause.costs
            if series:
                return tuple(_values(series, (*path, key), clause.source))
        return ()

    def _in_order(self, steps: Sequence[str]) -> list[str]:
        known = self.agreement.stages
        return sorted(
            steps, key=lambda s: len(known) if s == WIN else known.index(_ends(s, known)[0])
        )

    def _stages(self, path: Path, steps: Sequence[str]) -> tuple[str, ...]:
        """The stages that the steps join into one chain; a problem for each place they don't."""
        known = self.agreement.stages
        if len(known) < 2:
            said = _("A funnel needs at least two stages.")
            self.wrong(("definitions", "stages"), said, _("Name them in order."))
            return ()
        ends = {step: _ends(step, known) for step in steps if step != WIN}
        for step, (above, below) in ends.items():
            for stage in (above, below):
                if stage not in known:
                    said = _("There is no stage '{name}'.").format(name=stage)
                    self.wrong((*path, step), said, did_you_mean(stage, known))
        if any(stage not in known for pair in ends.values() for stage in pair):
            return ()
        links = [ends[step] for step in self._in_order(list(ends))]
        if WIN in steps:
            links.append((links[-1][1] if links else known[-2], known[-1]))
        self._joined(path, links, known)
        return (*(above for above, _below in links), known[-1])

    def _joined(self, path: Path, links: Sequence[tuple[str, str]], known: Sequence[str]) -> None:
        for above, below in links:
            if known.index(above) >= known.index(below):
                said = _("'{above} to {below}' leads backward, or nowhere.")
                self.wrong(
                    path,
                    said.format(above=above, below=below),
                    _("The stages follow each other as: {stages}.").format(stages=", ".join(known)),
                )
                return
        for (_a, below), (above, _b) in pairwise([*links, (known[-1], "")]):
            if below != above:
                said = _("The steps don't form one chain: '{below}' is followed by '{above}'.")
                self.wrong(
                    path,
                    said.format(below=below, above=above),
                    _("Write one step after the other, from the first stage to `{last}`.").format(
                        last=known[-1]
                    ),
                )
                return
        if not links:
            self.wrong(
                path,
                _("The lead type has no rates."),
                _("Write a rate for each step, such as `win: 23%`."),
            )

    def _lead_stage(self, stages: Sequence[str]) -> str:
        """The stage that marketing owes: that of the handoff, else mql, lead, or the first."""
        handoff = self.agreement.handoff.when if self.agreement.handoff else None
        return next((s for s in (handoff, "mql", "lead") if s in stages[:-1]), None) or stages[0]


_Places = list[tuple[Funnel, tuple[str, ...]]]


def _share(places: _Places) -> Fraction | None:
    return next((clause.share for clause, _path in places if clause.share is not None), None)


def _values(series: Sequence[Dated], path: Path, source: str | None) -> Iterator[Value]:
    """The values of a series as written; the first holds where none has begun."""
    money = path[-1] in {"order value", "costs"}
    for dated in series:
        value = Fraction(amount(dated.value)) if money else rate(dated.value)
        shown = Input(str(path[-1]), dated.value, spoken(path), dated.source or source)
        yield Value(dated.from_ or date.min, value, shown)


def _ends(step: str, known: Sequence[str]) -> tuple[str, str]:
    """The two stages that a step joins; stages may have ' to ' in their own name."""
    words = step.split(" to ")
    splits = [(" to ".join(words[:i]), " to ".join(words[i:])) for i in range(1, len(words))]
    return next((s for s in splits if s[0] in known and s[1] in known), splits[0])


def lag_months(closes_in: Span) -> int:
    """A time to close in whole months of 30.4375 days, to the nearest: 30 days are one month."""
    days = closes_in.days or Fraction(closes_in.micros, DAY)
    months = days / Fraction(1461, 48)
    return (2 * months.numerator + months.denominator) // (2 * months.denominator)
