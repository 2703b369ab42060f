"""Waiting: what of one workspace is late, given up or held; beside the health of the whole desk."""

from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q

from leaddesk.book.models import Delivery, Installation, Lead, Pulse

State = Delivery.State


@dataclass(frozen=True)
class Waiting:
    """Counts of a workspace, and the oldest of what waits (µs UTC; None where nothing does)."""

    wakes: int
    oldest_wake_at: int | None
    unsent: int
    oldest_unsent_at: int | None
    dead: int
    held: int


def standing() -> tuple[int | None, bool]:
    """When any worker was last seen (None: never), and whether sending is held after a restore."""
    seen = Pulse.objects.aggregate(seen=Max("seen_at"))["seen"]
    return seen, Installation.objects.filter(pk=1, held_since__isnull=False).exists()


def waiting(workspace: int, now: int) -> Waiting:
    """What waits in a workspace: leads to look at, and messages by what became of them."""
    late = Lead.objects.of(workspace).filter(wake_at__lte=now)
    wakes = late.aggregate(wakes=Count("pk"), oldest_wake_at=Min("wake_at"))
    unsent = Q(state__in=(State.PENDING, State.LEASED))
    rows = Delivery.objects.of(workspace).filter(unsent | Q(state__in=(State.DEAD, State.HELD)))
    messages = rows.aggregate(
        unsent=Count("pk", filter=unsent),
        oldest_unsent_at=Min("created_at", filter=unsent),
        dead=Count("pk", filter=Q(state=State.DEAD)),
        held=Count("pk", filter=Q(state=State.HELD)),
    )
    return Waiting(**wakes, **messages)
