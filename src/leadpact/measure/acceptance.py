"""Acceptance: what sales made of the leads it got: accepted, rejected and why, returned, silent."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from leadpact.facts import ACCEPTED, REJECTED, RETURNED
from leadpact.log import SILENT
from leadpact.measure.figures import Measured, share
from leadpact.measure.judged import Evidence, Ints, Judged, evidence
from leadpact.measure.speed import Times, times
from leadpact.program import columns as col


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Decisions on handed-over leads; the first explicit one of each pass counts.

    `silent` were accepted by saying nothing, `undecided` are those without any word. `reasons`
    counts rejections by reason, with whether the agreement knows it; `settled` counts what was
    accepted, rejected or returned. `taken` is the wall-clock time
    from handover to decision.
    """

    as_of: int
    accepted: int
    rejected: int
    silent: int
    undecided: int
    returned: int
    settled: int
    reasons: tuple[tuple[str, int, bool], ...]
    again: int
    again_rejected: int
    taken: Times

    @property
    def decided(self) -> int:
        """Accepted or rejected by somebody who said so."""
        return self.accepted + self.rejected

    @property
    def figure(self) -> Measured:
        """Accepted ÷ decided."""
        waiting = self.silent + self.undecided
        return share(self.accepted, self.decided, "KV3", self.as_of, undecided=waiting)

    @property
    def recycled(self) -> Measured:
        """Returned ÷ passes that were accepted, rejected or returned."""
        return share(self.returned, self.settled, "KV13", self.as_of, undecided=self.undecided)

    def to_json(self) -> dict[str, Any]:
        """The acceptance in its JSON form."""
        return {
            "accepted": self.accepted,
            "rejected": self.rejected,
            "silent": self.silent,
            "undecided": self.undecided,
            "returned": self.returned,
            "rate": self.figure.to_json(),
            "recycled": self.recycled.to_json(),
            "reasons": [
                {"reason": reason, "count": count, "agreed": agreed}
                for reason, count, agreed in self.reasons
            ],
            "second_passes": self.again,
            "second_passes_rejected": self.again_rejected,
            "time_to_decide": self.taken.to_json(),
        }


def acceptance(judged: Judged | Evidence) -> Acceptance:
    """What sales made of the leads it got."""
    found = evidence(judged)
    log = found.log
    handed = np.flatnonzero((found.handed >= 0) & found.live)
    said = (log.kind == ACCEPTED) & (log.flags & SILENT == 0)
    yes = found.first(said)[handed]
    no = found.first(log.kind == REJECTED)[handed]
    silent = found.first((log.kind == ACCEPTED) & ~said)[handed]
    back = found.first(log.kind == RETURNED)[handed]
    accepted = (yes >= 0) & ((no < 0) | (yes < no))
    rejected = (no >= 0) & ~accepted
    decided = accepted | rejected
    decision = np.where(accepted, yes, no)[decided]
    again = found.stories.passes[handed, col.S_PASS] > 1
    return Acceptance(
        found.now,
        int(accepted.sum()),
        int(rejected.sum()),
        int((~decided & (silent >= 0)).sum()),
        int((~decided & (silent < 0)).sum()),
        int((back >= 0).sum()),
        int((decided | (back >= 0)).sum()),
        _reasons(found, no[rejected]),
        int(again.sum()),
        int((again & rejected).sum()),
        times(log.at[decision] - log.at[found.handed[handed][decided]]),
    )


def _reasons(found: Evidence, rows: Ints) -> tuple[tuple[str, int, bool], ...]:
    """Rejections by reason, the most frequent first; an empty reason: none was given."""
    handoff = found.agreement.handoff
    agreed = handoff.reasons_to_reject if handoff else ()
    words = (*found.log.codes, "")
    counts = np.bincount(found.log.code[rows] + 1, minlength=len(words))
    named = [(words[code - 1], int(counts[code])) for code in np.flatnonzero(counts).tolist()]
    named.sort(key=lambda item: (-item[1], item[0]))
    return tuple((reason, count, reason in agreed) for reason, count in named)
