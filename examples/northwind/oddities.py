"""Oddities: what every real log holds. Each is told on purpose, so that a reader can look for it."""

from datetime import UTC, datetime, timedelta

from chronicle import Lead, Told
from desks import BANGKOK, DESKS, WARSAW
from sales import days, minutes

NOW = datetime(2026, 3, 31, 18, tzinfo=WARSAW).astimezone(UTC)


def add_oddities(book, leads, random):
    """Merged doubles, rulings that late facts correct, waivers, disputes, and odd ways to tell."""
    contacts = _first_contacts(book)
    _doubles(book, leads, random)
    late = list(_late(contacts))
    random.shuffle(late)
    _rulings(book, late[:18], random)
    _waivers(book, late[18:23])
    _disputes(book, leads, random)
    _wrong_leads(book, contacts, random)
    _undated(book, contacts, random)
    _opted_out(book, contacts, random)
    _test_leads(book)
    _accounts(book, leads, random)
    _to_come(book, leads, random)
    _odd_times(book, leads)
    _repeated(book, random)


def _first_contacts(book):
    """(lead, owner, handed, first attempt) of each lead that went to one owner and stayed there."""
    handed, tried, passed_on = {}, {}, set()
    for told in book.told:
        fact, key = told.fact, told.fact["lead"]
        if fact["kind"] == "handed_over" and key not in handed and "owner" in fact:
            handed[key] = (fact["owner"], told.occurred)
        elif fact["kind"] in {"assigned", "rejected"}:
            passed_on.add(key)
        elif _is_human_try(fact):
            tried.setdefault(key, told.occurred)
    return [
        (Lead(key, "", "", "", "", 1.0, owner), owner, moment, tried.get(key))
        for key, (owner, moment) in handed.items()
        if key not in passed_on
    ]


def _is_human_try(fact):
    failed = fact.get("outcome") in {"bounced", "wrong number"} or fact.get("seconds") == 0
    return fact["kind"] == "attempted" and fact.get("human") != "no" and not failed


def _late(contacts):
    """Those whose first contact came after four working hours, with the due moment."""
    for lead, owner, handed, first in contacts:
        due = DESKS[owner].after(handed, 240)
        if first and first > due and due < NOW - days(3):
            yield lead, owner, handed, due


def _doubles(book, leads, random):
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
                double, moment + minutes(1), "engaged", what="form filled in", utm_term="fittings"
            )
            book.tell(double, moment + days(1 + copy), "merged", into=into)
            into, moment = double.key, moment + minutes(7)


def _arisen(book, lead):
    return next(t.occurred for t in book.told if t.fact["lead"] == lead.key)


def _rulings(book, late, random):
    """Verdicts that were announced; then a call turns up that had been made in time."""
    for number, (lead, owner, handed, due) in enumerate(late):
        ruled = due + minutes(1)
        book.tell(
            lead,
            ruled,
            "ruled",
            promise="first contact",
            occurrence=1,
            verdict="broken",
            version=1,
            started_at=handed.isoformat(),
            due_at=due.isoformat(),
            **{"pass": 1},
        )
        if number < 7:
            call = DESKS[owner].after(handed, 30 + 160 * random.random())
            book.tell(
                lead,
                call,
                "attempted",
                late=ruled - call + days(1),
                by=owner,
                channel="phone",
                seconds=20 + random.randrange(200),
                note="called from the train, written down later",
            )


def _waivers(book, late):
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


def _disputes(book, leads, random):
    rejected = [t for t in book.told if t.fact["kind"] == "rejected"]
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
    call = DESKS["ana"].after(handed, 45)
    book.tell(lead, call, "attempted", by="ana", channel="phone", seconds=420, outcome="reached")


def _wrong_leads(book, contacts, random):
    """A call written down at the wrong lead, and taken back."""
    for lead, owner, handed, _first in random.sample(contacts[:300], 5):
        call = DESKS[owner].after(handed, 5)
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


def _undated(book, contacts, random):
    """Calls of a trade fair that are known by their day only: some can't tell about four hours."""
    slow = [c[:3] for c in contacts if c[3] is None or c[3] - c[2] > timedelta(hours=18)]
    same_day = [c for c in slow if DESKS[c[1]].after(c[2], 240).date() == c[2].date()]
    for lead, owner, handed in (*random.sample(same_day, 5), *random.sample(slow, 4)):
        fact = book.tell(
            lead, handed + minutes(30), "attempted", by=owner, channel="phone", seconds=60
        )
        fact["occurred_at"] = fact["occurred_at"][:10]


def _opted_out(book, contacts, random):
    """An opt-out ends every clock; one mail that still goes out is listed as unexpected."""
    for lead, owner, handed, _first in random.sample(contacts[200:500], 5):
        moment = DESKS[owner].after(handed, 100)
        book.tell(lead, moment, "suppressed", reason="opt-out")
        book.tell(lead, moment + days(3), "attempted", by=owner, channel="email", human="no")


def _test_leads(book):
    for number in (1, 2, 3):
        lead = Lead(f"form test {number}", "website form", "shops", "Northwind", "PL", 1.0)
        moment = datetime(2026, 1 + number % 3, 12, 9, 30, tzinfo=UTC)
        book.tell(lead, moment, "created", type=lead.type, stream=lead.stream, segment="test")
        book.tell(lead, moment + minutes(1), "moved", to="mql")
        book.tell(lead, moment + minutes(2), "handed_over", owner="ana")


def _accounts(book, leads, random):
    """What became known about a whole company reaches all of its leads."""
    for lead in random.sample(leads, 4):
        fact = book.tell(
            lead, _arisen(book, lead) + days(2), "described", employees=320, industry="food"
        )
        fact["account"] = lead.company
        del fact["lead"]


def _to_come(book, leads, random):
    """Appointments of April, written down in March."""
    for lead in random.sample(leads[-200:], 6):
        moment = datetime(2026, 4, 2 + random.randrange(12), 8, tzinfo=UTC)
        book.tell(lead, moment, "engaged", what="consultation held", late=NOW - days(2) - moment)


def _odd_times(book, leads):
    """A local time that the clocks skipped, one without its zone, and one in Bangkok's."""
    when = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    for lead, text in zip(
        leads[-60:-57], ("2026-03-29 02:30:00", "2026-03-29 11:05", None), strict=True
    ):
        fact = book.tell(lead, when + days(1), "engaged", what="pricing viewed")
        fact["occurred_at"] = text or (when + days(1)).astimezone(BANGKOK).isoformat()


def _repeated(book, random):
    """Lines that were exported twice; a few of them differ the second time."""
    tries = [t for t in book.told if t.fact["kind"] == "attempted" and "seconds" in t.fact]
    for told in random.sample(book.told, 25):
        book.told.append(Told(told.occurred, told.recorded + minutes(1), dict(told.fact)))
    for told in random.sample(tries, 4):
        again = told.fact | {"seconds": told.fact["seconds"] + 1}
        again["recorded_at"] = (told.recorded + days(1)).isoformat()
        book.told.append(Told(told.occurred, told.recorded + days(1), again))
