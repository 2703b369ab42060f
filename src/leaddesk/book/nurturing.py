"""Nurturing: leads enter tracks, get their steps and leave, as the agreement says.

What the desk does of itself is recorded as facts `enrolled` whose source ids follow from what caused
them, so that looking twice changes nothing, and what somebody took back stays taken back. Steps are
queued as mails; the mail tells `enrolled {track, step}` once it was sent or left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leaddesk.book import database, inheriting, scoring
from leaddesk.book.codec import Row, row_of
from leaddesk.book.models import Enrolment, Mailing
from leaddesk.book.rules import Rules
from leadpact.agreement.conditions import All, Any_, Is, Not
from leadpact.clock import to_datetime
from leadpact.facts import CORRECTED, CREATED, ENROLLED, RETURNED
from leadpact.judge import Judgement
from leadpact.log import COPIED, Log
from leadpact.nurture import (
    BY_HAND,
    OTHER_TRACK,
    Enrolments,
    Points,
    begins,
    enrolments,
    entering,
)
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.rulings import SYSTEM
from leadpact.score import scores
from leadpact.score.moments import happenings
from leadpact.score.weighing import weighed

if TYPE_CHECKING:
    from leaddesk.book.mailings import ToMail

BY_RULE, FOLLOWS, GIVEN_BACK = "by rule", "follows", "given back"
"""Why a lead is in a track where nobody put it there: the first word of `Enrolment.why`, after "@"."""
NAMES = (
    *("lead", "track", "fact", "entered_at", "by", "why", "step", "next_at", "is_paused"),
    *("interest_before", "left_at", "left_why"),
)
DESK = "desk"
"""The system of facts that people record on the pages of the desk, or by its API."""
MOST_SCORED = 8
"""Of a lead that was in more tracks than this, only the interest before the first ones is kept."""


@dataclass(frozen=True)
class Nursed:
    """The facts that follow, and when each lead has to be looked at again (µs)."""

    rows: list[Row]
    wakes: NDArray[np.int64]


def nurtured(
    workspace: int, rules: Rules, judgement: Judgement, now: int, announce: bool
) -> Nursed:
    """Who enters a track now, whose step has come, who leaves."""
    wakes = np.full(len(judgement.log.keys), NEVER, np.int64)
    if rules.nurtures_since is None or not len(judgement.log):
        return Nursed([], wakes)
    found = _Following(rules, judgement, now)
    acts = [*found.acts()]
    for lead, at, _row in acts:
        wakes[lead] = min(wakes[lead], at)
    due, coming = found.steps()
    for n in coming:
        wakes[found.known.lead[n]] = min(wakes[found.known.lead[n]], found.known.next_at[n])
    items = [found.to_mail(n) for n in due]
    if announce and items:
        from leaddesk.book import mailings  # which records what it sent, and so this

        mailings.queue(workspace, items, now)
    waiting = _waiting(workspace, items)
    for n, item in zip(due, items, strict=True):
        if (item.lead, item.enrolment, item.step) in waiting:
            wakes[found.known.lead[n]] = min(wakes[found.known.lead[n]], item.due_at)
    return Nursed([row for _lead, _at, row in acts] if announce else [], wakes)


def _waiting(workspace: int, items: Sequence["ToMail"]) -> set[tuple[str, str, int]]:
    """The mails among these that have still to be queued."""
    if not items:
        return set()
    from leaddesk.book.mailings import MISSED

    rows = Mailing.objects.of(workspace).filter(enrolment__in={one.enrolment for one in items})
    rows = rows.exclude(state=Mailing.State.LEFT_OUT, why__in=MISSED)
    queued = {*rows.values_list("lead", "enrolment", "step")}
    return {(one.lead, one.enrolment, one.step) for one in items} - queued


class _Following:
    """What follows for the leads of a judgement, as far as the desk does it of itself."""

    def __init__(self, rules: Rules, judgement: Judgement, now: int) -> None:
        self.rules, self.now = rules, now
        self.log, self.stories = judgement.log, judgement.stories
        self.since = rules.nurtures_since or 0
        self.known = enrolments(judgement.stories, resumed=self.since)
        self.is_ours = _ours(self.log, rules.hands_over_but)
        self.told = _told(self.log)
        self.facts = identities(self.known)
        self.own = _own(rules, self.known, self.is_ours)

    def acts(self) -> Iterator[tuple[int, int, Row]]:
        """The facts to record that aren't there yet: of which lead, since when (µs), and the fact."""
        own = (*self._stays(), *self._exits(), *self._following(), *self._entries())
        taken = inheriting.taken_over(self.known, self.facts, self.own, self.is_ours, self.now)
        for lead, at, item in (*own, *taken, *inheriting.given_back(self.known, self.now)):
            if item["source_id"] not in self.told:
                yield lead, at, row_of(item, self.now)

    def steps(self) -> tuple[list[int], list[int]]:
        """The enrolments whose next step is due, and those whose next step is to come."""
        waits = self.own & (self.known.next_at != NEVER)
        is_due = self.known.next_at <= self.now
        return np.flatnonzero(waits & is_due).tolist(), np.flatnonzero(waits & ~is_due).tolist()

    def to_mail(self, n: int) -> "ToMail":
        """The mail of the next step of an enrolment."""
        from leaddesk.book.mailings import ToMail

        known, step = self.known, int(self.known.step[n])
        place = known.places[int(known.place[n])]
        assert place.track is not None
        offer = place.track.steps[step].send
        lead, due = self.log.keys[int(known.lead[n])], int(known.next_at[n])
        return ToMail(lead, place.name, step, offer, self.facts[n], due)

    def _exits(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        known = self.known
        untold = {known.reasons.index(BY_HAND), known.reasons.index(OTHER_TRACK), -1}
        chosen = self.own & _while_on(self.rules, known.left_at) & ~np.isin(known.why, [*untold])
        for n in np.flatnonzero(chosen).tolist():
            at, reason = int(known.left_at[n]), known.reasons[int(known.why[n])]
            track = known.places[int(known.place[n])].name
            key = _key("left", self._lead(n), self.facts[n])
            if _key("stays", key) in self.told:  # it had left before, and that was none
                key = _key("left", self._lead(n), self.facts[n], str(at))
            yield int(known.lead[n]), at, self._fact(n, at, track, key, left="yes", reason=reason)

    def _stays(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """What takes back that a lead left, where what made it leave was taken back."""
        known, log = self.known, self.log
        if SYSTEM not in log.systems:
            return
        left = self.own & (known.left_row >= 0)
        left[left] = (log.kind[known.left_row[left]] == ENROLLED) & (
            log.source[known.left_row[left]] == log.systems.index(SYSTEM)
        )
        untold = [known.reasons.index(BY_HAND), known.reasons.index(OTHER_TRACK)]
        for n in np.flatnonzero(left & ~np.isin(known.why, untold)).tolist():
            key = _id_of(log, int(known.left_row[n]))
            said = {"kind": "corrected", "fact": key, "why": "what ended it was taken back"}
            track = known.places[int(known.place[n])].name
            item = self._fact(n, self.now, track, _key("stays", key)) | said
            yield int(known.lead[n]), self.now, {k: v for k, v in item.items() if k != "track"}

    def _following(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        known, standing = self.known, self.stories.table[:, col.T_STANDING]
        for n, name in known.following():
            lead = int(known.lead[n])
            is_last = n + 1 == len(known) or known.lead[n + 1] != lead
            fits = standing[lead] in (col.IN, col.OUT, col.LOST)
            if self.own[n] and is_last and fits and known.left_at[n] >= self.since:
                at, track = int(known.left_at[n]), known.places[int(known.place[n])].name
                key = _key("follows", self._lead(n), self.facts[n])
                yield lead, at, self._fact(n, at, name, key, reason=FOLLOWS, why=track)

    def _entries(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        program, log = self.stories.program, self.log
        points = _points(self.rules, log, self.now)
        for one in entering(self.stories, self.known, self.now, points):
            at = int(log.at[one.row])
            if at < max(self.since, begins(program, one)) or not self.is_ours[one.lead]:
                continue
            version = str(program.versions[one.version].agreement.version)
            cause = _id_of(log, one.row)
            key = _key("enters", version, one.track, log.keys[one.lead], cause)
            yield one.lead, at, _fact(log.keys[one.lead], self.now, one.track, key, reason=BY_RULE)

    def _lead(self, n: int) -> str:
        return self.log.keys[int(self.known.lead[n])]

    def _fact(self, n: int, at: int, track: str, key: str, **fields: str) -> dict[str, Any]:
        return _fact(self._lead(n), at, track, key, **fields)


def _fact(lead: str, at: int, track: str, key: str, **fields: str) -> dict[str, Any]:
    moment = to_datetime(at).isoformat()
    named = {"lead": lead, "kind": "enrolled", "occurred_at": moment, "track": track}
    return {**named, **fields, "system": SYSTEM, "source_id": key}


def _key(*parts: str) -> str:
    digest = blake2b("\0".join(parts).encode(errors="replace"), digest_size=16).hexdigest()
    return f"nurture-{digest}"


def _ours(log: Log, but: frozenset[str]) -> NDArray[np.bool_]:
    """The leads for which the desk acts: not those that came from one of these systems."""
    found = np.ones(len(log.keys), np.bool_)
    foreign = [number for number, name in enumerate(log.systems) if name in but]
    if foreign:
        rows = (log.kind == CREATED) & (log.flags & COPIED == 0) & np.isin(log.source, foreign)
        found[log.lead[rows]] = False
    return found


def _own(rules: Rules, known: Enrolments, is_ours: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The enrolments whose steps the desk sends: those that began while it did, of the leads for which
    it acts, and of any lead that somebody enrolled by hand."""
    found: NDArray[np.bool_] = _while_on(rules, known.at)
    log = known.stories.log
    people = np.array([name == DESK for name in log.systems], np.bool_)
    by_hand = people[log.source[known.row]] & (log.kind[known.row] == ENROLLED)
    return found & (is_ours[known.lead] | by_hand)


def _while_on(rules: Rules, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which instants lie in a time in which the desk nurtured."""
    since = NEVER if rules.nurtures_since is None else rules.nurtures_since
    found: NDArray[np.bool_] = at >= since
    for begin, end in rules.nurtured:
        found |= (at >= begin) & (at < end)
    return found


def _told(log: Log) -> set[str]:
    """The source ids of what was recorded of tracks before, and of all that was taken back."""
    rows = np.flatnonzero(np.isin(log.kind, (ENROLLED, CORRECTED)) & (log.flags & COPIED == 0))
    taken = log.fields.get("fact")
    return {_id_of(log, row) for row in rows.tolist()} | {*(taken.words if taken else ())}


def _id_of(log: Log, row: int) -> str:
    return "" if log.source_ids is None else str(log.source_ids[row].as_py() or "")


def identities(known: Enrolments) -> list[str]:
    """What each enrolment is known by among those of its lead: the source id of its fact."""
    found: list[str] = []
    seen: dict[tuple[int, str], int] = {}
    for lead, row in zip(known.lead.tolist(), known.row.tolist(), strict=True):
        own = _id_of(known.stories.log, row)
        again = seen[lead, own] = seen.get((lead, own), 0) + 1
        found.append(own if again == 1 else f"{own[:190]} {again}")
    return found


def _points(rules: Rules, log: Log, now: int) -> Points | None:
    """Fit and interest after each fact, if a track lets leads enter by them."""
    agreement = scoring.agreed(rules, now)
    conditions = [track.enter_when for track in agreement.nurture.values()]
    if not any(_asks_points(one) for one in conditions) or not scoring.has_points(agreement):
        return None
    own = scoring.shared(rules, log)
    found = weighed(agreement, happenings(own))
    begun = np.insert((np.diff(own.lead) != 0) | (np.diff(own.at) != 0), 0, True)
    after = 2 * np.cumsum(begun) - 1  # each instant has a moment before it and one with it
    return Points(found.fit[after], found.interest[after])


def _asks_points(condition: Any) -> bool:
    if isinstance(condition, All):
        return any(_asks_points(part) for part in condition.all)
    if isinstance(condition, Any_):
        return any(_asks_points(part) for part in condition.any)
    if isinstance(condition, Not):
        return _asks_points(condition.not_)
    return isinstance(condition, Is) and bool({"fit", "interest"} & condition.fields.keys())


def write(workspace: int, rules: Rules, judgement: Judgement) -> None:
    """Rewrite the index of enrolments of the leads that were judged; rows that stay the same are left."""
    log = judgement.log
    if not np.isin(log.kind, (ENROLLED, RETURNED, CORRECTED)).any():
        return
    condition, values = database.among("lead", log.keys)
    listed = ", ".join(NAMES)
    sql = f"SELECT id, {listed} FROM book_enrolment WHERE workspace_id = %s AND {condition}"
    stored = {(row[1], row[3]): row for row in database.rows(sql, [workspace, *values])}
    fresh = []
    for row in drawn(rules, judgement):
        known = stored.pop((row[0], row[2]), None)
        if known is None or known[1:] != row:
            fresh.append(row)
    if stored:
        ids = [row[0] for row in stored.values()]
        Enrolment.objects.of(workspace).filter(id__in=ids).delete()
    if fresh:
        database.insert(
            Enrolment,
            ("workspace", *NAMES),
            [[workspace] * len(fresh), *zip(*fresh, strict=True)],
            unique=("workspace", "lead", "fact"),
            update=[name for name in NAMES if name not in ("lead", "fact")],
        )


def drawn(rules: Rules, judgement: Judgement) -> list[tuple[Any, ...]]:
    """The rows of the index of enrolments (`NAMES`) of the leads of a judgement."""
    is_on = rules.nurtures_since is not None
    known = enrolments(judgement.stories, resumed=rules.nurtures_since or 0)
    log, facts = judgement.log, identities(known)
    sends = _own(rules, known, _ours(log, rules.hands_over_but)) & is_on
    interest = _interest(rules, judgement.log, known)
    rows = []
    for n in range(len(known)):
        row, next_at, left_at = (int(one[n]) for one in (known.row, known.next_at, known.left_at))
        reason = int(known.why[n])
        rows.append(
            (
                log.keys[int(known.lead[n])],
                known.places[int(known.place[n])].name[:200],
                facts[n],
                int(known.at[n]),
                (log.people[log.who[row]] if log.who[row] >= 0 else "")[:200],
                _why(log, row)[:500],
                int(known.step[n]),
                next_at if next_at != NEVER and sends[n] else None,
                bool(known.is_paused[n]),
                interest[n],
                left_at if left_at != NEVER else None,
                known.reasons[reason][:200] if reason >= 0 else "",
            )
        )
    return rows


def _why(log: Log, row: int) -> str:
    """Why a lead came into a track: somebody's words, or how the desk or sales put it there."""
    told = {name: _field(log, name, row) for name in ("why", "reason", "note")}
    if log.kind[row] == RETURNED:
        return f"@{GIVEN_BACK} {told['reason'] or told['why']}".rstrip()
    if log.systems[log.source[row]] == SYSTEM:
        return f"@{told['reason']} {told['why']}".rstrip()
    return (told["why"] or told["reason"] or told["note"]).lstrip("@")


def _field(log: Log, name: str, row: int) -> str:
    sparse = log.fields.get(name)
    return "" if sparse is None else sparse.of(row) or ""


def _interest(rules: Rules, log: Log, known: Enrolments) -> list[int | None]:
    """The interest with which each enrolment began, in hundredths of a point."""
    found: list[int | None] = [None] * len(known)
    agreement = scoring.agreed(rules, int(log.at.max(initial=0)))
    if not len(known) or not scoring.has_points(agreement):
        return found
    own = scoring.shared(rules, log)
    firsts = np.searchsorted(known.lead, known.lead)
    nth = np.arange(len(known)) - firsts
    for turn in range(min(int(nth.max()) + 1, MOST_SCORED)):
        rows = np.flatnonzero(nth == turn)
        at = np.zeros(len(log.keys), np.int64)
        at[known.lead[rows]] = known.at[rows]
        points = scores(agreement, own, at).interest[known.lead[rows]]
        for n, value in zip(rows.tolist(), points.tolist(), strict=True):
            found[n] = int(value)
    return found
