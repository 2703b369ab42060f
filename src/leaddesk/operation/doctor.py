"""Doctor: looks for everything that can be wrong with a desk, and says how to mend each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, F

from leaddesk import safety
from leaddesk.book import audit, database, health, mailings, moment
from leaddesk.book.models import (
    Attempt,
    Channel,
    Contact,
    Delivery,
    Entry,
    Fact,
    Installation,
    Lead,
    Mailing,
    Pulse,
    Signature,
    Workspace,
)
from leaddesk.book.moment import DAY, MINUTE, SECOND
from leaddesk.book.waiting import has_agreement, unheard
from leaddesk.operation import recount
from leaddesk.post.addresses import allow_problems
from leadpact.clock import to_datetime

OK, NOTE, WRONG = "ok", "note", "wrong"
LATE = MINUTE
"""A lease may be over for so long before somebody must have taken it up."""
SKEW = SECOND
OLDEST_BACKUP = 8 * DAY
LATEST_MAIL = 60 * MINUTE
MAILS_LOOKED_AT = 30 * DAY


@dataclass(frozen=True)
class Finding:
    """What one check found; `mend` says what to do about it, "" where nothing has to be done."""

    check: str
    state: str
    what: str
    mend: str = ""


Check = Callable[[int, bool], Iterator[Finding]]


def examine(now: int, *, full: bool = False, only: str = "") -> Iterator[Finding]:
    """Every finding, check by check, or of one check `only`.

    `full` looks at every lead and fact instead of a sample.
    """
    if not health.is_ready():
        what = "The database does not answer, or lacks tables of this release."
        yield Finding("database", WRONG, what, "leaddesk migrate")
        return
    for name, check in CHECKS.items():
        if only not in {"", name}:
            continue
        try:
            found = [*check(now, full)]
        except (DatabaseError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            what = f"It could not be checked: {str(error).strip()}"
            found = [Finding(name, WRONG, what, "leaddesk doctor --full")]
        yield from found or [Finding(name, OK, _SOUND[name])]


def _integrity(_now: int, _full: bool) -> Iterator[Finding]:
    mend = "leaddesk restore FILE --yes"
    if database.is_postgresql():
        sql = """SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                 WHERE NOT i.indisvalid AND c.relname LIKE 'book_%%'
                 UNION ALL SELECT conname FROM pg_constraint
                 WHERE NOT convalidated AND conrelid::regclass::text LIKE 'book_%%'"""
        for (name,) in database.rows(sql, []):
            yield Finding("integrity", WRONG, f"{name} is not valid.", f'REINDEX INDEX "{name}"')
        return
    for (said,) in database.rows("PRAGMA integrity_check(10)", []):
        if said != "ok":
            yield Finding("integrity", WRONG, f"The database file is damaged: {said}.", mend)
    for table, row, parent, _number in database.rows("PRAGMA foreign_key_check", []):
        what = f"Row {row} of {table} points to a row of {parent} that is gone."
        yield Finding("integrity", WRONG, what, mend)


def _scope(_now: int, _full: bool) -> Iterator[Finding]:
    """No row may point into another workspace."""
    for model, name in (
        (Attempt, "delivery"),
        (Contact, "company"),
        (Delivery, "channel"),
        (Entry, "block"),
        (Signature, "version"),
    ):
        rows = model.across.filter(**{f"{name}__isnull": False})
        if count := rows.exclude(**{f"{name}__workspace": F("workspace")}).count():
            what = f"{count} rows of {model.__name__} point into another workspace ({name})."
            yield Finding("workspaces", WRONG, what, "leaddesk restore FILE --yes")


def _audit(_now: int, _full: bool) -> Iterator[Finding]:
    for workspace in Workspace.objects.order_by("pk"):
        for fault in audit.faults(workspace.pk):
            mend = "compare with a backup: leaddesk export WORKSPACE, table entry"
            yield Finding("audit log", WRONG, f"{workspace.slug}: {fault}.", mend)


def _facts(_now: int, full: bool) -> Iterator[Finding]:
    for workspace in Workspace.objects.order_by("pk"):
        for source, problem in recount.unreadable(workspace, full=full):
            what = f"{workspace.slug}: fact {source} can't be read: {problem}"
            mend = (
                f"compare {source} with an older export, then record it anew by another source_id"
            )
            yield Finding("facts", WRONG, what, mend)


def _indexes(now: int, full: bool) -> Iterator[Finding]:
    for workspace in Workspace.objects.order_by("pk"):
        for key, what in recount.differences(workspace, now, full=full):
            mend = f"leaddesk rebuild {workspace.slug}"
            yield Finding("indexes", WRONG, f"{workspace.slug}: lead {key}: {what}", mend)


def _leases(now: int, _full: bool) -> Iterator[Finding]:
    mend = "leaddesk worker (it takes them up again)"
    leads = Lead.across.filter(lease_until__lt=now - LATE, wake_at__lte=now).count()
    if leads:
        yield Finding("leases", WRONG, f"{leads} leads are held by a worker that is gone.", mend)
    leased = Delivery.across.filter(state=Delivery.State.LEASED, lease_until__lt=now - LATE).count()
    if leased:
        what = f"{leased} messages are held by a worker that is gone."
        yield Finding("leases", WRONG, what, mend)


def _clock(now: int, _full: bool) -> Iterator[Finding]:
    mend = "set the clocks of both machines by NTP"
    if database.is_postgresql():
        sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
        before = moment.now()
        (theirs,) = database.rows(sql, [])[0]
        skew = theirs - (before + moment.now()) // 2
        if abs(skew) > SKEW:
            seconds = f"{skew / SECOND:+.1f}"
            yield Finding("clock", WRONG, f"The database's clock differs by {seconds} s.", mend)
    last = Fact.across.order_by("-pk").values_list("recorded_at", flat=True).first()
    if last is not None and last > now + 5 * MINUTE:
        what = f"The last fact was heard {to_datetime(last):%Y-%m-%d %H:%M} UTC, which is to come."
        yield Finding("clock", WRONG, what, mend)


def _settings(_now: int, _full: bool) -> Iterator[Finding]:
    if settings.MODE == "production":
        for fault in safety.faults(settings.ENVIRONMENT):
            what = fault[0].upper() + fault[1:]
            yield Finding("settings", WRONG, what, "see docs/operations.md, settings")
    for problem in allow_problems(settings.ENVIRONMENT.webhook_allow):
        what = f"LEADDESK_WEBHOOK_ALLOW: '{problem.path}': {problem.problem}"
        yield Finding("settings", WRONG, what, problem.remedy)


def _agreements(_now: int, _full: bool) -> Iterator[Finding]:
    for workspace in Workspace.objects.order_by("pk"):
        if not has_agreement(workspace.pk):
            what = f"{workspace.slug}: no agreement is in force: nothing is judged."
            mend = "propose one by the API, sign it and put it in force at /agreement"
            yield Finding("agreements", NOTE, what, mend)


def _channels(_now: int, _full: bool) -> Iterator[Finding]:
    for workspace in Workspace.objects.filter(is_sample=False).order_by("pk"):
        if (count := unheard(workspace.pk)) is not None:
            what = f"{workspace.slug}: no channel: {count} notices reached nobody."
            mend = "set one up by the API (docs/api.md, channels)"
            yield Finding("channels", NOTE, what, mend)
    off = Channel.across.filter(is_active=False).exclude(off_because="")
    for one in off.select_related("workspace").order_by("pk"):
        what = f"{one.workspace.slug}: channel {one.key} was switched off: {one.off_because}"
        yield Finding("channels", WRONG, what, "mend its address, then switch it on again")
    dead = Delivery.across.filter(state=Delivery.State.DEAD)
    counted = dead.values("workspace__slug", "channel__key").annotate(count=Count("pk"))
    for one in counted.order_by("workspace__slug", "channel__key"):
        what = f"{one['workspace__slug']}: {one['count']} messages by {one['channel__key']} were given up."
        yield Finding("channels", WRONG, what, "replay them by the API (docs/api.md, deliveries)")


def _mails(now: int, _full: bool) -> Iterator[Finding]:
    late = Mailing.across.filter(state=Mailing.State.WAITING, try_at__lt=now - LATEST_MAIL)
    late = late.filter(workspace__nurtures_since__isnull=False)
    for one in late.values("workspace__slug").annotate(count=Count("pk")):
        what = f"{one['workspace__slug']}: {one['count']} mails of tracks are late."
        yield Finding("mails", WRONG, what, "leaddesk worker; else see /troubles")
    kept = Mailing.across.filter(why__in=mailings.TO_MEND, due_at__gt=now - MAILS_LOOKED_AT)
    for one in kept.values("workspace__slug", "why").annotate(count=Count("pk")):
        what = (
            f"{one['workspace__slug']}: {one['count']} mails of tracks didn't go out: {one['why']}."
        )
        yield Finding("mails", NOTE, what, "see /troubles")


def _workers(now: int, _full: bool) -> Iterator[Finding]:
    seen = Pulse.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    if seen is None:
        yield Finding("workers", WRONG, "No worker was ever seen.", "leaddesk worker")
    elif seen < now - MINUTE:
        what = f"The last worker was seen {(now - seen) // SECOND} s ago."
        yield Finding("workers", WRONG, what, "leaddesk worker")


def _backups(now: int, _full: bool) -> Iterator[Finding]:
    installation = Installation.objects.filter(pk=1).first()
    if installation is not None and installation.held_since is not None:
        what = f"Nothing is sent since {to_datetime(installation.held_since):%Y-%m-%d %H:%M} UTC:"
        mend = "leaddesk release (or leaddesk release --drop)"
        yield Finding("backups", NOTE, f"{what} a backup was restored.", mend)
    if installation is None or installation.backup_at is None:
        yield Finding("backups", NOTE, "No backup was ever taken.", "leaddesk backup")
    elif installation.backup_at < now - OLDEST_BACKUP:
        days = (now - installation.backup_at) // DAY
        yield Finding("backups", NOTE, f"The last backup is {days} days old.", "leaddesk backup")


CHECKS: dict[str, Check] = {
    "integrity": _integrity,
    "workspaces": _scope,
    "audit log": _audit,
    "facts": _facts,
    "indexes": _indexes,
    "leases": _leases,
    "clock": _clock,
    "settings": _settings,
    "agreements": _agreements,
    "channels": _channels,
    "mails": _mails,
    "workers": _workers,
    "backups": _backups,
}
_SOUND = {
    "integrity": "The database is whole.",
    "workspaces": "No row points into another workspace.",
    "audit log": "Every sealed entry is as it was written.",
    "facts": "The engine reads the facts.",
    "indexes": "Index rows are what a fresh judging yields.",
    "leases": "Nothing is held by a worker that is gone.",
    "clock": "The clocks agree.",
    "settings": "The settings are safe.",
    "agreements": "Every workspace has an agreement in force.",
    "channels": "Every channel works.",
    "mails": "No mail of a track is late.",
    "workers": "A worker runs.",
    "backups": "A backup was taken lately.",
}


def is_sound(found: list[Finding]) -> bool:
    """Whether nothing is wrong; notes are no faults."""
    return all(one.state != WRONG for one in found)
