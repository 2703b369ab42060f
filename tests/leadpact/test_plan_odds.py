from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadpact.plan.odds import chance, leads_for, reaches

FUNNEL = Fraction(64124, 10**6)
CHAIN = Fraction(3, 10) * Fraction(67, 100) * Fraction(58, 100) * Fraction(71, 100)


@pytest.mark.parametrize(
    "leads, rate, deals, percent",
    [
        (3900, FUNNEL, 250, "51"),
        (250, Fraction(7, 100), 18, "48.6"),
        (242, CHAIN, 20, "54"),
        (10, Fraction(1, 2), 0, "100"),
        (10, Fraction(1, 2), 11, "0"),
    ],
)
def test_averages_reach_the_goal_about_every_other_time(leads, rate, deals, percent):
    places = len(percent.partition(".")[2])
    assert f"{100 * chance(leads, rate, deals):.{places}f}" == percent


@pytest.mark.parametrize(
    "deals, rate, confidence, leads",
    [
        (250, FUNNEL, "80%", 4098),
        (250, FUNNEL, "90%", 4207),
        (250, FUNNEL, "95%", 4299),
        (18, Fraction(7, 100), "50%", 253),
        (18, Fraction(7, 100), "80%", 305),
        (20, CHAIN, "80%", 284),
        (20, CHAIN, "90%", 310),
        (0, FUNNEL, "80%", 0),
        (250, Fraction(1), "99%", 250),
    ],
)
def test_a_confidence_says_how_many_leads(deals, rate, confidence, leads):
    assert leads_for(deals, rate, Fraction(confidence[:-1]) / 100) == leads


def test_the_margin_over_the_average_plan():
    percent = [f"{100 * leads / 3900 - 100:.1f}" for leads in (4098, 4207, 4299)]
    assert percent == ["5.1", "7.9", "10.2"]


def test_the_average_plan_for_the_second_funnel():
    # 20 deals over 8.277 % of the leads.
    assert -(-20 // CHAIN) == 242


def test_a_tie_is_decided_exactly():
    assert reaches(1, Fraction(1, 2), 1, Fraction(1, 2))
    assert reaches(3, Fraction(1, 2), 2, Fraction(1, 2))
    assert reaches(2, Fraction(1, 3), 1, Fraction(5, 9))
    assert not reaches(2, Fraction(1, 3), 1, Fraction(5, 9) + Fraction(1, 10**30))
    assert not reaches(4, Fraction(1), 5, Fraction(1, 10**12))
    assert leads_for(1, Fraction(1, 2), Fraction(3, 4)) == 2


def test_rare_deals_take_many_leads_and_no_time():
    assert leads_for(250, Fraction(1, 10**12), Fraction(80, 100)) == pytest.approx(
        263.2e12, rel=1e-3
    )


@pytest.mark.parametrize(
    "rate, confidence",
    [
        (Fraction(0), Fraction(1, 2)),
        (Fraction(1, 2), Fraction(1)),
        (Fraction(1, 2), Fraction(0)),
        (Fraction(2), Fraction(1, 2)),
    ],
)
def test_nothing_makes_certain_what_is_not(rate, confidence):
    with pytest.raises(ValueError, match="certain"):
        leads_for(5, rate, confidence)


@given(
    deals=st.integers(1, 12),
    rate=st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=40),
    confidence=st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=40),
)
def test_the_number_is_the_least_by_exact_count(deals, rate, confidence):
    def exact(leads):
        return sum(
            comb(leads, k) * rate**k * (1 - rate) ** (leads - k) for k in range(deals, leads + 1)
        )

    leads = leads_for(deals, rate, confidence)
    assert exact(leads) >= confidence > exact(leads - 1)
