"""Tracks: which track of which version a fact speaks of, and whose word ends one."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.handoff import Track
from leadpact.facts import (
    ATTEMPTED,
    DISQUALIFIED,
    ENROLLED,
    KINDS,
    MERGED,
    RETURNED,
    SUPPRESSED,
    WON,
)
from leadpact.log import COPIED, FAILED, INBOUND, NOT_HUMAN, SILENT, Log
from leadpact.program import Program
from leadpact.program.names import Happening

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ENDS: Final = (SUPPRESSED, MERGED, WON, DISQUALIFIED)
"""The kinds of fact that end every track."""
_ODD: Final = NOT_HUMAN | INBOUND | SILENT | FAILED
YES: Final = frozenset({"yes", "true", "1", "y", "on"})

BY_HAND, LAST_STEP, OTHER_TRACK = "by hand", "last step", "another track"
"""Why a lead left a track, where it is neither a word of `leave when` nor a kind of fact."""


class Place(NamedTuple):
    """A track of a version: the number of the version, its name, its clause (None: it has no such track)."""

    version: int
    name: str
    track: Track | None


class Spoken:
    """The facts that speak of tracks: which enter, tell a step, or leave."""

    def __init__(self, log: Log) -> None:
        own = (log.flags & COPIED == 0) & (log.code >= 0)
        enrolled = own & (log.kind == ENROLLED)
        leaves = enrolled & says(log, "left", YES)
        self.steps = enrolled & ~leaves & says(log, "step", None)
        self.enters = (enrolled & ~leaves & ~self.steps) | (own & (log.kind == RETURNED))
        self.leaves = leaves


def says(log: Log, name: str, values: frozenset[str] | None) -> Bools:
    """The facts that have a field, with one of these values (None: with any but none)."""
    sparse = log.fields.get(name)
    found = np.zeros(len(log), np.bool_)
    if sparse is not None:
        fits = np.array(
            [bool(w) if values is None else w.casefold() in values for w in sparse.words]
        )
        found[sparse.rows] = fits[sparse.codes]
    return found


def in_force(program: Program, at: Ints) -> Ints:
    """The version in force at each instant; the first before any is."""
    begins = np.array([version.begins for version in program.versions], np.int64)
    return np.maximum(np.searchsorted(begins, at, "right") - 1, 0)


def places_of(program: Program, log: Log, rows: Ints) -> tuple[tuple[Place, ...], Ints]:
    """The tracks that these facts lead into, and which one each does."""
    width = max(len(log.codes), 1)
    keys = in_force(program, log.at[rows]) * width + log.code[rows]
    own, place = np.unique(keys, return_inverse=True)
    found = []
    for key in own.tolist():
        version, name = key // width, log.codes[key % width]
        found.append(Place(version, name, program.versions[version].agreement.nurture.get(name)))
    return tuple(found), place.astype(np.int64)


def by_place(places: tuple[Place, ...], told: Callable[[Place], int]) -> Ints:
    """A number for each track."""
    return np.array([told(place) for place in places], np.int64)


def reasons_of(places: tuple[Place, ...]) -> tuple[str, ...]:
    """Everything for which leads can leave these tracks."""
    own = [name for place in places if place.track for name in place.track.leave_when]
    kinds = [KINDS[kind].name for kind in ENDS]
    return tuple(dict.fromkeys([BY_HAND, LAST_STEP, OTHER_TRACK, *kinds, *own]))


class Happenings:
    """The facts of a log by kind, word and odd marks, so that names are looked up once for all."""

    def __init__(self, log: Log) -> None:
        width = len(log.codes) + 1
        marks = np.where(log.kind == ATTEMPTED, log.flags & _ODD, 0).astype(np.int64)
        keys = (marks * len(KINDS) + log.kind) * width + log.code + 1
        seen = np.zeros((_ODD + 1) * len(KINDS) * width, np.bool_)
        seen[keys] = True
        self.keys, self.present = keys, np.flatnonzero(seen)
        self.happenings = []
        for key in self.present.tolist():
            block, code = divmod(key, width)
            mark, kind = divmod(block, len(KINDS))
            self.happenings.append(Happening(kind, log.codes[code - 1] if code else None, mark))

    def words(self, program: Program, version: int, numbers: Mapping[str, int]) -> Ints:
        """For each fact the number of the first name that it meets (-1: none)."""
        names = program.versions[version].names
        met = np.full(int(self.present[-1]) + 1 if len(self.present) else 0, -1, np.int64)
        for key, fact in zip(self.present.tolist(), self.happenings, strict=True):
            met[key] = next((n for name, n in numbers.items() if names.meets(fact, name)), -1)
        told: Ints = met[self.keys]
        return told
