"""`leaddesk demo`: from nothing to a desk that runs, again and again, and back to nothing."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.leaddesk.processes import free_port

pytestmark = pytest.mark.slow
START = "from leaddesk.cli import main; main()"


@pytest.fixture
def run(tmp_path):
    """Runs a command of a desk of its own, on SQLite in a folder that is empty at first."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("LEADDESK_")}
    known.pop("DATABASE_URL", None)
    known |= {"LEADDESK_HOME": str(tmp_path / "desk"), "PYTHONUNBUFFERED": "1"}

    def begin(*words):
        command = [sys.executable, "-c", START, *words]
        return subprocess.Popen(
            command, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return begin


def answer(process, code=0):
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    return out


def test_it_fills_serves_goes_on_and_goes_away(run):
    first = json.loads(answer(run("demo", "--no-serve", "--json")))
    assert first["leads"] > 800
    assert first["verdicts"]["kept"] > first["verdicts"]["broken"] > 100
    assert first["verdicts"]["open"] > 100
    assert len(first["urgent"]) == 5

    desk = run("demo", "--port", str(free_port()))
    shown = _until(desk, "Sign in once with: ")
    assert "leads" in shown[0]
    link = re.search(r"http://\S+key=\S+", shown[-1])[0]
    command = "A token for the API: leaddesk token northwind rita --scope admin\n"
    assert desk.stdout.readline() == command
    with urllib.request.urlopen(link, timeout=30) as page:
        assert page.status == 200
    children = Path(f"/proc/{desk.pid}/task/{desk.pid}/children").read_text("ascii").split()
    assert len(children) == 2
    desk.send_signal(signal.SIGINT)
    _out, err = desk.communicate(timeout=30)
    assert desk.returncode == 130
    assert "Traceback" not in err
    assert not any(Path(f"/proc/{child}").exists() for child in children)

    again = json.loads(answer(run("demo", "--no-serve", "--json")))
    assert first["facts"] <= again["facts"] < first["facts"] + 100

    assert answer(run("demo", "--remove")) == "The sample is gone.\n"
    assert answer(run("demo", "--remove")) == "There is no sample to remove.\n"


def _until(process, words):
    """The lines up to one that begins with these words."""
    shown = []
    end = time.monotonic() + 60
    while not (shown and shown[-1].startswith(words)):
        assert time.monotonic() < end
        line = process.stdout.readline()
        assert line, process.stderr.read()
        shown.append(line)
    return shown
