"""Strategies: small agreements and small logs, drawn where judging is delicate.

An agreement is drawn as plain data (so that it shrinks and prints well), its facts as the
dictionaries of a JSON log. Instants cluster around openings, changes of the clocks, due times and
each other; promises of all shapes meet facts of all kinds that matter to them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from leadpact.agreement.model import Agreement
from tests.leadpact.reference.slow_clock import instant

ZONE = "Europe/Warsaw"
FIRST = datetime(2026, 3, 23, tzinfo=ZoneInfo(ZONE))  # Monday; the clocks change on the 29th
DAYS = 16
PEOPLE = ("ana", "ben", "chai", "stranger")
LEADS = ("A", "B", "C", "D")
PROMISES = ("contact", "ladder", "welcome", "visit", "next")


@dataclass(frozen=True)
class Case:
    """Versions, facts and moments to judge at."""

    versions: list[dict]
    facts: list[dict]
    now: datetime
    known_at: datetime | None

    @property
    def agreements(self) -> list[Agreement]:
        return [Agreement.model_validate(version) for version in self.versions]


# Agreements.

OPEN_HOURS = (
    {"mon-fri": ["09:00-17:00"]},
    {"mon-fri": ["09:00-12:30", "13:30-17:30"]},
    {"mon-sat": ["22:00-06:00"]},
    {"mon-sun": ["00:00-24:00"]},
    {"sun-sun": ["01:30-04:00"], "mon-thu": ["08:00-10:00"]},
)
ZONES = (ZONE, "America/New_York", "Asia/Bangkok")


@st.composite
def calendars(draw) -> dict:
    """Up to two desks, in zones with and without summer time."""
    names = draw(st.sampled_from(((), ("office",), ("office", "abroad"))))
    return {name: draw(desks()) for name in names}


@st.composite
def desks(draw) -> dict:
    desk: dict = {"open": draw(st.sampled_from(OPEN_HOURS))}
    zone = draw(st.sampled_from((None, *ZONES)))
    if zone is not None:
        desk["zone"] = zone
    if draw(st.booleans()):
        desk["holidays"] = {"dates": draw(st.sampled_from((["2026-03-27"], ["2026-04-06"])))}
    return desk


@st.composite
def people(draw, named: tuple[str, ...]) -> dict:
    """Ana, Ben and Chai: by their own calendar, their team's, or the first; away or not."""
    found = {}
    for person in PEOPLE[:3]:
        said: dict = {}
        if named and draw(st.booleans()):
            said["calendar"] = draw(st.sampled_from(named))
        if draw(st.booleans()):
            said["team"] = "inbound"
        if draw(st.integers(0, 3)) == 3:
            said["leave"] = ["2026-03-26/2026-03-30"]
        found[person] = said
    return found


SPANS = (
    "1 working hour",
    "4 working hours",
    "12 working hours",
    "90 minutes",
    "24 hours",
    "1 day",
    "3 days",
    "8 days",
    "30 working hours",
    "1 working day",
    "2 working days",
)
AFTER = (
    "handed over",
    "handed over",
    "handed over",
    "handed over",
    "mql",
    "assigned",
    "demo requested",
    "created",
    "won",
    "converted",
    "sal",
)
AFTER += ("returned", "attempted", "opportunity", "replied", "lead")
DO = (
    "attempted",
    "attempted",
    "attempted",
    "attempted",
    "sal",
    "welcomed",
    "accepted",
    "handed over",
    "converted",
    "won",
    "sql",
)
DO += ("demo requested", "returned", "rejected", "replied")
UNLESS = ("returned", "converted", "lost", "suppressed", "sql", "welcomed", "replied", "attempted")

CONDITIONS = st.sampled_from(
    (
        {"lead type": "form"},
        {"lead type": ["form", "outbound"]},
        {"not": {"lead type": "form"}},
        {"industry": "retail"},
        {"employees": {"at least": "50"}},
        {"any": [{"employees": {"at most": "49"}}, {"industry": ["food"]}]},
        {"all": [{"lead type": "form"}, {"not": {"industry": "retail"}}]},
    )
)


@st.composite
def promises(draw, named: tuple[str, ...], *, is_ladder: bool, each_time: bool) -> dict:
    """A response promise of any shape."""
    after = draw(st.lists(st.sampled_from(AFTER), min_size=1, max_size=2, unique=True))
    do = draw(st.lists(st.sampled_from(DO), min_size=1, max_size=2, unique=True))
    said: dict = {"after": after, "do": do}
    if is_ladder:
        said["ladder"] = [
            {"times": str(times), "within": span}
            for times, span in ((1, "1 day"), (2, draw(st.sampled_from(SPANS))), (3, "6 days"))
        ]
    else:
        said["within"] = draw(st.sampled_from(SPANS))
        said["times"] = draw(st.sampled_from(("1", "1", "2")))
    if each_time:
        said["each time"] = "yes"
    said["unless"] = draw(st.lists(st.sampled_from(UNLESS), max_size=2, unique=True))
    if draw(st.integers(0, 3)) == 3:
        said["by"] = draw(st.sampled_from((["phone"], ["phone", "email"])))
    if draw(st.integers(0, 3)) == 3:
        said["for"] = draw(CONDITIONS)
    if named and draw(st.integers(0, 3)) == 3:
        said["calendar"] = draw(st.sampled_from(named))
    if draw(st.booleans()):
        said["warn at"] = draw(st.sampled_from(("50%", "75%")))
    if draw(st.booleans()):
        said["escalate"] = [{"at": "100%", "to": "manager"}, {"at": "150%", "reassign": "yes"}]
    return said


@st.composite
def agreements(draw) -> list[dict]:
    """One to three versions of one agreement; definitions and stages are the same in all."""
    count = draw(st.sampled_from((1, 1, 2, 3)))
    shapes = draw(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=5))
    starts = sorted(draw(st.sets(st.integers(-1, 7), min_size=count, max_size=count)))
    shared = draw(definitions())
    return [
        shared
        | draw(bodies(shapes))
        | {"version": str(number), "valid from": (FIRST + timedelta(start)).date().isoformat()}
        for number, start in enumerate(starts, 1)
    ]


@st.composite
def definitions(draw) -> dict:
    said: dict = {"leadpact": "1", "agreement": "Drawn", "zone": ZONE, "definitions": {}}
    if draw(st.booleans()):
        said["definitions"]["attempt"] = {
            "by": draw(st.sampled_from(([], ["phone", "email"]))),
            "dial tries count": draw(st.sampled_from(("yes", "no"))),
        }
    stages = ("visitor lead mql sal sql opportunity customer", "lead mql sql deal")
    if draw(st.booleans()):
        said["definitions"]["stages"] = draw(st.sampled_from(stages)).split()
    if draw(st.booleans()):
        said["handoff"] = {"when": draw(st.sampled_from(("mql", "sql", "demo requested")))}
    return said


@st.composite
def bodies(draw, shapes: list[tuple[bool, bool]]) -> dict:
    """What differs from version to version."""
    desks_ = draw(calendars())
    named = tuple(desks_)
    body: dict = {"calendars": desks_, "people": draw(people(named))}
    body["teams"] = {"inbound": {"calendar": named[-1]} if named else {}}
    body["promises"] = {
        "sales": {
            name: draw(promises(named, is_ladder=ladder and not each, each_time=each))
            for name, (ladder, each) in zip(PROMISES, shapes, strict=False)
        }
    }
    pauses: dict = {}
    if draw(st.booleans()):
        pauses["reasons"] = ["asked to wait"]
    if draw(st.booleans()):
        pauses["at most"] = draw(st.sampled_from(("1 day", "3 days", "5 hours")))
    body["pauses"] = pauses
    body["open promises"] = draw(st.sampled_from(("keep", "restart")))
    if draw(st.integers(0, 5)) == 5:
        body["applies to"] = draw(CONDITIONS)
    return body


# Logs.

HOURS = ("00:00", "01:30", "06:00", "09:00", "10:00", "10:00", "12:30", "13:00", "14:00", "17:00")
HOURS += ("17:30", "22:00", "02:30")


@st.composite
def instants(draw) -> datetime:
    """An instant near the openings, closings and due times of the agreements, often the same."""
    days = draw(st.integers(0, 4) | st.integers(0, DAYS - 1))
    day = FIRST + timedelta(days=days)
    hour, minute = draw(st.sampled_from(HOURS)).split(":")
    at = day.replace(hour=int(hour), minute=int(minute)).astimezone(UTC)
    return at + timedelta(microseconds=draw(st.sampled_from((0, 0, 0, 0, 1, -1))))


KINDS = (
    ("handed_over", 4),
    ("attempted", 5),
    ("assigned", 3),
    ("moved", 3),
    ("engaged", 2),
    ("paused", 3),
    ("resumed", 2),
    ("returned", 2),
    ("described", 1),
    ("created", 1),
    ("accepted", 1),
    ("replied", 1),
    ("rejected", 1),
    ("disqualified", 1),
    ("converted", 1),
    ("won", 1),
    ("lost", 1),
    ("suppressed", 1),
    ("merged", 1),
    ("waived", 2),
    ("corrected", 1),
)
WEIGHTED = tuple(kind for kind, weight in KINDS for _ in range(weight))
STAGES = ("lead", "mql", "sal", "sql", "opportunity", "customer", "deal")


def maybe(**fields: tuple) -> st.SearchStrategy[dict]:
    """Each field with one of its values; None leaves it out."""
    drawn = st.fixed_dictionaries({name: st.sampled_from(of) for name, of in fields.items()})
    return drawn.map(
        lambda said: {name: value for name, value in said.items() if value is not None}
    )


FIELDS: dict[str, st.SearchStrategy[dict]] = {
    "handed_over": maybe(owner=(None, *PEOPLE)),
    "assigned": maybe(owner=PEOPLE),
    "attempted": maybe(
        channel=("phone", "phone", None, "email", "note"),
        human=(None, None, None, "no", "yes"),
        direction=(None, None, None, "inbound", "outbound"),
        outcome=(None, None, "no answer", "bounced", "wrong number"),
        seconds=(None, None, "0", "30"),
    ),
    "moved": maybe(to=STAGES),
    "engaged": maybe(what=("demo_requested", "welcomed", "meeting booked", "guide downloaded")),
    "paused": maybe(reason=(None, "asked to wait", "raining")),
    "described": maybe(industry=("retail", "food"), employees=("10", "50", "many")),
    "created": maybe(type=("form", "outbound", "chat")),
    "returned": maybe(not_before=(None, "2026-04-03T10:00:00+02:00")),
    "waived": maybe(
        promise=("contact", "contact", *PROMISES),
        rung=(None, None, "1", "2"),
        occurrence=(None, None, "1", "2"),
        **{"pass": (None, None, "1", "2")},
    ),
}


@st.composite
def facts(draw, *, dates: bool) -> list[dict]:
    """The facts of one to four leads, in no order; some came late, twice, or were taken back."""
    leads = LEADS[: draw(st.sampled_from((1, 1, 2, 4)))]
    few = st.lists(happened(leads, dates=dates), max_size=6)
    drawn = [fact for some in draw(st.tuples(few, few, few, few)) for fact in some]
    log = [_arose(lead) for lead in leads]
    merged: set[str] = set()
    for number, (fact, other) in enumerate(drawn):
        # Ids in another order than that of the file, so that ties are broken by them.
        fact = fact | {"source_id": f"{(number * 17) % 26:03}"}
        if fact["kind"] == "corrected":
            fact["fact"] = f"{other:03}"
        if fact["kind"] == "merged":
            fact["into"] = LEADS[other % len(leads)]
            if fact["into"] == fact["lead"] or fact["lead"] in merged:
                continue
            merged.add(fact["lead"])
        log += [fact] * (2 if other == 25 else 1)
    return log


def _arose(lead: str) -> dict:
    at = (FIRST - timedelta(days=3)).isoformat()
    return {"lead": lead, "occurred_at": at, "kind": "scored", "fit": "1", "source_id": f"-{lead}"}


@st.composite
def happened(draw, leads: tuple[str, ...], *, dates: bool) -> tuple[dict, int]:
    """A fact without its id, and a number for whatever else it may need."""
    kind = draw(st.sampled_from(WEIGHTED))
    at = draw(instants())
    written = at.isoformat()
    if dates and kind != "waived" and draw(st.integers(0, 5)) == 5:
        written = at.astimezone(ZoneInfo(ZONE)).date().isoformat()
    said = {"lead": draw(st.sampled_from(leads)), "occurred_at": written, "kind": kind}
    if draw(st.integers(0, 8)) == 8:
        said["recorded_at"] = (at + timedelta(days=draw(st.integers(0, 5)))).isoformat()
    said |= draw(FIELDS.get(kind, st.just({})))
    if len(written) == 10:
        said.pop("not_before", None)  # a worked case stands in test_judge_reference.py
    return said, draw(st.integers(0, 25))


@st.composite
def cases(draw, *, dates: bool = False) -> Case:
    """Versions, a log, and a moment at which no day of unknown time is going on."""
    log = draw(facts(dates=dates))
    now = draw(instants() | st.just(FIRST + timedelta(days=DAYS + 10))).astimezone(UTC)
    days = {fact["occurred_at"] for fact in log if len(fact["occurred_at"]) == 10}
    while now.astimezone(ZoneInfo(ZONE)).date().isoformat() in days:
        now += timedelta(days=1)
    known_at = draw(st.none() | st.none() | st.just(now - timedelta(days=2)))
    return Case(draw(agreements()), log, now, known_at)


def micros(at: datetime | None) -> int | None:
    return None if at is None else instant(at)
