"""Rebuild: draw every index row of a workspace afresh from its log, and tell the digest of them."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256

from django.db.models import Exists, OuterRef

from leaddesk.book import database, due, handoffs, logbook, nurturing
from leaddesk.book.logbook import Circle
from leaddesk.book.models import Due, Enrolment, Fact, Handoff, Lead
from leaddesk.book.record import judged
from leaddesk.book.rules import rules_of
from leadpact.facts import MERGED

LEADS_AT_ONCE = 5_000
"""So many leads are redrawn in one transaction, so that others can write in between."""

_MOST_REMOVED = 500
_NAMES = [name for name in due.LEAD_NAMES if name != "rules"]
_TABLES = (
    ("book_lead", _NAMES),
    ("book_due", due.DUE_NAMES),
    ("book_enrolment", nurturing.NAMES),
    ("book_handoff", handoffs.NAMES),
)
"""Every index, and the columns of it that follow from the log."""
_OF_LEADS = ((Lead, "key"), (Due, "lead"), (Enrolment, "lead"), (Handoff, "lead"))


def rebuild(workspace: int, now: int, progress: Callable[[int], None] | None = None) -> str:
    """Redraw every lead, remove rows of leads that the log doesn't know; the digest of the rows.

    What has come due meanwhile is ruled and queued, as when a worker looks at it.
    """
    for keys in _shares(workspace):
        database.in_transaction(lambda keys=keys: _redraw(workspace, keys, now))
        if progress is not None:
            progress(len(keys))
    _remove_strange(workspace)
    return digest(workspace)


def _redraw(workspace: int, keys: list[str], now: int) -> None:
    database.lock(workspace, keys)
    rules = rules_of(workspace)
    whole = Circle(keys, {})
    if rules.joins_companies:
        whole = logbook.circle(workspace, keys, companies=True)
    judged(workspace, rules, whole, now, announce=True)


def _remove_strange(workspace: int) -> None:
    """Remove the rows of leads of which the log has no fact; others may write meanwhile."""
    for model, name in _OF_LEADS:
        table = model._meta.db_table  # noqa: SLF001
        sql = f"""SELECT DISTINCT r.{name} FROM {table} r WHERE r.workspace_id = %s AND NOT EXISTS
                  (SELECT 1 FROM book_fact f
                   WHERE f.workspace_id = r.workspace_id AND f.lead = r.{name})"""
        strange = [key for (key,) in database.rows(sql, [workspace])]
        for start in range(0, len(strange), _MOST_REMOVED):
            some = strange[start : start + _MOST_REMOVED]
            database.in_transaction(lambda some=some: _remove(workspace, some))


def _remove(workspace: int, keys: list[str]) -> None:
    """Remove the rows of these leads, unless a fact of theirs came until they were locked."""
    database.lock(workspace, keys)
    for model, name in _OF_LEADS:
        known = Exists(Fact.objects.of(workspace).filter(lead=OuterRef(name)))
        model.objects.of(workspace).filter(~known, **{f"{name}__in": keys}).delete()


def _shares(workspace: int) -> Iterator[list[str]]:
    """The keys of all leads of the log, in shares that tear no merged leads apart."""
    sql = "SELECT DISTINCT lead FROM book_fact WHERE workspace_id = %s AND lead <> '' ORDER BY lead"
    keys = [key for (key,) in database.rows(sql, [workspace])]
    groups = _merged(workspace, {*keys})
    share: list[str] = []
    for key in keys:
        if key in groups and groups[key][0] != key:
            continue  # comes with the first of its group
        share += groups.get(key, [key])
        if len(share) >= LEADS_AT_ONCE:
            yield share
            share = []
    if share:
        yield share


def _merged(workspace: int, known: set[str]) -> dict[str, list[str]]:
    """For each known lead that was merged, or merged into, all those that are one with it, in order."""
    sql = "SELECT lead, body FROM book_fact WHERE workspace_id = %s AND kind = %s"
    above: dict[str, str] = {}
    for lead, body in database.rows(sql, [workspace, MERGED]):
        into = str(json.loads(body).get("into") or "").strip()
        if lead and into:
            above[_top(above, lead)] = _top(above, into)
    groups: dict[str, list[str]] = {}
    for key in sorted({*above, *above.values()} & known):
        groups.setdefault(_top(above, key), []).append(key)
    return {key: group for group in groups.values() for key in group}


def _top(above: dict[str, str], key: str) -> str:
    """The lead that stands for all that are one with this one; the way there is halved."""
    while (up := above.setdefault(key, key)) != key:
        above[key] = above[up]
        key = up
    return key


def digest(workspace: int) -> str:
    """The SHA-256 of all index rows, without what only says who works on them, and when they did."""
    running = sha256()
    for table, names in _TABLES:
        listed = ", ".join(f'"{name}"' for name in names)
        sql = f"SELECT {listed} FROM {table} WHERE workspace_id = %s"
        rows = [
            repr([int(value) if isinstance(value, bool) else value for value in row])
            for row in database.rows(sql, [workspace])
        ]
        for row in sorted(rows):
            running.update(row.encode())
    return running.hexdigest()
