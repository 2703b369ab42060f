"""Compliance: how promises were kept, by promise, rung, rep, lead type and week."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np

from leadpact.agreement.promises import Response
from leadpact.figure import exact_text
from leadpact.measure.figures import Grounds, Measured, Where, share, within
from leadpact.measure.judged import Evidence, Ints, Judged, evidence
from leadpact.measure.owed import Owed, owed_of
from leadpact.measure.periods import day_of, name_of
from leadpact.program import columns as col
from leadpact.program.columns import VERDICTS

State = Literal["met", "missed", "undecided"]


@dataclass(frozen=True, slots=True)
class Compliance:
    """The verdicts of one promise, in all or of one rung, rep, lead type or week.

    `by` names the cut: a rep is counted by legs, everything else by the lead's own clock. In a cut
    by rep, `rep` is None for what nobody ever owned; `lead_type` is None where none is known.
    """

    promise: str
    side: str
    by: Literal["promise", "rung", "rep", "lead type", "week"]
    rung: int | None
    rep: str | None
    lead_type: str | None
    week: str | None
    counts: tuple[int, ...]
    target: Fraction | None
    as_of: int

    @property
    def kept(self) -> int:
        """How many were kept."""
        return self.counts[col.KEPT]

    @property
    def broken(self) -> int:
        """How many were broken."""
        return self.counts[col.BROKEN]

    @property
    def due(self) -> int:
        """How many are decided: kept or broken. What isn't due yet is in neither."""
        return self.kept + self.broken

    @property
    def undecided(self) -> int:
        """How many are open, or can't be told."""
        return self.counts[col.OPEN] + self.counts[col.UNDETERMINABLE]

    @property
    def figure(self) -> Measured:
        """The share kept of those due, with its interval."""
        return share(
            self.kept,
            self.due,
            "KT9-personal" if self.by == "rep" else "KT9",
            self.as_of,
            undecided=self.undecided,
            grounds=self._grounds,
        )

    @property
    def state(self) -> State | None:
        """Whether the target is met, missed, or can't be told from chance; None without a target."""
        return None if self.target is None else reached(self.figure, self.target)

    @property
    def _grounds(self) -> Grounds:
        cut: dict[str, tuple[tuple[str, Where], ...]] = {
            "promise": (),
            "rung": (("rung", self.rung),),
            "rep": (("rep", self.rep),),
            "lead type": (("lead type", self.lead_type),),
            "week": (("week", self.week),),
        }
        where = (("promise", self.promise), *cut[self.by], ("verdict", ("kept", "broken")))
        of: Literal["legs", "obligations"] = "legs" if self.by == "rep" else "obligations"
        return Grounds(of, where, (("verdict", ("kept",)),))

    def to_json(self) -> dict[str, Any]:
        """The compliance in its JSON form."""
        return {
            "promise": self.promise,
            "side": self.side,
            "by": self.by,
            "rung": self.rung,
            "rep": self.rep,
            "lead_type": self.lead_type,
            "week": self.week,
            **dict(zip(VERDICTS, self.counts, strict=True)),
            "due": self.due,
            "undecided": self.undecided,
            "rate": self.figure.to_json(),
            "target": None if self.target is None else exact_text(self.target),
            "state": self.state,
        }


def reached(figure: Measured, target: Fraction) -> State:
    """Whether a share reaches its target, by its interval and minimum count."""
    if not isinstance(figure.value, Fraction) or figure.interval is None or not figure.enough:
        return "undecided"
    reaches = within(figure.value, figure.interval, target, None)
    return "undecided" if reaches is None else "met" if reaches else "missed"


def compliance(judged: Judged | Evidence) -> list[Compliance]:
    """How every response promise was kept, in all and cut each way, in the order of the agreement."""
    found = evidence(judged)
    owed = owed_of(found)
    return [*_by_promise(owed), *_by_rung(owed), *_by_rep(owed), *_by_type(owed), *_by_week(owed)]


class _Cut(NamedTuple):
    by: Literal["promise", "rung", "rep", "lead type", "week"]
    group: int
    counts: tuple[int, ...]


def _line(owed: Owed, cut: _Cut, **named: Any) -> Compliance:
    promise = [*owed.found.program.groups][cut.group]
    side, clause = clause_of(owed.found, promise)
    places: dict[str, Any] = {"rung": None, "rep": None, "lead_type": None, "week": None, **named}
    return Compliance(
        promise,
        side,
        cut.by,
        counts=cut.counts,
        target=clause.target,
        as_of=owed.found.now,
        **places,
    )


def clause_of(found: Evidence, promise: str) -> tuple[str, Response]:
    """The side and the clause of a response promise, as its latest version in force has it."""
    rows = [row for row in found.program.rows if row.promise == promise]
    begun = [r for r in rows if found.program.versions[r.version].begins <= found.now]
    latest = (begun or rows[:1])[-1]
    return latest.side, latest.clause


def counted(keys: Sequence[Ints], verdicts: Ints) -> Iterator[tuple[list[int], tuple[int, ...]]]:
    """For each distinct row of `keys`, in order, how many have each verdict."""
    if not len(verdicts):
        return
    least = [int(column.min()) for column in keys]
    widths = [int(column.max()) - low + 1 for column, low in zip(keys, least, strict=True)]
    places = np.ravel_multi_index(
        [column - low for column, low in zip(keys, least, strict=True)], widths
    )
    size = len(VERDICTS)
    counts = np.bincount(places * size + verdicts, minlength=prod(widths) * size)
    table = counts.reshape(-1, size)
    filled = np.flatnonzero(table.any(axis=1))
    rows = np.column_stack(np.unravel_index(filled, widths)) + np.array(least)
    lines = zip(rows.tolist(), table[filled].tolist(), strict=True)
    yield from ((row, tuple(line)) for row, line in lines)


def _by_promise(owed: Owed) -> Iterator[Compliance]:
    tallies = {key[0]: counts for key, counts in counted([owed.group], owed.verdict)}
    for group in range(len(owed.found.program.groups)):
        yield _line(owed, _Cut("promise", group, tallies.get(group, (0,) * len(VERDICTS))))


def _by_rung(owed: Owed) -> Iterator[Compliance]:
    tallies = {
        (group, rung): counts
        for (group, rung), counts in counted([owed.group, owed.rung], owed.verdict)
    }
    groups = owed.found.program.groups
    rungs = {(groups[r.promise], r.rung) for r in owed.found.program.rows if r.rung is not None}
    for group, rung in sorted(rungs):
        counts = tallies.get((group, rung), (0,) * len(VERDICTS))
        yield _line(owed, _Cut("rung", group, counts), rung=rung)


def _by_rep(owed: Owed) -> Iterator[Compliance]:
    legs, people = owed.legs, owed.found.log.people
    for (group, owner), counts in counted([owed.group[legs.obligation], legs.owner], legs.verdict):
        yield _line(owed, _Cut("rep", group, counts), rep=people[owner] if owner >= 0 else None)


def _by_type(owed: Owed) -> Iterator[Compliance]:
    words = owed.found.lead_type[1]
    for (group, kind), counts in counted([owed.group, owed.lead_type], owed.verdict):
        name = words[kind] if kind >= 0 else None
        yield _line(owed, _Cut("lead type", group, counts), lead_type=name)


def _by_week(owed: Owed) -> Iterator[Compliance]:
    for (group, week), counts in counted([owed.group, owed.week // 7], owed.verdict):
        # Weeks begin on Mondays, and 1970-01-05 was one.
        name = name_of("week", day_of(week * 7 + 4))
        yield _line(owed, _Cut("week", group, counts), week=name)
