"""The desk as the browser tests serve it: the real application and server, by the clock of the tests.

Run as ``python -m tests.browser.serving web PORT`` or ``… worker``.
"""

import os
import signal
import sys
import threading
import time

from leaddesk.book import moment
from tests.browser.clock import Clock

_standing = moment.standing_at(Clock(os.environ["TESTS_CLOCK"]).read)
_standing.__enter__()  # for as long as the process lives


def __getattr__(name):
    if name != "application":
        raise AttributeError(name)
    from leaddesk.wsgi import application

    return application


def web(port):
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        target="tests.browser.serving:application",
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.WSGI,
        blocking_threads=16,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=1,
    ).serve()


def worker():
    from leaddesk.cli.running import worker as run

    run()


def end_with(parent):
    """End this process and those it started when the tests are gone that started it."""
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    {"web": web, "worker": worker}[sys.argv[1]](*sys.argv[2:])
