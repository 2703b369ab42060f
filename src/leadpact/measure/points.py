"""Points: what the rules of points were worth on a log, and what other rules would have meant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.demand import FitRule, InterestRule, Qualification
from leadpact.agreement.model import Agreement
from leadpact.facts import CONVERTED, CREATED, ENGAGED, HANDED_OVER, MERGED, MOVED, WON
from leadpact.log import Log
from leadpact.measure.figures import MINIMUM, Interval, wilson
from leadpact.program.masks import mask
from leadpact.score import rises, scores
from leadpact.score.moments import Moments
from leadpact.score.rules import Subjects, subjects_of
from leadpact.score.weighing import weighed

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Place = tuple[str, ...]
"""A clause of the qualification: ``("fit", "2")``, the second rule of fit; ``("hysteresis",)``."""


@dataclass(frozen=True)
class Share:
    """How many leads were counted, and how many of them were won."""

    leads: int
    won: int

    @property
    def rate(self) -> Fraction | None:
        """The part that was won; None where nothing was counted."""
        return Fraction(self.won, self.leads) if self.leads else None

    @property
    def interval(self) -> Interval | None:
        """Where the true part may lie."""
        return wilson(self.won, self.leads)

    @property
    def is_enough(self) -> bool:
        """Whether so many were counted that the part says something."""
        return self.leads >= MINIMUM


@dataclass(frozen=True, eq=False)
class Compared:
    """Which leads of a log qualify as a stage by one set of rules (`was`) and by another (`would`).

    A flag for each lead of the log; `won` says which were won.
    """

    was: Bools
    would: Bools
    won: Bools

    @property
    def more(self) -> Bools:
        """The leads that only the other rules let qualify."""
        return self.would & ~self.was

    @property
    def fewer(self) -> Bools:
        """The leads that the other rules keep from it."""
        return self.was & ~self.would

    def share(self, leads: Bools) -> Share:
        """How many of some leads there are, and how many of them were won."""
        return Share(int(leads.sum()), int((leads & self.won).sum()))


class Part(NamedTuple):
    """One clause in which two sets of rules differ, and the first set with it alone changed."""

    place: Place
    agreement: Agreement


def compared(
    before: Agreement, after: Agreement, log: Log, stage: str, among: Bools | None = None
) -> Compared:
    """Who qualifies as a stage by two sets of rules, of the leads `among` all of a log.

    The log is taken as it stands: ``log.as_of(now)``.
    """
    counted = np.ones(len(log.leads), np.bool_) if among is None else among
    was, would = (qualifying(one, log, stage) & counted for one in (before, after))
    return Compared(was, would, having(log, WON) & counted)


def qualifying(agreement: Agreement, log: Log, stage: str) -> Bools:
    """The leads of a log that qualify as a stage at any moment, a flag for each."""
    found = np.zeros(len(log.leads), np.bool_)
    found[rises(agreement, log, stage).lead] = True
    return found


def having(log: Log, *kinds: int) -> Bools:
    """The leads that have a fact of one of these kinds."""
    found = np.zeros(len(log.leads), np.bool_)
    found[log.lead[np.isin(log.kind, kinds)]] = True
    return found


def reached(agreement: Agreement, log: Log, stage: str) -> Bools:
    """The leads that came to a stage or beyond it, or were handed over."""
    stages = agreement.stages
    later = stages[stages.index(stage) :] if stage in stages else (stage,)
    wanted = np.array([*(word in later for word in log.codes), False], np.bool_)
    found = having(log, HANDED_OVER, CONVERTED, WON)
    found[log.lead[(log.kind == MOVED) & wanted[log.code]]] = True
    return found


def standing(log: Log) -> Bools:
    """The leads that are leads of their own: those that were not merged into another one."""
    return having(log, CREATED) & ~having(log, MERGED)


def pointed(agreement: Agreement, log: Log) -> dict[Place, Bools]:
    """By rule, the leads to which it ever gave points."""
    clause = agreement.qualification or Qualification()
    found: dict[Place, Bools] = {}
    for number, rule in enumerate(clause.fit, 1):
        flags = np.zeros(len(log.leads), np.bool_)
        flags[log.lead[mask(rule.when, log, agreement.zone)]] = True
        found["fit", str(number)] = flags
    did = subjects_of(log)
    for number, act in enumerate(clause.interest, 1):
        flags = np.zeros(len(log.leads), np.bool_)
        flags[log.lead[_named_so(did, act.did)]] = True
        found["interest", str(number)] = flags
    return found


def graded(agreement: Agreement, log: Log) -> NDArray[np.str_]:
    """The grade of each lead when it last did something itself, else when it arose."""
    at = np.zeros(len(log.leads), np.int64)
    did, clause = subjects_of(log), agreement.qualification or Qualification()
    counts = log.kind == ENGAGED
    for act in clause.interest:
        counts |= _named_so(did, act.did)
    for rows in (np.flatnonzero(log.kind == CREATED), np.flatnonzero(counts)):
        at[log.lead[rows]] = log.at[rows]
    return scores(agreement, log, at).grade


def _named_so(did: Subjects, name: str) -> Bools:
    """The rows at which leads did what goes by a name."""
    wanted = np.array([*(word == name for word in did.names), False], np.bool_)
    flags: Bools = wanted[did.code]
    return flags


def course(agreement: Agreement, log: Log, lead: str, at: Ints) -> tuple[Ints, Ints]:
    """Fit and interest of a lead (its key) at ascending instants (µs UTC), in hundredths of a point."""
    rows = log.lead_rows(lead)
    if rows.start == rows.stop:
        return np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    last = np.searchsorted(log.at[rows], at, side="right") - 1
    moments = Moments(
        log,
        lead=np.full(len(at), log.lead[rows.start], np.int32),
        row=np.where(last >= 0, rows.start + last, -1),
        at=at,
        before=np.zeros(len(at), np.bool_),
    )
    found = weighed(agreement, moments)
    there = last >= 0
    return np.where(there, found.fit, 0), np.where(there, found.interest, 0)


def parts(before: Agreement, after: Agreement) -> Iterator[Part]:
    """Each clause of the qualification in which two sets of rules differ, by itself.

    The places of rules count in the first set; those that only the other has stand after them.
    """
    old, new = (one.qualification or Qualification() for one in (before, after))
    for axis in ("fit", "interest"):
        for number, rules in _rules(getattr(old, axis), getattr(new, axis)):
            yield Part((axis, str(number)), _with(before, old, **{axis: rules}))
    for name in ("caps", "account", "hysteresis", "disqualifies"):
        if getattr(old, name) != getattr(new, name):
            yield Part((name,), _with(before, old, **{name: getattr(new, name)}))
    for stage in dict.fromkeys((*old.qualifies, *new.qualifies)):
        if old.qualifies.get(stage) != new.qualifies.get(stage):
            rest = {name: rule for name, rule in old.qualifies.items() if name != stage}
            kept = {stage: new.qualifies[stage]} if stage in new.qualifies else {}
            yield Part(("qualifies", stage), _with(before, old, qualifies=rest | kept))


def _rules(
    old: Sequence[FitRule | InterestRule], new: Sequence[FitRule | InterestRule]
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The old rules with one of them as the new ones have it, or without it, or with one more."""
    of_new = _named(new)
    for place, (name, rule) in enumerate(_named(old).items()):
        other = of_new.pop(name, None)
        if other != rule:
            changed = () if other is None else (other,)
            yield place + 1, (*old[:place], *changed, *old[place + 1 :])
    for number, rule in enumerate(of_new.values(), len(old) + 1):
        yield number, (*old, rule)


def _named(rules: Sequence[FitRule | InterestRule]) -> dict[Any, FitRule | InterestRule]:
    """Rules by what they are about, and which of several about the same they are."""
    seen: dict[str, int] = {}
    found = {}
    for rule in rules:
        about = rule.did if isinstance(rule, InterestRule) else repr(rule.when)
        seen[about] = seen.get(about, 0) + 1
        found[about, seen[about]] = rule
    return found


def _with(agreement: Agreement, clause: Qualification, **changes: Any) -> Agreement:
    return agreement.model_copy(update={"qualification": clause.model_copy(update=changes)})
