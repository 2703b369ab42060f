"""Mailing: what nurture tracks send, the mails that went out, and the addresses that get none."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Key, Limit, Page, Sent, Words, needs
from leaddesk.api.versions import tag
from leaddesk.book import mail_events, mailing_lists, moment, offers, suppressions
from leaddesk.book.models import Offer as OfferRow

router = Router(tags=["mailing"])
State = Literal["waiting", "sent", "left out", "failed"]


class OfferText(Sent):
    """A subject and a text; fields stand in braces: `{first name|there}`."""

    subject: Annotated[str, Field(max_length=1_000)]
    text: Annotated[str, Field(max_length=100_000)]


class OfferPlace(Schema):
    """The step of a track that sends the offer; steps count from 1."""

    track: str
    step: int
    stage: str


class Offer(Schema):
    """What a step of a track sends, by language. One that nobody has written yet has version 0."""

    key: str
    texts: dict[str, OfferText]
    version: int
    changed_at: Instant | None
    changed_by: Words
    places: list[OfferPlace]


class OfferChange(Sent):
    """All texts of an offer by language; `version` is the one that the caller saw (0: none)."""

    texts: Annotated[dict[str, OfferText], Field(max_length=40)]
    version: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class Mailing(Schema):
    """A mail of a track to one lead; `message_id` is that of the mail."""

    message_id: str
    lead: str
    track: str
    step: int
    offer: str
    enrolment: str
    state: str
    why: Words
    due_at: Instant
    try_at: Instant | None
    tries: int
    sent_at: Instant | None
    language: Words
    opened_at: Instant | None
    followed_at: Instant | None
    follows: int
    bounced_at: Instant | None
    soft_bounces: int
    complained_at: Instant | None


class Mailings(Schema):
    """Which mails: those that meet all that is named."""

    lead: str | None = None
    track: str | None = None
    offer: str | None = None
    state: State | None = None


class Suppression(Schema):
    """An address that is never mailed again. Once its person was erased, the address isn't known."""

    key: str
    address: Words
    reason: str
    source: Words
    by: Words
    at: Instant

    @staticmethod
    def resolve_key(row: Any) -> str:
        """It goes by a part of its digest."""
        return suppressions.key_of(row)


class NewSuppression(Sent):
    """An address that must not be mailed, and why."""

    address: Key
    why: Key


class MailEvent(Sent):
    """What came back of a mail: it bounced for good, for now, or its receiver complained."""

    message_id: Key
    kind: Literal["bounced", "bounced for now", "complained"]


def _told(known: offers.Known) -> dict[str, Any]:
    row: OfferRow | None = known.row
    return {
        "key": known.key,
        "texts": row.texts if row else {},
        "version": row.version if row else 0,
        "changed_at": row.changed_at if row else None,
        "changed_by": row.changed_by if row else None,
        "places": [place._asdict() for place in known.places],
    }


@router.get("/offers", response=list[Offer], **needs("read agreements"))
def list_offers(request: HttpRequest) -> Any:
    """All offers: those that tracks of the agreement name, written or not, then all others."""
    return [_told(known) for known in offers.every(request.auth)]


@router.get("/offers/{path:key}", response=Offer, **needs("read agreements"))
def one_offer(request: HttpRequest, response: HttpResponse, key: str) -> Any:
    """An offer with its texts."""
    told = _told(offers.one(request.auth, key))
    tag(response, told["version"])
    return told


@router.put("/offers/{path:key}", response=Offer, **needs("keep offers"))
def keep_offer(request: HttpRequest, response: HttpResponse, key: str, given: OfferChange) -> Any:
    """An offer with these texts and no others, made or changed."""
    texts = {language: text.dict() for language, text in given.texts.items()}
    row = offers.keep(request.auth, key, texts, moment.now(), given.version)
    tag(response, row.version)
    return _told(offers.Known(key, row, offers.places(request.auth.workspace_id).get(key, ())))


@router.delete("/offers/{path:key}", response={204: None}, **needs("keep offers"))
def remove_offer(request: HttpRequest, key: str) -> Status[None]:
    """No texts of this offer any longer: steps that send it are left out."""
    offers.remove(request.auth, key, moment.now())
    return Status(204, None)


@router.get("/mailings", response=Page[Mailing], **needs("read leads"))
def list_mailings(
    request: HttpRequest, wanted: Query[Mailings], limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """The mails of tracks, the latest due first."""
    rows = mailing_lists.mails(request.auth, wanted.dict(exclude_none=True))
    return page(rows, limit, cursor)


@router.get("/suppressions", response=Page[Suppression], **needs("read contacts"))
def list_suppressions(
    request: HttpRequest, address: str = "", limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """Addresses that are never mailed, the latest first; or whether one whole address is one of them."""
    return page(suppressions.listed(request.auth, address), limit, cursor)


@router.post("/suppressions", response={201: Suppression}, **needs("keep suppressions"))
def add_suppression(request: HttpRequest, given: NewSuppression) -> Status[Any]:
    """An address that must not be mailed from now on; one that is on the list stays as it is."""
    return Status(201, suppressions.add(request.auth, given.dict(), moment.now()))


@router.get("/suppressions/{key}", response=Suppression, **needs("read contacts"))
def one_suppression(request: HttpRequest, key: str) -> Any:
    """An entry of the list."""
    return suppressions.one(request.auth, key)


@router.delete("/suppressions/{key}", response={204: None}, **needs("run by itself"))
def remove_suppression(request: HttpRequest, key: str, why: str = "") -> Status[None]:
    """Let an address be mailed again; `why`, which is needed, stands in the audit log."""
    suppressions.remove(request.auth, key, why, moment.now())
    return Status(204, None)


@router.post("/mail-events", response=Mailing, **needs("keep suppressions"))
def tell_mail_event(request: HttpRequest, given: MailEvent) -> Any:
    """What a mail service tells of a mail; a bounce for good or a complaint ends all mail to it."""
    return mail_events.told(request.auth, given.message_id, given.kind, moment.now())
