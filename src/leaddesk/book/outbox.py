"""The outbox: deliveries that wait, each sent by one worker at a time, and what became of them.

A worker claims deliveries in a short transaction, with a lease and a fence, and notes the attempt
before it sends. Whatever dies while sending loses nothing: the lease runs out and the delivery is
sent again under the same key.

Messages about one lead leave a channel in the order in which they were queued: a later one waits
while an earlier one to the same receiver is due, under way or to be tried again.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from leaddesk.book import audit, database
from leaddesk.book.fault import fault
from leaddesk.book.models import Attempt, Channel, Delivery, Installation
from leaddesk.book.moment import DAY, SECOND
from leadpact.rulings import SYSTEM

State = Delivery.State
LEASE = 90 * SECOND
"""Longer than any channel may take for one attempt."""
GAPS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800)
"""Seconds from one attempt to the next; after the last of them a delivery is dead."""
MOST_ATTEMPTS = len(GAPS) + 1
KEPT = 400 * DAY
"""So long it can be seen what was sent to whom."""
_AFTER_EARLIER_ONES = """(d.lead = '' OR NOT EXISTS (
    SELECT 1 FROM book_delivery e WHERE e.workspace_id = d.workspace_id
    AND e.channel_id = d.channel_id AND e.lead = d.lead AND e."to" = d."to" AND e.id < d.id
    AND (e.state = 'leased' OR e.state = 'pending' AND (e.attempts > 0 OR e.next_at <= %s))))"""

# A lease that lies too far ahead was taken by a wrong clock, and holds nobody off.
_DUE = f"""d.state IN ('pending', 'leased') AND d.next_at <= %s
    AND (d.lease_until IS NULL OR abs(d.lease_until - %s - {LEASE}) >= {LEASE})"""
_LONGEST_DUE = f"""SELECT d.id FROM book_delivery d
    WHERE {_DUE} AND {_AFTER_EARLIER_ONES} ORDER BY d.next_at, d.id LIMIT %s"""
_FIRST = f"""SELECT d.id FROM book_delivery d WHERE d.channel_id = c.id
    AND {_DUE} AND {_AFTER_EARLIER_ONES} ORDER BY d.next_at, d.id LIMIT 1"""
# Due is asked twice: a row that another worker took just now is looked at again by the outer one.
_FIRST_OF_EACH = f"""SELECT d.id FROM (SELECT id FROM book_channel WHERE id NOT IN ({{spared}})) c
    {{first}} WHERE {_DUE} ORDER BY d.next_at, d.id LIMIT %s"""


@dataclass(frozen=True)
class Claimed:
    """A delivery that a worker holds, with all that sending takes.

    `sent_before` is the reference of the message before it, about the same lead to the same receiver.
    """

    delivery: Delivery
    channel: Channel
    sent_before: str | None


def is_held() -> bool:
    """Whether nothing may be sent: a backup was restored and nobody has released its outbox yet."""
    return Installation.objects.filter(pk=1, held_since__isnull=False).exists()


def claim(now: int, most: int) -> list[Claimed]:
    """Take deliveries whose time has come, those that are due longest first."""
    return _taken(now, most, _LONGEST_DUE, [now, now, now, most])


def claim_one_each(now: int, most: int, without: Collection[int] = ()) -> list[Claimed]:
    """Take of each channel what is due longest, but nothing of the channels `without`."""
    spared = ", ".join(["%s"] * len(without)) or "0"
    chosen = _FIRST_OF_EACH.format(spared=spared, first=database.first_of_each(_FIRST))
    return _taken(now, most, chosen, [*without, *[now] * 5, most])


def _taken(now: int, most: int, chosen: str, parameters: Sequence[int]) -> list[Claimed]:
    if most < 1 or is_held():
        return []
    ids = database.in_transaction(lambda: _leased(now, chosen, parameters))
    deliveries = Delivery.across.filter(pk__in=ids).select_related("channel", "workspace")
    ordered = sorted(deliveries, key=lambda one: (one.next_at, one.pk))
    return [one for one in map(_held_by_us, ordered) if not _is_hopeless(one, now)]


def _leased(now: int, chosen: str, parameters: Sequence[int]) -> list[int]:
    sql = f"""WITH chosen AS MATERIALIZED ({database.unlocked(chosen, "d")})
              UPDATE book_delivery SET state = 'leased', lease_until = %s, fence = fence + 1,
              attempts = attempts + 1
              WHERE id IN (SELECT id FROM chosen) RETURNING id, workspace_id, fence"""
    found = database.rows(sql, [*parameters, now + LEASE])
    # Numbered by the fence, which a replay doesn't set back.
    Attempt.across.bulk_create(
        Attempt(workspace_id=workspace, delivery_id=number, number=fence, began_at=now)
        for number, workspace, fence in found
    )
    fault("send:claimed")
    return [row[0] for row in found]


def _held_by_us(delivery: Delivery) -> Claimed:
    return Claimed(delivery, delivery.channel, _sent_before(delivery))


def _sent_before(delivery: Delivery) -> str | None:
    if not delivery.lead:
        return None
    earlier = Delivery.objects.of(delivery.workspace_id).filter(
        channel=delivery.channel, lead=delivery.lead, to=delivery.to, state=State.DONE
    )
    return earlier.order_by("-done_at", "-pk").values_list("reference", flat=True).first() or None


def _is_hopeless(claimed: Claimed, now: int) -> bool:
    """Give up what was begun too often and never ended: whoever tries to send it may die of it."""
    return claimed.delivery.attempts > MOST_ATTEMPTS and dead(
        claimed, now, "every attempt broke off before its outcome was known"
    )


def done(claimed: Claimed, now: int, reference: str, answer: str) -> bool:
    """It was taken. False where another worker holds the delivery by now."""
    changes = {"state": State.DONE, "done_at": now, "reference": reference[:200], "why": ""}
    return _finish(claimed.delivery, now, "sent", answer, changes)


def again(claimed: Claimed, now: int, why: str, after_seconds: int | None) -> bool:
    """It wasn't taken: try again after a growing gap, or give it up after the last attempt.

    Never before the time that the receiver named (`after_seconds`).
    """
    delivery = claimed.delivery
    if delivery.attempts >= MOST_ATTEMPTS:
        return dead(claimed, now, why)
    gap = GAPS[delivery.attempts - 1] * random.uniform(0.8, 1.2)
    wait = max(round(gap), after_seconds or 0)
    changes = {"state": State.PENDING, "next_at": now + wait * SECOND, "why": why[:500]}
    return _finish(delivery, now, "retry", why, changes)


def dead(claimed: Claimed, now: int, why: str) -> bool:
    """It is never going to be taken as it is; somebody has to look."""
    changes = {"state": State.DEAD, "why": why[:500]}
    return _finish(claimed.delivery, now, "refused", why, changes)


def skipped(claimed: Claimed, now: int, why: str) -> bool:
    """Nobody wants it any longer."""
    changes = {"state": State.SKIPPED, "why": why[:500]}
    return _finish(claimed.delivery, now, "skipped", why, changes)


def gone(claimed: Claimed, now: int, why: str) -> bool:
    """The receiver wants nothing more: its channel is off, and dead what waits for it."""

    def work() -> bool:
        channel = claimed.channel
        switched = Channel.objects.of(channel.workspace_id).filter(pk=channel.pk, is_active=True)
        if switched.update(is_active=False, off_because=why[:300], version=F("version") + 1):
            note = audit.Note(SYSTEM, "switched off", f"channel {channel.key}", {"why": why})
            audit.note(channel.workspace_id, [note], now)
            waiting = Delivery.objects.of(channel.workspace_id).filter(
                channel=channel, state=State.PENDING
            )
            waiting.update(state=State.DEAD, why=f"the channel was switched off: {why}"[:500])
        return dead(claimed, now, why)

    return database.in_transaction(work)


def _finish(
    delivery: Delivery, now: int, outcome: str, answer: str, changes: dict[str, Any]
) -> bool:
    def work() -> bool:
        mine = Delivery.objects.of(delivery.workspace_id).filter(
            pk=delivery.pk, fence=delivery.fence, state=State.LEASED
        )
        if not mine.update(lease_until=None, **changes):
            return False
        Attempt.objects.of(delivery.workspace_id).filter(
            delivery=delivery, number=delivery.fence
        ).update(ended_at=now, outcome=outcome, answer=answer[:1000])
        return True

    fault("send:sent")
    finished = database.in_transaction(work)
    fault("send:noted")
    return finished


def replay(workspace: int, keys: Sequence[str], actor: str, now: int) -> int:
    """Send deliveries once more that are dead or done, under their old keys; how many those are.

    Each is tried again as often as a new one.
    """

    def work() -> int:
        chosen = Delivery.objects.of(workspace).filter(
            key__in=keys, state__in=(State.DEAD, State.DONE), channel__is_active=True
        )
        found = [*chosen.values_list("key", flat=True)]
        chosen.update(state=State.PENDING, attempts=0, next_at=now, done_at=None)
        notes = [audit.Note(actor, "replayed", f"delivery {key}", {}) for key in found]
        audit.note(workspace, notes, now)
        return len(found)

    return database.in_transaction(work)


def forget(now: int) -> int:
    """Remove what was done or skipped long ago, with its attempts; how many rows."""
    finished = Delivery.across.filter(
        state__in=(State.DONE, State.SKIPPED), created_at__lt=now - KEPT
    )
    return finished.delete()[0]
