"""Effort: what the figures of follow-up count: planned touches, handed-over leads, leads let go."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from leaddesk.book.board import Board, Column, Table
from leaddesk.book.counting import Figure, Key, part_of, rows, within
from leadpact.cadence import STATES, Cadences, cadences
from leadpact.clock import same_time
from leadpact.facts import DISQUALIFIED, LOST, REJECTED, RETURNED, word
from leadpact.measure import Evidence
from leadpact.measure.effort import Tries
from leadpact.program import columns as col

WORK_WITHIN = 7
"""Nobody may be without an attempt for longer than so many days."""
DONE, COMING, OVERDUE = (STATES.index(name) for name in ("done", "coming", "overdue"))
_CLOSING = (REJECTED, DISQUALIFIED, LOST, RETURNED)
TABLES: Mapping[str, str] = {
    "adherence": "touches",
    "behind": "touches",
    "over": "efforts",
    "abandoned": "efforts",
    "unworked": "efforts",
    "stale": "efforts",
    "covered": "efforts",
    "reasoned": "closings",
}
"""The table that each family of figures counts."""


def tables_of(found: Evidence, words: dict[str, list[str]]) -> dict[str, Table]:
    """The tables of follow-up; `words` get those that the tables use."""
    known = cadences(found)
    names = [name for _version, name in known.named] if known else []
    words["cadence"] = list(dict.fromkeys(names))
    words["age"] = ["young", "old"]
    codes = [words["cadence"].index(name) for name in names]
    return {
        "touches": _touches(found, known, codes),
        "efforts": _efforts(found, known, codes),
        "closings": _closings(found),
    }


def _touches(found: Evidence, known: Cadences | None, codes: Sequence[int]) -> Table:
    """Every planned touch that was due, and the next one of each lead."""
    if known is None:
        empty = np.zeros(0, np.int64)
        names = ("lead", "pass", "owner", "cadence", "at", "due", "answered", "state")
        return dict.fromkeys(names, empty)
    state = known.touches[:, 1]
    place = known.touch_pass
    chosen = (state <= COMING) & found.live[place] if len(state) else np.zeros(0, bool)
    place, state = place[chosen], state[chosen]
    passes = found.stories.passes[place]
    return {
        "lead": passes[:, col.S_LEAD].astype(np.int32),
        "pass": passes[:, col.S_PASS].astype(np.int32),
        "owner": passes[:, col.S_OWNER].astype(np.int32),
        "cadence": np.array([*codes, -1], np.int32)[known.cadence[place]],
        "at": found.log.at[known.handed[place]] if len(place) else place,
        "due": known.touches[chosen, 2],
        "answered": known.touches[chosen, 3],
        "state": state.astype(np.int8),
    }


def _efforts(found: Evidence, known: Cadences | None, codes: Sequence[int]) -> Table:
    """Every pass that was handed over, with its attempts."""
    tries = Tries(found)
    handed = np.flatnonzero(tries.handed)
    passes = found.stories.passes[handed]
    start = tries.start[handed]
    count = tries.count[handed]
    week = np.asarray(same_time(start, WORK_WITHIN, found.zone)) if len(start) else start
    none = np.zeros(len(handed), bool)
    returned = found.first(found.log.kind == RETURNED)[handed] >= 0
    back = found.agreement.handoff.return_ if found.agreement.handoff else None
    least = back.attempts if back else 0
    return {
        "lead": passes[:, col.S_LEAD].astype(np.int32),
        "pass": passes[:, col.S_PASS].astype(np.int32),
        "owner": passes[:, col.S_OWNER].astype(np.int32),
        "cadence": none - 1
        if known is None
        else np.array([*codes, -1], np.int32)[known.cadence[handed]],
        "at": start,
        "tries": count.astype(np.int32),
        "beyond": (none if known is None else known.beyond[handed]).astype(np.int8),
        "returned": returned.astype(np.int8),
        "early": (returned & (count < least) if known is None else known.early[handed]).astype(
            np.int8
        ),
        "is_in": (passes[:, col.S_STANDING] == col.IN).astype(np.int8),
        "age": (week <= found.now).astype(np.int8),
    }


def _closings(found: Evidence) -> Table:
    """Every lead that was let go, and whether one of the agreed reasons was given."""
    log = found.log
    chosen = np.flatnonzero(np.isin(log.kind, _CLOSING) & (found.place >= 0))
    chosen = chosen[found.live[found.place[chosen]]]
    place = found.place[chosen]
    agreed = found.agreement.follow_up
    reasons = {*(agreed.reasons if agreed else ())}
    handoff = found.agreement.handoff
    rejections = {*(handoff.reasons_to_reject if handoff else ())}
    said = _reasons(found, chosen)
    listed = [
        bool(text) and (not known or text in known)
        for text, kind in zip(said, log.kind[chosen].tolist(), strict=True)
        for known in [rejections if kind == REJECTED else reasons]
    ]
    passes = found.stories.passes[place]
    return {
        "lead": passes[:, col.S_LEAD].astype(np.int32),
        "pass": passes[:, col.S_PASS].astype(np.int32),
        "owner": passes[:, col.S_OWNER].astype(np.int32),
        "at": log.at[chosen],
        "valid": np.array(listed, np.int8),
    }


def _reasons(found: Evidence, chosen: Column) -> list[str]:
    """Why each of these leads was let go, as it was said; "" where nobody said."""
    log = found.log
    sparse = log.fields.get("reason")
    own = sparse.dense(len(log))[chosen] if sparse else np.full(len(chosen), -1)
    words = [*(word(text) for text in (sparse.words if sparse else ())), ""]
    codes = (*log.codes, "")
    return [
        words[code] if kind == RETURNED else codes[subject]
        for code, subject, kind in zip(
            own.tolist(), log.code[chosen].tolist(), log.kind[chosen].tolist(), strict=True
        )
    ]


def figure(board: Board, _promises: Mapping[str, object], key: Key) -> Figure | None:
    """A figure of follow-up; None where there is no such one, or the board was drawn before there were."""
    name = TABLES[key.family]
    table = board.tables.get(name)
    part = None if table is None else part_of(board, name, key)
    if table is None or part is None:
        return None
    chosen = part & within(table["at"], key, board.zone)
    states, is_share = _states(key.family, table)
    parts = tuple(chosen & state for state in states)
    return rows(board, key, _DEFINITIONS[key.family], name, parts, is_share)


_DEFINITIONS = {
    "adherence": "adherence",
    "behind": "behind",
    "over": "over",
    "abandoned": "KE9",
    "unworked": "KE5",
    "stale": "stale",
    "covered": "KE6",
    "reasoned": "reasoned",
}


class Count(NamedTuple):
    """A figure of one person or one cadence: what was counted as reached, what in all, what isn't
    decided; and the key that opens it."""

    word: str
    key: Key
    hits: int
    counted: int
    undecided: int

    @property
    def share(self) -> Fraction | None:
        """The share that was reached; None where nothing was counted."""
        return Fraction(self.hits, self.counted) if self.counted else None


def counts_by(board: Board, family: str, by: str) -> dict[str, Count]:
    """A figure of all time for each person (``rep``) or cadence of which there is anything to count."""
    table = board.tables.get(TABLES[family])
    if table is None:
        return {}
    words = board.words["person" if by == "rep" else by]
    column = table["owner" if by == "rep" else by] + 1
    size = len(words) + 1
    states, _is_share = _states(family, table)
    counts = np.array([np.bincount(column[state], minlength=size) for state in states])
    found = {}
    for n in np.flatnonzero(counts.sum(axis=0)).tolist():
        name = words[n - 1] if n else ""
        hits, rest, waits = counts[:, n].tolist()
        found[name] = Count(name, Key(family, "all", "all", by, name), hits, hits + rest, waits)
    return found


def _states(family: str, table: Table) -> tuple[tuple[Column, Column, Column], bool]:
    """What counts as a hit, as a miss and as undecided; and whether the figure is a share."""
    none = np.zeros(len(table["lead"]), bool)
    if family in {"adherence", "behind"}:
        state = table["state"]
        if family == "behind":
            return (state == OVERDUE, none, none), False
        return (state == DONE, (state > DONE) & (state < COMING), state == COMING), True
    if family == "reasoned":
        return (table["valid"] == 1, table["valid"] == 0, none), True
    tried, returned = table["tries"] > 0, table["returned"] == 1
    if family in {"unworked", "stale"}:
        waits = ~tried & (table["is_in"] == 1)
        return (waits & (table["age"] >= (family == "stale")), none, none), False
    if family == "over":
        return (tried & (table["beyond"] == 1), tried & (table["beyond"] == 0), none), True
    if family == "abandoned":
        return (returned & (table["early"] == 1), returned & (table["early"] == 0), none), True
    return (tried, ~tried, none), True
