"""A visitor: somebody of the sample in a real browser that looks at nothing but the desk.

Whatever the pages do wrong on the way fails the test: a request to another host, an error on the
console, a script that throws, something that the content policy refused.
"""

import re
from contextlib import contextmanager

from tests.browser import acts

LOCALES = {"en": "en-US", "fr": "fr-FR", "id": "id-ID", "th": "th-TH", "fa": "fa-IR"}
_REFUSED = re.compile(r"Failed to load resource: .* status of (\d+)")


class Visitor:
    """One person with one browser window; `page` is Playwright's page."""

    def __init__(self, context, desk, has_scripts=True):
        self.context, self.desk, self.has_scripts = context, desk, has_scripts
        self.faults, self._expected = [], set()
        context.set_default_timeout(8_000)
        context.on("request", self._watch)
        self.page = self.window()

    def window(self):
        """One more window of the same person."""
        page = self.context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.faults.append(f"threw {error}"))
        return page

    def be(self, key, language, sessions):
        """Be somebody of the sample who wishes this language, or nobody."""
        self.context.clear_cookies()
        if key:
            self.desk.do(acts.wish, key, {"language": language})
            cookie = {"name": "sid", "value": sessions[key], "url": self.desk.url}
            self.context.add_cookies([cookie])

    def leave(self):
        """Leave the window as nobody has ever looked in it; the faults that were seen."""
        if self.has_scripts:
            self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self.page.goto("about:blank")
        found, self.faults = self.faults, []
        return found

    def go(self, path):
        """Open a page of the desk, and wait until its scripts run; the answer."""
        answer = self.page.goto(self.desk.url + path)
        self.settle()
        return answer

    def settle(self):
        """Wait until the scripts of the page run, where there are any."""
        if self.has_scripts and self.page.locator('script[src*="js/desk"]').count():
            self.page.locator("html[data-ready]").wait_for(state="attached")

    @contextmanager
    def expecting(self, *said):
        """Meanwhile a page may be refused with these codes, or the console say these words."""
        before, self._expected = self._expected, self._expected | {*map(str, said)}
        try:
            yield
        finally:
            self.page.wait_for_timeout(20)
            self._expected = before

    def _watch(self, request):
        if not request.url.startswith((self.desk.url + "/", "data:", "blob:", "about:")):
            self.faults.append(f"asked {request.url}")

    def _listen(self, message):
        if message.type not in {"error", "warning"}:
            return
        refused = _REFUSED.match(message.text)
        if refused and refused[1] in self._expected:
            return
        if any(not one.isdigit() and one in message.text for one in self._expected):
            return
        self.faults.append(f"{message.type}: {message.text} at {self.page.url}")
