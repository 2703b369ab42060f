"""Reading Parquet: what `write_parquet` wrote comes back as columns; other files are sorted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from leadpact import facts
from leadpact.log.columns import DATE_ONLY, Codes, Ints, Log
from leadpact.log.entries import Entries, log_of
from leadpact.log.forms import local_date
from leadpact.log.instants import utc
from leadpact.log.joining import joined
from leadpact.log.parquet_writing import MARK
from leadpact.log.refusals import Refusals
from leadpact.log.sorting import in_order
from leadpact.log.values import Values, codes_of
from leadpact.problem import Problem
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

Content: TypeAlias = bytes | Path

_THREADS: Final = 2  # decoding overlaps with typing; more gain nothing on one file


def log_of_parquet(
    content: Content, *, zone: ZoneInfo, name: str, lenient: bool = False
) -> tuple[Log | None, list[Problem]]:
    """The log in a Parquet file. One that `write_parquet` wrote isn't sorted again."""
    import pyarrow as pa

    try:
        mark = _mark(_open(content))
        parts = list(_sorted_parts(content, mark, zone))
        whole = [part for part in parts if part is not None]
        if whole and len(whole) == len(parts) and (log := joined(whole)) is not None:
            return replace(log, counts={**mark.get("counts", {}), "read": len(log)}), []
        return _sorted_now(content, mark, zone, name, lenient=lenient)
    except (pa.ArrowException, OSError, ValueError) as error:
        return None, [_unreadable(error)]


def row_groups(path: Path, zone: str) -> Iterator[Log]:
    """The log in a file that `write_parquet` wrote, part by part; none where it is no such file.

    Every part holds whole leads, in order, and all parts share the words of subjects and people.
    """
    where = ZoneInfo(zone)
    parts = _sorted_parts(path, _mark(_open(path)), where)
    return (part for part in parts if part is not None)


def _open(content: Content, metadata: parquet.FileMetaData | None = None) -> parquet.ParquetFile:
    from pyarrow import parquet

    if isinstance(content, bytes):
        return parquet.ParquetFile(BytesIO(content), metadata=metadata)
    return parquet.ParquetFile(content, metadata=metadata, memory_map=True)


def _mark(file: parquet.ParquetFile) -> Mapping[str, Any]:
    told = (file.metadata.metadata or {}).get(MARK)
    mark = json.loads(told) if told else {}
    return mark if isinstance(mark, dict) else {}


def _sorted_parts(
    content: Content, mark: Mapping[str, Any], zone: ZoneInfo
) -> Iterator[Log | None]:
    """The row groups as logs; None where one isn't as its mark says."""
    file = _open(content)
    if not mark.get("sorted") or mark.get("zone") != str(zone) or not file.num_row_groups:
        return
    metadata = file.metadata

    def part(group: int) -> Log | None:
        table = _open(content, metadata).read_row_group(group, use_threads=False)
        return _part(table, mark, zone)

    with ThreadPoolExecutor(_THREADS) as pool:
        ahead = [
            pool.submit(part, group) for group in range(min(_THREADS, metadata.num_row_groups))
        ]
        for group in range(metadata.num_row_groups):
            found = ahead.pop(0).result()
            if group + _THREADS < metadata.num_row_groups:
                ahead.append(pool.submit(part, group + _THREADS))
            yield found


def _part(table: pa.Table, mark: Mapping[str, Any], zone: ZoneInfo) -> Log | None:
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    lead, leads = _leads(columns["lead"])
    at = _whole(columns["occurred_at"])
    if leads is None or not in_order(lead, at):
        return None
    kind, names = codes_of(columns["kind"], facts.key)
    kind = np.array([facts.CODES.get(name, -1) for name in names] or [-1], np.int32)[kind]
    refusals = Refusals(np.arange(1, len(at) + 1))
    shared = (tuple(mark.get("codes", ())), tuple(mark.get("people", ())))
    values = Values(columns, kind, refusals, zone, shared)
    if refusals.bad.any() or (len(kind) and kind.min() < 0):
        return None
    if "date_only" in columns:
        values.flags[np.asarray(columns["date_only"].fill_null(False))] |= DATE_ONLY
    source, systems = _systems(columns, mark, len(at))
    return Log(
        leads=leads,
        starts=np.append(np.flatnonzero(np.diff(lead, prepend=-1)), len(lead)).astype(np.int64),
        at=at,
        recorded_at=_whole(columns["recorded_at"]) if "recorded_at" in columns else at,
        kind=kind.astype(np.int8),
        code=values.code,
        who=values.who,
        amount=values.amount,
        flags=values.flags,
        codes=values.codes,
        people=values.people,
        fields=values.fields,
        source=source,
        systems=systems,
        source_ids=columns.get("source_id"),
        zone=str(zone),
        counts={"read": len(at)},
    )


def _leads(column: pa.Array) -> tuple[Codes, pa.StringArray | None]:
    """A number for the lead of each row, and the keys; None where they aren't in order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    lead = column.indices.to_numpy(zero_copy_only=False)
    keys = column.dictionary
    ordered = len(keys) < 2 or pc.all(pc.less(keys[:-1], keys[1:])).as_py()
    whole = len(lead) > 0 and lead[0] == 0 and lead[-1] == len(keys) - 1
    if column.null_count or not ordered or not whole or np.diff(lead).max(initial=0) > 1:
        return lead, None
    return lead, keys


def _whole(column: pa.Array) -> Ints:
    import pyarrow as pa

    return np.array(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()), np.int64)


def _systems(
    columns: Mapping[str, pa.Array], mark: Mapping[str, Any], count: int
) -> tuple[Codes, tuple[str, ...]]:
    known = tuple(mark.get("systems", ("",)))
    if "system" not in columns:
        return np.zeros(count, np.int32), known[:1]
    codes, words = codes_of(columns["system"], str)
    place = {word: code for code, word in enumerate(known)}
    return np.array([place[word] for word in words], np.int32)[codes], known


def _sorted_now(
    content: Content, mark: Mapping[str, Any], zone: ZoneInfo, name: str, *, lenient: bool
) -> tuple[Log | None, list[Problem]]:
    entries, problems = _entries(content)
    if entries is None:
        return None, problems
    columns = dict(entries.columns)
    if "date_only" in columns and mark.get("zone") not in {None, str(zone)}:
        columns["occurred_at"] = _moved_days(columns, ZoneInfo(mark["zone"]), zone)
    told = next(iter(mark.get("systems", ())), name)  # a file of one system has no column for it
    return log_of(Entries(columns, entries.lines), zone=zone, name=told, lenient=lenient)


def entries_of_parquet(content: Content) -> tuple[Entries | None, list[Problem]]:
    """The rows of any Parquet file as entries."""
    import pyarrow as pa

    try:
        return _entries(content)
    except (pa.ArrowException, OSError, ValueError) as error:
        return None, [_unreadable(error)]


def _entries(content: Content) -> tuple[Entries | None, list[Problem]]:
    table = _open(content).read()
    names = [facts.key(column) for column in table.column_names]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        what = _("The column '{name}' stands twice.").format(name=twice[0])
        return None, [Problem(twice[0], 0, what, _("Rename one."))]
    columns = {
        name: _flat(column) for name, column in zip(names, table.columns, strict=True) if name
    }
    return Entries(columns, np.arange(1, table.num_rows + 1)), []


def _unreadable(error: Exception) -> Problem:
    reason = (str(error).strip().splitlines() or [""])[0].rstrip(".")
    what = _("The Parquet file can't be read: {reason}.").format(reason=reason)
    return Problem("", 0, what, _("Write it again; it may be cut short."))


def _flat(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece; nested values as their JSON text."""
    import pyarrow as pa

    from leadpact.log.lines import text

    if pa.types.is_nested(column.type):
        return pa.array([text(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()


def _moved_days(columns: Mapping[str, pa.Array], written: ZoneInfo, zone: ZoneInfo) -> pa.Array:
    """Instants of which those of whole days begin the same day in another zone."""
    import pyarrow as pa

    at = _whole(columns["occurred_at"])
    days = np.flatnonzero(np.asarray(columns["date_only"].fill_null(False)))
    distinct, codes = np.unique(at[days], return_inverse=True)
    dates = [local_date(moment, str(written)) for moment in distinct.tolist()]
    local = np.array(dates, "datetime64[us]").astype(np.int64)
    at[days] = utc(local, zone)[0][codes] if len(days) else at[days]
    return pa.array(at).cast(pa.timestamp("us", "UTC"))
