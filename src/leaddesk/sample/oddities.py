"""Oddities: what every real log holds. Each is told on purpose, so that a reader can look for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from leaddesk.sample.chronicle import Chronicle, Lead
from leaddesk.sample.desks import WARSAW
from leaddesk.sample.sales import days, minutes


class Contact(NamedTuple):
    """A lead that went to one owner and stayed there: when, and when it was first tried."""

    lead: Lead
    owner: str
    handed: datetime
    first: datetime | None


class Slow(NamedTuple):
    """A lead whose first contact came after four working hours, with the due moment."""

    lead: Lead
    owner: str
    handed: datetime
    due: datetime


def first_contacts(book: Chronicle) -> list[Contact]:
    """The leads that went to one owner and stayed there."""
    handed: dict[str, tuple[str, datetime]] = {}
    tried: dict[str, datetime] = {}
    passed_on = set()
    for told in book.told:
        fact, key = told.fact, told.fact["lead"]
        if fact["kind"] == "handed_over" and key not in handed and "owner" in fact:
            handed[key] = (fact["owner"], told.occurred)
        elif fact["kind"] in {"assigned", "rejected"}:
            passed_on.add(key)
        elif _is_human_try(fact):
            tried.setdefault(key, told.occurred)
    return [
        Contact(Lead(key, "", "", "", "", 1.0, owner), owner, moment, tried.get(key))
        for key, (owner, moment) in handed.items()
        if key not in passed_on
    ]


def _is_human_try(fact: dict[str, Any]) -> bool:
    failed = fact.get("outcome") in {"bounced", "wrong number"} or fact.get("seconds") == 0
    return fact["kind"] == "attempted" and fact.get("human") != "no" and not failed


def slow(book: Chronicle, contacts: Sequence[Contact], before: datetime) -> list[Slow]:
    """Those whose first contact came too late, as far as it was due before a moment."""
    found = []
    for lead, owner, handed, first in contacts:
        due = book.season.desks[owner].after(handed, 240)
        if first and first > due and due < before:
            found.append(Slow(lead, owner, handed, due))
    return found


def doubles(book: Chronicle, leads: Sequence[Lead], random: Random) -> None:
    """The same company fills in the form twice; one of the doubles is doubled again."""
    for number, lead in enumerate(random.sample(leads[60:], 14)):
        moment = _arisen(book, lead) + minutes(5 + random.randrange(600))
        into = lead.key
        for copy in range(2 if number == 0 else 1):
            double = Lead(
                f"{lead.key} (double {copy + 1})", "website form", lead.stream, "", "", 1.0
            )
            book.tell(
                double,
                moment,
                "created",
                type=double.type,
                stream=lead.stream,
                account=lead.company,
            )
            book.tell(
                double, moment + minutes(1), "engaged", what="form filled in", campaign="fittings"
            )
            book.tell(double, moment + days(1 + copy), "merged", into=into)
            into, moment = double.key, moment + minutes(7)


def _arisen(book: Chronicle, lead: Lead) -> datetime:
    return next(t.occurred for t in book.told if t.fact["lead"] == lead.key)


def waivers(book: Chronicle, late: Sequence[Slow]) -> None:
    """Breaches that both sides agree not to count."""
    why = "The phone system was down that day."
    for lead, _owner, _handed, due in late:
        book.tell(
            lead,
            due + days(1),
            "waived",
            promise="first contact",
            by="mia",
            why=why,
            **{"pass": 1},
        )


def disputes(
    book: Chronicle, leads: Sequence[Lead], random: Random, before: datetime | None = None
) -> None:
    """A rejection (before a moment) that was disputed, and the lead that was taken back."""
    rejected = [
        told
        for told in book.told
        if told.fact["kind"] == "rejected" and (before is None or told.occurred < before)
    ]
    by_key = {lead.key: lead for lead in leads}
    told = random.choice(rejected[: len(rejected) // 2])
    lead, moment = by_key[told.fact["lead"]], told.occurred
    why = "They have ninety employees, not nine."
    book.tell(lead, moment + days(1), "disputed", promise="rejections", by="jon", why=why)
    book.tell(
        lead, moment + days(4), "disputed", promise="rejections", by="ana", outcome="accepted again"
    )
    handed = moment + days(4) + minutes(10)
    book.tell(lead, handed, "handed_over", owner="ana")
    call = book.season.desks["ana"].after(handed, 45)
    book.tell(lead, call, "attempted", by="ana", channel="phone", seconds=420, outcome="reached")


def wrong_leads(book: Chronicle, contacts: Sequence[Contact], random: Random) -> None:
    """A call written down at the wrong lead, and taken back."""
    for lead, owner, handed, _first in random.sample(contacts[:300], 5):
        call = book.season.desks[owner].after(handed, 5)
        wrong = book.tell(lead, call, "attempted", by=owner, channel="phone", seconds=61)
        book.tell(
            lead,
            call,
            "corrected",
            fact=wrong["source_id"],
            by=owner,
            why="That was another lead.",
            late=days(2),
        )


def undated(book: Chronicle, contacts: Sequence[Contact], random: Random) -> None:
    """Calls of a trade fair that are known by their day only: some can't tell about four hours."""
    idle = [c[:3] for c in contacts if c[3] is None or c[3] - c[2] > timedelta(hours=18)]
    same_day = [c for c in idle if book.season.desks[c[1]].after(c[2], 240).date() == c[2].date()]
    for lead, owner, handed in (*random.sample(same_day, 5), *random.sample(idle, 4)):
        fact = book.tell(
            lead, handed + minutes(30), "attempted", by=owner, channel="phone", seconds=60
        )
        # A bare day is one of the agreement's zone, else it could lie ahead of its telling.
        fact["occurred_at"] = (handed + minutes(30)).astimezone(WARSAW).date().isoformat()


def opted_out(book: Chronicle, contacts: Sequence[Contact], random: Random) -> None:
    """An opt-out ends every clock; one mail that still goes out is listed as unexpected."""
    for lead, owner, handed, _first in random.sample(contacts[200:500], 5):
        moment = book.season.desks[owner].after(handed, 100)
        book.tell(lead, moment, "suppressed", reason="opt-out")
        book.tell(lead, moment + days(3), "attempted", by=owner, channel="email", human="no")


def test_leads(book: Chronicle, moments: Sequence[datetime]) -> None:
    """Leads that somebody made to try a form."""
    for number, moment in enumerate(moments, 1):
        lead = Lead(f"form test {number}", "website form", "shops", "Northwind", "PL", 1.0)
        book.tell(lead, moment, "created", type=lead.type, stream=lead.stream, segment="test")
        book.tell(lead, moment + minutes(1), "moved", to="mql")
        book.tell(lead, moment + minutes(2), "handed_over", owner="ana")


def accounts(book: Chronicle, leads: Sequence[Lead], random: Random) -> None:
    """What became known about a whole company reaches all of its leads."""
    for lead in random.sample(leads, 4):
        fact = book.tell(
            lead, _arisen(book, lead) + days(2), "described", employees=320, industry="food"
        )
        fact["account"] = lead.company
        del fact["lead"]
