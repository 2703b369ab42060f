"""Nurture measured: do leads come back warmer, do they qualify more often, is nobody forgotten.

All shares are of cohorts: what began in the last year, each with the same time to show what came of
it; what is too young is counted apart. Leads in tracks are compared with others at a landmark, so
that nobody counts as "not enrolled" only because they qualified before anybody could enrol them. It
is a comparison, no proof: who is enrolled isn't drawn by lot.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from leadpact.clock import same_time
from leadpact.facts import CREATED, MERGED, REJECTED, RETURNED, SUPPRESSED
from leadpact.figure import exact_text
from leadpact.log import COPIED
from leadpact.measure.figures import Interval, wilson
from leadpact.measure.judged import Bools, Ints, Judged
from leadpact.nurture import Enrolments, enrolments
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.score import scores
from leadpact.story import Stories

YEAR, LANDMARK, HORIZON, RECOVERY = 365, 14, 90, 180
"""Days: of the cohorts; until a lead counts as enrolled or not; to qualify after that; to come back."""
MINIMUM = 30
"""A share of fewer says too little to be compared."""
MOST_TURNS = 8
"""Of a lead that was in more tracks than this in a year, the first ones count for interest."""
MOST_LISTED = 500


@dataclass(frozen=True, eq=False)
class Share:
    """So many of so many leads; `immature` are too young to count.

    `counted` are the leads (indexes of the log) of the denominator, `hit` marks the numerator.
    """

    name: str
    counted: Ints
    hit: Bools
    immature: int

    @property
    def numerator(self) -> int:
        """How many of those counted arrived."""
        return int(self.hit.sum())

    @property
    def denominator(self) -> int:
        """How many were counted."""
        return len(self.hit)

    @property
    def interval(self) -> Interval | None:
        """Where the true share may lie (95 %)."""
        return wilson(self.numerator, self.denominator)

    @property
    def share(self) -> Fraction | None:
        """The share; None where nothing was counted."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    def to_json(self, keys: list[str]) -> dict[str, Any]:
        """The share in its JSON form, with the keys of the leads behind it (the last ones)."""
        leads = [(keys[n], bool(hit)) for n, hit in zip(self.counted[-MOST_LISTED:].tolist(),
                 self.hit[-MOST_LISTED:].tolist(), strict=True)]  # fmt: skip
        return {
            "name": self.name,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "immature": self.immature,
            "share": None if self.share is None else exact_text(self.share, 6),
            "interval": None if self.interval is None else self.interval.to_json(),
            "minimum_count": MINIMUM,
            "leads": leads,
        }


@dataclass(frozen=True, slots=True)
class Lift:
    """Interest of leads when they entered a track and when they left it (or now), in points."""

    count: int
    rose: int
    fell: int
    before: Fraction | None
    after: Fraction | None

    def to_json(self) -> dict[str, Any]:
        """The lift in its JSON form; means as exact decimal texts."""
        means = {"before": self.before, "after": self.after}
        told = {k: None if v is None else exact_text(v, 2) for k, v in means.items()}
        return {"count": self.count, "rose": self.rose, "fell": self.fell, **told}


@dataclass(frozen=True, eq=False)
class Nurture:
    """How nurture does, as of `now` (µs UTC)."""

    now: int
    coverage: Share
    recovery: Share
    rejected_again: Share
    enrolled: Share
    others: Share
    lift: Lift

    @property
    def shares(self) -> tuple[Share, ...]:
        """Every share."""
        return self.coverage, self.recovery, self.rejected_again, self.enrolled, self.others

    def to_json(self, keys: list[str]) -> dict[str, Any]:
        """All measures in their JSON form; `keys` are those of the leads of the log."""
        shares = [one.to_json(keys) for one in self.shares]
        return {"as_of": self.now, "shares": shares, "lift": self.lift.to_json()}


def nurture(judged: Judged) -> Nurture:
    """How nurture does by a judgement: coverage of returned leads (KE14), recovery (KV13), rejections
    of later passes (KV14), leads that qualify among enrolled and others, and interest (KE13)."""
    stories, now = judged.stories, judged.now
    zone = judged.program.versions[-1].agreement.zone
    since = same_time(now, -YEAR, zone)
    known = enrolments(stories)
    returns = _rows(stories, RETURNED, since)
    enrolled, others = _compared(stories, known, since, now, zone)
    return Nurture(
        now,
        _coverage(stories, known, returns, now, zone),
        _recovery(stories, returns, now, zone),
        _rejected_again(stories, since),
        enrolled,
        others,
        _lift(judged, known, since),
    )


def _rows(stories: Stories, kind: int, since: int) -> Ints:
    """The facts of a kind that count, since an instant."""
    log = stories.log
    own = (log.kind == kind) & (log.flags & COPIED == 0) & ~stories.unexpected & (log.at >= since)
    return np.flatnonzero(own)


def _next(lead: Ints, at: Ints, other_lead: Ints, other_at: Ints) -> Ints:
    """For each lead at an instant the first of the other instants of that lead from then on."""
    count = len(lead)
    leads = np.concatenate([lead, other_lead])
    instants = np.concatenate([at, other_at])
    is_other = np.arange(len(leads)) >= count
    order = np.lexsort((is_other, instants, leads))
    place = np.where(is_other[order], np.arange(len(order)), len(order))
    first = np.minimum.accumulate(place[::-1])[::-1]
    found = np.append(order, -1)[np.append(first, len(order))[:-1]]
    same = (found >= 0) & (leads[np.maximum(found, 0)] == leads[order])
    told = np.full(len(leads), NEVER, np.int64)
    told[order] = np.where(same, instants[np.maximum(found, 0)], NEVER)
    return told[:count]


def _qualified(stories: Stories) -> tuple[Ints, Ints]:
    """The lead of each pass that reached the stage of the handoff, and when it did."""
    stage = stories.program.versions[-1].names.qualifies
    none = np.zeros(0, np.int64)
    if stage < 0:
        return none, none
    at = stories.entered_at(stories.program.stages[stage])
    own = at != NEVER
    return stories.passes[own, col.S_LEAD].astype(np.int64), at[own]


def _coverage(stories: Stories, known: Enrolments, rows: Ints, now: int, zone: str) -> Share:
    """Returned leads that are in a track within the time of the landmark, of those returned."""
    log = stories.log
    agreed = np.array([place.track is not None for place in known.places] or [False], np.bool_)
    own = agreed[known.place] if len(known) else np.zeros(0, np.bool_)
    lead, at = log.lead[rows].astype(np.int64), log.at[rows]
    entered = _next(lead, at, known.lead[own], known.at[own])
    return _within("coverage", lead, entered, same_time(at, LANDMARK, zone), now)


def _recovery(stories: Stories, rows: Ints, now: int, zone: str) -> Share:
    """Returned leads that qualify again in time, of those returned."""
    log = stories.log
    lead, at = log.lead[rows].astype(np.int64), log.at[rows]
    again = _next(lead, at, *_qualified(stories))
    return _within("recovery", lead, again, same_time(at, RECOVERY, zone), now)


def _within(name: str, lead: Ints, at: Ints, until: Ints, now: int) -> Share:
    """Those that arrived until an instant, of those that had the time; the early ones among the
    others don't count, or only they would."""
    hit, decided = at <= until, until <= now
    return Share(name, lead[decided], hit[decided], int((~decided).sum()))


def _rejected_again(stories: Stories, since: int) -> Share:
    """Later passes that sales rejected, of all later passes that began in the year."""
    passes, log = stories.passes, stories.log
    row = passes[:, col.S_OPENED]
    opened = log.at[row] >= since if len(log) else np.zeros(0, np.bool_)
    own = (passes[:, col.S_PASS] >= 2) & opened
    width = int(stories.pass_of.max(initial=0)) + 1
    rows = _rows(stories, REJECTED, 0)
    rejected = log.lead[rows].astype(np.int64) * width + stories.pass_of[rows]
    keys = passes[own, col.S_LEAD].astype(np.int64) * width + passes[own, col.S_PASS]
    lead = passes[own, col.S_LEAD].astype(np.int64)
    return Share("rejected again", lead, np.isin(keys, rejected), 0)


def _compared(
    stories: Stories, known: Enrolments, since: int, now: int, zone: str
) -> tuple[Share, Share]:
    """The leads that qualify in time after the landmark, among those enrolled by then and the others."""
    log = stories.log
    rows = np.union1d(_rows(stories, CREATED, since), _rows(stories, RETURNED, since))
    lead, at = log.lead[rows].astype(np.int64), log.at[rows]
    landmark = same_time(at, LANDMARK, zone)
    until = same_time(landmark, HORIZON, zone)
    ends = np.flatnonzero(np.isin(log.kind, (SUPPRESSED, MERGED)))
    ended = _next(lead, at, log.lead[ends].astype(np.int64), log.at[ends])
    back = np.flatnonzero((log.kind == RETURNED) & ~stories.unexpected)
    returned = _next(lead, at + 1, log.lead[back].astype(np.int64), log.at[back])
    qualified = _next(lead, at, *_qualified(stories))
    waits = (landmark <= now) & (np.minimum(ended, returned) > landmark) & (qualified > landmark)
    enrolled = _next(lead, at, known.lead, known.at) <= landmark
    said = []
    for name, own in (("enrolled", waits & enrolled), ("not enrolled", waits & ~enrolled)):
        said.append(_within(name, lead[own], qualified[own], until[own], now))
    return said[0], said[1]


def _lift(judged: Judged, known: Enrolments, since: int) -> Lift:
    """Interest when leads entered tracks in the year, and when they left or now."""
    agreement = judged.program.versions[-1].agreement
    clause = agreement.qualification
    own = np.flatnonzero(known.at >= since)
    if clause is None or not clause.interest or not len(own):
        return Lift(0, 0, 0, None, None)
    lead, left = known.lead[own], np.minimum(known.left_at[own], judged.now)
    nth = np.arange(len(own)) - np.searchsorted(lead, lead)
    before: list[Ints] = []
    after: list[Ints] = []
    for turn in range(min(int(nth.max()) + 1, MOST_TURNS)):
        rows = nth == turn
        for points, at in ((before, known.at[own]), (after, left)):
            instants = np.zeros(len(judged.log.leads), np.int64)
            instants[lead[rows]] = at[rows]
            points.append(scores(agreement, judged.log, instants).interest[lead[rows]])
    first, last = np.concatenate(before), np.concatenate(after)
    means = (Fraction(int(one.sum()), 100 * len(one)) for one in (first, last))
    return Lift(len(first), int((last > first).sum()), int((last < first).sum()), *means)
