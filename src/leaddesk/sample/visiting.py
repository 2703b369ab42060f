"""Visiting: what those do who come to the site, so that the rules of the agreement can see it.

Nothing here says who qualifies: the desk finds that out. Some are drawn such that they will.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random

from leaddesk.sample.chronicle import Chronicle, Lead
from leaddesk.sample.sales import days, minutes

Source = tuple[str, str | None, str | None]
SITE = "northwind site"
"""The system of leads that came by the site, the chat, or an answer to a mail."""
WEBINAR = "webinar displays that sell"
_FIRST = {
    "website form": "form filled in",
    "guide download": "guide downloaded",
    "demo": "demo requested",
    "chat": "chat started",
    "e-mail": "mail answered",
}
_DEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {  # what makes a lead of each type qualify
    "website form": (
        ("guide downloaded", "pricing viewed", "pricing viewed", "pricing viewed"),
        ("guide downloaded", "consultation requested"),
        ("pricing viewed", "guide downloaded", "demo requested"),
    ),
    "guide download": (
        ("guide downloaded", "guide downloaded"),
        ("pricing viewed", "pricing viewed", "pricing viewed"),
        ("pricing viewed", "consultation requested"),
    ),
    "demo": (),
    "chat": (
        ("guide downloaded", "consultation requested"),
        ("guide downloaded", "demo requested"),
    ),
    "e-mail": (
        ("guide downloaded", "pricing viewed", "guide downloaded", "pricing viewed"),
        ("guide downloaded", "consultation requested"),
    ),
}
_IDLE = ((), (), ("pricing viewed",))
_PAGES = ("shop fittings", "displays", "prices", "shop fittings, prices", "displays, references")
BY_HAND = {
    "model": "by hand",
    "interest": "70",
    "by": "mia",
    "why": "I met them at the fair: they open ten shops next year.",
}
"""A score that somebody changed, and why."""


def arise(
    lead: Lead, book: Chronicle, moment: datetime, source: Source, *, share: float, days_: float
) -> None:
    """A lead of the site arises; this share of them will qualify, after so many days at most."""
    random = Random(f"{lead.key} {moment.isoformat()}")
    incomplete = random.random() < book.season.incomplete(moment)
    fits = random.random() < share
    _create(lead, book, random, moment, source, fits=fits, incomplete=incomplete)
    if not fits:
        look_around(lead, book, random, moment)
    elif source[2] == WEBINAR:
        attend(lead, book, random, moment)
    else:
        warmed = moment + days(min(days_, 0.2) * random.random())
        if random.random() < 0.8:  # most come back while people work
            warmed = book.season.desks["ana"].after(warmed, 300 * random.random())
        visit(lead, book, random, moment, warmed, incomplete=incomplete)


def _create(
    lead: Lead,
    book: Chronicle,
    random: Random,
    moment: datetime,
    source: Source,
    *,
    fits: bool,
    incomplete: bool,
) -> None:
    """Who a lead says it is; such that it fits, if it is to."""
    firm = {"industry": ["retail", "retail", "food", "fashion"], "employees": [60, 90, 150, 700]}
    if not fits:
        firm = {"industry": ["logistics", "retail", "food"], "employees": [8, 20, 45, 90]}
    place, medium, campaign = source
    book.tell(
        lead,
        moment,
        "created",
        type=lead.type,
        stream=lead.stream,
        source=place,
        medium=medium,
        campaign=campaign,
        account=lead.company,
        segment=lead.stream,
        **{name: random.choice(told) for name, told in firm.items()},
        role=random.choice(["decision maker", "influencer", "influencer", "buyer"]),
        free_mail="yes" if not fits and random.random() < 0.3 else "no",
        country=lead.country,
        pages_seen=None if incomplete else random.choice(_PAGES),
    )


def visit(
    lead: Lead,
    book: Chronicle,
    random: Random,
    moment: datetime,
    until: datetime,
    *,
    incomplete: bool,
) -> None:
    """What a lead does that will qualify, by and by; with its last deed it does."""
    first, deeds = _FIRST[lead.type], random.choice(_DEEDS[lead.type] or ((),))
    if not deeds and not incomplete:
        book.tell(lead, moment, "engaged", what="guide downloaded", channel="site")
    book.tell(lead, moment + timedelta(seconds=5), "engaged", what=first, turns=not deeds)
    begin = max(moment, until - minutes(50)) + minutes(1)
    for what, at, is_last in _spread(deeds, begin, until + minutes(3)):
        book.tell(lead, at, "engaged", what=what, channel="site", turns=is_last)


def look_around(lead: Lead, book: Chronicle, random: Random, moment: datetime) -> None:
    """What a lead does that won't qualify: it looks at little; some are found to be none."""
    first = _FIRST[lead.type] if lead.type != "demo" else "form filled in"
    book.tell(lead, moment + timedelta(seconds=5), "engaged", what=first)
    deeds = random.choice(_IDLE)
    for what, at, _is_last in _spread(deeds, moment + minutes(1), moment + days(1)):
        book.tell(lead, at, "engaged", what=what, channel="site")
    if random.random() < 0.15:
        reason = random.choice(["student", "job seeker", "competitor"])
        book.tell(lead, moment + days(1), "disqualified", by="jon", reason=reason)


def attend(lead: Lead, book: Chronicle, random: Random, moment: datetime) -> None:
    """What a lead does that saw a webinar to its end."""
    book.tell(lead, moment + minutes(2), "engaged", what="webinar attended", campaign=WEBINAR)
    for n, what in enumerate(("guide downloaded", "pricing viewed")):
        seen = moment + minutes(30 + 4 * n + 3 * random.random())
        book.tell(lead, seen, "engaged", what=what, channel="site", turns=bool(n))


def hesitate(lead: Lead, book: Chronicle, moment: datetime, source: Source) -> None:
    """A lead fits and shows little interest; marketing knows better than the rules, and says why."""
    random = Random(f"{lead.key} {moment.isoformat()}")
    _create(lead, book, random, moment, source, fits=True, incomplete=False)
    book.tell(lead, moment + timedelta(seconds=5), "engaged", what="form filled in")
    book.tell(lead, moment + minutes(95), "scored", **BY_HAND, turns=True)


def _spread(
    deeds: tuple[str, ...], begin: datetime, end: datetime
) -> Iterator[tuple[str, datetime, bool]]:
    """Deeds one after the other from one moment to another; which is the last."""
    for n, what in enumerate(deeds, 1):
        yield what, begin + (end - begin) * (n / len(deeds)), n == len(deeds)
