"""Waiting: what of one workspace is late, given up or held; beside the health of the whole desk."""

from dataclasses import dataclass

from django.db.models import Count, F, Max, Min, Q, Subquery
from django.db.models.functions import Coalesce

from leaddesk.book import database
from leaddesk.book.models import (
    AgreementVersion,
    Channel,
    Delivery,
    Lead,
    Mailing,
    Notice,
)

State = Delivery.State


@dataclass(frozen=True)
class Waiting:
    """Counts of a workspace, and the oldest of what waits (µs UTC; None where nothing does).

    `unheard` counts the notices that reached nobody for want of a channel; None where there is one.
    """

    wakes: int
    oldest_wake_at: int | None
    unsent: int
    oldest_unsent_at: int | None
    dead: int
    held: int
    unheard: int | None
    has_agreement: bool
    mails: int
    oldest_mail_at: int | None


def standing() -> tuple[int | None, bool]:
    """When any worker was last seen (None: never), and whether sending is held after a restore."""
    sql = """SELECT (SELECT MAX(seen_at) FROM book_pulse),
                    EXISTS (SELECT 1 FROM book_installation WHERE id = 1 AND held_since IS NOT NULL)"""
    ((seen, is_held),) = database.rows(sql, [])
    return seen, bool(is_held)


def waiting(workspace: int, now: int) -> Waiting:
    """What waits in a workspace: leads to look at, messages by what became of them, mails of tracks."""
    due = Lead.objects.of(workspace).filter(wake_at__lte=now)
    wakes = due.aggregate(wakes=Count("pk"), oldest_wake_at=Min("wake_at"))
    unsent = Q(state__in=(State.PENDING, State.LEASED))
    rows = Delivery.objects.of(workspace).filter(unsent | Q(state__in=(State.DEAD, State.HELD)))
    messages = rows.aggregate(
        unsent=Count("pk", filter=unsent),
        oldest_unsent_at=Min("created_at", filter=unsent),
        dead=Count("pk", filter=Q(state=State.DEAD)),
        held=Count("pk", filter=Q(state=State.HELD)),
    )
    told = {"unheard": unheard(workspace), "has_agreement": has_agreement(workspace)}
    mails = Mailing.objects.of(workspace).filter(state=Mailing.State.WAITING, try_at__lte=now)
    late = mails.aggregate(mails=Count("pk"), oldest_mail_at=Min("try_at"))
    return Waiting(**wakes, **messages, **told, **late)


def unheard(workspace: int) -> int | None:
    """How many notices reached nobody since a workspace has no channel; None where it has one.

    What was recorded as history isn't meant to be heard.
    """
    if Channel.objects.of(workspace).filter(is_active=True).exists():
        return None
    last = (
        Delivery.objects.of(workspace).order_by().values("workspace").annotate(at=Max("created_at"))
    )
    notices = Notice.objects.of(workspace).filter(
        created_at__gt=Coalesce(Subquery(last.values("at")), 0)
    )
    return notices.exclude(posted_at__isnull=False, posted_at=F("created_at")).count()


def has_agreement(workspace: int) -> bool:
    """Whether an agreement is in force, without which nothing is judged."""
    in_force = AgreementVersion.State.IN_FORCE
    return AgreementVersion.objects.of(workspace).filter(state=in_force).exists()
