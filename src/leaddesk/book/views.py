"""Views: lists of leads that people come back to, for themselves or for everybody in the workspace."""

from secrets import token_hex
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.access import Actor
from leaddesk.book.fields import Field, plain_text, read_flag, read_text, taken_fields
from leaddesk.book.models import SavedView
from leaddesk.book.refusal import Absent, Forbidden, refused

MOST = 200
"""So many views one person keeps at most."""
_FIELDS = {
    "name": Field(read_text(100), is_needed=True),
    "query": Field(read_text(2_000)),
    "is_shared": Field(read_flag),
}


def views(actor: Actor) -> list[SavedView]:
    """The views that somebody may open: their own, and those that are shared, by name."""
    rows = SavedView.objects.of(actor.workspace_id)
    return [*rows.filter(Q(person=actor.person) | Q(is_shared=True)).order_by("name", "key")[:MOST]]


def view(actor: Actor, key: str) -> SavedView:
    """One of them. Raises `Absent`."""
    rows = SavedView.objects.of(actor.workspace_id).filter(key=key)
    row: SavedView | None = rows.filter(Q(person=actor.person) | Q(is_shared=True)).first()
    if row is None:
        raise Absent(f"view {plain_text(key)}")
    return row


def may_keep(actor: Actor, row: SavedView) -> bool:
    """Whether somebody may rename or delete a view: their own, or a shared one as an admin."""
    return row.person == actor.person or (row.is_shared and actor.may("manage people"))


def save(actor: Actor, given: dict[str, Any], now: int) -> SavedView:
    """A new view of the leads. Raises `Refused`, `Forbidden`."""
    actor.must("read leads")
    values = taken_fields(_FIELDS, given, whole=True)
    rows = SavedView.objects.of(actor.workspace_id).filter(person=actor.person)
    if rows.count() >= MOST:
        said = _("These are too many views.")
        raise refused("name", said, _("Delete one that you don't need."))
    row = SavedView(
        workspace_id=actor.workspace_id,
        key=f"view-{token_hex(6)}",
        person=actor.person,
        created_at=now,
        **values,
    )

    def keep() -> SavedView:
        row.save()
        audit.note(actor.workspace_id, [actor.note("saved view", f"view {row.key}")], now)
        return row

    return database.in_transaction(keep)


def rename(actor: Actor, key: str, given: dict[str, Any], now: int) -> SavedView:
    """A view under another name, or shared or not. Raises `Refused`, `Forbidden`, `Absent`."""
    row = _own(actor, key)
    values = taken_fields(_FIELDS, given, whole=False)

    def keep() -> SavedView:
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=[*values])
        audit.note(actor.workspace_id, [actor.note("changed view", f"view {key}")], now)
        return row

    return database.in_transaction(keep)


def delete(actor: Actor, key: str, now: int) -> None:
    """No such view any longer. Raises `Forbidden`, `Absent`."""
    row = _own(actor, key)

    def remove() -> None:
        SavedView.objects.of(actor.workspace_id).filter(pk=row.pk).delete()
        audit.note(actor.workspace_id, [actor.note("deleted view", f"view {key}")], now)

    database.in_transaction(remove)


def _own(actor: Actor, key: str) -> SavedView:
    row = view(actor, key)
    if not may_keep(actor, row):
        raise Forbidden("manage people")
    return row
