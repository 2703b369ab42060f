"""Tokens: the keys by which programs come in. The secret of each is shown once."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from leaddesk.api.bodies import shown_once
from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Key, Limit, Moment, Page, Sent, needs
from leaddesk.book import access, moment

router = Router(tags=["tokens"])
Scope = Literal[
    "read",
    "facts:write",
    "history:write",
    "contacts:write",
    "people:write",
    "agreements:write",
    "deliveries:write",
    "export",
    "admin",
]


class Token(Schema):
    """A key to the API, without its secret."""

    key: str
    name: str
    person: str
    scopes: list[str]
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    used_at: Instant | None


class TokenWithSecret(Token):
    """A new key with its secret, which is shown this once (null in a repeated answer)."""

    secret: str | None


class NewToken(Sent):
    """A new key; it acts for `person`, for yourself where nobody is named."""

    name: Key
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=8)]
    person: Annotated[str, Field(max_length=100)] = ""
    expires_at: Moment | None = None


@router.get("/tokens", response=Page[Token], **needs("hold tokens"))
def list_tokens(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """Your tokens, or everybody's where you manage them; the newest first."""
    return page(access.tokens(request.auth), limit, cursor)


@router.post("/tokens", response={201: TokenWithSecret}, **needs("hold tokens"))
def issue_token(request: HttpRequest, given: NewToken) -> HttpResponse:
    """A new token. Keep its secret: nobody can show it again."""
    token, secret = access.issue_token(request.auth, **given.dict(), now=moment.now())
    return shown_once(201, Token.from_orm(token).dict(), secret)


@router.delete("/tokens/{key}", response={204: None}, **needs("hold tokens"))
def revoke_token(request: HttpRequest, key: str) -> Status[None]:
    """End a token for good."""
    access.revoke_token(request.auth, key, moment.now())
    return Status(204, None)
