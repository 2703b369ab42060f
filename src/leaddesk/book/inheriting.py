"""Inheriting: the lead that stays after a merge goes on with the track of the one that goes.

The desk says so by a fact of its own, once, when it hears of the merge. It is taken back when the
merge is; what was sent meanwhile isn't sent a second time.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaddesk.book.models import Fact, Mailing
from leaddesk.book.moment import DAY
from leadpact.clock import to_datetime
from leadpact.facts import CORRECTED, ENROLLED, MERGED
from leadpact.log import COPIED, Log
from leadpact.nurture import Enrolments, inheritances, path
from leadpact.rulings import SYSTEM

TAKES_OVER = "takes over"
"""Why a lead is in such a track: the first word of `Enrolment.why`, after "@"; the lead that went follows."""
HEARD = DAY
"""A merge that was heard of longer ago lets nobody take over anything any more."""
Item = tuple[int, int, dict[str, Any]]


def taken_over(
    known: Enrolments,
    facts: list[str],
    own: NDArray[np.bool_],
    ours: NDArray[np.bool_],
    now: int,
) -> Iterator[Item]:
    """The facts by which leads that stay go on with tracks: of which lead, since when, and the fact.

    `own` are the enrolments whose steps the desk sends, `ours` the leads for which it acts.
    """
    log, done = known.stories.log, set[int]()
    for one in inheritances(known.stories, known, now):
        n = one.enrolment
        fresh = int(log.recorded_at[one.row]) >= now - HEARD
        if one.refused or one.lead in done or not (own[n] and ours[one.lead] and fresh):
            continue
        done.add(one.lead)
        gone = log.keys[int(known.lead[n])]
        told = {
            "track": known.places[int(known.place[n])].name,
            "reason": TAKES_OVER,
            "why": gone,
            "done": str(int(known.step[n])),
            "since": to_datetime(int(known.since[n])).isoformat(),
        }
        key = key_of(_id(log, one.row), gone, facts[n])
        yield one.lead, int(log.at[one.row]), _fact(log.keys[one.lead], now, key, "enrolled", told)


def given_back(known: Enrolments, now: int) -> Iterator[Item]:
    """What takes back that leads go on with tracks of others that aren't merged into them any more, or
    that went on with such a track themselves."""
    log = known.stories.log
    rows = _takeovers(log)
    taken = _taken_back(log) if rows else {}
    for row, gone in rows:
        lead, own = int(log.lead[row]), _id(log, row)
        merges = [_id(log, one) for one in _rows_of(log, gone, MERGED)]
        keys = {key_of(one, log.keys[gone], was) for one in merges for was in taken.get(gone, ())}
        if lead in path(known.stories, gone) and own not in keys:
            continue
        taken.setdefault(lead, set()).add(own)
        said = {"fact": own, "why": "the merge was taken back"}
        yield lead, now, _fact(log.keys[lead], now, _key("gives back", own), "corrected", said)


def _takeovers(log: Log) -> list[tuple[int, int]]:
    """The facts by which leads go on with tracks of others, and these leads; the earliest first."""
    reason, why = log.fields.get("reason"), log.fields.get("why")
    if reason is None or why is None or SYSTEM not in log.systems:
        return []
    own = (log.kind == ENROLLED) & (log.flags & COPIED == 0)
    own &= log.source == log.systems.index(SYSTEM)
    rows = [row for row in np.flatnonzero(own).tolist() if reason.of(row) == TAKES_OVER]
    places = {key: place for place, key in enumerate(log.keys)} if rows else {}
    found = [(row, places.get(why.of(row) or "", -1)) for row in rows]
    return sorted(((row, gone) for row, gone in found if gone >= 0), key=lambda one: log.at[one[0]])


def _taken_back(log: Log) -> dict[int, set[str]]:
    """By lead, the source ids of its facts that were taken back."""
    named, found = log.fields.get("fact"), dict[int, set[str]]()
    rows = np.flatnonzero((log.kind == CORRECTED) & (log.flags & COPIED == 0))
    for row in rows.tolist() if named else ():
        found.setdefault(int(log.lead[row]), set()).add(named.of(row) or "")
    return found


def _rows_of(log: Log, lead: int, kind: int) -> list[int]:
    rows = np.arange(int(log.starts[lead]), int(log.starts[lead + 1]))
    found: list[int] = rows[log.kind[rows] == kind].tolist()
    return found


def _fact(lead: str, at: int, key: str, kind: str, said: dict[str, str]) -> dict[str, Any]:
    envelope = {"lead": lead, "kind": kind, "occurred_at": to_datetime(at).isoformat()}
    return {**envelope, **said, "system": SYSTEM, "source_id": key}


def key_of(merge: str, gone: str, enrolment: str) -> str:
    """The source id of the fact by which a merge lets an enrolment go on."""
    return _key("takes over", merge, gone, enrolment)


def _key(*parts: str) -> str:
    digest = blake2b("\0".join(parts).encode(errors="replace"), digest_size=16).hexdigest()
    return f"nurture-{digest}"


def _id(log: Log, row: int) -> str:
    return "" if log.source_ids is None else str(log.source_ids[row].as_py() or "")


def was_sent(mailing: Mailing) -> bool:
    """Whether the step of a mail was sent for another lead, while this one was merged into that."""
    own = Fact.objects.of(mailing.workspace_id)
    sent = Mailing.objects.of(mailing.workspace_id).filter(state=Mailing.State.SENT)
    looked: set[str] = set()
    waiting = [(mailing.lead, mailing.enrolment)]
    while waiting:
        lead, enrolment = waiting.pop()
        merges = own.filter(lead=lead, kind=MERGED).values_list("source_id", flat=True)
        keys = {key_of(merge, lead, enrolment) for merge in merges} - looked
        if keys and sent.filter(enrolment__in=keys, step=mailing.step).exists():
            return True
        looked |= keys
        further = own.filter(kind=ENROLLED, system=SYSTEM, source_id__in=keys)
        waiting += further.values_list("lead", "source_id") if keys else ()
    return False
