"""The worker: in time, several at once, through trouble with the database, and gone when asked."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from leaddesk import worker as working
from leaddesk.book import moment
from leaddesk.book.models import Channel, Delivery, Entry, Lead, Notice, Pulse
from leaddesk.book.moment import SECOND
from leaddesk.cli.together import next_free
from tests.leaddesk.desk import database_url, fact, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
HOURLY = """\
leadpact: 1
agreement: Round the clock
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana, ben]}
zone: UTC
people: {ana: {team: inbound}, ben: {team: inbound}}
promises:
  sales:
    first contact: {after: handed over, do: attempted, within: 1 hours}
"""


@contextmanager
def at_work(name=""):
    """A worker in threads of this process."""
    worker = working.Worker(name)
    worker.start()
    try:
        yield worker
    finally:
        assert worker.stop()


def wait_until(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def due_in(own, *leads, seconds):
    """Leads whose first contact is due so many seconds from now; the instant."""
    at = datetime.now(UTC) - timedelta(hours=1) + timedelta(seconds=seconds)
    take(
        own,
        *(fact(lead, "handed_over", at.isoformat(), owner="ana") for lead in leads),
        now=moment.now(),
    )
    return round((at + timedelta(hours=1)).timestamp() * SECOND)


def broken(own):
    return Notice.objects.of(own).filter(kind="broken")


def test_a_breach_is_noticed_within_the_second_and_never_early():
    own = workspace(HOURLY, zone="UTC")
    with at_work():
        wait_until(Pulse.objects.exists)
        due = due_in(own, "L-1", seconds=1.5)
        wait_until(lambda: broken(own).exists())
    told = broken(own).get()
    assert told.cause_at - due in {0, 1}
    assert due < told.created_at < due + SECOND


def test_two_workers_share_the_work_and_do_it_once():
    own = workspace(HOURLY, zone="UTC")
    due_in(own, *(f"L-{n}" for n in range(40)), seconds=1)
    with at_work("one") as one, at_work("other") as other:
        wait_until(lambda: broken(own).count() == 40)
        wait_until(lambda: one.woken + other.woken >= 40)
        time.sleep(0.3)
        assert one.woken + other.woken == 40
    assert broken(own).count() == 40


def test_what_is_late_is_done_and_reported(caplog):
    own = workspace(HOURLY, zone="UTC")
    due = due_in(own, "L-1", seconds=0.1)
    Lead.objects.of(own).update(wake_at=due - 60 * SECOND)
    with at_work():
        wait_until(lambda: broken(own).exists())
        wait_until(lambda: "looked at late" in caplog.text)
    assert Lead.objects.of(own).get().lease_until is None


def test_the_pulse_is_felt_while_it_works_and_the_audit_log_is_sealed():
    own = workspace(HOURLY, zone="UTC")
    due_in(own, "L-1", seconds=60)
    assert Entry.objects.of(own).filter(block=None).exists()
    with at_work("w1"):
        wait_until(lambda: Pulse.objects.filter(worker="w1").exists())
        wait_until(lambda: not Entry.objects.of(own).filter(block=None).exists())
    assert not Pulse.objects.exists()


@contextmanager
def silent_receiver():
    """A receiver that takes connections and never answers; its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_a_receiver_that_hangs_delays_no_timer_and_no_stop(settings):
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, webhook_allow=("127.0.0.1",))
    own = workspace(HOURLY, zone="UTC")
    person(own, "ana")
    with silent_receiver() as url:
        Channel.objects.of(own).create(
            workspace=own,
            key="chn_1",
            kind="webhook",
            name="Hangs",
            settings={"url": url},
            secrets={"secret": "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
            created_at=0,
        )
        due_in(own, "L-1", seconds=0.2)
        worker = working.Worker()
        worker.start()
        wait_until(lambda: Delivery.objects.of(own).filter(state="leased").exists())
        due = due_in(own, "L-2", seconds=0.5)
        wait_until(lambda: broken(own).filter(lead="L-2").exists())
        assert broken(own).get(lead="L-2").created_at < due + SECOND
        began = time.monotonic()
        worker.stop()
        assert time.monotonic() < began + 1


def cut_connections():
    """Cut every connection to the database but this one, as a restart of the server does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"),
    reason="SQLite has no server that could go away",
)
def test_a_server_that_goes_away_again_and_again_ends_no_worker_and_loses_nothing(caplog):
    own = workspace(HOURLY, zone="UTC")
    due_in(own, *(f"L-{n}" for n in range(300)), seconds=0.5)
    with at_work():
        for _time in range(10):
            cut_connections()
            time.sleep(0.15)
        wait_until(lambda: broken(own).count() == 300, seconds=60)
        assert "the database fails" in caplog.text
    assert not Lead.objects.of(own).filter(wake_at__lte=moment.now()).exists()


# Processes of their own


@contextmanager
def command(*arguments, **environment):
    """A command of the desk on the database of this test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "leaddesk", *arguments],
        env={**os.environ, "DATABASE_URL": database_url(), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def seconds_to_end(process, number):
    began = time.monotonic()
    process.send_signal(number)
    process.wait(10)
    return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_worker_that_is_asked_to_stop_does_within_a_second(number, code):
    with command("worker") as process:
        wait_until(Pulse.objects.exists)
        assert seconds_to_end(process, number) < 1.2
        assert process.returncode == code
    assert not Pulse.objects.exists()


@pytest.mark.slow
def test_a_killed_worker_leaves_its_leads_to_another(monkeypatch):
    own = workspace(HOURLY, zone="UTC")
    due_in(own, *(f"L-{n}" for n in range(5)), seconds=0.1)
    time.sleep(0.2)
    with command("worker", LEADDESK_FAULT="wake:claimed:1") as process:
        process.wait(30)
        assert process.returncode == -signal.SIGKILL
    assert Lead.objects.of(own).filter(fence=1, lease_until__gt=moment.now()).count() == 5
    Lead.objects.of(own).update(lease_until=moment.now())  # half a minute later
    with at_work():
        wait_until(lambda: broken(own).count() == 5)


def told(stream, mark):
    """The first line of a stream that holds a mark."""
    found = []

    def read():
        for line in stream:
            if mark in line:
                found.append(line)
                return

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(40)
    assert found, f"nothing said {mark!r}"
    return found[0]


def quiet_port():
    """A port that the system gives to nobody who asks for any, as other tests do; nor the next one."""
    start = 20_000 + os.getpid() % 5_000 * 2
    return next(n for n in range(start, start + 2_000, 2) if next_free("127.0.0.1", n) == n)


@pytest.mark.slow
def test_up_takes_the_next_free_port_signs_the_admin_in_and_stops_with_all_its_parts():
    import httpx

    port = quiet_port()
    with socket.create_server(("127.0.0.1", port)):
        with command("up", "--port", str(port), "--threads", "2") as process:
            assert f"port {port} is taken" in told(process.stderr, "taken")
            link = told(process.stdout, "Sign in once").split()[-1]
            assert httpx.get(link, trust_env=False, timeout=60).status_code == 200
            wait_until(Pulse.objects.exists)
            assert seconds_to_end(process, signal.SIGINT) < 2.5
            assert process.returncode == 130
        address = link.removeprefix("http://").partition("/")[0].split(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address[0], int(address[1])), timeout=1)
    assert not Pulse.objects.exists()


@pytest.mark.slow
def test_up_starts_again_what_falls():
    with command("up", "--port", "8765") as process:
        told(process.stdout, "Sign in once")
        wait_until(Pulse.objects.exists)
        first = int(Pulse.objects.get().worker.rpartition(":")[2])
        os.kill(first, signal.SIGKILL)
        told(process.stderr, "worker ended with -9")
        wait_until(lambda: Pulse.objects.count() == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


def ended(*arguments, **environment):
    """How a command ended, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "leaddesk", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_help_needs_no_django_and_shows_examples_first():
    code = "import sys; from leaddesk.cli.app import app; print(json.dumps(sorted(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", f"import json; {code}"], capture_output=True, text=True, check=True
    )
    assert "django" not in json.loads(loaded.stdout)
    code, out, _err = ended("--help")
    assert (code, out.split("\n")[0].strip()) == (0, "leaddesk up")
    for name in ("up", "web", "worker"):
        code, out, _err = ended(name, "--help")
        assert (code, out.split("\n")[0].strip().startswith(f"leaddesk {name}")) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "said"),
    [
        (["nonsense"], {}, 2, "No such command"),
        (["web", "--port", "0"], {}, 2, "--port"),
        (["worker"], {"LEADDESK_MODE": "wild"}, 2, "LEADDESK_MODE is 'wild'"),
        (["up"], {"DATABASE_URL": "mysql://x"}, 2, "DATABASE_URL must begin"),
        (["worker"], {"LEADDESK_MODE": "production", "LEADDESK_SECRET_KEY": "x"}, 2, "KEY"),
        (
            ["up"],
            {"DATABASE_URL": "postgresql://nobody@/none?host=/nowhere"},
            5,
            "the database can't be used",
        ),
    ],
)
def test_a_command_that_cannot_run_says_so_in_a_sentence(arguments, environment, code, said):
    got, _out, err = ended(*arguments, **environment)
    assert (got, said in err, "Traceback" in err) == (code, True, False)


@pytest.mark.parametrize("part", ["web", "worker"])
def test_a_part_waits_for_the_tables_of_its_release(part, tmp_path):
    environment = {"DATABASE_URL": f"sqlite://{tmp_path}/empty.sqlite3"}
    code, _out, err = ended(part, **environment)
    assert (code, err) == (
        1,
        "leaddesk: the database lacks tables of this release; run `leaddesk migrate`.\n",
    )
