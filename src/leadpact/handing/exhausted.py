"""Exhausted: leads that sales has tried as often as agreed without an answer, so may give back."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.facts import ATTEMPTED, ENGAGED, HANDED_OVER, REPLIED
from leadpact.handing.handoffs import Passes
from leadpact.log import FAILED, INBOUND, NOT_HUMAN, SILENT
from leadpact.program import columns as col
from leadpact.story import Stories

Ints = NDArray[np.int64]

_ANSWERED = ("reached", "replied", "meeting booked", "connected")
_BOOKED = "meeting booked"


class Exhausted(NamedTuple):
    """By lead: how many attempts since the handover, or since the last answer, had none; and whether
    they are as many as it takes to give the lead back. That is offered; see `lapses` for what runs."""

    attempts: Ints
    may_return: NDArray[np.bool_]


def exhausted(agreed: Agreement, stories: Stories) -> Exhausted:
    """How often the leads of these stories were tried without an answer, in the pass they are in."""
    log, count = stories.log, len(stories.log.keys)
    handoff = agreed.handoff
    if handoff is None or handoff.return_ is None or not len(log):
        return Exhausted(np.zeros(count, np.int64), np.zeros(count, np.bool_))
    own = Passes(stories)
    given = own.first(log.kind == HANDED_OVER)
    current = np.zeros(len(own.lead), np.bool_)
    current[own.present()] = stories.table[:, col.T_STANDING] == col.IN
    here = own.since(given) & current[own.of]
    answered = here & answers(stories)
    begins = np.full(count, -1, np.int64)
    rows = np.flatnonzero(answered)
    begins[log.lead[rows]] = rows
    tried = here & tries(agreed, stories) & (np.arange(len(log)) > begins[log.lead])
    attempts = np.bincount(log.lead[tried], minlength=count).astype(np.int64)
    return Exhausted(attempts, attempts >= handoff.return_.attempts)


def tries(agreed: Agreement, stories: Stories) -> NDArray[np.bool_]:
    """Which facts are attempts that count, by the agreement."""
    log, attempt = stories.log, agreed.definitions.attempt
    odd = INBOUND | FAILED | (NOT_HUMAN if attempt.human else 0)
    odd |= 0 if attempt.dial_tries_count else SILENT
    agreed_by = [n for n, text in enumerate(log.codes) if not attempt.by or text in attempt.by]
    found: NDArray[np.bool_] = (log.kind == ATTEMPTED) & (log.flags & odd == 0)
    found &= (log.code < 0) | np.isin(log.code, agreed_by)
    return found


def answers(stories: Stories) -> NDArray[np.bool_]:
    """Which facts are an answer of the person."""
    log = stories.log
    booked = [number for number, text in enumerate(log.codes) if text == _BOOKED]
    found: NDArray[np.bool_] = (log.kind == REPLIED) | (
        (log.kind == ENGAGED) & np.isin(log.code, booked)
    )
    outcome = log.fields.get("outcome")
    if outcome is not None:
        said = np.array([*(text in _ANSWERED for text in outcome.words), False], np.bool_)
        found |= (log.kind == ATTEMPTED) & said[outcome.dense(len(log))]
    return found
