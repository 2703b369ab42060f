"""The agreement: the document that both sides sign, as frozen clauses."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from leadpact.agreement.clause import (
    Amount,
    Clause,
    Count,
    Day,
    DaysOff,
    Every,
    Length,
    Name,
    Names,
    Points,
    Rate,
    Words,
    YesNo,
    spaced,
)
from leadpact.agreement.conditions import Condition
from leadpact.agreement.promises import Promise


class Holidays(Clause):
    """Days on which a calendar is closed: the listed dates bind; the country is where they came from."""

    country: str | None = None
    region: str | None = None
    dates: tuple[Day, ...] = ()


class CalendarClause(Clause):
    """Working time: a zone, open hours by weekday (`mon-fri: [09:00-12:30, 13:30-17:30]`), holidays."""

    zone: str | None = None
    open: dict[str, Words]
    holidays: Holidays = Holidays()


class Team(Clause):
    """A team and the calendar of those in it who name none."""

    calendar: str | None = None


class Person(Clause):
    """Somebody who holds leads: team, calendar, weight in routing, leave."""

    team: str | None = None
    calendar: str | None = None
    weight: Amount = Decimal(1)
    leave: tuple[DaysOff, ...] = ()
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class Term(Clause):
    """How long the agreement runs and how often it is looked at again."""

    from_: Day = Field(alias="from")
    to: Day
    review: Every | None = None
    refresh_metrics: Every | None = None


class Quota(Clause):
    """The revenue that both sides pursue: how much, per which period, who answers for it."""

    amount: Amount
    per: Every
    owner: str | None = None
    marketing_share: Rate = Field(default=Fraction(1), description="part of it that marketing must source")


class Stream(Clause):
    """A revenue stream with its share of the quota."""

    share: Rate
    retention: YesNo = Field(default=False, description="existing customers: no leads are demanded")


class Goal(Clause):
    """The shared goal, in a sentence and in numbers."""

    statement: str | None = None
    quota: Quota | None = None
    streams: dict[str, Stream] = {}
    by: Day | None = Field(default=None, description="its deadline, where it is not the end of the term")


class Attempt(Clause):
    """What counts as an attempt to reach a lead."""

    by: Names = Field(default=(), description="agreed channels; empty: any")
    human: YesNo = True
    dial_tries_count: YesNo = Field(default=False, description="calls of zero seconds count")
    answered_by: Names = Field(
        default=("replied", "meeting booked"),
        description="what the buyer does that also settles a first contact",
    )


class Definitions(Clause):
    """The agreed terms: the stages in order, what an attempt is, and further words."""

    model_config = {**Clause.model_config, "extra": "allow"}
    __pydantic_extra__: dict[str, str]

    stages: tuple[Name, ...] = ()
    attempt: Attempt = Attempt()

    @property
    def words(self) -> dict[str, str]:
        """The further terms and their meaning."""
        return dict(self.__pydantic_extra__ or {})


class FitRule(Clause):
    """Points for who the lead is."""

    when: Condition
    points: Points


class InterestRule(Clause):
    """Points for what the lead did, fading by half and capped."""

    did: Name
    points: Points
    halves_after: Length | None = None
    at_most: Points | None = None


class Qualification(Clause):
    """Which leads deserve pursuit: fit and interest rules, and the rule for each stage."""

    fit: tuple[FitRule, ...] = ()
    interest: tuple[InterestRule, ...] = ()
    qualifies: dict[Name, Condition] = Field(
        default={}, description="written `qualifies as <stage>: <condition>`"
    )
    disqualifies: Condition | None = None

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        return gathered(value, "qualifies as ", "qualifies")


def gathered(value: Any, prefix: str, into: str) -> Any:
    """Keys that begin with `prefix`, collected under one key."""
    if not isinstance(value, dict):
        return value
    found = {k[len(prefix) :]: v for k, v in value.items() if spaced(k).startswith(prefix)}
    rest = {k: v for k, v in value.items() if not spaced(k).startswith(prefix)}
    return {**rest, into: found} if found else rest


class Dated(Clause):
    """One value of a dated series: from when it holds, and where it comes from."""

    value: str
    from_: Day | None = Field(default=None, alias="from")
    source: str | None = None


def _series(value: Any) -> Any:
    return [{"value": value}] if isinstance(value, str) else value


Series = Annotated[tuple[Dated, ...], BeforeValidator(_series), Field(min_length=1)]
"""A value, or a list of `{value, from, source}` by date."""


class Funnel(Clause):
    """Agreed metrics of a lead type: its share, a rate for each step, order value, time to close, cost.

    A step is written ``mql to sql: 34%``; ``win`` is the step into the last stage.
    """

    share: Rate | None = None
    steps: dict[Name, Series] = Field(
        default={}, description="written `<stage> to <stage>: rate`, or `win: rate`"
    )
    order_value: Series | None = None
    closes_in: Length | None = None
    costs: Series | None = None
    source: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _steps(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "steps" in value:
            return value
        steps = {k: v for k, v in value.items() if k == "win" or " to " in spaced(k)}
        return {**{k: v for k, v in value.items() if k not in steps}, "steps": steps}


class Improvement(Clause):
    """A metric that both sides undertake to move, from what to what, by when."""

    what: Name
    from_: Rate = Field(alias="from")
    to: Rate
    by: Day
    lead_type: str | None = None


class Route(Clause):
    """How leads are shared out among reps."""

    by: Literal["weight", "round robin", "capacity"] = "weight"
    respect: Names = ()
    same_account: Literal["same owner"] | None = None
    at_most: str | None = Field(default=None, description="per rep, such as `250 per month`")
    at_least: str | None = Field(default=None, description="per rep, such as `100 per month`")
    team: str | None = None


class Return(Clause):
    """When and where a lead goes back to marketing."""

    after: str = Field(description="such as `7 attempts without answer`")
    to: str = Field(description="a nurture track")
    not_before: Length | None = None


class Handoff(Clause):
    """How a lead passes to sales, and back."""

    when: Name
    share: Names = ()
    notify: Names = ()
    route: Route | None = None
    accept_within: Length | None = None
    reasons_to_reject: Names = ()
    return_: Return | None = Field(default=None, alias="return")


class Step(Clause):
    """One offer of a nurture track."""

    stage: Name
    send: str
    after: Length


class Track(Clause):
    """A nurture track: offers by journey stage, and what ends it."""

    steps: tuple[Step, ...] = Field(min_length=1)
    leave_when: Names = ()


class Pauses(Clause):
    """Reasons for which clocks may stand still, and for how long at most."""

    reasons: Names = ()
    at_most: Length | None = None


class Case(Clause):
    """A worked example of the agreement: a few facts and what must follow."""

    it: str
    given: str
    then: dict[str, str]


class Lesson(Clause):
    """Something learned while living with the agreement."""

    on: Day
    by: str | None = None
    learned: str


class Agreement(Clause):
    """A sales and marketing agreement, one version of it."""

    leadpact: Literal["1"]
    agreement: str = Field(min_length=1, description="its name")
    version: Count = Field(ge=1)
    valid_from: Day
    open_promises: Literal["keep", "restart"] = Field(
        default="keep", description="what becomes of promises still open under the version before"
    )
    why: str | None = Field(default=None, description="why this version replaces the one before")
    applies_to: Condition | None = None
    between: dict[str, Words] = {}
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    zone: str = "UTC"
    platform: str | None = Field(default=None, description="where all lead data is kept")
    calendars: dict[str, CalendarClause] = {}
    teams: dict[str, Team] = {}
    people: dict[str, Person] = {}
    term: Term | None = None
    goal: Goal | None = None
    definitions: Definitions = Definitions()
    qualification: Qualification | None = None
    funnel: dict[str, Funnel] = {}
    funnel_by_stream: dict[str, dict[str, Funnel]] = Field(
        default={}, description="where streams differ: lead types under each stream"
    )
    improve: tuple[Improvement, ...] = ()
    handoff: Handoff | None = None
    nurture: dict[str, Track] = {}
    promises: dict[str, dict[str, Promise]] = {}
    kpis: dict[str, Words] = Field(default={}, description="what each side is measured by")
    commitments: dict[str, Words] = Field(default={}, description="further sentences, by side")
    pauses: Pauses = Pauses()
    rhythm: dict[str, str] = {}
    cases: tuple[Case, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    to_be_signed_by: dict[str, Words] = {}

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


def in_force(series: tuple[Dated, ...], on: date) -> str:
    """The text of a dated series that holds on a day: the latest begun, else the first."""
    begun = [value for value in series if value.from_ is None or value.from_ <= on]
    return max(begun, key=lambda value: value.from_ or date.min, default=series[0]).value
