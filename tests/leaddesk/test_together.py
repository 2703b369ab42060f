"""Together: who starts the desk waits for it as long as it takes, and learns where it is."""

import subprocess
import sys

from leaddesk.cli import together
from leaddesk.cli.together import Child
from tests.leaddesk.processes import free_port

SLOW = """
import socket, sys, time
time.sleep(float(sys.argv[2]))
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    server.accept()
    time.sleep(30)
"""


def web(port, seconds):
    """A web that answers after some seconds."""
    process = subprocess.Popen([sys.executable, "-c", SLOW, str(port), str(seconds)])
    return Child("web", [], process)


def test_a_slow_start_is_waited_for_and_said_once(monkeypatch, capfd):
    monkeypatch.setattr(together, "_SAYS_AFTER", 0.2)
    port = free_port()
    child = web(port, 1.0)
    try:
        assert together._is_ready("127.0.0.1", port, [child], [])
    finally:
        child.process.kill()
        child.process.wait()
    assert capfd.readouterr().err == "leaddesk: still starting …\n"


def test_a_web_that_ended_is_not_waited_for():
    child = web(free_port(), 0)
    child.process.kill()
    child.process.wait()
    assert not together._is_ready("127.0.0.1", free_port(), [child], [])


def test_who_asks_to_stop_does_not_wait():
    child = web(free_port(), 30)
    try:
        assert not together._is_ready("127.0.0.1", free_port(), [child], [15])
    finally:
        child.process.kill()
        child.process.wait()
