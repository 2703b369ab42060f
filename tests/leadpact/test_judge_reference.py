"""The compiled sweep against the slow reference, on drawn agreements and logs."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from leadpact.agreement.model import Agreement
from leadpact.judge import judge
from leadpact.log import Log
from tests.leadpact.reference.judge_slowly import judge_slowly
from tests.leadpact.reference.slow_clock import instant
from tests.leadpact.reference.strategies import ZONE, Case, cases, micros
from tests.leadpact.reference.worked import CONTACT, FOLLOW_UP, agreement, told

DRAWN = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
KEYS = ("lead", "promise", "pass", "occurrence", "rung", "version")
INSTANTS = ("started_at", "due_at", "answered_at")


def swept(case: "Case | Worked") -> tuple[list[dict], int | None]:
    log, problems = Log.from_facts(case.facts, zone=ZONE, name="drawn")
    assert problems == []
    found = judge(case.agreements, log, now=instant(case.now), known_at=micros(case.known_at))
    return found.obligations.rows(), found.wake_at


def read(said: datetime | str | None) -> int | None:
    return micros(datetime.fromisoformat(said) if isinstance(said, str) else said)


def compared(row: dict, *, dated: bool) -> dict:
    """What must be equal of an obligation; with days of unknown time, what is certain."""
    found = {key: row[key] for key in (*KEYS, "verdict", "owner")}
    if not dated:
        # Of a day of unknown time the sweep says the day, the reference its first or last instant.
        found |= {name: read(row[name]) for name in INSTANTS}
        found["legs"] = [_leg(leg) for leg in row["legs"]]
    return found | {name: row[name] for name in ("working_seconds", "elapsed_seconds")}


def _leg(leg: dict | tuple) -> tuple:
    owner, begin, to, working, verdict = leg.values() if isinstance(leg, dict) else leg
    return owner, read(begin), read(to), working, verdict


def in_order(rows: list[dict]) -> list[dict]:
    return sorted(rows, key=lambda row: [str(row[key]) for key in (*KEYS, "started_at")])


def check(case: "Case | Worked") -> None:
    expected = judge_slowly(case.agreements, case.facts, case.now, case.known_at)
    rows, wake_at = swept(case)
    slow, quick = in_order(expected.obligations), in_order(rows)
    dated = [row["dated"] for row in slow]
    assert [[row[key] for key in KEYS] for row in quick] == [
        [row[key] for key in KEYS] for row in slow
    ]
    for one, other, without_time in zip(quick, slow, dated, strict=True):
        assert compared(one, dated=without_time) == compared(other, dated=without_time)
    if not any(dated):
        assert wake_at == micros(expected.wake_at)


def case(agreements: Agreement | list[Agreement], text: str, now: str) -> "Worked":
    """A worked case; its moment is local time in the agreements' zone."""
    versions = agreements if isinstance(agreements, list) else [agreements]
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(ZONE))
    return Worked(versions, told(text), at)


@dataclass(frozen=True)
class Worked:
    """A case of agreements that are written by hand."""

    agreements: list[Agreement]
    facts: list[dict]
    now: datetime
    known_at: None = None


EACH = {"each time": "yes"}
PEOPLE = {"ana": {"leave": ["2026-03-26/2026-03-30"]}, "ben": {}}
NEXT = {"version": "2", "valid_from": "2026-03-11", "open_promises": "restart"}


@pytest.mark.parametrize(
    "agreements, text, now",
    [
        pytest.param(
            agreement({"accept": CONTACT | {"do": "sal", "times": "2"}}),
            "2026-03-10 09:00 handed_over\n2026-03-10 10:00 accepted\n2026-03-10 11:00 accepted",
            "2026-03-10 12:00",
            id="a stage is taken again",
        ),
        pytest.param(
            agreement({"back": CONTACT | {"after": "returned"} | EACH}),
            """
            2026-03-10 09:00 handed_over owner=ana
            2026-03-10 10:00 returned
            2026-03-10 10:00 returned
            2026-03-10 11:00 returned
            2026-03-10 12:00 attempted
            """,
            "2026-03-10 13:00",
            id="what leaving starts belongs to the pass to come",
        ),
        pytest.param(
            agreement({"contact": CONTACT}, calendars={}, people=PEOPLE),
            "2026-03-26 10:00 handed_over owner=ana\n2026-03-26 12:00 assigned owner=ben",
            "2026-03-26 13:00",
            id="leave without any calendar",
        ),
        pytest.param(
            [agreement({"contact": CONTACT}), agreement(FOLLOW_UP | {"contact": CONTACT}, **NEXT)],
            "2026-03-10 16:00 handed_over\n2026-03-11 09:00 attempted",
            "2026-03-11 10:00",
            id="a version restarts what is open",
        ),
        pytest.param(
            agreement(FOLLOW_UP | {"hello": CONTACT | {"after": "won"}}),
            """
            2026-03-10 09:00 handed_over owner=ana
            2026-03-10 10:00 moved to=customer
            2026-03-10 11:00 handed_over
            2026-03-10 12:00 suppressed
            """,
            "2026-03-20",
            id="a won lead comes back",
        ),
        pytest.param(
            agreement({"hello": CONTACT | {"after": "won", "within": "20 hours"}}),
            """
            2026-03-10 09:00 won
            2026-03-10 10:00 paused
            2026-03-10 11:00 handed_over
            2026-03-10 13:00 resumed
            """,
            "2026-03-20",
            id="a won lead comes back while it is paused",
        ),
        pytest.param(
            agreement({"tried": CONTACT | {"after": "attempted", "by": "phone"} | EACH}),
            "2026-03-10 09:00 attempted channel=email\n2026-03-10 10:00 attempted channel=phone",
            "2026-03-10 12:00",
            id="an attempt by another channel doesn't start",
        ),
        pytest.param(
            agreement({"hello": CONTACT | {"after": "converted"} | EACH}),
            "2026-03-10 09:00 converted\n2026-03-10 10:00 won\n2026-03-10 11:00 won",
            "2026-03-10 12:00",
            id="a win after the conversion is no other conversion",
        ),
        pytest.param(
            agreement({"contact": CONTACT}),
            """
            2026-03-24 09:00 lost
            2026-03-24 10:00 handed_over
            2026-03-24 returned not_before=2026-04-03T10:00:00+02:00
            """,
            "2026-04-01",
            id="a lead is lost, handed over and returned on one day",
        ),
    ],
)
def test_delicate_cases(agreements, text, now):
    check(case(agreements, text, now))


@DRAWN
@given(cases())
def test_the_sweep_judges_as_the_slow_reference(drawn):
    check(drawn)


@DRAWN
@given(cases(dates=True))
def test_the_sweep_judges_days_of_unknown_time_as_the_slow_reference(drawn):
    check(drawn)
