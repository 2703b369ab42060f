"""Contacting: how sales follows up, and what keeps it from annoying people."""

from pydantic import Field

from leadpact.agreement import phrases
from leadpact.agreement.clause import Clause, Elapsed, Length, Name, Names
from leadpact.agreement.conditions import Condition


class Touch(Clause):
    """One step of a cadence: by which channel, how long after the step before."""

    do: Name = Field(description="a channel such as `phone` or `email`, or `wait`")
    after: Length = Field(description="when, counted from the step before")


class Cadence(Clause):
    """A planned series of attempts for leads of one kind."""

    for_: Condition | None = Field(
        default=None, alias="for", description="the leads that it is for; all unless said"
    )
    steps: tuple[Touch, ...] = Field(min_length=1, description="the touches, in order")


class Guard(Clause):
    """What is too much: warned of before the touch."""

    at_most: phrases.TouchesText = Field(default=(), description="such as [2 per day, 12 per pass]")
    apart: Length | None = Field(default=None, description="least time between two attempts")
    hours: str | None = Field(
        default=None,
        pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$",
        description="when people may be called, on their own clock: 08:00-20:00",
    )


class FollowUp(Clause):
    """How sales works its leads: cadences, limits, and the words that say how it went."""

    cadences: dict[Name, Cadence] = Field(
        default={}, description="planned attempts by name; the first that fits a lead is its own"
    )
    guard: Guard | None = Field(default=None, description="what would annoy people")
    outcomes: Names = Field(default=(), description="what may come of an attempt; each must say")
    reasons: Names = Field(
        default=(), description="why a lead doesn't advance; closing one must say"
    )
    keep_in_touch: dict[Name, Elapsed] = Field(
        default={}, description="how often sales calls `customers` and `sleeping` leads again"
    )
