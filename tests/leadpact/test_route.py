"""Route: who gets which lead, under hours, leave and caps, and what is said of it."""

from collections import Counter

import pytest

from leadpact.route import Known, Passed, Tally, Want, begins, ends
from tests.leadpact.rotas import NOW, PEOPLE, agreed, at, leads, owners, rota


def test_by_weight_each_gets_the_share_that_was_agreed():
    found = owners(rota(agreed()).decide(leads(8)))
    assert found == ["ana", "ben", "chai", "ana", "ana", "ben", "chai", "ana"]


def test_what_was_owed_is_carried_from_one_time_to_the_next():
    at_once, turns, apart = owners(rota(agreed()).decide(leads(20))), {}, []
    for one in leads(20):
        apart += owners(rota(agreed(), turns=turns).decide([one]))
    assert apart == at_once


def test_in_turn_whatever_the_weights():
    found = rota(agreed("{by: round robin}")).decide(leads(5))
    assert owners(found) == ["ana", "ben", "chai", "ana", "ben"]


def test_by_capacity_whoever_has_used_the_smaller_share_of_their_limit():
    people = {"ana": "{at most: 4 per day}", "ben": "{at most: 2 per day}"}
    found = rota(agreed("{by: capacity}", people)).decide(leads(7))
    assert owners(found) == ["ana", "ben", "ana", "ana", "ben", "ana", None]


def test_by_capacity_without_limits_whoever_has_least_for_their_weight():
    tally = Tally(open={"ana": 3, "ben": 1, "chai": 2})
    found = rota(agreed("{by: capacity}"), tally=tally).decide(leads(3))
    assert owners(found) == ["ben", "ana", "ana"]


def test_the_best_are_given_out_first_whatever_order_they_come_in():
    route = "{by: weight, at most: 1 per day}"
    wants = [
        Want("late", NOW + 1, grade="A1"),
        Want("cool", NOW, grade="B2", interest=900),
        Want("early", NOW, grade="A1", interest=100),
        Want("warm", NOW, grade="A1", interest=200),
        Want("plain", NOW),
    ]
    found = rota(agreed(route)).decide(wants)
    assert [one.lead for one in found] == ["warm", "early", "late", "cool", "plain"]
    assert found == rota(agreed(route)).decide(wants[::-1])
    assert owners(found) == ["ana", "ben", "chai", None, None]


def test_a_decision_says_by_what_among_whom_and_how_full_the_owner_is():
    people = PEOPLE | {"dan": "{leave: [2026-03-09/2026-03-15]}", "eve": "{at most: 0 per day}"}
    (one,) = rota(agreed("{by: weight, at most: 250 per month}", people)).decide(
        [Want("L-1", NOW, not_to=frozenset({"ana"}))]
    )
    assert one.to_json() == {
        "pool": "everyone",
        "rule": "weight",
        "among": 2,
        "owner": "ben",
        "next": "chai",
        "weight": "1",
        "credit": 250_000,
        "caps": [["250 per month", 1]],
        "passed": [
            ["ana", "not to", None, ""],
            ["dan", "leave", at("2026-03-16 09:00"), ""],
            ["eve", "full", at("2026-03-13 00:00"), "0 per day"],
        ],
    }


def test_hours_bind_where_they_are_respected():
    people = {"ana": "{calendar: night}", "ben": "{calendar: office}"}
    route = "{by: weight, respect: [hours, leave, caps]}"
    assert owners(rota(agreed(route, people)).decide(leads(2))) == ["ben", "ben"]
    assert set(owners(rota(agreed("{by: weight}", people)).decide(leads(2)))) == {"ana", "ben"}
    evening = rota(agreed(route, people), now=at("2026-03-12 18:00")).decide(leads(1))[0]
    assert (evening.owner, evening.retry_at) == (None, at("2026-03-12 20:00"))


@pytest.mark.parametrize(
    ("text", "retry_at"),
    [
        ("{at most: 0 per day}", "2026-03-13 00:00"),
        ("{at most: 0 per week}", "2026-03-16 00:00"),
        ("{at most: 0 per month}", "2026-04-01 00:00"),
        ("{at most: 0 per quarter}", "2026-04-01 00:00"),
        ("{at most: 0 per year}", "2027-01-01 00:00"),
        ("{at most: 0 open}", "2026-03-12 11:00"),
        ("{leave: [2026-03-12/2026-03-13]}", "2026-03-16 09:00"),
        ("{at most: [0 per day], leave: [2026-03-12/2026-03-12]}", "2026-03-13 09:00"),
        ("{from: 2026-03-17}", "2026-03-17 09:00"),
    ],
)
def test_where_nobody_can_take_it_it_is_tried_again_as_soon_as_somebody_can(text, retry_at):
    people = dict.fromkeys(PEOPLE, text)
    (one,) = rota(agreed("{by: weight}", people)).decide(leads(1))
    assert (one.owner, one.retry_at, len(one.passed)) == (None, at(retry_at), 3)


def test_who_left_is_inactive_or_has_no_weight_is_never_served():
    people = PEOPLE | {"ana": "{to: 2026-03-11}", "ben": "{weight: 0}"}
    known = {"chai": Known(takes_leads=False)}
    assert set(owners(rota(agreed(people=people)).decide(leads(9)))) == {"chai"}
    (one,) = rota(agreed(people=people), known=known).decide(leads(1))
    assert (one.owner, one.among, one.passed, one.retry_at) == (
        None,
        0,
        (Passed("ben", "no weight"),),
        None,
    )


def test_it_never_goes_straight_back_to_who_rejected_it():
    wants = leads(30, not_to=frozenset({"ben"}))
    assert "ben" not in owners(rota(agreed()).decide(wants))
    (one,) = rota(agreed(people={"ben": "{}"})).decide(wants[:1])
    assert (one.owner, one.passed, one.retry_at) == (None, (Passed("ben", "not to"),), None)


TERRITORIES = (
    "{by: weight, team: inbound, territories:"
    " [{when: {country: TH}, team: asia}, {when: {employees: {at least: 1000}}, to: [ben]},"
    " {when: {all: [{lead type: demo}, {not: {fit: {at least: 40}}}]}, to: [gone]}]}"
)
TEAMS = {
    "ana": "{team: inbound}",
    "ben": "{team: inbound}",
    "chai": "{team: asia}",
    "gone": "{to: 2026-01-31}",
}


@pytest.mark.parametrize(
    ("known", "pool", "owner", "territory"),
    [
        ({}, "team inbound", "ana", None),
        ({"country": "th"}, "team asia", "chai", 1),
        ({"country": "TH", "employees": "5000"}, "team asia", "chai", 1),
        ({"employees": "1,000"}, "ben", "ben", 2),
        ({"employees": "some"}, "team inbound", "ana", None),
        ({"type": "demo", "fit": "10"}, "team inbound", "ana", None),  # who has it has left
    ],
)
def test_the_first_territory_that_fits_and_has_people_gets_it(known, pool, owner, territory):
    (one,) = rota(agreed(TERRITORIES, TEAMS)).decide([Want("L-1", NOW, known=known)])
    assert (one.pool, one.owner, one.territory) == (pool, owner, territory)


SAME = "{by: weight, respect: [hours, leave, caps], same account: same owner, at most: 3 per day}"


def test_leads_of_one_account_go_to_one_owner():
    (one,) = rota(agreed(SAME), accounts={"ACME": "chai"}).decide([Want("L-1", NOW, "ACME")])
    assert (one.owner, one.rule, one.account_owner) == ("chai", "account", "chai")
    assert set(owners(rota(agreed(SAME)).decide(leads(3, account="ACME")))) == {"ana"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{at most: 0 per day}", "full"),
        ("{leave: [2026-03-12/2026-03-12]}", "leave"),
        ("{weight: 0}", "no weight"),
        ("{to: 2026-03-01}", "gone"),
    ],
)
def test_where_the_owner_of_the_account_is_away_others_get_it_and_it_says_so(text, reason):
    people = PEOPLE | {"chai": text}
    (one,) = rota(agreed(SAME, people), accounts={"ACME": "chai"}).decide([Want("L", NOW, "ACME")])
    assert (one.owner, one.account_owner) == ("ana", "chai")
    assert [(two.name, two.why) for two in one.passed] == [("chai", reason)]


def test_a_lead_waits_for_the_owner_of_its_account_who_is_at_work_within_a_day():
    people = PEOPLE | {"chai": "{calendar: night}"}
    (one,) = rota(agreed(SAME, people), accounts={"ACME": "chai"}).decide([Want("L", NOW, "ACME")])
    assert (one.owner, one.rule, one.retry_at) == (None, "account", at("2026-03-12 20:00"))
    friday = at("2026-03-13 23:30")
    found = rota(agreed(SAME.replace("hours, ", ""), people), friday, accounts={"ACME": "chai"})
    assert owners(found.decide([Want("L", friday, "ACME")])) == ["chai"]


def test_leads_past_their_turn_cost_no_more_than_two_turns():
    accounts = {f"A-{n}": "ben" for n in range(10)}
    plan = rota(agreed("{by: weight, same account: same owner}"), accounts=accounts)
    plan.decide([Want(f"L-{n}", NOW, f"A-{n}") for n in range(10)])
    found = owners(plan.decide(leads(40, prefix="M")))
    assert Counter(found)["ben"] in {7, 8, 9, 10}
    assert "ben" in found[:14]


def test_a_rejected_lead_is_given_back():
    plan = rota(agreed())
    plan.decide(leads(40))
    pool = plan.pools.territory(0)
    plan.give_back(pool, {"ben": 2})
    plan.give_back(pool, {"ben": 2})
    assert Counter(owners(plan.decide(leads(38, prefix="M")))) == {"ana": 18, "ben": 11, "chai": 9}
    assert sum(turn.credit for turn in plan.turns["weight: everyone"].values()) == 0


def test_in_turn_a_rejected_lead_brings_the_turn_back():
    plan = rota(agreed("{by: round robin}"))
    plan.decide(leads(1))
    plan.give_back(plan.pools.territory(0), {"ana": 1})
    assert owners(plan.decide(leads(4, prefix="M"))) == ["ana", "ben", "chai", "ana"]


def test_near_the_end_of_the_period_who_lacks_the_minimum_goes_first():
    route = "{by: weight, at least: 10 per month}"
    tally = {"month": {"ana": 10, "ben": 9, "chai": 8}}
    before = rota(agreed(route), at("2026-03-12 10:00"), Tally(tally)).decide(leads(1))
    assert owners(before) == ["ana"]
    later = rota(agreed(route), at("2026-03-27 10:00"), Tally(tally)).decide(leads(4))
    assert owners(later)[:3] == ["ben", "chai", "chai"]
    assert [one.least for one in later] == ["10 per month"] * 3 + [""]


def test_periods_begin_and_end_on_the_wall_of_the_agreement():
    found = {
        period: (begins(period, NOW, "Europe/Warsaw"), ends(period, NOW, "Europe/Warsaw"))
        for period in ("day", "week", "month", "quarter", "year")
    }
    assert found == {
        "day": (at("2026-03-12"), at("2026-03-13")),
        "week": (at("2026-03-09"), at("2026-03-16")),
        "month": (at("2026-03-01"), at("2026-04-01")),
        "quarter": (at("2026-01-01"), at("2026-04-01")),
        "year": (at("2026-01-01"), at("2027-01-01")),
    }
