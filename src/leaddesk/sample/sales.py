"""Sales: how the reps of Northwind pursue a lead from the handover to its end."""

from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from leaddesk.sample.chronicle import Chronicle, Lead
from leaddesk.sample.desks import WARSAW

SPEED = {"ana": 0.8, "ben": 1.2, "chai": 0.95}
SLIPS = {"ana": 0.03, "ben": 0.09, "chai": 0.05}
RATES = {  # from mql to sql, to opportunity, to customer; and the usual amount
    ("website form", "shops"): (0.33, 0.82, 0.23, 32_000),
    ("website form", "brands"): (0.35, 0.82, 0.24, 48_000),
    ("outbound", "shops"): (0.47, 0.82, 0.22, 32_000),
    ("outbound", "brands"): (0.50, 0.80, 0.19, 48_000),
    ("guide download", "shops"): (0.20, 0.74, 0.20, 32_000),
    ("demo", "shops"): (0.56, 0.86, 0.27, 32_000),
    ("demo", "brands"): (0.52, 0.84, 0.26, 48_000),
    ("chat", "shops"): (0.27, 0.78, 0.20, 32_000),
    ("e-mail", "shops"): (0.26, 0.78, 0.21, 32_000),
}
GAPS = (2, 4, 5, 8, 9, 12)
REACHED = {"demo": 0.4, "chat": 0.36}
EVER_REACHED = 0.82
AGREED = (
    "wrong size",
    "wrong role",
    "wrong region",
    "customer already",
    "competitor",
    "unreachable",
)
LOSSES = ("no budget", "chose a competitor", "no decision", "project postponed")


def days(number: float) -> timedelta:
    """So many days."""
    return timedelta(days=number)


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)


def pursue(lead: Lead, book: Chronicle, random: Random, handed: datetime) -> Any:
    """Everything that sales does with a lead that was just handed over to its owner."""
    if random.random() < book.season.rejected(handed):
        return _reject(lead, book, random, handed)
    if random.random() < 0.45:
        later = handed + minutes(1 + 3 * random.random())
        book.tell(
            lead,
            later,
            "attempted",
            by=lead.owner,
            channel="email",
            human="no",
            note="automatic greeting",
        )
    handed = _change_hands(lead, book, random, handed)
    first = _first_try(lead, book, random, handed)
    if first is None:
        return _accept(lead, book, random, handed, handed + days(400))
    _accept(lead, book, random, handed, first)
    return _try(lead, book, random, first)


def _reject(lead: Lead, book: Chronicle, random: Random, handed: datetime) -> None:
    moment = book.season.desks[lead.owner].after(handed, 20 + 400 * random.random())
    book.tell(lead, moment, "rejected", by=lead.owner, reason=random.choice(AGREED))


def _change_hands(lead: Lead, book: Chronicle, random: Random, handed: datetime) -> datetime:
    """Some leads are passed on: while ben is away, and when the storm breaks."""
    day = handed.astimezone(WARSAW).date()
    if lead.owner == "ben" and day in book.season.leave and random.random() < 0.5:
        learned = datetime.combine(book.season.told_of_leave, time(8, 30), UTC)
        moment = max(learned, handed) + minutes(random.randrange(90))
        new = "ana"
    elif day in book.season.storm and random.random() < 0.2:
        moment = book.season.desks[lead.owner].after(handed, 300 + random.randrange(100))
        new = random.choice([name for name in SPEED if name != lead.owner])
    else:
        return handed
    book.tell(lead, moment, "assigned", owner=new, by="mia")
    lead.owner = new
    return moment


def _first_try(lead: Lead, book: Chronicle, random: Random, handed: datetime) -> datetime | None:
    if random.random() < 0.02:
        return None
    luck = random.random()
    slips = random.random() < SLIPS[lead.owner]
    waited = 250 + 900 * luck * luck * luck if slips else 8 + 165 * luck * luck
    waited *= SPEED[lead.owner] * book.season.storm.get(handed.astimezone(WARSAW).date(), 1.0)
    if lead.owner == "ana" and handed.astimezone(WARSAW).date() in book.season.leave:
        waited *= 1.7
    if lead.type == "chat":
        return book.season.chat_desk.after(handed, waited * 0.55)
    return book.season.desks[lead.owner].after(handed, waited)


def _accept(lead: Lead, book: Chronicle, random: Random, handed: datetime, first: datetime) -> None:
    due = book.season.desks[lead.owner].after(handed, 480)
    luck = random.random()
    if luck < 0.68 and first < due:
        moment = max(handed, first - minutes(2 + 10 * random.random()))
        book.tell(lead, moment, "accepted", by=lead.owner)
    elif luck < 0.9:
        book.tell(lead, due, "accepted", silent="yes")


def _try(lead: Lead, book: Chronicle, random: Random, moment: datetime) -> Any:
    """One attempt after the other, until there is an answer or the seventh was in vain."""
    desk = book.season.desks[lead.owner]
    for number, gap in enumerate((*GAPS, 0)):
        if random.random() < 0.05:
            _silent_call(lead, book, moment - minutes(1))
        if random.random() < REACHED.get(lead.type, 0.3):
            return _reach(lead, book, random, moment)
        _attempt(lead, book, random, moment, first=not number)
        if random.random() < 0.015:
            return None  # forgotten: the ladder shows it
        if gap and random.random() < 0.05:
            return _answer_mail(lead, book, random, moment)
        moment = desk.after(moment + gap * days(0.7 + 0.5 * random.random()), 240 * random.random())
    back = moment + minutes(15)
    return give_back(lead, book, back, "no answer")


def _silent_call(lead: Lead, book: Chronicle, moment: datetime) -> None:
    book.tell(
        lead, moment, "attempted", by=lead.owner, channel="phone", seconds=0, outcome="no answer"
    )


def _attempt(lead: Lead, book: Chronicle, random: Random, moment: datetime, *, first: bool) -> None:
    channel = random.choices(["phone", "email", "voice message", "video"], [50, 32, 13, 5])[0]
    if first and (lead.type == "chat" or random.random() < 0.6):
        channel = "phone"
    fails = random.random() < (0.02 if first else 0.07)
    if channel == "phone" and fails:
        outcome, seconds = "wrong number", 4
    elif channel == "email":
        outcome, seconds = ("bounced" if fails else None), None
    else:
        outcome, seconds = "no answer", 12 + random.randrange(35)
    # A call made on the road is often written down only in the evening.
    late = minutes(30 + random.randrange(400)) if random.random() < 0.05 else None
    book.tell(
        lead,
        moment,
        "attempted",
        by=lead.owner,
        channel=channel,
        seconds=seconds,
        outcome=outcome,
        late=late,
    )


def _answer_mail(lead: Lead, book: Chronicle, random: Random, moment: datetime) -> Any:
    """They write back; whether we call back in time is another promise."""
    replied = moment + days(0.2 + random.random())
    book.tell(lead, replied, "replied", channel="email")
    slow = 1.0 if random.random() < 0.85 else 4.0
    call = book.season.desks[lead.owner].after(replied, slow * (30 + 400 * random.random()))
    return _reach(lead, book, random, call)


def _reach(lead: Lead, book: Chronicle, random: Random, moment: datetime) -> Any:
    talk = 90 + random.randrange(1500)
    book.tell(
        lead, moment, "attempted", by=lead.owner, channel="phone", seconds=talk, outcome="reached"
    )
    after = moment + timedelta(seconds=talk)
    if random.random() < 0.05:
        after = _wait(lead, book, random, after)
    if lead.type == "demo" and random.random() < 0.75:
        book.tell(lead, after, "engaged", what="meeting booked")
    to_sql = RATES[lead.type, lead.stream][0] / EVER_REACHED
    if random.random() < to_sql * lead.pull:
        return _sell(lead, book, random, after)
    luck = random.random()
    if luck < 0.35:
        reason = random.choice(["no need", "too small", "student project"])
        return book.tell(lead, after, "disqualified", by=lead.owner, reason=reason)
    if luck < 0.9:
        return give_back(lead, book, after + minutes(5), "no need yet")
    return None


def _wait(lead: Lead, book: Chronicle, random: Random, moment: datetime) -> datetime:
    """The buyer asks to wait; one pause in seven bears a reason that nobody agreed."""
    reason = random.choice(["asked to wait"] * 4 + ["on holiday"] * 2 + ["busy season here"])
    book.tell(lead, moment, "paused", by=lead.owner, reason=reason)
    again = book.season.desks[lead.owner].after(moment + days(5 + 12 * random.random()), 30)
    if random.random() < 0.8:
        book.tell(lead, again, "resumed", by=lead.owner)
    call = again + minutes(20)
    book.tell(
        lead, call, "attempted", by=lead.owner, channel="phone", seconds=200, outcome="reached"
    )
    return call + minutes(4)


def give_back(lead: Lead, book: Chronicle, moment: datetime, reason: str) -> dict[str, Any]:
    """The lead goes back to marketing, to be nurtured."""
    return book.tell(
        lead,
        moment,
        "returned",
        by=lead.owner,
        to="re-engage",
        reason=reason,
        not_before=(moment + days(30)).astimezone(WARSAW).date().isoformat(),
    )


def _sell(lead: Lead, book: Chronicle, random: Random, moment: datetime) -> Any:
    _sql, to_opportunity, win, usual = RATES[lead.type, lead.stream]
    desk = book.season.desks[lead.owner]
    book.tell(lead, moment + minutes(6), "moved", to="sql", by=lead.owner)
    offer = desk.after(moment + days(2 + 9 * random.random()), 240 * random.random())
    if random.random() > to_opportunity:
        return book.tell(lead, offer, "lost", by=lead.owner, reason="no budget")
    amount = 100 * round(usual * (0.5 + random.random() * random.random() * 2) / 100)
    book.tell(lead, offer, "converted", by=lead.owner, amount=f"{amount}.00")
    end = desk.after(offer + days(6 + 32 * random.random()), 240 * random.random())
    if random.random() > win:
        return book.tell(lead, end, "lost", by=lead.owner, reason=random.choice(LOSSES))
    final = 50 * round(amount * (0.85 + 0.2 * random.random()) / 50)
    book.tell(lead, end, "won", by=lead.owner, amount=f"{final}.00")
    slow = 1.0 if random.random() < 0.93 else 2.2
    welcome = book.season.desks["sam"].after(end, slow * (120 + 700 * random.random()))
    return book.tell(lead, welcome, "engaged", what="welcomed", by="sam", channel="phone")
