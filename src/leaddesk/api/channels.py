"""Channels: the ways out that administrators set up, and a test message by each."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field, StrictBool

from leaddesk.api.bodies import shown_once
from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Key, Limit, Page, Sent, Words, needs
from leaddesk.api.versions import tag, version_of
from leaddesk.book import moment, queries
from leaddesk.post import outlets

router = Router(tags=["channels"])
Text = Annotated[str, Field(max_length=2_000)]
Settings = Annotated[dict[Text, bool | int | Text], Field(max_length=50)]
Secrets = Annotated[dict[Text, Text | None], Field(max_length=10)]
Events = Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=20)]


class Channel(Schema):
    """A way out; of its secrets only the names are ever shown."""

    key: str
    kind: str
    name: str
    settings: dict[str, Any]
    secrets: list[str]
    events: list[str]
    is_active: bool
    off_because: Words
    created_at: Instant
    version: int

    @staticmethod
    def resolve_secrets(row: Any) -> list[str]:
        """Their names alone."""
        return sorted(name for name, value in row.secrets.items() if value)


class ChannelWithSecret(Channel):
    """A channel with the secret by which it signs, shown this once (null where it has none)."""

    secret: str | None


class ChannelChange(Sent):
    """What becomes of a channel; only what is sent changes. A null secret is removed."""

    name: Key | None = None
    settings: Settings | None = None
    secrets: Secrets | None = None
    events: Events | None = None
    is_active: StrictBool | None = None


class NewChannel(Sent):
    """A new channel; a webhook without a secret gets one, which is shown in the answer."""

    kind: Literal["email", "slack", "webhook"]
    name: Key
    settings: Settings = {}
    secrets: Secrets = {}
    events: Events = []


class Trial(Schema):
    """The delivery by which a channel is tried; its attempts tell what came of it."""

    delivery: str


@router.get("/channels", response=Page[Channel], **needs("manage channels"))
def list_channels(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """All channels, in the order of their keys."""
    return page(queries.channels(request.auth), limit, cursor)


@router.post("/channels", response={201: ChannelWithSecret}, **needs("manage channels"))
def create_channel(request: HttpRequest, given: NewChannel) -> HttpResponse:
    """A new channel."""
    channel, secret = outlets.create_channel(request.auth, given.dict(), moment.now())
    response = shown_once(201, Channel.from_orm(channel).dict(), secret)
    tag(response, channel.version)
    return response


@router.get("/channels/{key}", response=Channel, **needs("manage channels"))
def one_channel(request: HttpRequest, response: HttpResponse, key: str) -> Any:
    """A channel."""
    channel = queries.channel(request.auth, key)
    tag(response, channel.version)
    return channel


@router.patch("/channels/{key}", response=Channel, **needs("manage channels", versioned=True))
def change_channel(
    request: HttpRequest, response: HttpResponse, key: str, changes: ChannelChange
) -> Any:
    """A channel with other settings, switched off or on."""
    values, version = changes.dict(exclude_unset=True), version_of(request)
    channel = outlets.change_channel(request.auth, key, values, moment.now(), version)
    tag(response, channel.version)
    return channel


@router.post(
    "/channels/{key}/rotate", response={200: ChannelWithSecret}, **needs("manage channels")
)
def rotate_secret(request: HttpRequest, key: str) -> HttpResponse:
    """A new secret for a webhook; the one before stays valid until the next rotation."""
    channel, secret = outlets.rotate_secret(request.auth, key, moment.now())
    response = shown_once(200, Channel.from_orm(channel).dict(), secret)
    tag(response, channel.version)
    return response


@router.post("/channels/{key}/test", response={202: Trial}, **needs("manage channels"))
def try_channel(request: HttpRequest, key: str) -> Status[Any]:
    """Send yourself a message by a channel, through the outbox like every other."""
    return Status(202, {"delivery": outlets.try_channel(request.auth, key, moment.now())})
