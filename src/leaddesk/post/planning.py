"""Planning: notices that are queued become deliveries, one a receiver and channel.

Who is told at once, what waits for the end of quiet hours, and what is told together is decided
here, in the transaction that marks the notices as posted: so nothing is planned twice.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from leaddesk.book import database
from leaddesk.book.fault import fault
from leaddesk.book.models import Channel, Delivery, Mute, Notice, Person, Workspace
from leaddesk.book.moment import MINUTE
from leaddesk.book.outbox import is_held
from leaddesk.book.receivers import receivers
from leadpact.clock import to_datetime, to_micros
from leadpact.rulings import key

MOST_AT_ONCE = 500
WINDOW, MOST_IN_A_WINDOW = 5 * MINUTE, 3
"""A person gets so many messages by a channel within a window; what is more waits and is grouped."""
MANAGERS_WINDOW = 15 * MINUTE
"""Who hears of the leads of others gets one message in this time."""
LOUD = frozenset({"escalated", "reassign"})
"""Kinds of notice that pass quiet hours."""
OF_A_PERSON = frozenset({"email"})
"""Channels that reach one person each; the others reach whoever reads there."""


@dataclass(frozen=True)
class Circle:
    """Those who can be told something in a workspace, and by which channels."""

    workspace: Workspace
    people: Mapping[str, Person]
    channels: Sequence[Channel]
    muted: frozenset[tuple[str, str]]

    def is_muted(self, person: str, kind: str) -> bool:
        """Whether somebody doesn't want to hear this kind of notice now."""
        return bool({(person, kind), (person, "")} & self.muted)


def plan(now: int) -> int:
    """Make deliveries of the notices that wait; how many notices those were."""
    if is_held():
        return 0
    waiting = Notice.across.filter(posted_at__isnull=True).order_by("cause_at", "id")
    workspaces = {*waiting.values_list("workspace_id", flat=True)[:MOST_AT_ONCE]}
    return sum(
        database.in_transaction(lambda workspace=workspace: _plan(workspace, now))
        for workspace in sorted(workspaces)
    )


def _plan(workspace: int, now: int) -> int:
    database.lock(workspace, ["post"])
    waiting = Notice.objects.of(workspace).filter(posted_at__isnull=True)
    notices = [*waiting.order_by("cause_at", "id")[:MOST_AT_ONCE]]
    if not notices:
        return 0
    circle = circle_of(workspace, now)
    for channel in circle.channels:
        taken = [one for one in notices if not channel.events or one.kind in channel.events]
        if channel.kind in OF_A_PERSON:
            _plan_for_people(circle, channel, taken, now)
        else:
            _plan_for_all(circle, channel, taken, now)
    Notice.objects.of(workspace).filter(pk__in=[one.pk for one in notices]).update(posted_at=now)
    fault("post:planned")
    return len(notices)


def circle_of(workspace: int, now: int) -> Circle:
    """Who can be told something in a workspace now."""
    people = Person.objects.of(workspace).filter(is_active=True)
    mutes = Mute.objects.of(workspace).filter(until__gt=now)
    return Circle(
        Workspace.objects.get(pk=workspace),
        {one.key: one for one in people},
        [*Channel.objects.of(workspace).filter(is_active=True).order_by("pk")],
        frozenset(mutes.values_list("person", "kind")),
    )


def _plan_for_all(circle: Circle, channel: Channel, notices: Iterable[Notice], now: int) -> None:
    """One delivery a notice, at once: whoever reads there has quiet hours of their own."""
    for notice in notices:
        _create(circle, channel, "", [notice], now, now)


def _plan_for_people(circle: Circle, channel: Channel, notices: Iterable[Notice], now: int) -> None:
    for person, own in _by_person(circle, notices).items():
        loud = [one for one in own if one.kind in LOUD]
        for together in (loud, [one for one in own if one.kind not in LOUD]):
            if together:
                _deliver(circle, channel, circle.people[person], together, now)


def _by_person(circle: Circle, notices: Iterable[Notice]) -> dict[str, list[Notice]]:
    found: dict[str, list[Notice]] = {}
    meant: dict[tuple[str, str], list[str]] = {}
    for notice in notices:
        owner = str(json.loads(notice.body).get("owner") or "")
        whom = (notice.to, owner)
        if whom not in meant:
            meant[whom] = receivers(circle.workspace.pk, *whom)
        for person in meant[whom]:
            wanted = person in circle.people and circle.people[person].email
            if wanted and not circle.is_muted(person, notice.kind):
                found.setdefault(person, []).append(notice)
    return found


def _deliver(
    circle: Circle, channel: Channel, person: Person, notices: Sequence[Notice], now: int
) -> None:
    """Tell somebody, with what already waits for them where something does."""
    loud = notices[0].kind in LOUD
    free = _free_at(channel, person, notices, now)
    at = free if loud else awake_at(person, circle.workspace, free)
    if not _joined(circle, channel, person, notices, now, at):
        _create(circle, channel, person.key, notices, now, at)


def _joined(
    circle: Circle,
    channel: Channel,
    person: Person,
    notices: Sequence[Notice],
    now: int,
    at: int,
) -> bool:
    """Whether a message that still waits for this person could take the notices along."""
    waiting = Delivery.objects.of(circle.workspace).filter(
        channel=channel, to=person.key, state=Delivery.State.PENDING, attempts=0, next_at__gt=now
    )
    first = waiting.exclude(kind__in=("digest", "test")).order_by("next_at").first()
    if first is None:
        return False
    told = json.loads(first.body)
    told["notices"] += [shown(one) for one in notices]
    body = json.dumps(told, ensure_ascii=False)
    # A worker may have taken it meanwhile.
    still = waiting.filter(pk=first.pk, body=first.body)
    return bool(still.update(body=body, kind="several", lead="", next_at=min(first.next_at, at)))


def _free_at(channel: Channel, person: Person, notices: Sequence[Notice], now: int) -> int:
    """When the next message may be made without being one of too many."""
    recent = Delivery.objects.of(channel.workspace_id).filter(
        channel=channel, to=person.key, created_at__gt=now - MANAGERS_WINDOW
    )
    made = sorted(recent.exclude(kind__in=("digest", "test")).values_list("created_at", flat=True))
    others = any(json.loads(one.body).get("owner") != person.key for one in notices)
    if others and made:
        return int(made[-1]) + MANAGERS_WINDOW
    within = [at for at in made if at > now - WINDOW]
    return int(within[-MOST_IN_A_WINDOW]) + WINDOW if len(within) >= MOST_IN_A_WINDOW else now


def awake_at(person: Person, workspace: Workspace, at: int) -> int:
    """The first instant from `at` on that isn't in the person's quiet hours."""
    first, last = person.quiet_from, person.quiet_to
    if first is None or last is None or first == last:
        return at
    local = to_datetime(at).astimezone(ZoneInfo(person.zone or workspace.zone))
    time = local.time()
    quiet = first <= time < last if first < last else time >= first or time < last
    if not quiet:
        return at
    day = local.date() if time < last else local.date() + timedelta(days=1)
    return to_micros(datetime.combine(day, last, local.tzinfo))


def _create(
    circle: Circle,
    channel: Channel,
    to: str,
    notices: Sequence[Notice],
    now: int,
    at: int,
) -> None:
    leads = {one.lead for one in notices}
    create(
        circle.workspace.pk,
        channel,
        marks=[one.key for one in notices],
        kind=notices[0].kind if len({one.kind for one in notices}) == 1 else "several",
        to=to,
        lead=leads.pop() if len(leads) == 1 else "",
        body={"notices": [shown(one) for one in notices]},
        cause_at=min(one.cause_at for one in notices),
        now=now,
        at=at,
    )


def create(
    workspace: int,
    channel: Channel,
    *,
    marks: Sequence[str],
    kind: str,
    to: str,
    lead: str,
    body: Mapping[str, Any],
    cause_at: int,
    now: int,
    at: int,
) -> str:
    """Queue one delivery, once for the same marks, channel and receiver; its key."""
    own = key([*marks, channel.key, to])
    Delivery.objects.of(workspace).get_or_create(
        workspace_id=workspace,
        key=own,
        defaults={
            "channel": channel,
            "kind": kind,
            "to": to,
            "lead": lead,
            "body": json.dumps(body, ensure_ascii=False),
            "cause_at": cause_at,
            "created_at": now,
            "next_at": at,
        },
    )
    return own


def shown(notice: Notice) -> dict[str, Any]:
    """A notice as a delivery carries it: its figures, when it was due, and when it was found."""
    told: dict[str, Any] = json.loads(notice.body)
    return told | {"cause_at": notice.cause_at, "found_at": notice.created_at}


def trial(workspace: int, channel: Channel, person: str, now: int) -> str:
    """Queue a message by which somebody tries a channel; the key of its delivery."""
    return create(
        workspace,
        channel,
        marks=["test", person, str(now)],
        kind="test",
        to=person if channel.kind in OF_A_PERSON else "",
        lead="",
        body={"notices": [], "asked_by": person},
        cause_at=now,
        now=now,
        at=now,
    )
