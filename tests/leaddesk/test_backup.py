"""Backup and restore: everything comes back, and nothing is sent again without asking."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections

from leaddesk.book import audit
from leaddesk.book.models import (
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
)
from leaddesk.operation import archive, backup, restore
from leaddesk.operation.archive import Unfinished
from leaddesk.post.release import release
from tests.leaddesk.desk import at, handed_over, take, workspace
from tests.leaddesk.kept import LATER, NOW, desk, everything, states

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "kept" / "desk.zip"


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
    installation = Installation.objects.get()
    assert (installation.held_since, installation.backup_at) == (LATER, NOW)
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
    released = release(LATER + 5)
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
    release(LATER, drop=True)
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
        ({"made_at": "yesterday"}, "is no backup"),
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


def test_a_damaged_stretch_is_found(target):
    desk()
    backup.backup(target, NOW)
    with zipfile.ZipFile(target) as whole:
        largest = max(whole.infolist(), key=lambda one: one.compress_size)
    content = bytearray(target.read_bytes())
    begins = largest.header_offset + 100 + largest.compress_size // 2
    content[begins : begins + 64] = bytes(byte ^ 0xFF for byte in content[begins : begins + 64])
    target.write_bytes(content)
    with pytest.raises(Unfinished, match="damaged"):
        restore.restore(target, LATER)


def test_a_missing_file_is_named(target):
    with pytest.raises(Unfinished, match=r"There is no file .*\.zip\."):
        restore.restore(target, LATER)


def test_a_desk_that_is_served_is_not_replaced(target, settings, tmp_path):
    """Its web may be idle, without a connection, and still remember what was."""
    desk()
    backup.backup(target, NOW)
    settings.HOME = tmp_path / "home"
    script = f"from leaddesk import safety; from pathlib import Path; safety.take_place(Path({str(settings.HOME)!r})); print('here', flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with other:
        assert other.stdout.readline() == b"here\n"
        with pytest.raises(Unfinished, match="the desk runs"):
            restore.restore(target, LATER)
        other.kill()
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
