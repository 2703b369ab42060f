"""What the browser tests share: the installed Chromium, and a desk with the sample that is served."""

import json
import os
import shutil
from contextlib import ExitStack

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.backstage import Desk, sample
from tests.browser.visitor import LOCALES, Visitor

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser():
    """Chromium, which can't resolve the name of any other host."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail("no Chromium found; .ci/chromium installs it", pytrace=False)
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def origin(tmp_path_factory):
    """The folder of the sample as it was made, once for all processes of the tests."""
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    return sample(folder / "sample").parent


@pytest.fixture(scope="session")
def kept(origin):
    """What was noted while the sample was made: the sessions of its people, the places of its screens."""
    return json.loads((origin / "kept.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def served(origin, tmp_path_factory):
    """A desk with the sample in it, which answers."""
    desk = Desk(tmp_path_factory.mktemp("desk"), origin / "desk.sqlite3")
    with desk.web():
        yield desk
    desk.close()


@pytest.fixture
def desk(served):
    """The same as it was made, whatever the test before has done."""
    served.start_over()
    served.is_as_made = False
    return served


@pytest.fixture
def desk_to_look_at(served):
    """The same, for tests that change nothing but the wishes of who looks."""
    if not served.is_as_made:
        served.start_over()
    served.is_as_made = True
    return served


@pytest.fixture
def visit(browser, desk, kept):
    """Lets somebody of the sample visit the desk; nobody is signed in where no key is said."""
    visitors = []
    with ExitStack() as stack:

        def come(key=None, language="en", **wishes):
            context = window(browser, language, **wishes)
            stack.callback(context.close)
            visitors.append(Visitor(context, desk, has_scripts=wishes.get("scripts", True)))
            visitors[-1].be(key, language, kept["sessions"])
            return visitors[-1]

        yield come
        assert [fault for one in visitors for fault in one.faults] == []


@pytest.fixture(scope="session")
def windows(browser, served):
    """Windows that stay open from test to test, by the wishes of who looks: opening one takes long."""
    opened = {}
    yield opened
    for one in opened.values():
        one.context.close()


@pytest.fixture
def look(browser, windows, desk_to_look_at, kept):
    """Lets somebody of the sample look at the desk, in a window in which others have looked before."""
    visitors = []

    def come(key=None, language="en", width=1280, **wishes):
        named = (language, *sorted(wishes.items()))
        if named not in windows:
            context = window(browser, language, **wishes)
            windows[named] = Visitor(context, desk_to_look_at, wishes.get("scripts", True))
        visitor = windows[named]
        visitors.append(visitor)
        visitor.page.set_viewport_size({"width": width, "height": 800})
        visitor.page.emulate_media(color_scheme="light")
        visitor.be(key, language, kept["sessions"])
        return visitor

    yield come
    assert [fault for one in visitors for fault in one.leave()] == []


def window(browser, language, width=1280, height=800, scheme="light", scripts=True, **more):
    return browser.new_context(
        locale=LOCALES[language],
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        java_script_enabled=scripts,
        timezone_id="Europe/Warsaw",
        **more,
    )
