"""Events: what each fact is to a cadence: an attempt that counts, an end, a pause, another owner."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.cadence import walk as w
from leadpact.facts import (
    ASSIGNED,
    ATTEMPTED,
    DISQUALIFIED,
    HANDED_OVER,
    LOST,
    MERGED,
    PAUSED,
    REJECTED,
    RESUMED,
    RETURNED,
    SUPPRESSED,
)
from leadpact.log import FAILED, INBOUND, NOT_HUMAN, SILENT, Log
from leadpact.program import Happening, Program
from leadpact.story import Stories

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
LEAVING = (RETURNED, REJECTED, DISQUALIFIED, LOST, SUPPRESSED, MERGED)
"""What ends a pass, and with it every cadence; a deal and an answer of the buyer end one, too."""
_ODD = NOT_HUMAN | INBOUND | SILENT | FAILED


class Judged(Protocol):
    """A judgement, as `leadpact.judge` makes it."""

    @property
    def program(self) -> Program:
        """The agreement's versions, lowered."""

    @property
    def log(self) -> Log:
        """The log as it was read at `now`."""

    @property
    def now(self) -> int:
        """The moment (µs UTC)."""

    @property
    def stories(self) -> Stories:
        """Where each lead stands."""


def events_of(judged: Judged, counts: Bools) -> NDArray[np.int32]:
    """What each row is to a cadence."""
    log = judged.log
    events = np.full(len(log), w.NOTHING, np.int32)
    names = {w.PAUSE: (PAUSED,), w.RESUME: (RESUMED,), w.END: LEAVING}
    events[np.isin(log.kind, (ASSIGNED, HANDED_OVER)) & (log.who >= 0)] = w.OWNER
    for event, kinds in names.items():
        events[np.isin(log.kind, kinds)] = event
    others = ~np.isin(log.kind, (ASSIGNED, ATTEMPTED, HANDED_OVER, PAUSED, RESUMED, *LEAVING))
    events[_met(judged.program, log, np.flatnonzero(others), None)] = w.END
    events[counts] = w.ATTEMPT
    events[judged.stories.unexpected] = w.NOTHING
    return events


def attempts_of(program: Program, log: Log) -> Bools:
    """Which rows are attempts that count, by the version in force when they happened."""
    return _met(program, log, np.flatnonzero(log.kind == ATTEMPTED), ("attempted",))


def _met(program: Program, log: Log, rows: Ints, names: Sequence[str] | None) -> Bools:
    """Which of those rows meet one of the names; without names, what ends a cadence."""
    met = np.zeros(len(log), bool)
    version = version_of(program, log)[rows]
    marks = np.where(log.kind[rows] == ATTEMPTED, log.flags[rows] & _ODD, 0)
    told = np.column_stack((version, log.kind[rows], log.code[rows], marks)).astype(np.int64)
    classes, which = np.unique(told, axis=0, return_inverse=True)
    words = (*log.codes, None)
    table = [
        any(
            program.versions[v].names.meets(Happening(kind, words[code], mark), name)
            for name in (names if names is not None else _ending(program.versions[v].agreement))
        )
        for v, kind, code, mark in classes.tolist()
    ]
    met[rows] = np.array([*table, False], bool)[which.ravel()]
    return met


def _ending(agreement: Agreement) -> tuple[str, ...]:
    """What ends a cadence beside leaving the pass: a deal, or an answer of the buyer."""
    return ("converted", "won", *agreement.definitions.attempt.answered_by)


def version_of(program: Program, log: Log) -> Ints:
    """The version in force at each row, the first one before that."""
    begins = np.array([version.begins for version in program.versions], np.int64)
    return np.maximum(np.searchsorted(begins, log.at, "right") - 1, 0)
