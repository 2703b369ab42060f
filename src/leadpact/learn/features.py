"""Features: what was known of each lead at a moment, as whole numbers that fall into few bins.

A feature is named by its kind and a name: an attribute (`field`), the lead type, how often and how
long ago something was done (`count`, `since`), the hour and weekday of the creation, the age, and
the scores of the rules. Bin 0 holds the leads of which it isn't known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leadpact import facts
from leadpact.clock.zones import DAY, offsets, years_of
from leadpact.log import COPIED, DATE_ONLY, MONEY_SCALE, Log
from leadpact.words import _

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Kind = Literal["type", "field", "count", "since", "hour", "weekday", "age", "fit", "interest"]

UNKNOWN: Final = -(2**62)
"""The value of a lead of which a feature isn't known."""
FEWEST = 30
"""A value that fewer leads share is no bin of its own."""
LONGEST_WORD = 200
MOST_WORDS, MOST_FIELDS, MOST_DEEDS = 20, 60, 20
_HOUR = DAY // 24
FIXED: Final[dict[str, tuple[int, ...]]] = {
    "count": (1, 2, 3),
    "since": (_HOUR, DAY, 7 * DAY, 30 * DAY),
    "hour": (6, 9, 12, 15, 18, 21),
    "weekday": (1, 2, 3, 4, 5, 6),
    "age": (_HOUR, DAY, 7 * DAY, 30 * DAY),
}
"""Where these are cut, in every model."""
POINTS: Final[tuple[tuple[Kind, str], ...]] = (("fit", ""), ("interest", ""))
"""What the rules say of a lead, which a model may look at too."""
_NO_ATTRIBUTES = {"account", "type", "merged_from", "fanned_from"}
"""Whose lead it is, its type, which stands apart, and where copied facts come from."""


@dataclass(frozen=True)
class Ruled:
    """The scores of the rules (hundredths of a point) of each lead at its moment."""

    fit: Ints
    interest: Ints


@dataclass(frozen=True, eq=False)
class Seen:
    """A log as it was known of each lead at its moment (µs), by what had been heard by `heard`."""

    log: Log
    at: Ints
    heard: Ints
    zone: str
    ruled: Ruled | None = None

    @cached_property
    def known(self) -> Bools:
        """The facts that were known: they had happened, and had been heard of."""
        lead = self.log.lead
        return (self.log.at <= self.at[lead]) & (self.log.recorded_at <= self.heard[lead])

    @cached_property
    def told(self) -> Bools:
        """The facts that tell attributes, known or not yet known."""
        return np.isin(self.log.kind, (facts.CREATED, facts.DESCRIBED))

    @cached_property
    def created(self) -> Ints:
        """The row of the fact that made each lead; -1 for none."""
        log = self.log
        rows = np.flatnonzero(self.known & (log.kind == facts.CREATED) & (log.flags & COPIED == 0))
        found = np.full(len(log.leads), -1, np.int64)
        found[log.lead[rows[::-1]]] = rows[::-1]
        return found

    @cached_property
    def deeds(self) -> Ints:
        """The rows of what the leads did."""
        return np.flatnonzero(self.known & (self.log.kind == facts.ENGAGED) & (self.log.code >= 0))

    def value(self, kind: str, name: str) -> tuple[Ints, Sequence[str]]:
        """A value for each lead, `UNKNOWN` where nobody knew it, and the words that values index."""
        empty = np.full(len(self.log.leads), UNKNOWN, np.int64)
        if kind == "field":
            return self._attribute(name, empty)
        if kind == "type":
            return self._of_created(self.log.code, empty), self.log.codes
        if kind in {"count", "since"}:
            return self._deed(kind, name, empty), ()
        if kind in {"fit", "interest"}:
            return (empty if self.ruled is None else getattr(self.ruled, kind)), ()
        return self._time(kind, empty), ()

    def _attribute(self, name: str, values: Ints) -> tuple[Ints, Sequence[str]]:
        sparse = self.log.fields.get(name)
        if sparse is None:
            return values, ()
        chosen = (self.known & self.told)[sparse.rows]
        values[self.log.lead[sparse.rows[chosen]]] = sparse.codes[chosen]  # the last one stands
        return values, sparse.words

    def _of_created(self, column: NDArray[np.int32], values: Ints) -> Ints:
        has = np.flatnonzero(self.created >= 0)
        found = column[self.created[has]]
        values[has[found >= 0]] = found[found >= 0]
        return values

    def _deed(self, kind: str, name: str, values: Ints) -> Ints:
        log = self.log
        codes = log.codes
        rows = self.deeds[log.code[self.deeds] == codes.index(name)] if name in codes else []
        lead = log.lead[rows] if len(rows) else np.zeros(0, np.int64)
        if kind == "count":
            return np.bincount(lead, minlength=len(values)).astype(np.int64)
        if len(rows):
            values[lead] = self.at[lead] - log.at[rows]
        return values

    def _time(self, kind: str, values: Ints) -> Ints:
        log, has = self.log, np.flatnonzero(self.created >= 0)
        rows = self.created[has]
        if kind == "age":
            values[has] = self.at[has] - log.at[rows]
            return values
        if not len(rows):
            return values
        at = log.at[rows]
        wall = offsets(self.zone, *years_of(at)).wall(at)
        if kind == "weekday":
            values[has] = (wall // DAY + 3) % 7  # the first of January 1970 was a Thursday
            return values
        timed = log.flags[rows] & DATE_ONLY == 0
        values[has[timed]] = (wall % DAY // _HOUR)[timed]
        return values


@dataclass(frozen=True)
class Bins:
    """How the values of a feature fall into bins: bin 0 is unknown, then words and all others, or
    the ranges between cuts."""

    kind: Kind
    name: str
    words: tuple[str, ...] = ()
    cuts: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """How many bins there are."""
        return 2 + len(self.words) if self.words else 2 + len(self.cuts)

    def of(self, seen: Seen, lead: Ints | None = None) -> NDArray[np.int16]:
        """The bin of each lead, or of some."""
        values, words = seen.value(self.kind, self.name)
        if lead is not None:
            values = values[lead]
        known = values != UNKNOWN
        if self.words:
            places = {word: place for place, word in enumerate(self.words, 1)}
            others = len(self.words) + 1
            table = np.array([*(places.get(word, others) for word in words), 0], np.int16)
            found: NDArray[np.int16] = table[np.where(known, values, -1)]
            return found
        if words:
            values, known = _numbered(values, known, words)
        found = (np.searchsorted(self.cuts, values, "right") + 1).astype(np.int16)
        found[~known] = 0
        return found

    def says(self, place: int) -> str:
        """What a bin of a feature means, in words."""
        if place == 0:
            return _("not known")
        if self.words:
            return self.words[place - 1] if place <= len(self.words) else _("another one")
        low = self.cuts[place - 2] if place >= 2 else None
        high = self.cuts[place - 1] if place <= len(self.cuts) else None
        return _range(self.kind, low, high)


def _range(kind: str, low: int | None, high: int | None) -> str:
    if kind == "weekday":
        return _weekdays()[high - 1 if high is not None else 6]
    if low is None and high is None:
        return _("known")
    if low is None and kind == "count":
        return _("never")
    if low is None:
        return _("below {high}").format(high=_shown(kind, high or 0))
    if high is None:
        return _("{low} or more").format(low=_shown(kind, low))
    if kind == "count":
        return str(low)
    return _("{low} to below {high}").format(low=_shown(kind, low), high=_shown(kind, high))


def _shown(kind: str, value: int) -> str:
    if kind in {"since", "age"}:
        if value % DAY == 0:
            return _("{n} d").format(n=value // DAY)
        return _("{n} h").format(n=value // _HOUR)
    if kind == "hour":
        return f"{value:02}:00"
    if kind == "count":
        return str(value)
    scale = 100 if kind in {"fit", "interest"} else MONEY_SCALE
    return f"{(Decimal(value) / scale).normalize():f}"


def _weekdays() -> tuple[str, ...]:
    return (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )


def candidates(seen: Seen) -> Iterator[tuple[Kind, str]]:
    """Everything that may be looked at, by kind and name, in a fixed order."""
    yield "type", ""
    log = seen.log
    fields = [
        name
        for name, sparse in sorted(log.fields.items())
        if name not in _NO_ATTRIBUTES and seen.told[sparse.rows].any()
    ]
    yield from (("field", name) for name in fields[:MOST_FIELDS])
    for name in _usual_deeds(seen):
        yield "count", name
        yield "since", name
    yield from (("hour", ""), ("weekday", ""), ("age", ""))


def _usual_deeds(seen: Seen) -> list[str]:
    """What enough leads did, the most usual first."""
    log = seen.log
    rows = seen.deeds
    pairs = np.unique(log.code[rows].astype(np.int64) * (len(log.leads) + 1) + log.lead[rows])
    codes, counts = np.unique(pairs // (len(log.leads) + 1), return_counts=True)
    usual = sorted(
        (-int(count), log.codes[int(code)])
        for code, count in zip(codes, counts, strict=True)
        if count >= FEWEST
    )
    return [name for _count, name in usual[:MOST_DEEDS]]


def binned(seen: Seen, kind: Kind, name: str, lead: Ints) -> Bins | None:
    """The bins of a feature as some leads (those that are trained on) suggest; None: there are none.

    Words that enough leads share are bins of their own, numbers are cut so that each bin has as many.
    """
    if kind in FIXED:
        return Bins(kind, name, cuts=FIXED[kind])
    values, words = seen.value(kind, name)
    values = values[lead]
    known = values != UNKNOWN
    if not words:
        return _cut(kind, name, values[known]) if known.sum() >= FEWEST else None
    if _are_numbers(values[known], words):
        numbers, fit = _numbered(values, known, words)
        return _cut(kind, name, numbers[fit])
    counts = np.bincount(values[known], minlength=len(words))
    found = np.flatnonzero(counts >= FEWEST).tolist()
    shared = [code for code in found if words[code] and len(words[code]) <= LONGEST_WORD]
    if not shared:
        return None
    usual = sorted(shared, key=lambda code: (-counts[code], words[code]))[:MOST_WORDS]
    return Bins(kind, name, words=tuple(words[code] for code in usual))


def _cut(kind: Kind, name: str, values: Ints) -> Bins | None:
    """Five bins with as many leads in each."""
    ordered = np.sort(values)
    cuts = sorted({int(ordered[len(ordered) * part // 5]) for part in range(1, 5)})
    cuts = [cut for cut in cuts if cut > int(ordered[0])]
    return Bins(kind, name, cuts=tuple(cuts)) if cuts else None


def _are_numbers(codes: Ints, words: Sequence[str]) -> bool:
    """Whether nearly all values are numbers, and more of them than would do as words."""
    used = np.unique(codes)
    if len(used) <= MOST_WORDS:
        return False
    numeric = np.array([_number(words[code]) is not None for code in used.tolist()], np.bool_)
    return bool(numeric[np.searchsorted(used, codes)].mean() >= 0.95)


def _numbered(values: Ints, known: Bools, words: Sequence[str]) -> tuple[Ints, Bools]:
    """Words that are numbers as ten-thousandths; what is none isn't known."""
    table = np.full(len(words) + 1, UNKNOWN, np.int64)
    for code in np.unique(values[known]).tolist():
        number = _number(words[code])
        if number is not None:
            table[code] = number
    found = table[np.where(known, values, len(words))]
    return found, found != UNKNOWN


def _number(text: str) -> int | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > 10**13:
        return None
    return int(number * MONEY_SCALE)
