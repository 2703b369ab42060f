"""Inserting: copies of facts under other leads of a log, each at its place in time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from leadpact.log.columns import Ints, Log, Sparse
from leadpact.log.sorting import order_of

if TYPE_CHECKING:
    import pyarrow as pa

_EMPTY: Final = Sparse(np.zeros(0, np.int64), np.zeros(0, np.int32), ())
Number = TypeVar("Number", bound=np.generic)


def with_copies(
    log: Log, origin: Log, rows: Ints, leads: Ints, flag: int, mark: str, marks: Sparse
) -> Log:
    """`log` with copies of some rows of `origin` (a log with the same words) under other leads.

    `leads` are the indexes of the leads that get them; `flag` is set on each copy, and the new
    field `mark` says where it came from.
    """
    if not len(rows):
        return log
    rows, leads, marks = _by_lead(rows, leads, marks)
    starts, kept, copies = _places(log, origin, rows, leads)
    fields = {
        name: _both(log.fields.get(name, _EMPTY), origin.fields.get(name), rows, kept, copies)
        for name in {**log.fields, **origin.fields}
    }
    copied = Sparse(np.arange(len(rows)), marks.codes, marks.words)
    fields[mark] = _moved(copied, copies)
    at = _laid(log.at, origin.at[rows], kept, copies)
    same = log.recorded_at is log.at and origin.recorded_at is origin.at
    return replace(
        log,
        starts=starts,
        at=at,
        recorded_at=at if same else _laid(log.recorded_at, origin.recorded_at[rows], kept, copies),
        kind=_laid(log.kind, origin.kind[rows], kept, copies),
        code=_laid(log.code, origin.code[rows], kept, copies),
        who=_laid(log.who, origin.who[rows], kept, copies),
        amount=_laid(log.amount, origin.amount[rows], kept, copies),
        flags=_laid(log.flags, origin.flags[rows] | np.uint8(flag), kept, copies),
        fields=fields,
        source=_laid(log.source, origin.source[rows], kept, copies),
        source_ids=_ids(log, origin, rows, kept, copies),
    )


def ranges(starts: Ints, stops: Ints) -> Ints:
    """The numbers of all ranges `starts[i]:stops[i]`, one after the other."""
    counts = stops - starts
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    numbers: Ints = np.arange(total) + np.repeat(starts - (ends - counts), counts)
    return numbers


def _by_lead(rows: Ints, leads: Ints, marks: Sparse) -> tuple[Ints, Ints, Sparse]:
    order = np.argsort(leads, kind="stable")
    codes = marks.codes[order]
    return rows[order], leads[order], Sparse(np.arange(len(rows)), codes, marks.words)


def _places(log: Log, origin: Log, rows: Ints, leads: Ints) -> tuple[Ints, Ints, Ints]:
    """The new starts, the new place of each present row, and the place of each copy."""
    counts = np.diff(log.starts)
    extra = np.bincount(leads, minlength=len(log.leads))
    starts = np.concatenate([[0], np.cumsum(counts + extra)]).astype(np.int64)
    kept = np.arange(len(log)) + np.repeat(starts[:-1] - log.starts[:-1], counts)
    getting = np.flatnonzero(extra)
    present = ranges(log.starts[getting], log.starts[getting + 1])
    lead = np.concatenate([log.lead[present], leads]).astype(np.int32)
    at = np.concatenate([log.at[present], origin.at[rows]])
    places = ranges(starts[getting], starts[getting + 1])
    order = order_of(lead, at, _some_ids(log, origin, present, rows))
    placed = np.empty(len(places), np.int64)
    placed[np.arange(len(lead)) if order is None else order] = places
    kept[present] = placed[: len(present)]
    return starts, kept, placed[len(present) :]


def _some_ids(log: Log, origin: Log, present: Ints, rows: Ints) -> pa.StringArray | None:
    import pyarrow as pa

    if log.source_ids is None or origin.source_ids is None:
        return None
    return pa.concat_arrays(
        [log.source_ids.take(pa.array(present)), origin.source_ids.take(pa.array(rows))]
    )


def _ids(log: Log, origin: Log, rows: Ints, kept: Ints, copies: Ints) -> pa.StringArray | None:
    import pyarrow as pa

    ids = _some_ids(log, origin, np.arange(len(log)), rows)
    if ids is None:
        return None
    places = np.empty(len(kept) + len(copies), np.int64)
    places[kept] = np.arange(len(kept))
    places[copies] = np.arange(len(kept), len(places))
    return ids.take(pa.array(places))


def _laid(
    present: NDArray[Number], more: NDArray[Number], kept: Ints, copies: Ints
) -> NDArray[Number]:
    column = np.empty(len(kept) + len(copies), present.dtype)
    column[kept] = present
    column[copies] = more
    return column


def _both(field: Sparse, other: Sparse | None, rows: Ints, kept: Ints, copies: Ints) -> Sparse:
    """A field of the present rows and of the copies."""
    present = _moved(field, kept)
    if other is None or not len(other.rows):
        return present
    places = np.minimum(np.searchsorted(other.rows, rows), len(other.rows) - 1)
    found = np.flatnonzero(other.rows[places] == rows)
    return _with(present, _moved(Sparse(found, other.codes[places[found]], other.words), copies))


def _moved(field: Sparse, places: Ints) -> Sparse:
    rows = places[field.rows]
    order = np.argsort(rows, kind="stable")
    return Sparse(rows[order], field.codes[order], field.words)


def _with(one: Sparse, other: Sparse) -> Sparse:
    """Two parts of one field, of different rows."""
    words = {word: code for code, word in enumerate(one.words)}
    code = np.array([words.setdefault(word, len(words)) for word in other.words], np.int32)
    rows = np.concatenate([one.rows, other.rows])
    codes = np.concatenate([one.codes, code[other.codes]]).astype(np.int32)
    order = np.argsort(rows, kind="stable")
    return Sparse(rows[order], codes[order], tuple(words))
