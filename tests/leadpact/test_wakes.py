"""When to look again, lead by lead: nothing changes in between, and everything is seen in time."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadpact.judge import Judgement, judge
from leadpact.log import Log
from leadpact.notices import notices
from leadpact.program.columns import NEVER
from leadpact.rulings import rulings
from tests.leadpact.judged_logs import ZONE, agreed, at, fact, judged
from tests.leadpact.reference.slow_clock import instant
from tests.leadpact.reference.strategies import DAYS, FIRST, Case, cases, micros

DRAWN = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MOMENTS = st.lists(st.integers(0, (DAYS + 20) * 24 * 60), min_size=1, max_size=20)
SHARES = st.lists(
    st.sampled_from(["25%", "50%", "90%", "100%", "110%", "150%", "300%"]),
    min_size=1,
    max_size=4,
    unique=True,
)


def seen_of_leads(judgement: Judgement) -> dict[str, tuple]:
    """Of each lead what its obligations, its story and its notices say, seconds apart."""
    keys = ("promise", "pass", "occurrence", "rung", "version", "started_at", "due_at")
    also = ("answered_at", "verdict", "at_risk", "owner")
    found: dict[str, tuple] = {row["lead"]: (row, [], set()) for row in judgement.stories.rows()}
    for row in judgement.obligations.rows():
        legs = [(leg["owner"], leg["from"], leg["verdict"]) for leg in row["legs"]]
        found[row["lead"]][1].append(([row[key] for key in (*keys, *also)], legs))
    for notice in notices(rulings(judgement.obligations, judgement.stories)):
        found[notice.lead][2].add(notice.key)
    return found


def wakes_of(judgement: Judgement) -> dict[str, int]:
    """The next instant to look at each lead, of which something may have happened or not."""
    assert len(judgement.wakes) == len(judgement.log.keys)
    own = dict(zip(judgement.log.keys, judgement.wakes.tolist(), strict=True))
    assert not own.keys() & judgement.coming.keys()
    return {**own, **judgement.coming}


@DRAWN
@given(cases(dates=True), MOMENTS, SHARES)
def test_looking_at_each_lead_only_when_it_wakes_equals_looking_all_the_time(case, minutes, shares):
    versions = escalating(case, shares)
    log, problems = Log.from_facts(case.facts, zone=ZONE)
    assert problems == []

    def judged_at(now: int) -> Judgement:
        return judge(versions, log, now=now, known_at=micros(case.known_at))

    begin = instant(FIRST)
    grid = sorted({begin + minute * 60_000_000 for minute in minutes})
    first = judged_at(grid[0])
    known, wakes = seen_of_leads(first), wakes_of(first)
    for moment in grid:
        while (soonest := min(wakes.values(), default=NEVER)) <= moment:
            woken = judged_at(soonest)
            seen, ahead = seen_of_leads(woken), wakes_of(woken)
            for lead in [lead for lead, wake in wakes.items() if wake == soonest]:
                assert lead in seen
                known[lead], wakes[lead] = seen[lead], ahead[lead]
                assert wakes[lead] > soonest
        assert seen_of_leads(judged_at(moment)) == known


def escalating(case: Case, shares: list[str]):
    """The case's versions, each promise of which escalates at these shares."""
    for version in case.versions:
        for promise in version["promises"]["sales"].values():
            promise["escalate"] = [{"at": share, "to": "manager"} for share in shares]
    return case.agreements


def contact(within: str = "4 working hours", **terms):
    clause = {"after": "handed over", "do": "attempted", "within": within, **terms}
    return agreed({"sales": {"first contact": clause}})


HANDED = fact("handed_over", "2026-06-01 09:00", owner="ana")


def instants_of_waking(agreement, facts, first: str, lead: str = "L") -> list[str]:
    """The local instants at which a lead wakes, one after the other, from a moment on."""
    judgement = judged(agreement, facts, first)
    found = []
    while (wake := wakes_of(judgement)[lead]) != NEVER and len(found) < 20:
        told = timedelta(microseconds=wake - at("2026-06-01"))
        found.append(f"{told}")
        judgement = judge(judgement.program, log_of(facts), now=wake)
    return found


def log_of(facts) -> Log:
    return Log.from_facts([{"lead": "L", **each} for each in facts], zone=ZONE)[0]


def test_a_lead_wakes_for_the_warning_every_escalation_and_just_after_it_is_due():
    steps = [{"at": share, "to": "manager"} for share in ("50%", "100%", "150%", "200%")]
    agreement = contact(**{"warn at": "75%", "escalate": steps})
    assert instants_of_waking(agreement, [HANDED], "2026-06-01 09:00") == [
        "11:00:00",
        "12:00:00",
        "13:00:00",
        "13:00:00.000001",
        "15:00:00",
        "17:00:00",
    ]


def test_an_escalation_beyond_the_due_time_waits_for_a_pause_to_end():
    agreement = contact("2 hours", escalate=[{"at": "200%", "to": "manager"}])
    pause = [fact("paused", "2026-06-01 12:00"), fact("resumed", "2026-06-01 16:00")]
    for within in ("2 hours", "2 working hours"):
        agreement = contact(within, escalate=[{"at": "200%", "to": "manager"}])
        waking = instants_of_waking(agreement, [HANDED, *pause], "2026-06-01 11:30")
        assert waking == ["12:00:00", "16:00:00", "17:00:00"]
        assert instants_of_waking(agreement, [HANDED, pause[0]], "2026-06-01 12:00") == []


def test_an_escalation_beyond_the_due_time_runs_on_the_new_owners_clock():
    desks = {
        "office": {"open": {"mon-fri": ["09:00-17:00"]}},
        "late": {"open": {"mon-fri": ["14:00-22:00"]}},
    }
    clause = {"after": "handed over", "do": "attempted", "within": "2 working hours"}
    agreement = agreed(
        {"sales": {"first contact": clause | {"escalate": [{"at": "200%", "to": "manager"}]}}},
        calendars=desks,
        people={"ana": {}, "ben": {"calendar": "late"}},
    )
    facts = [HANDED, fact("assigned", "2026-06-01 12:00", owner="ben")]
    assert instants_of_waking(agreement, facts, "2026-06-01 12:00") == ["15:00:00"]


def test_time_beyond_what_64_bits_of_millionths_hold_escalates_in_time():
    agreement = contact("9000 hours", escalate=[{"at": "150%", "to": "manager"}])
    waking = instants_of_waking(agreement, [HANDED], "2026-06-01 09:00")
    assert waking == [
        "375 days, 9:00:00",
        "375 days, 9:00:00.000001",
        "562 days, 21:00:00",
    ]


def test_a_pause_that_reaches_its_cap_wakes_a_lead_that_owes_nothing():
    agreement = agreed({}, pauses={"at most": "2 days"})
    facts = [fact("created", "2026-06-01 09:00"), fact("paused", "2026-06-01 10:00")]
    assert instants_of_waking(agreement, facts, "2026-06-01 11:00") == ["2 days, 10:00:00"]


def test_each_lead_wakes_for_itself():
    facts = [HANDED, HANDED | {"lead": "M", "occurred_at": "2026-06-01 10:00"}]
    facts += [fact("created", "2026-06-01 09:00", "N")]
    found = judged(contact(), facts, "2026-06-01 10:30")
    assert wakes_of(found) == {"L": at("2026-06-01 13:00"), "M": at("2026-06-01 14:00"), "N": NEVER}
    assert found.wake_at == at("2026-06-01 13:00")


def test_a_lead_of_which_nothing_has_happened_yet_is_named_with_its_first_fact():
    facts = [fact("created", "2026-06-01 09:00"), fact("created", "2026-06-02 09:00", "M")]
    found = judged(contact(), facts, "2026-06-01 10:00")
    assert (found.log.keys, found.wakes.tolist()) == (["L"], [NEVER])
    assert found.coming == {"M": at("2026-06-02 09:00")}
    assert found.wake_at == at("2026-06-02 09:00")


def test_a_recycle_date_wakes_its_lead():
    facts = [HANDED, fact("returned", "2026-06-01 10:00", not_before="2026-07-01T09:00:00+02:00")]
    found = judged(agreed({}), [*facts, HANDED | {"lead": "M"}], "2026-06-01 11:00")
    assert wakes_of(found) == {"L": at("2026-07-01 09:00"), "M": NEVER}


@pytest.mark.parametrize("told", ["M", "L"])
def test_facts_to_come_wake_the_leads_that_they_are_merged_with(told):
    facts = [
        fact("created", "2026-06-01 09:00"),
        fact("created", "2026-06-01 09:00", "M"),
        fact("created", "2026-06-01 09:00", "N"),
        fact("merged", "2026-06-01 10:00", "M", into="L"),
        fact("replied", "2026-06-02 09:00", told),
    ]
    found = judged(agreed({}), facts, "2026-06-01 11:00")
    moment = at("2026-06-02 09:00")
    assert wakes_of(found) == {"L": moment, "M": moment, "N": NEVER}


def test_a_merge_to_come_wakes_the_lead_that_survives():
    facts = [
        fact("created", "2026-06-01 09:00"),
        HANDED | {"lead": "M"},
        fact("merged", "2026-06-01 12:00", "M", into="L"),
    ]
    found = judged(contact(), facts, "2026-06-01 10:00")
    assert wakes_of(found) == {"L": at("2026-06-01 12:00"), "M": at("2026-06-01 12:00")}


def test_facts_to_come_of_an_account_wake_its_leads_and_no_others():
    facts = [
        fact("created", "2026-06-01 09:00", account="Acme"),
        fact("created", "2026-06-01 09:00", "M", account="Acme"),
        fact("created", "2026-06-01 09:00", "N", account="Bolt"),
        {"lead": None, "account": "Acme", "occurred_at": "2026-06-02 09:00", "kind": "replied"},
    ]
    found = judged(agreed({}), facts, "2026-06-01 10:00")
    moment = at("2026-06-02 09:00")
    assert wakes_of(found) == {"L": moment, "M": moment, "N": NEVER}


def test_a_fact_that_is_not_known_yet_wakes_nobody():
    late = fact("attempted", "2026-06-02 09:00", recorded_at="2026-06-03 09:00")
    log = log_of([fact("created", "2026-06-01 09:00"), late])
    now, known = at("2026-06-01 10:00"), at("2026-06-02 12:00")
    assert judge([agreed({})], log, now=now, known_at=known).wakes.tolist() == [NEVER]
    assert judge([agreed({})], log, now=now).wakes.tolist() == [at("2026-06-02 09:00")]
