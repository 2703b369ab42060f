"""Displays: one screen and one sheet for the stand-up, forced colours, and axe in further languages."""

import re
from itertools import cycle

import pytest

from tests.browser import crowd
from tests.browser.test_screens import LEVELLED, SCREENS, violations

DISTINCT = (
    *("queue", "lead", "scoreboard", "scoring-tune", "agreement"),
    *("import-check", "account-mute"),
)
"""Screens that have between them every part of the desk."""
FORCED = ("queue", "scoreboard", "plan", "import-check", "account-mute")
SHEET = 72 * 297 / 25.4, 72 * 210 / 25.4
"""A4 across, in points."""


@pytest.fixture
def open_named(visit, kept):
    """Opens a screen by its name, as the one who works there."""

    def open_one(name, **wishes):
        screen = next(one for one in SCREENS if str(one) == name)
        visitor = visit(screen.who, **wishes)
        assert visitor.go(screen.path or kept["places"][name]).status == 200
        return visitor

    return open_one


def test_the_stand_up_of_eight_is_one_screen_and_one_sheet(visit, desk):
    assert desk.do(crowd.team_of_eight) == 8
    visitor = visit("nora", width=1280, height=800)
    visitor.go("/stand-up")
    page = visitor.page
    loads = page.locator(".standup .card", has=page.get_by_role("heading", name="Today"))
    assert loads.locator("tbody tr").count() == 8
    assert page.locator(".misses tbody tr").count() == 6
    tall = page.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert tall[0] <= tall[1], "it scrolls"
    sheets = sheets_of(page.pdf(prefer_css_page_size=True))
    assert [tuple(map(round, one)) for one in sheets] == [tuple(map(round, SHEET))]


@pytest.mark.parametrize("language", ["en", "fr", "id", "th", "fa"])
def test_the_stand_up_of_the_sample_prints_on_one_sheet(language, look):
    visitor = look("nora", language=language)
    visitor.go("/stand-up")
    assert len(sheets_of(visitor.page.pdf(prefer_css_page_size=True))) == 1


def sheets_of(pdf):
    """The width and height of each page of a PDF, in points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    assert len(boxes) == len(re.findall(rb"/Type\s*/Page\b", pdf))
    return [(float(width), float(height)) for width, height in boxes]


@pytest.mark.parametrize(
    "name, language", [*zip(DISTINCT, cycle(["fr", "id", "th"]), strict=False)]
)
def test_axe_finds_nothing_in_a_further_language(name, language, open_named):
    visitor = open_named(name, language=language)
    assert violations(visitor, runOnly=LEVELLED) == []


@pytest.mark.parametrize("name, scheme", [*zip(FORCED, cycle(["dark", "light"]), strict=False)])
def test_forced_colours_leave_controls_and_charts_to_be_seen(name, scheme, open_named):
    visitor = open_named(name, forced_colors="active", scheme=scheme)
    page = visitor.page
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert page.evaluate(UNSEEN) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2


UNSEEN = """() => {
  const shown = (one) => one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length;
  const parts = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, n) => sum + one * [0.2126, 0.7152, 0.0722][n], 0);
  const apart = (a, b) => { const [x, y] = [light(parts(a)), light(parts(b))].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05); };
  const ground = (one) => { for (let at = one; at; at = at.parentElement) {
    const found = getComputedStyle(at).backgroundColor;
    if (parts(found)[3] !== 0) return found; } return getComputedStyle(document.body).backgroundColor; };
  const told = (one, what) => `${what}: ${one.outerHTML.slice(0, 120)}`;
  const found = [];
  const boxes = "button:not(.quiet), a.button:not(.quiet), input:not([type=hidden],[type=checkbox]), select, textarea, .badge, .chip, .card";
  for (const one of document.querySelectorAll(boxes)) {
    if (!shown(one)) continue;
    const style = getComputedStyle(one);
    const edge = ["Top", "Bottom"].some((side) => parseFloat(style[`border${side}Width`]) >= 1
      && style[`border${side}Style`] !== "none" && apart(style[`border${side}Color`], ground(one)) >= 3);
    if (!edge) found.push(told(one, "no edge"));
  }
  for (const one of document.querySelectorAll("body *:not(svg *, :disabled, option)")) {
    const says = [...one.childNodes].some((each) => each.nodeType === 3 && each.textContent.trim());
    if (says && shown(one) && apart(getComputedStyle(one).color, ground(one)) < 4.5) found.push(told(one, "faint"));
  }
  for (const one of document.querySelectorAll("[aria-current]")) {
    const other = [...one.parentElement.parentElement.querySelectorAll(one.tagName)]
      .find((each) => !each.hasAttribute("aria-current"));
    if (!shown(one) || !other) continue;
    const [a, b] = [getComputedStyle(one), getComputedStyle(other)];
    if (["outlineStyle", "borderTopWidth", "borderBottomColor", "borderInlineStartWidth", "textDecorationLine"] /* backgrounds are taken away */
      .every((each) => a[each] === b[each])) found.push(told(one, "like the others"));
  }
  for (const one of document.querySelectorAll(".chart svg text")) {
    const fill = getComputedStyle(one).fill;
    if (shown(one) && fill.startsWith("rgb") && apart(fill, ground(one)) < 4.5) found.push(told(one, `faint ${fill}`));
  }
  return [...new Set(found)].slice(0, 12);
}"""
"""Controls without an edge, writing that is faint, the present place told by its background alone.

Not by axe: it reads colours that Chromium has replaced."""


def test_a_row_of_the_queue_is_named_by_its_lead_and_its_time(open_named):
    page = open_named("queue").page
    rows = page.locator("[data-row][data-lead]")
    assert rows.count() >= 8
    for n in range(3):
        row = rows.nth(n)
        name, due = row.locator("h3").inner_text(), row.locator(".queue-due > span").inner_text()
        assert name
        assert re.search(r"\d", due)
        snapshot = row.aria_snapshot()
        assert snapshot.startswith(f'- article "{name} {due}"'), snapshot


def test_tab_goes_through_the_bad_cells_in_their_order(open_named):
    page = open_named("import-check").page
    page.evaluate("window.scrollTo(0, 0)")
    cells = page.locator("main table input:visible, main table select:visible")
    names = cells.evaluate_all("(all) => all.map((one) => one.name || one.id)")
    assert len(names) >= 2
    cells.first.focus()
    passed = [page.evaluate("document.activeElement.name || document.activeElement.id")]
    for _stop in range(6 * len(names)):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "document.activeElement.matches('main table :is(input, select)') ? "
            "document.activeElement.name || document.activeElement.id : ''"
        )
        if at:
            passed.append(at)
        if len(passed) == len(names):
            break
    assert passed == names
