from fractions import Fraction

import pytest

from leadpact.plan.funnel import Chain, Rounding
from leadpact.plan.sensitivity import sensitivities, what_if
from leadpact.units import rate, rounded

UP, ONCE, HALF = Rounding.EACH_STEP_UP, Rounding.ONCE_AT_THE_END, Rounding.HALF_UP_EACH_STEP
STAGES = ("mql", "sql", "opportunity", "customer")


def chain(mql_to_sql="34%", sql_to_opportunity="82%", win="23%", order_value=2000):
    rates = tuple(rate(text) for text in (mql_to_sql, sql_to_opportunity, win))
    return Chain(STAGES, rates, Fraction(order_value))


@pytest.mark.parametrize(
    "mql_to_sql, rounding, counts",
    [
        ("34%", UP, (3900, 1326, 1087, 250)),
        ("34%", ONCE, (3899, 1326, 1087, 250)),
        ("34%", HALF, (3900, 1326, 1087, 250)),
        ("1/3", UP, (3978, 1326, 1087, 250)),
        ("1/3", ONCE, (3977, 1326, 1087, 250)),
        ("1/3", HALF, (3978, 1326, 1087, 250)),
        ("49.6%", UP, (2674, 1326, 1087, 250)),
        ("50%", UP, (2652, 1326, 1087, 250)),
    ],
)
def test_the_quota_goes_back_through_the_funnel(mql_to_sql, rounding, counts):
    assert chain(mql_to_sql).demand(500_000, rounding).counts == counts


def test_steps_are_exact_before_they_are_rounded():
    stepwise, once = chain().demand(500_000, UP), chain().demand(500_000, ONCE)
    assert [str(rounded(n, 4)) for n in stepwise.exact] == [
        "3900.0000",
        "1325.6098",
        "1086.9565",
        "250.0000",
    ]
    assert [str(rounded(n, 4)) for n in once.exact] == [
        "3898.6963",
        "1325.5567",
        "1086.9565",
        "250.0000",
    ]
    assert rounded(chain("1/3").demand(500_000, ONCE).exact[0], 4).__str__() == "3976.6702"


def test_every_count_shows_its_chain():
    assert chain().demand(500_000).working == (
        "500,000 ÷ 2,000 = 250 deals ÷ 23% = 1,086.96 → 1,087 opportunity"
        " ÷ 82% = 1,325.61 → 1,326 sql ÷ 34% = 3,900 mql"
    )
    assert chain().demand(500_000, ONCE).working == (
        "500,000 ÷ 2,000 = 250 deals ÷ 23% = 1,086.96 opportunity"
        " ÷ 82% = 1,325.56 sql ÷ 34% = 3,898.70 → 3,899 mql"
    )


@pytest.mark.parametrize(
    "above, below, right",
    [
        ("1326", "34%", 3900),
        ("21", "35%", 60),
        ("84", "35%", 240),
        ("57", "57%", 100),
        ("100", "1/3", 300),
    ],
)
def test_no_binary_float_takes_part(above, below, right):
    two = Chain(("lead", "customer"), (rate(below),), Fraction(1))
    assert two.demand(int(above)).counts == (right, int(above))


def test_a_lead_has_a_value_backward_and_forward():
    web = chain().demand(500_000)
    assert str(rounded(web.value_per_lead(), 3)) == "128.205"
    assert str(rounded(chain().value_per_lead(), 3)) == "128.248"
    assert rounded(chain("49.6%").demand(500_000).value_per_lead(), 0) == 187
    assert chain().value_per_lead("opportunity") == 460
    assert web.value_per_lead("opportunity") == Fraction(500_000, 1087)
    assert chain().demand(0).value_per_lead() is None


def test_rates_multiply_to_one():
    assert chain().overall() == Fraction(64124, 10**6)
    assert chain().overall("opportunity") == Fraction(23, 100)
    assert str(rounded(Fraction(250, 3900) * 100, 2)) == "6.41"
    # One customer in three leads would be 750 leads for 250 deals, as the same list denies.
    assert (
        Chain(("lead", "customer"), (Fraction(1, 3),), Fraction(2000)).demand(500_000).leads == 750
    )


def test_a_goal_over_the_deal_size_rounds_up():
    deals = Chain(("lead", "customer"), (Fraction(1),), Fraction(85_000)).demand(7_500_000)
    assert (str(rounded(deals.exact[-1], 2)), deals.deals) == ("88.24", 89)


REP = Chain(
    ("lead", "connect", "discovery", "demo", "customer"),
    (Fraction(1, 2), Fraction(3, 5), Fraction(1, 2), Fraction(1, 3)),
    Fraction(800),
)
BOOK = Chain(
    ("lead", "connect", "opportunity", "presentation", "customer"),
    (Fraction(1, 2), Fraction(1, 3), Fraction(3, 5), Fraction(1, 3)),
    Fraction(1),
)


@pytest.mark.parametrize(
    "chain_, leads, counts",
    [(REP, 100, (100, 50, 30, 15, 5)), (BOOK, 150, (150, 75, 25, 15, 5))],
)
def test_a_reps_leads_go_forward_and_back(chain_, leads, counts):
    assert chain_.yields(leads) == counts
    assert chain_.for_deals(counts[-1]).counts == counts
    assert chain_.for_deals(10 * counts[-1]).leads == 10 * leads


def test_the_book_wins_one_lead_in_thirty():
    assert BOOK.overall() == Fraction(1, 30)


def test_any_chain_of_stages_goes_back_to_its_traffic():
    agency = Chain(
        ("traffic", "lead", "proposal", "client"),
        (Fraction(2, 100), Fraction(1, 10), Fraction(1, 4)),
        Fraction(30_000),
    )
    assert agency.demand(600_000).counts == (40_000, 800, 80, 20)
    short = Chain(
        ("10000", "300", "90", "36", "27", "6"),
        (
            Fraction(300, 10000),
            Fraction(90, 300),
            Fraction(36, 90),
            Fraction(27, 36),
            Fraction(6, 27),
        ),
        Fraction(1),
    )
    assert short.yields(10_000) == (10_000, 300, 90, 36, 27, 6)


@pytest.mark.parametrize(
    "price, rates, value",
    [
        ("40000", ("20%",), 8000),
        ("40000", ("5%",), 2000),
        ("200000", ("6%",), 12_000),
        ("160000", ("1%",), 1600),
    ],
)
def test_an_offer_is_worth_its_rate_times_its_price(price, rates, value):
    offer = Chain(("mql", "customer"), tuple(map(rate, rates)), Fraction(price))
    assert offer.value_per_lead() == value


def test_marketings_share_over_the_value_of_an_offer():
    offer = Chain(("mql", "customer"), (Fraction(1, 100),), Fraction(160_000))
    assert offer.demand(200_000, ONCE).leads == 125
    # One and a quarter deals are two where each step is whole.
    assert offer.demand(200_000, UP).counts == (200, 2)


def test_leads_by_stage_of_handoff():
    assert 11_000 * 8000 == 88_000_000
    late = Chain(("lead", "customer"), (Fraction(1, 5),), Fraction(40_000))
    early = Chain(("lead", "customer"), (Fraction(1, 20),), Fraction(40_000))
    assert (late.demand(88_000_000).leads, early.demand(60_000_000).leads) == (11_000, 30_000)


@pytest.mark.parametrize(
    "rates, order_value",
    [
        ((), 1),
        ((Fraction(0),), 1),
        ((Fraction(3, 2),), 1),
        ((Fraction(1),), 0),
        ((Fraction(1), Fraction(1)), 1),
    ],
)
def test_a_chain_that_leads_nowhere_is_refused(rates, order_value):
    with pytest.raises(ValueError, match="rate"):
        Chain(("lead", "customer"), rates, Fraction(order_value))


def test_ten_percent_on_one_value_saves_leads():
    found = [
        (s.what, str(rounded(s.exact, 2)), s.once, s.stepwise, s.saved)
        for s in sensitivities(chain(), 500_000)
    ]
    assert found == [
        ("as agreed", "3898.70", 3899, 3900, 0),
        ("mql to sql", "3544.27", 3545, 3546, 354),
        ("sql to opportunity", "3544.27", 3545, 3548, 352),
        ("win", "3544.27", 3545, 3550, 350),
        ("order value", "3544.27", 3545, 3559, 341),
        ("all rates", "2929.15", 2930, 2934, 966),
    ]


def test_five_percent_on_all_rates():
    found = sensitivities(chain(), 500_000, by=Fraction(5, 100))[-1]
    assert (str(rounded(found.exact, 2)), found.once, found.stepwise) == ("3367.84", 3368, 3373)


def test_a_rate_stops_at_one():
    whole = Chain(("lead", "customer"), (Fraction(95, 100),), Fraction(1))
    found = {s.what: (s.stepwise, s.capped) for s in sensitivities(whole, 100)}
    assert found == {
        "as agreed": (106, False),
        "win": (100, True),
        "order value": (96, False),
        "all rates": (100, True),
    }


def test_what_if_the_win_rate_rose():
    better = what_if(chain(), 500_000, rates={"win": rate("25%")})
    assert better.counts == (3589, 1220, 1000, 250)
    assert str(rounded(better.value_per_lead(), 2)) == "139.31"
    assert str(rounded(better.chain.value_per_lead(), 2)) == "139.40"
    assert what_if(chain(), 500_000, order_value=4000).deals == 125
    assert chain().changed({"opportunity to customer": Fraction(1, 4)}) == chain(win="25%")
    with pytest.raises(KeyError, match="lead to mql"):
        what_if(chain(), 500_000, rates={"lead to mql": Fraction(1, 2)})
