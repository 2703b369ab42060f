"""Mutes: what whoever asks doesn't want to hear for a while. They are one's own, and they end."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Limit, Moment, Page, Sent, Words, needs
from leaddesk.book import moment
from leaddesk.book.refusal import Absent
from leaddesk.post import wishes

router = Router(tags=["mutes"])


class Mute(Schema):
    """What isn't told before an instant; without a kind, or a lead, any. Leads that one is given are
    told all the same, and escalations go to the next in line."""

    number: Annotated[int, Field(validation_alias="pk")]
    kind: Words
    lead: Words
    until: Instant


class NewMute(Sent):
    """What not to tell you until an instant within the next 90 days."""

    kind: wishes.Kind | None = None
    lead: Annotated[str, Field(max_length=200)] | None = None
    until: Moment


@router.get("/mutes", response=Page[Mute], **needs("mute notices"))
def list_mutes(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """What you muted; nobody sees what others did."""
    return page(wishes.mutes(request.auth, moment.now()), limit, cursor)


@router.post("/mutes", response={201: Mute}, **needs("mute notices"))
def mute(request: HttpRequest, given: NewMute) -> Status[Any]:
    """Don't tell you (a kind of notice, or of a lead) for a while. It takes the place of the one before."""
    now = moment.now()
    made = wishes.mute(request.auth, given.until, now, given.kind or "", given.lead or "")
    return Status(201, made)


@router.delete("/mutes/{int:number}", response={204: None}, **needs("mute notices"))
def unmute(request: HttpRequest, number: int) -> Status[None]:
    """Tell you again."""
    if not 0 < number < 2**63 or not wishes.unmute(request.auth, moment.now(), pk=number):
        raise Absent(f"mute {number}")
    return Status(204, None)
