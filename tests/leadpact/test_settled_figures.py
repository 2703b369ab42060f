"""What is settled about figures: rates by cohorts, plans that add up, what stays visible."""

from fractions import Fraction

import pytest

from leadpact.measure import compliance, deliveries, effort, misses, rates
from leadpact.plan import plan
from leadpact.program.columns import EXCUSED
from tests.leadpact.judged_logs import fact, many
from tests.leadpact.told import FIRST_CONTACT, LADDER, agreed, judged

STAGES = "definitions: {stages: [lead, mql, sal, sql, opportunity, customer]}\n"
JULY = "2026-07-01 00:00"


def rate(clause):
    return "valid from: 2026-06-01\n" + STAGES + f"promises: {{sales: {{conversion: {clause}}}}}\n"


def cohort(count, hits, day="02", later="2026-06-20 10:00"):
    mqls = many(count, "moved", f"2026-06-{day} 10:00", to="mql")
    return mqls + many(hits, "converted", later)


# Rates.


def test_unless_said_a_rate_is_judged_by_the_month_with_wilsons_interval_from_30_on():
    clauses = rate("{ratio: opportunity of mql, at least: 7%}")
    first = rates(judged(clauses, cohort(250, 18), JULY))[0]
    assert (first.period.name, first.minimum_count, first.verdict) == ("2026-06", 30, "kept")
    assert (round(first.interval.low, 3), round(first.interval.high, 3)) == (
        Fraction(46, 1000),
        Fraction(111, 1000),
    )


@pytest.mark.parametrize("hits", [0, 1, 29])
def test_below_the_minimum_count_a_rate_is_undecided(hits):
    clauses = rate("{ratio: opportunity of mql, at least: 7%}")
    assert rates(judged(clauses, cohort(29, hits), JULY))[0].verdict == "undeterminable"


@pytest.mark.parametrize(
    "now, verdict, immature",
    [
        (JULY, "open", 250),
        ("2026-07-02 09:59", "open", 250),
        ("2026-07-02 14:10", "broken", 0),
    ],
)
def test_a_cohort_that_had_not_its_time_yet_is_immature_and_not_bad(now, verdict, immature):
    clauses = rate("{ratio: opportunity of mql, at least: 7%, mature after: 30 days}")
    found = rates(judged(clauses, cohort(250, 0), now))[0]
    assert (found.verdict, found.immature) == (verdict, immature)


def test_who_arrived_early_counts_no_sooner_than_the_rest_of_the_cohort():
    clauses = rate(
        "{ratio: opportunity of mql, at least: 7%, mature after: 30 days, minimum count: 1}"
    )
    facts = [*cohort(1, 1, later="2026-06-03 10:00")]
    facts += [fact("moved", "2026-06-25 10:00", "young", to="mql")]
    facts += [fact("converted", "2026-06-26 10:00", "young")]
    found = rates(judged(clauses, facts, "2026-07-05 00:00"))[0]
    assert (found.numerator, found.denominator, found.immature) == (1, 1, 1)


def test_a_pass_counts_in_the_cohort_of_the_month_it_entered_in():
    clauses = rate("{ratio: opportunity of mql, at least: 7%, minimum count: 1}")
    found = rates(judged(clauses, cohort(10, 5, "30", "2026-07-20 10:00"), "2026-08-01 00:00"))
    assert [(one.period.name, one.numerator, one.denominator) for one in found[:2]] == [
        ("2026-06", 5, 10),
        ("2026-07", 0, 0),
    ]


def test_lost_deals_stay_in_the_denominator():
    clauses = rate("{ratio: customer of opportunity, at least: 20%, minimum count: 1}")
    facts = [
        *many(4, "converted", "2026-06-02 10:00"),
        *many(3, "lost", "2026-06-10 10:00"),
        fact("won", "2026-06-11 10:00", "L00003"),
    ]
    found = rates(judged(clauses, facts, JULY))[0]
    assert (found.numerator, found.denominator) == (1, 4)


def test_no_person_is_told_to_miss_a_target_on_small_numbers():
    clauses = FIRST_CONTACT.replace("4 working hours", "4 working hours, target: 95%")
    facts = many(29, "handed_over", "2026-03-09 09:00", owner="ana")
    lines = compliance(judged(clauses, facts, "2026-03-20 09:00"))
    assert {(line.by, line.broken, line.state) for line in lines if line.by == "rep"} == {
        ("rep", 29, "undecided")
    }
    facts = many(30, "handed_over", "2026-03-09 09:00", owner="ana")
    (line,) = (
        one for one in compliance(judged(clauses, facts, "2026-03-20 09:00")) if one.by == "rep"
    )
    assert (line.state, line.figure.interval is not None) == ("missed", True)


# Volumes.


@pytest.mark.parametrize(
    "count, verdict", [(8, "broken"), (9, "kept"), (11, "kept"), (12, "broken")]
)
def test_the_tolerance_holds_on_both_sides_ends_included(count, verdict):
    clauses = (
        "valid from: 2026-06-01\n"
        + STAGES
        + "promises: {marketing: {volume: {deliver: mql, amount: 10, tolerance: 10%}}}\n"
    )
    found = deliveries(judged(clauses, cohort(count, 0), JULY))[0]
    assert (found.low, found.high, found.verdict) == (9, 11, verdict)


# What was disposed of, waived or missed stays visible.


def test_early_disposals_are_listed_beside_what_was_kept():
    told = """
        2026-03-09 09:00  handed_over  lead=A
        2026-03-09 10:00  rejected     lead=A
        2026-03-09 09:00  handed_over  lead=B
        2026-03-09 10:00  attempted    lead=B
        2026-03-09 11:00  returned     lead=B to=re-engage
    """
    clauses = """
handoff: {when: mql, return: {after: 7 attempts, to: re-engage}}
nurture: {re-engage: {steps: [{stage: awareness, send: guide, after: 3 days}]}}
"""
    found = judged(clauses + FIRST_CONTACT, told, "2026-03-20 09:00")
    (line, *_others) = compliance(found)
    assert (line.kept, line.due, line.counts[EXCUSED]) == (1, 1, 1)
    made = effort(found)
    assert (made.returned, made.returned_early) == (1, 1)


def test_what_is_missed_bears_the_name_of_the_lead():
    told = "2026-03-09 09:00  handed_over  lead=A owner=ana"
    found = misses(judged(FIRST_CONTACT, told, "2026-03-20 09:00"))
    assert [(miss.lead, miss.owner, miss.cause) for miss in found.latest] == [
        ("A", "ana", "never answered")
    ]


def test_a_rung_that_does_not_apply_is_no_failure():
    told = """
        2026-03-02 09:00  handed_over
        2026-03-03 09:00  attempted
        2026-03-11 09:00  converted
    """
    lines = compliance(judged(LADDER, told, "2026-06-30 09:00"))
    assert {(line.rung, line.due, line.counts[EXCUSED]) for line in lines if line.by == "rung"} == {
        (3, 0, 1),
        (5, 0, 1),
        (7, 0, 1),
    }


# Plans.

FUNNEL = "mql to sql: 34%, sql to opportunity: 82%, win: 23%, order value: 2000"
TERM = "term: {from: 2026-01-01, to: 2026-12-31}\ndefinitions: {stages: [lead, mql, sql, opportunity, customer]}\n"
MONTHLY = "goal: {quota: {amount: 500000, per: month}}\n"


def planned(clauses, **asked):
    found, problems = plan(agreed(TERM + clauses), **asked)
    assert problems == []
    return found


def test_the_plan_rounds_up_at_each_step_unless_said_and_prints_it():
    found = planned(MONTHLY + f"funnel: {{web: {{{FUNNEL}}}}}\n")
    assert found.rows[0].leads == 3900
    assert found.to_json()["rounding"] == "each step up"


def test_parts_of_a_plan_sum_to_the_whole():
    streams = MONTHLY.replace("month}", "month}, streams: {a: {share: 1/3}, b: {share: 2/3}}")
    found = planned(
        streams + f"funnel: {{web: {{share: 70%, {FUNNEL}}}, fair: {{share: 30%, {FUNNEL}}}}}\n"
    )
    january = [row for row in found.rows if row.month == found.months[0]]
    assert (sum(row.leads for row in january), sum(row.deals for row in january)) == (3900, 250)
    assert sum(row.quota for row in january) == 500_000


def test_without_a_share_each_lead_type_alone_carries_the_quota():
    found = planned(MONTHLY + f"funnel: {{web: {{{FUNNEL}}}, fair: {{{FUNNEL}}}}}\n")
    january = [row for row in found.rows if row.month == found.months[0]]
    assert [(row.lead_type, row.leads, row.deals) for row in january] == [
        ("web", 3900, 250),
        ("fair", 3900, 250),
    ]


def test_a_quota_per_month_stays_and_a_yearly_one_is_split_by_working_days():
    monthly = planned(MONTHLY + f"funnel: {{web: {{{FUNNEL}}}}}\n").rows
    assert {row.quota for row in monthly} == {500_000}
    yearly = MONTHLY.replace("500000, per: month", "2610000, per: year")
    found = planned(yearly + f"funnel: {{web: {{{FUNNEL}}}}}\n").rows
    assert [row.month.working_days for row in found[:2]] == [22, 20]
    assert [row.quota for row in found[:2]] == [220_000, 200_000]  # 261 working days in 2026
    assert sum(row.quota for row in found) == 2_610_000
