"""Sorting: facts in the order of happening, each of them once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadpact.log.columns import Bools, Codes, Ints, Log, Sparse

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Rows:
    """Facts in any order. `lead` indexes `leads` and is -1 where `account` indexes `accounts`."""

    lead: Codes
    leads: Sequence[str]
    account: Codes
    accounts: Sequence[str]
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
    systems: Sequence[str]
    source_ids: pa.Array | None


def sorted_log(rows: Rows, keep: Bools, zone: str) -> Log:
    """The log of the rows to keep: sorted, without duplicates, facts of accounts apart."""
    of_account = keep & (rows.lead < 0)
    log = _log(rows, np.flatnonzero(keep & ~of_account), rows.lead, rows.leads, zone)
    if not of_account.any():
        return log
    accounts = _log(rows, np.flatnonzero(of_account), rows.account, rows.accounts, zone)
    return replace(log, accounts=accounts)


def _log(rows: Rows, chosen: Ints, lead: Codes, leads: Sequence[str], zone: str) -> Log:
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = pa.array(leads, pa.string())
    by_key = pc.array_sort_indices(keys).to_numpy()
    rank = np.empty(len(leads), np.int32)
    rank[by_key] = np.arange(len(leads), dtype=np.int32)
    lead = rank[lead[chosen]]
    order = order_of(lead, rows.at[chosen], _picked(rows.source_ids, chosen))
    log = Log(
        leads=keys.take(pa.array(by_key)),
        starts=_starts(lead if order is None else lead[order], len(leads)),
        zone=zone,
        **_taken(rows, chosen if order is None else chosen[order]),
    )
    return _without_duplicates(log)


def order_of(lead: Codes, at: Ints, ids: pa.Array | None) -> Ints | None:
    """The order by lead, time and source id; None where the rows stand in it already."""
    order = None
    if not in_order(lead, at):
        order = np.lexsort((at, lead))
        lead, at = lead[order], at[order]
    if ids is None or not len(lead):
        return order
    tied = (lead[1:] == lead[:-1]) & (at[1:] == at[:-1])
    if not tied.any():
        return order
    rows = np.flatnonzero(np.append(tied, False) | np.insert(tied, 0, False))
    group = np.cumsum(np.insert(~tied, 0, True))[rows]
    whole = np.arange(len(lead)) if order is None else order
    ranks = _ranks(_picked(ids, whole[rows]))
    whole[rows] = whole[rows[np.lexsort((ranks, group))]]
    return whole


def in_order(lead: Codes, at: Ints) -> bool:
    """Whether rows stand in the order of leads, and of time within each."""
    ahead = lead[1:] > lead[:-1]
    return bool((ahead | ((lead[1:] == lead[:-1]) & (at[1:] >= at[:-1]))).all())


def _ranks(texts: pa.Array) -> Ints:
    import pyarrow.compute as pc

    ranks: Ints = (
        pc.rank(texts, sort_keys="ascending", tiebreaker="dense").to_numpy().astype(np.int64)
    )
    return ranks


def _picked(column: pa.Array | None, rows: Ints) -> pa.Array | None:
    import pyarrow as pa

    return None if column is None else column.take(pa.array(rows))


def _starts(lead: Codes, leads: int) -> Ints:
    return np.searchsorted(lead, np.arange(leads + 1)).astype(np.int64)


def _taken(source: Rows | Log, order: Ints) -> dict[str, Any]:
    """All columns with the rows in `order` (each at most once), as a log's arguments."""
    place = np.full(len(source.at), -1, np.int64)
    place[order] = np.arange(len(order))
    at = source.at[order]
    return {
        "at": at,
        "recorded_at": at if source.recorded_at is source.at else source.recorded_at[order],
        "kind": source.kind[order],
        "code": source.code[order],
        "who": source.who[order],
        "amount": source.amount[order],
        "flags": source.flags[order],
        "codes": source.codes,
        "people": source.people,
        "fields": {name: _moved(field, place) for name, field in source.fields.items()},
        "source": source.source[order],
        "systems": tuple(source.systems),
        "source_ids": _picked(source.source_ids, order),
    }


def _moved(field: Sparse, place: Ints) -> Sparse:
    rows = place[field.rows]
    codes = field.codes
    if (rows < 0).any():
        rows, codes = rows[rows >= 0], codes[rows >= 0]
    if (rows[1:] < rows[:-1]).any():
        order = np.argsort(rows)
        rows, codes = rows[order], codes[order]
    return Sparse(rows, codes, field.words)


def only(log: Log, keep: Bools) -> Log:
    """The facts that a mask keeps; leads without facts are gone."""
    if keep.all() and (np.diff(log.starts) > 0).all():
        return log
    import pyarrow as pa

    counts = (
        np.add.reduceat(np.append(keep, False).astype(np.int64), log.starts[:-1])
        if len(log.leads)
        else np.zeros(0, np.int64)
    )
    counts = np.where(np.diff(log.starts) > 0, counts, 0)
    stay = np.flatnonzero(counts)
    return replace(
        log,
        leads=log.leads.take(pa.array(stay)),
        starts=np.concatenate([[0], np.cumsum(counts[stay])]).astype(np.int64),
        **_taken(log, np.flatnonzero(keep)),
    )


def _without_duplicates(log: Log) -> Log:
    """Of the facts with one identity, the one that was recorded first."""
    suspects, identity = _suspects(log)
    if not len(suspects):
        return only(log, np.ones(len(log), np.bool_))
    order = np.lexsort((suspects, log.recorded_at[suspects], identity))
    suspects, identity = suspects[order], identity[order]
    content = _contents(log, suspects)
    first = np.insert(identity[1:] != identity[:-1], 0, True)
    leader = np.flatnonzero(first)[np.cumsum(first) - 1]
    same = content == content[leader]
    keep = np.ones(len(log), np.bool_)
    keep[suspects[~first]] = False
    return only(log, keep).counting(
        duplicates=int((same & ~first).sum()), conflicting_duplicates=int((~same).sum())
    )


def _suspects(log: Log) -> tuple[Ints, Ints]:
    """Rows that share an identity with another row, and a number for that identity."""
    if log.source_ids is None:
        return _equal_rows(log)
    codes = log.source_ids.dictionary_encode()
    ids = codes.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    if len(codes.dictionary) == len(ids):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    identity = ids * max(len(log.systems), 1) + log.source
    _distinct, identity, counts = np.unique(identity, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(counts[identity] > 1)
    return rows, identity[rows]


def _equal_rows(log: Log) -> tuple[Ints, Ints]:
    """Without source ids, facts of one lead and instant with the same content are one fact."""
    lead, at = log.lead, log.at
    tied = (lead[1:] == lead[:-1]) & (at[1:] == at[:-1])
    if not tied.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    rows = np.flatnonzero(np.append(tied, False) | np.insert(tied, 0, False))
    content = _contents(log, rows)
    counts = np.bincount(content)
    alike = counts[content] > 1
    return rows[alike], content[alike]


def _contents(log: Log, rows: Ints) -> Ints:
    """A number for what each of some rows says, equal for equal facts (`recorded_at` aside)."""
    group = np.zeros(len(rows), np.int64)
    columns: list[NDArray[Any]] = [
        log.lead,
        log.at,
        log.kind,
        log.code,
        log.who,
        log.amount,
        log.flags,
    ]
    for column in columns:
        group = _refined(group, column[rows])
    for field in log.fields.values():
        places = np.searchsorted(field.rows, rows)
        places[places == len(field.rows)] = 0
        found = field.rows[places] == rows if len(field.rows) else np.zeros(len(rows), np.bool_)
        group = _refined(group, np.where(found, field.codes[places] if len(field.rows) else 0, -1))
    return group


def _refined(group: Ints, column: NDArray[np.generic]) -> Ints:
    values = np.unique(column, return_inverse=True)[1]
    refined: Ints = np.unique(group * (int(values.max()) + 1) + values, return_inverse=True)[1]
    return refined
