"""Processes: real ones that work on the database of a test, and die when the test wants it.

They are forked from a process that has loaded everything but holds no connection, so that each
starts within milliseconds.
"""

import multiprocessing
import os
import signal
import time
from contextlib import contextmanager

from django.db import connection

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
