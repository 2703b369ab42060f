"""Backup: everything that the desk knows, in one file."""

import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from django.db import Error, connection
from django.db.migrations.recorder import MigrationRecorder

from leaddesk.book import audit, database, health
from leaddesk.book.fault import fault
from leaddesk.book.models import Installation, Workspace
from leaddesk.operation import archive, postgresql, sqlite
from leaddesk.operation.archive import Manifest, Unfinished
from leadpact.clock import to_datetime

ACTOR = "operator"
"""Whoever may run commands on the machine, in the audit log."""


@dataclass(frozen=True)
class Backup:
    """A backup that was written and read back."""

    file: Path
    bytes: int
    manifest: Manifest


def backup(target: Path, now: int) -> Backup:
    """Write a backup; a file that is there already is replaced when the new one is whole.

    Others may go on writing. Raises `Unfinished` and leaves what was there.
    """
    target = target.absolute()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".leaddesk-", dir=target.parent) as folder:
            copy = Path(folder) / "copy"
            manifest = _copied(copy, now)
            fault("backup:copied")
            archive.write(target, manifest, copy)
    except Unfinished as error:
        raise Unfinished(f"The backup was not made: {error} {_kept(target)}") from None
    except (OSError, sqlite3.Error, Error) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise Unfinished(f"The backup was not made ({why}). {_kept(target)}") from error
    fault("backup:written")
    database.in_transaction(lambda: _note(target, manifest, now))
    return Backup(target, target.stat().st_size, manifest)


def _kept(target: Path) -> str:
    return f"{target} is the earlier one." if target.exists() else "Nothing was left behind."


def _copied(copy: Path, now: int) -> Manifest:
    installation, _new = Installation.objects.get_or_create(pk=1, defaults={"created_at": now})
    counts = tools().dump(copy)
    digest, size = archive.digest(copy)
    return Manifest(
        format=archive.FORMAT,
        version=health.version(),
        made_at=to_datetime(now).isoformat(),
        database=connection.vendor,
        server=health.server(),
        installation=installation.created_at,
        migrations=tuple(
            sorted(
                f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
            )
        ),
        counts=counts,
        digest=digest,
        bytes=size,
    )


def tools() -> ModuleType:
    """How the database in use is dumped and loaded."""
    return postgresql if database.is_postgresql() else sqlite


def _note(target: Path, manifest: Manifest, now: int) -> None:
    Installation.objects.filter(pk=1).update(backup_at=now)
    note_everywhere("took a backup", {"file": target.name, "digest": manifest.digest}, now)


def note_everywhere(act: str, detail: dict[str, object], now: int) -> None:
    """An entry in the audit log of every workspace, in the present transaction."""
    for workspace in Workspace.objects.order_by("pk").values_list("pk", flat=True):
        audit.note(workspace, [audit.Note(ACTOR, act, "installation", detail)], now)


def default_target(home: Path, now: int) -> Path:
    """Where a backup goes that names no file."""
    return home / "backups" / f"leaddesk-{to_datetime(now):%Y%m%d-%H%M%S}.zip"
