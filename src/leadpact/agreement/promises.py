"""Promise clauses: what one side owes the other, in numbers. Three kinds."""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from leadpact.agreement import phrases
from leadpact.agreement.clause import (
    Amount,
    Clause,
    Count,
    Elapsed,
    Every,
    Length,
    Name,
    Names,
    Percent,
    Rate,
    YesNo,
    named,
)
from leadpact.agreement.conditions import Condition
from leadpact.units import Misread, Span
from leadpact.words import _


class Rung(Clause):
    """One step of a ladder: so many answers in all by the end of the span (cumulative)."""

    times: Count = Field(ge=1, description="how many answers in all, counted from the start")
    within: Length = Field(description="by when, counted from the start")


class Escalation(Clause):
    """What happens when a share of the time is used: tell somebody, or reassign the lead."""

    at: Percent = Field(description="share of the time that is used; 100% is the due time")
    to: str | None = Field(default=None, description="who is told: a person, or a role")
    reassign: YesNo = Field(default=False, description="the lead goes to another owner")

    @model_validator(mode="after")
    def _acts(self) -> "Escalation":
        if self.to is None and not self.reassign:
            raise Misread(
                _("This escalation does nothing."), _("Write `to: manager` or `reassign: yes`.")
            )
        return self


class Response(Clause):
    """After X, do Y (k times) within T, unless Z."""

    after: Names = Field(min_length=1, description="facts, stages or engagements that start it")
    do: Names = Field(min_length=1, description="facts, stages or engagements that answer it")
    within: Length | None = Field(default=None, description="the time allowed")
    times: Count = Field(default=1, ge=1, description="how many answers are owed in that time")
    ladder: tuple[Rung, ...] = Field(
        default=(), description="instead of `within`: cumulative counts, each by its own time"
    )
    by: Names = Field(default=(), description="channels that count here, of those agreed")
    unless: Names = Field(default=(), description="facts or stages that excuse")
    for_: Condition | None = Field(
        default=None, alias="for", description="the leads that it covers; all unless said"
    )
    target: Rate | None = Field(default=None, description="share to be kept of those due")
    warn_at: Rate | None = Field(
        default=None, description="share of the time used at which a lead is at risk"
    )
    escalate: tuple[Escalation, ...] = Field(
        default=(), description="what happens as the time is used up, and after"
    )
    each_time: YesNo = Field(
        default=False, description="every start within a pass counts, not only the first"
    )
    calendar: str | None = Field(
        default=None, description="the calendar that it runs on; the owner's unless said"
    )

    @model_validator(mode="after")
    def _one_span(self) -> "Response":
        if (self.within is None) == (not self.ladder):
            raise Misread(
                _("A promise of response needs `within` or `ladder`, and not both."),
                _("Write `within: 4 working hours`, or the rungs of a ladder."),
            )
        return self

    @property
    def rungs(self) -> tuple[tuple[int | None, int, Span], ...]:
        """(rung, times, span) of each obligation this promise yields; rung is None without ladder."""
        if self.within is not None:
            return ((None, self.times, self.within),)
        return tuple((rung.times, rung.times, rung.within) for rung in self.ladder)


PLANNED = "as planned"
Planned = Annotated[Literal["as planned"], BeforeValidator(named)]


def _amount_kind(value: Any) -> str:
    return "<planned>" if isinstance(value, str) and named(value) == PLANNED else "<amount>"


Owed = Annotated[
    Annotated[Planned, Tag("<planned>")] | Annotated[Amount, Tag("<amount>")],
    Discriminator(_amount_kind),
]
"""A number, or ``as planned`` (taken from the plan of this agreement)."""


class Volume(Clause):
    """Deliver so many of a stage, or their value, each period, within a tolerance."""

    deliver: Name = Field(description="a stage, or `value of` a stage")
    amount: Owed = Field(
        description="how many, or how much, each period; `as planned`: by the plan"
    )
    each: Every = Field(default="month", description="the period")
    tolerance: Rate = Field(
        default=Fraction(0), description="deviation allowed on both sides, ends included"
    )
    at_least: YesNo = Field(default=False, description="more than the amount is welcome")
    flag_after: phrases.StreakText | None = Field(
        default=None, description="such as `3 periods over`"
    )
    per: Literal["rep"] | None = Field(default=None, description="each rep owes the amount")
    for_: Condition | None = Field(
        default=None, alias="for", description="the leads that it covers; all unless said"
    )

    @property
    def stage(self) -> str:
        """The stage that is counted."""
        return self.deliver.removeprefix("value of ")

    @property
    def in_value(self) -> bool:
        """Whether the promise counts value rather than leads."""
        return self.deliver.startswith("value of ")

    @property
    def flag(self) -> phrases.Streak | None:
        """After how many periods in a row, on which side, the promise is flagged."""
        return None if self.flag_after is None else phrases.streak(self.flag_after)


COUNTED = ("complete packets", "handoffs")
"""What a ratio may count beside stages and facts: handovers, and those whose packet lacks nothing."""


class Ratio(Clause):
    """Reach a share each period, judged with an interval and a minimum count."""

    ratio: Name = Field(description="such as `opportunity of mql`")
    at_least: Rate | None = Field(default=None, description="the share to reach")
    at_most: Rate | None = Field(default=None, description="the share not to pass")
    each: Every = Field(default="month", description="the period in which the cohort begins")
    per: Literal["rep"] | None = Field(default=None, description="each rep owes the share")
    minimum_count: Count = Field(default=30, ge=1, description="below it nothing is decided")
    mature_after: Elapsed | None = Field(
        default=None, description="time a cohort needs before it is judged"
    )
    confidence: Rate = Field(
        default=Fraction(95, 100), description="of the interval around the share"
    )
    for_: Condition | None = Field(
        default=None, alias="for", description="the leads that it covers; all unless said"
    )

    @model_validator(mode="after")
    def _bounded(self) -> "Ratio":
        if self.at_least is None and self.at_most is None:
            raise Misread(
                _("This promise of a rate has no number."), _("Write `at least:` or `at most:`.")
            )
        if None not in (self.at_least, self.at_most) and self.at_least > self.at_most:  # type: ignore[operator]
            raise Misread(
                _("`at least` is more than `at most`: nothing can reach it."), _("Swap the two.")
            )
        return self

    @property
    def parts(self) -> tuple[str, str]:
        """Numerator and denominator, in words."""
        above, _of, below = self.ratio.rpartition(" of ")
        return above, below


KINDS = {"response": "after", "volume": "deliver", "ratio": "ratio"}


def _promise_kind(value: Any) -> str | None:
    if isinstance(value, dict):
        marks = (f"<{kind}>" for kind, mark in KINDS.items() if mark in value)
        return next(marks, "<response>" if {"do", "within", "ladder"} & set(value) else None)
    kinds: dict[type, str] = {Response: "<response>", Volume: "<volume>", Ratio: "<ratio>"}
    return kinds.get(type(value))


Promise = Annotated[
    Annotated[Response, Tag("<response>")]
    | Annotated[Volume, Tag("<volume>")]
    | Annotated[Ratio, Tag("<ratio>")],
    Discriminator(
        _promise_kind,
        custom_error_type="promise",
        custom_error_message="no promise",
    ),
]
"""A promise, in one of its three kinds."""
