"""Leave: whole days on which somebody doesn't work."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Key, Limit, Line, Page, Sent, Words, needs
from leaddesk.book import moment, queries, registers

router = Router(tags=["leave"])


class Leave(Schema):
    """Days off, the first and the last included."""

    person: str
    first: date
    last: date
    note: Words


class NewLeave(Sent):
    """Days on which somebody is off from now on known to be."""

    person: Key
    first: date
    last: date
    note: Line = None


@router.get("/leave", response=Page[Leave], **needs("read people"))
def list_leave(
    request: HttpRequest, person: str = "", limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """The leave of everybody, or of one person, by its first day."""
    return page(queries.leave(request.auth, person), limit, cursor)


@router.post("/leave", response={201: Leave}, **needs("keep calendars"))
def add_leave(request: HttpRequest, given: NewLeave) -> Status[Any]:
    """Days off; what is still open is judged anew."""
    values = given.dict(exclude_unset=True)
    return Status(201, registers.add_leave(request.auth, values, moment.now()))


@router.delete(
    "/leave/{path:person}/{first}/{last}", response={204: None}, **needs("keep calendars")
)
def remove_leave(request: HttpRequest, person: str, first: date, last: date) -> Status[None]:
    """A leave that isn't taken."""
    registers.remove_leave(request.auth, person, first, last, moment.now())
    return Status(204, None)
