"""Judged: what measures are taken from, and the columns that they share."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.facts import ASSIGNED, ATTEMPTED, HANDED_OVER, KINDS
from leadpact.log import FAILED, INBOUND, NOT_HUMAN, SILENT, Log
from leadpact.program import Happening, Program, Version, mask
from leadpact.program import columns as col
from leadpact.program.masks import known
from leadpact.promises import Obligations
from leadpact.story import Stories

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOBODY = -1
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

    @property
    def obligations(self) -> Obligations:
        """What is owed, to whom, by when."""


class Entries(NamedTuple):
    """The rows by which passes met a name, the pass of each, and who owned it then.

    Where nobody did yet, its first owner after that answers for it; -1 if there never was one.
    """

    rows: Ints
    passes: Ints
    owners: Ints


class Evidence:
    """A judgement with the columns that several measures need, each worked out once.

    Leads that were merged away are left out of every count: their facts count for the lead that
    they live on in.
    """

    def __init__(self, judged: Judged) -> None:
        self.program: Program = judged.program
        self.log: Log = judged.log
        self.now: int = judged.now
        self.stories: Stories = judged.stories
        self.obligations: Obligations = judged.obligations
        self.shared: dict[str, Any] = {}
        self._met: dict[str, Bools] = {}
        self._known: dict[str, tuple[NDArray[np.int32], tuple[str, ...]]] = {}
        self._held: dict[tuple[int, int], Bools] = {}

    @cached_property
    def version(self) -> Version:
        """The version in force at `now`; the first one before that."""
        begun = [v for v in self.program.versions if v.begins <= self.now]
        return (begun or self.program.versions[:1])[-1]

    @property
    def agreement(self) -> Agreement:
        """The agreement in force at `now`."""
        return self.version.agreement

    @property
    def zone(self) -> str:
        """The zone of days, weeks and months."""
        return self.agreement.zone

    @cached_property
    def merged(self) -> Bools:
        """Which leads were merged away."""
        found: Bools = self.stories.table[:, col.T_STANDING] == col.MERGED
        return found

    @cached_property
    def pass_lead(self) -> Ints:
        """The lead of each pass."""
        return self.stories.passes[:, col.S_LEAD].astype(np.int64)

    @cached_property
    def live(self) -> Bools:
        """Which passes count: those of leads that weren't merged away."""
        return ~self.merged[self.pass_lead]

    @cached_property
    def owed(self) -> Bools:
        """Which obligations count: those of leads that weren't merged away."""
        return ~self.merged[self.obligations.lead]

    @cached_property
    def place(self) -> Ints:
        """The place in `stories.passes` of the pass of each row; -1 where it never opened."""
        width = int(self.stories.pass_of.max(initial=1)) + 1
        own = self.pass_lead * width + self.stories.passes[:, col.S_PASS]
        order = np.argsort(own, kind="stable")
        wanted = self.log.lead.astype(np.int64) * width + self.stories.pass_of
        found = np.searchsorted(own[order], wanted)
        found = np.minimum(found, max(len(own) - 1, 0))
        if not len(own):
            return np.full(len(self.log), -1, np.int64)
        return np.where(own[order][found] == wanted, order[found], -1)

    @cached_property
    def version_of(self) -> Ints:
        """The version in force at each row; -1 before the first."""
        begins = np.array([v.begins for v in self.program.versions], np.int64)
        return np.searchsorted(begins, self.log.at, "right") - 1

    def known(self, name: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """What was known of an attribute at each row: codes (-1 for nothing) of words."""
        if name not in self._known:
            self._known[name] = known(self.log, name)
        return self._known[name]

    @cached_property
    def lead_type(self) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """The lead type at each row."""
        return self.known("type")

    def holds(self, version: int, condition: Any) -> Bools:
        """Where a condition of a version and its `applies to` hold, row by row."""
        agreement = self.program.versions[version].agreement
        found = np.ones(len(self.log), bool)
        for part in (agreement.applies_to, condition):
            if part is not None:
                key = (version, id(part))
                if key not in self._held:
                    self._held[key] = mask(part, self.log, agreement.zone)
                found &= self._held[key]
        return found

    def meets(self, name: str) -> Bools:
        """Which rows meet a name of the agreement, by the version in force when they happened."""
        if name not in self._met:
            self._met[name] = self._meeting(name)
        return self._met[name]

    def _meeting(self, name: str) -> Bools:
        happening, which = self._happenings
        versions = self.program.versions
        table = np.zeros((len(versions), len(happening)), bool)
        for place, version in enumerate(versions):
            table[place] = [version.names.meets(fact, name) for fact in happening]
        found: Bools = table[np.maximum(self.version_of, 0), which]
        return found

    @cached_property
    def _happenings(self) -> tuple[list[Happening], Ints]:
        """The distinct classes of facts in the log, and that of each row."""
        marks = np.where(self.log.kind == ATTEMPTED, self.log.flags & _ODD, 0).astype(np.int64)
        width = len(self.log.codes) + 1
        whole = (marks * len(KINDS) + self.log.kind) * width + self.log.code + 1
        distinct, which = np.unique(whole, return_inverse=True)
        return [self._happening(number, width) for number in distinct.tolist()], which

    def _happening(self, number: int, width: int) -> Happening:
        block, code = divmod(number, width)
        marks, kind = divmod(block, len(KINDS))
        return Happening(kind, self.log.codes[code - 1] if code else None, marks)

    @cached_property
    def attempts(self) -> Bools:
        """Which rows are attempts that count."""
        return self.meets("attempted")

    @cached_property
    def handed(self) -> Ints:
        """The row by which each pass was first handed over; where it never was, -1."""
        return self.first(self.log.kind == HANDED_OVER)

    @cached_property
    def first_owner(self) -> Ints:
        """The first owner of each pass; -1 where nobody ever owned it."""
        rows = self.first(np.isin(self.log.kind, [ASSIGNED, HANDED_OVER]) & (self.log.who >= 0))
        if not len(self.log):
            return rows
        return np.where(rows >= 0, self.log.who[rows], NOBODY)

    def first(self, hits: Bools) -> Ints:
        """The first of those rows in each pass; -1 for none."""
        rows = np.flatnonzero(hits & (self.place >= 0))[::-1]
        found = np.full(len(self.pass_lead), -1, np.int64)
        found[self.place[rows]] = rows
        return found

    def entries(self, name: str) -> Entries:
        """When each live pass first met a name: a stage entered, a fact, or behaviour."""
        if name in self.program.stages:
            stage = self.program.stages.index(name)
            rows = self.stories.entered[:, stage].astype(np.int64)
            owners = self.stories.entered_by[:, stage].astype(np.int64)
        else:
            rows = self.first(self.meets("handed over" if name == "handoffs" else name))
            owners = self.stories.passes[:, col.S_OWNER].astype(np.int64)
            told = self.log.who[rows] if len(self.log) else owners
            by_fact = (rows >= 0) & (self.log.kind[rows] == HANDED_OVER) if len(self.log) else False
            owners = np.where(by_fact & (told >= 0), told, owners)
        owners = np.where(owners < 0, self.first_owner, owners)
        passes = np.flatnonzero((rows >= 0) & self.live)
        return Entries(rows[passes], passes, owners[passes])

    def reps(self, version: int, side: str, first: Any, last: Any) -> tuple[str, ...]:
        """Who owes what each rep of a side owes, from a day to another; those of `between`.

        Where the side names nobody: all people of the agreement. People before they came and after
        they left owe nothing.
        """
        agreement = self.program.versions[version].agreement
        names: Sequence[str] = agreement.between.get(side, ()) or tuple(agreement.people)
        people = agreement.people
        return tuple(
            name
            for name in names
            if name not in people
            or (
                (people[name].from_ is None or people[name].from_ <= last)
                and (people[name].to is None or people[name].to >= first)
            )
        )


def evidence(judged: "Judged | Evidence") -> Evidence:
    """The evidence of a judgement, or itself."""
    return judged if isinstance(judged, Evidence) else Evidence(judged)
