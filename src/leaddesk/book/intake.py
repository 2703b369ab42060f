"""Intake: facts as callers hand them in, checked, recorded, and answered item by item."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import transaction

from leaddesk.book import deciding, narrowing
from leaddesk.book.access import Actor
from leaddesk.book.codec import Incoming, incoming
from leaddesk.book.record import Recorded, Submission, record
from leaddesk.book.rules import rules_of
from leadpact.problem import Problem


@dataclass(frozen=True)
class Handed:
    """Facts in their JSON form that one caller hands in, who that is, and for what request.

    `system` is where they come from, unless they say so. A `history` may say when each fact was
    heard, and nobody hears of what follows from it. With `narrowed` they are of somebody who sees some
    leads only, and says nothing about others. What a `speaker` says is checked as `deciding` tells.
    """

    workspace: int
    items: Sequence[Any]
    system: str
    actor: str
    request: str = ""
    history: bool = False
    narrowed: Actor | None = None
    speaker: Actor | None = None


@dataclass(frozen=True)
class Taken:
    """What came of each item: "new", "known", "conflict" (its source id is another fact's) or
    "refused", with the problems of those (`hidden`: about leads that the caller may not see); its
    source id; and how much followed.

    What followed is that of the whole transaction, which others may have shared.
    """

    outcomes: list[str]
    source_ids: list[str | None]
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    leads: int = 0
    rulings: int = 0
    notices: int = 0
    hidden: frozenset[int] = frozenset()


def take(handed: Sequence[Handed], *, now: int, dry_run: bool = False) -> list[Taken]:
    """Check and record what callers hand in, in one transaction; a dry run leaves nothing behind."""
    checked = _checked(handed, now)
    for one, found in zip(handed, checked, strict=True):
        if one.speaker is not None:
            _hear(one.speaker, found, now)
    hidden = [
        _narrow(one.narrowed, found) if one.narrowed else frozenset()
        for one, found in zip(handed, checked, strict=True)
    ]
    submissions = [
        Submission(
            one.workspace,
            found.rows,
            actor=one.actor,
            request=one.request,
            announce=not one.history,
        )
        for one, found in zip(handed, checked, strict=True)
    ]
    recorded = _tried(submissions, now) if dry_run else record(submissions, now=now)
    return [
        _taken(one, found, answer, beyond)
        for one, found, answer, beyond in zip(handed, checked, recorded, hidden, strict=True)
    ]


def _checked(handed: Sequence[Handed], now: int) -> list[Incoming]:
    """The items of all callers as rows; those of the same kind of caller are checked at once."""
    found: list[Incoming] = [Incoming() for _one in handed]
    order = sorted(range(len(handed)), key=lambda n: _kind(handed[n]))
    for kind, group in groupby(order, key=lambda n: _kind(handed[n])):
        places = [*group]
        workspace, system, history = kind
        zone = rules_of(workspace).zone
        items = [item for n in places for item in handed[n].items]
        whole = incoming(items, zone=zone, now=now, system=system, history=history)
        _share_out(whole, [(found[n], len(handed[n].items)) for n in places])
    return found


def _kind(one: Handed) -> tuple[int, str, bool]:
    return one.workspace, one.system, one.history


def _share_out(whole: Incoming, parts: Sequence[tuple[Incoming, int]]) -> None:
    """Give each caller their own part of what was checked at once."""
    owners: list[tuple[Incoming, int]] = []
    for part, size in parts:
        owners += [(part, len(owners))] * size
    for row, place in zip(whole.rows, whole.places, strict=True):
        part, start = owners[place]
        part.rows.append(row)
        part.places.append(place - start)
    for place, problems in whole.problems.items():
        part, start = owners[place]
        part.problems[place - start] = problems


def _hear(speaker: Actor, found: Incoming, now: int) -> None:
    """Refuse what this one may not say for others; what they say themselves has their name."""
    found.rows[:] = [deciding.signed(speaker, row) for row in found.rows]
    refused = deciding.spoken(speaker, found.rows, now)
    for n, problem in refused.items():
        found.problems[found.places[n]] = [problem]
    _leave_out(found, refused)


def _narrow(actor: Actor, found: Incoming) -> frozenset[int]:
    """Refuse what this one may not record; the places of what is about leads that they may not see."""
    absent = narrowing.hidden(actor, found.rows)
    refused = dict(narrowing.overridden(actor, found.rows))
    refused |= {**dict(narrowing.grabbed(actor, found.rows)), **absent}
    for n, problem in refused.items():
        found.problems[found.places[n]] = [problem]
    hidden = frozenset(found.places[n] for n in absent)
    _leave_out(found, refused)
    return hidden


def _leave_out(found: Incoming, refused: Collection[int]) -> None:
    kept = [n for n in range(len(found.rows)) if n not in refused]
    found.rows[:] = [found.rows[n] for n in kept]
    found.places[:] = [found.places[n] for n in kept]


def _tried(submissions: Sequence[Submission], now: int) -> list[Recorded]:
    with transaction.atomic():
        answers = record(submissions, now=now)
        transaction.set_rollback(True)
    return answers


def _taken(one: Handed, found: Incoming, answer: Recorded, hidden: frozenset[int]) -> Taken:
    outcomes = ["refused"] * len(one.items)
    source_ids: list[str | None] = [None] * len(one.items)
    for place, row, outcome in zip(found.places, found.rows, answer.outcomes, strict=True):
        outcomes[place] = outcome
        source_ids[place] = row.source_id
    followed = (answer.leads, answer.rulings, answer.notices)
    return Taken(outcomes, source_ids, found.problems, *followed, hidden)
