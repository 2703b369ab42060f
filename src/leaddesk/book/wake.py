"""Wake: leads whose time has come are looked at again, each by one worker.

A worker claims leads in a short transaction of its own: nobody else takes them while its lease
lasts, and what it then records counts only for those whose fence is still its own. So whatever
dies between the two loses nothing: the lease runs out and another worker takes over.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

from leaddesk.book import database
from leaddesk.book.fault import fault
from leaddesk.book.moment import SECOND
from leaddesk.book.record import Submission, record

LEASE = 30 * SECOND
MOST_AT_ONCE = 500

_journal = logging.getLogger(__name__)
# Free are those whose lease ran out, or lies so far ahead that the clock of its worker was wrong.
_FREE = f"(l.lease_until IS NULL OR abs(l.lease_until - %s - {LEASE}) >= {LEASE})"
_OF_OLD_RULES = f"l.workspace_id = %s AND l.rules < %s AND NOT l.is_settled AND {_FREE}"


@dataclass(frozen=True)
class Claimed:
    """A lead that a worker holds: its fence, and when it was to be woken (None: the rules changed)."""

    workspace: int
    key: str
    fence: int
    wake_at: int | None


def claim(now: int, most: int = MOST_AT_ONCE) -> list[Claimed]:
    """Take what has come due and nobody holds, the oldest first; then what old rules judged."""
    due = f"SELECT l.id FROM book_lead l WHERE l.wake_at <= %s AND {_FREE} ORDER BY l.wake_at"
    found = _claim(due, [now, now], now, most)
    for workspace, rules in [] if len(found) >= most else _workspaces_with_old(now):
        old = f"SELECT l.id FROM book_lead l WHERE {_OF_OLD_RULES} ORDER BY l.wake_at"
        found += _claim(old, [workspace, rules, now], now, most - len(found))
    if found:
        fault("wake:claimed")
    return found


def _claim(chosen: str, parameters: list[int], now: int, most: int) -> list[Claimed]:
    """Lease the chosen leads and raise their fences, in one statement that waits for nobody."""
    sql = f"""
        WITH chosen AS MATERIALIZED ({database.unlocked(f"{chosen} LIMIT %s", "l")})
        UPDATE book_lead SET lease_until = %s, fence = fence + 1
        WHERE id IN (SELECT id FROM chosen) RETURNING workspace_id, key, fence, wake_at"""
    found = database.in_transaction(lambda: database.rows(sql, [*parameters, most, now + LEASE]))
    claimed = [Claimed(*row) for row in found]
    return sorted(claimed, key=lambda one: (one.wake_at is None, one.wake_at, one.key))


def next_at(now: int) -> int | None:
    """When there is something to claim: `now` or earlier if there is already, None if nothing waits."""
    sql = f"SELECT l.wake_at FROM book_lead l WHERE l.wake_at IS NOT NULL AND {_FREE} ORDER BY l.wake_at LIMIT 1"
    found = database.rows(sql, [now])
    if found and found[0][0] <= now:
        return int(found[0][0])
    if _workspaces_with_old(now):
        return now
    return int(found[0][0]) if found else None


def _workspaces_with_old(now: int) -> list[tuple[int, int]]:
    """The workspaces with leads that old rules judged, and the present count of their rules."""
    sql = f"""
        SELECT w.id, w.rules FROM book_workspace w WHERE EXISTS (SELECT 1 FROM book_lead l
        WHERE l.workspace_id = w.id AND l.rules < w.rules AND NOT l.is_settled AND {_FREE})
        ORDER BY w.id"""
    return [(int(workspace), int(rules)) for workspace, rules in database.rows(sql, [now])]


def look(claimed: Sequence[Claimed], now: int) -> int:
    """Judge the claimed leads as of `now` and record what follows; how many still were to be judged.

    A lead that can't be judged is left to be tried again, and keeps no other from being judged.
    Raises what is wrong with the database.
    """
    groups: dict[int, dict[str, int | None]] = {}
    for one in claimed:
        groups.setdefault(one.workspace, {})[one.key] = one.fence
    return sum(_look(workspace, fences, now) for workspace, fences in groups.items())


def _look(workspace: int, fences: Mapping[str, int | None], now: int) -> int:
    try:
        looked = record([Submission(workspace, again=fences)], now=now)[0].leads
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # noqa: BLE001  (whatever it is, it concerns one lead)
        if len(fences) == 1:
            _journal.exception("lead %s of workspace %s can't be judged", *fences, workspace)
            return 0
        items = [*fences.items()]
        halves = items[: len(items) // 2], items[len(items) // 2 :]
        return sum(_look(workspace, dict(half), now) for half in halves)
    fault("wake:recorded")
    return looked


def woken(now: int, most: int = MOST_AT_ONCE) -> list[Claimed]:
    """Claim what has come due, look at it, and tell what it was."""
    claimed = claim(now, most)
    look(claimed, now)
    return claimed
