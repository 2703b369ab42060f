"""Restore: the desk as it was when a backup was made, sending nothing until somebody says so.

Meanwhile messages went out that the backup knows nothing of. Sending what it had queued would send
them again; so all of it is held until it is released or dropped.
"""

import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import Error, connection, connections
from django.db.migrations.loader import MigrationLoader

from leaddesk import safety
from leaddesk.book import database, rules
from leaddesk.book.fault import fault
from leaddesk.book.models import Delivery, Installation, Notice, Workspace
from leaddesk.operation import archive
from leaddesk.operation.archive import Manifest, Unfinished
from leaddesk.operation.backup import note_everywhere, tools
from leadpact.clock import to_datetime, to_micros

_HOLD = """UPDATE book_delivery
SET state = 'held', lease_until = NULL, why = 'a backup was restored on {day}'
WHERE state IN ('pending', 'leased')"""
_SINCE = """UPDATE book_installation SET held_since = {now:d}, backup_at = {made_at:d}
WHERE id = 1"""  # every backup holds that row, in whatever shape its release gave it


@dataclass(frozen=True)
class Restored:
    """What was restored, and how much is held."""

    manifest: Manifest
    deliveries: int
    notices: int


def restore(source: Path, now: int) -> Restored:
    """Put a backup in the place of the database. Raises `Unfinished` and leaves what was there."""
    try:
        if safety.is_served(settings.HOME):
            raise Unfinished("the desk runs. Stop its web and worker first.")
        manifest = archive.opened(source)
        _check(manifest)
        _load(source, manifest, now)
    except Unfinished as error:
        raise Unfinished(f"Nothing was restored, nothing was changed: {error}") from None
    except (OSError, sqlite3.Error, Error) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise Unfinished(f"Nothing was restored, nothing was changed: {why}.") from error
    fault("restore:loaded")
    rules.forget()
    call_command("migrate", interactive=False, verbosity=0)
    told = {"made_at": manifest.made_at, "version": manifest.version, "digest": manifest.digest}
    database.in_transaction(lambda: note_everywhere("restored a backup", told, now))
    return Restored(manifest, *_waiting())


def _check(manifest: Manifest) -> None:
    """Raises `Unfinished` where the backup doesn't fit this database or this release."""
    if manifest.database != connection.vendor:
        raise Unfinished(
            f"the backup is one of {manifest.database}, and this desk runs on {connection.vendor}."
            " Set DATABASE_URL to a database of that kind."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if set(manifest.migrations) - known:
        raise Unfinished(
            f"the backup was made by version {manifest.version} of the desk, which is newer than"
            " this one. Upgrade first."
        )
    if not _fits(manifest):
        raise Unfinished(
            "the database holds another desk. Restore into an empty one, or into the one that the"
            " backup was made of."
        )


def _fits(manifest: Manifest) -> bool:
    """Whether the database is empty, or the one that the backup was made of."""
    tables = connection.introspection.table_names()
    if "book_workspace" not in tables or not Workspace.objects.exists():
        return True
    return Installation.objects.filter(pk=1, created_at=manifest.installation).exists()


def _load(source: Path, manifest: Manifest, now: int) -> None:
    folder = None if database.is_postgresql() else Path(connection.settings_dict["NAME"]).parent
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".leaddesk-", dir=folder) as place:
        copy = Path(place) / "copy"
        archive.unpack(source, manifest, copy)
        if not database.is_postgresql():
            connections.close_all()
        tools().load(copy, _held(manifest, now), manifest.counts)
    connections.close_all()


def _held(manifest: Manifest, now: int) -> list[str]:
    """What is made true together with the restore, so that no worker can come in between.

    Sessions and sign-in links end: somebody may have been signed out since.
    """
    made_at = to_micros(datetime.fromisoformat(manifest.made_at))
    return [
        _HOLD.format(day=to_datetime(now).date()),
        "UPDATE book_lead SET lease_until = NULL WHERE lease_until IS NOT NULL",
        "DELETE FROM book_signinlink",
        "DELETE FROM django_session",
        "DELETE FROM book_pulse",
        _SINCE.format(now=now, made_at=made_at),
    ]


def _waiting() -> tuple[int, int]:
    return (
        Delivery.across.filter(state=Delivery.State.HELD).count(),
        Notice.across.filter(posted_at__isnull=True).count(),
    )
