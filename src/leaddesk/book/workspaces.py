"""Workspaces: what a team says about itself, beside its agreement."""

from collections.abc import Mapping
from typing import Any

from leaddesk.book import audit, database
from leaddesk.book.access import Actor
from leaddesk.book.fields import (
    Field,
    read_language,
    read_one_of,
    read_text,
    read_zone,
    taken_fields,
)
from leaddesk.book.models import Workspace
from leaddesk.tongue import CALENDARS

WEEKENDS = ("5,6", "4", "3,4", "3h,4", "4,5", "6")
"""Weekends to choose from: weekdays from Monday, 0, on; a half day off as ``3h``."""
FIELDS = {
    "name": Field(read_text(200), is_needed=True),
    "zone": Field(read_zone, is_needed=True),
    "language": Field(read_language, is_needed=True),
    "dates": Field(read_one_of(CALENDARS)),
    "week_start": Field(lambda value: int(read_one_of("0123456")(value) or 0)),
    "weekend": Field(read_one_of(WEEKENDS)),
}


def change(actor: Actor, given: Mapping[str, Any], now: int) -> Workspace:
    """The workspace with other fields. Raises `Refused`, `Forbidden`."""
    actor.must("manage people")
    values = taken_fields(FIELDS, given, whole=False)

    def store() -> Workspace:
        own = Workspace.objects.get(pk=actor.workspace_id)
        fresh = {name: value for name, value in values.items() if getattr(own, name) != value}
        if fresh:
            Workspace.objects.filter(pk=own.pk).update(**fresh)
            note = actor.note("changed workspace", f"workspace {own.slug}", **fresh)
            audit.note(own.pk, [note], now)
        own.refresh_from_db()
        return own

    return database.in_transaction(store)
