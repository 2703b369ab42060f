"""The agreement: the document that both sides sign, as frozen clauses."""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from leadpact.agreement.clause import (
    Amount,
    Clause,
    Count,
    Day,
    Every,
    Name,
    Names,
    Rate,
    Words,
    YesNo,
    named,
)
from leadpact.agreement.conditions import Condition
from leadpact.agreement.contacting import FollowUp
from leadpact.agreement.demand import Funnel, Improvement, Qualification, in_force
from leadpact.agreement.handoff import Handoff, Pauses, Return, Route, Step, Track
from leadpact.agreement.mailing import Mailing
from leadpact.agreement.parties import CalendarClause, Holidays, Person, Team
from leadpact.agreement.promises import Promise

__all__ = [
    "STAGES",
    "Agreement",
    "Attempt",
    "CalendarClause",
    "Case",
    "Definitions",
    "Funnel",
    "Goal",
    "Handoff",
    "Holidays",
    "Improvement",
    "Lesson",
    "Pauses",
    "Person",
    "Qualification",
    "Quota",
    "Return",
    "Route",
    "Step",
    "Stream",
    "Team",
    "Term",
    "Track",
    "in_force",
]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A sentence, or a name, that is not empty."""


class Term(Clause):
    """How long the agreement runs and how often it is looked at again."""

    from_: Day = Field(alias="from", description="the first day")
    to: Day = Field(description="the last day")
    review: Every | None = Field(default=None, description="how often both sides review it")
    refresh_metrics: Every | None = Field(
        default=None, description="how often the funnel's values are measured anew"
    )


class Quota(Clause):
    """The revenue that both sides pursue: how much, per which period, who answers for it."""

    amount: Amount = Field(description="how much")
    per: Every = Field(description="in which period")
    owner: str | None = Field(default=None, description="the person who answers for it")
    marketing_share: Rate = Field(
        default=Fraction(1), description="part of it that marketing must source"
    )


class Stream(Clause):
    """A revenue stream with its share of the quota."""

    share: Rate = Field(description="its part of the quota")
    retention: YesNo = Field(default=False, description="existing customers: no leads are demanded")


class Goal(Clause):
    """The shared goal, in a sentence and in numbers."""

    statement: Text | None = Field(default=None, description="the goal in one sentence")
    quota: Quota | None = Field(default=None, description="the goal in numbers")
    streams: dict[Name, Stream] = Field(
        default={}, description="where the revenue comes from, by name"
    )
    by: Day | None = Field(
        default=None, description="its deadline, where it is not the end of the term"
    )


class Attempt(Clause):
    """What counts as an attempt to reach a lead."""

    by: Names = Field(default=(), description="agreed channels; empty: any")
    human: YesNo = Field(default=True, description="only what a human does counts")
    dial_tries_count: YesNo = Field(default=False, description="calls of zero seconds count")
    answered_by: Names = Field(
        default=("replied", "meeting booked"),
        description="what the buyer does that also settles a first contact",
    )


class Definitions(Clause):
    """The agreed terms: the stages in order, what an attempt is, and further words."""

    model_config = {**Clause.model_config, "extra": "allow"}
    __pydantic_extra__: dict[str, str]

    stages: tuple[Name, ...] = Field(
        default=(), max_length=50, description="the funnel's stages, in order"
    )
    attempt: Attempt = Field(default=Attempt(), description="what counts as an attempt")

    @property
    def words(self) -> dict[str, str]:
        """The further terms and their meaning."""
        return {named(word): meaning for word, meaning in (self.__pydantic_extra__ or {}).items()}


class Case(Clause):
    """A worked example of the agreement: a few facts and what must follow.

    `given` has one fact a line: when it happened, its kind, its fields as ``name=value``.
    """

    it: Text = Field(description="what the example shows")
    given: Text = Field(description="the facts, one a line")
    then: dict[Name, str] = Field(
        min_length=1,
        description="verdicts by promise (`follow-up 3` for a rung of a ladder); `after`: the time"
        " that was counted",
    )
    now: str | None = Field(
        default=None, description="when it is judged; unless said, at the last fact"
    )


class Lesson(Clause):
    """Something learned while living with the agreement."""

    on: Day = Field(description="when")
    by: str | None = Field(default=None, description="who says so")
    learned: Text = Field(description="what was learned")


class Agreement(Clause):
    """A sales and marketing agreement, one version of it."""

    leadpact: Literal["1"] = Field(description="the version of this language: 1")
    agreement: Text = Field(examples=["New business 2026"], description="its name")
    version: Count = Field(
        ge=1, examples=["1"], description="1, 2, 3 …: each amendment has the next"
    )
    valid_from: Day = Field(description="the day from which this version judges")
    open_promises: Annotated[Literal["keep", "restart"], BeforeValidator(named)] = Field(
        default="keep", description="what becomes of promises still open under the version before"
    )
    why: Text | None = Field(default=None, description="why this version replaces the one before")
    applies_to: Condition | None = Field(
        default=None, description="the leads that it covers; all unless said"
    )
    between: dict[Name, Words] = Field(default={}, description="the sides, and who is on each")
    currency: str = Field(
        default="USD", pattern=r"^[A-Z]{3}$", description="three capital letters, such as EUR"
    )
    zone: str = Field(default="UTC", description="the zone of its days, months and bare times")
    platform: Text | None = Field(default=None, description="where all lead data is kept")
    calendars: dict[str, CalendarClause] = Field(
        default={}, description="working times by name; the first is the usual one"
    )
    teams: dict[str, Team] = Field(default={}, description="teams by name")
    people: dict[str, Person] = Field(default={}, description="those who hold leads, by name")
    term: Term | None = Field(default=None, description="how long it runs")
    goal: Goal | None = Field(default=None, description="the shared goal")
    definitions: Definitions = Field(default=Definitions(), description="the agreed terms")
    qualification: Qualification | None = Field(
        default=None, description="which leads deserve pursuit"
    )
    funnel: dict[Name, Funnel] = Field(default={}, description="agreed metrics by lead type")
    funnel_by_stream: dict[Name, dict[Name, Funnel]] = Field(
        default={}, description="where streams differ: lead types under each stream"
    )
    improve: tuple[Improvement, ...] = Field(default=(), description="metrics to be moved")
    handoff: Handoff | None = Field(default=None, description="how leads pass to sales, and back")
    nurture: dict[Name, Track] = Field(default={}, description="nurture tracks by name")
    mailing: Mailing | None = Field(
        default=None, description="what holds for every mail that nurture sends"
    )
    follow_up: FollowUp | None = Field(default=None, description="how sales works its leads")
    promises: dict[Name, dict[Name, Promise]] = Field(
        default={}, description="what each side owes, by side and name"
    )
    kpis: dict[Name, Words] = Field(default={}, description="what each side is measured by")
    commitments: dict[Name, Words] = Field(default={}, description="further sentences, by side")
    pauses: Pauses = Field(default=Pauses(), description="when clocks may stand still")
    rhythm: dict[Name, Text] = Field(
        default={}, description="when people meet and reports go out: stand-up, digest, review"
    )
    cases: tuple[Case, ...] = Field(default=(), description="worked examples, run as tests")
    lessons: tuple[Lesson, ...] = Field(default=(), description="what was learned on the way")
    to_be_signed_by: dict[Name, Words] = Field(
        default={}, description="who signs, by side; `order: any`, or `order: as listed`"
    )

    @property
    def stages(self) -> tuple[str, ...]:
        """The funnel's stages in order, the usual ones where none are agreed."""
        return self.definitions.stages or STAGES

    def promised(self) -> dict[str, tuple[str, Any]]:
        """Every promise by name, with the side that owes it."""
        return {
            name: (side, promise)
            for side, promises in self.promises.items()
            for name, promise in promises.items()
        }


STAGES = ("visitor", "lead", "mql", "sal", "sql", "opportunity", "customer")
"""The stages of an agreement that lists none."""
