"""Misses: the promises that were broken, with the names of the leads and the cause."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from leadpact.measure.judged import Evidence, Ints, Judged, evidence
from leadpact.measure.owed import Owed, owed_of
from leadpact.measure.periods import stamp
from leadpact.program import columns as col
from leadpact.program.columns import NEVER

Cause = Literal["nobody owned it", "assigned too late", "never answered", "answered late"]
CAUSES: tuple[Cause, ...] = (
    "nobody owned it",
    "assigned too late",
    "never answered",
    "answered late",
)


@dataclass(frozen=True, slots=True)
class Miss:
    """One broken promise. Instants are µs UTC; `late` is how long after the due time, µs, in
    wall-clock time, to the answer or to now."""

    promise: str
    rung: int | None
    lead: str
    pass_: int
    owner: str | None
    started: int
    due: int
    answered: int | None
    late: int
    cause: Cause

    def to_json(self, zone: str) -> dict[str, Any]:
        """The miss in its JSON form, with instants in that zone."""
        return {
            "promise": self.promise,
            "rung": self.rung,
            "lead": self.lead,
            "pass": self.pass_,
            "owner": self.owner,
            "started_at": stamp(self.started, zone),
            "due_at": stamp(self.due, zone),
            "answered_at": None if self.answered is None else stamp(self.answered, zone),
            "late_seconds": self.late // 1_000_000,
            "cause": self.cause,
        }


@dataclass(frozen=True, slots=True)
class Misses:
    """How many promises were broken, why, and the latest of them by name."""

    total: int
    causes: tuple[tuple[str, tuple[tuple[Cause, int], ...]], ...]
    latest: tuple[Miss, ...]

    def to_json(self, zone: str) -> dict[str, Any]:
        """The misses in their JSON form."""
        return {
            "total": self.total,
            "causes": {promise: dict(causes) for promise, causes in self.causes},
            "latest": [miss.to_json(zone) for miss in self.latest],
        }


def misses(judged: Judged | Evidence, most: int = 200) -> Misses:
    """The broken promises; at most so many by name, the latest due first."""
    found = evidence(judged)
    owed = owed_of(found)
    places = np.flatnonzero(owed.verdict == col.BROKEN)
    cause = causes_of(owed)[places]
    order = np.lexsort((places, -owed.column(col.O_DUE)[places]))[:most]
    return Misses(
        len(places),
        tuple(_by_cause(owed, places, cause)),
        tuple(_named(owed, places[order], cause[order])),
    )


def causes_of(owed: Owed) -> Ints:
    """The cause of each, were it broken: its place in `CAUSES`."""
    nobody = owed.first_owned == NEVER
    late = owed.first_owned > owed.column(col.O_DUE)
    return np.where(nobody, 0, np.where(late, 1, np.where(owed.answered, 3, 2)))


def _by_cause(
    owed: Owed, places: Ints, cause: Ints
) -> Iterator[tuple[str, tuple[tuple[Cause, int], ...]]]:
    size = len(CAUSES)
    promises = [*owed.found.program.groups]
    counts = np.bincount(owed.group[places] * size + cause, minlength=len(promises) * size)
    for promise, line in zip(promises, counts.reshape(-1, size).tolist(), strict=True):
        yield promise, tuple(zip(CAUSES, line, strict=True))


def _named(owed: Owed, places: Ints, cause: Ints) -> Iterator[Miss]:
    log, program = owed.found.log, owed.found.program
    for line, why in zip(owed.table[places].tolist(), cause.tolist(), strict=True):
        row = program.rows[line[col.O_PROMISE]]
        answered = None if line[col.O_ANSWER] == NEVER else line[col.O_ANSWER]
        yield Miss(
            row.promise,
            row.rung,
            log.keys[line[col.O_LEAD]],
            line[col.O_PASS],
            log.people[line[col.O_OWNER]] if line[col.O_OWNER] >= 0 else None,
            line[col.O_START],
            line[col.O_DUE],
            answered,
            (owed.found.now if answered is None else answered) - line[col.O_DUE],
            CAUSES[why],
        )
