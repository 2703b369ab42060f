"""Deliveries: periods, targets, bands, pace, streaks, in the figures of the trade."""

from decimal import Decimal
from fractions import Fraction

import pytest

from leadpact.measure import deliveries
from leadpact.plan.tolerance import band
from tests.leadpact.judged_logs import agreed, fact, judged, many


def volume(**clause):
    return {"marketing": {"volume": {"deliver": "mql", "each": "month", **clause}}}


def only(agreement, facts, now):
    (delivery,) = deliveries(judged(agreement, facts, now))
    return delivery


@pytest.mark.parametrize(
    "count, state, verdict",
    [
        (3509, "under", "broken"),
        (3510, "within", "kept"),
        (4290, "within", "kept"),
        (4291, "over", "broken"),
    ],
)
def test_a_tenth_around_3900_is_kept_on_both_sides_ends_included(count, state, verdict):
    agreement = agreed(volume(amount="3900", tolerance="10%"))
    facts = many(count, "moved", "2026-06-01 00:00", to="mql")
    delivery = deliveries(judged(agreement, facts, "2026-07-01 00:00"))[0]
    assert (delivery.actual, delivery.state, delivery.verdict) == (count, state, verdict)
    assert (delivery.low, delivery.high, delivery.target) == (3510, 4290, 3900)


def test_after_10_of_22_working_days_of_june_1773_are_expected():
    agreement = agreed(volume(amount="3900", tolerance="10%"))
    delivery = only(
        agreement, many(1773, "moved", "2026-06-01 00:00", to="mql"), "2026-06-13 12:00"
    )
    pace = delivery.pace
    assert (pace.elapsed, pace.expected) == (Fraction(10, 22), 1773)
    assert (pace.low, pace.high, pace.state) == (1596, 1950, "within")
    assert (delivery.verdict, delivery.state) == ("open", None)
    assert pace.ratio == Fraction(1773 * 22, 39000)


def test_half_a_working_day_counts_by_its_hours():
    pace = only(agreed(volume(amount="44")), [], "2026-06-01 13:00").pace
    assert pace.elapsed == Fraction(1, 44)


@pytest.mark.parametrize(
    "count, verdict", [(16, "broken"), (17, "kept"), (19, "kept"), (20, "broken")]
)
def test_a_tenth_around_18_is_17_to_19(count, verdict):
    agreement = agreed(volume(amount="18", tolerance="10%"))
    facts = many(count, "moved", "2026-06-02 10:00", to="mql")
    delivery = deliveries(judged(agreement, facts, "2026-07-01 00:00"))[0]
    assert (delivery.low, delivery.high, delivery.verdict) == (17, 19, verdict)


def test_more_is_welcome_where_the_promise_says_at_least():
    agreement = agreed(volume(amount="2", **{"at least": "yes"}))
    facts = many(5, "moved", "2026-06-02 10:00", to="mql")
    delivery = deliveries(judged(agreement, facts, "2026-07-02 00:00"))[0]
    assert (delivery.state, delivery.verdict, delivery.high) == ("over", "kept", None)


def test_a_pass_counts_in_the_month_in_which_it_entered_in_local_time():
    facts = [
        fact("moved", "2026-06-30T21:59:59Z", "A", to="mql"),
        fact("moved", "2026-06-30T22:00:00Z", "B", to="mql"),
    ]
    found = deliveries(judged(agreed(volume(amount="1")), facts, "2026-07-31 00:00"))
    assert [(d.period.name, d.actual) for d in found] == [("2026-06", 1), ("2026-07", 1)]


def test_skipped_stages_are_entered_at_the_same_instant_and_each_pass_counts_once():
    facts = [
        fact("created", "2026-06-01 09:00"),
        fact("converted", "2026-06-02 09:00"),
        fact("moved", "2026-06-03 09:00", to="mql"),
        fact("returned", "2026-06-04 09:00", to="re-engage"),
        fact("moved", "2026-06-20 09:00", to="mql"),
    ]
    assert only(agreed(volume(amount="2")), facts, "2026-06-30 00:00").actual == 2


def test_a_lead_that_was_merged_away_is_counted_once():
    facts = [
        fact("moved", "2026-06-01 09:00", "A", to="mql"),
        fact("moved", "2026-06-02 09:00", "B", to="mql"),
        fact("merged", "2026-06-03 09:00", "B", into="A"),
    ]
    assert only(agreed(volume(amount="2")), facts, "2026-06-30 00:00").actual == 1


def test_conditions_hold_as_of_the_entry():
    clause = {"for": {"industry": "retail"}, "amount": "1"}
    facts = [
        fact("described", "2026-06-01 08:00", "A", industry="retail"),
        fact("moved", "2026-06-01 09:00", "A", to="mql"),
        fact("moved", "2026-06-01 09:00", "B", to="mql"),
        fact("described", "2026-06-01 10:00", "B", industry="retail"),
    ]
    assert only(agreed(volume(**clause)), facts, "2026-06-30 00:00").actual == 1


def test_each_rep_owes_the_amount_and_who_is_not_on_the_side_owes_nothing():
    promises = {
        "sales": {"deals": {"deliver": "opportunity", "amount": "1", "each": "month", "per": "rep"}}
    }
    facts = [
        fact("handed_over", "2026-06-01 09:00", "A", owner="ana"),
        fact("converted", "2026-06-05 09:00", "A"),
        fact("handed_over", "2026-06-01 09:00", "B", owner="zoe"),
        fact("converted", "2026-06-05 09:00", "B"),
    ]
    found = deliveries(judged(agreed(promises), facts, "2026-06-30 23:00"))
    assert [(d.rep, d.actual, d.target, d.verdict) for d in found] == [
        ("ana", 1, 1, "open"),
        ("ben", 0, 1, "open"),
        ("zoe", 1, None, "undeterminable"),
    ]


def test_people_owe_nothing_for_periods_before_they_came():
    promises = {
        "sales": {"deals": {"deliver": "opportunity", "amount": "1", "each": "month", "per": "rep"}}
    }
    agreement = agreed(promises, people={"ana": {}, "ben": {"from": "2026-07-01"}})
    found = deliveries(judged(agreement, [], "2026-07-02 00:00"))
    assert [(d.period.name, d.rep) for d in found] == [
        ("2026-06", "ana"),
        ("2026-07", "ana"),
        ("2026-07", "ben"),
    ]


def test_three_months_over_in_a_row_are_flagged():
    agreement = agreed(volume(amount="1", **{"flag after": "3 periods over"}))
    facts = [
        one
        for month in (6, 7, 8)
        for one in many(2, "moved", f"2026-0{month}-02 10:00", prefix=f"{month}-", to="mql")
    ]
    found = deliveries(judged(agreement, facts, "2026-09-10 00:00"))
    assert [(d.streak, d.streak_side, d.flagged) for d in found] == [
        (1, "over", False),
        (2, "over", False),
        (3, "over", True),
        (3, "over", True),
    ]


def test_a_month_within_ends_the_streak():
    agreement = agreed(volume(amount="1"))
    facts = [fact("moved", "2026-07-02 10:00", to="mql")]
    found = deliveries(judged(agreement, facts, "2026-09-10 00:00"))
    assert [(d.streak, d.streak_side) for d in found] == [
        (1, "under"),
        (0, None),
        (1, "under"),
        (1, "under"),
    ]


def test_a_period_is_judged_by_the_version_in_force_at_its_start():
    first = agreed(volume(amount="10"))
    second = agreed(volume(amount="20"), version="2", **{"valid from": "2026-07-15"})
    found = deliveries(judged([first, second], [], "2026-08-10 00:00"))
    assert [(d.period.name, d.version, d.target) for d in found] == [
        ("2026-06", 1, 10),
        ("2026-07", 1, 10),
        ("2026-08", 2, 20),
    ]


def test_a_first_month_that_is_cut_owes_its_part_by_working_time():
    agreement = agreed(volume(amount="22"), **{"valid from": "2026-06-15"})
    delivery = only(agreement, [], "2026-06-20 00:00")
    assert (delivery.period.first.isoformat(), delivery.period.whole) == ("2026-06-15", False)
    assert delivery.target == 12


def test_the_term_ends_the_last_period():
    agreement = agreed(volume(amount="1"), term={"from": "2026-06-01", "to": "2026-07-10"})
    found = deliveries(judged(agreement, [], "2026-12-01 00:00"))
    assert [d.period.last.isoformat() for d in found] == ["2026-06-30", "2026-07-10"]


@pytest.mark.parametrize(
    "each, names",
    [
        ("day", ["2026-06-01", "2026-06-02"]),
        ("week", ["2026-W23"]),
        ("quarter", ["2026-Q2"]),
        ("year", ["2026"]),
    ],
)
def test_periods_are_named_as_people_write_them(each, names):
    found = deliveries(judged(agreed(volume(amount="1", each=each)), [], "2026-06-02 12:00"))
    assert [d.period.name for d in found] == names


FUNNEL = {
    "website form": {
        "share": "100%",
        "mql to sql": "34%",
        "sql to opportunity": "82%",
        "win": "23%",
        "order value": "2000",
    }
}
STAGES = {"stages": ["lead", "mql", "sql", "opportunity", "customer"]}


def planned(promises):
    return agreed(
        promises,
        goal={"quota": {"amount": "500000", "per": "month"}},
        funnel=FUNNEL,
        definitions=STAGES,
        term={"from": "2026-06-01", "to": "2027-05-31"},
    )


def test_as_planned_is_3900_for_half_a_million():
    delivery = only(planned(volume(amount="as planned", tolerance="10%")), [], "2026-06-02 00:00")
    assert (delivery.target, delivery.low, delivery.high) == (3900, 3510, 4290)


def test_value_is_leads_times_the_value_per_lead_of_their_type():
    promises = {
        "marketing": {
            "value": {
                "deliver": "value of mql",
                "amount": "as planned",
                "each": "month",
                "tolerance": "10%",
            }
        }
    }
    facts = [
        fact("created", "2026-06-01 09:00", "A", type="website form"),
        fact("moved", "2026-06-01 10:00", "A", to="mql"),
        fact("created", "2026-06-01 09:00", "B", type="fair"),
        fact("moved", "2026-06-01 10:00", "B", to="mql"),
    ]
    delivery = only(planned(promises), facts, "2026-06-02 00:00")
    assert delivery.actual == Fraction("0.34") * Fraction("0.82") * Fraction("0.23") * 2000
    assert (delivery.unvalued, delivery.unit) == (1, "USD")
    assert (delivery.target, delivery.low, delivery.high) == (500_000, 450_000, 550_000)


def test_without_a_plan_what_is_planned_cannot_be_judged_and_says_why():
    delivery = only(agreed(volume(amount="as planned")), [], "2026-06-30 00:00")
    assert (delivery.verdict, delivery.target) == ("undeterminable", None)
    assert delivery.reason


def test_money_of_18_opportunities_within_a_tenth():
    assert band(Decimal(500_000), Fraction(1, 10)).low == 450_000


def test_the_json_form_is_whole():
    form = only(agreed(volume(amount="44")), [], "2026-06-01 13:00").to_json()
    assert form == {
        "promise": "volume",
        "side": "marketing",
        "rep": None,
        "deliver": "mql",
        "unit": "leads",
        "period": "2026-06",
        "each": "month",
        "from": "2026-06-01",
        "to": "2026-06-30",
        "whole": True,
        "version": 1,
        "actual": 0,
        "target": 44,
        "low": 44,
        "high": 44,
        "attainment": "0",
        "at_least": False,
        "state": None,
        "pace": {
            "elapsed": "0.0227",
            "expected": 1,
            "low": 1,
            "high": 1,
            "state": "under",
            "ratio": "0",
        },
        "verdict": "open",
        "reason": None,
        "unvalued": 0,
        "streak": 0,
        "streak_side": None,
        "flagged": False,
    }
