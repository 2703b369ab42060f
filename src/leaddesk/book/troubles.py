"""Troubles: what keeps the work of a workspace from going on, beside what the status counts."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Min

from leaddesk.book import disputes, mailings, moment, rules
from leaddesk.book.access import Actor
from leaddesk.book.models import Channel, Delivery, Lead, Mailing, Person
from leaddesk.book.moment import DAY
from leadpact.agreement.check import notes
from leadpact.problem import Problem

MOST_SHOWN = 100
MAILS_LOOKED_AT = 30 * DAY
"""Mails that were left out longer ago are told of no more."""


class Orphaned(NamedTuple):
    """Somebody who left, or whom nobody knows, and still owns leads with something owed."""

    owner: str
    leads: int


class Unmailed(NamedTuple):
    """Mails of tracks that didn't go out for want of something: which offer, why, how many, since when."""

    offer: str
    why: str
    count: int
    since: int


class Troubles(NamedTuple):
    """What is to be mended: messages that were given up, channels that are off, leads of people who
    left, what the author of the agreement may want to know, mails of tracks that didn't go out, and how
    many disputes nobody settled in time."""

    dead: Sequence[Delivery]
    off: Sequence[Channel]
    orphaned: Sequence[Orphaned]
    notes: Sequence[Problem]
    mails: Sequence[Unmailed]
    disputes: int


def troubles(actor: Actor) -> Troubles:
    """The troubles of a workspace, the first so many of each. Raises `Forbidden`."""
    actor.must("read deliveries")
    workspace = actor.workspace_id
    dead = Delivery.objects.of(workspace).filter(state=Delivery.State.DEAD)
    off = Channel.objects.of(workspace).filter(is_active=False)
    versions = rules.in_force(workspace)
    return Troubles(
        [*dead.select_related("channel").order_by("-id")[:MOST_SHOWN]],
        [*off.order_by("key")[:MOST_SHOWN]],
        _orphaned(workspace),
        notes(versions[-1]) if versions else [],
        _unmailed(workspace),
        disputes.late(rules.rules_of(workspace), moment.now()),
    )


def _unmailed(workspace: int) -> list[Unmailed]:
    rows = Mailing.objects.of(workspace).filter(why__in=mailings.TO_MEND)
    rows = rows.filter(due_at__gt=moment.now() - MAILS_LOOKED_AT)
    found = rows.values("offer", "why").annotate(count=Count("pk"), since=Min("due_at"))
    return [Unmailed(**one) for one in found.order_by("why", "offer")[:MOST_SHOWN]]


def _orphaned(workspace: int) -> list[Orphaned]:
    people = Person.objects.of(workspace).filter(is_active=True).values("key")
    owned = Lead.objects.of(workspace).filter(open__gt=0).exclude(owner="")
    found = owned.exclude(owner__in=people).values("owner").annotate(leads=Count("pk"))
    return [Orphaned(one["owner"], one["leads"]) for one in found.order_by("owner")[:MOST_SHOWN]]
