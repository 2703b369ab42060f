"""Tables: rows under their headings in columns, as wide as a terminal shows their letters."""

import re
import shutil
import textwrap
from collections.abc import Sequence
from typing import Any

from leadpact.cli.output import printable

MOST = 40
"""A cell is at most so wide; what is longer is cut."""
_NUMBER = re.compile(r"[-−+]?[\d.,]*(\s?%)?|–")


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows under their headings in columns; numbers stand to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(width(line[k]) for line in [head, *cells]) for k in range(len(head))]
    right = [all(_NUMBER.fullmatch(row[k]) for row in cells) for k in range(len(head))]

    def line(texts: Sequence[str]) -> str:
        parts = (
            " " * (wide - width(text)) + text if to_right else text + " " * (wide - width(text))
            for text, wide, to_right in zip(texts, widths, right, strict=True)
        )
        return "  ".join(parts).rstrip()

    return "\n".join([line(head), line(["-" * wide for wide in widths]), *map(line, cells)])


def width(text: str) -> int:
    """How many places a terminal needs for a text: none for a vowel sign, two for a Han letter."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    text = printable(" ".join(str(value).split()))
    if width(text) <= MOST:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, MOST - 1).rstrip() + "…"


def screen() -> int:
    """How wide the lines may be: as the terminal is, 100 where there is none."""
    return min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120)


def wrapped(text: str, *, first: str = "", rest: str = "") -> str:
    """A text in lines as wide as the screen; `first` and `rest` stand before them."""
    return textwrap.fill(
        text,
        screen(),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
