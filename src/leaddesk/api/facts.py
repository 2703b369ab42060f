"""Facts: what happened, one at a time or ten thousand, and what is recorded of a lead."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from leaddesk.api import limits
from leaddesk.api.bodies import value_of, written
from leaddesk.api.paging import page
from leaddesk.api.problems import NotTaken, as_json, wrong
from leaddesk.api.reference import FACT, FACTS
from leaddesk.api.shapes import Cursor, Flaw, Key, Limit, Page, needs
from leaddesk.book import commit, intake, moment, queries
from leaddesk.book.codec import fact_of
from leaddesk.book.intake import Handed, Taken
from leaddesk.book.narrowing import is_narrowed

router = Router(tags=["facts"])
SYSTEM = "api"
MOST = 10_000
STATUS = {"new": 201, "known": 200}


class Receipt(Schema):
    """What came of one fact: "new", or "known" where the same was recorded before."""

    outcome: Literal["new", "known"]
    source_id: str


class Outcome(Schema):
    """What came of one fact of a batch; `problems` where it is refused."""

    outcome: Literal["new", "known", "conflict", "refused"]
    source_id: str | None
    problems: list[Flaw] | None = None


class Receipts(Schema):
    """What came of a batch: of each fact, in order, and how much followed from all of them."""

    results: list[Outcome]
    dry_run: bool
    new: int
    known: int
    conflict: int
    refused: int
    leads: int
    rulings: int
    notices: int


@router.post(
    "/facts", response={201: Receipt, 200: Receipt}, **needs("record facts", requestBody=FACT)
)
def record_fact(request: HttpRequest) -> HttpResponse:
    """Record one fact. The same fact again is known, another with its source id a conflict."""
    taken = commit.shared(_handed(request, [value_of(request.body)]))
    outcome = taken.outcomes[0]
    if taken.hidden:
        raise NotTaken("not-found")
    if outcome == "refused":
        raise NotTaken("invalid", problems=taken.problems[0])
    if outcome == "conflict":
        raise NotTaken("conflict")
    return written(STATUS[outcome], {"outcome": outcome, "source_id": taken.source_ids[0]})


@router.post("/facts/batch", response={200: Receipts}, **needs("record facts", requestBody=FACTS))
def record_facts(
    request: HttpRequest, *, dry_run: bool = False, announce: bool = True
) -> HttpResponse:
    """Record up to 10,000 facts. Each is taken or refused by itself, and answered in its place.

    With `dry_run` nothing is kept. Without `announce` they are history: each may say when it was
    heard (`recorded_at`), and nobody is told what follows; that takes the right to record history.
    """
    if not announce:
        request.auth.must("record history")
    items = _items(value_of(request.body))
    # The request itself counts as the first of them.
    limits.take("facts", request.auth.token, moment.now(), max(len(items) - 1, 0))
    handed = _handed(request, items, history=not announce)
    taken = intake.take([handed], now=moment.now(), dry_run=dry_run)[0]
    return written(200, _receipts(taken, dry_run))


@router.get("/facts", response=Page[dict[str, Any]], **needs("read leads"))
def facts_of_lead(
    request: HttpRequest,
    lead: Annotated[Key, Query()],
    limit: Limit = 50,
    cursor: Cursor = "",
) -> HttpResponse:
    """The facts of a lead, in the order in which they were recorded, rulings among them."""
    return written(200, page(queries.facts(request.auth, lead), limit, cursor, fact_of))


def _handed(request: HttpRequest, items: list[Any], *, history: bool = False) -> Handed:
    actor = request.auth
    return Handed(
        actor.workspace_id,
        items,
        SYSTEM,
        actor.person,
        request=actor.request,
        history=history,
        narrowed=actor if is_narrowed(actor) else None,
        speaker=None if history else actor,
    )


def _items(body: Any) -> list[Any]:
    items = body.get("facts") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise wrong("facts", _("There is no list of facts."), _('Write {"facts": [ … ]}.'))
    if len(items) > MOST:
        what = _("There are %(count)s facts.") % {"count": f"{len(items):,}"}
        raise wrong("facts", what, _("Send at most 10,000 at a time."))
    return items


def _receipts(taken: Taken, dry_run: bool) -> dict[str, Any]:
    results = [
        {"outcome": outcome, "source_id": source_id}
        for outcome, source_id in zip(taken.outcomes, taken.source_ids, strict=True)
    ]
    for place, problems in taken.problems.items():
        results[place]["problems"] = [as_json(one) for one in problems]
    counts = {name: taken.outcomes.count(name) for name in ("new", "known", "conflict", "refused")}
    followed = {"leads": taken.leads, "rulings": taken.rulings, "notices": taken.notices}
    return {"results": results, "dry_run": dry_run, **counts, **followed}
