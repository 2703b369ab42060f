"""Backup and restore under a full disk, a power cut and writers at work."""

import os
import resource
import shutil
import signal
import subprocess
import sys

import pytest
from django.db import connection, connections

from leaddesk.book.models import Installation, Lead
from leaddesk.operation import archive, backup, restore
from leaddesk.operation.archive import Unfinished
from tests.leaddesk.kept import LATER, NOW, desk, everything, states

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "kept" / "desk.zip"


def environment():
    """The settings by which another process finds the database of this test."""
    told = connection.settings_dict
    name = told["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite://{name}"
    else:
        url = f"postgresql://{told['USER']}@/{name}?host={told['HOST']}"
    return {**os.environ, "DATABASE_URL": url}


def run(script, limit=None, **changes):
    """Another process of the desk; it may write files of `limit` bytes at most."""

    def limited():
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    beginning = (
        "import django; django.setup()\n"
        "from pathlib import Path\n"
        "from leaddesk.operation import backup, restore\n"
        "from leaddesk.operation.archive import Unfinished\n"
    )
    connections.close_all()
    return subprocess.run(
        [sys.executable, "-c", beginning + script],
        env={**environment(), **changes},
        preexec_fn=limited,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


def backing_up(target):
    return f"try: backup.backup(Path({str(target)!r}), {LATER})\nexcept Unfinished as e: print(e)\n"


def restoring(target):
    return (
        f"try: restore.restore(Path({str(target)!r}), {LATER})\nexcept Unfinished as e: print(e)\n"
    )


def test_a_full_disk_leaves_the_earlier_backup(target):
    desk()
    backup.backup(target, NOW)
    kept = target.read_bytes()
    ended = run(backing_up(target), limit=8192)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("The backup was not made")
    assert len(ended.stdout.splitlines()) == 1
    assert target.read_bytes() == kept
    assert list(target.parent.iterdir()) == [target]
    assert Installation.objects.get().backup_at == NOW


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_small_disk_that_is_really_full(small_disk):
    desk()
    target = small_disk / "desk.zip"
    target.write_bytes(b"the earlier one")
    (small_disk / "ballast").write_bytes(bytes(64 * 1024))
    with pytest.raises(Unfinished, match=r"(full|No space left).*is the earlier one"):
        backup.backup(target, NOW)
    assert target.read_bytes() == b"the earlier one"
    assert sorted(one.name for one in small_disk.iterdir()) == ["ballast", "desk.zip"]


def test_a_full_disk_leaves_the_database(target):
    desk()
    backup.backup(target, NOW)
    before = everything()
    ended = run(restoring(target), limit=8192)
    assert ended.stdout.startswith("Nothing was restored, nothing was changed"), ended.stderr
    assert everything() == before


@pytest.mark.parametrize("point", ["backup:copied", "backup:written"])
def test_a_power_cut_leaves_a_whole_backup_or_the_earlier_one(target, point):
    desk()
    backup.backup(target, NOW)
    ended = run(backing_up(target), LEADDESK_FAULT=f"{point}:1")
    assert ended.returncode == -signal.SIGKILL
    made = archive.opened(target)
    assert (made.made_at[:10] == "2026-03-15") == (point == "backup:written")
    assert backup.backup(target, LATER).file == target


def test_a_power_cut_after_loading_sends_nothing(target):
    own = desk()
    backup.backup(target, NOW)
    ended = run(restoring(target), LEADDESK_FAULT="restore:loaded:1")
    assert ended.returncode == -signal.SIGKILL
    assert Installation.objects.get().held_since == LATER
    assert states(own)["dlv-pending"] == "held"
    restore.restore(target, LATER + 1)
    assert Installation.objects.get().held_since == LATER + 1


def test_others_may_write_while_a_backup_is_made(target):
    own = desk()
    writer = (
        "import django; django.setup()\n"
        "from tests.leaddesk.desk import *\n"
        f"own = Workspace.objects.get(pk={own.pk})\n"
        "n = 0\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    n += 1\n"
        f"    take(own, handed_over(f'W-{{n}}', '2026-03-12 09:00'), now={NOW})\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", writer], env=environment(), stdout=subprocess.PIPE
    )
    try:
        assert other.stdout.readline() == b"ready\n"
        for _turn in range(3):
            made = backup.backup(target, NOW)
            assert archive.opened(target) == made.manifest
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    assert made.manifest.counts["book_lead"] <= Lead.across.count()


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="no pg_dump on this machine")
def test_a_missing_program_is_named(target):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite needs no program")
    ended = run(backing_up(target), PATH="/nowhere")
    assert "pg_dump is not installed" in ended.stdout
