"""Answering: what sales and marketing do with the leads that the desk handed over by itself.

It follows from the fact of the handover alone: from when that was, and to whom. So it is told the same
however often somebody begins anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from zlib import crc32

from leaddesk.sample.chronicle import Chronicle, Lead, Told
from leaddesk.sample.desks import WARSAW
from leaddesk.sample.sales import AGREED, days, minutes, pursue
from leaddesk.sample.season import Season

CONTESTS = (
    "They have ninety employees, not nine.",
    "She signs for all forty shops: I asked her.",
    "The address is the warehouse; the shops are in Poznań.",
    "They aren't our customer: that is a namesake.",
)
SETTLED = {
    "upheld": "Their buyer told me the same. We take it out of the campaign.",
    "overturned": "The packet says it clearly. Please call them.",
}


@dataclass(frozen=True)
class Handed:
    """A lead that the desk handed over: when, to whom, whether it had been handed over before, and
    whether it was the first one of a morning in Warsaw."""

    lead: Lead
    moment: datetime
    owner: str
    source_id: str
    again: bool
    is_first: bool


def answers(season: Season, handed: Handed) -> list[Told]:
    """Everything that follows from a handover, sooner or later."""
    book = Chronicle(season, name=f"a-{crc32(handed.source_id.encode()):08x}")
    random = Random(handed.source_id)
    lead = replace(handed.lead, owner=handed.owner, again=handed.again)
    outcome = season.contested.get(handed.moment.astimezone(WARSAW).date())
    if handed.is_first and outcome is not None:
        _reject(lead, book, random, handed.moment)
        _contest(lead, book, random, outcome)
        return book.told
    last = pursue(lead, book, random, handed.moment)
    if book.told and book.told[-1].fact["kind"] == "rejected" and random.random() < 0.2:
        _contest(lead, book, random, random.choice([*SETTLED]))
    if last and last["kind"] == "returned" and not lead.again and random.random() < 0.35:
        _warm_again(lead, book, random)
    # That nobody said anything in time is for the desk itself to find out.
    return [one for one in book.told if one.fact.get("silent") != "yes"]


def _reject(lead: Lead, book: Chronicle, random: Random, moment: datetime) -> None:
    rejected = book.season.desks[lead.owner].after(moment, 20 + 60 * random.random())
    reason = random.choice(AGREED[:4])
    book.tell(lead, rejected, "rejected", by=lead.owner, reason=reason)


def _contest(lead: Lead, book: Chronicle, random: Random, outcome: str) -> None:
    """Marketing contests the rejection; an arbiter who had no part in it settles that, or not yet."""
    office = book.season.desks["ana"]
    moment = office.after(book.told[-1].occurred, 90 + 120 * random.random())
    told = {"promise": "handoff"}
    book.tell(lead, moment, "disputed", **told, by="jon", why=random.choice(CONTESTS))
    if outcome:
        arbiter = "mia" if lead.owner == "ana" else "ana"
        told |= {"outcome": outcome, "by": arbiter, "why": SETTLED[outcome]}
        moment = office.after(moment, 400 + 300 * random.random())
        book.tell(lead, moment, "disputed", **told, turns=True)


def _warm_again(lead: Lead, book: Chronicle, random: Random) -> None:
    moment = book.told[-1].occurred + days(31 + 14 * random.random())
    book.tell(lead, moment, "engaged", what="pricing viewed", channel="site")
    what = "consultation requested"
    book.tell(lead, moment + minutes(8), "engaged", what=what, channel="site", turns=True)
