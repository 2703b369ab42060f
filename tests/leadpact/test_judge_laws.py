"""Laws of judging that hold for every agreement and every log, on drawn ones."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leadpact.judge import Judgement, judge, judge_parts
from leadpact.log import Log
from leadpact.program import columns as col
from tests.leadpact.reference.slow_clock import instant
from tests.leadpact.reference.slow_log import bounds
from tests.leadpact.reference.strategies import DAYS, FIRST, ZONE, Case, cases, micros

DRAWN = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
DECIDED = {"kept", "broken", "excused", "waived"}


def log_of(facts: list[dict]) -> Log:
    log, problems = Log.from_facts(facts, zone=ZONE, name="drawn")
    assert problems == []
    return log


def judged(case: Case, facts: list[dict] | None = None, now: int | None = None) -> Judgement:
    log = log_of(case.facts if facts is None else facts)
    moment = instant(case.now) if now is None else now
    return judge(case.agreements, log, now=moment, known_at=micros(case.known_at))


def told(judgement: Judgement) -> dict:
    """Everything that a judgement says of its leads."""
    return {
        "obligations": sorted(judgement.obligations.rows(), key=json.dumps),
        "stories": judgement.stories.rows(),
        "summary": judgement.obligations.summary(),
    }


def verdicts(judgement: Judgement) -> list[tuple]:
    """What can change as time goes by: who owes what, since when, until when, and how it stands."""
    keys = ("lead", "promise", "pass", "occurrence", "rung", "version", "started_at")
    also = ("due_at", "answered_at", "verdict", "at_risk", "owner")
    return sorted(
        (*(str(row[key]) for key in (*keys, *also)), [leg["verdict"] for leg in row["legs"]])
        for row in judgement.obligations.rows()
    )


@DRAWN
@given(cases(dates=True), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(case, random):
    facts = list(case.facts)
    random.shuffle(facts)
    one, other = judged(case), judged(case, facts)
    assert (told(one), one.wake_at, one.log.counts) == (
        told(other),
        other.wake_at,
        other.log.counts,
    )


@DRAWN
@given(cases(dates=True))
def test_facts_that_come_twice_change_nothing_but_a_count(case):
    one, other = judged(case), judged(case, case.facts + case.facts)
    assert (told(one), one.wake_at) == (told(other), other.wake_at)
    assert other.log.counts["duplicates"] >= len({f["source_id"] for f in case.facts})


@DRAWN
@given(cases(dates=True))
def test_facts_to_come_change_nothing_but_a_count_and_when_to_look_again(case):
    now = instant(case.now)
    later = [f for f in case.facts if instant_of(f) > now]
    one, other = judged(case), judged(case, [f for f in case.facts if f not in later])
    assert told(one) == told(other)
    assert one.wake_at is None or one.wake_at > now


def instant_of(fact: dict) -> int:
    return bounds(fact["occurred_at"], ZONE)[0]


MOMENTS = st.lists(st.integers(0, (DAYS + 20) * 24 * 60), min_size=1, max_size=30)


@DRAWN
@given(cases(dates=True), MOMENTS)
def test_looking_only_at_wake_ups_equals_looking_all_the_time(case, minutes):
    begin = instant(FIRST)
    grid = sorted({begin + minute * 60_000_000 for minute in minutes})
    seen = judged(case, now=grid[0])
    for moment in grid:
        while seen.wake_at is not None and seen.wake_at <= moment:
            assert seen.wake_at > seen.now
            seen = judged(case, now=seen.wake_at)
        assert verdicts(judged(case, now=moment)) == verdicts(seen)


@DRAWN
@given(cases(dates=True), st.integers(1, 60 * 24 * 60))
def test_what_is_decided_stays_decided_while_nothing_happens(case, minutes):
    one = judged(case)
    facts = [f for f in case.facts if instant_of(f) <= one.now]
    earlier = judged(case, facts)
    later = judged(case, facts, now=one.now + minutes * 60_000_000)
    assert told(earlier) == told(one)
    keys = ("lead", "promise", "pass", "occurrence", "rung", "version")
    after = {tuple(row[key] for key in keys): row["verdict"] for row in later.obligations.rows()}
    for row in earlier.obligations.rows():
        if row["verdict"] in DECIDED:
            assert after[tuple(row[key] for key in keys)] == row["verdict"]


def apart(case: Case) -> list[list[dict]]:
    """The facts of each lead; nothing is merged."""
    leads = sorted({fact["lead"] for fact in case.facts})
    single = [fact for fact in case.facts if fact["kind"] != "merged"]
    return [[fact for fact in single if fact["lead"] == lead] for lead in leads]


@DRAWN
@given(cases(dates=True))
def test_each_lead_alone_is_judged_as_among_others(case):
    parts = apart(case)
    whole = judged(case, [fact for part in parts for fact in part])
    alone = [judged(case, part) for part in parts]
    assert whole.obligations.rows() == [r for one in alone for r in one.obligations.rows()]
    assert whole.stories.rows() == [r for one in alone for r in one.stories.rows()]
    wakes = [one.wake_at for one in alone if one.wake_at is not None]
    assert whole.wake_at == min(wakes, default=None)


@DRAWN
@given(cases(dates=True))
def test_a_log_in_parts_is_judged_as_a_whole(case):
    parts = apart(case)
    whole = judged(case, [fact for part in parts for fact in part])
    found = judge_parts(
        case.agreements,
        (log_of(part) for part in parts),
        now=instant(case.now),
        known_at=micros(case.known_at),
    )
    assert whole.obligations.rows() == [r for one in found for r in one.obligations.rows()]


@DRAWN
@given(cases())
def test_the_legs_of_an_obligation_make_up_the_whole(case):
    owed = judged(case).obligations
    for place, row in enumerate(owed.rows()):
        line = owed.table[place]
        legs = owed.legs_of(place)
        assert sum(leg[col.L_WORKED] for leg in legs) == line[col.O_WORKED]
        assert sum(leg[col.L_TO] - leg[col.L_FROM] for leg in legs) == (
            line[col.O_END] - line[col.O_START]
        )
        assert legs[0][col.L_FROM] == line[col.O_START]
        assert legs[-1][col.L_TO] == line[col.O_END]
        assert all(one[col.L_TO] == other[col.L_FROM] for one, other in pairwise(legs))
        assert [leg["owner"] for leg in row["legs"]][-1] == row["owner"]


@DRAWN
@given(cases(dates=True), st.sampled_from(["keep", "restart"]))
def test_a_version_to_come_changes_nothing_yet(case, open_promises):
    coming = case.versions[0] | {
        "version": "9",
        "valid from": "2026-12-01",
        "open promises": open_promises,
    }
    announced = replace(case, versions=[*case.versions, coming])
    one, other = judged(case), judged(announced)
    assert told(one) == told(other)
    if open_promises == "keep":
        assert one.wake_at == other.wake_at


@DRAWN
@given(cases(dates=True))
def test_a_waiver_lets_go_of_what_is_not_kept_or_excused_and_of_nothing_else(case):
    facts = [fact for fact in case.facts if fact["kind"] != "corrected"]
    asked = judged(case, facts).obligations.rows()
    strict = judged(case, [fact for fact in facts if fact["kind"] != "waived"])
    for row, without in zip(asked, strict.obligations.rows(), strict=True):
        changed = {name for name in row if row[name] != without[name]}
        assert changed <= {"verdict", "at_risk", "legs"}
        if changed:
            assert row["verdict"] == "waived"
            assert without["verdict"] in {"open", "broken", "undeterminable"}


UNCOMPILED = """
import json, sys
from leadpact.agreement.model import Agreement
from leadpact.compiled import is_compiled
from leadpact.judge import judge
from leadpact.log import Log

assert not is_compiled()
for case in json.load(sys.stdin):
    log, _ = Log.from_facts(case["facts"], zone=case["zone"], name="drawn")
    versions = [Agreement.model_validate(version) for version in case["versions"]]
    found = judge(versions, log, now=case["now"], known_at=case["known_at"])
    print(json.dumps([found.obligations.rows(), found.stories.rows(), found.wake_at]))
"""


def fixed_cases(count: int) -> list[Case]:
    """The same drawn cases at every run."""
    drawn: list[Case] = []

    @settings(DRAWN, max_examples=count, derandomize=True, database=None, phases=[Phase.generate])
    @given(cases(dates=True))
    def draw(case):
        drawn.append(case)

    draw()
    return drawn


def test_plain_python_judges_as_the_compiled_sweep():
    fixed = fixed_cases(40)
    assert sum(len(case.facts) for case in fixed) > 200
    asked = [
        {
            "versions": case.versions,
            "facts": case.facts,
            "zone": ZONE,
            "now": instant(case.now),
            "known_at": micros(case.known_at),
        }
        for case in fixed
    ]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", UNCOMPILED],
        input=json.dumps(asked),
        env={**os.environ, "LEADPACT_UNCOMPILED": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    compiled = [judged(case) for case in fixed]
    assert answers == [
        [found.obligations.rows(), found.stories.rows(), found.wake_at] for found in compiled
    ]
