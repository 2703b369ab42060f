"""Sources: exported files as tables of text, with what was found out about how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from leadpact.log.columns import Ints
from leadpact.log.separated import LONGEST, separated
from leadpact.log.texts import unpacked
from leadpact.problem import Problem
from leadpact.tables.encodings import Decoded, decoded
from leadpact.tables.sheets import is_workbook, sheet
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa

MOST_BYTES: Final = 2**30
"""An exported table holds at most so many bytes, unpacked."""
_SEPARATORS: Final = ",;\t|"


@dataclass(frozen=True)
class Reading:
    """How a file is to be read, where the mapping says so."""

    encoding: str | None = None
    separator: str | None = None
    header_row: int = 1
    sheet: str | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """One table: columns of text by their names (folded), the row of each entry, how it is written."""

    columns: Mapping[str, pa.Array]
    names: tuple[str, ...]
    rows: Ints
    encoding: str
    separator: str

    def __len__(self) -> int:
        return len(self.rows)


def folded(name: str) -> str:
    """The name of a column as it is compared: without case, quotes and runs of space."""
    return " ".join(name.replace("\u00a0", " ").strip("\ufeff\"' ").casefold().split())


def source(file: str | Path | bytes, reading: Reading) -> tuple[Source | None, list[Problem]]:
    """The table in a file (CSV, also gzipped, or XLSX) and the rows that can't be read.

    Without a table the problems say why; with one they are its rows that are left out.
    """
    content = _content(file)
    data = unpacked(content, MOST_BYTES) if isinstance(content, bytes) else content
    if isinstance(data, Problem):
        return None, [data]
    if is_workbook(data):
        return _of_sheet(data, reading)
    text = decoded(data, reading.encoding)
    if isinstance(text, Problem):
        return None, [text]
    return _of_text(text, reading)


def _content(file: str | Path | bytes) -> bytes | Problem:
    if isinstance(file, bytes):
        return file
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        what = _("'{path}' can't be read: {reason}.").format(path=file, reason=reason)
        return Problem("", 0, what, _("Check the path of the file."))


def _of_text(text: Decoded, reading: Reading) -> tuple[Source | None, list[Problem]]:
    if b"\0" in text.data:
        line = text.data[: text.data.find(b"\0")].count(b"\n") + 1
        what = _("The text holds a NUL character.")
        return None, [Problem("", line, what, _("Remove it, or name the encoding of the file."))]
    separator = reading.separator or separator_of(text.data, reading.header_row)
    table = separated(text.data, separator, reading.header_row - 1)
    if not table.names:
        return None, [Problem("", 0, _("The file is empty."), _("Export it again."))]
    return _source(
        table.names, table.columns, table.lines, text.encoding, separator
    ), table.problems


def _of_sheet(data: bytes, reading: Reading) -> tuple[Source | None, list[Problem]]:
    import pyarrow as pa

    found = sheet(data, reading.sheet, reading.header_row)
    if isinstance(found, Problem):
        return None, [found]
    columns = [pa.array(column, pa.string()) for column in found.columns]
    rows = np.array(found.rows, np.int64)
    return _source(found.names, columns, rows, "xlsx", found.name), []


def _source(
    names: list[str], columns: list[pa.Array], rows: Ints, encoding: str, separator: str
) -> Source:
    import pyarrow.compute as pc

    trimmed: dict[str, pa.Array] = {}
    for name, column in zip(names, columns, strict=True):
        bare = pc.utf8_trim_whitespace(column)
        if folded(name):
            trimmed.setdefault(folded(name), pc.if_else(pc.equal(bare, ""), None, bare))
    return Source(trimmed, tuple(names), rows, encoding, separator)


def separator_of(data: bytes, header_row: int) -> str:
    """The separator that splits the header and the rows after it into equally many fields."""
    head = data[:LONGEST].decode("utf-8", "ignore").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in head.split("\n")[header_row - 1 : header_row + 40] if line.strip()]
    if not lines:
        return ","

    def agreement(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        return sum(count == counts[0] for count in counts) if counts[0] else 0, counts[0]

    best = max(_SEPARATORS, key=agreement)
    by_header = max(_SEPARATORS, key=lines[0].count)
    return best if agreement(best)[0] > agreement(by_header)[0] * 2 else by_header
