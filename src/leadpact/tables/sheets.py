"""Sheets: a table in a spreadsheet file, once it is sure that it unpacks to a sane size."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any, Final, NamedTuple

from leadpact.problem import Problem, did_you_mean
from leadpact.words import _

MOST_UNPACKED: Final = 512 * 2**20
"""A workbook unpacks to at most so many bytes in all."""
MOST_CELLS: Final = 20_000_000
"""A sheet spans at most so many cells."""
_MOST_PARTS: Final = 2_000
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_REFERENCE: Final = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet as columns of text under a header, and the row of each entry."""

    name: str
    names: list[str]
    columns: list[list[str | None]]
    rows: list[int]


def is_workbook(data: bytes) -> bool:
    """Whether these are the bytes of a spreadsheet file."""
    return data.startswith((_ZIP, _OLE))


class Grid(NamedTuple):
    """A sheet as rows of whatever its cells hold, its name, and the names of all sheets."""

    name: str
    names: Sequence[str]
    rows: Sequence[Sequence[Any]]


def sheet(data: bytes, name: str | None, header_row: int) -> Sheet | Problem:
    """The sheet of that name, or the first one; refused if it unpacks to too much."""
    found = grid(data, name)
    return found if isinstance(found, Problem) else _of_rows(found.name, found.rows, header_row)


def grid(data: bytes, name: str | None) -> Grid | Problem:
    """The cells of the sheet of that name, or of the first one; refused if it unpacks to too much."""
    if data.startswith(_ZIP) and (danger := _danger(data)):
        return danger
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        names = workbook.sheet_names
        if name is not None and name not in names:
            what = _("There is no sheet '{name}'.").format(name=name)
            return Problem("sheet", 0, what, did_you_mean(name, names))
        chosen = name or names[0]
        rows = workbook.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        what = _("The workbook can't be read: {error}.").format(error=error)
        return Problem("", 0, what, _("Save it again as XLSX without a password."))
    return Grid(chosen, names, rows)


def _danger(data: bytes) -> Problem | None:
    """What makes a workbook unsafe to open: too many parts, bytes or cells."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if len(parts) > _MOST_PARTS or size > MOST_UNPACKED:
                return _too_much(_("{size:,} bytes").format(size=size))
            for part in parts:
                if (
                    part.filename.startswith("xl/worksheets/")
                    and _cells(archive, part) > MOST_CELLS
                ):
                    return _too_much(_("more than {most:,} cells").format(most=MOST_CELLS))
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        RuntimeError,
        EOFError,
    ) as error:
        what = _("The workbook is damaged: {error}.").format(error=error)
        return Problem("", 0, what, _("Save it again as XLSX without a password."))
    return None


def _too_much(amount: str) -> Problem:
    what = _("The workbook unpacks to {amount}.").format(amount=amount)
    return Problem("", 0, what, _("Export the table as CSV."))


def _cells(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """The area that a sheet spans, from its cells and not from what it says of itself."""
    widest = longest = 0
    columns: set[bytes] = set()
    tail = b""
    with archive.open(part) as file:
        while block := file.read(2**20):
            text = tail + block
            for column, row in _REFERENCE.findall(text):
                columns.add(column)
                longest = max(longest, int(row))
            tail = text[-24:]
    for column in columns:
        number = 0
        for letter in column:
            number = number * 26 + letter - 64
        widest = max(widest, number)
    return widest * longest


def _of_rows(name: str, cells: Sequence[Sequence[Any]], header_row: int) -> Sheet | Problem:
    if len(cells) < header_row or not any(cells[header_row - 1]):
        what = _("Row {row} of the sheet '{name}' holds no header.").format(
            row=header_row, name=name
        )
        return Problem("header row", 0, what, _("Say in `read` which row the header is in."))
    names = [text_of(cell) or "" for cell in cells[header_row - 1]]
    filled = [
        (number, row)
        for number, row in enumerate(cells[header_row:], header_row + 1)
        if any(cell not in {"", None} for cell in row)
    ]
    columns = [[text_of(row[place]) for _number, row in filled] for place in range(len(names))]
    return Sheet(name, names, columns, [number for number, _row in filled])


def text_of(cell: Any) -> str | None:
    """A cell as the text that a CSV of the sheet would hold, dates and durations spelt plainly."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
