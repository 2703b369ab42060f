"""The pictures of the README, taken of the sample by the installed Chromium: ``make pictures``."""

import json
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.acts import wish
from tests.browser.backstage import Desk, sample
from tests.browser.visitor import LOCALES

FOLDER = Path(__file__).parent / "pictures"
PICTURES = (
    ("queue", "ana", "/queue", "en"),
    ("scoreboard", "nora", "/scoreboard", "en"),
    ("scoreboard-fa", "nora", "/scoreboard", "fa"),
)
SIZE = {"width": 1200, "height": 760}


def main():
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        origin = sample(Path(folder) / "sample")
        sessions = json.loads((origin.parent / "kept.json").read_text("utf-8"))["sessions"]
        place = Path(folder) / "desk"
        place.mkdir()
        desk = Desk(place, origin)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        with desk.web():
            for name, who, path, language in PICTURES:
                take(browser, desk, sessions[who], (name, who, path, language))
        desk.close()
        browser.close()


def take(browser, desk, session, picture):
    """One picture, of the window of whoever works there."""
    name, who, path, language = picture
    desk.do(wish, who, {"language": language})
    context = browser.new_context(
        viewport=SIZE, locale=LOCALES[language], timezone_id="Europe/Warsaw"
    )
    context.add_cookies([{"name": "sid", "value": session, "url": desk.url}])
    page = context.new_page()
    page.goto(desk.url + path)
    page.locator("html[data-ready]").wait_for(state="attached")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"{name}.png: {(FOLDER / f'{name}.png').stat().st_size // 1024} KB")
    context.close()


if __name__ == "__main__":
    main()
