"""Hours: when somebody may be disturbed, and when their day's digest is due, by their own clock."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leaddesk.book.models import Person, Role, Workspace
from leadpact.clock import to_datetime, to_micros

REPS_DIGEST, OTHERS_DIGEST = time(8, 30), time(8, 45)


def zone_of(person: Person, workspace: Workspace) -> ZoneInfo:
    """The zone by whose clock somebody lives."""
    return ZoneInfo(person.zone or workspace.zone)


def awake_at(person: Person, workspace: Workspace, at: int) -> int:
    """The first instant from `at` on that isn't in the person's quiet hours."""
    first, last = person.quiet_from, person.quiet_to
    if first is None or last is None or first == last:
        return at
    local = to_datetime(at).astimezone(zone_of(person, workspace))
    time = local.time()
    quiet = first <= time < last if first < last else time >= first or time < last
    if not quiet:
        return at
    day = local.date() if time < last else local.date() + timedelta(days=1)
    ends = datetime.combine(day, last, local.tzinfo)
    # Where clocks are set back, the end comes twice, and the first may be over.
    return next(
        found for fold in (0, 1) if (found := to_micros(ends.replace(fold=fold))) > at or fold
    )


def digest_due(person: Person, workspace: Workspace, now: int) -> tuple[date, int]:
    """The last day whose digest hour has come for somebody, and that instant."""
    day = to_datetime(now).astimezone(zone_of(person, workspace)).date()
    if digest_at(person, workspace, day) > now:
        day -= timedelta(days=1)
    return day, digest_at(person, workspace, day)


def digest_at(person: Person, workspace: Workspace, day: date) -> int:
    """When the digest of a day is due for somebody."""
    usual = REPS_DIGEST if person.role == Role.REP else OTHERS_DIGEST
    return to_micros(datetime.combine(day, person.digest_at or usual, zone_of(person, workspace)))
