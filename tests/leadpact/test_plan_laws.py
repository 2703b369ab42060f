"""Laws of the plan: parts sum to their whole, no stage is below the next, nothing is slow."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.agreement.model import Agreement
from leadpact.plan import Rounding, plan
from leadpact.plan.parts import parts, whole_weights

percents = st.integers(1, 100).map(lambda n: f"{n}%")


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_parts_sum_to_the_whole_and_are_near_their_share(whole, weights):
    found = parts(whole, weights)
    assert sum(found) == whole
    if sum(weights):
        exact = [Fraction(whole * weight, sum(weights)) for weight in weights]
        assert all(abs(n - share) < 1 for n, share in zip(found, exact, strict=True))


@given(st.data(), st.lists(st.integers(0, 1000), min_size=1, max_size=12))
def test_parts_of_the_more_are_never_below_parts_of_the_fewer(data, weights):
    fewer = data.draw(st.integers(0, 500))
    more = data.draw(st.integers(fewer, 600))
    floors = parts(fewer, weights)
    found = parts(more, weights, floors)
    assert sum(found) == more
    assert all(n >= floor for n, floor in zip(found, floors, strict=True))


def test_a_part_is_raised_to_its_floor():
    assert parts(10, [1, 1, 8]) == [1, 1, 8]
    assert parts(10, [1, 1, 8], [3, 0, 0]) == [3, 1, 6]
    assert parts(5, [0, 0]) == [3, 2]
    assert parts(0, []) == []


def test_shares_become_whole_weights():
    assert whole_weights([Fraction(1, 3), Fraction(1, 2), Fraction(1, 6)]) == [2, 3, 1]


@st.composite
def agreements(draw):
    streams, kinds = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=2, max_size=2, unique=True)))
    thirds = [cuts[0], cuts[1] - cuts[0], 100 - cuts[1]]
    shares = {1: [100], 2: [cuts[0], 100 - cuts[0]], 3: thirds}
    rates = draw(st.lists(st.tuples(percents, percents, percents), min_size=kinds, max_size=kinds))
    if draw(st.booleans()):
        rates = [rates[0]] * kinds
    per = draw(st.sampled_from(["month", "quarter", "year"]))
    start, end = draw(st.sampled_from([("2026-01-01", "2026-12-31"), ("2026-03-16", "2027-03-15")]))
    return {
        "leadpact": "1",
        "agreement": "any",
        "version": "1",
        "valid from": start,
        "calendars": {"office": {"open": {"mon-fri": ["09:00-17:00"]}}},
        "term": {"from": start, "to": end},
        "goal": {
            "quota": {"amount": str(draw(st.integers(1, 10**7))), "per": per},
            "streams": {f"s{n}": {"share": f"{share}%"} for n, share in enumerate(shares[streams])},
        },
        "funnel": {
            f"t{n}": {
                "share": f"{share}%",
                "mql to sql": a,
                "sql to opportunity": b,
                "win": c,
                "order value": "1700",
                "closes in": f"{30 * n} days",
            }
            for n, (share, (a, b, c)) in enumerate(zip(shares[kinds], rates, strict=True))
        },
    }


PERIODS = {"month": 12, "quarter": 4, "year": 1}


@settings(max_examples=60, deadline=None)
@given(agreements(), st.sampled_from(Rounding))
def test_a_plan_adds_up(value, rounding):
    found, problems = plan(Agreement.model_validate(value), rounding=rounding)
    assert problems == []
    quota = value["goal"]["quota"]
    if quota["per"] != "month" or value["valid from"] == "2026-01-01":
        whole = Decimal(quota["amount"]) * PERIODS[quota["per"]]
        assert sum(row.quota for row in found.rows) == whole
    assert all(list(row.counts) == sorted(row.counts, reverse=True) for row in found.rows)
    parted = defaultdict(lambda: [0, 0, 0, 0])
    wholes = {}
    for row in found.rows:
        for part in row.parts:
            demand = part.whole.demand
            wholes[id(part.whole)] = demand
            if quota["per"] == "month" and row.month.start.day == 1 and row.month.end.day > 15:
                key = id(part.whole), row.month
                parted[key] = [a + b for a, b in zip(parted[key], part.counts, strict=True)]
    for (whole, _month), counts in parted.items():
        assert tuple(counts) == wholes[whole].counts


@settings(max_examples=30, deadline=None)
@given(agreements())
def test_totals_are_the_sums_of_their_rows(value):
    found, _problems = plan(Agreement.model_validate(value))
    whole = found.totals[-1]
    assert whole.month is None
    assert whole.deals == sum(row.deals for row in found.rows)
    assert whole.leads == sum(total.leads for total in found.totals[:-1])
    assert whole.stages["mql"] == sum(row.counts[0] for row in found.rows)
