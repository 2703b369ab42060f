"""The first five minutes of a newcomer: from `leaddesk up` on an empty machine to a practised queue."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from tests.browser.backstage import PATIENCE

FIVE_MINUTES = 300
MOST_INPUTS = 12


@pytest.fixture
def newcomer(browser, tmp_path):
    """A page in front of a desk that was just started, and the link that it printed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEADDESK_")}
    kept.pop("DATABASE_URL", None)
    desk = subprocess.Popen(
        [sys.executable, "-m", "leaddesk", "up", "--port", str(port)],
        env=kept | {"LEADDESK_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    too_late = threading.Timer(2 * PATIENCE, _kill, [desk])  # ends what it says
    too_late.start()
    said = iter(desk.stdout.readline, "")
    links = (found[0] for line in said if (found := re.search(r"http\S+link\?key=\S+", line)))
    link = next(links, None)
    too_late.cancel()
    assert link, "the desk never said how to sign in"
    page = browser.new_page()
    yield page, link
    page.close()
    desk.send_signal(signal.SIGINT)
    try:
        desk.communicate(timeout=PATIENCE)
    finally:
        _kill(desk)


def _kill(desk):
    with suppress(ProcessLookupError):
        os.killpg(desk.pid, signal.SIGKILL)


def test_the_first_five_minutes(newcomer):
    page, link = newcomer
    began, inputs = time.monotonic(), 0
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/begin")
    for label, text in (("Your name", "Noor"), ("Time zone of your team", "Asia/Bangkok")):
        page.get_by_label(label).fill("")
        page.get_by_label(label).press_sequentially(text, delay=80)
        inputs += 1
    page.get_by_role("button", name="Explore with sample data").click()
    page.wait_for_url("**/queue")
    while page.locator("[data-row]").count() < 8:
        assert time.monotonic() - began < FIVE_MINUTES
        page.wait_for_timeout(1_000)
        page.reload()
    page.locator("html[data-ready]").wait_for(state="attached")
    for _attempt in range(3):
        page.keyboard.press("j")
        page.keyboard.press("a")
        page.keyboard.press("2")
        page.get_by_text("The attempt is logged.").last.wait_for()
        inputs += 3
    page.goto(link.partition("/sign-in")[0] + "/begin")
    page.get_by_role("button", name="Remove the sample").first.click()
    page.get_by_text("The sample is gone.").wait_for()
    assert time.monotonic() - began < FIVE_MINUTES
    assert inputs <= MOST_INPUTS
