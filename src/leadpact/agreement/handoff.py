"""Handoff: how leads pass from marketing to sales and back, and what happens to them meanwhile."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from leadpact.agreement import phrases
from leadpact.agreement.clause import (
    Clause,
    Count,
    Elapsed,
    Length,
    Name,
    Names,
    Words,
    YesNo,
    named,
)
from leadpact.agreement.conditions import Condition


class Territory(Clause):
    """Where leads of one kind go: to a team, or to some people."""

    when: Condition = Field(description="the leads that go there")
    team: str | None = Field(default=None, description="the team that gets them")
    to: Words = Field(default=(), description="the people who get them, where it isn't a team")


class Route(Clause):
    """How leads are shared out among reps."""

    by: Annotated[Literal["weight", "round robin", "capacity"], BeforeValidator(named)] = Field(
        default="weight", description="by weight, in turn, or to who has most room"
    )
    respect: Names = Field(default=(), description="of `hours`, `leave` and `caps`, what binds")
    same_account: Annotated[Literal["same owner"], BeforeValidator(named)] | None = Field(
        default=None, description="leads of one account go to one owner"
    )
    at_most: phrases.QuantityText | None = Field(
        default=None, description="per rep, such as `250 per month`"
    )
    at_least: phrases.QuantityText | None = Field(
        default=None, description="per rep, such as `100 per month`"
    )
    team: str | None = Field(
        default=None, description="the team that gets them; everyone unless said"
    )
    territories: tuple[Territory, ...] = Field(
        default=(), description="where leads of a kind go; the first that fits, else as usual"
    )
    caps: phrases.CapsText = Field(
        default=(), description="further limits per rep, such as [20 per day, 60 open]"
    )
    reassign_at_most: Count = Field(
        default=3, description="how often a lead changes hands by itself in one pass"
    )

    @property
    def most(self) -> phrases.Quantity | None:
        """The most leads that a rep gets in a period."""
        return None if self.at_most is None else phrases.quantity(self.at_most)

    @property
    def least(self) -> phrases.Quantity | None:
        """The fewest leads that a rep gets in a period."""
        return None if self.at_least is None else phrases.quantity(self.at_least)


class Arbitration(Clause):
    """Until when a rejection can be contested, who settles that, and how soon."""

    by: Words = Field(
        default=(), description="the people who decide; unless said, whoever has the right"
    )
    within: Length | None = Field(default=None, description="time to decide")
    contest_within: Length | None = Field(
        default=None, description="time in which marketing may contest a rejection; any unless said"
    )


NO_ANSWER = "no answer"
"""Why a lead goes back by itself, where the agreement names no reason."""


class GoingBack(Clause):
    """When a lead that was tried in vain as often as agreed goes back by itself."""

    after: Length = Field(description="time of silence, by whoever has the lead")
    reason: Name | None = Field(
        default=None, description="the reason that is recorded; `no answer` unless said"
    )
    warn_after: Length | None = Field(
        default=None, description="time of silence after which whoever has the lead is warned"
    )


class Return(Clause):
    """When and where a lead goes back to marketing."""

    after: phrases.AttemptsText = Field(description="such as `7 attempts without answer`")
    to: Name = Field(description="a nurture track")
    not_before: Elapsed | None = Field(
        default=None, description="time before it may be handed over again"
    )
    by_itself: GoingBack | None = Field(
        default=None,
        description="unless said, it is offered to whoever has the lead, and never runs",
    )

    @property
    def attempts(self) -> int:
        """After how many attempts without answer."""
        return phrases.attempts(self.after)


class Handoff(Clause):
    """How a lead passes to sales, and back."""

    when: Name = Field(description="the stage, or the act of the lead, that hands it over")
    share: Names = Field(default=(), description="what sales is told: the packet")
    notify: Names = Field(default=(), description="channels by which sales hears of it")
    route: Route | None = Field(default=None, description="who gets the lead")
    accept_within: Length | None = Field(
        default=None, description="time to accept or reject; silence then counts as accepted"
    )
    reasons_to_reject: Names = Field(default=(), description="the only reasons that count")
    at_once: Names = Field(
        default=(), description="acts of the lead that hand it over at any score: demo requested"
    )
    arbitration: Arbitration | None = Field(
        default=None, description="who settles a rejection that marketing contests"
    )
    return_: Return | None = Field(
        default=None, alias="return", description="when sales gives a lead back"
    )


JOURNEY = ("awareness", "consideration", "decision")
"""The stages of a buyer's journey, which nurture leads through."""


class Step(Clause):
    """One offer of a nurture track."""

    stage: Name = Field(description="awareness, consideration or decision; or a stage")
    send: str = Field(min_length=1, description="the offer that is sent")
    after: Length = Field(description="when, counted from the step before")


class Track(Clause):
    """A nurture track: offers by journey stage, and what ends it."""

    steps: tuple[Step, ...] = Field(min_length=1, description="the offers, in order")
    enter_when: Condition | None = Field(
        default=None, description="the leads that enter by themselves; none unless said"
    )
    leave_when: Names = Field(default=(), description="facts, stages or engagements that end it")
    pause_with_sales: YesNo = Field(
        default=True, description="nothing is sent while sales works on the lead"
    )
    covers: Names = Field(default=(), description="stages of the journey that it claims to cover")
    then: Name | None = Field(default=None, description="the track that follows at its end")


class Pauses(Clause):
    """Reasons for which clocks may stand still, and for how long at most."""

    reasons: Names = Field(default=(), description="the only reasons that count; empty: any")
    at_most: Elapsed | None = Field(default=None, description="a pause ends by itself after this")
