"""Promise clauses: what one side owes the other, in numbers. Three kinds."""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from leadpact.agreement.clause import (
    Amount,
    Clause,
    Count,
    Every,
    Length,
    Name,
    Names,
    Percent,
    Rate,
    YesNo,
)
from leadpact.agreement.conditions import Condition


class Rung(Clause):
    """One step of a ladder: so many answers in all by the end of the span (cumulative)."""

    times: Count = Field(ge=1)
    within: Length


class Escalation(Clause):
    """What happens when a share of the time is used: tell somebody, or reassign the lead."""

    at: Percent
    to: Name | None = None
    reassign: YesNo = False


class Response(Clause):
    """After X, do Y (k times) within T, unless Z."""

    after: Names = Field(description="facts, stages or engagements that start the clock")
    do: Names = Field(description="facts, stages or engagements that answer")
    within: Length | None = None
    times: Count = Field(default=1, ge=1)
    ladder: tuple[Rung, ...] = ()
    by: Names = Field(default=(), description="channels that count here, of those agreed")
    unless: Names = Field(default=(), description="facts or stages that excuse")
    for_: Condition | None = Field(default=None, alias="for")
    target: Rate | None = Field(default=None, description="share to be kept of those due")
    warn_at: Rate | None = Field(default=None, description="share of the time used at which a lead is at risk")
    escalate: tuple[Escalation, ...] = ()
    each_time: YesNo = False
    calendar: str | None = None

    @model_validator(mode="after")
    def _one_span(self) -> "Response":
        if (self.within is None) == (not self.ladder):
            raise ValueError("A response needs `within` or `ladder`.|Write one of them, not both.")
        return self

    @property
    def rungs(self) -> tuple[tuple[int | None, int, Any], ...]:
        """(rung, times, span) of each obligation this promise yields; rung is None without ladder."""
        if self.within is not None:
            return ((None, self.times, self.within),)
        return tuple((rung.times, rung.times, rung.within) for rung in self.ladder)


Planned = Literal["as planned"]


def _amount_kind(value: Any) -> str:
    return "planned" if isinstance(value, str) and value.strip().lower() == "as planned" else "amount"


Owed = Annotated[
    Annotated[Planned, Tag("planned")] | Annotated[Amount, Tag("amount")],
    Discriminator(_amount_kind),
]
"""A number, or ``as planned`` (taken from the plan of this agreement)."""


class Volume(Clause):
    """Deliver so many of a stage, or their value, each period, within a tolerance."""

    deliver: Name = Field(description="a stage, or `value of` a stage")
    amount: Owed
    each: Every = "month"
    tolerance: Rate = Fraction(0)
    at_least: YesNo = Field(default=False, description="more than the amount is welcome")
    flag_after: str | None = Field(default=None, description="such as `3 periods over`")
    per: Literal["rep"] | None = None
    for_: Condition | None = Field(default=None, alias="for")

    @property
    def stage(self) -> str:
        """The stage that is counted."""
        return self.deliver.removeprefix("value of ")

    @property
    def in_value(self) -> bool:
        """Whether the promise counts value rather than leads."""
        return self.deliver.startswith("value of ")


class Ratio(Clause):
    """Reach a share each period, judged with an interval and a minimum count."""

    ratio: Name = Field(description="such as `opportunity of mql`")
    at_least: Rate | None = None
    at_most: Rate | None = None
    each: Every = "month"
    per: Literal["rep"] | None = None
    minimum_count: Count = 30
    mature_after: Length | None = Field(default=None, description="time a cohort needs to be judged")
    confidence: Rate = Fraction(95, 100)
    for_: Condition | None = Field(default=None, alias="for")

    @model_validator(mode="after")
    def _bounded(self) -> "Ratio":
        if self.at_least is None and self.at_most is None:
            raise ValueError("A rate promise has no number.|Write `at least:` or `at most:`.")
        return self

    @property
    def parts(self) -> tuple[str, str]:
        """Numerator and denominator, in words."""
        above, _, below = self.ratio.rpartition(" of ")
        return above, below


KINDS = {"response": "after", "volume": "deliver", "ratio": "ratio"}


def _promise_kind(value: Any) -> str | None:
    if isinstance(value, dict):
        marks = (kind for kind, mark in KINDS.items() if mark in value)
        return next(marks, "response" if {"do", "within", "ladder"} & set(value) else None)
    kinds = {Response: "response", Volume: "volume", Ratio: "ratio"}
    return kinds.get(type(value))


Promise = Annotated[
    Annotated[Response, Tag("response")]
    | Annotated[Volume, Tag("volume")]
    | Annotated[Ratio, Tag("ratio")],
    Discriminator(
        _promise_kind,
        custom_error_type="promise",
        custom_error_message="A promise must say `after` … `do` …, `deliver` …, or `ratio` ….",
    ),
]
