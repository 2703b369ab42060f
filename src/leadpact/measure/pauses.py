"""Pauses: whose clocks stand still, since when, why, and by whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from leadpact.facts import PAUSED
from leadpact.measure.judged import Evidence, Judged, evidence
from leadpact.measure.periods import stamp
from leadpact.program import columns as col


@dataclass(frozen=True, slots=True)
class Pause:
    """A lead on pause: since when (µs UTC), for which reason, who paused it, who owns it."""

    lead: str
    since: int
    reason: str | None
    by: str | None
    owner: str | None

    def to_json(self, zone: str) -> dict[str, Any]:
        """The pause in its JSON form, with its instant in that zone."""
        return {
            "lead": self.lead,
            "since": stamp(self.since, zone),
            "reason": self.reason,
            "by": self.by,
            "owner": self.owner,
        }


def pauses(judged: Judged | Evidence) -> list[Pause]:
    """The leads on pause, the longest first."""
    found = evidence(judged)
    log, stories = found.log, found.stories
    effective = np.flatnonzero((log.kind == PAUSED) & ~stories.unexpected)
    last = np.full(len(log.leads), -1, np.int64)
    last[log.lead[effective]] = effective
    leads = np.flatnonzero((stories.table[:, col.T_PAUSED] != 0) & (last >= 0))
    rows = last[leads]
    order = np.argsort(log.at[rows], kind="stable")
    return list(_named(found, leads[order].tolist(), rows[order].tolist()))


def _named(found: Evidence, leads: list[int], rows: list[int]) -> Iterator[Pause]:
    log = found.log
    owners = found.stories.table[:, col.T_OWNER]
    for lead, row in zip(leads, rows, strict=True):
        code, who, owner = int(log.code[row]), int(log.who[row]), int(owners[lead])
        yield Pause(
            log.keys[lead],
            int(log.at[row]),
            log.codes[code] if code >= 0 else None,
            log.people[who] if who >= 0 else None,
            log.people[owner] if owner >= 0 else None,
        )
