"""Acceptance: what sales made of the leads it got: accepted, rejected and why, returned, silent."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from leadpact.facts import ACCEPTED, REJECTED, RETURNED
from leadpact.log import SILENT
from leadpact.measure.figures import Measured, share
from leadpact.measure.judged import Bools, Evidence, Ints, Judged, evidence
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


class Decisions(NamedTuple):
    """What became of each pass that was handed over: its place in `stories.passes` and what was said.

    `accepted` and `rejected` are what somebody said first, `silent` what nobody said anything about
    until it counted as accepted; `word` is the row that decided, -1 for none.
    """

    passes: Ints
    accepted: Bools
    rejected: Bools
    silent: Bools
    returned: Bools
    word: Ints


def decisions_of(found: Evidence) -> Decisions:
    """What sales said of each pass that it was handed."""
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
    word = np.where(accepted, yes, no)
    return Decisions(handed, accepted, rejected, ~decided & (silent >= 0), back >= 0, word)


def acceptance(judged: Judged | Evidence) -> Acceptance:
    """What sales made of the leads it got."""
    found = evidence(judged)
    log, said = found.log, decisions_of(found)
    decided = said.accepted | said.rejected
    word = said.word[decided]
    again = found.stories.passes[said.passes, col.S_PASS] > 1
    return Acceptance(
        found.now,
        int(said.accepted.sum()),
        int(said.rejected.sum()),
        int(said.silent.sum()),
        int((~decided & ~said.silent).sum()),
        int(said.returned.sum()),
        int((decided | said.returned).sum()),
        _reasons(found, said.word[said.rejected]),
        int(again.sum()),
        int((again & said.rejected).sum()),
        times(log.at[word] - log.at[found.handed[said.passes[decided]]]),
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
