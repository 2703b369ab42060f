"""Due: the index rows of leads and obligations, drawn from a judgement."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaddesk.book import database, handoffs, importance, nurturing, scoring
from leaddesk.book.models import Due, Lead
from leaddesk.book.rules import Rules
from leaddesk.book.running import Followed
from leadpact.facts import CREATED, MERGED, RULED
from leadpact.judge import Judgement
from leadpact.log import COPIED, Log
from leadpact.program import columns as col
from leadpact.program.columns import NEVER, STANDINGS, VERDICTS
from leadpact.promises import Obligations

Ints = NDArray[np.int64]
Column = Sequence[Any]
MOST_TEXT = 200

LEAD_NAMES = (
    *("key", "created_at", "changed_at", "facts", "type", "stream", "source", "campaign"),
    *("account", "into", "pass_number", "standing", "stage", "owner", "is_paused", "due_at"),
    *("urgent_at", "open", "broken", "wake_at", "rules", "is_settled"),
    *("fit", "interest", "grade", "scored_at", "rank", "touched_at", "last_owner"),
)
IDENTITY = ("lead", "promise", "pass_number", "rung", "occurrence")
DUE_NAMES = (
    *IDENTITY,
    *("side", "version", "owner", "started_at", "due_at", "answered_at", "verdict", "at_risk"),
)


def write(workspace: int, rules: Rules, judgement: Judgement, run: Followed) -> None:
    """Rewrite the index rows of every lead that was judged; rows that stay the same are left."""
    happened = lead_columns(judgement, rules, run.wakes)
    to_come = _columns_to_come(judgement.coming, rules)
    _write_leads(workspace, [[*a, *b] for a, b in zip(happened, to_come, strict=True)])
    _write_dues(workspace, judgement.log.keys, due_columns(judgement.obligations))
    handoffs.write(workspace, rules, judgement, run.waiting)
    nurturing.write(workspace, rules, judgement)


def _write_leads(workspace: int, columns: list[Column]) -> None:
    count = len(columns[0])
    database.insert(
        Lead,
        ("workspace", *LEAD_NAMES, "lease_until", "fence"),
        [[workspace] * count, *columns, [None] * count, [0] * count],
        unique=("workspace", "key"),
        update=(*LEAD_NAMES[1:], "lease_until"),
    )


def _write_dues(workspace: int, keys: Sequence[str], columns: list[Column]) -> None:
    condition, values = database.among("lead", keys)
    listed = ", ".join(DUE_NAMES)
    sql = f"SELECT id, {listed} FROM book_due WHERE workspace_id = %s AND {condition}"
    width = len(IDENTITY)
    stored = {row[1 : width + 1]: row for row in database.rows(sql, [workspace, *values])}
    fresh = []
    for row in zip(*columns, strict=True):
        known = stored.pop(row[:width], None)
        if known is None or known[1:] != row:
            fresh.append(row)
    if stored:
        ids = [row[0] for row in stored.values()]
        Due.objects.of(workspace).filter(id__in=ids).delete()
    if fresh:
        database.insert(
            Due,
            ("workspace", *DUE_NAMES),
            [[workspace] * len(fresh), *zip(*fresh, strict=True)],
            unique=("workspace", *IDENTITY),
            update=DUE_NAMES[width:],
        )


def lead_columns(judgement: Judgement, rules: Rules, acts_at: Ints) -> list[Column]:
    """The columns of the index of leads (`LEAD_NAMES`), a row for each lead of the judged log.

    `acts_at` is when the desk next acts on each by itself.
    """
    log, table = judgement.log, judgement.stories.table
    own = (log.flags & COPIED == 0) & (log.kind != RULED)
    created = _first(log, own & (log.kind == CREATED))
    merged = _first(log, own & (log.kind == MERGED))
    open_, broken, due = _counts(judgement)
    urgent = _urgent(judgement)
    wakes = np.minimum(judgement.wakes, acts_at)
    count = len(log.keys)
    scores = scoring.columns(rules, judgement)
    return [
        log.keys,
        _instants(np.where(created >= 0, log.at[created], NEVER)) if len(log) else [None] * count,
        _instants(_last(log, own)),
        np.bincount(log.lead[own], minlength=count).tolist(),
        _codes(created, log.code, log.codes),
        *(_field(log, name, created) for name in ("stream", "source", "campaign", "account")),
        _field(log, "into", merged),
        np.maximum(table[:, col.T_PASS], 1).tolist(),
        _named(table[:, col.T_STANDING], STANDINGS),
        _named(table[:, col.T_STAGE], judgement.program.stages),
        _named(table[:, col.T_OWNER], log.people),
        (table[:, col.T_PAUSED] != 0).tolist(),
        _instants(due),
        _instants(urgent),
        open_.tolist(),
        broken.tolist(),
        _instants(wakes),
        [rules.count] * count,
        ((wakes == NEVER) & (open_ == 0)).tolist(),
        *scores,
        *importance.columns(judgement, scores[2], scores[1]),
    ]


def _columns_to_come(coming: Mapping[str, int], rules: Rules) -> list[Column]:
    """The columns of leads of which nothing has happened yet, to be looked at when it has."""
    scores = {"fit": None, "interest": None, "scored_at": None, "rank": 0, "touched_at": None}
    usual = {"pass_number": 1, "wake_at": None, "rules": rules.count, "is_settled": False}
    empty = {
        "created_at": None,
        "changed_at": None,
        "due_at": None,
        "urgent_at": None,
        "is_paused": False,
    }
    counts = {"facts": 0, "open": 0, "broken": 0}
    known = usual | empty | counts | scores
    columns: list[Column] = [[known.get(name, "")] * len(coming) for name in LEAD_NAMES]
    columns[LEAD_NAMES.index("key")] = [*coming]
    columns[LEAD_NAMES.index("wake_at")] = [*coming.values()]
    return columns


def _counts(judgement: Judgement) -> tuple[Ints, Ints, Ints]:
    """By lead, how many obligations are open and broken, and when the next open one is due."""
    owed, count = judgement.obligations, len(judgement.log.keys)
    running = owed.verdict == col.OPEN
    due = np.full(count, NEVER, np.int64)
    np.minimum.at(due, owed.lead[running], owed.column(col.O_DUE)[running])
    open_ = np.bincount(owed.lead[running], minlength=count)
    broken = np.bincount(owed.lead[owed.verdict == col.BROKEN], minlength=count)
    return open_, broken, due


def _urgent(judgement: Judgement) -> Ints:
    """By lead, when the first thing is or was due in its open pass that nobody has done yet: an obligation,
    or the next touch of its cadence."""
    owed, table = judgement.obligations, judgement.stories.table
    of_pass = owed.column(col.O_PASS) == np.maximum(table[owed.lead, col.T_PASS], 1)
    waits = (owed.verdict == col.OPEN) | (owed.verdict == col.BROKEN)
    waits &= (owed.column(col.O_ANSWER) == NEVER) & of_pass
    waits &= table[owed.lead, col.T_STANDING] == col.IN
    urgent = np.full(len(judgement.log.keys), NEVER, np.int64)
    np.minimum.at(urgent, owed.lead[waits], owed.column(col.O_DUE)[waits])
    touches = importance.next_touches(judgement)
    return urgent if touches is None else np.minimum(urgent, touches)


def _first(log: Log, chosen: NDArray[np.bool_]) -> Ints:
    """The first chosen row of each lead, -1 for none."""
    found = np.full(len(log.keys), -1, np.int64)
    rows = np.flatnonzero(chosen)[::-1]
    found[log.lead[rows]] = rows
    return found


def _last(log: Log, chosen: NDArray[np.bool_]) -> Ints:
    """When the last chosen fact of each lead occurred."""
    found = np.full(len(log.keys), NEVER, np.int64)
    rows = np.flatnonzero(chosen)
    found[log.lead[rows]] = log.at[rows]
    return found


def _field(log: Log, name: str, rows: Ints) -> Column:
    sparse = log.fields.get(name)
    if sparse is None:
        return [""] * len(rows)
    codes = np.append(sparse.dense(len(log)), -1).astype(np.int64)
    return _named(np.where(rows >= 0, codes[rows], -1), sparse.words)


def _codes(rows: Ints, codes: NDArray[np.int32], words: Sequence[str]) -> Column:
    if not len(codes):
        return [""] * len(rows)
    return _named(np.where(rows >= 0, codes[rows], -1), words)


def _named(numbers: NDArray[Any], words: Sequence[str]) -> Column:
    """Words by their numbers, "" for those below zero; cut to what an index column holds."""
    table = np.array([*(word[:MOST_TEXT] for word in words), ""], dtype=object)
    named: list[str] = table[numbers].tolist()
    return named


def _instants(values: Ints) -> Column:
    found = values.astype(object)
    found[values == NEVER] = None
    listed: list[int | None] = found.tolist()
    return listed


def due_columns(owed: Obligations) -> list[Column]:
    """The columns of the index of obligations (`DUE_NAMES`), a row for each obligation."""
    rows, number = owed.program.rows, owed.promise
    versions = owed.program.versions
    return [
        _named(owed.lead, owed.log.keys),
        _named(number, [row.promise for row in rows]),
        owed.column(col.O_PASS).tolist(),
        np.array([-1 if row.rung is None else row.rung for row in rows], np.int64)[number].tolist()
        if rows
        else [],
        owed.column(col.O_OCCURRENCE).tolist(),
        _named(number, [row.side for row in rows]),
        np.array([versions[row.version].agreement.version for row in rows], np.int64)[
            number
        ].tolist()
        if rows
        else [],
        _named(owed.owner, owed.log.people),
        owed.column(col.O_START).tolist(),
        _instants(owed.column(col.O_DUE)),
        _instants(owed.column(col.O_ANSWER)),
        _named(owed.verdict, VERDICTS),
        (owed.column(col.O_AT_RISK) == 1).tolist(),
    ]
