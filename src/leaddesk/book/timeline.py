"""Timeline: everything that is known of one lead, the newest first, page by page."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from leaddesk.book.access import Actor
from leaddesk.book.models import Fact, Lead, Note, Notice
from leadpact import facts

FACT, NOTE, NOTICE = range(3)
SHOWN: Mapping[str, frozenset[int] | None] = {
    "all": None,
    "contact": frozenset(
        {facts.ATTEMPTED, facts.REPLIED, facts.ENGAGED, facts.SUPPRESSED, facts.ENROLLED}
    ),
    "stages": frozenset(
        {
            *(facts.CREATED, facts.MOVED, facts.HANDED_OVER, facts.ACCEPTED, facts.REJECTED),
            *(facts.RETURNED, facts.DISQUALIFIED, facts.CONVERTED, facts.WON, facts.LOST),
            *(facts.ASSIGNED, facts.MERGED, facts.DESCRIBED, facts.SCORED),
        }
    ),
    "promises": frozenset(
        {facts.RULED, facts.WAIVED, facts.DISPUTED, facts.PAUSED, facts.RESUMED, facts.CORRECTED}
    ),
    "notes": frozenset(),
}
"""What can be chosen of a timeline: the kinds of fact; None is everything."""
_ORIGINS = (facts.CREATED, facts.SCORED, facts.HANDED_OVER, facts.ASSIGNED, facts.ENGAGED)
_WITH_NOTES = {"all", "notes"}
_WITH_NOTICES = {"all", "promises"}


class Item(NamedTuple):
    """Something on a timeline, at an instant: a fact, a note, or a notice that went to somebody.

    `notes` are those that belong to a fact; `is_back` says that it was taken back.
    """

    at: int
    sort: int
    number: int
    row: Any
    body: Mapping[str, Any]
    notes: Sequence[Note] = ()
    is_back: bool = False


class Mark(NamedTuple):
    """Where a page of a timeline ends."""

    at: int
    sort: int
    number: int


class Heard(NamedTuple):
    """What a page tells of the log of a lead beside its timeline: the source ids of what was taken
    back, the number of the last fact (0: there is none), what made the lead what it is, and the latest
    facts, with which its timeline begins."""

    back: frozenset[str]
    newest: int
    origins: Sequence[Item]
    latest: Sequence[Fact] = ()


def heard(actor: Actor, lead: Lead, most: int) -> Heard:
    """What was taken back, what came last, and how a lead arose, was scored and given to whom; with one
    more than the `most` latest facts."""
    every = Fact.objects.of(actor.workspace_id).filter(_concerning(lead))
    own = every.filter(lead=lead.key)
    last = own.order_by("-id").values("id")[:1]
    origins = own.filter(kind__in=_ORIGINS).order_by("-occurred_at", "-id").values("id")[:40]
    latest = every.order_by("-occurred_at", "-id").values("id")[: most + 1]
    chosen = Q(id__in=origins) | Q(id__in=last) | Q(id__in=latest)
    chosen |= Q(lead=lead.key, kind=facts.CORRECTED)
    listed = [*every.filter(chosen).order_by("-occurred_at", "-id")]
    rows = [row for row in listed if row.lead == lead.key]
    corrections = (json.loads(row.body) for row in rows if row.kind == facts.CORRECTED)
    back = frozenset(str(one.get("fact", "")) for one in corrections)
    told = [row for row in rows if row.kind in _ORIGINS and row.source_id not in back]
    newest = max((row.pk for row in rows), default=0)
    return Heard(back, newest, [_fact(row, (), back) for row in told], listed[: most + 1])


def _concerning(lead: Lead) -> Q:
    """The facts of a lead, and those of its whole company."""
    return Q(lead=lead.key) | (Q(account=lead.account, lead="") if lead.account else Q())


def timeline(
    actor: Actor, lead: Lead, known: Heard, shown: str, before: Mark | None, most: int
) -> tuple[list[Item], Mark | None]:
    """So many items from a mark on, the newest first, and the mark of the next page if there is one.

    `known` is what was `heard` of the lead, with as many facts.
    """
    back, notes = known.back, _notes(actor, lead)
    items = [_fact(row, notes, back) for row in _rows(actor, lead, known, shown, before, most)]
    if shown in _WITH_NOTES:
        items += [
            Item(one.created_at, NOTE, one.pk, one, {})
            for one in notes
            if shown == "notes" or one.fact.startswith("note-")
        ]
    if shown in _WITH_NOTICES and actor.may("read deliveries"):
        heard = Notice.objects.of(actor.workspace_id).filter(lead=lead.key)
        listed = _cut(heard, "created_at", NOTICE, before, most)
        items += [Item(one.created_at, NOTICE, one.pk, one, json.loads(one.body)) for one in listed]
    items = sorted(items, key=lambda one: one[:3], reverse=True)
    if before is not None:
        items = [one for one in items if one[:3] < before]
    onward = Mark(*items[most - 1][:3]) if len(items) > most else None
    return items[:most], onward


def _rows(
    actor: Actor, lead: Lead, known: Heard, shown: str, before: Mark | None, most: int
) -> Sequence[Fact]:
    """The facts of a page; the first page of all kinds is known."""
    kinds = SHOWN[shown]
    if kinds is None and before is None:
        return known.latest
    rows = Fact.objects.of(actor.workspace_id).filter(_concerning(lead))
    return _cut(_of_kinds(rows, kinds), "occurred_at", FACT, before, most)


def _notes(actor: Actor, lead: Lead) -> list[Note]:
    """The notes about a lead, for those who may know who the person is."""
    if not actor.may("read contacts"):
        return []
    return [*Note.objects.of(actor.workspace_id).filter(lead=lead.key).order_by("id")]


def _of_kinds(rows: QuerySet[Any], kinds: Collection[int] | None) -> QuerySet[Any]:
    return rows if kinds is None else rows.filter(kind__in=kinds)


def _cut(rows: QuerySet[Any], column: str, sort: int, before: Mark | None, most: int) -> list[Any]:
    """The newest rows below a mark, one more than are shown."""
    if before is not None:
        level = {column: before.at}
        same = Q(**level) if sort < before.sort else Q(**level, pk__lt=before.number)
        below = Q(**{f"{column}__lt": before.at})
        rows = rows.filter(below if sort > before.sort else below | same)
    return [*rows.order_by(f"-{column}", "-pk")[: most + 1]]


def _fact(row: Fact, notes: Sequence[Note], back: Collection[str]) -> Item:
    own = [one for one in notes if one.fact == row.source_id]
    body = json.loads(row.body)
    return Item(row.occurred_at, FACT, row.pk, row, body, own, row.source_id in back)
