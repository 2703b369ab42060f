"""Laws of routing, for any people, weights and limits; and the failures of others, as numbers."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.route import Tally, Want
from tests.leadpact.rotas import NOW, agreed, at, leads, owners, rota

WEIGHTS = st.lists(st.integers(1, 400).map(lambda n: n / 4), min_size=1, max_size=8)
NAMES = [f"p{n}" for n in range(8)]


def people(weights, caps=None):
    """People with these weights and limits a day."""
    limits = [""] * len(weights) if caps is None else [f", at most: {cap} per day" for cap in caps]
    return {
        name: f"{{weight: {weight}{limit}}}"
        for name, weight, limit in zip(NAMES, weights, limits, strict=False)
    }


@settings(max_examples=40, deadline=None)
@given(WEIGHTS, st.integers(1, 300))
def test_shares_are_within_one_lead_of_the_weights_at_every_moment(weights, count):
    found, total = Counter(), sum(map(Fraction, weights))
    decided = rota(agreed(people=people(weights))).decide(leads(count))
    for given_out, one in enumerate(decided, 1):
        found[one.owner] += 1
        for name, weight in zip(NAMES, weights, strict=False):
            assert abs(found[name] - given_out * Fraction(weight) / total) <= 1


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(["weight", "round robin", "capacity"]))
def test_no_limit_is_passed_and_nobody_waits_while_there_is_room(data, way):
    weights = data.draw(WEIGHTS)
    caps = data.draw(st.lists(st.integers(0, 20), min_size=len(weights), max_size=len(weights)))
    count = data.draw(st.integers(0, 120))
    agreement = agreed(f"{{by: {way}}}", people(weights, caps))
    found = Counter(owners(rota(agreement).decide(leads(count))))
    room = dict(zip(NAMES, caps, strict=False))
    assert all(number <= room[name] for name, number in found.items() if name is not None)
    assert found[None] == max(count - sum(caps), 0)


@settings(max_examples=25, deadline=None)
@given(st.data(), WEIGHTS)
def test_the_order_in_which_leads_come_is_irrelevant(data, weights):
    wants = [
        Want(f"L-{n}", NOW - grade, grade="ABC"[grade] + "1", account=f"A-{n % 5}")
        for n, grade in enumerate(data.draw(st.lists(st.integers(0, 2), max_size=30)))
    ]
    agreement = agreed(
        "{by: weight, same account: same owner, at most: 5 per day}", people(weights)
    )
    shuffled = data.draw(st.permutations(wants))
    assert rota(agreement).decide(wants) == rota(agreement).decide(shuffled)


@settings(max_examples=25, deadline=None)
@given(WEIGHTS, st.lists(st.sets(st.sampled_from(NAMES), max_size=4), min_size=1, max_size=25))
def test_whoever_was_away_neither_makes_up_for_it_nor_pays(weights, absences):
    """Against the share of the leads that came while they were there, whoever else was away."""
    agreement = agreed(people=people(weights))
    turns, found, due = {}, Counter(), defaultdict(Fraction)
    for day, away in enumerate(absences):
        here = {name: w for name, w in zip(NAMES, weights, strict=False) if name not in away}
        wants = leads(7, prefix=f"D{day}", not_to=frozenset())
        plan = rota(agreement, turns=turns)
        plan.people = [rep for rep in plan.people if rep.name in here]
        plan.pools.people = plan.people
        for one in plan.decide(wants):
            found[one.owner] += 1
        for name, weight in here.items():
            due[name] += 7 * Fraction(weight) / sum(map(Fraction, here.values()))
    assert all(abs(found[name] - due[name]) < 2 for name in due)


def each_day(first, days):
    """So many days from the first, each at ten, at work or not."""
    start = date.fromisoformat(first)
    return [start + timedelta(n) for n in range(days)]


def over(agreement, days, count):
    """What each was given on each day, so many leads a day, with what was owed carried on."""
    turns, month, found = {}, Counter(), {}
    for day in days:
        if day.day == 1:
            month = Counter()
        plan = rota(agreement, at(f"{day} 10:00"), Tally({"month": month}), turns)
        given_out = Counter(owners(plan.decide(leads(count(day), prefix=str(day)))))
        found[day] = given_out
        month.update(given_out)
    return found


def test_thousand_leads_of_one_import_are_shared_by_weight_and_no_limit_is_passed():
    weights = [1, 2, 3, 1.5]
    agreement = agreed("{by: weight, at most: 250 per month}", people(weights))
    found = Counter(owners(rota(agreement).decide(leads(1000))))
    assert found == {"p0": 250, "p1": 250, "p2": 250, "p3": 250}
    found = Counter(owners(rota(agreed(people=people(weights))).decide(leads(1000))))
    assert all(abs(found[f"p{n}"] - 1000 * weight / 7.5) <= 1 for n, weight in enumerate(weights))


CAPACITIES = {"a": 5, "b": 14, "c": 15, "d": 44, "e": 45}


def served(way, leads_a_day):
    texts = {
        name: f"{{weight: {number}, at most: {number} per month}}"
        for name, number in CAPACITIES.items()
    }
    days = over(agreed(f"{{by: {way}}}", texts), each_day("2026-04-01", 30), leads_a_day)
    whole = sum(days.values(), Counter())
    half = sum((found for day, found in days.items() if day.day <= 15), Counter())
    return whole, half


def test_capacities_of_a_month_are_served_as_written_over_the_month():
    """A few leads a day: nobody's few are rounded away, and nobody's many come all at first."""
    for way in ("weight", "capacity"):
        whole, half = served(way, lambda day: 5 if day.day <= 3 else 4)
        assert {name: whole[name] for name in CAPACITIES} == CAPACITIES
        assert whole[None] == 0
        assert all(abs(half[n] - Fraction(63 * c, 123)) <= 1 for n, c in CAPACITIES.items())


def test_more_leads_than_capacity_wait_for_the_next_month():
    whole, _half = served("weight", lambda _day: 5)
    assert whole == CAPACITIES | {None: 27}


def test_two_weeks_of_leave_bring_no_burst_on_return_and_no_hole_thirty_days_later():
    texts = {
        "ana": "{leave: [2026-03-02/2026-03-15]}",
        "ben": "{}",
        "chai": "{}",
        "dan": "{weight: 2}",
    }
    days = over(agreed(people=texts), each_day("2026-02-16", 60), lambda _day: 5)
    ana = {day: found["ana"] for day, found in days.items()}
    assert {ana[day] for day in each_day("2026-03-02", 14)} == {0}
    assert {ana[day] for day in each_day("2026-03-17", 30)} == {1}
    assert ana[date(2026, 3, 16)] in {0, 1, 2}
    assert {ana[day] for day in each_day("2026-02-16", 14)} == {1}
