"""Arrow: the columns of a log under the names that files know, words as dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from leadpact import facts
from leadpact.log.columns import (
    DATE_ONLY,
    INBOUND,
    NONE,
    NOT_HUMAN,
    SILENT,
    Codes,
    Ints,
    Log,
)

if TYPE_CHECKING:
    import pyarrow as pa

_Piece: TypeAlias = tuple[Ints, Codes, Sequence[str]]
_KINDS: Final = tuple(kind.name for kind in facts.KINDS)


def word_columns(log: Log) -> dict[str, pa.Array]:
    """Kind, subjects, people, flags and all other fields that hold words, by name."""
    pieces: dict[str, list[_Piece]] = {}
    every = np.arange(len(log))
    columns = {"kind": _dictionary(log.kind.astype(np.int32), _KINDS)}
    roles: tuple[tuple[Codes, Sequence[str], facts.Role], ...] = (
        (log.code, log.codes, "subject"),
        (log.who, log.people, "person"),
    )
    for codes, words, role in roles:
        for name, kinds in _kinds_by_name(role).items():
            rows = every[kinds[log.kind] & (codes >= 0)]
            pieces.setdefault(name, []).append((rows, codes[rows], words))
    for name, kind, flag, word in _FLAGS:
        rows = np.flatnonzero((log.kind == kind) & (log.flags & flag != 0))
        pieces.setdefault(name, []).append((rows, np.zeros(len(rows), np.int32), (word,)))
    for name, field in log.fields.items():
        own = log.kind[field.rows] != facts.CREATED
        chosen = own if name == "type" else np.ones(len(own), np.bool_)
        piece = (field.rows[chosen], field.codes[chosen], field.words)
        pieces.setdefault(name, []).append(piece)
    columns |= {name: _column(len(log), some) for name, some in pieces.items() if _any(some)}
    columns["system"] = _dictionary(log.source, log.systems)
    return columns


_FLAGS: Final = (
    ("human", facts.ATTEMPTED, NOT_HUMAN, "no"),
    ("direction", facts.ATTEMPTED, INBOUND, "inbound"),
    ("silent", facts.ACCEPTED, SILENT, "yes"),
)


def number_columns(log: Log) -> dict[str, tuple[Ints, Ints]]:
    """The amounts by the name of their field: which rows have one, and ten-thousandths."""
    columns: dict[str, tuple[Ints, Ints]] = {}
    for name, kinds in _kinds_by_name("amount").items():
        rows = np.flatnonzero(kinds[log.kind] & (log.amount != NONE))
        if len(rows):
            columns[name] = (rows, log.amount[rows])
    return columns


def dated(log: Log) -> Ints:
    """The rows whose time of day is unknown."""
    return np.flatnonzero(log.flags & DATE_ONLY)


def _kinds_by_name(role: facts.Role) -> dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    names: dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
    for code, kind in enumerate(facts.KINDS):
        if field := kind.of(role):
            names.setdefault(field.name, np.zeros(len(facts.KINDS), np.bool_))[code] = True
    return names


def _any(pieces: list[_Piece]) -> bool:
    return any(len(rows) for rows, _codes, _words in pieces)


def _column(length: int, pieces: list[_Piece]) -> pa.Array:
    column = np.full(length, -1, np.int32)
    words: dict[str, int] = {}
    for rows, codes, more in pieces:
        shared = np.array([words.setdefault(word, len(words)) for word in more], np.int32)
        column[rows] = shared[codes] if len(rows) else codes
    return _dictionary(column, tuple(words))


def _dictionary(codes: Codes, words: Sequence[str]) -> pa.DictionaryArray:
    import pyarrow as pa

    indices = pa.array(codes, pa.int32(), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))
