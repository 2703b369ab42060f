"""Rescoring: the stored scores of open leads, brought up to date as time passes.

An hour after the last time all of them are scored as of one instant, some at a time, company by
company. How far this came stands beside the workspace, so that whoever comes next goes on there.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from django.db import InterfaceError, OperationalError
from django.db.models import Q

from leaddesk.book import database, importance, logbook, scoring
from leaddesk.book.fault import fault
from leaddesk.book.models import Lead, Workspace
from leaddesk.book.moment import MINUTE
from leaddesk.book.rules import Rules, Swept, rules_of
from leaddesk.book.scoring import OPEN, Points, has_points
from leadpact.agreement.model import Agreement
from leadpact.score import expires

AGAIN = 60 * MINUTE
"""Scores are brought up to date so often."""
AT_ONCE = 500
"""So many leads are scored while nobody else writes leads of the workspace."""
_journal = logging.getLogger(__name__)
_failing: set[int] = set()  # told of once, until they can be scored again


class _Stored(NamedTuple):
    """A lead with its stored score."""

    id: int
    key: str
    account: str
    fit: int | None
    interest: int | None
    grade: str
    scored_at: int | None
    rank: int


def go_on(now: int) -> bool:
    """Bring some leads of each workspace up to date where it is due; whether there are more of them.

    A workspace that can't be scored keeps no other from being scored. Raises what is wrong with the
    database.
    """
    late = Q(scored_as_of__lte=now - AGAIN) | Q(scored_as_of__gt=now) | Q(scored_as_of__isnull=True)
    due = Workspace.objects.filter(late | Q(rescoring_as_of__isnull=False))
    found = [_one_share(workspace, now) for workspace in due.values_list("pk", flat=True)]
    return any(found)


def _one_share(workspace: int, now: int) -> bool:
    try:
        found = database.in_transaction(lambda: _rescored(workspace, now))
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # noqa: BLE001  (a defect in one must not keep the others waiting)
        if workspace not in _failing:
            _journal.exception("the scores of workspace %s can't be brought up to date", workspace)
        _failing.add(workspace)
        return False
    _failing.discard(workspace)
    return found


def _rescored(workspace: int, now: int) -> bool:
    database.lock_all(workspace)  # nobody else writes scores as of another instant meanwhile
    rules = rules_of(workspace)
    own = Workspace.objects.filter(pk=workspace)
    if rules.swept.next_as_of is None:
        if now - AGAIN < rules.swept.as_of <= now:
            return False  # another worker was here
        if not _may_change(rules, now):
            own.update(scored_as_of=now)
            return False
        swept = rules.swept._replace(next_as_of=now, account="", lead=0)
        rules = rules._replace(swept=swept)
    leads = _next(rules)
    if len(leads) < AT_ONCE:
        told = {"scored_as_of": rules.swept.next_as_of, "rescoring_as_of": None}
        own.update(**told, rescored_account="", rescored_lead=0)
    else:
        told = {"rescoring_as_of": rules.swept.next_as_of}
        own.update(**told, rescored_account=leads[-1].account, rescored_lead=leads[-1].id)
    if leads:
        _write(_changed(rules, leads))
    fault("rescoring:written")
    return len(leads) == AT_ONCE


def _may_change(rules: Rules, now: int) -> bool:
    """Whether any score is another one now, though nothing happened."""
    before, after = scoring.agreed(rules, rules.swept.as_of), scoring.agreed(rules, now)
    if not has_points(after) and not has_points(before):
        return False
    return before is not after or not rules.swept.as_of or _fades(after) or _runs_out(after)


def _fades(agreement: Agreement) -> bool:
    clause = agreement.qualification
    return clause is not None and any(rule.halves_after for rule in clause.interest)


def _runs_out(agreement: Agreement) -> bool:
    """Whether points for fit are given for some time only."""
    clause = agreement.qualification
    return clause is not None and any(expires(rule.when) for rule in clause.fit)


def _next(rules: Rules) -> list[_Stored]:
    """The next leads whose scores may be others."""
    names = ", ".join(_Stored._fields)
    standings = ", ".join(["%s"] * len(OPEN))
    moving = (
        "AND (interest IS NULL OR interest <> 0)" if _rests_at_nothing(rules.swept, rules) else ""
    )
    sql = f"""SELECT {names} FROM book_lead WHERE workspace_id = %s AND (account, id) > (%s, %s)
              AND standing IN ({standings}) {moving}
              ORDER BY account, id LIMIT %s"""
    place = [rules.swept.account, rules.swept.lead]
    found = database.rows(sql, [rules.workspace, *place, *OPEN, AT_ONCE])
    return [_Stored(*row) for row in found]


def _rests_at_nothing(swept: Swept, rules: Rules) -> bool:
    """Whether a lead without points of interest keeps its score while nothing happens."""
    then = swept.next_as_of or 0
    agreement = scoring.agreed(rules, then)
    clause = agreement.qualification
    if clause is None or _runs_out(agreement) or any(rule.points < 0 for rule in clause.interest):
        return False
    return 0 < swept.as_of <= then and scoring.agreed(rules, swept.as_of) is agreement


def _changed(rules: Rules, leads: Sequence[_Stored]) -> list[_Stored]:
    """Those of some leads whose scores are others as of the instant, with these."""
    keys = [one.key for one in leads]
    circle = logbook.circle(rules.workspace, keys, lock=False, companies=rules.joins_companies)
    log = logbook.log_of(rules.workspace, circle, rules.zone, rulings=False)
    log = scoring.shared(rules, log, circle.crowded)
    last = scoring.last_of(rules, log)
    now = scoring.points_at(rules, log, np.maximum(last, rules.swept.next_as_of or 0))
    known = dict(zip(log.keys, zip(now, last.tolist(), strict=True), strict=True))
    fresh = [_with(one, *known[one.key]) if one.key in known else one for one in leads]
    return [one for one, before in zip(fresh, leads, strict=True) if one != before]


def _with(lead: _Stored, now: Points, last: int) -> _Stored:
    rank = importance.reranked(lead.rank, now.grade, now.interest or 0)
    scored_at = None if now.fit is None else last
    return lead._replace(**now._asdict(), scored_at=scored_at, rank=rank)


def _write(leads: Sequence[_Stored]) -> None:
    names = ("fit", "interest", "grade", "scored_at", "rank")
    columns = [[getattr(one, name) for one in leads] for name in ("id", *names)]
    database.update(Lead, names, columns)
