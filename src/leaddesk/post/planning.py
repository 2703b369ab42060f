"""Planning: notices that are queued become deliveries, one a receiver and channel.

Who is told at once, what waits for the end of quiet hours, and what is told together is decided
here, in the transaction that marks the notices as posted: so nothing is planned twice.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db import DatabaseError, InterfaceError
from django.db.models import Q

from leaddesk.book import database
from leaddesk.book.fault import fault
from leaddesk.book.handed_notices import KIND as HANDED_OVER
from leaddesk.book.models import Channel, Delivery, Notice, Person, Workspace
from leaddesk.book.moment import MINUTE
from leaddesk.book.outbox import is_held
from leaddesk.book.receivers import Staff
from leaddesk.post.drafts import Draft, grouped, of_notices, queue, shown
from leaddesk.post.hours import awake_at
from leaddesk.post.installation import open_mail
from leaddesk.post.wishes import ESCALATED, MUTED, Mutes, mutes_of

MOST_AT_ONCE = 500
WINDOW, MOST_IN_A_WINDOW = 5 * MINUTE, 3
"""A person gets so many messages by a channel within a window; what is more waits and is grouped."""
MANAGERS_WINDOW = 15 * MINUTE
"""Who hears of the leads of others gets one message in this time."""
LOUD = frozenset({"escalated", "reassign", "handed over"})
"""Kinds of notice that pass quiet hours."""
OF_A_PERSON = frozenset({"email"})
"""Channels that reach one person each; the others reach whoever reads there."""
_APART = ("digest", "test")
"""Kinds of message that nothing is grouped with and that don't count as too many."""
NO_ADDRESS = "the receiver has no address"
_journal = logging.getLogger(__name__)


@dataclass(frozen=True)
class Circle:
    """Those who can be told something in a workspace at an instant, and by which channels."""

    workspace: Workspace
    staff: Staff
    channels: Sequence[Channel]
    muted: Mutes
    now: int

    def is_muted(self, person: str, kind: str, lead: str = "") -> bool:
        """Whether somebody doesn't want to hear this kind of notice, or of this lead, now."""
        return self.muted.cover(person, kind, lead)

    def next_in_line(self, person: str, notice: Notice, side: str) -> list[str]:
        """Who hears in the place of somebody who is muted; nobody where nobody can."""
        for above in self.staff.in_line(person, side):
            if able := [one for one in above if self._hears(one, notice)]:
                return able
        return []

    def _hears(self, person: str, notice: Notice) -> bool:
        has_address = bool(self.staff.active[person].email)
        return has_address and not self.is_muted(person, notice.kind, notice.lead)


@dataclass
class _Meant:
    """What somebody is to be told, and what is kept from them because they are muted."""

    told: list[Notice] = field(default_factory=list)
    kept: list[Notice] = field(default_factory=list)


@dataclass
class _Mailbag:
    """What a person was sent by a channel of late, and the message that still waits, if any does."""

    sent_at: list[int] = field(default_factory=list)
    waiting: Delivery | None = None


def plan(now: int) -> int:
    """Make deliveries of the notices that wait; how many notices those were."""
    if is_held():
        return 0
    waiting = Notice.across.filter(posted_at__isnull=True).order_by("workspace_id")
    workspaces = waiting.values_list("workspace_id", flat=True).distinct()
    return in_each(
        workspaces, lambda workspace: database.in_transaction(partial(_plan, workspace, now))
    )


def in_each(workspaces: Iterable[int], work: Callable[[int], int]) -> int:
    """The sum of what `work` yields in each workspace; what fails in one keeps no other waiting.

    Raises what is wrong with the database.
    """
    count = 0
    for workspace in workspaces:
        try:
            count += work(workspace)
        except (DatabaseError, InterfaceError):
            raise
        except Exception:  # noqa: BLE001  (a defect in one must not silence the others)
            _journal.exception("nothing can be planned in workspace %s", workspace)
    return count


def _plan(workspace: int, now: int) -> int:
    database.lock(workspace, ["post"])
    waiting = Notice.objects.of(workspace).filter(posted_at__isnull=True)
    notices = [*waiting.order_by("cause_at", "id")[:MOST_AT_ONCE]]
    if not notices or is_held():
        return 0
    open_mail(Workspace.objects.get(pk=workspace), now)
    circle = circle_of(workspace, now)
    drafts = [draft for channel in circle.channels for draft in _drafts(circle, channel, notices)]
    queue(workspace, drafts, now)
    Notice.objects.of(workspace).filter(pk__in=[one.pk for one in notices]).update(posted_at=now)
    fault("post:planned")
    return len(notices)


def circle_of(workspace: int, now: int) -> Circle:
    """Who can be told something in a workspace now."""
    return Circle(
        Workspace.objects.get(pk=workspace),
        Staff(workspace, now),
        [*Channel.objects.of(workspace).filter(is_active=True).order_by("pk")],
        mutes_of(workspace, now),
        now,
    )


def _drafts(circle: Circle, channel: Channel, notices: Sequence[Notice]) -> Iterator[Draft]:
    taken = [one for one in notices if not channel.events or one.kind in channel.events]
    taken = [one for one in taken if _is_agreed(channel, one)]
    if channel.kind in OF_A_PERSON:
        yield from _for_people(circle, channel, taken)
        return
    # One a notice, at once: whoever reads there has quiet hours of their own.
    for one in taken:
        yield of_notices(channel, "", [one], circle.now)


def _is_agreed(channel: Channel, notice: Notice) -> bool:
    """Whether a handoff is told by this kind of channel; other notices go by all of them."""
    if notice.kind != HANDED_OVER:
        return True
    means = {str(one).replace("-", "") for one in json.loads(notice.body).get("by", ())}
    return not means or channel.kind in means


def _for_people(circle: Circle, channel: Channel, notices: Iterable[Notice]) -> Iterator[Draft]:
    meant = _by_person(circle, notices)
    mailbags = _mailbags(circle, channel, meant)
    for person, own in meant.items():
        if own.kept:
            yield of_notices(channel, person, own.kept, circle.now, why=MUTED)
        if not own.told:
            continue
        receiver = circle.staff.active[person]
        if receiver.email:
            yield from _for_person(circle, channel, receiver, own.told, mailbags[person])
        else:
            yield of_notices(channel, person, own.told, circle.now, why=NO_ADDRESS)


def _by_person(circle: Circle, notices: Iterable[Notice]) -> dict[str, _Meant]:
    """Who has to hear what. Whom a notice means is worked out once for all that mean the same."""
    found: dict[str, _Meant] = {}
    meant: dict[tuple[str, str, str], list[str]] = {}
    for notice in notices:
        told = json.loads(notice.body)
        whom = (notice.to, str(told.get("owner") or ""), str(told.get("side") or ""))
        if whom not in meant:
            meant[whom] = circle.staff.meant(*whom)
        _sort_in(circle, found, notice, meant[whom], whom[2])
    return found


def _sort_in(
    circle: Circle, found: dict[str, _Meant], notice: Notice, meant: Sequence[str], side: str
) -> None:
    """Who of those that a notice means is told. An escalation reaches somebody, whoever is muted: the
    next in line, and where nobody is left those whom it meant."""
    muted = [one for one in meant if circle.is_muted(one, notice.kind, notice.lead)]
    told = [one for one in meant if one not in muted]
    if notice.kind == ESCALATED and muted and not told:
        told = sorted({other for one in muted for other in circle.next_in_line(one, notice, side)})
        if not told:
            muted, told = [], [*meant]
    for person in muted:
        found.setdefault(person, _Meant()).kept.append(notice)
    for person in told:
        found.setdefault(person, _Meant()).told.append(notice)


def _mailbags(circle: Circle, channel: Channel, people: Iterable[str]) -> dict[str, _Mailbag]:
    """What each of these people was sent lately by a channel or is about to be sent, in one query."""
    found = {person: _Mailbag() for person in people}
    state = Delivery.State
    lately = Q(created_at__gt=circle.now - 2 * MANAGERS_WINDOW)
    rows = Delivery.objects.of(circle.workspace).filter(
        Q(state=state.PENDING) | Q(state__in=(state.LEASED, state.DONE, state.DEAD)) & lately,
        channel=channel,
        to__in=[*found],
    )
    for one in rows.exclude(kind__in=_APART).order_by("next_at", "pk"):
        mailbag = found[one.to]
        is_new = one.state == state.PENDING and one.attempts == 0
        if is_new and one.next_at > circle.now:
            mailbag.waiting = mailbag.waiting or one
        else:
            # What is tried again may be so for long: it counts from when it was made.
            again = one.state == state.PENDING and not is_new
            mailbag.sent_at.append(one.created_at if again else one.next_at)
    return found


def _for_person(
    circle: Circle,
    channel: Channel,
    person: Person,
    notices: Sequence[Notice],
    mailbag: _Mailbag,
) -> Iterator[Draft]:
    """What is loud goes at once, and takes along what is quiet where that may go as early."""
    free = _free_at(circle, person, notices, mailbag)
    awake = awake_at(person, circle.workspace, free)
    loud = [one for one in notices if one.kind in LOUD]
    quiet = [one for one in notices if one.kind not in LOUD]
    parts = [(free, notices)] if awake == free else [(free, loud), (awake, quiet)]
    for at, part in parts:
        if part and not _joined(circle, mailbag, part, at):
            yield of_notices(channel, person.key, part, at)


def _free_at(circle: Circle, person: Person, notices: Sequence[Notice], mailbag: _Mailbag) -> int:
    """When the next message may be sent without being one of too many."""
    sent = sorted(mailbag.sent_at)
    if sent and all(_is_of_others(person, one) for one in notices):
        return max(circle.now, sent[-1] + MANAGERS_WINDOW)
    within = [at for at in sent if at > circle.now - WINDOW]
    if len(within) < MOST_IN_A_WINDOW:
        return circle.now
    return max(circle.now, within[-MOST_IN_A_WINDOW] + WINDOW)


def _is_of_others(person: Person, notice: Notice) -> bool:
    """Whether it concerns a lead that isn't theirs, nor was just given to them."""
    if notice.kind in {"reassign", HANDED_OVER} and notice.to == person.key:
        return False
    return bool(json.loads(notice.body).get("owner") != person.key)


def _joined(circle: Circle, mailbag: _Mailbag, notices: Sequence[Notice], at: int) -> bool:
    """Whether the message that waits for this person could take the notices along."""
    if (first := mailbag.waiting) is None:
        return False
    before = json.loads(first.body)
    both = [*before["notices"], *(shown(one) for one in notices)]
    told = grouped(both, before.get("more", 0))
    changes = {
        "body": json.dumps(told, ensure_ascii=False),
        "kind": first.kind if {one.kind for one in notices} == {first.kind} else "several",
        "lead": first.lead if {one.lead for one in notices} == {first.lead} else "",
        "next_at": min(first.next_at, at),
    }
    # A worker may have taken it meanwhile: then these get a message of their own.
    still = Delivery.objects.of(circle.workspace).filter(
        pk=first.pk, state=Delivery.State.PENDING, attempts=0
    )
    if not still.update(**changes):
        mailbag.waiting = None
        return False
    for name, value in changes.items():
        setattr(first, name, value)
    return True


def trial(workspace: int, channel: Channel, person: str, now: int) -> str:
    """Queue a message by which somebody tries a channel; the key of its delivery."""
    draft = Draft(
        channel=channel,
        marks=["test", person, str(now)],
        kind="test",
        to=person if channel.kind in OF_A_PERSON else "",
        body={"notices": [], "asked_by": person},
        cause_at=now,
        at=now,
    )
    queue(workspace, [draft], now)
    return draft.key
