"""Demand: which leads qualify, and what the funnel is agreed to yield."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from leadpact import units
from leadpact.agreement.clause import Clause, Day, Elapsed, Name, Points, Rate, named
from leadpact.agreement.conditions import Condition
from leadpact.agreement.phrases import AmountText, RateText


class FitRule(Clause):
    """Points for who the lead is."""

    when: Condition = Field(description="the leads that get them")
    points: Points = Field(description="how many; may be negative")
    group: Name | None = Field(default=None, description="rules with one cap (see `caps`)")


class InterestRule(Clause):
    """Points for what the lead did, fading by half and capped."""

    did: Name = Field(description="what the lead did, such as `guide downloaded`")
    points: Points = Field(description="points each time")
    halves_after: Elapsed | None = Field(
        default=None, description="time in which the points fade by half"
    )
    at_most: Points | None = Field(default=None, description="points from this rule in all")
    group: Name | None = Field(default=None, description="rules with one cap (see `caps`)")


class AccountInterest(Clause):
    """What the other leads of the same company did counts for a lead too, in part."""

    share: Rate = Field(description="the part of their points that counts")
    at_most: Points | None = Field(default=None, description="points of this kind in all")


class Grades(Clause):
    """The grid of letters and digits: A1 is the best, C3 the least."""

    fit: tuple[Points, ...] = Field(
        min_length=2, max_length=2, description="points from which fit is A, then B; below: C"
    )
    interest: tuple[Points, ...] = Field(
        min_length=2, max_length=2, description="points from which interest is 1, then 2; below: 3"
    )


QUALIFIES = "qualifies as "


class Qualification(Clause):
    """Which leads deserve pursuit: fit and interest rules, and the rule for each stage."""

    fit: tuple[FitRule, ...] = Field(default=(), description="points for who the lead is")
    interest: tuple[InterestRule, ...] = Field(
        default=(), description="points for what the lead did"
    )
    caps: dict[Name, Points] = Field(
        default={}, description="most points of a group of rules, of `fit` or of `interest` in all"
    )
    account: AccountInterest | None = Field(
        default=None, description="how far the interest of others at the company counts"
    )
    grades: Grades | None = Field(default=None, description="the grid A1 to C3")
    hysteresis: Points = Field(
        default=0,
        ge=0,
        description="points by which scores must fall below the rule before it can be met anew",
    )
    qualifies: dict[Name, Condition] = Field(
        default={}, description="written `qualifies as <stage>: <condition>`"
    )
    disqualifies: Condition | None = Field(
        default=None, description="leads that are never handed over"
    )

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        found = {k[len(QUALIFIES) :]: v for k, v in value.items() if named(k).startswith(QUALIFIES)}
        rest = {k: v for k, v in value.items() if not named(k).startswith(QUALIFIES)}
        return {**rest, "qualifies": found} if found else rest


class Dated(Clause):
    """One value of a dated series: from when it holds, and where it comes from."""

    value: str = Field(description="the value")
    from_: Day | None = Field(default=None, alias="from", description="the day from which it holds")
    source: str | None = Field(default=None, description="where it comes from")


class DatedRate(Dated):
    """A rate that holds from a day on."""

    value: RateText = Field(description="a share from 0 to 1")


class DatedAmount(Dated):
    """An amount that holds from a day on."""

    value: AmountText = Field(description="an amount in the agreement's currency")


def _series(value: Any) -> Any:
    if isinstance(value, str):
        return [{"value": value}]
    return [value] if isinstance(value, dict) else value


Rates = Annotated[tuple[DatedRate, ...], BeforeValidator(_series), Field(min_length=1)]
"""A rate, or a list of `{value, from, source}` by date."""
Amounts = Annotated[tuple[DatedAmount, ...], BeforeValidator(_series), Field(min_length=1)]
"""An amount, or a list of `{value, from, source}` by date."""


class Funnel(Clause):
    """Agreed metrics of a lead type: its share, a rate for each step, order value, time to close, cost.

    A step is written ``mql to sql: 34%``; ``win`` is the step into the last stage.
    """

    share: Rate | None = Field(default=None, description="its part of the stream's quota")
    steps: dict[Name, Rates] = Field(
        default={},
        description="written `<stage> to <stage>: <rate>`, and `win: <rate>` for the last",
    )
    order_value: Amounts | None = Field(default=None, description="average value of a deal")
    closes_in: Elapsed | None = Field(default=None, description="usual time from lead to deal")
    costs: Amounts | None = Field(default=None, description="what one such lead costs")
    source: str | None = Field(default=None, description="where these values come from")

    @model_validator(mode="before")
    @classmethod
    def _steps(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "steps" in value:
            return value
        steps = {k: v for k, v in value.items() if is_step(k)}
        return {**{k: v for k, v in value.items() if k not in steps}, "steps": steps}


def is_step(key: str) -> bool:
    """Whether a key of a funnel names a step between stages."""
    return named(key) == "win" or " to " in named(key)


class Improvement(Clause):
    """A metric that both sides undertake to move, from what to what, by when."""

    what: Name = Field(description="a step of the funnel, such as `win` or `mql to sql`")
    from_: Rate = Field(alias="from", description="the rate today")
    to: Rate = Field(description="the rate to reach")
    by: Day = Field(description="the day by which it is reached")
    lead_type: Name | None = Field(default=None, description="the lead type; all unless said")


def in_force(series: Sequence[Dated], on: date) -> str:
    """The text of a dated series that holds on a day: the latest begun, else the first."""
    begun = [value for value in series if value.from_ is None or value.from_ <= on]
    return max(begun, key=lambda value: value.from_ or date.min, default=series[0]).value


def rate_in_force(series: Sequence[Dated], on: date) -> Fraction:
    """The rate of a dated series that holds on a day."""
    return units.rate(in_force(series, on))


def amount_in_force(series: Sequence[Dated], on: date) -> Decimal:
    """The amount of a dated series that holds on a day."""
    return units.amount(in_force(series, on))
