"""Rows of an import as pages and files show them: cells, what is wrong, what would change."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import imports
from leaddesk.book.models import Import, ImportRow
from leaddesk.pages.form import answering
from leaddesk.pages.visitor import signed_in
from leaddesk.wire.fields import FIELDS, KEEP

MOST_COLUMNS = 14
"""So many columns are shown; the downloaded file has all."""
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class Cell(NamedTuple):
    """A cell: its column, its text, and what is wrong with it ("" for nothing)."""

    column: int
    text: str
    wrong: str


class Question(NamedTuple):
    """A row: its line, its cells, what became of it, what is wrong, and what would change."""

    number: int
    line: int
    lead: str
    outcome: str
    word: str
    state: str
    cells: Sequence[Cell]
    wrong: Sequence[str]
    changes: Sequence[tuple[str, str, str]]


def outcomes() -> list[tuple[str, str]]:
    """What can become of a row, in words."""
    return [
        ("new", _("New")),
        ("changed", _("Changed")),
        ("same", _("Unchanged")),
        ("repeated", _("Repeated")),
        ("problem", _("Problem")),
    ]


def lines_of(rows: Sequence[ImportRow]) -> list[tuple[int, list[str]]]:
    """Rows as their lines and cells."""
    return [(row.line, json.loads(row.cells)) for row in rows]


def columns_of(whole: Import, rows: Sequence[ImportRow] = ()) -> list[tuple[int, str, str]]:
    """The columns that mean something: number, header, what it means; those in which a cell of
    these rows is wrong come first."""
    wrong = {column for row in rows for column, *_said in json.loads(row.problems or "[]")}
    found = []
    for n, name in enumerate(whole.mapping.get("columns", [])):
        if name == KEEP:
            found.append((n, whole.header[n], _("kept as an attribute")))
        elif name in FIELDS:
            found.append((n, whole.header[n], str(FIELDS[name].label)))
    found.sort(key=lambda one: one[0] not in wrong)
    return found[: max(MOST_COLUMNS, len(wrong))]


def questions(whole: Import, rows: Sequence[ImportRow]) -> list[Question]:
    """Rows as a page shows them."""
    words = dict(outcomes()) | {"undone": _("Undone"), "kept": _("Kept")}
    states = {"new": "good", "changed": "warn", "problem": "bad", "repeated": "bad"}
    columns = [n for n, _header, _means in columns_of(whole, rows)]
    found = []
    for row in rows:
        cells = json.loads(row.cells)
        problems = json.loads(row.problems or "[]")
        wrong: dict[int, str] = {}
        for column, problem, remedy in problems:
            wrong[column] = f"{wrong.get(column, '')} {problem} {remedy}".strip()
        found.append(
            Question(
                row.number,
                row.line,
                row.lead,
                row.outcome,
                words.get(row.outcome, ""),
                states.get(row.outcome, ""),
                [Cell(n, cells[n] if n < len(cells) else "", wrong.get(n, "")) for n in columns],
                [wrong[-1]] if -1 in wrong else [],
                [*_changes(row)],
            )
        )
    return found


def _changes(row: ImportRow) -> Iterator[tuple[str, str, str]]:
    """What would change: the field in words, the old and the new value."""
    for name, (old, new) in json.loads(row.changes or "{}").items():
        if new == "made" and name in {"lead", "contact"}:
            continue
        field = FIELDS.get(name)
        yield (str(field.label) if field else name.replace("_", " "), old, new)


@require_safe
@signed_in
@answering
def problem_rows(request: Any, key: str) -> HttpResponse:
    """The rows that aren't taken, as they stood in the file, with the reason; a CSV."""
    whole = imports.found(request.actor, key)
    head = [_("Line"), _("Reason"), *whole.header]
    response = StreamingHttpResponse(_csv(whole, head), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="problems-{whole.key}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _csv(whole: Import, head: list[str]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _lines([head])
    after = 0
    while rows := imports.rows_of(whole, ["problem", "repeated"], after, 500):
        yield _lines([[str(row.line), _reason(row, whole), *json.loads(row.cells)] for row in rows])
        after = rows[-1].number


def _reason(row: ImportRow, whole: Import) -> str:
    told = []
    for column, problem, remedy in json.loads(row.problems or "[]"):
        where = f"{whole.header[column]}: " if 0 <= column < len(whole.header) else ""
        told.append(f"{where}{problem} {remedy}")
    return " ".join(told)


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULAS) else cell for cell in row])
    return text.getvalue().encode()
