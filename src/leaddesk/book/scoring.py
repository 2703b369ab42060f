"""Scoring: the score of a lead as the agreement gives it: now, and kept beside the lead for orders."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaddesk.book import logbook
from leaddesk.book.logbook import MOST_TOGETHER, crowded
from leaddesk.book.rules import Rules
from leadpact.agreement.model import Agreement
from leadpact.facts import CREATED, MERGED, RULED
from leadpact.judge import Judgement
from leadpact.log import COPIED, Log
from leadpact.log.columns import Sparse
from leadpact.program import columns as col
from leadpact.score import scores

Ints = NDArray[np.int64]


class Points(NamedTuple):
    """A score: fit and interest (hundredths of a point; None where there is none), and the grade."""

    fit: int | None = None
    interest: int | None = None
    grade: str = ""


_NOTHING = Points(0, 0)


def agreed(rules: Rules, at: int) -> Agreement:
    """The version by whose rules of points leads are scored at an instant (µs UTC)."""
    begun = [one for one in rules.program.versions if one.begins <= at]
    return (begun[-1] if begun else rules.program.versions[0]).agreement


def has_points(agreement: Agreement) -> bool:
    """Whether an agreement says how leads are scored."""
    clause = agreement.qualification
    return clause is not None and bool(clause.fit or clause.interest)


def points(
    rules: Rules,
    keys: Sequence[str],
    now: int,
    log: Log | None = None,
    crowds: frozenset[str] | None = None,
) -> Mapping[str, Points]:
    """The scores of some leads as they are `now`, worked out together, the same as the sums of their
    factors; empty where the agreement gives no scores. Who has a log of these leads, and of all that
    bears on them, brings it along, with the companies that are crowded."""
    agreement = agreed(rules, now)
    if not keys or not has_points(agreement):
        return {}
    if log is None:
        found = logbook.circle(rules.workspace, keys, lock=False, companies=rules.joins_companies)
        log = logbook.log_of(rules.workspace, found, rules.zone, rulings=False)
        crowds = found.crowded
    seen = shared(rules, log.as_of(now), crowds)
    told = scores(agreement, seen, now)
    columns = (told.fit.tolist(), told.interest.tolist(), told.grade.tolist())
    known = dict(zip(seen.keys, map(Points._make, zip(*columns, strict=True)), strict=True))
    return {key: known.get(key, _NOTHING) for key in keys}


def columns(rules: Rules, judgement: Judgement) -> list[Sequence[Any]]:
    """Fit, interest (hundredths), grade for each lead of the judged log, and when something last happened
    that counts for it: as of then, or as of when the scores of its workspace stand, if later."""
    count = len(judgement.log.keys)
    if not count or not any(has_points(one.agreement) for one in rules.program.versions):
        return [[None] * count, [None] * count, [""] * count, [None] * count]
    log = shared(rules, judgement.log)
    last = _last(log, joins=rules.joins_companies)
    is_open = np.isin(judgement.stories.table[:, col.T_STANDING], _OPEN)
    at = np.where(is_open, np.maximum(last, _swept(rules, judgement.log)), last)
    found = points_at(rules, log, at)
    instants = [None if one.fit is None else t for one, t in zip(found, last.tolist(), strict=True)]
    return [*map(list, zip(*found, strict=True)), instants]


_OPEN = (col.IN, col.OUT, col.LOST)
OPEN = tuple(col.STANDINGS[number] for number in _OPEN)
"""Where leads stand whose scores are kept up to date: they may come to qualify, again or at last."""


def points_at(rules: Rules, log: Log, at: Ints) -> list[Points]:
    """The score of each lead of a log, as scores see it, at an instant of its own (µs)."""
    count = len(log.keys)
    fit, interest = np.zeros(count, np.int64), np.zeros(count, np.int64)
    grade, scored = np.full(count, "", object), np.zeros(count, np.bool_)
    version = _versions(rules, at)
    for place in np.unique(version).tolist():
        agreement = rules.program.versions[place].agreement
        if not has_points(agreement):
            continue
        own, found = version == place, scores(agreement, log, at)
        fit[own], interest[own], grade[own] = found.fit[own], found.interest[own], found.grade[own]
        scored |= own
    rows = zip(_known(fit, scored), _known(interest, scored), grade.tolist(), strict=True)
    return [Points(*row) for row in rows]


def _swept(rules: Rules, log: Log) -> Ints:
    """As of when the score of each lead stands, while nothing happens that counts for it."""
    swept, found = rules.swept, np.full(len(log.keys), rules.swept.as_of, np.int64)
    if swept.next_as_of is not None:
        account = log.fields.get("account")
        company = _companies(log, account) if account is not None else np.full(len(found), -1)
        words = (*(account.words if account is not None else ()), "")
        done = logbook.behind(
            rules.workspace,
            [(key, words[code]) for key, code in zip(log.keys, company.tolist(), strict=True)],
            (swept.account, swept.lead),
        )
        found[[key in done for key in log.keys]] = swept.next_as_of
    return found


def as_of(rules: Rules, lead: Any) -> int | None:
    """As of when the stored score of a lead stands at least (µs); None where it has none."""
    at: int | None = lead.scored_at
    return at if at is None or lead.standing not in OPEN else max(at, rules.swept.as_of)


def last_of(rules: Rules, log: Log) -> Ints:
    """When something last happened that counts for the score of each lead of a log."""
    return _last(log, joins=rules.joins_companies)


def _known(values: Ints, scored: NDArray[np.bool_]) -> list[int | None]:
    told = zip(values.tolist(), scored.tolist(), strict=True)
    return [value if is_scored else None for value, is_scored in told]


def _versions(rules: Rules, at: Ints) -> Ints:
    """By lead the place of the version that scores it: the newest one that had begun when something
    last happened to it, or when that version was put in force."""
    found = np.zeros(len(at), np.int64)
    for place, version in enumerate(rules.program.versions):
        since = rules.in_force_at.get(version.agreement.version, 0)
        found[np.maximum(at, since) >= version.begins] = place
    return found


def _last(log: Log, *, joins: bool) -> Ints:
    """When something last happened to each lead or, where colleagues count, at its company."""
    found = np.zeros(len(log.keys), np.int64)
    rows = np.flatnonzero((log.flags & COPIED == 0) & (log.kind != RULED))
    found[log.lead[rows]] = log.at[rows]
    account = log.fields.get("account")
    if not joins or account is None or not account.words:
        return found
    company = _companies(log, account)
    own = rows[company[log.lead[rows]] >= 0]
    latest = np.zeros(len(account.words), np.int64)
    np.maximum.at(latest, company[log.lead[own]], log.at[own])
    of_company = np.where(company >= 0, latest[company], 0)
    return np.maximum(found, of_company)


def _companies(log: Log, account: Sparse) -> Ints:
    """The company of each lead, -1 for none; a lead that was merged away is nobody's colleague."""
    told = log.kind[account.rows] == CREATED
    company = np.full(len(log.keys), -1, np.int64)
    company[log.lead[account.rows[told]]] = account.codes[told]
    company[log.lead[log.kind == MERGED]] = -1
    return company


def shared(rules: Rules, log: Log, crowds: frozenset[str] | None = None) -> Log:
    """The log as scores are to see it: leads of companies that have too many stand alone. Which these
    are is looked up unless it is told."""
    account = log.fields.get("account")
    if not rules.joins_companies or account is None:
        return log
    company = _companies(log, account)
    sizes = np.bincount(company[company >= 0], minlength=len(account.words))
    alone = {account.words[code] for code in np.flatnonzero(sizes > MOST_TOGETHER).tolist()}
    alone |= (
        crowded(rules.workspace, account.words) if crowds is None else crowds & {*account.words}
    )
    if not alone:
        return log
    kept = ~np.isin(account.codes, [account.words.index(word) for word in alone])
    fewer = Sparse(account.rows[kept], account.codes[kept], account.words)
    return replace(log, fields={**log.fields, "account": fewer})
