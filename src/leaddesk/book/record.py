"""Record: the only way to change a lead.

In one transaction: append facts, judge the leads they touch, append the rulings, rewrite the index
rows, queue the notices, note who did it. One lead and ten thousand take the same path, and so does
a lead that is looked at again because its time has come.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from leaddesk.book import audit, before, database, due, escalation, logbook, running
from leaddesk.book.codec import Row, row_of
from leaddesk.book.fault import fault
from leaddesk.book.models import Notice, Workspace
from leaddesk.book.moment import MINUTE
from leaddesk.book.rules import Rules, rules_of
from leadpact.facts import (
    ACCEPTED,
    ASSIGNED,
    CORRECTED,
    ENROLLED,
    HANDED_OVER,
    RETURNED,
    RULED,
)
from leadpact.judge import Judgement, judge
from leadpact.log import Log
from leadpact.notices import Notice as Heard
from leadpact.notices import notices
from leadpact.rulings import SYSTEM, rulings

_ROUNDS = 4
"""A reassignment can start a promise; more than so many at one instant are left to the next one."""
_DONE = {
    ASSIGNED: "reassigned",
    HANDED_OVER: "handed over",
    ACCEPTED: "accepted by silence",
    RETURNED: "gave back after silence",
    CORRECTED: "took back",
    ENROLLED: "moved in a track",
}
"""What the desk does of itself with leads, as the audit calls it."""
_LONGEST_WAIT = MINUTE
"""More than a write ever waits for the leads that others write."""


@dataclass(frozen=True)
class Submission:
    """What one caller wants recorded: facts, and leads to look at again (with their fence).

    Without `announce` nobody hears of it: the history of a workspace before it came here.
    """

    workspace: int
    rows: Sequence[Row] = ()
    again: Mapping[str, int | None] = field(default_factory=dict)
    actor: str = SYSTEM
    request: str = ""
    announce: bool = True


@dataclass(frozen=True)
class Recorded:
    """What came of a submission: for each of its rows whether it is new, was known, or is refused
    because another fact has its source id; and how much followed from all that was recorded with it.
    """

    outcomes: list[str]
    leads: int
    rulings: int
    notices: int


def record(submissions: Sequence[Submission], *, now: int) -> list[Recorded]:
    """Record what several callers submit, in one transaction; all of it or nothing."""
    return database.in_transaction(lambda: _recorded(submissions, now))


def _recorded(submissions: Sequence[Submission], now: int) -> list[Recorded]:
    answers: dict[int, Recorded] = {}
    groups: dict[tuple[int, bool], list[int]] = {}
    for place, one in enumerate(submissions):
        groups.setdefault((one.workspace, one.announce), []).append(place)
    for (workspace, announce), places in groups.items():
        found = _of_workspace(workspace, [submissions[n] for n in places], now, announce)
        answers |= dict(zip(places, found, strict=True))
    fault("record:before-commit")
    return [answers[place] for place in range(len(submissions))]


def _of_workspace(
    workspace: int, submissions: Sequence[Submission], now: int, announce: bool
) -> list[Recorded]:
    rows = [row for one in submissions for row in one.rows]
    again = {key: fence for one in submissions for key, fence in one.again.items()}
    touched = {row.lead for row in rows if row.lead} | set(again)
    accounts = {row.account for row in rows if row.account}
    database.lock(workspace, touched | accounts)
    rules = rules_of(workspace)  # no others come in force while these leads are locked
    if not announce:
        _hear_first(workspace, rules, [row for row in rows if row.lead not in again], now)
    requests = [one.request for one in submissions for _row in one.rows]
    outcomes = logbook.append(workspace, rows, requests)
    fault("record:appended")
    new = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome == "new"]
    leads = {row.lead for row in new if row.lead} | logbook.still_held(workspace, again)
    circle = logbook.circle(workspace, leads, new, companies=rules.joins_companies)
    given, heard = judged(workspace, rules, circle, now, announce)
    _note(workspace, submissions, outcomes, now)
    return _answers(submissions, outcomes, len(circle.keys), given, heard)


def _hear_first(workspace: int, rules: Rules, rows: Sequence[Row], now: int) -> None:
    """Let be heard what is due already of the leads that history is about to touch in silence."""
    touched = logbook.circle(workspace, {row.lead for row in rows if row.lead}, rows)
    if late := logbook.late(workspace, touched.keys, rules.count, now):
        whole = logbook.circle(workspace, late, companies=rules.joins_companies)
        judged(workspace, rules, whole, now, announce=True)


def judged(
    workspace: int, rules: Rules, circle: logbook.Circle, now: int, announce: bool
) -> tuple[int, int]:
    """Judge the leads of a circle and write what follows; how many rulings and notices are new."""
    if not circle.keys:
        return 0, 0
    given = heard = silent = 0
    moved: list[Row] = []
    for _round in range(_ROUNDS):
        log = logbook.log_of(workspace, circle, rules.zone)
        now = _not_before(log, now)
        judgement = judge(rules.program, log, now=now)
        ruling = rulings(judgement.obligations, judgement.stories)
        heard_at = _after_rulings(log, now)
        ruled = [row_of(fact, heard_at) for fact in ruling.facts()]
        said, acts = _unheard(workspace, [*notices(ruling)]), []
        old: list[Heard] = []
        if announce:
            said, old = before.told_apart(rules, log, said)
            acts, said = escalation.reassigned(workspace, rules, judgement, said, now)
        given += logbook.append(workspace, ruled, [""] * len(ruled)).count("new")
        heard += _queue(workspace, said, circle.since, now, announce)
        silent += _queue(workspace, old, circle.since, now, announce=False)
        run = running.followed(workspace, rules, judgement, now, announce)
        acts = [*acts, *run.rows]
        outcomes = logbook.append(workspace, acts, [""] * len(acts))
        moved += [row for row, outcome in zip(acts, outcomes, strict=True) if outcome == "new"]
        if "new" not in outcomes:
            break
    fault("record:judged")
    due.write(workspace, rules, judgement, run)
    fault("record:indexed")
    _note_own(workspace, given, silent, moved, now)
    return given, heard + silent


def _not_before(log: Log, now: int) -> int:
    """The instant `now`, or when these leads were last ruled, or heard of while a write waited.

    Who waited, or has a slower clock, would take back what was ruled meanwhile. A fact that was
    heard by a clock far ahead, and ruled nothing, doesn't count before it has happened.
    """
    counts = (log.kind == RULED) | (log.recorded_at <= now + _LONGEST_WAIT)
    return max(now, int(log.recorded_at[counts].max(initial=now)))


def _after_rulings(log: Log, now: int) -> int:
    """The instant `now`, or right after the last ruling: of two at one instant, none is the last."""
    told = log.recorded_at[log.kind == RULED]
    return max(now, int(told.max()) + 1) if len(told) else now


def _unheard(workspace: int, said: Sequence[Heard]) -> list[Heard]:
    """What isn't queued yet."""
    known = _known(workspace, [one.key for one in said])
    return [one for one in said if one.key not in known]


def _queue(
    workspace: int, fresh: Sequence[Heard], since: Mapping[str, int], now: int, announce: bool
) -> int:
    """Queue what has to be heard; how much that is."""
    posted = None if announce else now
    database.insert(
        Notice,
        ("workspace", "key", "kind", "to", "lead", "body", "cause_at", "created_at", "posted_at"),
        [
            [workspace] * len(fresh),
            [one.key for one in fresh],
            [one.kind for one in fresh],
            [one.to or "" for one in fresh],
            [one.lead for one in fresh],
            [json.dumps(one.to_json(), ensure_ascii=False) for one in fresh],
            [_cause(one, since.get(one.lead, now), now) for one in fresh],
            [now] * len(fresh),
            [posted] * len(fresh),
        ],
        unique=("workspace", "key"),
    )
    return len(fresh)


def _cause(one: Heard, woken: int, now: int) -> int:
    """When a notice became due: when its lead was to be woken, a breach not before it was due.

    What a fact that came late changed is due now.
    """
    breach = one.verdict == "broken" and one.kind != "corrected" and (one.at is None or one.at >= 1)
    return min(max(woken, one.due) if breach and one.due is not None else woken, now)


def _known(workspace: int, keys: Sequence[str]) -> set[str]:
    if not keys:
        return set()
    condition, values = database.among("key", keys)
    sql = f"SELECT key FROM book_notice WHERE workspace_id = %s AND {condition}"
    return {key for (key,) in database.rows(sql, [workspace, *values])}


def _note(
    workspace: int,
    submissions: Sequence[Submission],
    outcomes: Sequence[str],
    now: int,
) -> None:
    """An audit entry for each caller that brought something new."""
    entries = []
    place = 0
    for one in submissions:
        own = outcomes[place : place + len(one.rows)]
        place += len(one.rows)
        if count := own.count("new"):
            subjects = {row.lead or row.account for row in one.rows}
            subject = f"lead {subjects.pop()}" if len(subjects) == 1 else f"{len(subjects)} leads"
            entries.append(
                audit.Note(one.actor, "recorded facts", subject, {"facts": count}, one.request)
            )
    audit.note(workspace, entries, now)


def _note_own(workspace: int, given: int, silent: int, moved: Sequence[Row], now: int) -> None:
    """Audit entries for what the desk did of itself: the rulings, how many notices of causes before
    the agreement was in force went to nobody, and what it did with each lead."""
    entries = [
        audit.Note(SYSTEM, _DONE[row.kind], f"lead {row.lead}", json.loads(row.body))
        for row in moved
        if row.kind in _DONE
    ]
    if given:
        entries.append(audit.Note(SYSTEM, "gave rulings", "", {"rulings": given}))
    if silent:
        entries.append(audit.Note(SYSTEM, "announced to nobody", "", {"notices": silent}))
    audit.note(workspace, entries, now)


def _answers(
    submissions: Iterable[Submission], outcomes: list[str], leads: int, given: int, heard: int
) -> list[Recorded]:
    answers = []
    place = 0
    for one in submissions:
        end = place + len(one.rows)
        answers.append(Recorded(outcomes[place:end], leads, given, heard))
        place = end
    return answers


class Together(NamedTuple):
    """Some leads with all that bears on them, judged as they stand; `crowds` are the companies that have
    too many leads to count for each other (None: nobody looked)."""

    rules: Rules
    judgement: Judgement
    crowds: frozenset[str] | None


def together(
    workspace: int, keys: Iterable[str], *, now: int, rules: Rules | None = None
) -> Together:
    """The judgement of some leads as they stand, read only: for the working of their obligations. By
    `rules`, where the caller has them at hand."""
    rules = rules or rules_of(workspace)
    circle = logbook.circle(workspace, set(keys), lock=False, companies=rules.joins_companies)
    log = logbook.log_of(workspace, circle, rules.zone)
    judgement = judge(rules.program, log, now=_not_before(log, now))
    return Together(rules, judgement, circle.crowded)


def judgement_of(
    workspace: int, keys: Iterable[str], *, now: int, rules: Rules | None = None
) -> tuple[Rules, Judgement]:
    """The same without what scores alone need."""
    found = together(workspace, keys, now=now, rules=rules)
    return found.rules, found.judgement


def warm(now: int) -> None:
    """Let the engine load itself now, not at the first lead that somebody waits for.

    What is wrong with the workspace that it is tried on is told when its leads are judged.
    """
    for workspace in Workspace.objects.values_list("pk", flat=True)[:1]:
        with suppress(ValueError):
            judgement_of(workspace, (), now=now)
