"""JSON lines: facts in their JSON form as columns of text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from leadpact import facts
from leadpact.log.entries import Entries
from leadpact.log.refusals import first
from leadpact.problem import Problem
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa

MOST_FIELDS: Final = 1_000
"""The facts of a file have at most so many different fields."""
_CHUNK: Final = 50_000
_STRANGE: Final = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")


def entries_of_lines(data: bytes) -> tuple[Entries, list[Problem]]:
    """The entries of a file with one JSON object a line, and the lines that hold none."""
    numbers: list[int] = []
    rows: list[dict[str, Any]] = []
    found: list[Problem] = []
    for start, lines in _chunks(data):
        if (parsed := _at_once(lines)) is None:
            parsed = []
            for number, line in enumerate(lines, start):
                row = _one(line, number)
                if isinstance(row, Problem):
                    found.append(row)
                elif row is not None:
                    rows.append(row)
                    numbers.append(number)
        else:
            rows += parsed
            numbers += range(start, start + len(lines))
    if (names := len(_names(rows))) > MOST_FIELDS:
        what = _("The facts have {names:,} different fields; at most {most:,} are read.")
        found.append(
            Problem(
                "",
                0,
                what.format(names=names, most=MOST_FIELDS),
                _("Put values into fields, not names."),
            )
        )
        rows, numbers = [], []
    return Entries(columns_of(rows), np.array(numbers, np.int64)), first(found, len(found))


def _chunks(data: bytes) -> Iterator[tuple[int, list[bytes]]]:
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    for start in range(0, len(lines), _CHUNK):
        yield start + 1, lines[start : start + _CHUNK]


def _at_once(lines: list[bytes]) -> list[dict[str, Any]] | None:
    """All lines parsed in one go; None where a single one needs a closer look."""
    text = b"[" + b",".join(lines) + b"]"
    if _STRANGE.search(text):
        return None
    try:
        rows = _parsed(text)
    except (ValueError, RecursionError):
        return None
    if len(rows) != len(lines) or any(type(row) is not dict for row in rows):
        return None
    return rows  # type: ignore[no-any-return]


def _one(line: bytes, number: int) -> dict[str, Any] | Problem | None:
    if not line.strip():
        return None
    remedy = _("Write one fact a line, like {example}.").format(
        example='{"lead": "L-1", "occurred_at": "2026-03-13T12:00:00Z", "kind": "won"}'
    )
    try:
        row = _parsed(line)
        json.dumps(row, ensure_ascii=False, default=str).encode()
    except RecursionError:
        return Problem("", number, _("The line is nested too deep."), remedy)
    except UnicodeEncodeError:
        return Problem("", number, _("The line holds half a character (a lone surrogate)."), remedy)
    except ValueError as error:
        what = _("The line is not JSON: {error}.").format(error=error)
        return Problem("", number, what, remedy)
    if not isinstance(row, dict):
        return Problem("", number, _("The line is no JSON object."), remedy)
    if _STRANGE.search(line) and "\x00" in "".join(_strings(row)):
        return Problem("", number, _("The line holds a NUL character."), _("Remove it."))
    return row


def _parsed(text: bytes) -> Any:
    return json.loads(text, parse_float=Decimal, parse_constant=_no_number)


def _no_number(name: str) -> NoReturn:
    raise ValueError(_("{name} is no number").format(name=name))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for part in pair for text in _strings(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in _strings(part))


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, pa.Array]:
    """Facts in their JSON form as columns of text under the names of their fields.

    Where two names mean the same field, the one that a fact says first counts.
    """
    import pyarrow as pa

    columns: dict[str, list[str | None]] = {}
    by_name: dict[str, list[str | None]] = {}
    for name in _names(rows):
        by_name[name] = columns.setdefault(facts.key(name), [None] * len(rows))
    for place, row in enumerate(rows):
        for name, value in row.items():
            column = by_name[name]
            if column[place] is None:
                column[place] = value if type(value) is str else text(value)
    return {name: pa.array(values, pa.string()) for name, values in columns.items()}


def _names(rows: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    names: dict[str, None] = {}
    shapes: set[tuple[str, ...]] = set()
    for row in rows:
        shape = tuple(row)
        if shape not in shapes:
            shapes.add(shape)
            names.update(dict.fromkeys(shape))
    return names


def text(value: Any) -> str | None:
    """A JSON value as the text that a CSV would hold."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, Decimal, float)):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ", ".join(text(item) or "" for item in value)
    return json.dumps(value, ensure_ascii=False, default=str)
