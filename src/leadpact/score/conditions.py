"""Conditions: truth at moments, by what was known then and by the scores of then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from operator import and_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.conditions import All, Any_, Bounds, Did, Not
from leadpact.clock import same_time
from leadpact.facts import CREATED, DESCRIBED, SCORED
from leadpact.program.masks import deeds, passes
from leadpact.score.moments import Bools, Ints, Moments
from leadpact.units import Misread, number

HUNDREDTHS = 100
"""Scores are whole hundredths of a point."""
TYPES = ("type", "lead type")
SCORES = ("fit", "interest")
BY_MODEL = "chance"
"""The only part of a score that rules may ask for: it comes from a model, never from rules."""


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of leads at some moments; their scores, where conditions may ask for them."""

    moments: Moments
    zone: str
    scores: dict[str, Ints] = field(default_factory=dict)
    words: dict[str, tuple[NDArray[np.int32], tuple[str, ...]]] = field(default_factory=dict)

    def scored(self, fit: Ints, interest: Ints) -> Known:
        """The same with scores, in hundredths of a point."""
        return replace(self, scores={"fit": fit, "interest": interest})

    def raised(self, points: int) -> Known:
        """The same with so many hundredths more in both scores."""
        return replace(self, scores={name: found + points for name, found in self.scores.items()})

    def truth(self, condition: Any) -> Bools:
        """Where a condition holds."""
        if isinstance(condition, All):
            return _every(self.truth(part) for part in condition.all)
        if isinstance(condition, Any_):
            return ~_every(~self.truth(part) for part in condition.any)
        if isinstance(condition, Not):
            return ~self.truth(condition.not_)
        if isinstance(condition, Did):
            return self._did(condition)
        tests = condition.fields.items()
        return _every(self._passes(name, test) for name, test in tests)

    def _passes(self, name: str, test: Any) -> Bools:
        if name in SCORES:
            found = self.scores.get(name)
            return np.zeros(len(self.moments), np.bool_) if found is None else _within(found, test)
        codes, words = self._attribute(name)
        passing = np.array([*(passes(text, test) for text in words), False], dtype=bool)
        return passing[codes]

    def _attribute(self, name: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        if name not in self.words:
            self.words[name] = self._latest(name)
        return self.words[name]

    def _latest(self, name: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """The code of the latest word of an attribute at each moment (-1 for none); the words."""
        log = self.moments.log
        if name in TYPES:
            rows = np.flatnonzero((log.kind == CREATED) & (log.code >= 0))
            return self.moments.latest(rows, log.code[rows], -1), log.codes
        sparse = log.fields.get(name) or log.fields.get(name.replace(" ", "_"))
        if sparse is None:
            return np.full(len(self.moments), -1, np.int32), ()
        telling = (CREATED, DESCRIBED, SCORED) if name == BY_MODEL else (CREATED, DESCRIBED)
        rows, codes = sparse.rows, sparse.codes
        told = np.isin(log.kind[rows], telling)
        if not told.all():
            rows, codes = rows[told], codes[told]
        return self.moments.latest(rows, codes, -1), sparse.words

    def _did(self, condition: Did) -> Bools:
        log, moments = self.moments.log, self.moments
        hits = np.flatnonzero(deeds(log, [condition.did]))
        if not len(hits) or not len(moments):
            return np.zeros(len(moments), np.bool_)
        done = np.searchsorted(hits, moments.row, side="right")
        earlier = np.searchsorted(hits, log.starts[moments.lead])
        enough: Bools = (done - earlier >= condition.times) & (moments.row >= 0)
        if condition.within is not None:
            at = log.at[hits[done[enough] - condition.times]]
            enough[enough] = moments.at[enough] <= _until(at, condition.within, self.zone)
        return enough


def _every(parts: Iterable[Bools]) -> Bools:
    """Where all of the parts hold."""
    return reduce(and_, parts)


def _within(found: Ints, test: Any) -> Bools:
    """Where a score in hundredths passes a test in points."""
    if not isinstance(test, Bounds):
        return np.isin(found, _listed(test))
    passing: Bools = np.ones(len(found), np.bool_)
    if test.in_ is not None:
        passing &= np.isin(found, _listed(test.in_))
    if test.at_least is not None:
        passing &= found >= -(-Fraction(test.at_least) * HUNDREDTHS // 1)
    if test.at_most is not None:
        passing &= found <= Fraction(test.at_most) * HUNDREDTHS // 1
    return passing


def _listed(words: tuple[str, ...]) -> list[int]:
    return [points for text in words if (points := points_of(text)) is not None]


def points_of(text: str) -> int | None:
    """The points that a text tells, in hundredths; None where it tells none."""
    if "_" in text:
        return None
    try:
        points = Fraction(number(text)) * HUNDREDTHS
    except Misread:
        return None
    return int(points) if points.denominator == 1 and abs(points) <= 10**8 else None


def _until(t: Ints, span: Any, zone: str) -> Ints:
    return t + span.micros if span.micros else np.asarray(same_time(t, span.days, zone))
