"""Writing Parquet: a log of many millions of facts, sorted once and read as columns ever after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from leadpact.log.arrow import dated, number_columns, word_columns
from leadpact.log.columns import MONEY_SCALE, Ints, Log
from leadpact.log.values import exact
from leadpact.log.writing import replacing

if TYPE_CHECKING:
    import pyarrow as pa

GROUP: Final = 500_000
"""A row group holds about so many facts, and never a part of a lead."""
MARK: Final = b"leadpact"
"""The key of the metadata that tells how a file is sorted and which words it uses."""
_TIMES: Final = frozenset({"occurred_at", "recorded_at"})
_FEW: Final = 65_536


def write_parquet(log: Log, path: str | Path, group: int = GROUP) -> None:
    """Write a log as Parquet, one column a field, sorted; row groups end with a lead."""
    from pyarrow import parquet

    columns = _columns(log)
    parts = [_slice(log, columns, *leads) for leads in _groups(log.starts, group)]
    if log.accounts is not None:
        parts.append(_of_accounts(log.accounts))
    schema = _schema(parts, log)
    with (
        replacing(path) as file,
        parquet.ParquetWriter(
            file,
            schema,
            compression={name: _compression(name) for name in schema.names},
            use_dictionary=[name for name in schema.names if name not in _TIMES],
            column_encoding=dict.fromkeys(_TIMES & set(schema.names), "DELTA_BINARY_PACKED"),
            dictionary_pagesize_limit=64 * 2**20,
            write_statistics=["occurred_at"],
        ) as writer,
    ):
        for part in parts:
            writer.write_table(_as(schema, part), row_group_size=2**31)


def _compression(name: str) -> str:
    """Packed times don't shrink further, only cost time."""
    return "none" if name in _TIMES else "zstd"


def _groups(starts: Ints, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of leads that hold about `size` facts together."""
    first, leads = 0, len(starts) - 1
    while first < leads:
        last = int(np.searchsorted(starts, starts[first] + size, side="right")) - 1
        last = min(max(last, first + 1), leads)
        yield first, last
        first = last


def _columns(log: Log) -> dict[str, pa.Array]:
    import pyarrow as pa

    stamp = pa.timestamp("us", "UTC")
    columns = {"occurred_at": pa.array(log.at).cast(stamp)}
    if (log.recorded_at != log.at).any():
        columns["recorded_at"] = pa.array(log.recorded_at).cast(stamp)
    words = word_columns(log)
    if len(log.systems) == 1:
        del words["system"]
    columns |= {name: _compact(column) for name, column in words.items()}
    columns |= {name: _numbers(*column, len(log)) for name, column in number_columns(log).items()}
    if len(days := dated(log)):
        date_only = np.zeros(len(log), np.bool_)
        date_only[days] = True
        columns["date_only"] = pa.array(date_only)
    if log.source_ids is not None:
        columns["source_id"] = log.source_ids
    return columns


def _compact(column: pa.DictionaryArray) -> pa.Array:
    """Few words stay a dictionary; of many each row group gets those it needs."""
    return column if len(column.dictionary) <= _FEW else column.cast(column.type.value_type)


def _numbers(rows: Ints, scaled: Ints, length: int) -> pa.Array:
    """Amounts as whole numbers, or as decimals where one has a fraction."""
    import pyarrow as pa

    given = np.zeros(length, np.int64)
    missing = np.ones(length, np.bool_)
    missing[rows] = False
    if not (scaled % MONEY_SCALE).any():
        given[rows] = scaled // MONEY_SCALE
        return pa.array(given, mask=missing)
    given[rows] = scaled
    halves = np.stack([given, given >> 63], axis=1)  # 128 bits, low half first
    valid = pa.array(~missing).buffers()[1]
    return pa.Array.from_buffers(exact(), length, [valid, pa.py_buffer(halves.tobytes())])


def _slice(log: Log, columns: dict[str, pa.Array], first: int, last: int) -> pa.Table:
    import pyarrow as pa

    start, stop = int(log.starts[first]), int(log.starts[last])
    counts = np.diff(log.starts[first : last + 1])
    codes = np.repeat(np.arange(last - first, dtype=np.int32), counts)
    lead = pa.DictionaryArray.from_arrays(codes, log.leads.slice(first, last - first))
    return pa.table(
        {"lead": lead} | {name: c.slice(start, stop - start) for name, c in columns.items()}
    )


def _of_accounts(accounts: Log) -> pa.Table:
    """Facts of accounts: the last row group, without a lead."""
    table = _slice(accounts, _columns(accounts), 0, len(accounts.leads))
    return table.rename_columns(["account", *table.column_names[1:]])


def _schema(parts: list[pa.Table], log: Log) -> pa.Schema:
    import pyarrow as pa

    words = pa.dictionary(pa.int32(), pa.string())
    fields = {"lead": words, "occurred_at": pa.timestamp("us", "UTC"), "kind": words}
    for part in parts:
        for field in part.schema:
            known = fields.setdefault(field.name, field.type)
            if known != field.type:
                both = {known, field.type}
                fields[field.name] = exact() if both == {pa.int64(), exact()} else pa.string()
    mark = {"log": 1, "sorted": log.accounts is None, "zone": log.zone}
    mark |= {"counts": {name: count for name, count in log.counts.items() if name != "read"}}
    mark |= {"codes": log.codes, "people": log.people, "systems": log.systems}
    return pa.schema(list(fields.items()), metadata={MARK: json.dumps(mark).encode()})


def _as(schema: pa.Schema, part: pa.Table) -> pa.Table:
    import pyarrow as pa

    columns = [
        part.column(field.name).cast(field.type)
        if field.name in part.column_names
        else pa.nulls(part.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
