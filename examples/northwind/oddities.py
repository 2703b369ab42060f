"""Oddities of the files: what an exported log holds beside what happened."""

from datetime import UTC, datetime

from leaddesk.sample import oddities
from leaddesk.sample.chronicle import Told
from leaddesk.sample.desks import BANGKOK, WARSAW
from leaddesk.sample.sales import days, minutes

NOW = datetime(2026, 3, 31, 18, tzinfo=WARSAW).astimezone(UTC)


def add_oddities(book, leads, random):
    """Merged doubles, rulings that late facts correct, waivers, disputes, and odd ways to tell."""
    contacts = oddities.first_contacts(book)
    oddities.doubles(book, leads, random)
    misname(book)
    late = oddities.slow(book, contacts, NOW - days(3))
    random.shuffle(late)
    _rulings(book, late[:18], random)
    oddities.waivers(book, late[18:23])
    oddities.disputes(book, leads, random)
    oddities.wrong_leads(book, contacts, random)
    oddities.undated(book, contacts, random)
    oddities.opted_out(book, contacts, random)
    oddities.test_leads(book, [datetime(2026, month, 12, 9, 30, tzinfo=UTC) for month in (2, 3, 1)])
    oddities.accounts(book, leads, random)
    _to_come(book, leads, random)
    _odd_times(book, leads)
    _repeated(book, random)


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
            call = book.season.desks[owner].after(handed, 30 + 160 * random.random())
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


def misname(book):
    """Forms that name their campaign by a field that no fact has, as exports do."""
    for each in book.told:
        if each.fact.get("campaign") == "fittings":
            items = [*each.fact.items()]
            each.fact.clear()
            each.fact.update({"utm_term" if k == "campaign" else k: v for k, v in items})
