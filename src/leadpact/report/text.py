"""Text: a report for the terminal, in columns that fit its width."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from leadpact.report import shown
from leadpact.report.model import Report
from leadpact.report.page import Cell, Section, Table, Tone
from leadpact.report.scorecard import headlines
from leadpact.report.sections import sections
from leadpact.report.volume import state
from leadpact.words import _

_STYLES: dict[Tone, str] = {
    "good": "green",
    "bad": "bold red",
    "warn": "yellow",
    "open": "dim",
}
_MOST_ROWS = 40


def text(report: Report, *, width: int = 100, colour: bool = False) -> str:
    """The report as text of at most `width` columns; `colour` adds those of a terminal."""
    paint = _painter(colour)
    blocks = [_head(report), _scorecard(report, width, paint)]
    blocks += [_section(section, width, paint) for section in sections(report)]
    return "\n\n".join("\n".join(block) for block in blocks)


class _Painter:
    """Paints words in the colours of a terminal, or leaves them as they are."""

    def paint(self, words: str, tone: Tone | None, *, strong: bool = False) -> str:
        """Plain words."""
        del tone, strong
        return words


class _Rich(_Painter):
    def paint(self, words: str, tone: Tone | None, *, strong: bool = False) -> str:
        """Words in the colour of their tone."""
        from rich.color import ColorSystem
        from rich.style import Style

        style = "bold" if strong else _STYLES.get(tone) if tone else None
        if style is None:
            return words
        return Style.parse(style).render(words, color_system=ColorSystem.STANDARD)


def _painter(colour: bool) -> _Painter:
    return _Rich() if colour else _Painter()


def _head(report: Report) -> list[str]:
    about = report.about
    lines = [
        _("{agreement}, as of {moment} ({zone})").format(
            agreement=about.agreement,
            moment=shown.moment(about.as_of, about.zone),
            zone=about.zone,
        )
    ]
    lines += [
        _("version {version}, valid from {day}, {hash}").format(
            version=source.version, day=source.valid_from, hash=source.hash[:12]
        )
        for source in about.sources
    ]
    lines += [f"{name}: {value}" for name, value in headlines(report)[:1]]
    return lines


def _scorecard(report: Report, width: int, paint: _Painter) -> list[str]:
    lines = [paint.paint(_("Scorecard"), None, strong=True)]
    for side in dict.fromkeys(score.side for score in report.scores):
        lines += ["", side]
        rows = [
            (
                Cell(score.promise),
                Cell(score.shown),
                Cell(score.target),
                state(score.state),
                Cell(score.note),
            )
            for score in report.scores
            if score.side == side
        ]
        heads = [_("promise"), _("reached"), _("target"), _("state"), ""]
        lines += _columns(heads, [False, True, True, False, False], rows, width, paint)
    return lines


def _section(section: Section, width: int, paint: _Painter) -> list[str]:
    lines = [paint.paint(section.title, None, strong=True)]
    for finding in section.findings:
        lines += wrap(finding, width) or [""]
    for table in section.tables:
        if not table.folded:
            lines += ["", *_table(table, width, paint)]
    return lines


def table_lines(table: Table, width: int, *, colour: bool = False) -> list[str]:
    """A table as lines of at most `width` columns."""
    return [*_table(table, width, _painter(colour))]


def _table(table: Table, width: int, paint: _Painter) -> Iterator[str]:
    yield table.caption
    heads = [column.head for column in table.columns]
    numeric = [column.numeric for column in table.columns]
    yield from _columns(heads, numeric, table.rows[:_MOST_ROWS], width, paint)
    left = len(table.rows) - _MOST_ROWS
    if left > 0:
        yield _("… and {n} more rows; --json has them all.").format(n=left)
    elif table.more:
        yield table.more


def _columns(
    heads: Sequence[str],
    numeric: Sequence[bool],
    rows: Sequence[tuple[Cell, ...]],
    width: int,
    paint: _Painter,
) -> Iterator[str]:
    """Rows in columns, numbers to the right; the last column is wrapped, others are cut to fit."""
    widths = _widths(heads, numeric, rows, width)
    yield _line([Cell(head) for head in heads], widths, numeric, _Painter())
    yield "  ".join("-" * each for each in widths)
    for row in rows:
        if numeric[-1]:
            yield _line(row, widths, numeric, paint)
            continue
        last, *rest = wrap(row[-1].text, widths[-1]) or [""]
        yield _line([*row[:-1], Cell(last, row[-1].tone)], widths, numeric, paint)
        indent = " " * (sum(widths[:-1]) + 2 * (len(widths) - 1))
        yield from (indent + more for more in rest)


def _widths(
    heads: Sequence[str], numeric: Sequence[bool], rows: Sequence[tuple[Cell, ...]], width: int
) -> list[int]:
    """How wide each column is: as it needs; where that doesn't fit, words give way before numbers."""
    needed = [max((cells(row[k].text) for row in rows), default=0) for k in range(len(heads))]
    widths = [max(need, cells(head)) for need, head in zip(needed, heads, strict=True)]
    narrow = [
        need if number else min(need, 8) for need, number in zip(needed, numeric, strict=True)
    ]
    room = width - 2 * (len(widths) - 1)
    for least in (narrow, [4] * len(widths)):
        while sum(widths) > room and (spare := _widest(widths, least)) is not None:
            widths[spare] -= 1
    return widths


def _widest(widths: Sequence[int], least: Sequence[int]) -> int | None:
    """The widest column that may still be narrowed."""
    may = [k for k in range(len(widths)) if widths[k] > least[k]]
    return max(may, key=lambda k: widths[k], default=None)


def _line(
    row: Sequence[Cell], widths: Sequence[int], numeric: Sequence[bool], paint: _Painter
) -> str:
    parts = []
    for cell, width, to_right in zip(row, widths, numeric, strict=True):
        words = fit(cell.text, width)
        space = " " * (width - cells(words))
        painted = paint.paint(words, cell.tone)
        parts.append(space + painted if to_right else painted + space)
    return "  ".join(parts).rstrip()


def cells(words: str) -> int:
    """How many columns of a terminal a text takes; wide scripts take two a character."""
    if words.isascii():
        return len(words)
    from rich.cells import cell_len

    return cell_len(words)


def fit(words: str, width: int) -> str:
    """A text cut to a width, with an ellipsis where it was."""
    if cells(words) <= width:
        return words
    cut = words
    while cut and cells(cut) > width - 1:
        cut = cut[:-1]
    return f"{cut}…"
