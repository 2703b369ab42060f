"""Tryout: what a draft would have made of the last quarter, judged on leads of the book.

Where the quarter has many leads, a part of them is taken, spread evenly, so that whoever drafts
needn't wait; who reads it is told how many of how many.
"""

from collections.abc import Iterable
from typing import NamedTuple

from leaddesk.book import logbook, roster, rules
from leaddesk.book.access import Actor
from leaddesk.book.models import Lead
from leaddesk.book.moment import DAY
from leadpact.agreement.model import Agreement
from leadpact.agreement.roster import Roster
from leadpact.clock.zones import CalendarError
from leadpact.log import Log
from leadpact.replay import Replay, replay

QUARTER = 91 * DAY
MOST_LEADS = 400
"""A tryout takes so many leads at most."""


class Tryout(NamedTuple):
    """What the draft would have made of `leads` leads of the `whole` that arose since `since`.

    `replay` is None where there is nothing to compare: no lead, or no version in force.
    """

    since: int
    until: int
    leads: int
    whole: int
    replay: Replay | None


def tryout(actor: Actor, draft: Agreement, now: int) -> Tryout:
    """The draft on the quarter before `now`, beside the versions in force. Changes nothing."""
    workspace, since = actor.workspace_id, now - QUARTER
    arisen = Lead.objects.of(workspace).filter(created_at__gte=since, created_at__lt=now)
    whole = arisen.count()
    versions = rules.in_force(workspace)
    if not versions or not whole:
        return Tryout(since, now, 0, whole, None)
    keys = _spread(arisen.order_by("id").values_list("key", flat=True), whole)
    circle = logbook.circle(workspace, keys, lock=False)
    log = logbook.log_of(workspace, circle, versions[-1].zone)
    told = roster.told(workspace)
    return Tryout(since, now, len(keys), whole, _replayed(draft, versions, log, now, told))


def _spread(keys: Iterable[str], whole: int) -> list[str]:
    step = -(-whole // MOST_LEADS)
    return [*keys][::step]


def _replayed(
    draft: Agreement, versions: tuple[Agreement, ...], log: Log, now: int, told: Roster
) -> Replay | None:
    """The replay; None where the draft's calendars don't go together with the roster."""
    try:
        return replay(draft, versions, log, now=now, roster=told, most=0)
    except CalendarError:
        return None
