"""Rows: a table of one kind of thing, such as leads or people, as columns of text by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadpact.log.reading import content_of, entries_of
from leadpact.log.texts import unpacked
from leadpact.problem import Problem
from leadpact.tables.sources import MOST_BYTES, Reading, folded, source
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Rows:
    """Columns of equal length under their names (small letters, words apart), None for nothing; and
    the line of each row."""

    columns: Mapping[str, list[str | None]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, *names: str) -> list[str | None]:
        """The column of the first of these names that there is; nothing but None without it."""
        found = next((self.columns[name] for name in names if name in self.columns), None)
        return [None] * len(self) if found is None else found


def read_rows(file: str | Path | bytes) -> tuple[Rows | None, list[Problem]]:
    """The rows of a file: CSV (also gzipped), XLSX, JSON lines or Parquet, told by its content."""
    content = file if isinstance(file, bytes) else content_of(file)
    if isinstance(content, bytes):
        content = unpacked(content, MOST_BYTES)
    if isinstance(content, Problem):
        return None, [content]
    if isinstance(content, bytes) and not _is_told_by_itself(content):
        table, problems = source(content, Reading())
        if table is None or problems:
            return None, problems
        return _rows(table.columns, table.rows.tolist())
    entries, problems = entries_of(content)
    if entries is None or problems:
        return None, problems
    return _rows(entries.columns, entries.lines.tolist())


def _is_told_by_itself(content: bytes) -> bool:
    """Whether the bytes are Parquet or JSON lines."""
    return content[:4] == b"PAR1" or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _rows(columns: Mapping[str, pa.Array], lines: list[int]) -> tuple[Rows | None, list[Problem]]:
    from leadpact.log.lines import text

    found: dict[str, list[str | None]] = {}
    for name, column in columns.items():
        values = [(text(value) or "").strip() or None for value in column.to_pylist()]
        found.setdefault(folded(name).replace("_", " "), values)
    if not lines:
        said = _("The table has no rows.")
        return None, [Problem("", 0, said, _("Export it again, with its rows."))]
    return Rows(found, lines), []
