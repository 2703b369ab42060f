"""Frames: rows of a table beside the rows of other tables that belong to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from leadpact.log.columns import Bools, Ints
from leadpact.log.inserting import ranges
from leadpact.tables.sources import Source, folded

if TYPE_CHECKING:
    import pyarrow as pa

    from leadpact.tables.mapping import Join


@dataclass(frozen=True, eq=False)
class Frame:
    """Some rows of a table (each perhaps several times) and their partners; -1 is no partner."""

    source: Source
    rows: Ints
    partners: Mapping[str, tuple[Source, Ints]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> pa.Array:
        """A column of the table, or of a partner as ``alias.column``; both must exist."""
        import pyarrow as pa

        found = self.source.columns.get(folded(name))
        if found is not None:
            return found.take(pa.array(self.rows))
        alias, column = split(name, self.partners)
        source, rows = self.partners[alias]
        return source.columns[folded(column)].take(pa.array(rows, mask=rows < 0))

    def only(self, keep: Bools) -> Frame:
        """The rows that a mask keeps."""
        partners = {alias: (source, rows[keep]) for alias, (source, rows) in self.partners.items()}
        return replace(self, rows=self.rows[keep], partners=partners)


def split(name: str, aliases: Mapping[str, object]) -> tuple[str, str]:
    """``alias.column`` taken apart; the alias is empty where the name has none."""
    alias, _dot, column = name.partition(".")
    return (alias, column) if alias in aliases and column else ("", name)


def joined(frame: Frame, alias: str, join: Join, other: Source) -> tuple[Frame, int]:
    """`frame` with the rows of `other` that belong to it, and how many rows share a key there.

    With `every` a row stands once for each partner; else the first partner counts.
    """
    import pyarrow.compute as pc

    words = _key(other, list(join.where)).dictionary_encode()
    codes = words.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    by_code = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[by_code], np.arange(len(words.dictionary) + 1))
    own = _key_of([frame.column(column) for column in join.where.values()])
    found = pc.index_in(own, words.dictionary).fill_null(-1).to_numpy(zero_copy_only=False)
    found = np.where(np.asarray(own.is_null()), -1, found)
    counts = np.where(found >= 0, np.append(np.diff(starts), 0)[found], 1)
    shared = int((np.diff(starts) > 1).sum())
    if not join.every:
        counts = np.ones(len(found), np.int64)
    places = np.repeat(np.arange(len(frame)), counts)
    begins = np.where(found >= 0, np.append(starts, 0)[found], 0)
    rows = ranges(begins, begins + counts)
    by_code = by_code if len(by_code) else np.zeros(1, np.int64)
    partners = np.where(found[places] >= 0, by_code[np.minimum(rows, len(by_code) - 1)], -1)
    spread = {name: (source, rows[places]) for name, (source, rows) in frame.partners.items()}
    spread[alias] = (other, partners.astype(np.int64))
    return Frame(frame.source, frame.rows[places], spread), 0 if join.every else shared


def _key(source: Source, columns: Sequence[str]) -> pa.Array:
    return _key_of([source.columns[folded(column)] for column in columns])


def _key_of(columns: Sequence[pa.Array]) -> pa.Array:
    """Several columns as one key; null where one of them is."""
    import pyarrow.compute as pc

    return columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, "\x1f")
