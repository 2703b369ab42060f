"""The daily digest: one message a person and day, at their hour, only if there is something to tell.

Whoever has nothing to hear, or doesn't work on that day, gets none; that is noted too, so that it is
decided once for each person and day.
"""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db.models import Count, Q

from leaddesk.book import database
from leaddesk.book.models import Channel, Delivery, Due, Person, Role
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.outbox import is_held
from leaddesk.book.rules import rules_of
from leaddesk.post.drafts import Draft, queue
from leaddesk.post.hours import digest_at, digest_due, zone_of
from leaddesk.post.planning import OF_A_PERSON, Circle, circle_of, in_each
from leaddesk.post.wishes import LONGEST, MUTED
from leadpact.agreement.roster import working
from leadpact.clock import ALWAYS, Calendar, to_micros

LATEST = 180 * MINUTE
"""A digest that couldn't be made for so long after its hour is left out: the day has moved on."""
LONGEST_BREAK = 31
"""Days at most for which a digest tells what was missed, after somebody was away."""
DAY_OFF = "a day off"
NOTHING = "nothing to tell"
_SILENT = (MUTED, DAY_OFF)
"""Reasons for which a digest told nothing of what had come."""
_SEES_ALL = {Role.ADMIN, Role.SALES_LEAD, Role.MARKETING_LEAD}


def plan(now: int) -> int:
    """Queue the digests whose hour has come; how many people were thought of, told or not."""
    if is_held():
        return 0
    return in_each(_workspaces(), lambda workspace: _plan(workspace, now))


def leave_out(now: int, why: str) -> int:
    """Note of the digests whose hour has come that nobody gets them; how many people's those are."""
    return sum(_plan(workspace, now, why) for workspace in _workspaces())


def _workspaces() -> list[int]:
    channels = Channel.across.filter(kind__in=OF_A_PERSON, is_active=True)
    return sorted({*channels.values_list("workspace_id", flat=True)})


def _plan(workspace: int, now: int, why: str = "") -> int:
    circle = circle_of(workspace, now)
    due = [one for one in circle.staff.active.values() if one.email and _is_time(circle, one)]
    asked = [
        _draft(circle, channel, person)
        for channel in circle.channels
        if channel.kind in OF_A_PERSON
        for person in due
        if digest_due(person, circle.workspace, now)[1] >= channel.created_at
    ]
    known = Delivery.objects.of(workspace).filter(key__in=[one.key for one in asked])
    decided = {*known.values_list("key", flat=True)} if asked else set()
    fresh = [replace(one, why=why) for one in asked if one.key not in decided]
    if fresh:
        database.in_transaction(partial(_queue, circle, fresh))
    return len(fresh)


def _is_time(circle: Circle, person: Person) -> bool:
    _day, due = digest_due(person, circle.workspace, circle.now)
    return circle.now < due + LATEST and due >= person.created_at


def _draft(circle: Circle, channel: Channel, person: Person) -> Draft:
    day, due = digest_due(person, circle.workspace, circle.now)
    return Draft(
        channel=channel,
        marks=["digest", day.isoformat()],
        kind="digest",
        to=person.key,
        body={"notices": [], "day": day.isoformat()},
        cause_at=due,
        at=circle.now,
    )


def _queue(circle: Circle, drafts: list[Draft]) -> None:
    calendars = _calendars(circle)
    queue(circle.workspace.pk, [_filled(circle, one, calendars) for one in drafts], circle.now)


def _filled(circle: Circle, draft: Draft, calendars: dict[str | None, Calendar]) -> Draft:
    """A draft with the figures of its day, or with the reason why nobody gets it."""
    if draft.why:
        return draft
    person, day = circle.staff.active[draft.to], date.fromisoformat(draft.body["day"])
    if circle.is_muted(person.key, "digest"):
        return replace(draft, why=MUTED)
    calendar = calendars.get(person.key, ALWAYS)
    if not calendar.opens_on(day):
        return replace(draft, why=DAY_OFF)
    figures = _figures(circle, person, day, calendar)
    kept = _kept_from(circle, draft)
    if not (figures["broken"] or figures["at_risk"] or figures["today"] or kept):
        return replace(draft, why=NOTHING)
    kept_back = {"muted": kept} if kept else {}
    return replace(draft, body={**draft.body, **figures, **kept_back})


def _kept_from(circle: Circle, draft: Draft) -> dict[str, int]:
    """How many notices of each kind somebody wasn't sent since the digest before, because they were muted."""
    own = Delivery.objects.of(circle.workspace).filter(channel=draft.channel, to=draft.to)
    muted = own.filter(
        state=Delivery.State.SKIPPED, why=MUTED, created_at__gt=circle.now - LONGEST - DAY
    ).exclude(kind="digest")
    bodies = [*muted.order_by("created_at").values_list("created_at", "body")]
    if not bodies:
        return {}
    earlier = own.filter(kind="digest").exclude(why__in=_SILENT).order_by("-created_at")
    since = earlier.values_list("created_at", flat=True).first() or 0
    found: Counter[str] = Counter()
    for told in (json.loads(body) for at, body in bodies if at > since):
        found.update(one["kind"] for one in told["notices"])
        found["more"] += told.get("more", 0)
    return dict(+found)


def _calendars(circle: Circle) -> dict[str | None, Calendar]:
    """By whose hours everybody works; nobody is in it of whom the agreement and the roster are silent."""
    program = rules_of(circle.workspace.pk).program
    return working(circle.staff.agreement, program.roster)


def _figures(circle: Circle, person: Person, day: date, calendar: Calendar) -> dict[str, int]:
    """What a person owes, or what all owe where that is theirs to see."""
    zone = zone_of(person, circle.workspace)
    midnight = to_micros(datetime.combine(day + timedelta(days=1), time(), zone))
    since = _digest_before(circle, person, day, calendar)
    dues = Due.objects.of(circle.workspace)
    if person.role not in _SEES_ALL:
        dues = dues.filter(owner=person.key)
    running = Q(verdict="open")
    return dues.aggregate(
        open=Count("id", filter=running),
        at_risk=Count("id", filter=running & Q(at_risk=True)),
        today=Count("id", filter=running & Q(due_at__lt=midnight)),
        broken=Count("id", filter=Q(verdict="broken", due_at__gt=since, due_at__lte=circle.now)),
    )


def _digest_before(circle: Circle, person: Person, day: date, calendar: Calendar) -> int:
    """The hour of the digest on the last day before that somebody worked."""
    days = (day - timedelta(days=n) for n in range(1, LONGEST_BREAK + 1))
    last = next((one for one in days if calendar.opens_on(one)), day - timedelta(days=1))
    return digest_at(person, circle.workspace, last)
