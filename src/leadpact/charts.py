"""Charts: figures drawn as SVG, on their own, in the colours of the page that holds them.

Every chart is a text of SVG with title and description, without scripts, fonts or links. Colours are
CSS custom properties (`--chart-…`) with fallbacks, so that dark pages and paper choose their own.
"""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

INK, MUTED, LINE = (
    "var(--chart-ink, #1f2933)",
    "var(--chart-muted, #5b6670)",
    "var(--chart-line, #d5dbe1)",
)
GOOD, BAD, OPEN = (
    "var(--chart-good, #1b6ca8)",
    "var(--chart-bad, #b3421f)",
    "var(--chart-open, #8a94a0)",
)
BAND: Final = "var(--chart-band, #dbe7f3)"
FONT: Final = "var(--chart-font, system-ui, sans-serif)"

Row = Mapping[str, Any]
Spec = dict[str, Any]

_CONFIG: Final[Spec] = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelLimit": 220,
    },
    "legend": {"labelColor": MUTED, "titleColor": MUTED, "labelFontSize": 11},
    "text": {"fill": INK, "fontSize": 11},
    "bar": {"fill": GOOD},
    "rule": {"stroke": INK},
}


def chart(spec: Spec, *, title: str, description: str, name: str) -> str:
    """A Vega-Lite spec as SVG; `name` makes its ids unique on a page. The same for the same input."""
    import vl_convert

    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "padding": 4,
        "config": _CONFIG,
        **spec,
    }
    svg: str = vl_convert.vegalite_to_svg(json.dumps(whole, sort_keys=True), vl_version="5.21")
    return _dressed(svg, title, description, name)


def _dressed(svg: str, title: str, description: str, name: str) -> str:
    """The drawing as one image with title and description, that scales with its column."""
    head, body = re.match(r"<svg([^>]*)>(.*)</svg>\s*$", svg, re.DOTALL).groups()  # type: ignore[union-attr]
    box = re.search(r'viewBox="[^"]*"', head)
    width = re.search(r'width="([\d.]+)"', head)
    body = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", body)
    body = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box.group() if box else ""} role="img"'
        f' aria-labelledby="{name}-title {name}-desc"'
        f' style="max-width:{width.group(1) if width else 640}px">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{body}</svg>'
    )


def pace(rows: Sequence[Row], *, unit: str, width: int = 560) -> Spec:
    """Cumulative results against the line and band of the plan: `day`, `actual`, `expected`, `low`,
    `high`; `actual` is None for days to come."""
    x = {
        "field": "day",
        "type": "temporal",
        "scale": {"type": "utc"},
        "title": None,
        "axis": {"format": "%d %b", "grid": False, "tickCount": 6},
    }
    y = {"type": "quantitative", "title": unit, "scale": {"zero": True}}
    return {
        "width": width,
        "height": 220,
        "data": {"values": list(rows)},
        "encoding": {"x": x},
        "layer": [
            {
                "mark": {"type": "area", "fill": BAND, "opacity": 1},
                "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "stroke": MUTED, "strokeDash": [4, 3], "strokeWidth": 1.5},
                "encoding": {"y": {**y, "field": "expected"}},
            },
            {
                "transform": [{"filter": "datum.actual !== null"}],
                "mark": {"type": "line", "stroke": GOOD, "strokeWidth": 2.5},
                "encoding": {"y": {**y, "field": "actual"}},
            },
        ],
    }


def shares(
    rows: Sequence[Row], *, axis: str, target: float | None = None, width: int = 560
) -> Spec:
    """Bars of shares with their intervals: `name`, `share`, `low`, `high`, `label`, `enough`.

    A bar of too small a number is drawn pale; `target` is a line across.
    """
    x = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": _upright(rows)}
    y = {
        "field": "share",
        "type": "quantitative",
        "title": axis,
        "axis": {"format": ".0%"},
        "scale": {"domain": [0, 1]},
    }
    bar = {"condition": {"test": "datum.enough", "value": GOOD}, "value": OPEN}
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "width": {"band": 0.7}},
            "encoding": {"x": x, "y": y, "fill": bar},
        },
        {
            "mark": {"type": "rule", "stroke": INK, "strokeWidth": 1},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "mark": {"type": "text", "dy": -6, "baseline": "bottom"},
            "encoding": {"x": x, "y": {**y, "field": "high"}, "text": {"field": "label"}},
        },
    ]
    if target is not None:
        layers.append(_line(target))
    return {"width": width, "height": 200, "data": {"values": list(rows)}, "layer": layers}


def _upright(rows: Sequence[Row]) -> Spec:
    longest = max((len(str(row["name"])) for row in rows), default=0)
    crowded = longest * len(rows) > 80
    return {"labelAngle": -45 if crowded else 0, "grid": False}


def _line(at: float) -> Spec:
    return {
        "data": {"values": [{"target": at}]},
        "mark": {"type": "rule", "stroke": BAD, "strokeDash": [5, 3], "strokeWidth": 1.5},
        "encoding": {"y": {"field": "target", "type": "quantitative"}},
    }


def counts(rows: Sequence[Row], *, axis: str, width: int = 480) -> Spec:
    """Horizontal bars of counts in the given order: `name`, `count`, `label` at the end of each."""
    y = {"field": "name", "type": "nominal", "sort": None, "title": None}
    most = max((row["count"] for row in rows), default=1)
    x = {
        "field": "count",
        "type": "quantitative",
        "title": axis,
        "scale": {"domain": [0, max(most * 1.25, 1)]},
        "axis": {"tickMinStep": 1, "tickCount": 5},
    }
    return {
        "width": width,
        "height": {"step": 26},
        "data": {"values": list(rows)},
        "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "bar", "height": {"band": 0.7}}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5},
                "encoding": {"text": {"field": "label"}},
            },
        ],
    }


def histogram(
    rows: Sequence[Row], *, axis: str, count: str, limit: str | None, width: int = 560
) -> Spec:
    """Columns of counts by bins in the given order: `name`, `count`, `late`.

    `limit` names the last bin that is within the promise; bins after it are drawn as misses.
    """
    x = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "title": axis,
        "axis": {"labelAngle": 0, "grid": False},
    }
    fill = {"condition": {"test": "datum.late", "value": BAD}, "value": GOOD}
    layers: list[Spec] = [
        {"mark": {"type": "bar", "width": {"band": 0.85}}, "encoding": {"fill": fill}},
        {
            "transform": [{"filter": "datum.count > 0"}],
            "mark": {"type": "text", "dy": -5, "baseline": "bottom"},
            "encoding": {"text": {"field": "count"}},
        },
    ]
    if limit is not None:
        mark = {"type": "rule", "stroke": INK, "strokeDash": [5, 3]}
        edge = {"x": {**x, "bandPosition": 1}}
        layers.append({"data": {"values": [{"name": limit}]}, "mark": mark, "encoding": edge})
    y = {"field": "count", "type": "quantitative", "title": count, "axis": {"tickMinStep": 1}}
    layers[0]["encoding"]["y"] = layers[1]["encoding"]["y"] = y
    return {
        "width": width,
        "height": 200,
        "data": {"values": list(rows)},
        "encoding": {"x": x},
        "layer": layers,
    }
