"""Arrivals: a lead that somebody enters by hand: the facts of its life, and the person behind it."""

from collections.abc import Mapping
from secrets import choice
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.book import contacts, database
from leaddesk.book.access import Actor
from leaddesk.book.acts import SYSTEM
from leaddesk.book.choices import receivers
from leaddesk.book.contacts import CONTACT
from leaddesk.book.fields import Field, plain_text, read_flag, read_text, taken_fields
from leaddesk.book.intake import Handed, take
from leaddesk.book.models import Company, Contact
from leaddesk.book.narrowing import is_narrowed
from leaddesk.book.refusal import Refused, refused
from leadpact.clock import to_datetime

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Of which the keys of leads are made: none that are taken for one another."""
STORY = {
    "type": Field(read_text(100)),
    "stream": Field(read_text(100)),
    "source": Field(read_text(100)),
    "campaign": Field(read_text(100)),
    "owner": Field(read_text(100)),
    "is_handed_over": Field(read_flag),
}
"""What is told of a lead beside its contact."""


def create_lead(actor: Actor, given: Mapping[str, Any], now: int) -> str:
    """A new lead with its contact, owned by nobody, or assigned or handed over to `owner`; its key.

    Whoever sees some leads only gets it themselves unless they name somebody else, and hands
    nothing over.
    Raises `Refused`, `Forbidden`.
    """
    actor.must("record facts")
    actor.must("keep contacts")
    about = {name: value for name, value in given.items() if name in CONTACT}
    story = taken_fields(STORY, {n: v for n, v in given.items() if n not in CONTACT}, whole=False)
    if not any(str(about.get(name) or "").strip() for name in ("name", "email", "phone")):
        said = _("Nobody could be reached by this.")
        raise refused("name", said, _("Give a name, an e-mail address or a phone number."))
    if is_narrowed(actor) and not story.get("owner"):
        story["owner"] = actor.person
    owner = story.get("owner", "")
    if owner and owner not in {one.key for one in receivers(actor.workspace_id)}:
        said = _("'{value}' isn't among what can be chosen.").format(value=plain_text(owner))
        raise refused("owner", said, _("Choose one from the list."))
    key = f"lead-{''.join(choice(LETTERS) for _n in range(8))}"

    def create() -> str:
        contact = contacts.create_contact(actor, key, about, now)
        _tell(actor, key, contact, story, now)
        return key

    return database.in_transaction(create)


def _tell(actor: Actor, key: str, contact: Contact, story: Mapping[str, Any], now: int) -> None:
    """Record that the lead arose, and whose it is."""
    company: Company | None = contact.company
    told = {name: story.get(name) for name in ("type", "stream", "source", "campaign")}
    told |= {"account": company.key if company else None}
    items = [_fact(key, "created", now, {n: v for n, v in told.items() if v})]
    if owner := story.get("owner"):
        hands_over = story.get("is_handed_over") and not is_narrowed(actor)
        kind = "handed_over" if hands_over else "assigned"
        items.append(_fact(key, kind, now, {"owner": owner, "by": actor.person}))
    handed = Handed(actor.workspace_id, items, SYSTEM, actor.person, request=actor.request)
    taken = take([handed], now=now)[0]
    if problems := [one for found in taken.problems.values() for one in found]:
        raise Refused(problems)


def _fact(key: str, kind: str, now: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    when = to_datetime(now).isoformat()
    envelope = {"lead": key, "kind": kind, "occurred_at": when, "system": SYSTEM}
    return {**envelope, "source_id": f"{key}:{kind}", **fields}
