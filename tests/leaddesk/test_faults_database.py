"""Faults of the database: full disks, broken connections, power cuts, and writers who hold it long."""

import os
import random
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from leaddesk.book import database, moment, rules
from leaddesk.book.models import Fact, Lead
from tests.leaddesk import oracle
from tests.leaddesk.desk import at, workspace
from tests.leaddesk.plays import confined_to, hand_in, told
from tests.leaddesk.processes import command, ended, free_port, running, wait_until
from tests.leaddesk.receivers import receiver
from tests.leaddesk.scene import (
    after_every_lease,
    broken_leads,
    fine,
    finish,
    heard,
    hook,
    unsent,
)
from tests.leaddesk.senders import LEADS, Senders, checked, token

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-31 18:00")
SERVER = Path(__file__).parents[2] / ".ci" / "postgres"
KIB = 1024


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "acknowledged")


def only_on(vendor, why):
    if connection.vendor != vendor:
        pytest.skip(why)


def test_whoever_writes_while_another_writes_long_waits_and_is_not_turned_away(file):
    own = workspace()
    with running(hand_in, own.pk, "w", 20, file, 4, now=NOW) as writer:
        wait_until(lambda: told(file))
        with transaction.atomic():
            database.lock(own.pk, [f"w-{n}" for n in range(20)])
            Fact.objects.of(own).filter(lead="w-0").update(request="")
            before = len(told(file))
            time.sleep(1)
            assert len(told(file)) <= before + 4  # who shared the last commit
        writer.join(30)
        assert writer.exitcode == 0
    assert told(f"{file}.failed") == []
    assert oracle.faults(own, now=NOW, acknowledged=told(file)) == []


def filled_and_freed(own, file, fill, free):
    """Hand in facts while the disk is full, and again when it isn't; no answer may be wrong."""
    arguments = (own.pk, "a", 60, file, 4)
    assert ended(hand_in, *arguments, now=NOW, breaks=fill) == 0
    assert {*told(f"{file}.failed")} == {"OperationalError"}
    assert Lead.objects.of(own).count() == len(told(file)) < 60  # reading goes on
    assert oracle.lost(own, told(file)) == []
    free()
    assert ended(hand_in, *arguments, now=NOW) == 0
    assert Fact.objects.of(own).filter(system="crm").count() == 60
    assert oracle.faults(own, now=NOW, acknowledged=told(file)) == []


def test_a_database_that_may_not_grow_refuses_and_recovers(file):
    only_on("sqlite", "PostgreSQL has no limit to its pages")
    own = workspace()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # pages that were freed could be filled, too
    pages = database.rows("PRAGMA page_count", [])[0][0]
    filled_and_freed(own, file, (partial(confined_to, pages + 8),), lambda: None)
    assert database.rows("PRAGMA integrity_check", []) == [("ok",)]


@contextmanager
def small_disk(folder, size):
    """A disk of so many bytes that only root can make."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a disk that is too small")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
        check=False, capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def leave(folder, free):
    """Fill a disk up to so many bytes."""
    state = os.statvfs(folder)
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(max(0, state.f_bavail * state.f_frsize - free)))
    return ballast.unlink


@contextmanager
def elsewhere(**settings):
    """Let this process use another database for a while."""
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(settings)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
        rules.forget()


def test_sqlite_on_a_disk_that_is_full_refuses_and_recovers(tmp_path, file):
    only_on("sqlite", "PostgreSQL has a test of its own for this")
    with (
        small_disk(tmp_path / "disk", 8 * KIB * KIB) as disk,
        elsewhere(NAME=str(disk / "desk.sqlite3")),
    ):
        call_command("migrate", verbosity=0)
        own = workspace()
        filled_and_freed(own, file, (), leave(disk, 150 * KIB))
        assert database.rows("PRAGMA integrity_check", []) == [("ok",)]


def test_postgresql_on_a_disk_that_is_full_refuses_and_recovers(file):
    only_on("postgresql", "SQLite has a test of its own for this")
    own = workspace()
    with (
        small_disk(
            Path(tempfile.gettempdir()) / f"leaddesk-disk-{os.getpid()}", 4 * KIB * KIB
        ) as disk,
        kept_on(disk),
    ):
        filled_and_freed(own, file, (), leave(disk, 16 * KIB))


@contextmanager
def kept_on(disk):
    """Let the facts of a PostgreSQL database lie on a disk."""
    import shutil

    shutil.chown(disk, "postgres", "postgres")
    name = f"small_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLESPACE {name} LOCATION '{disk}'")
        cursor.execute(f"ALTER TABLE book_fact SET TABLESPACE {name}")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE book_fact SET TABLESPACE pg_default")
            cursor.execute(f"DROP TABLESPACE {name}")


def test_a_database_that_breaks_every_connection_under_load_loses_no_answer(tmp_path):
    only_on("postgresql", "SQLite has no connections that break")
    own, log, chance = workspace(), tmp_path / "log", random.Random(6)
    senders = Senders(free_port(), token(own), LEADS, gap=0.1)
    with command("web", "--port", str(senders.port), log=log):
        senders.start()
        wait_until(lambda: len(senders.taken) > 5)
        senders.failed.clear()
        for taken in (10, 30, 50):
            wait_until(lambda taken=taken: len(senders.taken) > taken)
            time.sleep(chance.uniform(0, 0.2))
            hang_up_on_others()
        senders.finish()
    assert {*senders.failed} <= {"503"}
    assert checked(own, senders, log) == []


def hang_up_on_others():
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )


@contextmanager
def server():
    """A server of PostgreSQL for one test alone: the others need theirs. Its URL and its folder."""
    with subprocess.Popen(
        [SERVER], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            url = process.stdout.readline().strip().removeprefix("DATABASE_URL=")
            yield url, url.rpartition("host=")[2]
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def cut_the_power(folder):
    """End the server at once, and start it again."""
    told = {**os.environ, "LEADDESK_POSTGRES": folder}
    subprocess.run([SERVER, "restart"], env=told, check=True, capture_output=True, timeout=30)


def test_power_cuts_of_the_server_under_load_lose_no_fact_and_no_message(tmp_path):
    only_on("postgresql", "SQLite has no server")
    log = tmp_path / "log"
    with (
        server() as (url, folder),
        elsewhere(NAME="leaddesk", HOST=folder),
        receiver(fine) as far,
    ):
        call_command("migrate", verbosity=0)
        own = workspace()
        hook(own, far.port)
        senders = Senders(free_port(), token(own), LEADS, gap=0.1)
        with (
            command("web", "--port", str(senders.port), log=log, DATABASE_URL=url),
            command("worker", log=log, DATABASE_URL=url),
        ):
            senders.start()
            for taken in (10, 40):
                wait_until(lambda taken=taken: len(senders.taken) > taken)
                cut_the_power(folder)
            senders.finish()
            connections.close_all()
            wait_until(lambda: len(broken_leads(far)) > len(LEADS) - 10)
        connection.close()
        now = after_every_lease(moment.now())
        finish(now)
        assert {*broken_leads(far)} == {*LEADS}
        assert oracle.repeated(heard(far), most=16) == []
        assert checked(own, senders, log) == []
        assert unsent(own, now) == []
