"""What holds for every screen: found by axe, measured in the page, in several languages and lights."""

from pathlib import Path
from urllib.parse import quote

import axe_playwright_python.base as axe
import pytest

from tests.browser import acts
from tests.browser.screens import SCREENS

AXE = Path(axe.__file__).with_name("axe.min.js").read_text("utf-8")
MEASURES = Path(__file__).with_name("measures.js").read_text("utf-8")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
MOST_PAINT, MOST_SCRIPTS = 1500, 200 * 1024

each = pytest.mark.parametrize("screen", SCREENS, ids=str)


@pytest.fixture
def open_screen(visit, desk):
    """Opens a screen as the one who works there."""

    def open_one(screen, **wishes):
        visitor = visit(screen.who, **wishes)
        places = desk.do(acts.places) if "{" in screen.path else {}
        path = screen.path.format(**{name: quote(place) for name, place in places.items()})
        answer = visitor.go(path)
        assert answer.status == 200, path
        if visitor.has_scripts:
            visitor.page.evaluate(MEASURES)
        return visitor

    return open_one


def measured(visitor, name):
    return visitor.page.evaluate(f"measures.{name}()")


def violations(visitor, **only):
    """What axe finds wrong on the page, each with where."""
    if not visitor.page.evaluate("'axe' in window"):
        visitor.page.evaluate(AXE)
    found = visitor.page.evaluate("(options) => axe.run(document, options)", only)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@each
@pytest.mark.parametrize("language", ["en", "fa"])
def test_axe_finds_nothing_in_light_and_dark(screen, language, open_screen):
    visitor = open_screen(screen, language=language)
    levels = {"type": "tag", "values": LEVELS}
    assert violations(visitor, runOnly=levels) == []
    visitor.page.emulate_media(color_scheme="dark")
    contrast = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
    assert violations(visitor, runOnly=contrast) == []


@each
@pytest.mark.parametrize("language", ["en", "fa", "th"])
def test_it_fits_narrow_windows(screen, language, open_screen):
    visitor = open_screen(screen, language=language, width=360)
    assert measured(visitor, "sideways") == []
    visitor.page.set_viewport_size({"width": 320, "height": 700})
    assert measured(visitor, "sideways") == []
    assert measured(visitor, "clipped") == []


@each
def test_longer_words_fit(screen, open_screen):
    visitor = open_screen(screen)
    visitor.page.evaluate("measures.lengthen()")
    assert measured(visitor, "sideways") == []
    assert measured(visitor, "clipped") == []
    visitor.page.set_viewport_size({"width": 320, "height": 700})
    assert measured(visitor, "sideways") == []


@each
def test_focus_is_seen_and_nothing_moves_when_calm_is_asked_for(screen, open_screen):
    visitor = open_screen(screen, reduced_motion="reduce")
    visitor.page.keyboard.press("Tab")
    assert measured(visitor, "unseenFocus") == []
    assert measured(visitor, "moving") == []


@each
def test_it_is_there_at_once(screen, open_screen):
    weight = measured(open_screen(screen), "weight")
    assert 0 < weight["paint"] <= MOST_PAINT
    assert weight["scripts"] <= MOST_SCRIPTS


@each
def test_it_reads_without_scripts(screen, open_screen):
    with_scripts = open_screen(screen).page.locator("main").inner_text()
    page = open_screen(screen, scripts=False).page
    assert page.locator("h1").is_visible()
    assert len(page.locator("main").inner_text()) > 0.6 * len(with_scripts)


@each
def test_persian_runs_from_the_right_with_its_own_digits(screen, open_screen):
    visitor = open_screen(screen, language="fa")
    assert visitor.page.locator("html").get_attribute("dir") == "rtl"
    assert measured(visitor, "latinDigits") == []
