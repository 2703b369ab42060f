"""Together: web and worker as child processes that are started, watched and stopped as one."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leaddesk.cli import DONE, FAILED, INTERRUPTED

if TYPE_CHECKING:
    from leaddesk.book.models import Person

_PATIENCE = 1.0
"""So many seconds a child that is to stop may take."""
_SAYS_AFTER = 60.0
"""Who starts the desk hears after so many seconds that it is still starting."""
_MOST_PORTS = 100
_MOST_FALLS = 5
"""A child that falls so often in a row isn't started again."""
_STEADY = 30.0
"""A child that ran for so many seconds stands firm."""


def run(
    host: str, port: int, threads: int, email: str | None = None, admin: "Person | None" = None
) -> int:
    """Run web and worker until somebody stops them; the exit code.

    The link that is printed is for `admin`, else for the first one that the desk has.
    """
    link, token = _prepared(email, admin)
    free = next_free(host, port)
    if free is None:
        print(f"leaddesk: no port from {port} on is free.", file=sys.stderr)
        return FAILED
    if free != port:
        print(f"leaddesk: port {port} is taken; this desk takes {free}.", file=sys.stderr)
    shown = f"[{host}]" if ":" in host else {"0.0.0.0": "127.0.0.1"}.get(host, host)  # noqa: S104
    local = f"http://{shown}:{free}"
    url = os.environ.setdefault("LEADDESK_URL", local)
    options = ["--host", host, "--port", str(free), "--threads", str(threads)]
    children = [Child("web", ["web", *options]), Child("worker", ["worker"])]
    asked = _signals()
    for child in children:
        child.start()
    if _is_ready(host, free, children, asked):
        print(f"The desk runs at {url}\nSign in once with: {url}{link}", flush=True)
        print(f"A token for the API: {token}", flush=True)
        print("Ctrl-C stops it.", file=sys.stderr)
    return _watched(children, asked)


def _prepared(email: str | None, admin: "Person | None") -> tuple[str, str]:
    """Bring the database up to date; the path of a link that signs the admin in, and the command
    that makes a token for them."""
    from django.core.management import call_command
    from django.db import connections
    from django.urls import reverse

    from leaddesk.book import beginning, moment

    call_command("migrate", interactive=False, verbosity=0)
    now = moment.now()
    found = admin or beginning.first_admin(now, email or beginning.NOBODYS_MAIL)
    key = beginning.link_key(found, now)
    token = token_command(found)
    connections.close_all()
    return f"{reverse('sign-in-link')}?key={key}", token


def token_command(person: "Person") -> str:
    """The command that makes a token by which a program acts for a person."""
    return shlex.join(["leaddesk", "token", person.workspace.slug, person.key, "--scope", "admin"])


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens on a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def next_free(host: str, port: int) -> int | None:
    """The first free port from this one on."""
    ports = range(port, min(port + _MOST_PORTS, 65_536))
    return next((one for one in ports if is_free(host, one)), None)


def _signals() -> list[int]:
    """The signals to stop that have come so far; the second one ends everything at once."""
    asked: list[int] = []
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda number, _frame: asked.append(number))
    return asked


@dataclass
class Child:
    """One process of the desk. It has a session of its own, so that Ctrl-C reaches the parent alone."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    falls: int = 0
    started: float = 0.0
    again: float = field(default=0.0)

    def start(self) -> None:
        """Start it."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603  (our own command)
            [sys.executable, "-m", "leaddesk", *self.arguments],
            start_new_session=True,
            preexec_fn=_dying_with_parent(),  # noqa: PLW1509  (this process has no threads)
        )

    def fell(self) -> bool:
        """Whether it has just ended by itself; plans when it is started again."""
        if self.process is None or self.process.poll() is None:
            return False
        self.falls = 1 if time.monotonic() > self.started + _STEADY else self.falls + 1
        self.again = time.monotonic() + min(2.0 ** (self.falls - 1), 16.0)
        code, self.process = self.process.returncode, None
        print(f"leaddesk: {self.name} ended with {code}.", file=sys.stderr, flush=True)
        return True

    def is_hopeless(self) -> bool:
        """Whether starting it again would be no use."""
        return self.falls >= _MOST_FALLS

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    def is_running(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None


def _dying_with_parent() -> Callable[[], None] | None:
    """On Linux, what lets a child end when its parent is killed; elsewhere nothing."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    library = ctypes.CDLL(None)
    set_death_signal = 1
    return lambda: library.prctl(set_death_signal, signal.SIGTERM)


def _is_ready(host: str, port: int, children: list[Child], asked: list[int]) -> bool:
    """Wait until the web answers, as long as it runs; whether it does."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    until = time.monotonic() + _SAYS_AFTER
    said = False
    while not asked and children[0].is_running():
        with suppress(OSError), socket.create_connection((target, port), timeout=1):
            return True
        if not said and time.monotonic() > until:
            print("leaddesk: still starting …", file=sys.stderr, flush=True)
            said = True
        time.sleep(0.05)
    return False


def _watched(children: list[Child], asked: list[int]) -> int:
    """Start again what falls, until somebody asks to stop or it is no use."""
    while not asked:
        for child in children:
            if child.fell() and child.is_hopeless():
                print(f"leaddesk: {child.name} doesn't stay up; giving up.", file=sys.stderr)
                _stop(children, asked)
                return FAILED
            if child.process is None and time.monotonic() >= child.again:
                child.start()
        time.sleep(0.1)
    first = asked[0]
    _stop(children, asked)
    return INTERRUPTED if first == signal.SIGINT else DONE


def _stop(children: list[Child], asked: list[int]) -> None:
    """Ask all children to stop, and end those that don't; a second signal ends them at once."""
    before = len(asked)
    for child in children:
        child.signal(signal.SIGTERM)
    until = time.monotonic() + _PATIENCE
    while any(child.is_running() for child in children):
        if time.monotonic() > until or len(asked) > max(before, 1):
            for child in children:
                child.signal(signal.SIGKILL)
        time.sleep(0.02)
