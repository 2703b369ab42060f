"""Obligations: what is owed, by whom, until when, over all leads."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Limit, Moment, Page, Words, needs
from leaddesk.book import queries

router = Router(tags=["obligations"])
Verdict = Literal["open", "kept", "broken", "excused", "waived", "undeterminable"]


class Obligation(Schema):
    """A promise applied to one pass of a lead; `rung` is null where the promise is no ladder."""

    lead: str
    promise: str
    pass_number: int
    rung: int | None
    occurrence: int
    side: str
    version: int
    owner: Words
    started_at: Instant
    due_at: Instant | None
    answered_at: Instant | None
    verdict: Verdict
    at_risk: bool

    @staticmethod
    def resolve_rung(row: Any) -> int | None:
        """The index keeps -1 for none."""
        return None if row.rung < 0 else row.rung


class Obligations(Schema):
    """Which obligations: those that meet all that is named."""

    lead: str | None = None
    promise: str | None = None
    side: str | None = None
    owner: str | None = None
    verdict: Verdict | None = None
    at_risk: bool | None = None
    due_before: Moment | None = None
    due_after: Moment | None = None


@router.get("/obligations", response=Page[Obligation], **needs("read leads"))
def list_obligations(
    request: HttpRequest,
    wanted: Query[Obligations],
    sort: Literal["due", "recorded"] = "due",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """Obligations that have a due time, the soonest first; or all, in the order of recording."""
    rows = queries.chosen_obligations(request.auth, wanted.dict(exclude_none=True), sort)
    return page(rows, limit, cursor)
