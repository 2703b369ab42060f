"""Page: what a report shows, section by section, whether on a terminal or as HTML."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Tone = Literal["good", "bad", "warn", "open"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; its tone colours it, beside what its words say."""

    text: str
    tone: Tone | None = None


Row: TypeAlias = Sequence[str | Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and whether it holds numbers."""

    head: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings, with a caption; the first cell of a row names it.

    `more` says what was left out. `folded` tables stand behind a summary on a page.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: str | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: its specification, its title, and what it shows in a sentence."""

    spec: dict[str, Any]
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: its title, what it finds in sentences, a chart and tables."""

    key: str
    title: str
    findings: tuple[str, ...] = ()
    picture: Picture | None = None
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = field(default=())


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    more: str | None = None,
    folded: bool = False,
) -> Iterator[Table]:
    """A table, or nothing where it would have no rows; a heading that ends in ``#`` is of numbers."""
    if not rows:
        return
    yield Table(
        caption,
        tuple(Column(head.removesuffix("#"), head.endswith("#")) for head in columns),
        tuple(tuple(c if isinstance(c, Cell) else Cell(c) for c in row) for row in rows),
        more,
        folded,
    )
