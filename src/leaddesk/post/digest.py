"""The daily digest: one message a person and day, at their hour, only if there is something to tell."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from leaddesk.book import database
from leaddesk.book.models import Channel, Delivery, Due, Person, Role, Workspace
from leaddesk.book.moment import DAY
from leaddesk.book.outbox import is_held
from leaddesk.book.rules import rules_of
from leaddesk.post.planning import OF_A_PERSON, Circle, circle_of, create
from leadpact.agreement.roster import working
from leadpact.clock import to_datetime, to_micros

USUAL_HOUR = time(8, 30)
LATEST = timedelta(hours=3)
"""A digest that couldn't go out for so long is left out: the day has moved on."""
_SEES_ALL = {Role.ADMIN, Role.SALES_LEAD, Role.MARKETING_LEAD}


def plan(now: int) -> int:
    """Queue the digests whose hour has come; how many."""
    if is_held():
        return 0
    workspaces = Channel.across.filter(kind__in=OF_A_PERSON, is_active=True)
    return sum(
        database.in_transaction(lambda workspace=workspace: _plan(workspace, now))
        for workspace in sorted({*workspaces.values_list("workspace_id", flat=True)})
    )


def _plan(workspace: int, now: int) -> int:
    circle = circle_of(workspace, now)
    waiting = [one for one in circle.people.values() if _is_time(circle, one, now)]
    told = _told(circle, waiting, now)
    count = 0
    for person in waiting:
        if person.key in told or not _works(workspace, person, now):
            continue
        figures = _figures(circle.workspace, person, now)
        if not (figures["broken"] or figures["at_risk"] or figures["today"]):
            continue
        for channel in circle.channels:
            if channel.kind in OF_A_PERSON and not circle.is_muted(person.key, "digest"):
                _queue(circle, channel, person, figures, now)
                count += 1
    return count


def _is_time(circle: Circle, person: Person, now: int) -> bool:
    if not person.email:
        return False
    began = _hour(circle.workspace, person, now)
    return began <= now < began + int(LATEST.total_seconds()) * 1_000_000


def _hour(workspace: Workspace, person: Person, now: int) -> int:
    """The person's hour on the present day of their zone."""
    local = _local(workspace, person, now)
    hour = person.digest_at or USUAL_HOUR
    return to_micros(datetime.combine(local.date(), hour, local.tzinfo))


def _local(workspace: Workspace, person: Person, now: int) -> datetime:
    return to_datetime(now).astimezone(ZoneInfo(person.zone or workspace.zone))


def _told(circle: Circle, people: list[Person], now: int) -> set[str]:
    """Who has had the digest of this day."""
    recent = Delivery.objects.of(circle.workspace).filter(
        kind="digest", to__in=[one.key for one in people], created_at__gt=now - DAY
    )
    by_key = {one.key: one for one in people}
    return {
        to
        for to, created in recent.values_list("to", "created_at")
        if created >= _hour(circle.workspace, by_key[to], now)
    }


def _works(workspace: int, person: Person, now: int) -> bool:
    """Whether the person works at some time of their day; yes where the roster doesn't know them."""
    program = rules_of(workspace).program
    calendar = working(program.versions[-1].agreement, program.roster).get(person.key)
    if calendar is None:
        return True
    return calendar.opens_on(to_datetime(now).astimezone(ZoneInfo(calendar.zone)).date())


def _figures(workspace: Workspace, person: Person, now: int) -> dict[str, int]:
    """What a person owes, or what all owe where that is theirs to see."""
    end = _local(workspace, person, now).replace(hour=23, minute=59, second=59)
    dues = Due.objects.of(workspace)
    if person.role not in _SEES_ALL:
        dues = dues.filter(owner=person.key)
    running = Q(verdict="open")
    return dues.aggregate(
        open=Count("id", filter=running),
        at_risk=Count("id", filter=running & Q(at_risk=True)),
        today=Count("id", filter=running & Q(due_at__lte=to_micros(end))),
        broken=Count("id", filter=Q(verdict="broken", due_at__gt=now - DAY, due_at__lte=now)),
    )


def _queue(
    circle: Circle, channel: Channel, person: Person, figures: dict[str, int], now: int
) -> None:
    day = _local(circle.workspace, person, now).date().isoformat()
    create(
        circle.workspace.pk,
        channel,
        marks=["digest", day],
        kind="digest",
        to=person.key,
        lead="",
        body={"notices": [], "day": day, **figures},
        cause_at=_hour(circle.workspace, person, now),
        now=now,
        at=now,
    )
