"""Backup and restore: everything comes back, and nothing is sent again without asking."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.db import connection, connections

from leaddesk.book import audit, moment
from leaddesk.book.models import (
    Channel,
    Company,
    Contact,
    Delivery,
    Due,
    Entry,
    Fact,
    Installation,
    Lead,
    Notice,
    Pulse,
    User,
    Workspace,
)
from leaddesk.operation import archive, backup, restore
from leaddesk.operation.archive import Unfinished
from tests.leaddesk.desk import at, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 18:00")
LATER = NOW + 3 * moment.DAY


@pytest.fixture
def target(tmp_path):
    return tmp_path / "kept" / "desk.zip"


def desk():
    """A desk with leads, a message that was sent, one that waits and one that is on its way."""
    own = workspace()
    take(own, *(handed_over(f"L-{n}", "2026-03-12 09:00") for n in range(5)), now=NOW)
    Company.objects.of(own).create(workspace=own, key="C-1", name="Société à 50 %", created_at=NOW)
    Contact.objects.of(own).create(workspace=own, lead="L-1", name="พร", created_at=NOW)
    User.objects.create_user("mia@example.com", "Correct-Horse-9-Battery")
    mail = Channel.objects.of(own).create(
        workspace=own, key="mail", kind="email", name="Mail", created_at=NOW
    )
    for state in ("done", "pending", "leased", "dead"):
        Delivery.objects.of(own).create(
            workspace=own,
            key=f"dlv-{state}",
            channel=mail,
            kind="broken",
            body="{}",
            state=state,
            cause_at=NOW,
            created_at=NOW,
            next_at=NOW,
        )
    return own


def everything(without=()):
    """All rows of all tables, to compare."""
    return {
        model._meta.db_table: list(
            getattr(model, "across", model._default_manager).order_by("pk").values()
        )
        for model in (Workspace, User, Fact, Lead, Due, Notice, Contact, Company, Delivery, Entry)
        if model not in without
    }


def states(own):
    return dict(Delivery.objects.of(own).order_by("key").values_list("key", "state"))


def test_a_backup_says_what_it_holds(target):
    desk()
    made = backup.backup(target, NOW)
    assert made.file == target
    assert made.bytes == target.stat().st_size
    assert archive.opened(target) == made.manifest
    assert made.manifest.counts["book_fact"] == Fact.across.count() > 5
    assert made.manifest.database == connection.vendor
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(target.parent.iterdir()) == [target]


def test_a_backup_is_noted(target):
    own = desk()
    made = backup.backup(target, NOW)
    assert Installation.objects.get().backup_at == NOW
    entry = Entry.objects.of(own).get(act="took a backup")
    assert (entry.actor, json.loads(entry.detail)["digest"]) == ("operator", made.manifest.digest)


def test_what_was_restored_is_what_was_backed_up(target):
    own = desk()
    audit.seal(own.pk, NOW)
    before = everything(without=(Delivery, Entry))
    backup.backup(target, NOW)
    take(own, handed_over("L-9", "2026-03-12 09:00"), now=NOW + 1)
    Contact.across.update(name="somebody else")
    Company.across.all().delete()
    restored = restore.restore(target, LATER)
    assert everything(without=(Delivery, Entry)) == before
    assert (restored.deliveries, restored.notices) == (2, len(before["book_notice"]))
    assert list(audit.faults(own.pk)) == []
    take(own, handed_over("L-10", "2026-03-12 09:00"), now=LATER)  # ids go on where they were
    assert Lead.objects.of(own).filter(key="L-10").exists()


def test_after_a_restore_everything_waits_to_be_released(target):
    own = desk()
    Pulse.objects.create(worker="before", started_at=NOW, seen_at=NOW)
    backup.backup(target, NOW)
    restore.restore(target, LATER)
    assert Installation.objects.get().held_since == LATER
    assert states(own) == {
        "dlv-dead": "dead",
        "dlv-done": "done",
        "dlv-leased": "held",
        "dlv-pending": "held",
    }
    assert not Pulse.objects.exists()
    assert Entry.objects.of(own).filter(act="restored a backup").count() == 1


def test_what_is_released_is_sent(target):
    own = desk()
    backup.backup(target, NOW)
    restore.restore(target, LATER)
    released = restore.release(LATER + 5)
    assert (released.deliveries, released.dropped) == (2, False)
    assert Installation.objects.get().held_since is None
    sent = Delivery.objects.of(own).filter(state="pending")
    assert set(sent.values_list("key", "next_at")) == {
        ("dlv-leased", LATER + 5),
        ("dlv-pending", LATER + 5),
    }
    assert Notice.objects.of(own).filter(posted_at__isnull=True).exists()


def test_what_is_dropped_is_never_sent_nor_what_came_due_since_the_backup(target):
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    backup.backup(target, at("2026-03-12 09:02"))
    restore.restore(target, LATER)
    assert Due.objects.of(own).get().verdict == "open"
    restore.release(LATER, drop=True)
    assert Due.objects.of(own).get().verdict == "broken"
    assert Notice.objects.of(own).filter(kind="broken").exists()
    assert not Notice.objects.of(own).filter(posted_at__isnull=True).exists()
    assert not Lead.objects.of(own).filter(wake_at__lte=LATER).exists()
    assert not Delivery.objects.of(own).filter(state__in=("pending", "held")).exists()


def test_a_backup_of_another_desk_is_not_restored_over_this_one(target):
    desk()
    backup.backup(target, NOW)
    Installation.objects.update(created_at=NOW - 1)
    before = everything()
    with pytest.raises(Unfinished, match="holds another desk"):
        restore.restore(target, LATER)
    assert everything() == before


def test_a_backup_is_restored_into_an_empty_database(target):
    own = desk()
    before = everything(without=(Delivery, Entry))
    backup.backup(target, NOW)
    empty_everything()
    restore.restore(target, LATER)
    assert everything(without=(Delivery, Entry)) == before
    assert Installation.objects.get().held_since == LATER
    assert states(own)["dlv-pending"] == "held"


def empty_everything():
    """Leave a database without a single table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name in connection.introspection.table_names(cursor):
                cursor.execute(f'DROP TABLE "{name}" CASCADE')
            return
    name = connection.settings_dict["NAME"]
    connections.close_all()
    for ending in ("", "-wal", "-shm"):
        Path(f"{name}{ending}").unlink(missing_ok=True)


def test_an_older_backup_is_brought_up_to_this_release(target):
    desk()
    made = backup.backup(target, NOW)
    assert "book.0001_initial" in made.manifest.migrations
    restore.restore(target, LATER)
    from django.core.management import call_command

    call_command("migrate", "--check", verbosity=0)


def rewritten(target, **changes):
    """The archive with another manifest, or another copy."""
    with zipfile.ZipFile(target) as old:
        told = json.loads(old.read(archive.MANIFEST))
        copy = changes.pop("copy", None) or old.read(archive.MEMBERS[told["database"]])
    other = target.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as new:
        new.writestr(archive.MANIFEST, json.dumps({**told, **changes}))
        if changes.get("database") != "none":
            new.writestr(archive.MEMBERS[changes.get("database", told["database"])], copy)
    return other


OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"copy": b"another copy"}, "is damaged"),
        ({"digest": "0" * 64}, "is damaged"),
        ({"format": 2}, "made by another version"),
        ({"migrations": ["book.0999_tomorrow"]}, "newer than this one"),
        ({"database": "other"}, "this desk runs on"),
        ({"counts": {"book_fact": 1}}, "does not hold what"),
        ({"strange": 1}, "is no backup"),
        ({"installation": "1"}, "is no backup"),
        ({"counts": {"x'; DROP TABLE book_lead; --": 1}}, "is no backup"),
    ],
)
def test_what_is_wrong_with_a_backup_is_told_before_anything_changes(target, changes, said):
    desk()
    backup.backup(target, NOW)
    if changes.get("database") == "other":
        changes = {"database": OTHER[connection.vendor]}
    before = everything()
    with pytest.raises(Unfinished, match=said) as told:
        restore.restore(rewritten(target, **changes), LATER)
    assert str(told.value).startswith("Nothing was restored, nothing was changed: ")
    assert everything() == before
    assert Installation.objects.get().held_since is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip at all" * 99])
def test_a_file_that_is_no_archive_is_refused(target, content):
    target.parent.mkdir()
    target.write_bytes(content)
    with pytest.raises(Unfinished, match="damaged or no backup"):
        restore.restore(target, LATER)


def test_a_flipped_byte_is_found(target):
    desk()
    backup.backup(target, NOW)
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    with pytest.raises(Unfinished, match="damaged"):
        restore.restore(target, LATER)


def test_a_missing_file_is_named(target):
    with pytest.raises(Unfinished, match="No such file"):
        restore.restore(target, LATER)


def test_a_desk_that_is_in_use_is_not_replaced(target):
    """Somebody else is connected while the restore runs."""
    desk()
    backup.backup(target, NOW)
    other = connection.copy()
    other.ensure_connection()
    with other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM book_lead")
    try:
        with pytest.raises(Unfinished, match="Stop the desk's web and worker first"):
            restore.restore(target, LATER)
    finally:
        other.close()
    assert Installation.objects.get().held_since is None


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
