"""Charts: one drawing each, on its own, in the colours of its page."""

import re
from xml.etree import ElementTree as ET

import pytest

from leadpact import charts

DAYS = [
    {"day": f"2026-06-{d:02}", "actual": d if d < 4 else None, "expected": d, "low": d, "high": d}
    for d in range(1, 8)
]
SHARES = [{"name": "W23", "share": 0.8, "low": 0.7, "high": 0.9, "label": "40", "enough": True}]
COUNTS = [
    {"name": "lead", "count": 100, "label": "100"},
    {"name": "mql", "count": 34, "label": "34"},
]
BINS = [{"name": "5 min", "count": 3, "late": False}, {"name": "never", "count": 1, "late": True}]
SPECS = {
    "pace": lambda: charts.pace(DAYS, unit="leads"),
    "shares": lambda: charts.shares(SHARES, axis="kept", target=0.95),
    "counts": lambda: charts.counts(COUNTS, axis="passes"),
    "histogram": lambda: charts.histogram(BINS, axis="time", count="leads", limit="5 min"),
}


def drawn(kind, name="a"):
    return charts.chart(SPECS[kind](), title="Kept <80 %>", description="By week & team", name=name)


@pytest.mark.parametrize("kind", SPECS)
def test_a_chart_is_one_image_with_title_and_description(kind):
    root = ET.fromstring(drawn(kind))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "a-title a-desc"
    texts = {child.get("id"): child.text for child in list(root)[:2]}
    assert texts == {"a-title": "Kept <80 %>", "a-desc": "By week & team"}


@pytest.mark.parametrize("kind", SPECS)
def test_a_chart_needs_nothing_else(kind):
    svg = drawn(kind)
    assert not re.search(r"<(script|style|image|link|foreignObject)\b", svg)
    assert set(re.findall(r"https?://[^\"]+", svg)) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("kind", SPECS)
def test_a_chart_takes_its_colours_from_the_page(kind):
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', drawn(kind))) - {"none", "transparent"}
    assert colours
    assert all(colour.startswith("var(--chart-") for colour in colours)


@pytest.mark.parametrize("kind", SPECS)
def test_the_same_figures_are_drawn_the_same(kind):
    assert drawn(kind) == drawn(kind)


def test_ids_are_those_of_the_chart():
    ids = re.findall(r'id="([^"]+)"', drawn("pace", "volume"))
    assert all(name.startswith("volume-") for name in ids)


def test_days_to_come_are_not_drawn_as_zero():
    svg = drawn("pace")
    assert "null" not in svg
    assert "NaN" not in svg
