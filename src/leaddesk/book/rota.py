"""Rota: who can be given leads at an instant, drawn from the registers, the indexes and the turns."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import Count

from leaddesk.book import database
from leaddesk.book.models import Due, Person, Role, Turn
from leaddesk.book.rules import Rules
from leadpact import route as engine
from leadpact.agreement.model import Agreement
from leadpact.program.columns import IN, STANDINGS, WON
from leadpact.route import Decision, Known, Rota, Tally, Want, begins

_TAKES_LEADS = {Role.REP.value, Role.MARKETER.value}
_HELD = (STANDINGS[IN], STANDINGS[WON])
_Given = dict[str, tuple[str, str]]
_given: WeakKeyDictionary[object, _Given] = WeakKeyDictionary()
"""By transaction, the owner and the account of each lead that was given out in it: the indexes know
them only at its end."""


def agreement_of(rules: Rules, now: int) -> tuple[int, Agreement]:
    """The version in force at an instant, by its number in the program, and what it says."""
    begun = [number for number, one in enumerate(rules.program.versions) if one.begins <= now]
    version = begun[-1] if begun else 0
    return version, rules.program.versions[version].agreement


def rota_of(
    workspace: int,
    rules: Rules,
    now: int,
    accounts: Iterable[str] = (),
    counted: Collection[str] = ("day",),
) -> Rota:
    """Everybody and what they have at an instant, for giving out leads of these accounts too.

    What no limit asks for is counted where it is among `counted`: by periods, or ``open``.
    """
    version, agreement = agreement_of(rules, now)
    program = rules.program
    people = engine.reps(
        agreement,
        lambda name: program.calendars[program.dial(version, name)],
        program.roster,
        _registered(workspace, agreement),
    )
    tally = _tally(workspace, agreement, people, now, {*counted})
    rota = Rota(agreement, people, now, tally)
    rota.accounts = owners_of(workspace, {*accounts} - {""}) if rota.route.same_account else {}
    for owner, account in given_here().values():
        rota.accounts.setdefault(account, owner)
    return _with_turns(rota, workspace)


def given_here() -> _Given:
    """Who was given which lead in this transaction, and of which account."""
    blocks = connection.atomic_blocks
    return _given.setdefault(blocks[0], {}) if blocks else {}


def note_given(decisions: Iterable[Decision], wants: Iterable[Want] = ()) -> None:
    """Remember until the end of the transaction who was given what."""
    accounts = {want.lead: want.account for want in wants}
    given = given_here()
    for one in decisions:
        if one.owner is not None:
            given[one.lead] = one.owner, accounts.get(one.lead, "")


def _registered(workspace: int, agreement: Agreement) -> dict[str, Known]:
    rows = Person.objects.of(workspace).values_list("key", "team", "side", "role", "is_active")
    return {
        key: Known(team, side, is_active and (role in _TAKES_LEADS or key in agreement.people))
        for key, team, side, role, is_active in rows
    }


def _tally(
    workspace: int,
    agreement: Agreement,
    people: Collection[engine.Rep],
    now: int,
    counted: set[str],
) -> Tally:
    """What everybody was given and holds, with what was given out in this transaction."""
    route, given = agreement.handoff.route if agreement.handoff else None, given_here()
    periods = {cap.period for rep in people for cap in rep.caps} | {"day"} | counted
    if route is not None and route.least is not None:
        periods.add(route.least.period)
    held = "open" in periods or (route is not None and route.by == "capacity")
    starts = {period: begins(period, now, agreement.zone) for period in sorted(periods - {"open"})}
    told = _counts(workspace, starts, [*given])
    open_ = _open(workspace, [*given]) if held else {}
    for owner, _account in given.values():
        open_[owner] = open_.get(owner, 0) + 1
        for counts in told.values():
            counts[owner] = counts.get(owner, 0) + 1
    return Tally(told, open_)


def _counts(
    workspace: int, starts: Mapping[str, int], but: Collection[str]
) -> dict[str, dict[str, int]]:
    """How many leads each was given since each of these instants, without those they rejected."""
    sums = ", ".join("SUM(CASE WHEN at >= %s THEN 1 ELSE 0 END)" for _period in starts)
    others, values = database.among("lead", sorted(but))
    sql = f"""SELECT owner, {sums} FROM book_handoff WHERE workspace_id = %s AND at >= %s
        AND owner <> '' AND state NOT IN ('waiting', 'rejected') AND NOT ({others})
        GROUP BY owner"""
    rows = database.rows(sql, [*starts.values(), workspace, min(starts.values()), *values])
    return {
        period: {row[0]: int(row[place]) for row in rows if row[place]}
        for place, period in enumerate(starts, 1)
    }


def _open(workspace: int, but: Collection[str]) -> dict[str, int]:
    """How many leads each works on now."""
    others, values = database.among("key", sorted(but))
    sql = f"""SELECT owner, COUNT(*) FROM book_lead WHERE workspace_id = %s AND owner <> ''
        AND standing = %s AND NOT ({others}) GROUP BY owner"""
    return {
        owner: int(count)
        for owner, count in database.rows(sql, [workspace, STANDINGS[IN], *values])
    }


def owners_of(workspace: int, accounts: Collection[str]) -> dict[str, str]:
    """Who has each account: the owner of its oldest lead that is worked on or won."""
    if not accounts:
        return {}
    of_accounts, values = database.among("account", sorted(accounts))
    sql = f"""SELECT account, owner FROM book_lead WHERE workspace_id = %s AND {of_accounts}
        AND account <> '' AND owner <> '' AND standing IN (%s, %s) ORDER BY created_at DESC, key DESC"""
    return dict(database.rows(sql, [workspace, *values, *_HELD]))


def with_owed(rota: Rota, workspace: int) -> Rota:
    """The same with the obligations that each owes."""
    names = sorted(rota.named)
    rows = Due.objects.of(workspace).filter(verdict="open", owner__in=names).values_list("owner")
    rota.tally.owed = dict(rows.annotate(Count("id")))
    return rota


def _with_turns(rota: Rota, workspace: int) -> Rota:
    """The same with the turns of its pools, and with what was given back for rejected leads since."""
    pools = {rota.key(pool): pool for pool in rota.pools.all()}
    names = ("pool", "person", "credit", "given", "rejected", "since")
    since = []
    for pool, person, *turn, began in (
        Turn.objects.of(workspace).filter(pool__in=pools).values_list(*names)
    ):
        rota.turns.setdefault(pool, {})[person] = engine.Turn(*turn)
        since.append(began)
    if since:
        rejected = _rejected(workspace, [pool.name for pool in pools.values()], min(since))
        for pool in pools.values():
            rota.give_back(pool, rejected.get(pool.name, {}))
    return rota


def _rejected(workspace: int, pools: Sequence[str], since: int) -> dict[str, dict[str, int]]:
    """How many leads that came to them from each pool people have rejected.

    What tells how an owner was found begins with the pool.
    """
    begun = [f'{{"pool":{json.dumps(pool, ensure_ascii=False)},' for pool in pools]
    cases = " ".join("WHEN SUBSTR(route, 1, %s) = %s THEN %s" for _pool in pools)
    told = [value for n, text in enumerate(begun) for value in (len(text), text, n)]
    sql = f"""SELECT owner, CASE {cases} ELSE -1 END AS pool, COUNT(*) FROM book_handoff
        WHERE workspace_id = %s AND state = 'rejected' AND at >= %s GROUP BY owner, pool"""
    found: dict[str, dict[str, int]] = {}
    for owner, number, count in database.rows(sql, [*told, workspace, since]):
        if number >= 0:
            found.setdefault(pools[number], {})[owner] = int(count)
    return found


def keep_turns(workspace: int, rota: Rota, now: int) -> None:
    """Write the turns of a rota as they stand now."""
    rows = [
        (pool, person, turn.credit, turn.given, turn.rejected)
        for pool, turns in rota.turns.items()
        for person, turn in turns.items()
    ]
    if rows:
        count = len(rows)
        database.insert(
            Turn,
            ("workspace", "pool", "person", "credit", "given", "rejected", "since"),
            [[workspace] * count, *zip(*rows, strict=True), [now] * count],
            unique=("workspace", "pool", "person"),
            update=("credit", "given", "rejected"),
        )
