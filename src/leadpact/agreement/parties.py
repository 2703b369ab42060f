"""Parties: who works, in which teams, by which calendars."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from leadpact.agreement import phrases
from leadpact.agreement.clause import Amount, Clause, Day, DaysOff, Words


class Holidays(Clause):
    """Days on which a calendar is closed: the listed dates bind; the country is where they came from."""

    country: str | None = Field(default=None, description="its code, such as PL: proposes dates")
    region: str | None = Field(default=None, description="a part of the country, by its code")
    dates: tuple[Day, ...] = Field(default=(), description="the days that are closed")


def _always(value: Any) -> Any:
    if isinstance(value, str) and value.strip().lower() == "always":
        return {"mon-sun": [value]}
    return value


class CalendarClause(Clause):
    """Working time: a zone, open hours by weekday (`mon-fri: [09:00-12:30, 13:30-17:30]`), holidays."""

    zone: str | None = Field(default=None, description="its zone; the agreement's unless said")
    open: Annotated[dict[str, Words], BeforeValidator(_always)] = Field(
        min_length=1,
        description="hours by day or range of days (`sat`, `mon-fri`); `always` is round the clock,"
        " `22:00-06:00` passes midnight",
    )
    holidays: Holidays = Field(default=Holidays(), description="the days on which it is closed")


class Team(Clause):
    """A team and the calendar of those in it who name none."""

    calendar: str | None = Field(default=None, description="one of the calendars")


class Person(Clause):
    """Somebody who holds leads: team, calendar, weight in routing, leave."""

    team: str | None = Field(default=None, description="the team")
    calendar: str | None = Field(
        default=None, description="one of the calendars; the team's, else the first, unless said"
    )
    weight: Amount = Field(default=Decimal(1), description="share of new leads, against the others")
    at_most: phrases.CapsText = Field(
        default=(), description="own limits in routing, such as `5 per month`, instead of the usual"
    )
    leave: tuple[DaysOff, ...] = Field(default=(), description="days off, as ranges of dates")
    from_: Day | None = Field(default=None, alias="from", description="first day with the team")
    to: Day | None = Field(default=None, description="last day with the team")
