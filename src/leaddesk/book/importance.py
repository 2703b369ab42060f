"""Importance: which of two leads comes first, when each is to be touched next, and when it last was."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadpact import facts
from leadpact.agreement.demand import amount_in_force
from leadpact.agreement.model import Agreement
from leadpact.cadence import cadences
from leadpact.judge import Judgement
from leadpact.log import FAILED, MONEY_SCALE, NONE, NOT_HUMAN, Log
from leadpact.program.columns import S_LEAD, S_OWNER

Ints = NDArray[np.int64]
_INTERESTS, _VALUES, _NO_GRADE = 10**6, 10**10, 99
_DEALS = (facts.CONVERTED, facts.WON)
_TOUCHES = (facts.REPLIED, facts.CONVERTED, facts.WON)


def ranks(
    judgement: Judgement, grades: Sequence[str], interests: Sequence[int | None]
) -> list[int]:
    """The rank of each lead: by grade, then by interest, then by value; the most important lowest."""
    interest = np.array([0 if one is None else one for one in interests], np.int64)
    interest = _INTERESTS - 1 - np.clip(interest, 0, _INTERESTS - 1)
    value = _VALUES - 1 - np.clip(_values(judgement), 0, _VALUES - 1)
    places = {grade: _place(grade) for grade in {*grades}}
    grade = np.array([places[one] for one in grades], np.int64)
    ranked: list[int] = ((grade * _INTERESTS + interest) * _VALUES + value).tolist()
    return ranked


def reranked(rank: int, grade: str, interest: int) -> int:
    """The rank of a lead whose grade and interest (hundredths) are others now."""
    points = _INTERESTS - 1 - min(max(interest, 0), _INTERESTS - 1)
    return (_place(grade) * _INTERESTS + points) * _VALUES + rank % _VALUES


def _place(grade: str) -> int:
    """The place of a grade such as A1, the best; a lead without one comes last."""
    if len(grade) != 2 or not "A" <= grade[0] <= "I" or not grade[1].isdecimal():
        return _NO_GRADE
    return (ord(grade[0]) - ord("A")) * 10 + int(grade[1])


def _values(judgement: Judgement) -> Ints:
    """What each lead is worth: what its deal says, else the agreed order value of its lead type."""
    log = judgement.log
    worth = np.zeros(len(log.keys), np.int64)
    if not len(log):
        return worth
    agreed = judgement.program.versions[-1].agreement
    born = np.flatnonzero(log.kind == facts.CREATED)[::-1]
    streams = log.fields.get("stream")
    stream = streams.dense(len(log)) if streams else np.full(len(log), -1, np.int32)
    names = (*(streams.words if streams else ()), "")
    pairs, which = np.unique(
        np.column_stack((stream[born], log.code[born])), axis=0, return_inverse=True
    )
    known = [_order_value(agreed, names[s], (*log.codes, "")[t]) for s, t in pairs.tolist()]
    worth[log.lead[born]] = np.array([*known, 0], np.int64)[which.ravel()]
    deals = np.flatnonzero(np.isin(log.kind, _DEALS) & (log.amount != NONE))
    worth[log.lead[deals]] = log.amount[deals] // MONEY_SCALE
    return worth


def _order_value(agreed: Agreement, stream: str, lead_type: str) -> int:
    """The agreed order value of a lead type as the agreement begins, in whole units; 0 for none."""
    for funnels in (agreed.funnel_by_stream.get(stream, {}), agreed.funnel):
        funnel = funnels.get(lead_type)
        if funnel is not None and funnel.order_value:
            return int(amount_in_force(funnel.order_value, agreed.valid_from) // Decimal(1))
    return 0


def touched(log: Log, meetings: Sequence[str]) -> Ints:
    """When sales and the person behind each lead last had to do with each other; the smallest number
    where they never had. `meetings` are the things that people do which settle a first contact."""
    words = [code for code, word in enumerate(log.codes) if word in meetings]
    tried = (log.kind == facts.ATTEMPTED) & (log.flags & (FAILED | NOT_HUMAN) == 0)
    did = (log.kind == facts.ENGAGED) & np.isin(log.code, words)
    rows = np.flatnonzero(tried | did | np.isin(log.kind, _TOUCHES))
    found = np.full(len(log.keys), NONE, np.int64)
    found[log.lead[rows]] = log.at[rows]
    return found


def next_touches(judgement: Judgement) -> Ints | None:
    """When the next touch of each lead of a judgement is due; `NEVER` where none is planned, and None
    where no agreement plans any."""
    if not any(
        version.agreement.follow_up and version.agreement.follow_up.cadences
        for version in judgement.program.versions
    ):
        return None
    found = cadences(judgement)
    return None if found is None else found.next_at()


def columns(
    judgement: Judgement, grades: Sequence[str], interests: Sequence[int | None]
) -> list[Sequence[Any]]:
    """The columns ``rank``, ``touched_at`` and ``last_owner`` of the index of leads."""
    meetings = judgement.program.versions[-1].agreement.definitions.attempt.answered_by
    last = touched(judgement.log, meetings)
    instants = last.astype(object)
    instants[last == NONE] = None
    return [ranks(judgement, grades, interests), instants.tolist(), _last_owners(judgement)]


def _last_owners(judgement: Judgement) -> list[str]:
    """Who owned each lead last; "" where nobody ever did."""
    passes = judgement.stories.passes
    owned = passes[passes[:, S_OWNER] >= 0]
    last = np.full(len(judgement.log.keys), -1, np.int64)
    last[owned[:, S_LEAD]] = owned[:, S_OWNER]
    table = np.array([*(person[:200] for person in judgement.log.people), ""], dtype=object)
    named: list[str] = table[last].tolist()
    return named
