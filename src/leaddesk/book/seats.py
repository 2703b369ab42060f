"""Seats: the sessions of an account, each of which its owner sees and can end."""

from dataclasses import dataclass
from secrets import token_urlsafe

from django.db.models import Count, Q, QuerySet

from leaddesk.book import audit, database, sign_in
from leaddesk.book.access import Actor
from leaddesk.book.models import Person, Seat, User, Workspace
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.registers import found

KEPT = 15 * DAY
"""A session ends after two weeks; its seat goes a day later."""
FRESH = 60 * MINUTE
"""So long after signing in one may change how one signs in."""


@dataclass(frozen=True)
class Arrival:
    """How somebody came in: the `way`, and whether that took more than a password or a link.

    `confined_to` is the number of the only workspace that the way opens.
    """

    way: str
    is_strong: bool = False
    confined_to: int | None = None
    browser: str = ""
    address: str = ""


def take(user: User, arrival: Arrival, now: int) -> Seat:
    """A new seat of an account."""
    return Seat.objects.create(
        key=token_urlsafe(24),
        user=user,
        workspace_id=arrival.confined_to,
        way=arrival.way,
        browser=arrival.browser[:300],
        address=arrival.address[:64],
        is_strong=arrival.is_strong,
        since=now,
        seen_at=now,
    )


def taken(key: str, now: int) -> Seat | None:
    """The seat with this key and its account; None where it was ended or the account is off."""
    rows = Seat.objects.filter(key=key, user__is_active=True).select_related("user")
    seat = rows.first() if key else None
    if seat is not None and seat.seen_at <= now - MINUTE:
        Seat.objects.filter(pk=seat.pk, seen_at=seat.seen_at).update(seen_at=now)
    return seat


def of(user: User, now: int) -> QuerySet[Seat]:
    """The seats of an account, the one that was seen last first."""
    return Seat.objects.filter(user=user, since__gt=now - KEPT).order_by("-seen_at", "-pk")


def strengthen(seat: Seat) -> None:
    """More than a password or a link was shown in this session."""
    Seat.objects.filter(pk=seat.pk).update(is_strong=True)
    seat.is_strong = True


def weaken(user: User) -> None:
    """The account has no second factor any longer, so that no session rests on one."""
    Seat.objects.filter(user=user, workspace=None).update(is_strong=False)


def leave(key: str) -> None:
    """Give up a seat."""
    Seat.objects.filter(key=key).delete()


def end(user: User, number: int, now: int, request: str = "") -> bool:
    """End one session of an account; False where there is none with this number."""

    def stop() -> bool:
        gone, _rows = Seat.objects.filter(user=user, pk=number).delete()
        if gone:
            sign_in.note(user, "ended session", {"count": 1}, now, request)
        return bool(gone)

    return database.in_transaction(stop)


def end_others(user: User, own: Seat, now: int, request: str = "") -> int:
    """End every session of an account but one; how many."""

    def stop() -> int:
        gone, _rows = Seat.objects.filter(user=user).exclude(pk=own.pk).delete()
        if gone:
            sign_in.note(user, "ended session", {"count": gone}, now, request)
        return int(gone)

    return database.in_transaction(stop)


def end_of_person(actor: Actor, key: str, now: int) -> int:
    """Sign somebody of the workspace out everywhere; how many sessions that ended.

    Raises `Forbidden`, `Absent`.
    """
    actor.must("manage people")

    def stop() -> int:
        person: Person = found(Person, actor.workspace_id, "person", key=key)
        gone, _rows = Seat.objects.filter(user=person.user_id).delete()
        audit.note(
            actor.workspace_id, [actor.note("ended session", f"person {key}", count=gone)], now
        )
        return int(gone)

    return database.in_transaction(stop)


def occupied(workspace: int, now: int) -> dict[str, int]:
    """How many sessions each person of a workspace has that open it."""
    fresh = Seat.objects.filter(since__gt=now - KEPT).filter(
        Q(workspace=None) | Q(workspace=workspace)
    )
    counted = dict(fresh.values_list("user").annotate(Count("pk")))
    rows = Person.objects.of(workspace).filter(user__in=counted).values_list("key", "user")
    return {key: counted[user] for key, user in rows}


def confined_to(workspace: Workspace) -> int | None:
    """What a workspace can vouch for: itself alone, unless it is the only one of the desk.

    Its admins choose its provider and its mail server; they mustn't get into anybody else's by them.
    """
    others = Workspace.objects.filter(is_sample=False).exclude(pk=workspace.pk)
    return workspace.pk if others.exists() else None


def forget(now: int) -> int:
    """Delete the seats whose sessions are over; how many there were."""
    gone, _rows = Seat.objects.filter(since__lte=now - KEPT).delete()
    return int(gone)
