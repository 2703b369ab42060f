"""Charts: figures drawn on the server, each with a sentence, a table of the same values, and files.

The engine draws them as SVG in the colours of the page. What policy forbids on a page (inline styles)
is taken out, and digits are put into the reader's.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leaddesk.tongue import number, percent, wishes
from leadpact import charts as engine

_STYLE = re.compile(r' style="[^"]*"')
_FIGURE = re.compile(r"(<text[^>]*>)([-−]?[\d,]+(?:\.\d+)?)(%?)(</text>)")
_NUMBER = re.compile(r"-?[\d.]*")
_SHADE = 0.55
Spec = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """A value of a chart's table: as it is shown, as a file holds it, and the page that opens it."""

    text: str
    raw: str
    href: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart: its title says what it shows, `finding` what is found; the rows hold what is drawn."""

    name: str
    title: str
    finding: str
    svg: SafeString
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def csv(self) -> str:
        """The table as a CSV text, with the mark that spreadsheets look for."""
        sink = io.StringIO()
        writer = csv.writer(sink)
        writer.writerow([defused(column) for column in self.columns])
        writer.writerows([defused(cell.raw) for cell in row] for row in self.rows)
        return f"\ufeff{sink.getvalue()}"


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and not _NUMBER.fullmatch(text) else text


def drawn(
    spec: Spec,
    *,
    name: str,
    title: str,
    finding: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> Chart:
    """A chart of a spec of the engine, with its table."""
    how = (wishes().language, wishes().own_digits)
    svg = _svg(json.dumps(spec, sort_keys=True), title, finding, name, how)
    return Chart(name, title, finding, mark_safe(svg), columns, [*rows])  # noqa: S308


@lru_cache(maxsize=512)
def _svg(spec: str, title: str, finding: str, name: str, how: tuple[str, str]) -> str:
    """The drawing; the same for the same values and the same reader."""
    svg = engine.chart(json.loads(spec), title=title, description=finding, name=name)
    return _FIGURE.sub(_in_own_digits, _STYLE.sub("", svg))


def _in_own_digits(found: re.Match[str]) -> str:
    begin, digits, sign, end = found.groups()
    value = Decimal(digits.replace(",", "").replace("−", "-"))
    shown = percent(value / 100) if sign else number(value)
    return f"{begin}{escape(shown)}{end}"


def file_of(request: Any, charts: Iterable[Chart | None]) -> HttpResponse | None:
    """The chart or the table that a request asks for as a file (``?chart=pace&as=csv``)."""
    name, kind = request.GET.get("chart"), request.GET.get("as")
    chart = next((one for one in charts if one is not None and one.name == name), None)
    if chart is None or kind not in {"csv", "svg"}:
        return None
    if kind == "csv":
        response = HttpResponse(chart.csv, content_type="text/csv; charset=utf-8")
    else:
        response = HttpResponse(chart.svg, content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="{chart.name}.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response


def is_mirrored() -> bool:
    """Whether the reader's lists run from right to left."""
    return wishes().direction == "rtl"


def pace(rows: Sequence[Mapping[str, Any]], forecast: Mapping[str, Any] | None, unit: str) -> Spec:
    """A running total against the line of its goal: `name` of each working day in order, `actual`
    (None for days to come), `expected`, and `low` to `high`, what the months before had by then.

    `forecast` has the last `name` and where the total may end, `low` to `high`.
    """
    x = {
        "field": "name",
        "type": "ordinal",
        "sort": None,
        "title": None,
        "axis": {"labelAngle": 0, "grid": False, "labelOverlap": True},
        "scale": {"type": "point", "padding": 0.3},
    }
    y = {"type": "quantitative", "title": unit, "scale": {"zero": True}}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.high !== null"}],
            "mark": {"type": "area", "fill": engine.LINE, "opacity": 0.7},
            "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "transform": [{"filter": "datum.expected !== null"}],
            "mark": {"type": "line", "stroke": engine.MUTED, "strokeDash": [4, 3]},
            "encoding": {"y": {**y, "field": "expected"}},
        },
        {
            "transform": [{"filter": "datum.actual !== null"}],
            "mark": {"type": "line", "stroke": engine.GOOD, "strokeWidth": 2.5, "point": False},
            "encoding": {"y": {**y, "field": "actual"}},
        },
    ]
    if forecast is not None:
        layers.append(
            {
                "data": {"values": [dict(forecast)]},
                "mark": {"type": "rule", "stroke": engine.GOOD, "strokeWidth": 6, "opacity": 0.5},
                "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}},
            }
        )
    values = [dict(row) for row in rows]
    return {
        "width": 560,
        "height": 220,
        "data": {"values": values},
        "encoding": {"x": x},
        "layer": layers,
    }


def shaded(spec: Spec, rows: Sequence[Mapping[str, Any]]) -> Spec:
    """A drawing of days as columns, with the days off shaded: rows whose `is_off` is true."""
    if any(one.get("is_off") for one in rows):
        mark = {"type": "rule", "stroke": engine.LINE, "strokeWidth": spec["width"] / len(rows)}
        x = {} if "encoding" in spec else {"x": spec["layer"][0]["encoding"]["x"]}
        ends = {"y": {"value": 0}, "y2": {"value": spec["height"]}}
        # Days at work have a shade, too, that isn't seen: so the days keep their order.
        seen = {"opacity": {"condition": {"test": "datum.is_off", "value": _SHADE}, "value": 0}}
        spec["layer"].insert(0, {"mark": mark, "encoding": x | ends | seen})
    return spec


def off_days(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What is said of the shaded days of a chart, where there are any."""
    if any(one["is_off"] for one in rows):
        yield _("The weekend is shaded.")


def bars(rows: Sequence[Mapping[str, Any]], axis: str) -> Spec:
    """Bars of counts in the given order, from the side where reading begins."""
    return _mirrored(engine.counts(list(rows), axis=axis))


def _mirrored(spec: Spec) -> Spec:
    """Horizontal bars that grow to the left for those who read so."""
    if not is_mirrored():
        return spec
    encoding = spec["encoding"]
    x, y = encoding["x"], encoding["y"]
    spec["encoding"] = {
        "x": {**x, "scale": {**x.get("scale", {}), "reverse": True}},
        "y": {**y, "axis": {"orient": "right"}},
    }
    for layer in spec["layer"]:
        if layer["mark"].get("type") == "text":
            layer["mark"] |= {"align": "right", "dx": -5}
    return spec


def stacked(rows: Sequence[Mapping[str, Any]], axis: str, parts: Sequence[str]) -> Spec:
    """Horizontal bars of up to three parts: `name`, `part` (one of `parts`), `count`."""
    colours = [engine.BAD, engine.GOOD, engine.OPEN][: len(parts)]
    x = {"field": "count", "type": "quantitative", "title": axis, "axis": {"tickMinStep": 1}}
    y = {"field": "name", "type": "nominal", "sort": None, "title": None}
    fill = {
        "field": "part",
        "type": "nominal",
        "sort": None,
        "title": None,
        "scale": {"domain": list(parts), "range": colours},
        "legend": {"orient": "bottom"},
    }
    order = {"field": "place", "type": "quantitative"}
    placed = [{**row, "place": parts.index(row["part"])} for row in rows]
    return _mirrored(
        {
            "width": 480,
            "height": {"step": 26},
            "data": {"values": placed},
            "encoding": {"x": x, "y": y},
            "layer": [{"mark": {"type": "bar"}, "encoding": {"fill": fill, "order": order}}],
        }
    )
