"""Lists: which leads somebody wants to see, by which conditions and in which order.

Pages, the API, exports and bulk acts choose leads by the same conditions.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from leaddesk.book.access import Actor, seen
from leaddesk.book.models import Contact, Due, Lead, Person
from leaddesk.book.paging import Order
from leaddesk.book.search import MOST_LISTED, leads_found

ORDERS: Mapping[str, Order] = {
    "urgent": Order("urgent_at"),
    "due": Order("due_at"),
    "created": Order("created_at", is_falling=True),
    "changed": Order("changed_at", is_falling=True),
    "interest": Order("interest", is_falling=True),
    "grade": Order("grade", is_text=True),
    "key": Order("key"),
}
"""The orders of a list of leads; a hyphen before the name turns one around."""
VERDICTS = ("open", "broken", "kept", "excused", "waived", "undeterminable")
_COMPARED = {
    "due_before": "due_at__lt",
    "created_before": "created_at__lt",
    "created_after": "created_at__gte",
}
_AT_LEAST = {"fit_from": "fit__gte", "interest_from": "interest__gte"}
GRADES = tuple(f"{fit}{interest}" for fit in "ABC" for interest in "123")
"""The grades, the best first."""
_DERIVED = {*_AT_LEAST, "grade", "team", "text", "verdict", "is_broken", "is_at_risk", "is_merged"}


def order_of(sort: str) -> Order:
    """The order that goes by a name, the newest leads first for any other."""
    found = ORDERS.get(sort.removeprefix("-"))
    if found is None:
        return ORDERS["created"]
    return found._replace(is_falling=not found.is_falling) if sort.startswith("-") else found


def chosen(actor: Actor, wanted: Mapping[str, Any]) -> QuerySet[Any]:
    """The leads that somebody may see and that meet every condition.

    `fit_from` and `interest_from` are points, `grade` is one, or the letter or the digit of some,
    `verdict` asks for an obligation of that verdict, `is_at_risk` for an open one whose time is
    nearly over, `team` for an owner in it, `text` for what a search finds. `is_merged` for
    those that live on in another, or for the others.
    """
    rows = seen(actor, Lead.objects.of(actor.workspace_id))
    plain = {name: one for name, one in wanted.items() if name not in _DERIVED}
    rows = rows.filter(**{_COMPARED.get(name, name): one for name, one in plain.items()})
    if "is_merged" in wanted:
        rows = rows.exclude(into="") if wanted["is_merged"] else rows.filter(into="")
    rows = _scored(_owed(actor.workspace_id, rows, wanted), wanted)
    if team := wanted.get("team"):
        mates = Person.objects.of(actor.workspace_id).filter(team=team).values("key")
        rows = rows.filter(owner__in=mates)
    return leads_found(actor, rows, wanted.get("text") or "")


def _scored(rows: QuerySet[Any], wanted: Mapping[str, Any]) -> QuerySet[Any]:
    """The leads with the score that is wanted."""
    least = {_AT_LEAST[name]: wanted[name] * 100 for name in _AT_LEAST if name in wanted}
    if grade := wanted.get("grade"):
        least["grade__in"] = [one for one in GRADES if grade in {one, *one}]
    return rows.filter(**least)


def _owed(workspace: int, rows: QuerySet[Any], wanted: Mapping[str, Any]) -> QuerySet[Any]:
    """The leads for which is owed what is wanted."""
    if "is_broken" in wanted:
        rows = rows.exclude(broken=0) if wanted["is_broken"] else rows.filter(broken=0)
    verdict = wanted.get("verdict")
    if verdict in {"open", "broken"}:
        rows = rows.filter(**{f"{verdict}__gt": 0})
    elif verdict:
        rows = rows.filter(_having(Due.objects.of(workspace).filter(verdict=verdict)))
    if "is_at_risk" in wanted:
        risky = _having(Due.objects.of(workspace).filter(verdict="open", at_risk=True))
        rows = rows.filter(risky) if wanted["is_at_risk"] else rows.exclude(risky)
    return rows


def _having(dues: QuerySet[Any]) -> Q:
    """The leads of some obligations: by their keys where they are few, else looked for row by row."""
    few = [*dues.values_list("lead", flat=True)[: MOST_LISTED + 1]]
    if len(few) <= MOST_LISTED:
        return Q(key__in={*few})
    return Q(Exists(dues.filter(lead=OuterRef("key"))))


class Facets(NamedTuple):
    """What leads say in some fields: the words that came up lately, sorted."""

    types: list[str]
    streams: list[str]
    sources: list[str]
    campaigns: list[str]


def facets(actor: Actor) -> Facets:
    """The words of the newest leads, to choose filters from."""
    rows = seen(actor, Lead.objects.of(actor.workspace_id)).order_by("-created_at")
    told = rows.values_list("type", "stream", "source", "campaign")[:_LATELY]
    columns = [*zip(*told, strict=True)] or [(), (), (), ()]
    return Facets(*(sorted({word for word in column if word}) for column in columns))


_LATELY = 1_000


def told_of(actor: Actor, leads: Sequence[Lead]) -> dict[str, Contact]:
    """The contacts of some leads by their keys; none where somebody may not read them."""
    if not leads or not actor.may("read contacts"):
        return {}
    rows = Contact.objects.of(actor.workspace_id).select_related("company")
    return {one.lead: one for one in rows.filter(lead__in=[lead.key for lead in leads])}
