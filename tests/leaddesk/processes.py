"""Processes: real ones that work on the database of a test, and die when the test wants it.

They are forked from a process that has loaded everything but holds no connection, so that each
starts within milliseconds.
"""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connection

from tests.leaddesk.desk import database_url

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.leaddesk.plays"])
KILLED = -signal.SIGKILL
PATIENCE = 30


@contextmanager
def running(play, *arguments, fault="", breaks=(), now=None):
    """A process that performs a play; it is killed in the end, should it still be there."""
    from tests.leaddesk.plays import perform

    name = str(connection.settings_dict["NAME"])
    process = _context.Process(
        target=perform, args=(name, fault, breaks, now, play, arguments), daemon=True
    )
    process.start()
    try:
        yield process
    finally:
        kill(process)
        process.join(PATIENCE)
        process.close()


def ended(play, *arguments, **how):
    """How a process ended that performed a play: 0, or `KILLED` if it died at a fault point."""
    with running(play, *arguments, **how) as process:
        process.join(PATIENCE)
        return process.exitcode


def kill(process):
    """End a process as a power cut would."""
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)


def wait_until(holds, seconds=PATIENCE):
    """Wait until something holds, and fail the test if it never does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@contextmanager
def command(*words, log, **environment):
    """A command of the desk in a process group of its own, killed in the end; `log` has its words."""
    known = {"DATABASE_URL": database_url(), "LEADDESK_WEBHOOK_ALLOW": "127.0.0.1"}
    start = "from leaddesk.cli import main; main()"
    with Path(log).open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", start, *words],
            env={**os.environ, **known, **environment},
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        kill_group(process)


def kill_group(process):
    """End a command and all that it started, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


def children(process):
    """The processes that a command started."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii")
    return [int(number) for number in listed.split()]


def free_port():
    """A port of this machine that nobody listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
