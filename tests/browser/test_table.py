"""The table of screens is whole, and the styles name no physical side."""

import re
from pathlib import Path

from tests.browser import acts
from tests.browser.screens import NO_SCREENS, SCREENS

ROOT = Path(__file__).parents[2] / "src" / "leaddesk"
SIDES = re.compile(
    r"(?<![-\w])(left|right|top|bottom)\s*:|(margin|padding|border)-(left|right)|text-align:\s*(left|right)"
    r"|float:\s*(left|right)"
)


def test_every_address_is_a_screen_or_says_why_not(desk):
    looked_at = {one.route for one in SCREENS} | {*NO_SCREENS}
    assert {*desk.do(acts.routes)} - looked_at == set()


def test_styles_name_no_left_and_no_right():
    found = {
        path.name: [match[0] for match in SIDES.finditer(path.read_text("utf-8"))]
        for path in sorted(ROOT.glob("static/css/*.css"))
    }
    assert found
    assert {name: sides for name, sides in found.items() if sides} == {}


def test_no_page_has_an_inline_script_or_style():
    inline = re.compile(r"\sstyle=\"|\son\w+=\"|<script(?![^>]*\bsrc=)|<style")
    found = {
        str(path.relative_to(ROOT)): inline.findall(path.read_text("utf-8"))
        for path in sorted(ROOT.glob("templates/**/*.html"))
        if "post" not in path.parts
    }
    assert {name: bad for name, bad in found.items() if bad} == {}
