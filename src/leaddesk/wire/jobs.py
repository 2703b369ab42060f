"""Jobs: the rows of an import checked, tried, imported or taken back, some at a time."""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from leaddesk.book import database, imports, leases, moment
from leaddesk.book.imported import Arrival, compared, owners_of
from leaddesk.book.importing import written
from leaddesk.book.models import Import, ImportRow
from leaddesk.book.undoing import remove_companies, undone
from leaddesk.wire.telling import Reader, meaning_of

State = Import.State
_MOST_NAMES = 50
_journal = logging.getLogger(__name__)


def work(whole: Import, seconds: float, is_over: Callable[[], bool] = lambda: False) -> None:
    """Go on with a job that the caller holds, for so many seconds at most; then let it go.

    What only a defect explains ends the job; trouble with the database is the caller's.
    """
    until = time.monotonic() + seconds
    try:
        while whole.state in imports.JOBS:
            if time.monotonic() >= until or is_over():
                leases.let_go(whole)
                return
            step(whole, moment.now())
    except imports.Superseded:
        whole.refresh_from_db()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  (a defect must end the job, and be told)
        _journal.exception("import %s failed", whole.key)
        imports.fail(whole, type(error).__name__, moment.now())


def step(whole: Import, now: int) -> None:
    """Take the next rows of a job, or end it. Raises `Superseded`."""
    rows = imports.share(whole)
    if not rows:
        if whole.state == State.UNDOING:
            remove_companies(whole)
        imports.finish(whole, now)
        return
    if whole.state == State.UNDOING:
        database.in_transaction(lambda: _undo(whole, rows, now))
        return
    reader = Reader(whole.header, meaning_of(whole.mapping), whole.began_at or now)
    told = [(row.number, reader.told(json.loads(row.cells))) for row in rows]
    first = rows[0].number

    def earlier(leads: Collection[str]) -> dict[str, int]:
        return imports.before(whole, first, leads)

    lines = {row.number: row.line for row in rows}
    if whole.state == State.TRYING:
        arrivals, tally = _tried(whole, told, lines, earlier, first, now)
        database.in_transaction(lambda: _keep(whole, arrivals, tally, now))
        return

    def take() -> None:
        database.lock_all(whole.workspace_id)
        arrivals = compared(whole, told, lines, earlier)
        followed = _followed(whole, arrivals, now) if whole.state == State.IMPORTING else {}
        _keep(whole, arrivals, _tally(whole, arrivals, followed, first), now)

    database.in_transaction(take)


def check_some(whole: Import, rows: Sequence[ImportRow], now: int) -> None:
    """Check single rows that were mended."""
    reader = Reader(whole.header, meaning_of(whole.mapping), now)
    for row in rows:

        def beside(leads: Collection[str], number: int = row.number) -> dict[str, int]:
            return imports.beside(whole, number, leads)

        told = [(row.number, reader.told(json.loads(row.cells)))]
        imports.keep(whole, compared(whole, told, {row.number: row.line}, beside))


def _tried(
    whole: Import, told: Any, lines: Any, earlier: Any, first: int, now: int
) -> tuple[list[Arrival], dict[str, Any]]:
    """What an import of these rows would do; nothing of it stays."""

    def trial() -> tuple[list[Arrival], dict[str, Any]]:
        database.lock_all(whole.workspace_id)
        arrivals = compared(whole, told, lines, earlier)
        tally = _tally(whole, arrivals, _followed(whole, arrivals, now), first)
        transaction.set_rollback(True)
        return arrivals, tally

    arrivals, tally = database.in_transaction(trial)
    for one in arrivals:
        one.version = None
    return arrivals, tally


def _followed(whole: Import, arrivals: Sequence[Arrival], now: int) -> dict[str, Any]:
    """What followed from writing these rows: facts, messages, companies, promises that began."""
    leads = sorted({one.lead for one in arrivals if one.outcome in {"new", "changed"}})
    before = imports.owed(whole.workspace_id, leads)
    followed: dict[str, Any] = dict(written(whole, arrivals, now))
    begun = imports.owed(whole.workspace_id, leads)
    begun.subtract(before)
    followed["promises"] = dict(_summed((promise, n) for (promise, _v), n in begun.items()))
    followed["broken"] = dict(
        _summed((promise, n) for (promise, v), n in begun.items() if v == "broken")
    )
    return followed


def _summed(pairs: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, n in pairs:
        found[name] += n
    return +found


def _tally(
    whole: Import, arrivals: Sequence[Arrival], followed: dict[str, Any], first: int
) -> dict[str, Any]:
    """What was counted up to now, with these rows."""
    fresh = {one.new_company.casefold(): one.new_company for one in arrivals if one.new_company}
    followed["companies"] = len(
        fresh.keys() - imports.companies_before(whole, first, fresh.values())
    )
    tally = dict(whole.tally)
    plain = Counter(one.outcome for one in arrivals)
    twins = sum(1 for one in arrivals if one.twin)
    for name, n in (*plain.items(), ("twins", twins), *followed.items()):
        if isinstance(n, int):
            tally[name] = tally.get(name, 0) + n
    given, unknown = owners_of(arrivals)
    named = {"owners": given, "unknown": unknown}
    named |= {name: Counter(followed.get(name, {})) for name in ("promises", "broken")}
    for name, counter in named.items():
        both = Counter(tally.get(name, {})) + counter
        tally[name] = dict(sorted(both.items(), key=lambda one: (-one[1], one[0]))[:_MOST_NAMES])
    return tally


def _keep(whole: Import, arrivals: Sequence[Arrival], tally: dict[str, Any], now: int) -> None:
    imports.keep(whole, arrivals)
    imports.go_on(whole, arrivals[-1].number, tally, now)


def _undo(whole: Import, rows: Sequence[ImportRow], now: int) -> None:
    database.lock_all(whole.workspace_id)
    counts = undone(whole, rows, now)
    imports.rewrite(rows, ("outcome",))
    tally = {name: whole.tally.get(name, 0) + n for name, n in counts.items()}
    imports.go_on(whole, rows[-1].number, tally, now)
