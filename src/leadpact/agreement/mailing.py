"""Mailing: what holds for every mail that nurture sends."""

from pydantic import Field

from leadpact.agreement import phrases
from leadpact.agreement.clause import Clause, Elapsed, Words


class Mailing(Clause):
    """How often and when people get mail, on their own clock."""

    at_most: phrases.QuantityText | None = Field(
        default=None, description="most mails to one person, such as `2 per week`"
    )
    hours: str | None = Field(
        default=None,
        pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$",
        description="when mail goes out, on the receiver's clock: 09:00-18:00",
    )
    days: Words = Field(default=(), description="days on which mail goes out, such as mon-fri")
    catch_up_within: Elapsed | None = Field(
        default=None,
        description="how late a mail still goes out that a lead missed while it was out of its track;"
        " `7 days` unless said",
    )
