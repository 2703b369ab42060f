"""Effort: how often, by which channels and how widely leads were worked after their handover."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from leadpact.clock import DAY, same_time
from leadpact.facts import (
    DISQUALIFIED,
    LOST,
    MERGED,
    REJECTED,
    REPLIED,
    RETURNED,
    SUPPRESSED,
)
from leadpact.figure import exact_text
from leadpact.measure.figures import Measured, share
from leadpact.measure.judged import Bools, Evidence, Ints, Judged, evidence
from leadpact.measure.speed import median
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.units import SECOND

REACHED = frozenset({"reached", "connected", "answered", "spoke", "conversation"})
"""Outcomes of an attempt that mean that the person was reached."""
LEAVING = (RETURNED, REJECTED, DISQUALIFIED, LOST, SUPPRESSED, MERGED)
MOST = 8
"""Attempts are counted up to here; the last place holds this many and more."""
AGES = (("1 day", 1), ("7 days", 7))


@dataclass(frozen=True, slots=True)
class Effort:
    """Attempts after the handover, on passes that were handed over; of all, or of one last owner.

    `spread` counts the passes by their attempts, 0 to `MOST` and more; `gap` is the median µs
    between one attempt on a lead and the next; `unworked` counts, by age (up to 1 day, up to 7,
    older), the passes still in the funnel that nobody tried.
    """

    rep: str | None
    as_of: int
    handed: int
    attempts: int
    worked: int
    spread: tuple[int, ...]
    gap: Fraction | None
    in_a_week: Measured
    unworked: tuple[int, ...]
    channels: tuple[tuple[str, int], ...]
    reached: int
    returned: int
    returned_early: int | None
    beyond: int | None

    @property
    def per_lead(self) -> Measured:
        """Attempts per worked lead."""
        value = Fraction(self.attempts, self.worked) if self.worked else None
        return Measured(value, "attempts", "KE1", self.as_of, self.attempts, self.worked)

    @property
    def touched(self) -> Measured:
        """The share of handed-over leads with at least one attempt."""
        return share(self.worked, self.handed, "KE6", self.as_of)

    @property
    def contact(self) -> Measured:
        """The share of worked leads that were reached or answered."""
        return share(self.reached, self.worked, "KE8", self.as_of)

    @property
    def early_returns(self) -> Measured | None:
        """The share of returns with fewer attempts than agreed; None where no number is agreed."""
        if self.returned_early is None:
            return None
        return share(self.returned_early, self.returned, "KE9", self.as_of)

    @property
    def over_contact(self) -> Measured | None:
        """The share of worked leads with more attempts than agreed; None without a number."""
        return None if self.beyond is None else share(self.beyond, self.worked, "KE10", self.as_of)

    def to_json(self) -> dict[str, Any]:
        """The effort in its JSON form."""
        early, over = self.early_returns, self.over_contact
        return {
            "rep": self.rep,
            "handed_over": self.handed,
            "attempts": self.attempts,
            "worked": self.worked,
            "spread": list(self.spread),
            "median_gap_seconds": None if self.gap is None else exact_text(self.gap / SECOND),
            "attempts_per_lead": self.per_lead.to_json(),
            "touched": self.touched.to_json(),
            "worked_within_7_days": self.in_a_week.to_json(),
            "unworked": {
                "up_to_1_day": self.unworked[0],
                "up_to_7_days": self.unworked[1],
                "older": self.unworked[2],
            },
            "channels": dict(self.channels),
            "contact_rate": self.contact.to_json(),
            "early_returns": None if early is None else early.to_json(),
            "over_contact": None if over is None else over.to_json(),
        }


def effort(judged: Judged | Evidence) -> Effort:
    """How the handed-over leads were worked."""
    return Tries(evidence(judged)).effort(None, None)


def efforts(judged: Judged | Evidence) -> list[Effort]:
    """How each last owner's handed-over leads were worked."""
    tries = Tries(evidence(judged))
    owners = tries.found.stories.passes[:, col.S_OWNER]
    listed = np.unique(owners[tries.handed & (owners >= 0)]).tolist()
    return [tries.effort(tries.found.log.people[owner], owners == owner) for owner in listed]


class Tries:
    """The attempts of each pass after its handover."""

    def __init__(self, found: Evidence) -> None:
        self.found = found
        self.handed: Bools = (found.handed >= 0) & found.live
        at = found.log.at if len(found.log) else np.zeros(1, np.int64)
        self.start: Ints = np.where(self.handed, at[found.handed], NEVER)
        counts = found.attempts & (found.place >= 0)
        rows = np.flatnonzero(counts)
        place = found.place[rows]
        chosen = found.log.at[rows] >= self.start[place]
        self.rows: Ints = rows[chosen]
        self.place: Ints = place[chosen]
        self.count: Ints = np.bincount(self.place, minlength=len(self.handed))

    @cached_property
    def _first(self) -> Ints:
        """When each pass was first tried; `NEVER` where it wasn't."""
        first = np.full(len(self.handed), NEVER, np.int64)
        first[self.place[::-1]] = self.found.log.at[self.rows[::-1]]
        return first

    @cached_property
    def _left(self) -> Ints:
        """When each pass was left; `NEVER` while it is in the funnel."""
        rows = self.found.first(np.isin(self.found.log.kind, LEAVING))
        if not len(self.found.log):
            return np.full(len(rows), NEVER, np.int64)
        return np.where(rows >= 0, self.found.log.at[rows], NEVER)

    @cached_property
    def _reached(self) -> Bools:
        """Which passes were reached, or answered."""
        log = self.found.log
        sparse = log.fields.get("outcome")
        hits = log.kind == REPLIED
        if sparse is not None:
            good = np.array([text in REACHED for text in sparse.words], bool)
            tried = np.isin(sparse.rows, self.rows)
            hits[sparse.rows[good[sparse.codes] & tried]] = True
        found: Bools = self.found.first(hits) >= 0
        return found

    def effort(self, rep: str | None, own: Bools | None) -> Effort:
        """The effort on some passes."""
        handed = self.handed if own is None else self.handed & own
        worked = handed & (self.count > 0)
        tried = handed[self.place]
        cap = self._cap
        returned = handed & (self._returned >= 0)
        return Effort(
            rep,
            self.found.now,
            int(handed.sum()),
            int(tried.sum()),
            int(worked.sum()),
            tuple(np.bincount(np.minimum(self.count[handed], MOST), minlength=MOST + 1).tolist()),
            self._gap(tried),
            self._in_a_week(handed),
            self._unworked(handed),
            self._channels(tried),
            int((worked & self._reached).sum()),
            int(returned.sum()),
            None if cap is None else int((returned & (self.count < cap)).sum()),
            None if cap is None else int((worked & (self.count > cap)).sum()),
        )

    @property
    def _cap(self) -> int | None:
        """The attempts after which a lead is returned."""
        handoff = self.found.agreement.handoff
        return handoff.return_.attempts if handoff and handoff.return_ else None

    @cached_property
    def _returned(self) -> Ints:
        return self.found.first(self.found.log.kind == RETURNED)

    def _gap(self, tried: Bools) -> Fraction | None:
        rows, place = self.rows[tried], self.place[tried]
        gaps = np.diff(self.found.log.at[rows])[place[1:] == place[:-1]]
        return median(np.sort(gaps)) if len(gaps) else None

    def _in_a_week(self, handed: Bools) -> Measured:
        start = self.start[handed]
        until = np.asarray(same_time(start, 7, self.found.zone)) if len(start) else start
        reached = (until <= self.found.now) & (self._left[handed] > until)
        hits = int((reached & (self._first[handed] <= until)).sum())
        count = int(reached.sum())
        young = int((until > self.found.now).sum())
        return share(hits, count, "KE4", self.found.now, undecided=young)

    def _unworked(self, handed: Bools) -> tuple[int, ...]:
        inside = self.found.stories.passes[:, col.S_STANDING] == col.IN
        age = self.found.now - self.start[handed & inside & (self.count == 0)]
        ages = np.searchsorted(np.sort(age), [days * DAY for _name, days in AGES], "right")
        return tuple(np.diff([0, *ages.tolist(), len(age)]).tolist())

    def _channels(self, tried: Bools) -> tuple[tuple[str, int], ...]:
        words = (*self.found.log.codes, "")
        counts = np.bincount(self.found.log.code[self.rows[tried]] + 1, minlength=len(words))
        named = {words[code - 1]: int(counts[code]) for code in np.flatnonzero(counts).tolist()}
        return tuple(sorted(named.items(), key=lambda item: (-item[1], item[0])))
