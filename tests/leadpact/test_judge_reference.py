"""The compiled sweep against the slow reference, on drawn agreements and logs."""

from datetime import datetime

from hypothesis import HealthCheck, given, settings

from leadpact.judge import judge
from leadpact.log import Log
from tests.leadpact.reference.judge_slowly import judge_slowly
from tests.leadpact.reference.slow_clock import instant
from tests.leadpact.reference.strategies import ZONE, Case, cases, micros

DRAWN = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
KEYS = ("lead", "promise", "pass", "occurrence", "rung", "version")
INSTANTS = ("started_at", "due_at", "answered_at")


def swept(case: Case) -> tuple[list[dict], int | None]:
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


def check(case: Case) -> None:
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


@DRAWN
@given(cases())
def test_the_sweep_judges_as_the_slow_reference(case):
    check(case)


@DRAWN
@given(cases(dates=True))
def test_the_sweep_judges_days_of_unknown_time_as_the_slow_reference(case):
    check(case)
