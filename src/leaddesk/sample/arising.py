"""Arising: the leads of each day as they arise, are warmed up and handed over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from leaddesk.sample import visiting
from leaddesk.sample.chronicle import Chronicle, Lead
from leaddesk.sample.companies import companies
from leaddesk.sample.desks import WARSAW
from leaddesk.sample.sales import days, minutes, pursue
from leaddesk.sample.visiting import SITE, Source

Owners = dict[str, tuple[str, str]]
MIX = {  # leads a month by lead type and stream; of these so many become mql
    ("website form", "shops"): (71, 0.75),
    ("website form", "brands"): (44, 0.75),
    ("outbound", "shops"): (26, 0.90),
    ("outbound", "brands"): (30, 0.90),
    ("guide download", "shops"): (64, 0.54),
    ("demo", "shops"): (22, 0.91),
    ("demo", "brands"): (22, 0.91),
    ("chat", "shops"): (35, 0.70),
    ("e-mail", "shops"): (42, 0.65),
}
FLOOD = {("chat", "shops"): 4, ("website form", "shops"): 3, ("website form", "brands"): 2}
CAMPAIGNS: Mapping[str, tuple[Source, ...]] = {
    "website form": (("Google Ads", "cpc", "shop fittings"), ("organic", "search", None)),
    "outbound": (("list of chains", "outbound", "chains 2026"),),
    "guide download": (("LinkedIn", "paid social", "trend guide"), ("organic", "search", None)),
    "demo": (("Google Ads", "cpc", "demo"), ("direct", None, None)),
    "chat": (("organic", "search", None), ("Google Ads", "cpc", "shop fittings")),
    "e-mail": (("newsletter", "email", "spring fair"), ("referral", None, None)),
}
WEBINAR: Source = ("webinar", "event", visiting.WEBINAR)
ATTENDING = 24
"""Shops at a webinar: more than anybody may be given in a day."""
WARMING = {  # days from arising to mql, at most
    "website form": 2.0,
    "outbound": 4.0,
    "guide download": 12.0,
    "demo": 0.03,
    "chat": 0.1,
    "e-mail": 3.0,
}
PACKET = ("source", "pages seen", "guide", "score with reasons", "phone")
STEPS = {
    "re-engage": (
        (3, "guide to shop trends"),
        (7, "case study of a bakery chain"),
        (14, "offer of a consultation"),
    ),
    "welcome to the field": (
        (1, "what a good display sells"),
        (14, "cost calculator"),
        (30, "samples box"),
    ),
}


@dataclass
class Telling:
    """A telling as it goes on from day to day: the chronicle, its leads in the order in which they
    arose, and what is known of the companies. The same random numbers tell the same."""

    book: Chronicle
    random: Random
    leads: list[Lead] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = companies(self.random, french=self.book.season.french)
        self._owners: Owners = {}
        self._known: dict[str, int] = {}
        self._thai = (one for one in companies(Random("ไทย")) if one[1] == "TH")
        self._day = self.book.season.first

    def until(self, last: date) -> None:
        """Tell of every lead that arises up to the end of a day, all that becomes of them included."""
        while self._day <= last:
            for kind, stream, source in _arriving(self.book, self._day, self.random):
                self._arise(kind, stream, source)
            if self._day in self.book.season.webinars:
                self._attend()
            if self._day in self.book.season.met:
                self._meet()
            self._day += timedelta(1)

    def _arise(self, kind: str, stream: str, source: Source) -> None:
        lead = self._lead(kind, stream, self._company(), 0.9 + 0.2 * self.random.random())
        moment = _moment(self.book, self._day, lead, self.random)
        if kind == "outbound" or not self.book.season.is_by_desk(moment):
            _arise(lead, self.book, self.random, moment, source, self._owners)
            return
        self._owners.setdefault(lead.company, ("", lead.country))
        share, most = MIX[kind, stream][1], WARMING[kind]
        visiting.arise(lead, self.book, moment, source, share=share, days_=most)

    def _attend(self) -> None:
        """So many shops of Thailand see a webinar after hours that somebody can't call them all."""
        begin = datetime.combine(self._day, time(13, 10), WARSAW).astimezone(UTC)
        for number in range(ATTENDING):
            lead = self._lead("website form", "shops", next(self._thai), 1.0)
            moment = begin + timedelta(seconds=23 * number)
            visiting.arise(lead, self.book, moment, WEBINAR, share=1.0, days_=1.0)

    def _meet(self) -> None:
        """Somebody whom marketing has met asks by the form."""
        lead = self._lead("website form", "shops", next(self._names), 1.0)
        moment = datetime.combine(self._day, time(8, 20), WARSAW).astimezone(UTC)
        visiting.hesitate(lead, self.book, moment, CAMPAIGNS["website form"][1])

    def _lead(self, kind: str, stream: str, company: tuple[str, str], pull: float) -> Lead:
        name, country = company
        self._known[name] = known = self._known.get(name, 0) + 1
        key = name if known == 1 else f"{name} {known}"
        has_site = self.book.season.by_desk is not None and kind != "outbound"
        lead = Lead(key, kind, stream, name, country, pull, system=SITE if has_site else "crm")
        self.leads.append(lead)
        return lead

    def _company(self) -> tuple[str, str]:
        """A company, and now and then one that is known already."""
        owners = self._owners
        if len(owners) > 40 and self.random.random() < 0.05:
            company = self.random.choice(sorted(owners))
            return company, owners[company][1]
        return next(self._names)


def _arriving(book: Chronicle, day: date, random: Random) -> Iterator[tuple[str, str, Source]]:
    """(lead type, stream, source) of each lead of a day."""
    season, weekend = book.season, day.weekday() > 4
    share = season.busy(day) * (0.35 if weekend else 1.0) / 23.8
    for (kind, stream), (a_month, _rate) in MIX.items():
        if kind == "outbound" and (weekend or day in season.polish):
            continue
        for _lead in range(int(a_month * share + random.random())):
            yield kind, stream, random.choice(CAMPAIGNS[kind])
    if day == season.busy_end:
        for _lead in range(7):
            yield "website form", "shops", ("newsletter", "email", "spring fair")
    if day in season.floods:
        for (kind, stream), times in FLOOD.items():
            for _lead in range(times * 5 + random.randrange(3)):
                yield kind, stream, WEBINAR


def _moment(book: Chronicle, day: date, lead: Lead, random: Random) -> datetime:
    season = book.season
    if lead.type == "outbound":
        begin = datetime.combine(day, time(0), WARSAW)
        return season.desks["ana"].after(begin, 420 * random.random())
    if day in season.storm:
        return datetime.combine(day, time(10), WARSAW).astimezone(UTC) + minutes(
            240 * random.random()
        )
    if day == season.busy_end:
        begin = datetime.combine(day, time(14), WARSAW).astimezone(UTC)
        return begin + minutes(225 * random.random())
    early = 2 if lead.country == "TH" else 6
    spread = 7 * (random.random() + random.random())
    begin = datetime.combine(day, time(early), WARSAW).astimezone(UTC)
    return begin + timedelta(hours=spread, seconds=random.randrange(60))


def _arise(
    lead: Lead, book: Chronicle, random: Random, moment: datetime, source: Source, owners: Owners
) -> None:
    described = {
        "industry": random.choice(["retail", "retail", "food", "fashion", "logistics"]),
        "employees": random.choice([8, 20, 45, 60, 90, 150, 260, 700]),
        "role": random.choice(["decision maker", "influencer", "influencer", "buyer"]),
        "free_mail": "yes" if random.random() < 0.12 else "no",
        "country": lead.country,
    }
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
        **described,
    )
    warmed = moment + days(WARMING[lead.type] * random.random() * random.random())
    _warm(lead, book, random, moment, warmed, source)
    if random.random() < MIX[lead.type, lead.stream][1]:
        _qualify(lead, book, random, warmed + minutes(1), owners)
    else:
        _keep_warm(lead, book, random, warmed)


def _warm(
    lead: Lead, book: Chronicle, random: Random, moment: datetime, until: datetime, source: Source
) -> None:
    """What the lead does on the way: pages, guides, a demo."""
    first = {
        "guide download": "guide downloaded",
        "demo": "demo requested",
        "chat": "chat started",
        "e-mail": "mail answered",
        "website form": "form filled in",
        "outbound": "call answered",
    }[lead.type]
    if source is WEBINAR:
        first = "webinar attended"
    book.tell(lead, moment + timedelta(seconds=5), "engaged", what=first, campaign=source[2])
    for _page in range(random.randrange(3)):
        seen = moment + (until - moment) * random.random()
        what = random.choice(["pricing viewed", "pricing viewed", "guide downloaded"])
        book.tell(lead, seen + timedelta(seconds=9), "engaged", what=what, channel="site")
    points = {"fit": 20 * random.randrange(4), "interest": 10 * random.randrange(2, 9)}
    book.tell(lead, until + timedelta(seconds=30), "scored", **points, model="rules 1")


def _qualify(lead: Lead, book: Chronicle, random: Random, moment: datetime, owners: Owners) -> None:
    """The rule makes it an mql; it is handed over at once, mostly with an owner."""
    if _is_left_to_desk(lead, book, moment):
        what = "consultation requested"
        book.tell(lead, moment, "engaged", what=what, channel="site", turns=True)
        return
    book.tell(lead, moment, "moved", to="mql")
    missing = None
    if random.random() < book.season.incomplete(moment):
        missing = random.choice(PACKET)
    shared = ", ".join(field for field in PACKET if field != missing)
    handed = moment + timedelta(seconds=40)
    owner = _owner(lead, book, random, handed, owners)
    if random.random() < 0.92:
        book.tell(lead, handed, "handed_over", owner=owner, packet=shared, missing=missing)
    else:
        book.tell(lead, handed, "handed_over", packet=shared, missing=missing)
        handed += minutes(5 + 300 * random.random() * random.random())
        book.tell(lead, handed, "assigned", owner=owner, by="mia")
    lead.owner = owner
    last = pursue(lead, book, random, handed)
    if last and last["kind"] == "returned" and not lead.again:
        _nurture(lead, book, random, datetime.fromisoformat(last["occurred_at"]), owners)


def _owner(lead: Lead, book: Chronicle, random: Random, moment: datetime, owners: Owners) -> str:
    """By weight among those at work, the same owner for one company, Thai companies to chai."""
    day = moment.astimezone(WARSAW).date()
    # For three days nobody had told the roster that ben was away.
    season = book.season
    away = {"ben"} if day in season.leave and day >= season.told_of_leave else set()
    known = owners.get(lead.company, ("",))[0]
    weights = {"ana": 2, "ben": 1.4, "chai": 3 if lead.country == "TH" else 0.6}
    present = {name: weight for name, weight in weights.items() if name not in away}
    if known not in present:
        known = random.choices(list(present), list(present.values()))[0]
    owners[lead.company] = (known, lead.country)
    return known


def _keep_warm(lead: Lead, book: Chronicle, random: Random, moment: datetime) -> None:
    """Not an mql: nurtured, or found to be none, or wanting no more mail."""
    if random.random() < 0.15:
        reason = random.choice(["student", "job seeker", "competitor"])
        book.tell(lead, moment + days(1), "disqualified", by="jon", reason=reason)
        return
    if _is_left_to_desk(lead, book, moment):
        return
    left = _send(lead, book, random, moment + minutes(30), "welcome to the field")
    if random.random() < 0.12:
        book.tell(lead, left, "engaged", what="unsubscribed")
        book.tell(lead, left + minutes(1), "suppressed", reason="opt-out")


def _send(lead: Lead, book: Chronicle, random: Random, moment: datetime, track: str) -> datetime:
    """Enrol a lead and send it the first steps; the moment after the last one."""
    book.tell(lead, moment, "enrolled", track=track, by="jon")
    for after, step in STEPS[track][: 1 + random.randrange(3)]:
        moment += days(after)
        book.tell(lead, moment, "enrolled", track=track, step=step)
    return moment + days(random.random())


def _nurture(lead: Lead, book: Chronicle, random: Random, moment: datetime, owners: Owners) -> None:
    """A lead that came back is nurtured; one in three warms up again and gets its second pass."""
    if not _is_left_to_desk(lead, book, moment):
        _send(lead, book, random, moment + minutes(40), "re-engage")
    if random.random() < 0.35:
        lead.again = True
        warmed = moment + days(31 + 14 * random.random())
        book.tell(lead, warmed, "engaged", what="pricing viewed", channel="site")
        book.tell(lead, warmed + minutes(8), "engaged", what="demo requested", channel="site")
        _qualify(lead, book, random, warmed + minutes(9), owners)


def _is_left_to_desk(lead: Lead, book: Chronicle, moment: datetime) -> bool:
    """Whether the desk does by itself what comes next."""
    return lead.system == SITE and book.season.is_by_desk(moment)
