"""Counting: figures by their keys, each with the rows that it counts.

A key says what is counted, of which promise, in which period, and of what part of it:
``kept/first contact/2026-11/rep/ana``. It is part of addresses and stays the same for good.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from leaddesk.book.board import ACCEPTED, ARRIVED, MISSING, REJECTED, Board, Column
from leaddesk.book.spans import span_of
from leadpact.measure.figures import MINIMUM, Interval, wilson
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.units import SECOND

ALL = "all"
_MOST_KEY = 600


class Key(NamedTuple):
    """What a figure counts: a family, a promise (or ``all``), a period, and a part of these."""

    family: str
    promise: str = ALL
    period: str = ALL
    cut: str = ""
    word: str = ""

    def __str__(self) -> str:
        parts = self if self.cut else self[:3]
        return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)

    @classmethod
    def read(cls, text: str) -> "Key | None":
        """The key in a text; None where it is none."""
        parts = [part.replace("%2F", "/").replace("%25", "%") for part in text.split("/")]
        fit = len(parts) in (3, 5) and parts[0] in _FAMILIES and len(text) <= _MOST_KEY
        return cls(*parts) if fit else None


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure and its rows: `rows` are those of `table` that it counts, `hits` of them first.

    A share has a denominator, `hits` of it are the numerator; a count has none. After the counted
    come those that are undecided. `whole` says that it is a part of everything of its kind that a
    short count decides nothing.
    """

    key: Key
    as_of: int
    definition: str
    table: str
    is_share: bool
    rows: Column
    hits: int
    counted: int
    minimum: int = MINIMUM

    @property
    def undecided(self) -> int:
        """How many can't be counted yet, or at all."""
        return len(self.rows) - self.counted

    @property
    def numerator(self) -> int:
        """How many were counted as what the figure is about."""
        return self.hits

    @property
    def denominator(self) -> int | None:
        """How many were counted in all; None for a plain count."""
        return self.counted if self.is_share else None

    @property
    def value(self) -> Fraction | int | None:
        """The share, or the count; None where nothing was counted for a share."""
        if not self.is_share:
            return self.hits
        return Fraction(self.hits, self.counted) if self.counted else None

    @cached_property
    def interval(self) -> Interval | None:
        """Where a share may truly lie, 95 %."""
        return wilson(self.hits, self.counted) if self.is_share else None

    @property
    def enough(self) -> bool:
        """Whether enough was counted to judge, compare or rank by it."""
        return not self.is_share or self.counted >= self.minimum

    def part(self, name: str) -> Column:
        """The rows of a part: ``counted`` (all), ``hits``, ``rest``, ``undecided``."""
        begin, end = {
            "counted": (0, self.counted),
            "hits": (0, self.hits),
            "rest": (self.hits, self.counted),
            "undecided": (self.counted, len(self.rows)),
        }[name]
        return self.rows[begin:end]

    def to_json(self) -> dict[str, Any]:
        """The figure in its JSON form."""
        return {
            "key": str(self.key),
            "value": None if self.value is None else str(self.value),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "undecided": self.undecided,
            "definition": self.definition,
        }


def figure(board: Board, promises: Mapping[str, Any], key: Key) -> Figure | None:
    """The figure of a key; None where there is no such one."""
    count = _FAMILIES.get(key.family)
    if count is None or not (key.period in (ALL, "now") or span_of(key.period, board.zone)):
        return None
    if key.promise != ALL and key.promise not in promises:
        return None
    return count(board, promises, key)


def within(at: Column, key: Key, zone: str) -> Column:
    """Which instants lie in the period of a key."""
    span = span_of(key.period, zone)
    if span is None:
        return np.ones(len(at), bool)
    return (at >= span.begins) & (at < span.ends)


def _of_promise(board: Board, table: str, promise: str) -> Column:
    column = board.tables[table]["promise"]
    if promise == ALL:
        return np.ones(len(column), bool)
    found: Column = column == board.code("promise", promise)
    return found


def part_of(board: Board, table: str, key: Key) -> Column | None:
    """Which rows belong to the part that a key names; None for a part that the table doesn't know."""
    columns = board.tables[table]
    if not key.cut:
        return np.ones(len(columns["lead"]), bool)
    if key.cut == "rung":
        number = int(key.word) if key.word.isascii() and key.word.isdigit() else -1
        rungs = columns.get("rung")
        return None if rungs is None else np.equal(rungs, min(number, 10_000))
    kind = {"rep": "person"}.get(key.cut, key.cut)
    name = {"rep": "owner"}.get(key.cut, key.cut)
    if kind not in board.words or name not in columns:
        return None
    return np.equal(columns[name], board.code(kind, key.word) if key.word else -1)


def rows(
    board: Board, key: Key, definition: str, table: str, states: tuple[Column, ...], share: bool
) -> Figure:
    """A figure of the rows of three conditions: counted as hits, counted otherwise, undecided."""
    parts = [np.flatnonzero(state) for state in states]
    sizes = [len(part) for part in parts]
    rows = np.concatenate(parts)
    return Figure(key, board.as_of, definition, table, share, rows, sizes[0], sizes[0] + sizes[1])


def _kept(board: Board, _promises: Mapping[str, Any], key: Key, by: str = "start") -> Figure | None:
    """Promises kept, of those that are decided: by when they began, or when they were due."""
    table = board.tables["obligations"]
    chosen = _of_promise(board, "obligations", key.promise) & within(table[by], key, board.zone)
    if key.cut == "rep" and by == "start":
        return _kept_by_rep(board, key, chosen)
    cut = part_of(board, "obligations", key)
    if cut is None:
        return None
    chosen &= cut
    verdict = table["verdict"]
    waits = (verdict == col.OPEN) | (verdict == col.UNDETERMINABLE)
    states = (chosen & (verdict == col.KEPT), chosen & (verdict == col.BROKEN), chosen & waits)
    return rows(board, key, "KT9", "obligations", states, share=True)


def _due(board: Board, promises: Mapping[str, Any], key: Key) -> Figure | None:
    return _kept(board, promises, key, "due")


def _kept_by_rep(board: Board, key: Key, chosen: Column) -> Figure:
    """Of one person, by the legs in which they held the lead."""
    legs = board.tables["legs"]
    owner = board.code("person", key.word) if key.word else -1
    own = chosen[legs["row"]] & (legs["owner"] == owner)
    verdict = legs["verdict"]
    waits = (verdict == col.OPEN) | (verdict == col.UNDETERMINABLE)
    states = (own & (verdict == col.KEPT), own & (verdict == col.BROKEN), own & waits)
    return rows(board, key, "KT9-personal", "legs", states, share=True)


def _missed(board: Board, _promises: Mapping[str, Any], key: Key) -> Figure | None:
    """Broken promises by when they began; also by cause."""
    cut = part_of(board, "obligations", key)
    if cut is None:
        return None
    table = board.tables["obligations"]
    chosen = cut & (table["verdict"] == col.BROKEN) & within(table["start"], key, board.zone)
    return _count(board, key, "missed", "obligations", chosen)


def _count(board: Board, key: Key, definition: str, table: str, chosen: Column) -> Figure:
    if table == "obligations":
        chosen = chosen & _of_promise(board, table, key.promise)
    none = np.zeros(len(chosen), bool)
    return rows(board, key, definition, table, (chosen, none, none), share=False)


def _open(board: Board, _promises: Mapping[str, Any], key: Key) -> Figure | None:
    """What is owed now and not due yet."""
    cut = part_of(board, "obligations", key)
    table = board.tables["obligations"]
    due = within(table["due"], key, board.zone) if key.period != "now" else True
    chosen = None if cut is None else cut & (table["verdict"] == col.OPEN) & due
    return None if chosen is None else _count(board, key, "open", "obligations", chosen)


def _late(board: Board, _promises: Mapping[str, Any], key: Key) -> Figure | None:
    """What is past due and still waits for its answer, while the lead is in the funnel."""
    cut = part_of(board, "obligations", key)
    if cut is None:
        return None
    table = board.tables["obligations"]
    waits = (table["verdict"] == col.BROKEN) & (table["answered"] == NEVER)
    return _count(board, key, "late", "obligations", cut & waits & (table["is_in"] == 1))


def _answered(board: Board, promises: Mapping[str, Any], key: Key) -> Figure | None:
    """Answers that took between two lengths of time, in the time of the promise: ``60-300`` seconds.

    ``never`` are those that are overdue without an answer.
    """
    table = board.tables["obligations"]
    own = _of_promise(board, "obligations", key.promise)
    own &= within(table["start"], key, board.zone)
    if key.cut == "time" and key.word == "never":
        chosen = own & (table["verdict"] == col.BROKEN) & (table["answered"] == NEVER)
        return _count(board, key, "answered", "obligations", chosen)
    bounds = _bounds(key)
    if bounds is None:
        return None
    took = table[took_of(promises, key.promise)]
    chosen = own & was_answered(board) & (took > bounds[0]) & (took <= bounds[1])
    return _count(board, key, "answered", "obligations", chosen)


def _bounds(key: Key) -> tuple[int, int] | None:
    if not key.cut:
        return -1, NEVER
    low, dash, high = key.word.partition("-")
    if key.cut != "time" or not dash or not (low + high).isascii() or len(key.word) > 30:
        return None
    if not low.isdigit() or not (high.isdigit() or not high):
        return None
    begin = int(low) * SECOND if int(low) else -1
    return begin, min(int(high) * SECOND, NEVER) if high else NEVER


def took_of(promises: Mapping[str, Any], promise: str) -> str:
    """The column of the time by which a promise is judged: working time, or time that elapses."""
    return "worked" if promises.get(promise, {}).get("is_working") else "took"


def was_answered(board: Board) -> Column:
    """Which obligations were answered at a time that is known, and weren't excused before."""
    table = board.tables["obligations"]
    known = (table["answered"] != NEVER) & (table["dated"] == 0)
    found: Column = known & (table["verdict"] != col.EXCUSED)
    return found


def _delivered(board: Board, promises: Mapping[str, Any], key: Key) -> Figure | None:
    """What entered the stage of a volume promise, under the version that the period belongs to."""
    cut = part_of(board, "entries", key)
    if cut is None or key.promise == ALL:
        return None
    table = board.tables["entries"]
    chosen = cut & _of_promise(board, "entries", key.promise) & within(table["at"], key, board.zone)
    chosen &= _in_version(board, promises, key, table["version"], table["at"])
    return _count(board, key, "KM1", "entries", chosen)


def _in_version(
    board: Board, promises: Mapping[str, Any], key: Key, version: Column, at: Column
) -> Column:
    """Which rows count by the version in force when the period began; over all time, when they came."""
    listed = promises.get(key.promise, {}).get("versions", [])
    span = span_of(key.period, board.zone)
    when = at if span is None else np.full(len(at), span.begins)
    found: Column = version_at(listed, when) == version
    return found


def version_at(listed: Any, when: Column) -> Column:
    """The number of the version in force at each instant; of the first one before that."""
    numbers, begins = np.array(listed, np.int64).T
    found: Column = numbers[np.maximum(np.searchsorted(begins, when, "right") - 1, 0)]
    return found


def _rate(board: Board, promises: Mapping[str, Any], key: Key) -> Figure | None:
    """What became of the cohort of a ratio promise."""
    cut = part_of(board, "cohorts", key)
    if cut is None or key.promise == ALL:
        return None
    table = board.tables["cohorts"]
    chosen = cut & _of_promise(board, "cohorts", key.promise) & within(table["at"], key, board.zone)
    chosen &= _in_version(board, promises, key, table["version"], table["at"])
    state = table["state"]
    hits, rest = chosen & (state == ARRIVED), chosen & (state == MISSING)
    states = (hits, rest, chosen & (state > MISSING))
    return rows(board, key, "rate", "cohorts", states, share=True)


def _accepted(board: Board, _promises: Mapping[str, Any], key: Key) -> Figure | None:
    """Handovers that sales accepted, of those that it decided on."""
    cut = part_of(board, "handovers", key)
    if cut is None:
        return None
    table = board.tables["handovers"]
    chosen, state = cut & within(table["at"], key, board.zone), table["state"]
    states = (
        chosen & (state == ACCEPTED),
        chosen & (state == REJECTED),
        chosen & (state > REJECTED),
    )
    return rows(board, key, "KV3", "handovers", states, share=True)


def _rejected(board: Board, _promises: Mapping[str, Any], key: Key) -> Figure | None:
    """Handovers that sales rejected, in all or for a reason."""
    cut = part_of(board, "handovers", key)
    if cut is None:
        return None
    table = board.tables["handovers"]
    chosen = cut & within(table["at"], key, board.zone) & (table["state"] == REJECTED)
    return _count(board, key, "rejected", "handovers", chosen)


def _handed(board: Board, _promises: Mapping[str, Any], key: Key) -> Figure | None:
    """Handovers, in all or from a source."""
    cut = part_of(board, "handovers", key)
    if cut is None:
        return None
    table = board.tables["handovers"]
    chosen = cut & within(table["at"], key, board.zone)
    return _count(board, key, "handed", "handovers", chosen)


def _effort(board: Board, promises: Mapping[str, Any], key: Key) -> Figure | None:
    """Figures of follow-up, which are counted in a file of their own."""
    from leaddesk.book import effort

    return effort.figure(board, promises, key)


_FAMILIES: Mapping[str, Callable[[Board, Mapping[str, Any], Key], Figure | None]] = {
    "kept": _kept,
    "due": _due,
    "missed": _missed,
    "open": _open,
    "late": _late,
    "answered": _answered,
    "delivered": _delivered,
    "rate": _rate,
    "accepted": _accepted,
    "rejected": _rejected,
    "handed": _handed,
    **dict.fromkeys(
        ("adherence", "behind", "over", "abandoned", "unworked", "stale", "covered", "reasoned"),
        _effort,
    ),
}
FAMILIES = frozenset(_FAMILIES)
"""What figures can be about."""
