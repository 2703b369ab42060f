"""Handoffs: the record of every lead that was given to sales, drawn from its facts."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaddesk.book import database
from leaddesk.book.handing import Waiting, limits_of
from leaddesk.book.models import Handoff
from leaddesk.book.rules import Rules
from leaddesk.book.scoring import agreed
from leadpact import handing
from leadpact.clock import to_micros
from leadpact.facts import CORRECTED, HANDED_OVER, SCORED
from leadpact.handing.handoffs import (
    DISPUTES,
    NO_DISPUTE,
    REJECTED_,
    RETURNED_,
    Handoffs,
)
from leadpact.judge import Judgement
from leadpact.log import SILENT, Log
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.rulings import SYSTEM
from leadpact.score.conditions import points_of

Column = Sequence[Any]
NAMES = (
    *("lead", "pass_number", "state", "at", "trigger", "owner", "fact", "fit", "interest", "grade"),
    *("packet", "missing", "route", "accept_by", "decided_at", "decided_by", "is_silent"),
    *("left_at", "attempts", "reason", "track", "not_before", "dispute", "disputed_at"),
    *("disputed_by", "settled_at", "retry_at"),
)
"""The columns of the index, in the order in which they are drawn."""
_KEY = 2
_MOST_TEXT, _MOST_MISSING = 200, 1000


def write(
    workspace: int, rules: Rules, judgement: Judgement, waiting: Mapping[str, Waiting]
) -> None:
    """Rewrite the index of handoffs of the leads that were judged; rows that stay the same are left."""
    log = judgement.log
    touched = np.isin(log.kind, (HANDED_OVER, CORRECTED)).any()
    if not touched and not waiting and rules.hands_over_since is None:
        return
    drawn = rows(rules, judgement, waiting)
    condition, values = database.among("lead", log.keys)
    listed = ", ".join(f'"{name}"' for name in NAMES)
    sql = f"SELECT id, {listed} FROM book_handoff WHERE workspace_id = %s AND {condition}"
    stored = {row[1 : _KEY + 1]: row for row in database.rows(sql, [workspace, *values])}
    fresh = []
    for row in drawn:
        known = stored.pop(row[:_KEY], None)
        if known is None or _plain(known[1:]) != _plain(row):
            fresh.append(row)
    if stored:
        Handoff.objects.of(workspace).filter(id__in=[row[0] for row in stored.values()]).delete()
    if fresh:
        database.insert(
            Handoff,
            ("workspace", *NAMES),
            [[workspace] * len(fresh), *zip(*fresh, strict=True)],
            unique=("workspace", *NAMES[:_KEY]),
            update=NAMES[_KEY:],
        )


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    """A row as it is compared: SQLite has no truth values of its own."""
    return tuple(int(value) if isinstance(value, bool) else value for value in row)


def rows(
    rules: Rules, judgement: Judgement, waiting: Mapping[str, Waiting]
) -> list[tuple[Any, ...]]:
    """The rows of the index for the leads of a judgement, each in the order of `NAMES`."""
    given = handing.handoffs(judgement.stories)
    columns = _columns(rules, judgement, given)
    passes = judgement.stories.table[:, col.T_PASS]
    found = [*zip(*columns, strict=True)]
    taken = {row[:_KEY] for row in found}
    places = {key: place for place, key in enumerate(judgement.log.keys)} if waiting else {}
    for key, one in waiting.items():
        row = _waiting(one, max(int(passes[places[key]]), 1))
        if row[:_KEY] not in taken:
            found.append(row)
    return found


def _waiting(one: Waiting, pass_: int) -> tuple[Any, ...]:
    told = {
        "lead": one.lead,
        "pass_number": pass_,
        "state": str(Handoff.State.WAITING),
        "at": one.at,
        "trigger": one.trigger[:_MOST_TEXT],
        "route": one.route,
        "is_silent": False,
        "attempts": 0,
        "retry_at": one.retry_at,
    }
    empty = dict.fromkeys(_TEXTS, "")
    return tuple((empty | told).get(name) for name in NAMES)


_TEXTS = (
    *("trigger", "owner", "fact", "grade", "packet", "missing", "route", "decided_by", "reason"),
    *("track", "dispute", "disputed_by"),
)


def _columns(rules: Rules, judgement: Judgement, given: Handoffs) -> list[Column]:
    log, stories = judgement.log, judgement.stories
    limits = limits_of(judgement, given)
    tried = handing.exhausted(agreed(rules, judgement.now), stories).attempts
    here = stories.table[given.lead, col.T_PASS] == given.pass_
    left = given.left
    rejected, returned = given.state == REJECTED_, given.state == RETURNED_
    why = np.where(rejected | returned, left, -1)
    contested = given.dispute != NO_DISPUTE
    scores = _scores(log, given)
    return [
        [log.keys[lead] for lead in given.lead.tolist()],
        given.pass_.tolist(),
        [handing.STATES[number] for number in given.state.tolist()],
        _instants(given.at(given.given)),
        _texts(log, "trigger", given.given),
        _people(log, given.owner),
        _ids(log, given.given),
        *scores,
        *(_texts(log, name, given.given, most) for name, most in _LONG.items()),
        _instants(limits.until),
        _instants(given.at(given.decided)),
        _people(log, _who(log, given.decided)),
        _silent(log, given.decided),
        _instants(given.at(left)),
        np.where(here, tried[given.lead], 0).tolist(),
        _reasons(log, why, rejected),
        _subjects(log, np.where(returned, left, -1)),
        _not_before(log, np.where(returned, left, -1)),
        [DISPUTES[number] for number in given.dispute.tolist()],
        _instants(given.at(np.where(contested, given.disputed, -1))),
        _people(log, _who(log, given.disputed)),
        _instants(given.at(given.settled)),
        [None] * len(given),
    ]


_LONG: Mapping[str, int | None] = {"packet": None, "missing": _MOST_MISSING, "route": None}
Ints = NDArray[np.int64]


def _instants(values: Ints) -> Column:
    return [None if value == NEVER else value for value in values.tolist()]


def _people(log: Log, numbers: Ints) -> Column:
    return [log.people[number][:_MOST_TEXT] if number >= 0 else "" for number in numbers.tolist()]


def _who(log: Log, rows_: Ints) -> Ints:
    return np.where(rows_ >= 0, log.who[rows_], -1) if len(log) else rows_


def _silent(log: Log, decided: Ints) -> Column:
    return [row >= 0 and bool(log.flags[row] & SILENT) for row in decided.tolist()]


def _ids(log: Log, rows_: Ints) -> Column:
    ids = log.source_ids
    return [(ids[row].as_py() or "") if ids is not None else "" for row in rows_.tolist()]


def _texts(log: Log, name: str, rows_: Ints, most: int | None = _MOST_TEXT) -> Column:
    sparse = log.fields.get(name)
    if sparse is None:
        return [""] * len(rows_)
    return [((sparse.of(row) or "") if row >= 0 else "")[:most] for row in rows_.tolist()]


def _subjects(log: Log, rows_: Ints) -> Column:
    return [
        log.codes[log.code[row]][:_MOST_TEXT] if row >= 0 and log.code[row] >= 0 else ""
        for row in rows_.tolist()
    ]


def _reasons(log: Log, rows_: Ints, rejected: NDArray[np.bool_]) -> Column:
    """Why each was rejected (the subject of that fact) or given back (a field of it)."""
    said, beside = _subjects(log, rows_), _texts(log, "reason", rows_)
    return [one if own else other for one, other, own in zip(said, beside, rejected, strict=True)]


def _not_before(log: Log, rows_: Ints) -> Column:
    named = _texts(log, "not_before", rows_)
    return [to_micros(datetime.fromisoformat(text)) if text else None for text in named]


def _scores(log: Log, given: Handoffs) -> tuple[Column, Column, Column]:
    """Fit, interest and grade as they were frozen with each handoff."""
    frozen: dict[tuple[int, int], int] = {}
    own = log.systems.index(SYSTEM) if SYSTEM in log.systems else -1
    for row in np.flatnonzero((log.kind == SCORED) & (log.source == own)).tolist():
        frozen[int(log.lead[row]), int(log.at[row])] = row
    keys = zip(given.lead.tolist(), given.at(given.given).tolist(), strict=True)
    rows_ = np.array([frozen.get(key, -1) for key in keys], np.int64)
    fit, interest = (
        [points_of(text) if text else None for text in _texts(log, name, rows_)]
        for name in ("fit", "interest")
    )
    grade = [text.upper()[:2] for text in _texts(log, "grade", rows_)]
    return fit, interest, grade


def packet_of(handoff: Handoff) -> dict[str, Any]:
    """What was handed over, by agreed field."""
    try:
        found = json.loads(handoff.packet) if handoff.packet else {}
    except ValueError:  # from a system that writes it in its own way
        return {}
    return found if isinstance(found, dict) else {}
