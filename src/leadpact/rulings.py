"""Rulings: which verdicts have to be announced, beside those that were, corrections included."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadpact.clock import to_datetime
from leadpact.facts import RULED, word
from leadpact.log import COPIED, Log
from leadpact.program import columns as col
from leadpact.program.columns import NEVER, VERDICTS
from leadpact.promises import Obligations
from leadpact.story import Stories

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_RULING = -1
_FINAL = (col.KEPT, col.BROKEN, col.EXCUSED, col.WAIVED)
SYSTEM = "leadpact"
"""The system that rulings come from."""
_MOST = 2**62


@dataclass(frozen=True, eq=False)
class Rulings:
    """The verdicts to announce now: the place of each obligation, and what was said before.

    `earlier` is the verdict that was announced last (`NO_RULING`: none), `ordinal` how many
    rulings this obligation had before. `gone` are rows of the log with rulings on what is no longer
    owed.
    """

    obligations: Obligations
    now: int
    places: Ints
    earlier: Ints
    ordinal: Ints
    gone: Ints

    def __len__(self) -> int:
        return len(self.places)

    @property
    def correcting(self) -> NDArray[np.bool_]:
        """Which of them correct an earlier ruling."""
        found: NDArray[np.bool_] = self.earlier != NO_RULING
        return found

    def facts(self) -> Iterator[dict[str, Any]]:
        """The rulings as `ruled` facts; the same for the same log, whenever they are given."""
        numbers = zip(
            self.places.tolist(), self.earlier.tolist(), self.ordinal.tolist(), strict=True
        )
        return (self._fact(place, earlier, ordinal) for place, earlier, ordinal in numbers)

    def _fact(self, place: int, earlier: int, ordinal: int) -> dict[str, Any]:
        owed = self.obligations
        line = owed.table[place].tolist()
        row = owed.program.rows[line[col.O_PROMISE]]
        version = owed.program.versions[row.version]
        number = version.agreement.version
        said = {
            "promise": row.promise,
            "rung": row.rung,
            "occurrence": line[col.O_OCCURRENCE],
            "pass": line[col.O_PASS],
            "verdict": VERDICTS[line[col.O_VERDICT]],
        }
        lead = owed.log.keys[line[col.O_LEAD]]
        marks = [version.hash, number, lead, *said.values(), ordinal]
        fact = {
            "lead": lead,
            "occurred_at": to_datetime(self.now).isoformat(),
            "kind": "ruled",
            **said,
            "started_at": _instant(line[col.O_START]),
            "due_at": _instant(line[col.O_DUE]),
            "answered_at": _instant(line[col.O_ANSWER]),
            "version": number,
            "reason": None if earlier == NO_RULING else f"correction of {VERDICTS[earlier]}",
            "system": SYSTEM,
            "source_id": key(marks),
        }
        return {name: value for name, value in fact.items() if value is not None}


def key(marks: Sequence[Any]) -> str:
    """A key that is the same wherever and whenever these marks are the same (SHA-256, hex)."""
    return hashlib.sha256(json.dumps(list(marks), ensure_ascii=True).encode()).hexdigest()


def rulings(obligations: Obligations, stories: Stories) -> Rulings:
    """What has to be announced at the moment of the obligations, given the `ruled` facts.

    Every verdict but open, once; again, as a correction, where the last ruling said otherwise:
    a late fact or an amendment changed it, or what was ruled is open again.
    """
    rows = _given(obligations.log)
    own, given = joint_codes(_own(obligations), _said(obligations, stories, rows))
    last, ordinal, gone = _last_given(own, given)
    earlier = _earlier(obligations.log, rows, last)
    due = (obligations.verdict != col.OPEN) | (earlier != NO_RULING)
    due &= earlier != obligations.verdict
    places = np.flatnonzero(due)
    return Rulings(
        obligations, obligations.now, places, earlier[places], ordinal[places], rows[gone]
    )


def standing(obligations: Obligations, stories: Stories) -> Obligations:
    """The obligations with the verdicts and due instants of the rulings that stand.

    A calendar or a roster that was changed since moves what is open, never what was ruled: a ruling
    stands unless a fact that was heard after it, and occurred by the due instant that it names, or
    a waiver, or another version of the agreement gives reason to look again.
    """
    log = obligations.log
    rows = _given(log)
    if not len(rows) or not len(obligations):
        return obligations
    own, given = joint_codes(_own(obligations), _said(obligations, stories, rows))
    last, _ordinal, _gone = _last_given(own, given)
    earlier = _earlier(log, rows, last)
    places = np.flatnonzero(np.isin(earlier, _FINAL) & (obligations.verdict != col.WAIVED))
    told = rows[last[places]]
    dues = log.moments("due_at", told, NEVER)
    stands = _is_moved(obligations, places, told, dues, earlier[places])
    places, dues = places[stands], dues[stands]
    return _as_ruled(obligations, places, earlier[places], dues) if len(places) else obligations


def _earlier(log: Log, rows: Ints, last: Ints) -> Ints:
    """The verdict of the last ruling on each obligation."""
    if not len(rows):
        return np.full(len(last), NO_RULING, np.int64)
    return np.where(last >= 0, _verdicts(log)[rows[last]], NO_RULING)


def _is_moved(owed: Obligations, places: Ints, rows: Ints, dues: Ints, ruled: Ints) -> Bools:
    """Where only the due instant differs from what the ruling said, and no fact is the reason.

    `rows` are the rulings on the obligations at `places`, `dues` and `ruled` what they say.
    """
    log, table = owed.log, owed.table[places]
    moved: Bools = (dues != NEVER) & (dues != table[:, col.O_DUE])
    moved &= log.moments("started_at", rows, NEVER) == table[:, col.O_START]
    answer = table[:, col.O_ANSWER]
    moved &= (log.moments("answered_at", rows, NEVER) == answer) | (
        (ruled == col.BROKEN) & (answer > dues)
    )
    versions = np.array([one.agreement.version for one in owed.program.versions])
    by = np.array([row.version for row in owed.program.rows], np.int64)[table[:, col.O_PROMISE]]
    said = _number(log, "version", rows)
    moved &= (said < 0) | (said == versions[by])
    moved[moved] = ~_has_heard_since(log, table[moved, col.O_LEAD], rows[moved], dues[moved])
    return moved


def _has_heard_since(log: Log, leads: Ints, rows: Ints, dues: Ints) -> Bools:
    """Where a fact of the lead was heard after its ruling in `rows`, and occurred by its due instant."""
    first = log.starts[leads].astype(np.int64)
    count = log.starts[leads + 1] - first
    which = np.repeat(np.arange(len(leads)), count)
    own = np.arange(len(which)) + np.repeat(first - (np.cumsum(count) - count), count)
    since = (log.recorded_at[own] > log.recorded_at[rows][which]) & (log.at[own] <= dues[which])
    since &= log.kind[own] != RULED
    found: Bools = np.bincount(which[since], minlength=len(leads)) > 0
    return found


def _as_ruled(owed: Obligations, places: Ints, ruled: Ints, dues: Ints) -> Obligations:
    """The obligations with what was ruled at `places`; who held the lead then is charged with it."""
    table, legs = owed.table.copy(), owed.legs.copy()
    table[places, col.O_VERDICT] = ruled
    table[places, col.O_DUE] = dues
    table[places, col.O_AT_RISK] = 0
    broken = np.zeros(len(owed), bool)
    broken[places] = ruled == col.BROKEN
    of = legs[:, col.L_OBLIGATION]
    late, begun = broken[of], legs[:, col.L_FROM]
    first = late & (begun == table[of, col.O_START]) & (legs[:, col.L_TO] > table[of, col.O_DUE])
    legs[first & (legs[:, col.L_OWNER] >= 0), col.L_VERDICT] = col.BROKEN
    legs[late & (begun > table[of, col.O_DUE]), col.L_VERDICT] = col.NO_VERDICT
    return replace(owed, tables=(table,), changes=(legs,))


def _given(log: Log) -> Ints:
    """The rows of rulings in the order in which they were recorded; copies aren't the lead's own."""
    own = (log.kind == RULED) & (log.flags & COPIED == 0) & (_verdicts(log) >= 0)
    rows = np.flatnonzero(own)
    return rows[np.argsort(log.recorded_at[rows], kind="stable")]


def _verdicts(log: Log) -> Ints:
    """The verdict that each row announces; -1 for none."""
    sparse = log.fields.get("verdict")
    found = np.full(len(log), -1, np.int64)
    if sparse is not None:
        known = [VERDICTS.index(text) if text in VERDICTS else -1 for text in sparse.words]
        found[sparse.rows] = np.array([*known, -1], np.int64)[sparse.codes]
    return found


def _own(owed: Obligations) -> list[Ints]:
    program = owed.program
    return [
        owed.lead,
        owed.column(col.O_PASS),
        program.promises[owed.promise, col.P_GROUP],
        program.promises[owed.promise, col.P_RUNG] + 1,
        owed.column(col.O_OCCURRENCE),
    ]


def _said(owed: Obligations, stories: Stories, rows: Ints) -> list[Ints]:
    """What the rulings are on, in the same columns; what they leave out is what is usual."""
    log = owed.log
    groups = {word(name): place for name, place in owed.program.groups.items()}
    names = np.array([*(groups.get(text, len(groups)) for text in log.codes), len(groups)])
    at_pass = _number(log, "pass", rows)
    occurrence = _number(log, "occurrence", rows)
    return [
        log.lead[rows].astype(np.int64),
        np.where(at_pass >= 0, at_pass, stories.pass_of[rows]),
        names[log.code[rows]],
        _number(log, "rung", rows) + 1,
        np.where(occurrence >= 0, occurrence, 1),
    ]


def _number(log: Log, field: str, rows: Ints) -> Ints:
    sparse = log.fields.get(field)
    if sparse is None:
        return np.full(len(rows), -1, np.int64)
    numbers = [int(text) if text.isdecimal() and len(text) < 10 else -1 for text in sparse.words]
    return np.array([*numbers, -1], np.int64)[sparse.dense(len(log))[rows]]


def joint_codes(own: Sequence[Ints], other: Sequence[Ints]) -> tuple[Ints, Ints]:
    """One number for each row of columns, the same where all columns agree."""
    whole = np.zeros(len(own[0]) + len(other[0]), np.int64)
    most = 1
    for mine, theirs in zip(own, other, strict=True):
        column = np.concatenate([mine, theirs]).astype(np.int64)
        width = int(column.max(initial=0)) + 1
        if most * width > _MOST:
            whole = np.unique(whole, return_inverse=True)[1]
            most = len(whole) + 1
        whole = whole * width + column
        most *= width
    return whole[: len(own[0])], whole[len(own[0]) :]


def _last_given(own: Ints, given: Ints) -> tuple[Ints, Ints, Ints]:
    """For each obligation its last ruling (-1: none) and how many it had; and rulings without one."""
    order = np.argsort(given, kind="stable")
    ordered = given[order]
    first, after = (np.searchsorted(ordered, own, side) for side in ("left", "right"))
    count = after - first
    last = np.where(count > 0, order[np.maximum(after - 1, 0)] if len(order) else -1, -1)
    gone = np.flatnonzero(~np.isin(given, own))
    return last, count, gone


def _instant(at: int) -> str | None:
    return None if at == NEVER else to_datetime(at).isoformat()
