"""Audit: who changed what, with the blocks that seal it, so that others can verify it."""

import json
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Limit, Page, needs
from leaddesk.book import audit, queries

router = Router(tags=["audit"])


class Entry(Schema):
    """One change. A block's hash covers, in order, `[number, at, actor, act, subject, detail,
    request]` of each entry as JSON, `at` in µs and `detail` as its text; `block` is null until the
    entry is sealed.
    """

    number: int
    at: Instant
    actor: str
    act: str
    subject: str
    detail: dict[str, Any]
    request: str
    block: int | None

    @staticmethod
    def resolve_number(row: Any) -> int:
        """Blocks are sealed over the numbers of entries."""
        return int(row.id)

    @staticmethod
    def resolve_detail(row: Any) -> Any:
        """The figures of the change."""
        return json.loads(row.detail)

    @staticmethod
    def resolve_block(row: Any) -> int | None:
        """A block goes by its number in the workspace."""
        return row.block.number if row.block else None


class Block(Schema):
    """A sealed run of entries; `hash` is SHA-256 over the hash before it and every entry."""

    number: int
    first: int
    last: int
    entries: int
    previous: str
    hash: str
    sealed_at: Instant


class Verification(Schema):
    """Whether the chain is whole, and what is wrong with it."""

    is_whole: bool
    faults: list[str]


@router.get("/audit", response=Page[Entry], **needs("read audit"))
def list_entries(
    request: HttpRequest, subject: str = "", limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """Entries of the audit log, the oldest first; all, or those about one subject."""
    return page(queries.entries(request.auth, subject), limit, cursor)


@router.get("/audit/blocks", response=Page[Block], **needs("read audit"))
def list_blocks(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """The blocks that seal the log, the first one first."""
    return page(queries.blocks(request.auth), limit, cursor)


@router.get("/audit/verification", response=Verification, **needs("read audit"))
def verify(request: HttpRequest) -> dict[str, Any]:
    """Work out every hash anew, and say what doesn't fit."""
    faults = [*audit.faults(request.auth.workspace_id)]
    return {"is_whole": not faults, "faults": faults}
