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
from leadpact.facts import ENROLLED, MERGED
from leadpact.log import COPIED, Log
from leadpact.nurture import Enrolments, inheritances, survivor
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
    """What takes back that leads go on with tracks of others that aren't merged into them any more."""
    log = known.stories.log
    reason, why = log.fields.get("reason"), log.fields.get("why")
    if reason is None or why is None or SYSTEM not in log.systems:
        return
    own = (log.kind == ENROLLED) & (log.flags & COPIED == 0)
    own &= log.source == log.systems.index(SYSTEM)
    places = {key: place for place, key in enumerate(log.keys)}
    for row in np.flatnonzero(own).tolist():
        gone = places.get(why.of(row) or "", -1) if reason.of(row) == TAKES_OVER else -1
        lead = int(log.lead[row])
        if gone < 0 or survivor(known.stories, gone) == lead:
            continue
        said = {"fact": _id(log, row), "why": "the merge was taken back"}
        key = _key("gives back", _id(log, row))
        yield lead, now, _fact(log.keys[lead], now, key, "corrected", said)


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
    rows = Fact.objects.of(mailing.workspace_id).filter(lead=mailing.lead, kind=MERGED)
    keys = [
        key_of(merge, mailing.lead, mailing.enrolment)
        for merge in rows.values_list("source_id", flat=True)
    ]
    if not keys:
        return False
    sent = Mailing.objects.of(mailing.workspace_id).filter(enrolment__in=keys, step=mailing.step)
    return bool(sent.filter(state=Mailing.State.SENT).exists())
