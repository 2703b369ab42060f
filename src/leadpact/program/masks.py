"""Masks: conditions as truth over the rows of a log, each by what was known at that row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.conditions import All, Any_, Bounds, Did, Not
from leadpact.clock import same_time
from leadpact.facts import CREATED, DESCRIBED, ENGAGED, KINDS, SCORED, word
from leadpact.log import Log
from leadpact.units import Misread, number

Mask = NDArray[np.bool_]

_TELLING = (CREATED, DESCRIBED, SCORED)
"""The kinds of fact that say who a lead is; the source of a visit isn't the source of the lead."""


def mask(condition: Any, log: Log, zone: str) -> Mask:
    """Where the condition holds: for each row, by the facts of its lead up to that row."""
    if isinstance(condition, All):
        return _every([mask(part, log, zone) for part in condition.all], log)
    if isinstance(condition, Any_):
        return ~_every([~mask(part, log, zone) for part in condition.any], log)
    if isinstance(condition, Not):
        return ~mask(condition.not_, log, zone)
    if isinstance(condition, Did):
        return _did(condition, log, zone)
    return _every([_field(name, test, log) for name, test in condition.fields.items()], log)


def _every(masks: list[Mask], log: Log) -> Mask:
    """Where all of the masks hold."""
    whole = np.ones(len(log), np.bool_)
    for part in masks:
        whole &= part
    return whole


def known(log: Log, name: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """The latest word of an attribute at each row of its lead (-1 before any), and the words."""
    if name in ("type", "lead type"):
        codes = np.where(log.kind == CREATED, log.code, -1).astype(np.int32)
        return _carried(log, codes), log.codes
    sparse = log.fields.get(name) or log.fields.get(name.replace(" ", "_"))
    if sparse is None:
        return np.full(len(log), -1, np.int32), ()
    telling = np.isin(log.kind[sparse.rows], _TELLING)
    codes = np.full(len(log), -1, np.int32)
    codes[sparse.rows[telling]] = sparse.codes[telling]
    return _carried(log, codes), sparse.words


def _carried(log: Log, codes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Each row's code, or the last one before it within the same lead."""
    rows = np.where(codes >= 0, np.arange(len(codes)), -1)
    last = np.maximum.accumulate(rows) if len(rows) else rows
    begins = log.starts[:-1][log.lead] if len(rows) else rows
    return np.where((last >= begins) & (last >= 0), codes[last], -1).astype(np.int32)


def _field(name: str, test: Any, log: Log) -> Mask:
    codes, words = known(log, name)
    passing = np.array([*(passes(text, test) for text in words), False], dtype=bool)
    return passing[codes]


def passes(text: str, test: Any) -> bool:
    """Whether a word of an attribute passes its test."""
    if not isinstance(test, Bounds):
        return word(text) in test
    if test.in_ is not None and word(text) not in test.in_:
        return False
    if test.at_least is None and test.at_most is None:
        return True
    try:
        value = number(text)
    except Misread:
        return False
    low = test.at_least is None or value >= test.at_least
    return low and (test.at_most is None or value <= test.at_most)


def deeds(log: Log, names: Sequence[str]) -> Mask:
    """The rows at which a lead did something of these names: engagements, or facts of that kind."""
    wanted = np.array([*(text in names for text in log.codes), False], np.bool_)
    hits: Mask = (log.kind == ENGAGED) & wanted[log.code]
    for code, kind in enumerate(KINDS):
        if word(kind.name) in names:
            hits |= log.kind == code
    return hits


def _did(condition: Did, log: Log, zone: str) -> Mask:
    hits = deeds(log, [condition.did])
    done = np.cumsum(hits)
    begins = log.starts[:-1][log.lead] if len(log) else np.zeros(0, np.int64)
    before = np.where(begins > 0, done[begins - 1], 0) if len(log) else done
    enough: Mask = done - before >= condition.times
    if condition.within is None or not hits.any():
        return enough
    rows = np.flatnonzero(hits)
    nth = rows[np.maximum(done - condition.times, 0)]
    until = _until(log.at[nth], condition.within, zone)
    return enough & (log.at <= until)


def _until(t: NDArray[np.int64], span: Any, zone: str) -> NDArray[np.int64]:
    return t + span.micros if span.micros else same_time(t, span.days, zone)
