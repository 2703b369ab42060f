"""Courses: how a few values went from moment to moment, drawn as lines without the engine's renderer.

No two leads share such a drawing, so that it must take no time; it mirrors for those who read so.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leaddesk.pages.charts import Cell, Chart, is_mirrored
from leaddesk.tongue import number, wishes
from leadpact import charts as engine

_WIDE, _HIGH, _EDGE, _TOP, _FOOT = 520, 170, 44, 8, 40
_KEY, _KEYS_APART = 20, 160
_STROKES = ((engine.OPEN, "6 4"), (engine.GOOD, "none"))

Series = Mapping[str, Sequence[Decimal]]


class _Plane(NamedTuple):
    """Where moments and values lie on the drawing."""

    count: int
    low: Decimal
    high: Decimal
    is_mirrored: bool

    def across(self, place: int) -> Decimal:
        at = _EDGE + place * Decimal(_WIDE - _EDGE - _TOP) / max(self.count - 1, 1)
        return self.aside(at)

    def aside(self, at: Decimal | int) -> Decimal:
        return round(Decimal(_WIDE - at if self.is_mirrored else at), 1)

    def down(self, value: Decimal) -> Decimal:
        return round(_TOP + (self.high - value) * (_HIGH - 2 * _TOP) / (self.high - self.low), 1)


def courses(
    names: Sequence[str], series: Series, *, name: str, title: str, finding: str, column: str
) -> Chart:
    """One or two values by their titles, at moments (`names`) that lie equally far apart."""
    rows = [
        [Cell(one, one), *(Cell(number(values[n]), str(values[n])) for values in series.values())]
        for n, one in enumerate(names)
    ]
    svg = _drawing(names, series, name, title, finding)
    return Chart(name, title, finding, svg, [column, *series], rows)


def _drawing(
    names: Sequence[str], series: Series, name: str, title: str, finding: str
) -> SafeString:
    every = [value for values in series.values() for value in values]
    plane = _Plane(len(names), min(Decimal(0), *every), max(Decimal(1), *every), is_mirrored())
    parts = (*_levels(plane), *_courses(plane, series), *_ends(plane, names), *_keys(plane, series))
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" direction="{}"'
        ' aria-labelledby="{}-title {}-desc" font-size="12" font-family="{}" fill="{}">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>',
        *(_WIDE, _HIGH + _FOOT, wishes().direction, name, name, engine.FONT, engine.MUTED),
        *(name, title, name, finding, format_html_join("", "{}", ((part,) for part in parts))),
    )


def _levels(plane: _Plane) -> Iterator[SafeString]:
    """The lines of the least, the greatest and no points."""
    for value in dict.fromkeys((plane.low, Decimal(0), plane.high)):
        yield format_html(
            '<path d="M{} {}H{}" stroke="{}"/>',
            *(plane.across(0), plane.down(value), plane.across(plane.count - 1), engine.LINE),
        )
        yield _text(plane.aside(_EDGE - 6), plane.down(value) + 4, number(value), "end")


def _courses(plane: _Plane, series: Series) -> Iterator[SafeString]:
    for values, (colour, dashes) in zip(series.values(), _STROKES, strict=False):
        points = " ".join(f"{plane.across(n)},{plane.down(one)}" for n, one in enumerate(values))
        yield format_html(
            '<polyline points="{}" fill="none" stroke="{}" stroke-width="2.5" stroke-dasharray="{}"/>',
            *(points, colour, dashes),
        )


def _ends(plane: _Plane, names: Sequence[str]) -> Iterator[SafeString]:
    """The first and the last moment."""
    yield _text(plane.across(0), _HIGH + 12, names[0], "start")
    yield _text(plane.across(plane.count - 1), _HIGH + 12, names[-1], "end")


def _keys(plane: _Plane, series: Series) -> Iterator[SafeString]:
    """What each line stands for."""
    for place, (title, (colour, dashes)) in enumerate(zip(series, _STROKES, strict=False)):
        at = _EDGE + place * _KEYS_APART
        yield format_html(
            '<path d="M{} {}H{}" stroke="{}" stroke-width="2.5" stroke-dasharray="{}"/>',
            *(plane.aside(at), _HIGH + 30, plane.aside(at + _KEY), colour, dashes),
        )
        yield _text(plane.aside(at + _KEY + 6), _HIGH + 34, title, "start")


def _text(x: Decimal, y: Decimal | int, words: str, anchor: str) -> SafeString:
    return format_html('<text x="{}" y="{}" text-anchor="{}">{}</text>', x, y, anchor, words)
