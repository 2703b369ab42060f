"""Funnel: how many passes entered each stage, and how cohorts went on to the next."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np

from leadpact.clock import DAY, local_day, same_time
from leadpact.figure import exact_text
from leadpact.measure.figures import Grounds, Measured, share
from leadpact.measure.judged import Bools, Evidence, Ints, Judged, evidence
from leadpact.measure.periods import USUAL_DAYS, local_date, time_to_close
from leadpact.measure.quotas import Quotas
from leadpact.program import columns as col
from leadpact.program.columns import NEVER


@dataclass(frozen=True, slots=True)
class Step:
    """How a cohort went from one stage to the next: passes that `entered` the first.

    Of these `mature` had the days, and `converted` of them made the step within them; `immature`
    are too young. `so_far` counts everyone who made it until now, `survival` estimates the share
    within the days from all. `agreed` is the rate that the agreement gives for the lead type.
    """

    origin: str
    goal: str
    by: Literal["all", "month", "lead type"]
    cohort: str | None
    days: int
    entered: int
    mature: int
    converted: int
    so_far: int
    survival: Decimal | None
    agreed: Fraction | None
    as_of: int

    @property
    def immature(self) -> int:
        """Passes that haven't had the days yet."""
        return self.entered - self.mature

    @property
    def figure(self) -> Measured:
        """The share of mature passes that made the step within the days."""
        key = {
            "all": (),
            "month": (("month", self.cohort),),
            "lead type": (("lead type", self.cohort),),
        }
        where = (("entered", self.origin), *key[self.by], ("had days", self.days))
        hit = (("entered", self.goal), ("within days", self.days))
        return share(
            self.converted,
            self.mature,
            "KV-cohort",
            self.as_of,
            undecided=self.immature,
            grounds=Grounds("passes", where, hit),
        )

    @property
    def drifts(self) -> bool:
        """Whether the measured rate differs from the agreed one by more than chance explains."""
        figure = self.figure
        if self.agreed is None or figure.interval is None or not figure.enough:
            return False
        return not figure.interval.contains(self.agreed)

    def to_json(self) -> dict[str, Any]:
        """The step in its JSON form."""
        return {
            "from": self.origin,
            "to": self.goal,
            "by": self.by,
            "cohort": self.cohort,
            "within_days": self.days,
            "entered": self.entered,
            "mature": self.mature,
            "immature": self.immature,
            "converted": self.converted,
            "so_far": self.so_far,
            "rate": self.figure.to_json(),
            "survival": None if self.survival is None else exact_text(self.survival, 6),
            "agreed": None if self.agreed is None else exact_text(self.agreed, 6),
            "drifts": self.drifts,
        }


class Count(NamedTuple):
    """How many passes entered a stage, and how many stand in it now."""

    stage: str
    entered: int
    now: int


def counts(judged: Judged | Evidence) -> list[Count]:
    """The stages in order, from the one that leads arise in."""
    found = evidence(judged)
    passes = found.stories.passes[found.live]
    standing = passes[:, col.S_STAGE][passes[:, col.S_STANDING] == col.IN]
    inside = np.bincount(standing[standing >= 0], minlength=len(found.program.stages))
    entered = (found.stories.entered[found.live] >= 0).sum(axis=0)
    return [
        Count(stage, int(entered[place]), int(inside[place]))
        for place, stage in enumerate(found.program.stages)
        if place >= found.version.names.base
    ]


def steps(
    judged: Judged | Evidence,
    by: Literal["all", "month", "lead type"] = "all",
    days: int | None = None,
) -> list[Step]:
    """How cohorts went from each stage to the next one that the agreement has.

    By lead type, the steps are those that the agreement gives rates for, where it gives any, and
    each has the longest time to close that is agreed: a shorter one would look like drift.
    """
    found = evidence(judged)
    own = [s for s in found.agreement.stages if s in {c.stage for c in counts(found)}]
    agreed = _agreed(found) if by == "lead type" else {}
    kinds = {kind for kind, _origin, _goal in agreed}
    pairs = dict.fromkeys((*pairwise(own), *((o, g) for _kind, o, g in agreed if o in own)))
    given = days or (time_to_close(found.agreement) if by == "lead type" else USUAL_DAYS)
    return [
        replace(step, agreed=agreed.get((step.cohort, origin, goal)))
        for origin, goal in sorted(pairs, key=lambda pair: own.index(pair[0]))
        for step in _steps(found, _Passages(found, origin, goal, given), by)
        if ((step.cohort, origin, goal) in agreed)
        or (step.cohort not in kinds and (origin, goal) in pairwise(own))
    ]


class _Passages:
    """What became of the passes that entered a stage: after how long they entered another."""

    def __init__(self, found: Evidence, origin: str, goal: str, days: int) -> None:
        self.found, self.origin, self.goal, self.days = found, origin, goal, days
        entries, goals = found.entries(origin), found.entries(goal)
        self.rows = entries.rows
        self.at: Ints = found.log.at[entries.rows]
        arrival = np.full(len(found.pass_lead), NEVER, np.int64)
        arrival[goals.passes] = found.log.at[goals.rows]
        self.arrival: Ints = arrival[entries.passes]
        until = np.asarray(same_time(self.at, days, found.zone)) if len(self.at) else self.at
        self.until: Ints = until
        # Who left can't convert any more: that is known for all of the days, and not unseen.
        standing = found.stories.passes[entries.passes, col.S_STANDING]
        self.left: Bools = standing != col.IN

    def step(
        self, by: Literal["all", "month", "lead type"], cohort: str | None, own: Bools
    ) -> Step:
        """The step of some of the passes."""
        mature = own & (self.until <= self.found.now)
        arrived = self.arrival != NEVER
        return Step(
            self.origin,
            self.goal,
            by,
            cohort,
            self.days,
            int(own.sum()),
            int(mature.sum()),
            int((mature & (self.arrival <= self.until)).sum()),
            int((own & arrived).sum()),
            self._survival(own),
            None,
            self.found.now,
        )

    def _survival(self, own: Bools) -> Decimal | None:
        if not own.any():
            return None
        arrived = self.arrival[own] != NEVER
        end = np.where(arrived, self.arrival[own], self.found.now)
        lasted = np.where(self.left[own] & ~arrived, NEVER, end - self.at[own])
        return kaplan_meier(lasted, arrived, self.days * DAY)


def _steps(
    found: Evidence, passages: _Passages, by: Literal["all", "month", "lead type"]
) -> Iterator[Step]:
    whole = np.ones(len(passages.at), bool)
    if by == "all":
        yield passages.step(by, None, whole)
    elif by == "month":
        months = month_of(passages.at, found.zone)
        for month in np.unique(months).tolist():
            yield passages.step(by, month_name(month), months == month)
    else:
        codes, words = found.lead_type
        kinds = codes[passages.rows]
        for kind in np.unique(kinds[kinds >= 0]).tolist():
            yield passages.step(by, words[kind], kinds == kind)


def month_of(at: Ints, zone: str) -> Ints:
    """The local month of each instant, as months since January 1970."""
    if not len(at):
        return at
    days = np.asarray(local_day(at, zone))
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_name(month: int) -> str:
    """A month since January 1970 as people write it: 2026-03."""
    return f"{1970 + month // 12}-{month % 12 + 1:02}"


def kaplan_meier(lasted: Ints, arrived: Bools, within: int) -> Decimal:
    """The share that arrives within a time, where some weren't followed for so long.

    1 − Π (1 − arrivals ÷ those still followed) over the times of arrival up to `within`; who is
    lost from sight at a time of arrival was still followed then (E. L. Kaplan and P. Meier, 1958).
    An estimate: six decimals.
    """
    times = np.unique(lasted[arrived & (lasted <= within)])
    followed = len(lasted) - np.searchsorted(np.sort(lasted), times, "left")
    came = np.sort(lasted[arrived])
    arrivals = np.searchsorted(came, times, "right") - np.searchsorted(came, times, "left")
    remains = float(np.prod((followed - arrivals) / followed)) if len(times) else 1.0
    return Decimal(repr(round(1 - remains, 6)))


def period_rate(
    judged: Judged | Evidence, origin: str, goal: str, begins: int, ends: int
) -> Measured:
    """Entries into a stage ÷ entries into the one before, in the same time: for pace only.

    It bends as volume grows or shrinks, and may pass 100 %: never judge by it.
    """
    found = evidence(judged)
    above, below = (
        int(((at >= begins) & (at < ends)).sum())
        for at in (found.log.at[found.entries(stage).rows] for stage in (goal, origin))
    )
    value = Fraction(above, below) if below else None
    return Measured(value, "ratio", "KV-period", found.now, above, below)


def _agreed(found: Evidence) -> dict[tuple[str | None, str, str], Fraction | None]:
    """The rate that the agreement gives today for each step of a lead type; None where streams
    differ."""
    rates: dict[tuple[str | None, str, str], Fraction | None] = {}
    today = local_date(found.now, found.zone)
    for kinds in Quotas(found.agreement).planned.kinds.values():
        for kind in kinds:
            chain = kind.on(today).chain
            for (origin, goal), rate in zip(pairwise(chain.stages), chain.rates, strict=True):
                same = rates.setdefault((kind.name, origin, goal), rate) == rate
                if not same:
                    rates[kind.name, origin, goal] = None
    return rates
