"""Wishes: what somebody doesn't want to hear for a while. It is a matter of theirs alone, and it ends.

A lead that somebody is given reaches them all the same, and an escalation the next in line: the
agreement counts on both.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.access import Actor, seen
from leaddesk.book.models import Lead, Mute, Person
from leaddesk.book.moment import DAY
from leaddesk.book.outbox import Claimed
from leaddesk.book.refusal import refused
from leaddesk.post import letters
from leadpact.problem import did_you_mean

ESCALATED = "escalated"
Kind = Literal["at risk", "broken", "corrected", "escalated", "goes back", "digest"]
KINDS: tuple[str, ...] = get_args(Kind)
"""Kinds of notice that can be muted."""
ALWAYS_HEARD = ("handed over", "reassign")
"""Kinds that can't: whoever gets a lead has to know it, since its clocks run."""
LONGEST = 90 * DAY
MUTED = "muted by its receiver"
LEFT = "the receiver doesn't work here any longer"


@dataclass(frozen=True)
class Mutes:
    """What people don't want to hear at an instant: person, kind and lead, the last two empty for any."""

    wishes: frozenset[tuple[str, str, str]]

    def cover(self, person: str, kind: str, lead: str = "") -> bool:
        """Whether somebody doesn't want to hear such a notice."""
        if kind in ALWAYS_HEARD:
            return False
        return not self.wishes.isdisjoint(
            {(person, kind, ""), (person, "", ""), (person, "", lead), (person, kind, lead)}
        )


def mutes_of(workspace: int, now: int, **wanted: str) -> Mutes:
    """What people of a workspace don't want to hear now."""
    rows = Mute.objects.of(workspace).filter(until__gt=now, **wanted)
    return Mutes(frozenset(rows.values_list("person", "kind", "lead")))


def mute(actor: Actor, until: int, now: int, kind: str = "", lead: str = "") -> Mute:
    """Let the actor alone, and nobody else, hear nothing (of a kind, of a lead) before an instant.

    It ends by itself; a new wish takes the place of the one before. Raises `Refused`, `Forbidden`.
    """
    actor.must("mute notices")
    _check(actor, until, now, kind, lead)

    def wish() -> Mute:
        own = Mute.objects.of(actor.workspace_id).filter(person=actor.person)
        (own.filter(kind=kind, lead=lead) | own.filter(until__lte=now)).delete()
        made: Mute = Mute.objects.of(actor.workspace_id).create(
            workspace_id=actor.workspace_id, person=actor.person, kind=kind, lead=lead, until=until
        )
        note = actor.note("muted", f"person {actor.person}", kind=kind, lead=lead, until=until)
        audit.note(actor.workspace_id, [note], now)
        return made

    return database.in_transaction(wish)


def _check(actor: Actor, until: int, now: int, kind: str, lead: str) -> None:
    if kind in ALWAYS_HEARD:
        said = _("Leads that you are given can't be muted: their clocks run.")
        raise refused("kind", said, _("Choose another kind."))
    if kind == "digest" and lead:
        raise refused("kind", _("The digest is of all leads."), _("Leave the lead empty."))
    if kind and kind not in KINDS:
        said = _("There is no kind of notice '{kind}'.").format(kind=kind)
        raise refused("kind", said, did_you_mean(kind, KINDS))
    if lead and not seen(actor, Lead.objects.of(actor.workspace_id)).filter(key=lead).exists():
        raise refused("lead", _("There is no such lead."), _("Write its key, or leave it empty."))
    if not now < until <= now + LONGEST:
        said = _("It would have ended already, or last for more than 90 days.")
        raise refused("until", said, _("Choose an instant within the next 90 days."))


def unmute(actor: Actor, now: int, **wanted: Any) -> int:
    """Let the actor hear again: everything, or what `wanted` (kind, lead, pk) was muted; how many wishes
    that ended. Raises `Forbidden`."""
    actor.must("mute notices")

    def end() -> int:
        rows = [*mutes(actor, now).filter(**wanted)]
        Mute.objects.of(actor.workspace_id).filter(pk__in=[one.pk for one in rows]).delete()
        who = f"person {actor.person}"
        notes = [actor.note("unmuted", who, kind=one.kind, lead=one.lead) for one in rows]
        audit.note(actor.workspace_id, notes, now)
        return len(rows)

    return database.in_transaction(end)


def mutes(actor: Actor, now: int) -> QuerySet[Any]:
    """What the actor doesn't want to hear now."""
    own = Mute.objects.of(actor.workspace_id).filter(person=actor.person)
    return own.filter(until__gt=now).order_by("kind", "lead", "pk")


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
    wishes = mutes_of(workspace, now, person=delivery.to)
    body = json.loads(delivery.body) if wishes.wishes else {}
    return MUTED if _is_silenced(delivery.kind, delivery.to, body, wishes) else ""


def _is_silenced(kind: str, person: str, body: Mapping[str, Any], wishes: Mutes) -> bool:
    """Whether nothing in a message is to be heard. An escalation that is on its way goes on: nobody
    else was told of it."""
    if kind == "digest":
        return wishes.cover(person, kind)
    told = body.get("notices", [])
    if not told or body.get("more"):
        return False
    return all(
        one["kind"] != ESCALATED and wishes.cover(person, one["kind"], one["lead"]) for one in told
    )
