"""Quarter: the leads that arose in the last quarter with all that is known of them, as one log.

Where there are many, a part of them is taken, spread evenly, so that whoever tries other rules
needn't wait; who reads it is told how many of how many. Where what one lead did counts for its
colleagues, it is whole companies that are taken. It is kept for a while.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaddesk.book import logbook, scoring
from leaddesk.book.access import Actor, seen
from leaddesk.book.models import Fact, Lead
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.rules import Rules, rules_of
from leadpact.agreement.conditions import All, Any_, Did, Not
from leadpact.agreement.model import Agreement
from leadpact.facts import CREATED, DESCRIBED
from leadpact.log import Log
from leadpact.measure.points import standing

QUARTER = 91 * DAY
MOST_LEADS = 2_000
"""So many leads are taken at most."""
MOST_READ = 6_000
"""So many leads are read at most with their colleagues, but for one company that has more."""
_FRESH = 10 * MINUTE
"""Where there are many leads, what was read is good for so long, whatever comes in meanwhile."""
_SMALL = 300
_MOST_KEPT = 8
_ALWAYS = {"fit", "interest", "chance", "type", "lead type", "stream", "source", "campaign"}
_kept: OrderedDict[int, tuple[tuple[int, int], "Quarter"]] = OrderedDict()
_guard = Lock()


class Quarter(NamedTuple):
    """The log of `leads` of the `whole` leads that arose from `since` to `until` (µs UTC).

    `among` flags those leads of the log; others are there since they bear on them. `agreement` is
    the version that scores now.
    """

    since: int
    until: int
    leads: int
    whole: int
    log: Log
    among: NDArray[np.bool_]
    agreement: Agreement


def quarter(workspace: int, now: int) -> Quarter:
    """The quarter before `now`."""
    rules = rules_of(workspace)
    newest = Fact.objects.of(workspace).order_by("-id").values_list("id", flat=True).first() or 0
    mark = (rules.count, newest)
    with _guard:
        known = _kept.get(workspace)
    if known is not None and _is_good(*known, mark, now):
        return known[1]
    found = _read(workspace, rules, now)
    with _guard:
        _kept[workspace] = (mark, found)
        _kept.move_to_end(workspace)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """Read everything again: the database is another one now."""
    with _guard:
        _kept.clear()


def _is_good(mark: tuple[int, int], known: Quarter, wanted: tuple[int, int], now: int) -> bool:
    if mark[0] != wanted[0] or not 0 <= now - known.until < DAY // 24:
        return False
    return mark == wanted or (known.leads > _SMALL and now - known.until < _FRESH)


def _read(workspace: int, rules: Rules, now: int) -> Quarter:
    since = now - QUARTER
    arisen = Lead.objects.of(workspace).filter(created_at__gte=since, created_at__lt=now, into="")
    every = [*arisen.order_by("id").values_list("key", "account")]
    keys = _part(workspace, every, companies=rules.joins_companies)
    circle = logbook.circle(workspace, keys, lock=False, companies=rules.joins_companies)
    read = logbook.log_of(workspace, circle, rules.zone).as_of(now)
    log = scoring.shared(rules, read, circle.crowded)
    chosen = {*keys}
    among = np.array([key in chosen for key in log.keys], np.bool_) & standing(log)
    agreement = scoring.agreed(rules, now)
    return Quarter(since, now, int(among.sum()), len(every), log, among, agreement)


def _part(workspace: int, every: list[tuple[str, str]], *, companies: bool) -> list[str]:
    """The keys of an even part of some leads (with their accounts); of whole `companies` where these
    count together."""
    units: dict[str, list[str]] = {}
    sizes = logbook.sizes(workspace, {account for _key, account in every}) if companies else {}
    for key, account in every:
        joins = 0 < sizes.get(account, 0) <= logbook.MOST_TOGETHER
        units.setdefault(f"of {account}" if joins else f"lead {key}", []).append(key)
    read = sum(sizes[name[3:]] if name.startswith("of ") else 1 for name in units)
    step = max(-(-len(every) // MOST_LEADS), -(-read // MOST_READ), 1)
    return [key for keys in [*units.values()][::step] for key in keys]


def keys_of(found: Quarter, leads: NDArray[np.bool_]) -> list[str]:
    """The keys of some leads of the quarter."""
    return [found.log.keys[place] for place in np.flatnonzero(leads).tolist()]


def rows_of(actor: Actor, keys: list[str], most: int) -> tuple[list[Lead], int]:
    """Those of some leads that somebody may see, the newest first; and how many these are."""
    rows = seen(actor, Lead.objects.of(actor.workspace_id)).filter(key__in=keys)
    return [*rows.order_by("-created_at", "key")[:most]], rows.count()


def unheard(found: Quarter, agreement: Agreement) -> list[str]:
    """The fields that rules of points ask for and that none of these leads has ever had."""
    clause = agreement.qualification
    if clause is None or not len(found.log):
        return []
    asked = [rule.when for rule in clause.fit]
    asked += [*clause.qualifies.values(), *([clause.disqualifies] if clause.disqualifies else [])]
    names = dict.fromkeys(name for condition in asked for name in _fields(condition))
    return [name for name in names if name not in _ALWAYS and not _is_heard(found.log, name)]


def _fields(condition: Any) -> Iterator[str]:
    """The fields that a condition asks for."""
    if isinstance(condition, All):
        for part in condition.all:
            yield from _fields(part)
    elif isinstance(condition, Any_):
        for part in condition.any:
            yield from _fields(part)
    elif isinstance(condition, Not):
        yield from _fields(condition.not_)
    elif not isinstance(condition, Did):
        yield from condition.fields


def _is_heard(log: Log, name: str) -> bool:
    fields: Mapping[str, Any] = log.fields
    sparse = fields.get(name) or fields.get(name.replace(" ", "_"))
    return sparse is not None and bool(np.isin(log.kind[sparse.rows], (CREATED, DESCRIBED)).any())
