"""Rules: what leads of a workspace are judged by: the versions in force, lowered to a program."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F

from leaddesk.book import database, roster
from leaddesk.book.models import AgreementVersion, Lead, ScoreModel, Workspace
from leaddesk.book.moment import DAY
from leadpact.agreement.load import load
from leadpact.agreement.model import Agreement
from leadpact.program import Program

_MOST_KEPT = 64
_EPOCH = date(1970, 1, 1).toordinal()
_NOTHING_AGREED = """\
leadpact: 1
agreement: nothing is agreed yet
version: 1
valid from: 1970-01-01
between: {marketing: [marketing], sales: [sales]}
"""


class Swept(NamedTuple):
    """As of when the scores of open leads stand: all as of `as_of` (µs) or later; up to the row `lead` of
    `account` as of `next_as_of`, while they are brought up to it."""

    as_of: int = 0
    next_as_of: int | None = None
    account: str = ""
    lead: int = 0


class Rules(NamedTuple):
    """The program of a workspace, and the count of rules that it belongs to.

    `in_force_at` has the instant (µs UTC) at which each version was put in force, by its number.
    The desk itself hands over what qualifies from `hands_over_since` on, but for leads of the systems
    `hands_over_but`, and sends the steps of tracks from `nurtures_since` on (None: it doesn't), as it did
    in the times `nurtured` (from, until). Leads that qualify from `foretells_since` on get their chance
    by `model`, the one in use. `swept` is as of when scores stand.
    """

    count: int
    zone: str
    program: Program
    in_force_at: Mapping[int, int]
    hands_over_since: int | None = None
    hands_over_but: frozenset[str] = frozenset()
    nurtures_since: int | None = None
    workspace: int = 0
    foretells_since: int | None = None
    nurtured: tuple[tuple[int, int], ...] = ()
    model: ScoreModel | None = None
    swept: Swept = Swept()

    @property
    def joins_companies(self) -> bool:
        """Whether what one lead did counts for the others of its company, by any version."""
        agreed = (version.agreement.qualification for version in self.program.versions)
        return any(one is not None and one.account is not None for one in agreed)


_kept: OrderedDict[tuple[int, int], Rules] = OrderedDict()
_unsure: set[tuple[int, int]] = set()  # counts that a transaction gave which may be taken back
_guard = Lock()


def rules_of(workspace: int) -> Rules:
    """The rules of a workspace as they stand in this transaction; kept until they change."""
    sql = """SELECT rules, zone, scored_as_of, rescoring_as_of, rescored_account, rescored_lead
             FROM book_workspace WHERE id = %s"""
    ((count, zone, as_of, *sweep),) = database.rows(sql, [workspace])
    return _at(workspace, count, zone)._replace(swept=Swept(as_of or 0, *sweep))


def rules_seen(workspace: Workspace) -> Rules:
    """The rules of a workspace as of when its row was read, for whoever has just read it."""
    swept = Swept(
        workspace.scored_as_of or 0,
        workspace.rescoring_as_of,
        workspace.rescored_account,
        workspace.rescored_lead,
    )
    return _at(workspace.pk, workspace.rules, workspace.zone)._replace(swept=swept)


def _at(workspace: int, count: int, zone: str) -> Rules:
    key = (workspace, count)
    if not connection.in_atomic_block:  # others see only what is kept
        _unsure.discard(key)
    with _guard:
        if (found := _kept.get(key)) is not None:
            _kept.move_to_end(key)
            return found
    found = _drawn_up(workspace, count, zone)
    with _guard:
        if key not in _unsure:
            _kept[key] = found
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """Forget every program: the database is another one now."""
    with _guard:
        _kept.clear()
        _unsure.clear()


def _drawn_up(workspace: int, count: int, zone: str) -> Rules:
    told = [*_in_force(workspace)]
    if not told:
        agreement, problems = load(_NOTHING_AGREED + f"zone: {zone}\n")
        if agreement is None:
            raise ValueError(problems)
        return Rules(count, zone, Program((agreement,)), {}, *_by_itself(workspace))
    versions = tuple(_agreed(text) for text, _number, _at in told)
    program = Program(versions, roster.told(workspace))
    since = {number: at for _text, number, at in told if at is not None}
    zone = versions[-1].zone
    return Rules(count, zone, program, since, *_by_itself(workspace))


def _by_itself(workspace: int) -> tuple[Any, ...]:
    """What the desk does by itself in a workspace: the last fields of `Rules`."""
    model = ScoreModel.objects.of(workspace).filter(state=ScoreModel.State.IN_USE).first()
    rows = Workspace.objects.filter(pk=workspace)
    hands_over, but, nurtures, before = rows.values_list(
        "hands_over_since", "hands_over_but", "nurtures_since", "nurtured"
    ).get()
    nurtured = tuple((int(begin), int(end)) for begin, end in before)
    foretells = model and model.used_at
    return hands_over, frozenset(but), nurtures, workspace, foretells, nurtured, model


def in_force(workspace: int) -> tuple[Agreement, ...]:
    """The versions of the agreement that were put in force, oldest first."""
    return tuple(_agreed(text) for text, _number, _at in _in_force(workspace))


def _in_force(workspace: int) -> Iterable[tuple[str, int, int | None]]:
    """The text of each version in force, its number, and when it was put in force; oldest first."""
    rows = AgreementVersion.objects.of(workspace).filter(state=AgreementVersion.State.IN_FORCE)
    listed: Iterable[tuple[str, int, int | None]] = rows.order_by(
        "valid_from", "number"
    ).values_list("text", "number", "in_force_at")
    return listed


@lru_cache(maxsize=64)
def _agreed(text: str) -> Agreement:
    """What a text in force says; it never changes."""
    agreement, problems = load(text)
    if agreement is None:
        raise ValueError(problems)
    return agreement


def changed(
    workspace: int, *, every_lead: bool = False, days: tuple[date, date] | None = None
) -> None:
    """Say that agreement, calendars or roster changed: what is open will be judged again.

    With `every_lead` also what had come to rest, as when a version is put in force; with `days` (the
    first and the last) what time ran for on one of them. Whoever is about to bring a lead to rest by
    the old rules is awaited.
    """
    if every_lead or days:
        database.lock_all(workspace)
    own = Workspace.objects.filter(pk=workspace)
    own.update(rules=F("rules") + 1)
    key = (workspace, own.values_list("rules", flat=True).get())
    _unsure.add(key)  # until some transaction that gives this count is kept
    transaction.on_commit(lambda: _unsure.discard(key))
    if every_lead:
        Lead.objects.of(workspace).filter(is_settled=True).update(is_settled=False)
    elif days:
        _stir(workspace, *days)


def _stir(workspace: int, first: date, last: date) -> None:
    """Let those leads rest no longer that owed something on these days, wherever on earth."""
    begin = (first.toordinal() - _EPOCH - 1) * DAY
    end = (last.toordinal() - _EPOCH + 2) * DAY
    sql = """UPDATE book_lead SET is_settled = %s WHERE workspace_id = %s AND is_settled
        AND key IN (SELECT lead FROM book_due WHERE workspace_id = %s
        AND started_at <= %s AND (due_at IS NULL OR due_at >= %s))"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [False, workspace, workspace, end, begin])
