"""The log: facts as columns, sorted by lead and time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

    from leadpact.problem import Problem

Ints: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.int32]
Bools: TypeAlias = NDArray[np.bool_]

NONE: Final = int(np.iinfo(np.int64).min)
"""The amount of a fact that has none."""
MONEY_SCALE: Final = 10_000
"""Amounts are whole ten-thousandths: of the currency unit, or of a second for attempts."""

DATE_ONLY: Final = 1  # the time of day is unknown; `at` is the first instant of that local day
NOT_HUMAN: Final = 2
INBOUND: Final = 4
SILENT: Final = 8  # an attempt of zero seconds (or less); an acceptance by silence
FAILED: Final = 16  # bounced, wrong number, failed
COPIED: Final = (
    32  # copied from a lead that was merged into this one, or from a fact of its account
)


@dataclass(frozen=True, eq=False)
class Sparse:
    """A field that only some facts have: ascending rows, and the code of each one's word."""

    rows: Ints
    codes: Codes
    words: tuple[str, ...]

    def dense(self, length: int) -> Codes:
        """The codes of all rows of a log of that length; -1 where a fact lacks the field."""
        codes = np.full(length, -1, np.int32)
        codes[self.rows] = self.codes
        return codes

    def of(self, row: int) -> str | None:
        """The word of one row."""
        place = int(np.searchsorted(self.rows, row))
        if place == len(self.rows) or self.rows[place] != row:
            return None
        return self.words[int(self.codes[place])]


@dataclass(frozen=True, eq=False)
class Log:
    """Facts as columns, sorted by lead key, then time, then source id.

    Instants are µs since 1970 in UTC. `code` indexes `codes` (the subject of the kind), `who`
    indexes `people`; both are -1 where a fact has none, as `amount` is `NONE`. `source` indexes
    `systems`. `source_ids` is None where no fact brought one. Facts about an account, which belong
    to no lead until `as_of` fans them out, wait in `accounts`: a log whose leads are account keys.
    """

    leads: pa.StringArray
    starts: Ints
    at: Ints
    recorded_at: Ints
    kind: NDArray[np.int8]
    code: Codes
    who: Codes
    amount: Ints
    flags: NDArray[np.uint8]
    codes: tuple[str, ...]
    people: tuple[str, ...]
    fields: Mapping[str, Sparse]
    source: Codes
    systems: tuple[str, ...]
    source_ids: pa.StringArray | None = None
    zone: str = "UTC"
    accounts: Log | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def keys(self) -> list[str]:
        """The keys of the leads, in order."""
        keys: list[str] = self.leads.to_pylist()
        return keys

    @cached_property
    def lead(self) -> Codes:
        """The index of the lead of each row."""
        leads = np.arange(len(self.leads), dtype=np.int32)
        return np.repeat(leads, np.diff(self.starts))

    def lead_rows(self, key: str) -> slice:
        """The rows of one lead; an empty slice where the log doesn't know it."""
        place = bisect_left(_Keys(self.leads), key)
        if place == len(self.leads) or self.leads[place].as_py() != key:
            return slice(0, 0)
        return slice(int(self.starts[place]), int(self.starts[place + 1]))

    def moments(self, name: str, rows: Ints, missing: int) -> Ints:
        """The instants (µs) that these rows name in a field; `missing` where one names none.

        Facts of other kinds may have an attribute of that name: only the words of `rows` are read.
        """
        sparse = self.fields.get(name)
        if sparse is None or not len(rows):
            return np.full(len(rows), missing, np.int64)
        codes, place = np.unique(sparse.dense(len(self))[rows], return_inverse=True)
        named = [_moment(sparse.words[code]) if code >= 0 else None for code in codes.tolist()]
        told = np.array([missing if one is None else one for one in named], np.int64)
        found: Ints = told[place]
        return found

    def as_of(self, now: int, known_at: int | None = None) -> Log:
        """The log as it stands at `now`, with what was known at `known_at` (both µs UTC).

        Facts to come, not yet known or taken back are left out; merges are resolved and facts of
        accounts reach their leads, as marked copies. Each is counted.
        """
        from leadpact.log.as_of import as_of

        return as_of(self, now, known_at)

    def counting(self, **counts: int) -> Log:
        """This log with those counts (underscores read as spaces) added to its own."""
        total = dict(self.counts)
        for name, count in counts.items():
            if count:
                words = name.replace("_", " ")
                total[words] = total.get(words, 0) + count
        return replace(self, counts=total)

    def facts(self, rows: Iterable[int] | None = None) -> Iterator[dict[str, Any]]:
        """The facts of some rows, or of all, in their JSON form (for few rows; see writing)."""
        from leadpact.log.forms import fact

        return (fact(self, row) for row in (range(len(self)) if rows is None else rows))

    @staticmethod
    def from_facts(
        facts: Sequence[Mapping[str, Any]], zone: str = "UTC", name: str = "log"
    ) -> tuple[Log, list[Problem]]:
        """A log of facts in their JSON form; facts with problems are left out."""
        from leadpact.log.reading import from_facts

        return from_facts(facts, zone, name)


def _moment(word: str) -> int | None:
    """The instant that a word names; None where it is none."""
    from datetime import datetime

    from leadpact.clock import to_micros

    try:
        return to_micros(datetime.fromisoformat(word))
    except (ValueError, OverflowError):
        return None


class _Keys(Sequence[str]):
    """Lead keys for bisection, without turning them all into Python strings."""

    def __init__(self, keys: pa.StringArray) -> None:
        self.keys = keys

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, place: Any) -> Any:
        return self.keys[place].as_py()
