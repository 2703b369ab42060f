"""Reading: a file or a pasted text as a header and rows of text, whatever program wrote it."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from leadpact.log.texts import unpacked
from leadpact.problem import Problem
from leadpact.tables.encodings import decoded
from leadpact.tables.sheets import grid, is_workbook, text_of
from leadpact.tables.sources import separator_of

MOST_BYTES: Final = 50 * 2**20
"""A file holds at most so many bytes, unpacked."""
MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 400
MOST_IN_A_CELL: Final = 10_000
"""Characters."""
ENCODINGS: Final = (
    *("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "cp1254", "cp1256", "cp874"),
    *("gb18030", "big5", "shift_jis"),
)
"""Encodings that somebody may choose where the guess was wrong."""
SEPARATORS: Final = {",": ",", ";": ";", "tab": "\t", "|": "|"}
_HEADER_WITHIN = 20
_TOTALS = ("total", "grand total", "subtotal", "jumlah", "somme", "รวม", "جمع", "مجموع")
_FOREIGN: Final = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"SQLite format 3": "SQLite",
}


class Choice(NamedTuple):
    """How somebody wants a file to be read; empty or 0 is for what the file itself tells."""

    encoding: str = ""
    separator: str = ""
    header_row: int = 0
    sheet: str = ""


_AS_IT_IS: Final = Choice()


class Row(NamedTuple):
    """A row of a file: the line (or the row of the sheet) where it begins, and its cells."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A file that was read; `left_out` counts the lines that are no rows, by why."""

    header: list[str]
    rows: list[Row]
    encoding: str
    separator: str
    header_row: int
    sheets: Sequence[str] = ()
    left_out: Counter[str] = field(default_factory=Counter)


def table_of(data: bytes, choice: Choice = _AS_IT_IS) -> Table | Problem:
    """The table in a file: CSV in any usual encoding, also gzipped, or XLSX; or why there is none."""
    plain = unpacked(data, MOST_BYTES)
    if isinstance(plain, Problem):
        return plain
    if foreign := next((name for mark, name in _FOREIGN.items() if plain.startswith(mark)), None):
        what = _("This is a %(kind)s file, not a table.") % {"kind": foreign}
        return _wrong(what, _("Export the leads as CSV or XLSX."))
    if is_workbook(plain):
        return _of_sheet(plain, choice)
    return _of_text(plain, choice)


def _wrong(what: str, remedy: str, line: int = 0) -> Problem:
    return Problem("file", line, what, remedy)


def _of_sheet(data: bytes, choice: Choice) -> Table | Problem:
    found = grid(data, choice.sheet or None)
    if isinstance(found, Problem):
        return found
    rows = (
        Row(number, [" ".join((text_of(cell) or "").replace("\0", "").split()) for cell in cells])
        for number, cells in enumerate(found.rows, 1)
    )
    return _table(rows, choice, "xlsx", found.name, found.names)


def _of_text(data: bytes, choice: Choice) -> Table | Problem:
    text = decoded(data, choice.encoding or None)
    if isinstance(text, Problem):
        return text
    if b"\0" in text.data:
        line = text.data[: text.data.find(b"\0")].count(b"\n") + 1
        what = _("The text holds a NUL character.")
        return _wrong(what, _("Remove it, or choose the encoding of the file."), line)
    separator = SEPARATORS.get(choice.separator) or separator_of(text.data, 1)
    if not choice.separator and separator not in text.data[:20_000].decode(errors="ignore"):
        separator = ","
    plain = text.data.decode(errors="replace")
    try:
        return _table(_rows_of(plain, separator), choice, text.encoding, separator)
    except _Unclosed as quote:
        what = _("A quote opens here and is never closed.")
        return _wrong(what, _("Close it, or remove it, and bring the file again."), quote.line)
    except csv.Error as error:
        what = _("The file can't be read as CSV: %(error)s.") % {"error": error}
        return _wrong(what, _("Export it again."))


class _Unclosed(Exception):
    """A quote swallowed the rest of the file."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


def _rows_of(text: str, separator: str) -> Iterator[Row]:
    """The records of a CSV, each with the line where it begins. Raises `_Unclosed`, `csv.Error`."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    begins, lines, cells = 1, 0, []
    is_odd = text.count('"') % 2 == 1
    for cells in reader:
        begins, lines = lines + 1, reader.line_num
        if is_odd and lines > begins and lines >= text.count("\n"):
            raise _Unclosed(begins)
        yield Row(begins, [" ".join(cell.split()) for cell in cells])


def _table(
    rows: Iterable[Row], choice: Choice, encoding: str, separator: str, sheets: Sequence[str] = ()
) -> Table | Problem:
    found: list[Row] = []
    for row in rows:
        if len(row.cells) > MOST_COLUMNS and any(row.cells[MOST_COLUMNS:]):
            what = _("The file has more than %(most)s columns.") % {"most": MOST_COLUMNS}
            return _wrong(what, _("Leave out columns that tell nothing of leads."), row.line)
        if any(row.cells):
            found.append(row)
        if len(found) > MOST_ROWS + _HEADER_WITHIN:
            what = _("The file has more than %(most)s rows.") % {"most": MOST_ROWS}
            return _wrong(what, _("Split it."))
    if not found:
        return _wrong(_("The file is empty."), _("Export it again."))
    place = _header_place(found, choice.header_row)
    if place is None:
        what = _("There is nothing in row %(row)s.") % {"row": choice.header_row}
        return _wrong(what, _("Choose the row that names the columns."))
    return _with_header(found, place, encoding, separator, sheets)


def _header_place(rows: Sequence[Row], wanted: int) -> int | None:
    """Which row names the columns: the one that is wanted, else the first that is as full as most."""
    if wanted:
        return next((n for n, row in enumerate(rows) if row.line == wanted), None)
    head = rows[:_HEADER_WITHIN]
    widths = [sum(map(bool, row.cells)) for row in head]
    usual = max(widths)
    return next(n for n, width in enumerate(widths) if width >= max(1, usual * 0.6))


def _with_header(
    rows: list[Row], place: int, encoding: str, separator: str, sheets: Sequence[str]
) -> Table | Problem:
    names = rows[place].cells
    while names and not names[-1]:
        names = names[:-1]
    if not any(any(row.cells) for row in rows[place + 1 :]):
        what = _("The file names columns, but has no rows.")
        return _wrong(what, _("Export it again, with the leads in it."), rows[place].line)
    left_out: Counter[str] = Counter()
    if place:
        left_out["before the header"] = place
    body = _without_footer(rows[place + 1 :], len(names), left_out)
    width = max([len(names), *(_width(row.cells) for row in body)])
    header = [names[n] if n < len(names) else "" for n in range(width)]
    kept: list[Row] = []
    for row in body:
        if row.cells[: len(names)] == names:
            left_out["header again"] += 1
            continue
        cells = [cell[:MOST_IN_A_CELL] for cell in row.cells[:width]]
        kept.append(Row(row.line, cells + [""] * (width - len(cells))))
    if len(kept) > MOST_ROWS:
        what = _("The file has more than %(most)s rows.") % {"most": MOST_ROWS}
        return _wrong(what, _("Split it."))
    return Table(header, kept, encoding, separator, rows[place].line, sheets, left_out)


def _width(cells: Sequence[str]) -> int:
    return next((n for n in range(len(cells), 0, -1) if cells[n - 1]), 0)


def _without_footer(rows: list[Row], width: int, left_out: Counter[str]) -> list[Row]:
    """The rows without the last ones that hold one cell only, or a total, as reports end."""
    end = len(rows)
    while end > 1 and width > 2 and _is_footer(rows[end - 1]):
        end -= 1
    if end < len(rows):
        left_out["footer"] = len(rows) - end
    return rows[:end]


def _is_footer(row: Row) -> bool:
    filled = [cell for cell in row.cells if cell]
    return len(filled) <= 1 or filled[0].casefold().startswith(_TOTALS)
