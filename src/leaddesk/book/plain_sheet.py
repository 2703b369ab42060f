"""Plain sheet: rows of text as CSV or XLSX, without anything that a spreadsheet would take for a formula."""

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def defused(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula: what would be one gets an apostrophe."""
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(_RISKY) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def csv_of(
    names: Sequence[str], rows: Iterable[Sequence[Any]], *, is_marked: bool = True
) -> Iterator[bytes]:
    """Rows as CSV in UTF-8; where it `is_marked`, with the mark that spreadsheets know that by."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\r\n")
    page.write("\ufeff" if is_marked else "")
    writer.writerow(names)
    for row in rows:
        writer.writerow([defused(value) for value in row])
        if page.tell() > 65_536:
            yield page.getvalue().encode()
            page.seek(0)
            page.truncate()
    yield page.getvalue().encode()


def xlsx_of(
    title: str, names: Sequence[str], rows: Iterable[Sequence[str]], *, is_rtl: bool
) -> Any:
    """Rows as a file of XLSX that is open at its beginning."""
    import xlsxwriter

    file = tempfile.TemporaryFile()  # noqa: SIM115  (whoever sends it closes it)
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    if is_rtl:
        sheet.right_to_left()
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(names) - 1, 20)
    bold = book.add_format({"bold": True})
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, bold)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if value:
                sheet.write_string(number, place, value)
    book.close()
    file.seek(0)
    return file
