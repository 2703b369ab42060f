"""The working of an obligation: what was counted, by whose calendar, and what was not."""

from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from hypothesis import HealthCheck, given, settings

from leadpact.agreement.roster import Member, Roster
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.measure import obligation_working
from leadpact.program import Program
from tests.leadpact.judged_logs import ZONE, agreed, at, fact, judged
from tests.leadpact.reference.slow_clock import instant
from tests.leadpact.reference.strategies import cases, micros

DESKS = {
    "office": {"open": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}},
    "late": {"zone": "Europe/Lisbon", "open": {"mon-fri": ["13:00-21:00"]}},
}


def contact(within="8 working hours", **clauses):
    clause = {"after": "handed over", "do": "attempted", "within": within}
    clauses = {"calendars": DESKS, "people": {"ana": {}, "ben": {"calendar": "late"}}} | clauses
    return agreed({"sales": {"first contact": clause}}, **clauses)


HANDED = fact("handed_over", "2026-06-01 10:00", owner="ana")


WORKED = {
    "promise": "first contact",
    "rung": None,
    "occurrence": 1,
    "lead": "L",
    "pass": 1,
    "owner": "ben",
    "started_at": "2026-06-01T10:00:00+02:00",
    "due_at": "2026-06-01T21:00:00+02:00",
    "answered_at": "2026-06-01T18:30:00+02:00",
    "ended_at": "2026-06-01T18:30:00+02:00",
    "verdict": "kept",
    "within": "8 working hours",
    "unit": "working hours",
    "working_seconds": 19_800,
    "left_seconds": 9_000,
    "elapsed_seconds": 30_600,
    "version": 1,
    "side": "sales",
    "at_risk": False,
    "pauses": [
        {
            "from": "2026-06-01T11:00:00+02:00",
            "to": "2026-06-01T14:00:00+02:00",
            "reason": "on holiday",
            "by": "ana",
        }
    ],
    "legs": [
        {
            "owner": "ana",
            "from": "2026-06-01T10:00:00+02:00",
            "to": "2026-06-01T16:00:00+02:00",
            "working_seconds": 10_800,
            "verdict": None,
            "intervals": [
                {
                    "from": "2026-06-01T10:00:00+02:00",
                    "to": "2026-06-01T11:00:00+02:00",
                    "calendar": "office",
                    "working_seconds": 3_600,
                },
                {
                    "from": "2026-06-01T14:00:00+02:00",
                    "to": "2026-06-01T16:00:00+02:00",
                    "calendar": "office",
                    "working_seconds": 7_200,
                },
            ],
        },
        {
            "owner": "ben",
            "from": "2026-06-01T16:00:00+02:00",
            "to": "2026-06-01T18:30:00+02:00",
            "working_seconds": 9_000,
            "verdict": "kept",
            "intervals": [
                {
                    "from": "2026-06-01T15:00:00+01:00",
                    "to": "2026-06-01T17:30:00+01:00",
                    "calendar": "late",
                    "working_seconds": 9_000,
                }
            ],
        },
    ],
}


def test_every_interval_pause_and_leg_is_told():
    facts = [
        HANDED,
        fact("paused", "2026-06-01 11:00", reason="on holiday", by="ana"),
        fact("resumed", "2026-06-01 14:00"),
        fact("assigned", "2026-06-01 16:00", owner="ben"),
        fact("attempted", "2026-06-01 18:30", by="ben"),
    ]
    found = obligation_working(judged(contact(), facts, "2026-06-05 09:00"), 0)
    assert found == WORKED


def test_what_was_missed_has_less_than_nothing_left():
    found = obligation_working(judged(contact("2 working hours"), [HANDED], "2026-06-01 15:00"), 0)
    assert (found["verdict"], found["left_seconds"]) == ("broken", -7_200)
    found = obligation_working(judged(contact("2 hours"), [HANDED], "2026-06-01 15:00"), 0)
    assert (found["unit"], found["left_seconds"]) == ("hours", -10_800)
    found = obligation_working(judged(contact("1 day"), [HANDED], "2026-06-02 09:00"), 0)
    assert (found["verdict"], found["left_seconds"]) == ("open", 3_600)


def test_while_paused_nothing_runs_down():
    pause = fact("paused", "2026-06-01 11:00")
    found = obligation_working(judged(contact(), [HANDED, pause], "2026-06-01 15:00"), 0)
    assert (found["left_seconds"], found["working_seconds"]) == (None, 3_600)
    assert [(one["from"], one["to"]) for one in found["pauses"]] == [
        ("2026-06-01T11:00:00+02:00", "2026-06-01T15:00:00+02:00")
    ]


def test_a_pause_ends_at_its_cap_and_one_without_agreed_reason_is_none():
    clauses = {"pauses": {"reasons": ["on holiday"], "at most": "1 day"}}
    facts = [
        HANDED,
        fact("paused", "2026-06-01 10:30", reason="no time"),
        fact("paused", "2026-06-01 11:00", reason="on holiday"),
        fact("paused", "2026-06-01 12:00", reason="on holiday"),
    ]
    found = obligation_working(judged(contact(**clauses), facts, "2026-06-03 09:00"), 0)
    assert [(one["from"], one["to"]) for one in found["pauses"]] == [
        ("2026-06-01T11:00:00+02:00", "2026-06-02T11:00:00+02:00")
    ]


def test_a_date_without_a_time_counts_nothing():
    facts = [HANDED | {"occurred_at": "2026-06-01"}]
    found = obligation_working(judged(contact(), facts, "2026-06-02 09:00"), 0)
    assert (found["working_seconds"], found["left_seconds"]) == (None, None)
    assert [leg["intervals"] for leg in found["legs"]] == [[]]


def test_a_promise_with_a_calendar_of_its_own_is_counted_by_it():
    clause = {"after": "handed over", "do": "attempted", "within": "2 working hours"}
    agreement = agreed({"sales": {"first contact": clause | {"calendar": "late"}}}, calendars=DESKS)
    (leg,) = obligation_working(judged(agreement, [HANDED], "2026-06-01 15:00"), 0)["legs"]
    assert [(one["from"], one["calendar"]) for one in leg["intervals"]] == [
        ("2026-06-01T13:00:00+01:00", "late")
    ]


def test_who_moved_is_counted_by_the_calendar_of_each_day():
    roster = Roster({"ana": Member(calendar=((date(2026, 6, 2), "late"),))})
    log = Log.from_facts([{**HANDED, "occurred_at": "2026-06-01 16:00"}], zone=ZONE)[0]
    found = judge(Program([contact()], roster), log, now=at("2026-06-02 15:00"))
    (leg,) = obligation_working(found, 0)["legs"]
    assert [(one["from"], one["to"], one["calendar"]) for one in leg["intervals"]] == [
        ("2026-06-01T16:00:00+02:00", "2026-06-01T17:00:00+02:00", "office"),
        ("2026-06-02T13:00:00+01:00", "2026-06-02T14:00:00+01:00", "late"),
    ]


def test_without_calendars_the_time_is_counted_round_the_clock():
    agreement = contact(calendars={}, people={})
    (leg,) = obligation_working(judged(agreement, [HANDED], "2026-06-01 15:00"), 0)["legs"]
    assert [(one["calendar"], one["working_seconds"]) for one in leg["intervals"]] == [
        (None, 18_000)
    ]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(cases(dates=True))
def test_the_intervals_of_a_leg_sum_to_its_working_time(case):
    log, _problems = Log.from_facts(case.facts, zone=ZONE)
    found = judge(case.agreements, log, now=instant(case.now), known_at=micros(case.known_at))
    for place in range(len(found.obligations)):
        told = obligation_working(found, place)
        for leg in told["legs"]:
            if leg["working_seconds"] is None:
                assert leg["intervals"] == []
                continue
            counted = [exactly(one["working_seconds"]) for one in leg["intervals"]]
            assert sum(counted) == exactly(leg["working_seconds"])
            ends = [(moment(one["from"]), moment(one["to"])) for one in leg["intervals"]]
            assert all(first < last for first, last in ends)
            assert all(one[1] <= other[0] for one, other in pairwise(ends))


def exactly(said: float) -> Decimal:
    return Decimal(str(said)).quantize(Decimal("0.000001"))


def moment(said: str) -> datetime:
    return datetime.fromisoformat(said)
