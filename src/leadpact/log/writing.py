"""Writing: a log as JSON lines, CSV or Parquet; a file is either whole or not there."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from leadpact.log.arrow import dated, number_columns, word_columns
from leadpact.log.columns import Ints, Log
from leadpact.log.forms import local_date, number
from leadpact.log.values import written

if TYPE_CHECKING:
    import pyarrow as pa

_CHUNK: Final = 100_000


@contextmanager
def replacing(path: str | Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` once it is written; if that fails, nothing changes."""
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        _keep_mode(target, name)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _keep_mode(target: Path, name: str) -> None:
    """The rights of the file that is replaced, or those a new file gets (mkstemp gives fewer)."""
    if target.exists():
        mode = target.stat().st_mode & 0o777
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    Path(name).chmod(mode)


def write_log(log: Log, path: str | Path) -> None:
    """Write a log in the format that the name asks for: .parquet, .csv, else JSON lines."""
    suffix = Path(path).suffix.casefold()
    if suffix == ".parquet":
        from leadpact.log.parquet_writing import write_parquet

        write_parquet(log, path)
    elif suffix == ".csv":
        write_csv(log, path)
    else:
        write_jsonl(log, path)


def write_jsonl(log: Log, path: str | Path) -> None:
    """Write a log as JSON lines: sorted, one fact a line, facts of accounts last."""
    with replacing(path) as file:
        for part, subject in _parts(log):
            columns = _json_columns(part, subject)
            for start in range(0, len(part), _CHUNK):
                _write_lines(
                    file, {name: column[start : start + _CHUNK] for name, column in columns.items()}
                )


def write_csv(log: Log, path: str | Path) -> None:
    """Write a log as CSV with the fields of all its facts as columns."""
    import pyarrow as pa
    from pyarrow import csv

    tables = [pa.table(_text_columns(part, subject)) for part, subject in _parts(log)]
    table = pa.concat_tables(tables, promote_options="default")
    with replacing(path) as file:
        csv.write_csv(table, file, csv.WriteOptions(quoting_style="needed"))


def write_table(table: pa.Table, path: str | Path) -> None:
    """Write a table in the format that the name asks for: .parquet, .csv, else JSON lines."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    suffix = Path(path).suffix.casefold()
    with replacing(path) as file:
        if suffix == ".parquet":
            parquet.write_table(table, file)
            return
        text = {
            name: column.cast(pa.string()).combine_chunks()
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
        if suffix == ".csv":
            csv.write_csv(pa.table(text), file, csv.WriteOptions(quoting_style="needed"))
        elif table.num_rows:
            numbers = {f.name for f in table.schema if pa.types.is_decimal(f.type)}
            _write_lines(
                file,
                {name: c if name in numbers else _mapped(c, _quoted) for name, c in text.items()},
            )


def _parts(log: Log) -> list[tuple[Log, str]]:
    parts = [(log, "lead")]
    if log.accounts is not None:
        parts.append((log.accounts, "account"))
    return parts


def _write_lines(file: IO[bytes], columns: dict[str, pa.Array]) -> None:
    import pyarrow.compute as pc

    keyed = [
        pc.binary_join_element_wise(f"{json.dumps(name)}: ", column, "")
        for name, column in columns.items()
    ]
    lines = pc.binary_join_element_wise(*keyed, ", ", null_handling="skip")
    text = "}\n{".join(lines.to_pylist())
    file.write(b"{" + text.encode() + b"}\n")


def _json_columns(log: Log, subject: str) -> dict[str, pa.Array]:
    numbers = set(number_columns(log))
    return {
        name: column if name in numbers else _mapped(column, _quoted)
        for name, column in _text_columns(log, subject).items()
    }


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _mapped(column: pa.Array, spelling: Callable[[str], str]) -> pa.Array:
    """A column of text with each distinct word spelt anew."""
    import pyarrow as pa

    words = column.dictionary_encode()
    spelt = pa.array([spelling(word) for word in words.dictionary.to_pylist()], pa.string())
    return spelt.take(words.indices)


def _text_columns(log: Log, subject: str) -> dict[str, pa.Array]:
    """The columns of a log as text, in the order of reading."""
    import pyarrow as pa

    columns = {
        subject: log.leads.take(pa.array(log.lead)),
        "occurred_at": _times(log.at, dated(log), log.zone),
    }
    words = {name: column.cast(pa.string()) for name, column in word_columns(log).items()}
    system = words.pop("system")
    columns |= {"kind": words.pop("kind")}
    columns |= {name: words.pop(name) for name in list(words) if name not in log.fields}
    columns |= {name: _numbers(column, len(log)) for name, column in number_columns(log).items()}
    columns |= {name: column for name, column in words.items() if name != subject}
    if (log.recorded_at != log.at).any():
        columns["recorded_at"] = _told(log)
    columns["system"] = system
    if log.source_ids is not None:
        columns["source_id"] = log.source_ids
    return columns


def _told(log: Log) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    same = pa.array(log.recorded_at == log.at)
    return pc.if_else(same, None, written(log.recorded_at))


def _times(at: Ints, days: Ints, zone: str) -> pa.Array:
    """Instants as text; those in `days` as a date of the zone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = written(at)
    if not len(days):
        return texts
    distinct, codes = np.unique(at[days], return_inverse=True)
    dates = pa.array([local_date(moment, zone) for moment in distinct.tolist()], pa.string())
    mask = np.zeros(len(at), np.bool_)
    mask[days] = True
    return pc.replace_with_mask(texts, pa.array(mask), dates.take(pa.array(codes)))


def _numbers(column: tuple[Ints, Ints], length: int) -> pa.Array:
    """Amounts as plain decimal text."""
    import pyarrow as pa

    rows, scaled = column
    distinct, codes = np.unique(scaled, return_inverse=True)
    texts = pa.array([f"{number(one):f}" for one in distinct.tolist()], pa.string())
    places = np.full(length, -1, np.int64)
    places[rows] = codes
    return texts.take(pa.array(places, mask=places < 0))
