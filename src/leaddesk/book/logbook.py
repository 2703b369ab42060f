"""The logbook: facts in the database, appended once, and read as the log of the leads concerned."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from leaddesk.book import database
from leaddesk.book.codec import Row, log_of_rows
from leaddesk.book.models import Fact
from leadpact.facts import MERGED, RULED
from leadpact.log import Log
from leadpact.score import MOST_TOGETHER

COLUMNS = "lead, account, kind, occurred_at, recorded_at, date_only, system, source_id, body"
"""The columns of a `Row`, in its order."""
_NAMES = ("workspace", *Row._fields, "request")
_IDENTITY = ("workspace", "system", "source_id")


@dataclass(frozen=True)
class Circle:
    """Leads that have to be judged together, since facts of one count for another.

    `since` has the instant for which each was to be woken, where there was one; `crowded` the companies
    that have too many leads to be taken together (None: nobody looked).
    """

    keys: list[str]
    since: Mapping[str, int]
    crowded: frozenset[str] | None = None


def append(workspace: int, rows: Sequence[Row], requests: Sequence[str]) -> list[str]:
    """Store facts; for each whether it is "new", "known", or in "conflict" with another fact that
    has its source id."""
    if not rows:
        return []
    first: dict[tuple[str, str], int] = {}
    for place, row in enumerate(rows):
        first.setdefault((row.system, row.source_id), place)
    places = [*first.values()]
    known = {} if database.is_postgresql() else _stored(workspace, [rows[n] for n in places])
    fresh = [n for n in places if _identity(rows[n]) not in known]
    inserted = _insert(workspace, [rows[n] for n in fresh], [requests[n] for n in fresh])
    if late := [rows[n] for n in fresh if _identity(rows[n]) not in inserted]:
        known |= _stored(workspace, late)
    return [
        _outcome(row, place, rows[first[_identity(row)]], first[_identity(row)], known)
        for place, row in enumerate(rows)
    ]


def _outcome(
    row: Row, place: int, earliest: Row, first: int, known: Mapping[tuple[str, str], Row]
) -> str:
    stored = known.get(_identity(row))
    if stored is None and place == first:
        return "new"
    return "known" if _same(row, stored or earliest) else "conflict"


def _same(one: Row, other: Row) -> bool:
    return one._replace(recorded_at=0) == other._replace(recorded_at=0)


def _identity(row: Row) -> tuple[str, str]:
    return row.system, row.source_id


def _insert(workspace: int, rows: Sequence[Row], requests: Sequence[str]) -> set[tuple[str, str]]:
    """Store the rows whose identity isn't there yet; the identities of those that were stored."""
    if not rows:
        return set()
    columns = [[workspace] * len(rows), *zip(*rows, strict=True), requests]
    returned = database.insert(
        Fact, _NAMES, columns, unique=_IDENTITY, returning=("system", "source_id")
    )
    return {_identity(row) for row in rows} if returned is None else {*returned}


def _stored(workspace: int, rows: Sequence[Row]) -> dict[tuple[str, str], Row]:
    """The stored facts that have the identity of these."""
    condition, values = database.among("source_id", [row.source_id for row in rows])
    sql = f"SELECT {COLUMNS} FROM book_fact WHERE workspace_id = %s AND system = %s AND {condition}"
    found = {}
    for system in {row.system for row in rows}:
        for one in database.rows(sql, [workspace, system, *values]):
            row = _row(one)
            found[_identity(row)] = row
    return found


def _row(stored: tuple) -> Row:  # type: ignore[type-arg]
    row = Row._make(stored)
    return row if isinstance(row.date_only, bool) else row._replace(date_only=bool(row.date_only))


def still_held(workspace: int, again: Mapping[str, int | None]) -> set[str]:
    """The leads to look at again, without those that somebody else holds by now."""
    free = {key for key, fence in again.items() if fence is None}
    fenced = [key for key, fence in again.items() if fence is not None]
    if not fenced:
        return free
    condition, values = database.among("key", fenced)
    sql = f"SELECT key, fence FROM book_lead WHERE workspace_id = %s AND {condition}"
    return free | {
        key for key, fence in database.rows(sql, [workspace, *values]) if fence == again[key]
    }


def late(workspace: int, keys: Sequence[str], rules: int, now: int) -> set[str]:
    """Which of these leads have to be looked at already: their time has come, or old rules judged them."""
    condition, values = database.among("key", keys)
    sql = f"""SELECT key FROM book_lead WHERE workspace_id = %s AND {condition}
              AND (wake_at <= %s OR (rules < %s AND NOT is_settled))"""
    return (
        {key for (key,) in database.rows(sql, [workspace, *values, now, rules])} if keys else set()
    )


def circle(
    workspace: int,
    leads: Iterable[str],
    new: Sequence[Row] = (),
    *,
    lock: bool = True,
    companies: bool = False,
) -> Circle:
    """The leads that new facts touch: their own, those of their account, those merged with them.

    Who only reads them need not `lock` them. Where what one lead did counts for its colleagues too,
    whole `companies` are taken, up to `MOST_TOGETHER` leads each.
    """
    keys = {*leads} | _of_accounts(workspace, {row.account for row in new if not row.lead})
    keys |= {into for row in new if row.kind == MERGED if (into := _named(row.body, "into"))}
    if companies and not lock and not new:
        return _with_companies(workspace, keys)
    since: dict[str, int] = {}
    seen: set[str] = set()
    while keys != seen:
        if lock:
            database.lock(workspace, keys - seen)
        seen = set(keys)
        of_keys, values = database.among("key", sorted(keys))
        of_into, _values = database.among('"into"', sorted(keys))
        sql = f"""SELECT key, "into", wake_at, account FROM book_lead WHERE workspace_id = %s
                  AND ({of_keys} OR ("into" <> '' AND {of_into}))"""
        accounts = {row.account for row in new if row.account}
        for key, into, wake_at, account in database.rows(sql, [workspace, *values, *values]):
            keys.add(key)
            accounts |= {account} - {""}
            if into:
                keys.add(into)
            if wake_at is not None:
                since[key] = wake_at
        if companies:
            keys |= _colleagues(workspace, accounts)
    return Circle(sorted(keys), since)


_WHOLE, _OPEN, _CROWDED = range(3)
"""What a row of `_TOGETHER` tells: a lead that is known with all that belongs to it, one whose own
circle has still to be looked at, or a company that has too many leads."""
_TOGETHER = """WITH own AS MATERIALIZED (
        SELECT key, "into", wake_at, account FROM book_lead WHERE workspace_id = %s
        AND ({of_keys} OR ("into" <> '' AND {of_into}))
    ), sizes AS MATERIALIZED (
        SELECT account, COUNT(*) AS leads FROM book_lead WHERE workspace_id = %s
        AND account <> '' AND account IN (SELECT account FROM own) GROUP BY account
    ), beside AS MATERIALIZED (
        SELECT key, "into", wake_at, account FROM book_lead WHERE workspace_id = %s
        AND account <> '' AND account IN (SELECT account FROM sizes WHERE leads <= %s)
    )
    SELECT 1, key, "into", wake_at FROM own
    UNION ALL SELECT 0, key, "into", wake_at FROM beside
    UNION ALL SELECT 1, key, "into", wake_at FROM book_lead WHERE workspace_id = %s
        AND "into" <> '' AND "into" IN (SELECT key FROM beside)
    UNION ALL SELECT 2, account, '', NULL FROM sizes WHERE leads > %s"""


def _with_companies(workspace: int, leads: set[str]) -> Circle:
    """The circle of some leads with their whole companies, for whoever only reads: mostly one query."""
    keys, done, fresh = set(leads), set(leads), leads
    since: dict[str, int] = {}
    crowds: set[str] = set()
    while fresh:
        of_keys, values = database.among("key", sorted(fresh))
        of_into, _values = database.among('"into"', sorted(fresh))
        sql = _TOGETHER.format(of_keys=of_keys, of_into=of_into)
        sizes = [workspace, workspace, MOST_TOGETHER, workspace, MOST_TOGETHER]
        for what, key, into, wake_at in database.rows(sql, [workspace, *values, *values, *sizes]):
            if what == _CROWDED:
                crowds.add(key)
                continue
            keys |= {key, into} - {""}
            done |= {key} if what == _WHOLE else set()
            if wake_at is not None:
                since[key] = wake_at
        fresh = keys - done
        done = set(keys)
    return Circle(sorted(keys), since, frozenset(crowds))


def _colleagues(workspace: int, accounts: set[str]) -> set[str]:
    """The leads of these companies, but for those that have too many."""
    if not accounts:
        return set()
    condition, values = database.among("account", sorted(accounts))
    sql = f"""SELECT key FROM book_lead
              WHERE workspace_id = %s AND account <> '' AND {condition} AND account NOT IN ({_crowded(condition)})"""
    of_crowded = [workspace, *values, MOST_TOGETHER]
    return {key for (key,) in database.rows(sql, [workspace, *values, *of_crowded])}


def sizes(workspace: int, accounts: set[str]) -> dict[str, int]:
    """How many leads each of some companies has."""
    condition, values = database.among("account", sorted(accounts - {""}))
    sql = f"""SELECT account, COUNT(*) FROM book_lead
              WHERE workspace_id = %s AND account <> '' AND {condition} GROUP BY account"""
    return {account: int(count) for account, count in database.rows(sql, [workspace, *values])}


def crowded(workspace: int, accounts: Iterable[str]) -> set[str]:
    """Those of some companies that have more leads than are taken together."""
    listed = sorted(accounts)
    if not listed:
        return set()
    condition, values = database.among("account", listed)
    sql = _crowded(condition)
    return {account for (account,) in database.rows(sql, [workspace, *values, MOST_TOGETHER])}


def _crowded(condition: str) -> str:
    return f"""SELECT account FROM book_lead WHERE workspace_id = %s AND account <> '' AND {condition}
               GROUP BY account HAVING COUNT(*) > %s"""


def behind(workspace: int, leads: Sequence[tuple[str, str]], place: tuple[str, int]) -> set[str]:
    """Those of some leads (with their companies) that come before a place, or at it, in the order of
    companies and of the rows of the index; a lead without a row comes last in its company."""
    told = json.dumps(leads, ensure_ascii=False)
    if database.is_postgresql():
        pairs = """(SELECT one->>0 AS key, one->>1 AS account
                    FROM json_array_elements(%s::json) AS t(one)) p"""
        reached = "(p.account, COALESCE(l.id, %s)) <= (%s::text, %s::bigint)"
    else:
        pairs = """(SELECT json_extract(value, '$[0]') AS key, json_extract(value, '$[1]') AS account
                    FROM json_each(%s)) p"""
        reached = "(p.account, COALESCE(l.id, %s)) <= (%s, %s)"
    sql = f"""SELECT p.key FROM {pairs} LEFT JOIN book_lead l ON l.workspace_id = %s
              AND l.key = p.key WHERE {reached}"""
    return {key for (key,) in database.rows(sql, [told, workspace, _LAST, *place])}


_LAST = 2**62
"""A number above that of any row."""


def _of_accounts(workspace: int, accounts: set[str]) -> set[str]:
    if not accounts:
        return set()
    condition, values = database.among("account", sorted(accounts))
    sql = f"""SELECT DISTINCT lead FROM book_fact
              WHERE workspace_id = %s AND account <> '' AND lead <> '' AND {condition}"""
    return {key for (key,) in database.rows(sql, [workspace, *values])}


def log_of(
    workspace: int, found: Circle, zone: str, more: Sequence[Row] = (), *, rulings: bool = True
) -> Log:
    """The log of the leads of a circle, with the facts of their accounts, and `more` as if recorded;
    without `rulings` where nobody asks for them."""
    condition, values = database.among("lead", found.keys)
    if not rulings:
        condition, values = f"{condition} AND kind <> %s", [*values, RULED]
    sql = f"SELECT {COLUMNS} FROM book_fact WHERE workspace_id = %s AND {condition}"
    rows = database.rows(sql, [workspace, *values])
    accounts = {row[1] for row in rows if row[1]}
    if accounts:
        condition, values = database.among("account", sorted(accounts))
        sql = f"""SELECT {COLUMNS} FROM book_fact
                  WHERE workspace_id = %s AND account <> '' AND lead = '' AND {condition}"""
        rows = [*rows, *database.rows(sql, [workspace, *values])]
    return log_of_rows([*rows, *more] if more else rows, zone)


def _named(body: str, name: str) -> str:
    """A field of a fact's body, "" where it has none."""
    return str(json.loads(body).get(name) or "").strip() if f'"{name}"' in body else ""
