"""What holds for every screen: found by axe, measured in the page, in several languages and lights."""

from itertools import cycle
from pathlib import Path

import axe_playwright_python.base as axe
import pytest

from tests.browser.screens import SCREENS

AXE = Path(axe.__file__).with_name("axe.min.js").read_text("utf-8")
MEASURES = Path(__file__).with_name("measures.js").read_text("utf-8")
MOST_SCRIPTS = 200 * 1024
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]

each = pytest.mark.parametrize("screen", SCREENS, ids=str)


@pytest.fixture
def open_screen(look, kept):
    """Opens a screen as the one who works there."""

    def open_one(screen, **wishes):
        visitor = look(screen.who, **wishes)
        path = screen.path or kept["places"][str(screen)]
        answer = visitor.go(path)
        assert answer.status == 200, path
        assert visitor.page.url.removeprefix(visitor.desk.url) == path
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
        f"{one['id']}: {node['target']} {' '.join(node['failureSummary'].split()[6:])}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def refuse(**found):
    """Fail with all that was found."""
    told = [f"{name}: {one}" for name, some in found.items() for one in some]
    if told:
        pytest.fail("\n".join(told), pytrace=False)


LEVELLED = {"type": "tag", "values": LEVELS}
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


def narrowed(visitor, width):
    visitor.page.set_viewport_size({"width": width, "height": 740})
    return measured(visitor, "sideways") + measured(visitor, "clipped")


def unseen_focus(visitor):
    visitor.page.keyboard.press("Tab")  # from now on focus is that of somebody with keys
    return measured(visitor, "unseenFocus")


def darkened(visitor):
    visitor.page.emulate_media(color_scheme="dark")
    visitor.page.evaluate("new Promise((go) => requestAnimationFrame(() => setTimeout(go, 50)))")
    return violations(visitor, runOnly=OF_COLOURS)


@each
def test_in_english(screen, open_screen):
    visitor = open_screen(screen, reduced_motion="reduce")
    weight = measured(visitor, "weight")
    visitor.page.evaluate("measures.thin()")
    found = dict(
        heavy=[weight] if weight["scripts"] > MOST_SCRIPTS else [],
        axe=violations(visitor, runOnly=LEVELLED),
        focus=unseen_focus(visitor),
        moving=measured(visitor, "moving"),
        dark=darkened(visitor),
        at_360=narrowed(visitor, 360),
        at_320=narrowed(visitor, 320),
    )
    visitor.page.evaluate("measures.lengthen()")
    refuse(**found, longer_at_320=narrowed(visitor, 320), longer_at_1280=narrowed(visitor, 1280))


@each
def test_in_persian(screen, open_screen):
    visitor = open_screen(screen, language="fa")
    assert visitor.page.locator("html").get_attribute("dir") == "rtl"
    digits = [] if screen.route == "design" else measured(visitor, "latinDigits")
    turned = [] if screen.route == "design" else measured(visitor, "turned")
    visitor.page.evaluate("measures.thin()")
    refuse(
        digits=digits,
        turned=turned,
        axe=violations(visitor, runOnly=LEVELLED),
        dark=darkened(visitor),
        at_320=narrowed(visitor, 320),
    )


@pytest.mark.parametrize(
    "screen, language", [*zip(SCREENS, cycle(["fr", "id", "th"]), strict=False)], ids=str
)
def test_it_fits_in_other_languages(screen, language, open_screen):
    visitor = open_screen(screen, language=language, width=320)
    assert measured(visitor, "sideways") + measured(visitor, "clipped") == []


@pytest.mark.parametrize("screen", [one for one in SCREENS if one.route != "design"], ids=str)
def test_it_reads_without_scripts(screen, open_screen):
    visitor = open_screen(screen, scripts=False)
    assert visitor.page.locator("h1").first.is_visible()
    assert len(visitor.page.locator("main").inner_text()) > 15
    assert measured_without_scripts(visitor) == []


def measured_without_scripts(visitor):
    """Buttons that would do nothing: outside of a form, and not hidden until scripts run."""
    return [
        one.inner_text()
        for one in visitor.page.locator("button[type=button]").all()
        if one.is_visible()
    ]
