"""Lapsing: leads that sales tried in vain go back by themselves after the agreed silence.

Whoever has one is warned before, where that was agreed. What was taken back isn't done again for the
same silence; what turned out to be none, since something was heard of late, is taken back.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from leaddesk.book import database
from leaddesk.book.choices import in_force_by
from leaddesk.book.models import Notice
from leaddesk.book.rules import Rules
from leadpact.agreement.handoff import NO_ANSWER, GoingBack, Return
from leadpact.agreement.model import Agreement
from leadpact.clock import same_time, to_datetime
from leadpact.facts import CREATED
from leadpact.handing import Lapses, lapses
from leadpact.judge import Judgement
from leadpact.log import Log
from leadpact.program import columns as col
from leadpact.program.columns import NEVER

Ints = NDArray[np.int64]
KIND = "goes back"
"""The kind of the notices that warn of it."""
_COLUMNS = ("workspace", "key", "kind", "to", "lead", "body", "cause_at", "created_at", "posted_at")


class Going(NamedTuple):
    """A lead (its place in the log) that goes back now, what makes that the same whenever it is found,
    and what the fact says."""

    lead: int
    marks: Sequence[Any]
    said: dict[str, Any]


def going(
    judgement: Judgement, agreed: Agreement, found: Lapses, now: int, ours: NDArray[np.bool_]
) -> Iterator[Going]:
    """The leads whose silence has lasted as long as agreed."""
    back = agreed.handoff.return_ if agreed.handoff else None
    if back is None or back.by_itself is None:
        return
    log, passes = judgement.log, judgement.stories.table[:, col.T_PASS]
    for lead in np.flatnonzero(ours & (found.due <= now)).tolist():
        marks = ["lapsed", int(passes[lead]), identity(log, int(found.cause[lead]))]
        yield Going(lead, marks, _said(back, back.by_itself, agreed.zone, now))


def _said(back: Return, own: GoingBack, zone: str, now: int) -> dict[str, Any]:
    said = {
        "kind": "returned",
        "to": back.to,
        "reason": own.reason or NO_ANSWER,
        "why": f"by itself after {back.after} and {own.after!s} of silence",
    }
    if span := back.not_before:
        until = now + span.micros if span.micros else int(same_time(now, span.days, zone))
        said["not_before"] = to_datetime(until).isoformat()
    return said


def identity(log: Log, row: int) -> str:
    """What tells a fact of the log from all others."""
    own = log.source_ids[row].as_py() if log.source_ids is not None else None
    return f"{log.systems[int(log.source[row])]}/{own or int(log.at[row])}"


def warn(
    workspace: int, agreed: Agreement, judgement: Judgement, found: Lapses, now: int, ours: Any
) -> None:
    """Queue a notice for each lead that goes back soon, unless whoever has it has heard of it; one that
    waits to be posted while the lead goes back no more is forgotten."""
    back = agreed.handoff.return_ if agreed.handoff else None
    if back is None or back.by_itself is None or back.by_itself.warn_after is None:
        return
    log, table = judgement.log, judgement.stories.table
    chosen = ours & (found.warned <= now) & (found.due > now) & (table[:, col.T_OWNER] >= 0)
    bodies = [
        _body(judgement, found, lead, identity(log, int(found.cause[lead])))
        for lead in np.flatnonzero(chosen).tolist()
    ]
    _forget(workspace, log.keys, [one["key"] for one in bodies])
    if not bodies:
        return
    rows = [
        (
            *(workspace, one["key"], KIND, one["to"], one["lead"]),
            json.dumps(one, ensure_ascii=False),
            *(min(warned, now), now, None),
        )
        for one, warned in zip(bodies, found.warned[chosen].tolist(), strict=True)
    ]
    database.insert(Notice, _COLUMNS, [*zip(*rows, strict=True)], unique=("workspace", "key"))


def _forget(workspace: int, leads: Sequence[str], good: Sequence[str]) -> None:
    """Withdraw the warnings of these leads that wait to be posted, but for those that hold good."""
    of_leads, told = database.among("lead", leads)
    others, kept = database.among("key", good)
    sql = f"""DELETE FROM book_notice WHERE workspace_id = %s AND kind = %s AND posted_at IS NULL
              AND {of_leads} AND NOT {others}"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [workspace, KIND, *told, *kept])


def _body(judgement: Judgement, found: Lapses, lead: int, cause: str) -> dict[str, Any]:
    log, line = judgement.log, judgement.stories.table[lead]
    owner, key = log.people[int(line[col.T_OWNER])], log.keys[lead]
    marks = json.dumps([KIND, key, int(line[col.T_PASS]), cause], ensure_ascii=True)
    return {
        "kind": KIND,
        "to": owner,
        "lead": key,
        "pass": int(line[col.T_PASS]),
        "promise": "handoff",
        "owner": owner,
        "side": "sales",
        "started_at": to_datetime(int(log.at[int(found.cause[lead])])).isoformat(),
        "due_at": to_datetime(int(found.due[lead])).isoformat(),
        "key": f"back-{blake2b(marks.encode(), digest_size=16).hexdigest()}",
    }


def wakes(found: Lapses, now: int, ours: NDArray[np.bool_]) -> Ints:
    """By lead, when the next of these is due that hasn't come yet; `NEVER` for none."""
    times = (found.due, found.warned, found.again)
    coming = [np.where(ours & (at > now), at, NEVER) for at in times]
    return np.minimum.reduce(coming)


def back_at(rules: Rules, judgement: Judgement, lead: str, now: int) -> int | None:
    """When a lead goes back by itself, if that is coming (µs)."""
    if rules.hands_over_since is None or lead not in judgement.log.keys:
        return None
    place = judgement.log.keys.index(lead)
    if elsewhere(judgement.log, rules.hands_over_but)[place]:
        return None
    agreed = in_force_by(rules, now)
    due = int(lapses(agreed, judgement.stories, rules.hands_over_since).due[place])
    return due if now < due < NEVER else None


def elsewhere(log: Log, systems: frozenset[str]) -> NDArray[np.bool_]:
    """Which leads come from a system that hands them over itself."""
    found = np.zeros(len(log.keys), np.bool_)
    if systems and len(log):
        rows = np.flatnonzero(log.kind == CREATED)
        foreign = np.array([name in systems for name in log.systems], np.bool_)
        found[log.lead[rows]] = foreign[log.source[rows]]
    return found
