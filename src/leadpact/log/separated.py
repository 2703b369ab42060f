"""Separated values: the rows of a CSV as columns of text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from leadpact import facts
from leadpact.log.columns import Ints
from leadpact.log.entries import Entries
from leadpact.log.refusals import Refusals, first
from leadpact.problem import Problem
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST: Final = 100_000
"""A field holds at most so many bytes."""
_BLOCK: Final = 4 * 2**20


@dataclass(frozen=True, eq=False)
class Separated:
    """The rows of a text with separators: names, columns of text (empty is null), lines."""

    names: list[str]
    columns: list[pa.Array]
    lines: Ints
    problems: list[Problem]


class _Ragged(NamedTuple):
    row: int
    text: str
    fields: int
    expected: int


def entries_of_csv(data: bytes) -> tuple[Entries, list[Problem]]:
    """The entries of a CSV with a header, and what is wrong with its rows."""
    table = separated(data, separator_of(data))
    names = [facts.key(name) for name in table.names]
    twice = [
        Problem(name, 1, _("The column '{name}' stands twice.").format(name=name), _("Rename one."))
        for name in sorted({name for name in names if name and names.count(name) > 1})
    ]
    kept = {name: column for name, column in zip(names, table.columns, strict=True) if name}
    return Entries(kept, table.lines), twice + table.problems


def separator_of(data: bytes) -> str:
    """The separator that the first line of a text uses most."""
    head = data[:LONGEST].replace(b"\r", b"\n").split(b"\n", 1)[0]
    return max(",;\t|", key=lambda separator: head.count(separator.encode()))


def separated(data: bytes, separator: str, skipped: int = 0) -> Separated:
    """UTF-8 text with separators, the header in its first row (after some `skipped` lines).

    A row with too many or too few fields and a field of more than `LONGEST` bytes are problems;
    blank rows are passed over.
    """
    import pyarrow as pa

    data = _after_lines(data, skipped)
    names = _header(data, separator)
    ragged: list[_Ragged] = []
    try:
        columns = _columns(data, separator, len(names), ragged)
    except pa.ArrowInvalid as error:
        what = str(error).splitlines()[0].removeprefix("CSV parse error: ")
        problem = Problem("", 0, _("The CSV can't be read: {error}.").format(error=what), _remedy())
        return Separated(names, [pa.nulls(0, pa.string())] * len(names), _NO_LINES, [problem])
    lines, ragged_lines = _lines(columns, ragged, 1 + skipped)
    problems = [_too_many_or_few(bad, line) for bad, line in zip(ragged, ragged_lines, strict=True)]
    problems += _long_fields(names, columns, lines) + _open_quote(data, columns, lines)
    filled = np.flatnonzero(_filled(columns, len(lines)))
    if len(filled) < len(lines):
        columns = [column.take(pa.array(filled)) for column in columns]
        lines = lines[filled]
    return Separated(names, columns, lines, first(problems, len(problems)))


_NO_LINES: Final = np.zeros(0, np.int64)


def _remedy() -> str:
    return _("Put fields that hold separators or line breaks into quotes, and close each quote.")


def _after_lines(data: bytes, skipped: int) -> bytes:
    for _line in range(skipped):
        data = data[data.find(b"\n") + 1 :] if b"\n" in data else b""
    return data


def _header(data: bytes, separator: str) -> list[str]:
    head = data[:LONGEST].decode("utf-8", "ignore")
    if not head.strip():
        return []
    try:
        names = next(csv.reader(_as_lines(head), delimiter=separator), [])
    except csv.Error:
        names = head.split("\n", 1)[0].split(separator)
    return [name.strip() for name in names]


def _as_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").splitlines(keepends=True)


def _columns(data: bytes, separator: str, count: int, ragged: list[_Ragged]) -> list[pa.Array]:
    """The columns under the header; a row that is longer than a block asks for a larger block."""
    import pyarrow as pa

    if not count:
        return []
    try:
        return _parsed(data, separator, count, ragged, _BLOCK)
    except pa.ArrowInvalid:
        ragged.clear()
        return _parsed(data, separator, count, ragged, min(len(data) + 1, 2**31 - 1))


def _parsed(
    data: bytes, separator: str, count: int, ragged: list[_Ragged], block: int
) -> list[pa.Array]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    def refuse(row: Any) -> str:
        ragged.append(_Ragged(row.number, row.text, row.actual_columns, row.expected_columns))
        return "skip"

    names = [str(place) for place in range(count)]
    table = arrow_csv.read_csv(
        pa.BufferReader(data),
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=block, column_names=names, skip_rows_after_names=1
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=separator,
            newlines_in_values=b'"' in data,
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
            check_utf8=False,
        ),
    )
    return [column.combine_chunks() for column in table.columns]


def _lines(
    columns: Sequence[pa.Array], ragged: list[_Ragged], header: int
) -> tuple[Ints, list[int]]:
    """The line on which each row begins, and the same for the ragged rows that are left out."""
    import pyarrow.compute as pc

    kept = len(columns[0]) if columns else 0
    breaks = np.zeros(kept + len(ragged), np.int64)
    whole = np.ones(len(breaks), np.bool_)
    for bad in ragged:
        whole[bad.row - 2] = False
        breaks[bad.row - 2] = bad.text.count("\n")
    inside = np.zeros(kept, np.int64)
    for column in columns:
        counts = pc.count_substring(column, "\n").fill_null(0)
        inside += counts.to_numpy(zero_copy_only=False)
    breaks[whole] = inside
    begins = header + 1 + np.arange(len(breaks)) + np.cumsum(breaks) - breaks
    return begins[whole], begins[~whole].tolist()


def _filled(columns: Sequence[pa.Array], count: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    filled = np.zeros(count, np.bool_)
    for column in columns:
        filled |= np.asarray(column.is_valid())
    return filled


def _too_many_or_few(bad: _Ragged, line: int) -> Problem:
    return Problem(
        "",
        line,
        _("The row has {fields} fields, the header has {expected}.").format(
            fields=bad.fields, expected=bad.expected
        ),
        _remedy(),
    )


def _long_fields(names: list[str], columns: Sequence[pa.Array], lines: Ints) -> list[Problem]:
    import pyarrow.compute as pc

    refusals = Refusals(lines)
    for name, column in zip(names, columns, strict=True):
        lengths = pc.binary_length(column).fill_null(0).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(lengths > LONGEST).tolist():
            what = _("The field holds {size:,} bytes; at most {most:,} are read.").format(
                size=int(lengths[row]), most=LONGEST
            )
            refusals.add(np.array([row]), name, what, _("Shorten it, or leave the column out."))
    return refusals.problems()


def _open_quote(data: bytes, columns: Sequence[pa.Array], lines: Ints) -> list[Problem]:
    """A quote that is never closed swallows the rest of the file into one field."""
    if not len(lines) or data.count(b'"') % 2 == 0:
        return []
    if not any("\n" in (column[-1].as_py() or "") for column in columns):
        return []
    return [Problem("", int(lines[-1]), _("A quote opens here and is never closed."), _remedy())]
