"""Wishes: what somebody doesn't want to hear for a while. It is a matter of theirs alone."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.access import Actor
from leaddesk.book.models import Mute, Person
from leaddesk.book.moment import DAY
from leaddesk.book.outbox import Claimed
from leaddesk.book.refusal import refused
from leaddesk.post import letters
from leadpact.problem import did_you_mean

KINDS = ("at risk", "broken", "corrected", "escalated", "reassign", "handed over", "digest")
LONGEST = 90 * DAY
MUTED = "muted by its receiver"
LEFT = "the receiver doesn't work here any longer"


def mute(actor: Actor, until: int, now: int, kind: str = "") -> Mute:
    """Let the actor alone, and nobody else, hear nothing (of a kind) before an instant.

    It ends by itself; a new wish takes the place of the one before. Raises `Refused`.
    """
    if kind and kind not in KINDS:
        said = _("There is no kind of notice '{kind}'.").format(kind=kind)
        raise refused("kind", said, did_you_mean(kind, KINDS))
    if not now < until <= now + LONGEST:
        said = _("It would have ended already, or last for more than 90 days.")
        raise refused("until", said, _("Choose an instant within the next 90 days."))

    def wish() -> Mute:
        earlier = Mute.objects.of(actor.workspace_id).filter(person=actor.person, kind=kind)
        earlier.delete()
        made: Mute = Mute.objects.of(actor.workspace_id).create(
            workspace_id=actor.workspace_id, person=actor.person, kind=kind, until=until
        )
        note = actor.note("muted", f"person {actor.person}", kind=kind, until=until)
        audit.note(actor.workspace_id, [note], now)
        return made

    return database.in_transaction(wish)


def unmute(actor: Actor, now: int, kind: str = "") -> int:
    """Let the actor hear (a kind) again; how many wishes that ended."""

    def end() -> int:
        count, _rows = mutes(actor, now).filter(kind=kind).delete()
        if count:
            note = actor.note("unmuted", f"person {actor.person}", kind=kind)
            audit.note(actor.workspace_id, [note], now)
        return int(count)

    return database.in_transaction(end)


def mutes(actor: Actor, now: int) -> QuerySet[Any]:
    """What the actor doesn't want to hear now."""
    own = Mute.objects.of(actor.workspace_id).filter(person=actor.person)
    return own.filter(until__gt=now).order_by("kind")


def unwanted(claimed: Claimed, now: int) -> str:
    """Why nobody wants a delivery any longer; empty where somebody does.

    It may have waited: meanwhile its receiver may have left or asked for silence.
    """
    delivery = claimed.delivery
    if delivery.kind in letters.TYPES and letters.is_over(delivery, now):
        return letters.OVER
    if not delivery.to or delivery.kind == "test":
        return ""
    workspace = delivery.workspace_id
    if not Person.objects.of(workspace).filter(key=delivery.to, is_active=True).exists():
        return LEFT
    muted = Mute.objects.of(workspace).filter(
        person=delivery.to, kind__in=("", delivery.kind), until__gt=now
    )
    return MUTED if muted.exists() else ""
