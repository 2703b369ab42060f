"""Queue: the leads that wait for somebody, the most urgent first, with what a glance needs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet

from leaddesk.book import database, queries, search
from leaddesk.book.access import Actor, seen
from leaddesk.book.models import Contact, Due, Fact, Lead, Person, Reminder
from leaddesk.book.moment import MINUTE
from leaddesk.book.rights import NARROWED
from leadpact import facts

SOON = 15 * MINUTE
ORDER = ("urgent_at", "rank", "key")
"""The order of a queue."""
GROUPS = ("late", "soon", "today", "later")
_TOLD = (
    *(facts.ENGAGED, facts.SCORED, facts.ATTEMPTED, facts.REPLIED),
    *(facts.CORRECTED, facts.HANDED_OVER, facts.ASSIGNED, facts.CREATED),
)
_SIGNS = {facts.ENGAGED, facts.REPLIED}
_RECORDED = (
    *(facts.ATTEMPTED, facts.REPLIED, facts.ASSIGNED, facts.HANDED_OVER, facts.REJECTED),
    *(facts.RETURNED, facts.DISQUALIFIED, facts.CONVERTED, facts.WON, facts.LOST, facts.MOVED),
    *(facts.ACCEPTED, facts.WAIVED, facts.SUPPRESSED, facts.CORRECTED, facts.PAUSED),
)


class Said(NamedTuple):
    """A fact as a glance needs it."""

    kind: int
    at: int
    body: Mapping[str, Any]
    system: str


class Place(NamedTuple):
    """A place in the queue, from which the next page goes on."""

    at: int
    rank: int
    key: str


@dataclass(frozen=True)
class Wanted:
    """Whose queue it is ("" one's own, "team", "all", or somebody's key), and what text it must have."""

    whose: str = ""
    text: str = ""


@dataclass(frozen=True)
class Waiting:
    """A lead that waits: what is due first and what next, who it is, and what happened last."""

    lead: Lead
    group: str
    due: Due | None
    next: Due | None
    contact: Contact | None
    signs: Sequence[Said]
    score: Said | None
    tried: Said | None
    tries: int
    seen: int
    reminder: Reminder | None


@dataclass(frozen=True)
class Frame:
    """When the groups end: `now`, and the end of the reader's day (µs UTC)."""

    now: int
    midnight: int

    def group(self, at: int) -> str:
        """The group of what is due at an instant; what is due right now isn't late."""
        if at < self.now:
            return "late"
        if at < self.now + SOON:
            return "soon"
        return "today" if at < self.midnight else "later"


def waiting(actor: Actor, wanted: Wanted, aside: Sequence[Reminder], now: int) -> QuerySet[Any]:
    """The leads of a queue, without those that the actor put `aside`: what is late first, then by when
    the next thing is due; of those due at one instant the most important first."""
    rows = of_whom(actor, wanted.whose, seen(actor, Lead.objects.of(actor.workspace_id)))
    rows = search.leads_found(actor, rows, wanted.text)
    keys = [one.lead for one in aside if one.until > now]
    rows = rows.filter(urgent_at__isnull=False)
    return (rows.exclude(key__in=keys) if keys else rows).order_by(*ORDER)


def of_whom(actor: Actor, whose: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those rows that belong to one's own queue, to that of one's team, to somebody's, or to all."""
    if whose == "all":
        return rows
    if whose == "team":
        people = Person.objects.of(actor.workspace_id)
        team = people.filter(key=actor.person).exclude(team="").values("team")
        mates = [*people.filter(team__in=team).values_list("key", flat=True)]
        if mates:
            return rows.filter(owner__in=mates)
        return rows if actor.role not in NARROWED else rows.filter(owner=actor.person)
    return rows.filter(owner=whose or actor.person)


def page(rows: QuerySet[Any], after: Place | None, most: int) -> tuple[list[Lead], Place | None]:
    """So many leads of a queue from a place on, and the place of the next page if there is one."""
    if after is not None:
        same = Q(rank__gt=after.rank) | Q(rank=after.rank, key__gt=after.key)
        beyond = Q(urgent_at__gt=after.at) | (Q(urgent_at=after.at) & same)
        rows = rows.filter(beyond, urgent_at__gte=after.at)
    found = [*rows[: most + 1]]
    if len(found) <= most:
        return found, None
    last = found[most - 1]
    return found[:most], Place(last.urgent_at or 0, last.rank, last.key)


def counts(rows: QuerySet[Any], frame: Frame) -> dict[str, int]:
    """How many leads of a queue each group has."""
    ends = (frame.now, frame.now + SOON, max(frame.midnight, frame.now + SOON))
    below = rows.order_by().aggregate(
        **{f"n{n}": Count("pk", filter=Q(urgent_at__lt=end)) for n, end in enumerate(ends)},
        n3=Count("pk"),
    )
    totals = [below[f"n{n}"] for n in range(4)]
    return dict(
        zip(GROUPS, (b - a for a, b in zip([0, *totals], totals, strict=False)), strict=True)
    )


def reminders(actor: Actor) -> list[Reminder]:
    """What the actor put aside, what comes back first at the top."""
    rows = Reminder.objects.of(actor.workspace_id).filter(person=actor.person)
    return [*rows.order_by("until", "lead")]


def newest(actor: Actor, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """The number of the last fact and the version of the contact of each lead."""
    contacts = Contact.objects.of(actor.workspace_id).filter(lead__in=keys)
    versions = dict(contacts.values_list("lead", "version"))
    heard = _newest(actor.workspace_id, keys)
    return {key: (heard.get(key, 0), versions.get(key, 0)) for key in keys}


def mark(leads: Iterable[Lead], aside: Iterable[Reminder], frame: Frame, *more: object) -> str:
    """A digest of what a queue shows, which changes when any of it does; cheap to work out."""
    told: list[object] = [*more]
    for one in leads:
        own = (
            one.key,
            one.urgent_at,
            one.rank,
            one.facts,
            one.owner,
            one.stage,
            one.is_paused,
            one.open,
        )
        told.append([*own, one.broken, frame.group(one.urgent_at or 0)])
    told += [[one.lead, one.until, one.reason, one.until <= frame.now] for one in aside]
    return blake2b(json.dumps(told, default=str).encode(), digest_size=12).hexdigest()


def told(
    actor: Actor, leads: Sequence[Lead], aside: Iterable[Reminder], frame: Frame
) -> list[Waiting]:
    """These leads with all that a glance needs, in four queries however many they are."""
    keys = [one.key for one in leads]
    dues = _dues(actor.workspace_id, keys)
    heard, newest = _heard(actor.workspace_id, keys), _newest(actor.workspace_id, keys)
    contacts = _contacts(actor, keys)
    back = {one.lead: one for one in aside}
    return [
        _waiting(
            one,
            frame,
            [due for due in dues.get(one.key, ()) if due.pass_number == one.pass_number],
            contacts.get(one.key),
            heard.get(one.key, []),
            newest.get(one.key, 0),
            back.get(one.key),
        )
        for one in leads
    ]


def _waiting(
    lead: Lead,
    frame: Frame,
    dues: Sequence[Due],
    contact: Contact | None,
    heard: Sequence[Said],
    newest: int,
    reminder: Reminder | None,
) -> Waiting:
    tries = [one for one in heard if one.kind == facts.ATTEMPTED]
    scores = [one for one in heard if one.kind == facts.SCORED]
    return Waiting(
        lead=lead,
        group=frame.group(lead.urgent_at or 0),
        due=dues[0] if dues else None,
        next=dues[1] if len(dues) > 1 else None,
        contact=contact,
        signs=[one for one in heard if one.kind in _SIGNS][:2],
        score=scores[0] if scores else None,
        tried=tries[0] if tries else None,
        tries=len(tries),
        seen=newest,
        reminder=reminder,
    )


def _dues(workspace: int, keys: Sequence[str]) -> Mapping[str, list[Due]]:
    """What nobody has answered yet, by lead, the most urgent first."""
    rows = Due.objects.of(workspace).filter(
        lead__in=keys, verdict__in=("open", "broken"), answered_at=None, due_at__isnull=False
    )
    found: dict[str, list[Due]] = {}
    for row in rows.order_by("due_at", "id"):
        found.setdefault(row.lead, []).append(row)
    return found


def _heard(workspace: int, keys: Sequence[str]) -> Mapping[str, list[Said]]:
    """What a glance tells of each lead, without what was taken back, the newest first."""
    if not keys:
        return {}
    rows = Fact.objects.of(workspace).filter(lead__in=keys, kind__in=_TOLD)
    found: dict[str, list[tuple[str, Said]]] = {}
    back: set[tuple[str, str]] = set()
    listed = rows.values_list("lead", "kind", "occurred_at", "body", "system", "source_id")
    for lead, kind, at, text, system, source_id in listed.order_by("-occurred_at", "-id"):
        body = json.loads(text)
        if kind == facts.CORRECTED:
            back.add((lead, str(body.get("fact", ""))))
        else:
            found.setdefault(lead, []).append((source_id, Said(kind, at, body, system)))
    return {
        lead: [said for source_id, said in own if (lead, source_id) not in back]
        for lead, own in found.items()
    }


def _newest(workspace: int, keys: Sequence[str]) -> Mapping[str, int]:
    """The number of the last fact of each lead."""
    if not keys:
        return {}
    condition, values = database.among("lead", keys)
    sql = f"""SELECT lead, MAX(id) FROM book_fact WHERE workspace_id = %s AND {condition}
              GROUP BY lead"""
    return dict(database.rows(sql, [workspace, *values]))


def _contacts(actor: Actor, keys: Sequence[str]) -> Mapping[str, Contact]:
    if not actor.may("read contacts"):
        return {}
    rows = Contact.objects.of(actor.workspace_id).filter(lead__in=keys).select_related("company")
    return {one.lead: one for one in rows}


def last_of(actor: Actor, key: str) -> Said | None:
    """What people last recorded of a lead. Raises `Absent`, also where it may not be seen any more."""
    row = queries.facts(actor, key).filter(kind__in=_RECORDED).order_by("-id").first()
    return row and Said(row.kind, row.recorded_at, json.loads(row.body), row.system)
