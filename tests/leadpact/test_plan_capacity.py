from fractions import Fraction

import pytest

from leadpact.plan.capacity import (
    Capacity,
    budget_per_lead,
    leads_expecting,
    opportunities,
    reps_needed,
    throughput,
)
from leadpact.plan.funnel import Chain
from leadpact.plan.progress import pace, progress
from leadpact.plan.tolerance import band
from leadpact.units import rounded


def test_a_reps_month():
    seven = Fraction(7, 100)
    assert 250 * seven == Fraction("17.5")
    assert opportunities(250, seven) == 18
    assert leads_expecting(18, seven) == 258
    assert Fraction(18, 250) == Fraction("0.072")
    assert opportunities(25, Fraction(28, 100)) == 7


@pytest.mark.parametrize(
    "leads, most, reps", [(3900, 250, 16), (1000, 250, 4), (1001, 250, 5), (0, 250, 0)]
)
def test_demand_over_the_most_is_the_reps_needed(leads, most, reps):
    assert reps_needed(leads, most) == reps


def test_capacity_is_over_within_or_under():
    def at(leads, reps):
        found = Capacity(leads, reps, Fraction(250), Fraction(100))
        return found.needed, found.fed, found.state

    assert at(3900, 10) == (16, 39, "over")
    assert at(2500, 10) == (10, 25, "within")
    assert at(999, 10) == (4, 9, "under")
    assert Capacity(999, 10, None, None).state == "within"


def test_calls_limit_what_is_worked():
    assert throughput(reps=4, calls_a_day=80, days=20, attempts_a_lead=6) == 1066


def test_a_budget_per_lead():
    funnel = Chain(
        ("mql", "meeting", "qualified", "customer"),
        (Fraction(1, 2), Fraction(8, 10), Fraction(1, 4)),
        Fraction(10_000),
    )
    assert funnel.for_deals(1).leads == 10
    each = budget_per_lead(funnel.value_per_lead(), Fraction(1, 10))
    assert (each, each * funnel.for_deals(25).leads) == (100, 25_000)


@pytest.mark.parametrize(
    "planned, ends",
    [(3900, (3510, 4290)), (18, (17, 19)), (500_000, (450_000, 550_000))],
)
def test_a_tenth_either_way_ends_included(planned, ends):
    found = band(planned, Fraction(1, 10))
    low, high = found.whole
    assert (low, high) == ends
    states = [found.state(n) for n in (low - 1, low, high, high + 1)]
    assert states == ["under", "within", "within", "over"]


def test_eighteen_has_no_whole_ends():
    found = band(18, Fraction(1, 10))
    assert (found.low, found.high) == (Fraction("16.2"), Fraction("19.8"))


WHOLE = {"website form": Fraction(500_000, 3900), "outbound": Fraction(500_000, 2674)}


@pytest.mark.parametrize(
    "mix, whole_units, value",
    [
        ({"website form": 2000, "outbound": 1300}, True, 499_100),
        ({"website form": 3900}, True, 499_200),
        ({"website form": 3900}, False, 500_000),
        ({"website form": 1950, "outbound": 1337}, True, 499_619),
        ({"website form": 1950, "outbound": 1337}, False, 500_000),
        ({}, False, 0),
    ],
)
def test_a_mix_is_worth_the_sum_of_its_leads(mix, whole_units, value):
    found = progress(mix, WHOLE, 500_000, whole_units=whole_units)
    assert (found.value, found.attained, found.whole_units) == (
        value,
        Fraction(value, 500_000),
        whole_units,
    )


def test_a_goal_over_its_leads_is_the_value_of_each():
    assert (
        Chain(("lead", "customer"), (Fraction(1),), Fraction(10_000))
        .demand(1_000_000)
        .value_per_lead()
        == 10_000
    )
    assert progress({"lead": 100}, {"lead": 10_000}, 1_000_000).attained == 1
    assert progress({"lead": 100}, {"lead": 10_000}, 0).attained is None
    with pytest.raises(KeyError):
        progress({"chat": 1}, {}, 1)


def test_shares_of_the_quota_by_value():
    assert (
        rounded(
            progress(
                {"website form": 2000, "outbound": 1300}, WHOLE, 500_000, whole_units=True
            ).attained
            * 100,
            1,
        ).__str__()
        == "99.8"
    )


def test_pace_goes_by_working_days():
    found = pace(3900, 10, 22, Fraction(1, 10))
    assert (found.expected, found.band.whole) == (1773, (1596, 1950))
    assert pace(3900, 0, 22).expected == 0
    assert pace(3900, 22, 22).expected == 3900
    for gone, days in ((23, 22), (-1, 22), (0, 0)):
        with pytest.raises(ValueError, match="working days"):
            pace(3900, gone, days)
