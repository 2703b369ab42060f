"""House: a desk of its own for measuring: a folder, a database, web and workers as users start them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

PROGRAM = Path(sys.executable).parent / "leaddesk"
AGREEMENT = (Path(__file__).parent / "agreement.yaml").read_text("utf-8")
# The clock runs day and night here: a measurement can't wait for the office to open.
TIMERS = """\
leadpact: 1
agreement: Timers
version: 1
valid from: 2024-01-01
between: {marketing: [mia], sales: [ana, ben]}
zone: Europe/Warsaw
people:
  ana: {team: inbound}
  ben: {team: inbound}
promises:
  marketing:
    volume: {deliver: mql, amount: 100, each: month, tolerance: 10%}
  sales:
    first contact: {after: handed over, do: attempted, within: 4 hours, target: 95%}
"""


@contextmanager
def house():
    """Set Django up on a fresh database: that of DATABASE_URL, else SQLite in a folder of its own."""
    with TemporaryDirectory(prefix="leaddesk-bench-") as folder:
        os.environ.update(
            LEADDESK_HOME=folder,
            LEADDESK_SECRET_KEY="of measurements only, and of nothing else whatsoever",
            DJANGO_SETTINGS_MODULE="leaddesk.settings",
        )
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield Path(folder)


def workspace(slug, text=AGREEMENT):
    """A workspace with an agreement in force; its id and a token that may record and read."""
    from leaddesk.book import access, moment, rules
    from leaddesk.book.models import AgreementVersion, Person, Workspace

    now = moment.now()
    own = Workspace.objects.create(slug=slug, name=slug, zone="Europe/Warsaw", created_at=now)
    text = text.replace("valid from: 2026-01-01", "valid from: 2024-01-01")
    AgreementVersion.objects.of(own).create(
        workspace=own,
        name=slug,
        number=1,
        valid_from="2024-01-01",
        text=text,
        hash=slug.rjust(64, "0"),
        state=AgreementVersion.State.IN_FORCE,
        proposed_by="mia",
        proposed_at=now,
    )
    person = Person.objects.of(own).create(
        workspace=own, key="mia", name="Mia", role="admin", created_at=now
    )
    rules.changed(own.pk, every_lead=True)
    scopes = ["facts:write", "history:write", "read"]
    _token, secret = access.issue_token(
        access.actor_of(person), name="bench", scopes=scopes, now=now
    )
    return own.pk, secret


@contextmanager
def web(token):
    """The web server; its port."""
    port = _free_port()
    with running("web", "--port", str(port)):
        _wait_until_it_answers(port, token)
        yield port


@contextmanager
def running(*command):
    """A command of the desk, ended by a signal as an operator would."""
    with (Path(os.environ["LEADDESK_HOME"]) / "bench.log").open("ab") as log:
        process = subprocess.Popen([PROGRAM, *command], stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _wait_until_it_answers(port, token):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/leads?limit=1",
        headers={"Authorization": f"Bearer {token}"},
    )
    for _try in range(600):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                json.load(answer)
                return
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The desk didn't start within a minute.")
