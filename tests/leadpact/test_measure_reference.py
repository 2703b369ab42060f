"""Every main figure equals a slow recomputation, and opens to the leads that it counted."""

from collections import Counter
from datetime import date
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.measure import compliance, deliveries, kaplan_meier, rates, rows_of, steps, times
from tests.leadpact.judged_logs import STAGES, ZONE, agreed, fact, judged
from tests.leadpact.reference import measure_slowly as slowly

AGREEMENT = agreed(
    {
        "marketing": {
            "volume": {"deliver": "mql", "amount": "3", "each": "month", "tolerance": "50%"}
        },
        "sales": {
            "first contact": {
                "after": "handed over",
                "do": "attempted",
                "within": "4 working hours",
                "unless": ["returned"],
            },
            "follow-up": {
                "after": "handed over",
                "do": "attempted",
                "ladder": [{"times": 2, "within": "3 days"}, {"times": 3, "within": "7 days"}],
            },
            "conversion": {
                "ratio": "opportunity of mql",
                "at least": "50%",
                "mature after": "5 days",
                "minimum count": "1",
            },
        },
    }
)
NOW = "2026-06-25 12:34"
KINDS = ("created", "handed_over", "assigned", "attempted", "moved", "converted", "returned")


@st.composite
def logs(draw):
    count = draw(st.integers(1, 25))
    return [one_fact(draw, number) for number in range(count)]


def one_fact(draw, number):
    kind = draw(st.sampled_from(KINDS))
    day, hour = draw(st.integers(1, 29)), draw(st.integers(7, 18))
    fields = {"source_id": f"{number:03}"}
    if kind == "moved":
        fields["to"] = draw(st.sampled_from(STAGES[1:5]))
    elif kind in {"assigned", "handed_over"}:
        fields["owner"] = draw(st.sampled_from(("ana", "ben")))
    # Minutes of their own: what happens at one instant has an order that a plain loop can't see.
    return fact(
        kind, f"2026-06-{day:02} {hour:02}:{number:02}", draw(st.sampled_from("ABC")), **fields
    )


@settings(max_examples=150, deadline=None)
@given(logs())
def test_compliance_equals_a_slow_count_of_the_obligations(facts):
    judgement = judged(AGREEMENT, facts, NOW)
    slow = slowly.compliance(judgement.obligations.rows(), merged=set())
    fast = {
        (
            line.promise,
            line.by,
            {"rung": line.rung, "rep": line.rep, "week": line.week}.get(line.by),
        ): (line.counts)
        for line in compliance(judgement)
        if line.by != "lead type" and sum(line.counts)
    }
    assert fast == slow


@settings(max_examples=100, deadline=None)
@given(logs())
def test_deliveries_and_cohorts_equal_a_slow_walk_over_the_facts(facts):
    judgement = judged(AGREEMENT, facts, NOW)
    now = slowly.local(NOW, ZONE)
    entered = slowly.entries(facts, STAGES, "opportunity", ZONE, set(), now)
    (june,) = deliveries(judgement)
    assert june.actual == slowly.by_month(entered, "mql")["2026-06"]
    gone = slowly.weekdays_until(date(2026, 6, 1), now, date(2026, 6, 30))
    assert june.pace.elapsed == gone
    (rate,) = rates(judgement)
    count, mature, hits = slowly.cohort(entered, "mql", "opportunity", 5, now)
    assert (rate.denominator, rate.numerator, rate.immature) == (mature, hits, count - mature)
    for step in steps(judgement, days=5):
        expected = slowly.cohort(entered, step.origin, step.goal, 5, now)
        assert (step.entered, step.mature, step.converted) == expected


@settings(max_examples=100, deadline=None)
@given(logs())
def test_every_share_opens_to_the_leads_that_it_counted(facts):
    judgement = judged(AGREEMENT, facts, NOW)
    figures = [line.figure for line in compliance(judgement)]
    figures += [step.figure for by in ("all", "month") for step in steps(judgement, by, days=5)]
    for figure in figures:
        counted = Counter(rows_of(judgement, figure.grounds))
        hits = Counter(rows_of(judgement, figure.grounds, hit=True))
        assert (sum(hits.values()), sum(counted.values())) == (figure.numerator, figure.denominator)
        assert hits <= counted


@given(
    st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30),
    st.integers(0, 20),
)
def test_survival_equals_the_exact_product(observed, within):
    lasted, arrived = zip(*observed, strict=True)
    estimate = Fraction(kaplan_meier(np.array(lasted), np.array(arrived), within))
    assert abs(estimate - slowly.survival(lasted, arrived, within)) < Fraction(1, 10**6)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40))
def test_percentiles_go_by_nearest_rank(values):
    found = times(np.array(values))
    assert found.p75 == slowly.nearest_rank(values, Fraction(3, 4))
    assert found.p90 == slowly.nearest_rank(values, Fraction(9, 10))
    assert sum(found.bars) == len(values)
