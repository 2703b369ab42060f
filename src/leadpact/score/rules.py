"""Rules: the scoring clauses of an agreement as the arrays that the loop over leads reads."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.demand import FitRule, InterestRule, Qualification
from leadpact.facts import ENGAGED, KINDS, word
from leadpact.log import Log
from leadpact.score.conditions import HUNDREDTHS
from leadpact.score.decay import FINE
from leadpact.units import DAY, Span

Ints = NDArray[np.int64]

FREE = int(np.iinfo(np.int64).max)
"""No cap."""
SHARES = 1_000_000
"""A share is whole millionths."""
EMPTY = Qualification()
_KINDS = tuple(word(kind.name) for kind in KINDS)


class Rules(NamedTuple):
    """Interest rules: what each engagement adds, how it fades, and the caps of every kind.

    `rules[first[code]:first[code + 1]]` are the rules of a subject of the log. `points` are the
    amounts that an engagement adds (see `decay`), without their `sign`; `half` is in ms. All caps
    are in hundredths of a point.
    """

    first: NDArray[np.int32]
    rules: NDArray[np.int32]
    points: Ints
    sign: Ints
    half: Ints
    cap: Ints
    group: NDArray[np.int32]
    group_cap: Ints
    whole_cap: int
    share: int
    share_cap: int


class Subjects(NamedTuple):
    """What each row of a log is called as something that a lead did: a number, and all names."""

    code: NDArray[np.int32]
    names: tuple[str, ...]


def subjects_of(log: Log) -> Subjects:
    """Engagements by what was done, other facts by their kind."""
    engaged = log.kind == ENGAGED
    known = len(log.codes)
    code = np.where(engaged & (log.code >= 0), log.code, known + log.kind.astype(np.int32))
    return Subjects(code.astype(np.int32), (*log.codes, *_KINDS))


def rules_of(clause: Qualification, names: Sequence[str]) -> Rules:
    """The interest rules of an agreement for a log whose subjects have these names."""
    rules = clause.interest
    heard: dict[str, list[int]] = {}
    for place, rule in enumerate(rules):
        heard.setdefault(rule.did, []).append(place)
    each = [heard.get(name, []) for name in names]
    groups = groups_of(rules)
    account = clause.account
    return Rules(
        first=np.cumsum([0, *(len(places) for places in each)], dtype=np.int32),
        rules=np.array([place for places in each for place in places], np.int32),
        points=_ints(abs(rule.points) * HUNDREDTHS << FINE for rule in rules),
        sign=_ints(-1 if rule.points < 0 else 1 for rule in rules),
        half=_ints(_half(rule.halves_after) for rule in rules),
        cap=_ints(_cap(rule) for rule in rules),
        group=np.array([-1 if r.group is None else groups.index(r.group) for r in rules], np.int32),
        group_cap=_ints(cap(clause, name) for name in groups),
        whole_cap=cap(clause, "interest"),
        share=0 if account is None else int(Fraction(account.share) * SHARES + Fraction(1, 2)),
        share_cap=FREE
        if account is None or account.at_most is None
        else account.at_most * HUNDREDTHS,
    )


def groups_of(rules: Sequence[FitRule] | Sequence[InterestRule]) -> list[str]:
    """The groups of some rules, in their order."""
    return list(dict.fromkeys(rule.group for rule in rules if rule.group is not None))


def cap(clause: Qualification, name: str) -> int:
    """The cap of a group or an axis, in hundredths of a point."""
    points = clause.caps.get(name)
    return FREE if points is None else points * HUNDREDTHS


def _cap(rule: InterestRule) -> int:
    """The cap of a rule, without its sign; a cap on the other side of zero binds nothing."""
    if rule.at_most is None or (rule.at_most and (rule.at_most < 0) != (rule.points < 0)):
        return FREE
    return abs(rule.at_most) * HUNDREDTHS


def _half(span: Span | None) -> int:
    """A half-life in ms; a day of it has 24 hours."""
    return 0 if span is None else max((span.micros or span.days * DAY) // 1000, 1)


def _ints(values: object) -> Ints:
    return np.fromiter(values, np.int64)  # type: ignore[call-overload,no-any-return]
