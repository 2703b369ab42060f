"""Backstage: what happens in the desk without the browser, done in a process that has Django.

`Desk.do(acts.something, …)` runs a function of `acts` there; the tests hold no database themselves.
"""

import fcntl
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager, suppress
from multiprocessing import get_context, parent_process
from pathlib import Path

from tests.browser.clock import Clock

ROOT = Path(__file__).parents[2]
PATIENCE = 60


def environment(folder, url=""):
    """The variables of every process of the desk in this folder."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("LEADDESK_")}
    return known | {
        "DATABASE_URL": f"sqlite://{folder / 'desk.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "leaddesk.settings",
        "LEADDESK_HOME": str(folder),
        "LEADDESK_SECRET_KEY": "of tests only",
        "LEADDESK_URL": url,
        "LEADDESK_WEBHOOK_ALLOW": "127.0.0.1",
        "TESTS_CLOCK": str(folder / "clock"),
    }


def sample(folder):
    """The path of a database with the sample in it, told up to `NOW`; made once, by whoever is first."""
    folder.mkdir(exist_ok=True)
    path = folder / "desk.sqlite3"
    with (folder / "making").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            Clock(folder / "clock").set()
            _run_apart(folder, "make")
            (folder / "made").touch()
    return path


def _run_apart(folder, act):
    made = subprocess.run(
        [sys.executable, "-c", f"from tests.browser import acts; acts.set_up(); acts.{act}()"],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=4 * PATIENCE,
    )
    assert made.returncode == 0, made.stderr[-2000:]


class Desk:
    """A desk that runs: its database, its clock, its address, and its backstage."""

    def __init__(self, folder, origin):
        self.folder, self.origin = folder, origin
        self.clock = Clock(folder / "clock")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = folder / "desk.sqlite3"
        self.clock.set()
        shutil.copy(origin, self.database)
        self.is_as_made = True
        variables = environment(folder, self.url)
        self._backstage = ProcessPoolExecutor(
            1, get_context("spawn"), initializer=_enter, initargs=(variables,)
        )

    def do(self, act, *arguments):
        """What a function gives that runs inside of the desk."""
        return self._backstage.submit(act, *arguments).result(PATIENCE)

    def start_over(self):
        """Put everything back to how the sample was made, while the desk runs."""
        self.clock.set()
        with (
            closing(sqlite3.connect(self.origin)) as source,
            closing(sqlite3.connect(self.database, timeout=PATIENCE)) as own,
        ):
            source.backup(own, progress=_patience())

    @contextmanager
    def web(self):
        """Serve it meanwhile."""
        with self.process("web", str(self.port)) as process:
            end = time.monotonic() + PATIENCE
            while not self._answers():
                assert process.poll() is None, self.log()
                assert time.monotonic() < end, self.log()
                time.sleep(0.05)
            yield self

    @contextmanager
    def process(self, *words):
        """A process of the desk, in a group of its own that is ended afterwards."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.serving", *words],
                cwd=ROOT,
                env=environment(self.folder, self.url),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)

    def _answers(self):
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/sign-in", timeout=10) as page:
            return page.status == 200
        return False

    def log(self):
        """What its processes have said."""
        return (self.folder / "log").read_text("utf-8", "replace")[-4000:]

    def close(self):
        """End the backstage, also where it is stuck."""
        for process in [*(self._backstage._processes or {}).values()]:
            process.kill()
        self._backstage.shutdown()


def _patience():
    """A backup goes on trying for ever where somebody holds the database: this ends it."""
    end = time.monotonic() + PATIENCE

    def tried(_status, _remaining, _total):
        if time.monotonic() > end:
            raise TimeoutError("the database of the desk stays locked")

    return tried


def _enter(variables):
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.update(variables)
    from tests.browser import acts

    acts.set_up()


def _end_with_parent():
    """A process of tests that was killed leaves nobody behind who keeps its output open."""
    parent_process().join()
    os._exit(1)


def free_port():
    """A port that nobody listens to."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
