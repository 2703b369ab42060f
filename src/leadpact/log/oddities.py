"""Oddities: what is strange about a log without being wrong; counted, never mended."""

from __future__ import annotations

import numpy as np

from leadpact import facts
from leadpact.log.columns import DATE_ONLY, Ints, Log
from leadpact.log.instants import DAY


def with_oddities(log: Log) -> Log:
    """`log` with counts of the leads that no fact created, and of facts before their lead was."""
    created = _creations(log)
    unknown = created < 0
    # A date without a time may be any moment of its day: it is earlier only if all of them are.
    latest = log.at + np.where(log.flags & DATE_ONLY, DAY - 1, 0)
    early = (latest < np.repeat(created, np.diff(log.starts))) & (log.kind != facts.CREATED)
    return log.counting(
        leads_without_creation=int(unknown.sum()), facts_before_creation=int(early.sum())
    )


def _creations(log: Log) -> Ints:
    """When each lead was first created; -1 where no fact says so."""
    created = np.full(len(log.leads), -1, np.int64)
    rows = np.flatnonzero(log.kind == facts.CREATED)[::-1]
    created[log.lead[rows]] = log.at[rows]  # the last one written is the earliest
    return created
