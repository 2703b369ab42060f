"""Recount: whether the facts can be read, and whether the index rows are what they yield."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from leaddesk.book import codec, database, due, handoffs, running
from leaddesk.book.codec import Row
from leaddesk.book.models import Due, Fact, Handoff, Lead, Workspace
from leaddesk.book.record import judgement_of
from leaddesk.book.snapshot import snapshot
from leadpact.rulings import SYSTEM

SAMPLE, AT_ONCE = 500, 500
MOST_TOLD = 20
"""So many faults of one kind are told; more of them need the same cure."""
_FAR = 2**60
_NAMES = [name for name in due.LEAD_NAMES if name != "rules"]  # what rests keeps its old count


def unreadable(workspace: Workspace, *, full: bool) -> Iterator[tuple[str, str]]:
    """Facts that the engine can't read, each with why; of the last ones, or of all."""
    told = 0
    stored = Fact.objects.of(workspace).order_by("-pk").values_list("pk", *Row._fields)
    rows = stored.iterator(chunk_size=AT_ONCE) if full else iter(stored[:SAMPLE])
    while share := [row for row, _n in zip(rows, range(AT_ONCE), strict=False)]:
        for source, problem in _unreadable(workspace, share):
            yield source, problem
            told += 1
            if told == MOST_TOLD:
                return


def _unreadable(workspace: Workspace, share: Sequence[Any]) -> Iterator[tuple[str, str]]:
    names, items = [], []
    for _number, *row in share:
        fact = Row._make(row)
        name = f"{fact.system}/{fact.source_id}"
        try:
            items.append(codec.fact_of(fact))
            names.append(name)
        except (ArithmeticError, IndexError, TypeError, ValueError) as error:
            yield name, str(error)
    found = codec.incoming(items, zone=workspace.zone, now=_FAR, system=SYSTEM, history=True)
    for place, problems in sorted(found.problems.items()):
        yield names[place], problems[0].problem


def differences(workspace: Workspace, now: int, *, full: bool) -> Iterator[tuple[str, str]]:
    """Leads whose index rows aren't what judging them now yields, each with what differs.

    Leads that a worker has still to look at are left out: their rows may lag behind.
    """
    told = 0
    for found in (_missing(workspace), _differing(workspace, now, full)):
        for difference in found:
            yield difference
            told += 1
            if told == MOST_TOLD:
                return


def _missing(workspace: Workspace) -> Iterator[tuple[str, str]]:
    without_row = """SELECT DISTINCT f.lead FROM book_fact f
        WHERE f.workspace_id = %s AND f.lead <> '' AND NOT EXISTS (SELECT 1 FROM book_lead l
        WHERE l.workspace_id = f.workspace_id AND l.key = f.lead) LIMIT %s"""
    for (key,) in database.rows(without_row, [workspace.pk, MOST_TOLD]):
        yield key, "it has facts and no row."
    without_facts = """SELECT l.key FROM book_lead l
        WHERE l.workspace_id = %s AND NOT EXISTS (SELECT 1 FROM book_fact f
        WHERE f.workspace_id = l.workspace_id AND f.lead = l.key) LIMIT %s"""
    for (key,) in database.rows(without_facts, [workspace.pk, MOST_TOLD]):
        yield key, "it has a row and no facts."


def _differing(workspace: Workspace, now: int, full: bool) -> Iterator[tuple[str, str]]:
    leads = Lead.objects.of(workspace)
    if full:
        keys = [*leads.order_by("key").values_list("key", flat=True)]
    else:
        keys = [*leads.order_by("?").values_list("key", flat=True)[:SAMPLE]]
    for start in range(0, len(keys), AT_ONCE):
        with snapshot():
            found = [*_compared(workspace, keys[start : start + AT_ONCE], now)]
        yield from found


def _compared(workspace: Workspace, keys: list[str], now: int) -> Iterator[tuple[str, str]]:
    count = Workspace.objects.values_list("rules", flat=True).get(pk=workspace.pk)
    at_rest = Lead.objects.of(workspace).filter(Q(rules=count) | Q(is_settled=True), key__in=keys)
    stored = {row[0]: row for row in at_rest.exclude(wake_at__lte=now).values_list(*_NAMES)}
    if not stored:
        return
    rules, judgement = judgement_of(workspace.pk, stored, now=now)
    run = running.followed(workspace.pk, rules, judgement, now, announce=False)
    columns = zip(due.LEAD_NAMES, due.lead_columns(judgement, rules, run.wakes), strict=True)
    drawn = [column for name, column in columns if name in _NAMES]
    fresh = {row[0]: row for row in zip(*drawn, strict=True)}
    owed = _by_lead(zip(*due.due_columns(judgement.obligations), strict=True))
    kept = _by_lead(
        Due.objects.of(workspace).filter(lead__in=[*stored]).values_list(*due.DUE_NAMES)
    )
    given = _by_lead(handoffs.rows(rules, judgement, run.waiting))
    taken = _by_lead(
        Handoff.objects.of(workspace).filter(lead__in=[*stored]).values_list(*handoffs.NAMES)
    )
    for key, row in stored.items():
        if key not in fresh:
            continue  # told already: it has no facts
        if row != fresh[key]:
            yield key, _told(_NAMES, row, fresh[key])
        elif kept.get(key) != owed.get(key):
            yield key, "its obligations are others."
        elif taken.get(key) != given.get(key):
            yield key, "its handoffs are others."


def _by_lead(rows: Any) -> dict[str, set[tuple[Any, ...]]]:
    found: dict[str, set[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], set()).add(tuple(row))
    return found


def _told(names: Sequence[str], row: Sequence[Any], fresh: Sequence[Any]) -> str:
    different = [
        f"{name} is {json.dumps(one)} and should be {json.dumps(other)}"
        for name, one, other in zip(names, row, fresh, strict=True)
        if one != other
    ]
    return f"{', '.join(different)}."
