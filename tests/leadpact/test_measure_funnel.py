"""Funnel, effort, acceptance and money: cohorts with maturity, attempts, decisions, revenue."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from leadpact.clock import DAY
from leadpact.log.ledger import read_ledger
from leadpact.measure.acceptance import acceptance
from leadpact.measure.effort import effort, efforts
from leadpact.measure.funnel import counts, kaplan_meier, period_rate, steps
from leadpact.measure.money import costs, deals, mix, revenues, velocity, visits
from leadpact.units import HOUR
from tests.leadpact.judged_logs import agreed, at, fact, judged, many

CONVERTED = (5, 10, 10, 20)
STILL_OPEN = (7, 12, 15, 15, 30, 30)


def test_young_leads_are_followed_for_as_long_as_they_were_seen():
    lasted = np.array([*CONVERTED, *STILL_OPEN]) * DAY
    arrived = np.array([True] * 4 + [False] * 6)
    assert kaplan_meier(lasted, arrived, 30 * DAY) == Decimal("0.55")


def cohort(days_ago, converted_after=None):
    """A lead that became an MQL so many days before the end of June and perhaps converted."""
    name = f"{days_ago}-{converted_after}"
    facts = [fact("moved", f"2026-06-{30 - days_ago:02} 12:00", name, to="mql")]
    if converted_after is not None:
        facts.append(fact("converted", f"2026-06-{30 - days_ago + converted_after:02} 12:00", name))
    return facts


def test_a_cohort_counts_only_who_had_the_days_converters_by_the_same_rule():
    facts = [*cohort(20, 5), *cohort(20), *cohort(3, 1), *cohort(3)]
    (step,) = (
        one
        for one in steps(judged(agreed({}), facts, "2026-06-30 12:00"), days=10)
        if (one.origin, one.goal) == ("mql", "sal")
    )
    assert (step.entered, step.mature, step.converted, step.so_far) == (4, 2, 1, 2)
    assert (step.figure.value, step.immature) == (Fraction(1, 2), 2)


def growing():
    return [
        one
        for month, leads, sqls in ((1, 100, 34), (2, 200, 68), (3, 50, 0))
        for one in many(leads, "moved", f"2026-0{month}-05 10:00", prefix=f"{month}-", to="mql")
        + many(sqls, "moved", f"2026-0{month + 1}-04 10:00", prefix=f"{month}-", to="sql")
    ]


def test_growth_bends_period_rates_to_17_and_136_percent_and_leaves_cohorts_at_34():
    agreement = agreed({}, definitions={"stages": ["lead", "mql", "sql", "customer"]})
    judgement = judged(agreement, growing(), "2026-04-10 00:00")
    months = [at(f"2026-0{month}-01 00:00") for month in (2, 3, 4)]
    rates = [
        period_rate(judgement, "mql", "sql", begins, ends).value
        for begins, ends in pairwise(months)
    ]
    assert rates == [Fraction(34, 200), Fraction(68, 50)]
    found = [one for one in steps(judgement, "month", days=31) if one.origin == "mql"]
    assert [(one.cohort, one.figure.value) for one in found[:2]] == [
        ("2026-01", Fraction(34, 100)),
        ("2026-02", Fraction(34, 100)),
    ]


def test_the_days_end_at_the_same_local_time_also_where_summer_begins():
    agreement = agreed({}, definitions={"stages": ["lead", "mql", "sql", "customer"]})
    facts = [
        fact("moved", "2026-03-01 10:00", "A", to="mql"),
        fact("moved", "2026-03-31 10:00", "A", to="sql"),
        fact("moved", "2026-03-01 10:00", "B", to="mql"),
        fact("moved", "2026-03-31 10:01", "B", to="sql"),
    ]
    step = steps(judged(agreement, facts, "2026-04-10 00:00"))[1]
    assert (step.mature, step.converted, step.so_far) == (2, 1, 2)


def test_stages_are_counted_by_passes_and_by_who_stands_in_them():
    facts = [fact("created", "2026-06-01 09:00", "A"), *cohort(20, 5), *cohort(3)]
    found = counts(judged(agreed({}), facts, "2026-06-30 12:00"))
    assert [(one.stage, one.entered, one.now) for one in found] == [
        ("lead", 3, 1),
        ("mql", 2, 1),
        ("sal", 1, 0),
        ("sql", 1, 0),
        ("opportunity", 1, 1),
        ("customer", 0, 0),
    ]


def test_a_lead_type_drifts_only_where_chance_does_not_explain_it():
    agreement = agreed(
        {},
        definitions={"stages": ["lead", "mql", "sql", "customer"]},
        funnel={
            "demo": {"share": "50%", "mql to sql": "34%", "win": "20%", "order value": "10"},
            "chat": {"share": "50%", "mql to sql": "34%", "win": "20%", "order value": "10"},
        },
    )
    facts = [
        one
        for kind, count, hits in (("demo", 100, 80), ("chat", 5, 5))
        for one in many(count, "created", "2026-01-05 09:00", prefix=kind, type=kind)
        + many(count, "moved", "2026-01-05 12:00", prefix=kind, to="mql")
        + many(hits, "moved", "2026-01-06 12:00", prefix=kind, to="sql")
    ]
    found = steps(judged(agreement, facts, "2026-04-10 00:00"), "lead type")
    assert {(s.cohort, s.agreed, s.drifts) for s in found if s.origin == "mql"} == {
        ("demo", Fraction(34, 100), True),
        ("chat", Fraction(34, 100), False),
    }


def test_by_lead_type_the_agreed_steps_count_each_with_the_longest_time_to_close():
    types = {
        kind: {
            "share": "50%",
            "mql to sql": "34%",
            "sql to opportunity": "82%",
            "win": "20%",
            "order value": "10",
            "closes in": closes,
        }
        for kind, closes in (("demo", "20 days"), ("chat", "45 days"))
    }
    facts = many(3, "created", "2026-06-01 09:00", type="demo")
    found = steps(judged(agreed({}, funnel=types), facts, "2026-06-30 12:00"), "lead type")
    assert [(step.origin, step.goal, step.cohort, step.days) for step in found] == []
    facts += many(3, "moved", "2026-06-02 09:00", to="opportunity")
    found = steps(judged(agreed({}, funnel=types), facts, "2026-06-30 12:00"), "lead type")
    assert [(step.origin, step.goal, step.agreed, step.days) for step in found] == [
        ("mql", "sql", Fraction(34, 100), 45),
        ("sql", "opportunity", Fraction(82, 100), 45),
        ("opportunity", "customer", Fraction(20, 100), 45),
    ]


RETURN = {"when": "mql", "return": {"after": "3 attempts without answer", "to": "re-engage"}}
WORKED = [
    fact("handed_over", "2026-06-01 09:00", "A", owner="ana"),
    fact("attempted", "2026-05-31 09:00", "A", channel="phone"),
    fact("attempted", "2026-06-01 10:00", "A", channel="phone", outcome="no answer"),
    fact("attempted", "2026-06-01 12:00", "A", channel="email"),
    fact("attempted", "2026-06-01 16:00", "A", channel="phone", outcome="reached"),
    fact("attempted", "2026-06-02 16:00", "A", channel="phone"),
    fact("handed_over", "2026-06-01 09:00", "B", owner="ben"),
    fact("attempted", "2026-06-01 10:00", "B", channel="phone", human="no"),
    fact("handed_over", "2026-06-01 09:00", "C", owner="ben"),
    fact("attempted", "2026-06-03 10:00", "C", channel="phone"),
    fact("returned", "2026-06-05 10:00", "C", to="re-engage"),
    fact("handed_over", "2026-06-15 09:00", "D", owner="ben"),
    fact("created", "2026-06-15 09:00", "E"),
]
NURTURE = {"re-engage": {"steps": [{"stage": "awareness", "send": "guide", "after": "3 days"}]}}


def test_effort_counts_human_attempts_after_the_handover():
    agreement = agreed({}, handoff=RETURN, nurture=NURTURE)
    found = effort(judged(agreement, WORKED, "2026-06-16 09:00"))
    assert (found.handed, found.attempts, found.worked) == (4, 5, 2)
    assert found.spread == (2, 1, 0, 0, 1, 0, 0, 0, 0)
    assert found.per_lead.value == Fraction(5, 2)
    assert found.touched.value == Fraction(1, 2)
    assert found.gap == 4 * HOUR
    assert found.channels == (("phone", 4), ("email", 1))
    assert found.contact.value == Fraction(1, 2)


def test_leads_that_left_or_are_young_are_not_asked_whether_they_were_worked_in_a_week():
    agreement = agreed({}, handoff=RETURN, nurture=NURTURE)
    found = effort(judged(agreement, WORKED, "2026-06-16 09:00"))
    assert (found.in_a_week.numerator, found.in_a_week.denominator) == (1, 2)
    assert found.in_a_week.undecided == 1
    assert found.unworked == (1, 0, 1)


def test_early_returns_and_too_many_attempts_go_by_the_agreed_number():
    agreement = agreed({}, handoff=RETURN, nurture=NURTURE)
    found = effort(judged(agreement, WORKED, "2026-06-16 09:00"))
    assert (found.early_returns.value, found.over_contact.value) == (1, Fraction(1, 2))
    without = effort(judged(agreed({}), WORKED, "2026-06-16 09:00"))
    assert (without.early_returns, without.over_contact) == (None, None)


def test_effort_by_rep_goes_by_the_last_owner():
    found = efforts(judged(agreed({}), WORKED, "2026-06-16 09:00"))
    assert [(one.rep, one.handed, one.worked) for one in found] == [("ana", 1, 1), ("ben", 3, 1)]
    assert found[0].to_json()["median_gap_seconds"] == "14400"


DECIDED = [
    *(fact("handed_over", "2026-06-01 09:00", lead, owner="ana") for lead in "ABCDE"),
    fact("accepted", "2026-06-01 11:00", "A"),
    fact("rejected", "2026-06-01 12:00", "B", reason="wrong size"),
    fact("rejected", "2026-06-01 13:00", "C", reason="no idea"),
    fact("accepted", "2026-06-02 09:00", "D", silent="yes"),
    fact("returned", "2026-06-03 09:00", "E", to="re-engage"),
]


def test_silence_is_no_decision_and_reasons_are_counted():
    agreement = agreed(
        {}, handoff={"when": "mql", "reasons to reject": ["wrong size", "competitor"]}
    )
    found = acceptance(judged(agreement, DECIDED, "2026-06-16 09:00"))
    assert (found.accepted, found.rejected, found.silent, found.undecided) == (1, 2, 1, 1)
    assert found.figure.value == Fraction(1, 3)
    assert found.reasons == (("no idea", 1, False), ("wrong size", 1, True))
    assert found.taken.median == 3 * HOUR
    assert found.recycled.value == Fraction(1, 4)


def test_a_second_rejection_shows_a_loop():
    facts = [
        *DECIDED,
        fact("handed_over", "2026-06-10 09:00", "B"),
        fact("rejected", "2026-06-11 09:00", "B"),
    ]
    found = acceptance(judged(agreed({}), facts, "2026-06-16 09:00"))
    assert (found.again, found.again_rejected) == (1, 1)


def test_velocity_of_120_opportunities_is_20188_a_day():
    assert round(velocity(120, 52_000, Fraction(22, 100), 68)) == 20_188


DEALS = [
    fact("converted", "2026-06-01 09:00", "A", amount=1000),
    fact("won", "2026-06-11 09:00", "A"),
    fact("created", "2026-06-01 08:00", "B", type="demo", stream="shops"),
    fact("converted", "2026-06-01 09:00", "B", amount=500),
    fact("won", "2026-06-05 09:00", "B", amount=4000),
    fact("converted", "2026-06-01 09:00", "C", amount=3000),
    fact("lost", "2026-06-05 09:00", "C", reason="price"),
    fact("converted", "2026-06-01 09:00", "D", amount="0.5"),
    fact("won", "2026-06-07 09:00", "E"),
]
GOAL = {
    "quota": {"amount": "10000", "per": "month"},
    "streams": {"shops": {"share": "60%"}, "brands": {"share": "40%"}},
}


def test_deals_go_by_the_amount_of_the_win_else_the_last_known():
    found = deals(judged(agreed({}), DEALS, "2026-06-16 09:00"))
    assert (found.opportunities, found.won, found.lost, found.open) == (5, 3, 1, 1)
    assert (found.won_amount, found.lost_amount, found.open_amount) == (5000, 3000, Fraction(1, 2))
    assert (found.closed.value, found.created.value) == (Fraction(3, 4), Fraction(3, 5))
    assert found.by_value.value == Fraction(5, 8)
    assert (found.order_value.value, found.median_order, found.valued) == (2500, 2500, 2)
    assert found.cycle == 4 * DAY
    assert found.velocity.value == Fraction(5 * 2500 * 3, 4 * 4)


def test_revenue_is_won_against_the_quota_in_all_and_by_stream():
    found = revenues(judged(agreed({}, goal=GOAL), DEALS, "2026-06-16 09:00"))
    assert [(r.stream, r.won, r.quota, r.deals, r.unvalued) for r in found] == [
        (None, 5000, 10_000, 3, 1),
        ("shops", 4000, 6000, 1, 0),
        ("brands", 0, 4000, 0, 0),
    ]
    assert found[0].figure.value == Fraction(1, 2)


def ledger(text):
    found, problems = read_ledger(text)
    assert problems == []
    return found


def test_costs_and_visits_come_from_the_ledger(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(
        "day,measure,amount\n2026-05-31,spend,999\n2026-06-01,spend,300\n2026-06-01,visitors,400\n"
    )
    judgement = judged(agreed({}), DEALS, "2026-06-16 09:00")
    found = {cost.stage: cost.figure.value for cost in costs(judgement, ledger(path))}
    assert found["lead"] == 60
    assert found["customer"] == 100
    assert visits(judgement, ledger(path)).value == Fraction(5, 400)


def test_a_ledger_without_spend_says_nothing(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text("day,measure,amount\n2026-06-01,clicks,300\n")
    judgement = judged(agreed({}), DEALS, "2026-06-16 09:00")
    assert costs(judgement, ledger(path)) == []
    assert visits(judgement, ledger(path)) is None


def test_the_mix_is_what_qualified_by_lead_type():
    found = mix(judged(agreed({}), DEALS, "2026-06-16 09:00"))
    assert [(part.lead_type, part.count) for part in found] == [(None, 4), ("demo", 1)]


@pytest.mark.parametrize(
    "measure", [steps, counts, mix, deals, revenues, acceptance, effort, efforts]
)
def test_an_empty_log_is_measured_too(measure):
    assert measure(judged(agreed({}, goal=GOAL), [], "2026-06-16 09:00")) is not None
