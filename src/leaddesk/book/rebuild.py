"""Rebuild: draw every index row of a workspace afresh from its log, and tell the digest of them."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256

from leaddesk.book import database, due
from leaddesk.book.logbook import Circle
from leaddesk.book.models import Due, Lead
from leaddesk.book.record import judged
from leaddesk.book.rules import rules_of
from leadpact.facts import MERGED

LEADS_AT_ONCE = 5_000
"""So many leads are redrawn in one transaction, so that others can write in between."""

_MOST_REMOVED = 500


def rebuild(workspace: int, now: int, progress: Callable[[int], None] | None = None) -> str:
    """Redraw every lead, remove rows of leads that the log doesn't know; the digest of the rows.

    What has come due meanwhile is ruled and queued, as when a worker looks at it.
    """
    known: set[str] = set()
    for keys in _shares(workspace):
        database.in_transaction(lambda keys=keys: _redraw(workspace, keys, now))
        known.update(keys)
        if progress is not None:
            progress(len(keys))
    database.in_transaction(lambda: _remove_others(workspace, known))
    return digest(workspace)


def _redraw(workspace: int, keys: list[str], now: int) -> None:
    database.lock(workspace, keys)
    judged(workspace, rules_of(workspace), Circle(keys, {}), now, announce=True)


def _remove_others(workspace: int, known: set[str]) -> None:
    for model, name in ((Lead, "key"), (Due, "lead")):
        stored = model.objects.of(workspace).values_list("pk", name)
        strange = [number for number, key in stored.iterator() if key not in known]
        for start in range(0, len(strange), _MOST_REMOVED):
            some = strange[start : start + _MOST_REMOVED]
            model.objects.of(workspace).filter(pk__in=some).delete()


def _shares(workspace: int) -> Iterator[list[str]]:
    """The keys of all leads of the log, in shares that tear no merged leads apart."""
    sql = "SELECT DISTINCT lead FROM book_fact WHERE workspace_id = %s AND lead <> '' ORDER BY lead"
    keys = [key for (key,) in database.rows(sql, [workspace])]
    groups = _merged(workspace)
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


def _merged(workspace: int) -> dict[str, list[str]]:
    """For each lead that was merged, or merged into, all those that are one with it, in order."""
    sql = "SELECT lead, body FROM book_fact WHERE workspace_id = %s AND kind = %s"
    groups: dict[str, set[str]] = {}
    for lead, body in database.rows(sql, [workspace, MERGED]):
        into = str(json.loads(body).get("into") or "").strip()
        whole = groups.get(lead, {lead}) | groups.get(into, {into})
        groups |= dict.fromkeys(whole, whole)
    sql = "SELECT 1 FROM book_fact WHERE workspace_id = %s AND lead = %s LIMIT 1"
    known = {key for key in groups if key and database.rows(sql, [workspace, key])}
    return {key: sorted(groups[key] & known) for key in known}


def digest(workspace: int) -> str:
    """The SHA-256 of all index rows, without what only says who works on them."""
    running = sha256()
    for table, names in (("book_lead", due.LEAD_NAMES), ("book_due", due.DUE_NAMES)):
        listed = ", ".join(f'"{name}"' for name in names)
        sql = f"SELECT {listed} FROM {table} WHERE workspace_id = %s"
        rows = [
            repr([int(value) if isinstance(value, bool) else value for value in row])
            for row in database.rows(sql, [workspace])
        ]
        for row in sorted(rows):
            running.update(row.encode())
    return running.hexdigest()
