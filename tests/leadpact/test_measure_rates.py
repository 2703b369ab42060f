"""Rates: cohorts, maturity, intervals and minimum counts."""

from decimal import Decimal
from fractions import Fraction

import pytest

from leadpact.measure import rates, wilson
from tests.leadpact.judged_logs import agreed, fact, judged, many


@pytest.mark.parametrize(
    "hits, count, low, high",
    [
        (18, 250, "4.6", "11.1"),
        (17, 250, "4.3", "10.6"),
        (250, 3900, "5.7", "7.2"),
        (3, 10, "10.8", "60.3"),
        (19, 20, "76.4", "99.1"),
        (0, 5, "0.0", "43.4"),
    ],
)
def test_the_interval_of_wilson(hits, count, low, high):
    found = wilson(hits, count)
    shown = [str((end * 100).quantize(Decimal("0.1"))) for end in (found.low, found.high)]
    assert shown == [low, high]


def test_nothing_has_no_interval():
    assert wilson(0, 0) is None


def test_all_of_five_may_truly_be_all():
    assert wilson(5, 5).high == 1


def conversion(**clause):
    said = {"ratio": "opportunity of mql", "at least": "7%", "each": "month", **clause}
    return {"sales": {"conversion": said}}


def cohort(count, hits, first="2026-06-02 10:00", later="2026-06-20 10:00"):
    return many(count, "moved", first, to="mql") + many(hits, "converted", later)


def only(agreement, facts, now):
    return next(iter(rates(judged(agreement, facts, now))))


@pytest.mark.parametrize(
    "hits, count, verdict",
    [
        (18, 250, "kept"),
        (17, 250, "undeterminable"),
        (5, 250, "broken"),
        (2, 29, "undeterminable"),
        (3, 29, "undeterminable"),
        (3, 30, "kept"),
    ],
)
def test_a_rate_is_broken_only_where_the_whole_interval_misses_it(hits, count, verdict):
    rate = only(agreed(conversion()), cohort(count, hits), "2026-07-03 00:00")
    assert (rate.numerator, rate.denominator, rate.verdict) == (hits, count, verdict)
    assert rate.rate == Fraction(hits, count)


def test_a_rate_is_open_while_its_period_runs():
    rate = only(agreed(conversion()), cohort(250, 0), "2026-06-30 23:59")
    assert (rate.verdict, rate.still_open) == ("open", 250)


def test_leads_that_may_still_arrive_keep_a_rate_open():
    facts = cohort(250, 5, first="2026-06-25 10:00", later="2026-06-26 10:00")
    rate = only(agreed(conversion()), facts, "2026-07-01 00:00")
    assert (rate.verdict, rate.still_open) == ("open", 245)
    closed = [fact("lost", "2026-06-30 10:00", f"L{n:05}") for n in range(5, 250)]
    assert only(agreed(conversion()), facts + closed, "2026-07-01 00:00").verdict == "broken"


def test_a_rate_that_open_leads_can_only_better_is_kept_at_once():
    facts = cohort(250, 18, first="2026-06-25 10:00", later="2026-06-26 10:00")
    assert only(agreed(conversion()), facts, "2026-07-01 00:00").verdict == "kept"


def test_only_cohorts_that_had_the_days_count_converters_by_the_same_rule():
    agreement = agreed(conversion(**{"mature after": "30 days", "minimum count": "1"}))
    facts = [
        fact("moved", "2026-06-01 10:00", "A", to="mql"),
        fact("converted", "2026-06-05 10:00", "A"),
        fact("moved", "2026-06-20 10:00", "B", to="mql"),
        fact("converted", "2026-06-21 10:00", "B"),
        fact("moved", "2026-06-20 10:00", "C", to="mql"),
    ]
    young = only(agreement, facts, "2026-07-05 00:00")
    assert (young.numerator, young.denominator, young.immature) == (1, 1, 2)
    assert young.verdict == "open"
    ripe = only(agreement, facts, "2026-07-21 00:00")
    assert (ripe.numerator, ripe.denominator, ripe.immature) == (2, 3, 0)
    assert ripe.verdict == "kept"


def test_who_arrives_after_the_days_did_not_arrive_in_time():
    agreement = agreed(conversion(**{"mature after": "10 days"}))
    facts = [
        fact("moved", "2026-06-01 10:00", "A", to="mql"),
        fact("converted", "2026-06-11 10:00", "A"),
        fact("moved", "2026-06-01 10:00", "B", to="mql"),
        fact("converted", "2026-06-11 10:01", "B"),
    ]
    rate = only(agreement, facts, "2026-07-05 00:00")
    assert (rate.numerator, rate.denominator) == (1, 2)


def test_a_cohort_converts_34_percent_however_fast_the_business_grows():
    agreement = agreed(
        {"both": {"sqls": {"ratio": "sql of mql", "at least": "34%", "minimum count": "1"}}},
        **{"valid from": "2026-01-01"},
    )
    facts = [
        one
        for month, leads, sqls in ((1, 100, 34), (2, 200, 68), (3, 50, 0))
        for one in many(leads, "moved", f"2026-0{month}-05 10:00", prefix=f"{month}-", to="mql")
        + many(sqls, "moved", f"2026-0{month + 1}-06 10:00", prefix=f"{month}-", to="sql")
    ]
    found = rates(judged(agreement, facts, "2026-04-01 00:00"))
    assert [r.rate for r in found[:2]] == [Fraction(34, 100)] * 2


def test_at_most_is_broken_where_even_the_least_is_more():
    clause = {"ratio": "rejected of mql", "at most": "20%", "each": "month"}
    facts = cohort(100, 0) + many(40, "rejected", "2026-06-22 10:00", reason="wrong size")
    rate = only(agreed({"marketing": {"rejects": clause}}), facts, "2026-07-01 00:00")
    assert (rate.numerator, rate.verdict) == (40, "broken")


def test_a_cohort_belongs_to_who_owned_it_at_entry_or_first_afterwards():
    agreement = agreed(conversion(per="rep"))
    facts = [
        fact("moved", "2026-06-02 10:00", "A", to="mql"),
        fact("handed_over", "2026-06-02 10:01", "A", owner="ana"),
        fact("assigned", "2026-06-03 10:01", "A", owner="ben"),
        fact("handed_over", "2026-06-02 10:01", "B", owner="ben"),
    ]
    found = rates(judged(agreement, facts, "2026-07-01 00:00"))
    assert [(r.rep, r.denominator) for r in found[:2]] == [("ana", 1), ("ben", 1)]


def test_packets_are_complete_unless_they_lack_something_and_undecided_in_silence():
    clause = {"ratio": "complete packets of handoffs", "at least": "95%", "each": "month"}
    facts = [
        fact("handed_over", "2026-06-02 10:00", "A", packet="source, phone"),
        fact("handed_over", "2026-06-02 10:00", "B", packet="source", missing="phone"),
        fact("handed_over", "2026-06-02 10:00", "C"),
    ]
    rate = only(agreed({"marketing": {"packet": clause}}), facts, "2026-07-01 00:00")
    assert (rate.numerator, rate.denominator, rate.undecided) == (1, 2, 1)


def test_the_json_form_says_the_interval_and_its_confidence():
    form = only(agreed(conversion()), cohort(250, 17), "2026-07-01 00:00").to_json()
    assert form["rate"] == "0.068"
    assert form["interval"] == {"low": "0.042886", "high": "0.106189", "confidence": "0.95"}
    assert form["minimum_count"] == 30
