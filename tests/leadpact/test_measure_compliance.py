"""Compliance, budgets and misses: who kept what, what is left, and why it was missed."""

from fractions import Fraction

import pytest

from leadpact.figure import exact_text
from leadpact.measure.budget import Budget, budgets
from leadpact.measure.compliance import compliance
from leadpact.measure.ladder import ladder
from leadpact.measure.misses import misses
from tests.leadpact.judged_logs import agreed, fact, judged, many

CONTACT = {
    "after": "handed over",
    "do": "attempted",
    "within": "4 working hours",
    "unless": ["returned"],
    "target": "95%",
}
SALES = {"sales": {"first contact": CONTACT}}


def handed(count, first, prefix, **fields):
    return many(count, "handed_over", first, prefix=prefix, step=1, **fields)


def tried(count, first, prefix):
    return many(count, "attempted", first, prefix=prefix, step=1)


def line(judgement, by="promise", **where):
    return next(
        one
        for one in compliance(judgement)
        if one.by == by and all(getattr(one, name) == value for name, value in where.items())
    )


def test_what_is_not_due_yet_is_in_neither_60_of_75_are_80_percent():
    facts = [
        *handed(60, "2026-06-01 09:00", "met"),
        *tried(60, "2026-06-01 10:00", "met"),
        *handed(10, "2026-06-01 09:00", "late"),
        *tried(10, "2026-06-01 15:00", "late"),
        *handed(5, "2026-06-01 09:00", "never"),
        *handed(25, "2026-06-02 12:00", "young"),
    ]
    found = line(judged(agreed(SALES), facts, "2026-06-02 13:00"))
    assert (found.kept, found.broken, found.undecided, found.due) == (60, 15, 25, 75)
    assert found.figure.value == Fraction(80, 100)
    assert found.state == "missed"


def test_after_10_of_22_days_150_misses_of_1773_are_77_percent_of_the_budget():
    budget = Budget(
        "first contact",
        None,
        Fraction(95, 100),
        Fraction(3900),
        "plan",
        1773,
        150,
        Fraction(10, 22),
    )
    assert (budget.allowed, budget.left) == (195, 45)
    assert exact_text(budget.missed_share) == "0.0846"
    assert exact_text(budget.burn, 2) == "1.69"
    assert exact_text(budget.used, 2) == "0.77"
    assert exact_text(budget.elapsed, 2) == "0.45"


def test_the_budget_of_the_month_counts_what_began_in_it():
    facts = [
        *handed(40, "2026-05-29 09:00", "may"),
        *handed(30, "2026-06-01 09:00", "june"),
        *tried(20, "2026-06-01 10:00", "june"),
    ]
    agreement = agreed(SALES, **{"valid from": "2026-05-01"})
    (budget,) = budgets(judged(agreement, facts, "2026-06-11 17:00"))
    assert (budget.due, budget.missed, budget.source) == (30, 10, "pace")
    assert budget.elapsed == Fraction(9, 22)
    assert budget.expected == 74  # 30 ÷ (9 ÷ 22), rounded up
    assert budget.burn == Fraction(10, 30) / Fraction(5, 100)
    assert budget.to_json()["period"] == "2026-06"


def test_the_plan_says_how_many_leads_the_budget_is_for():
    agreement = agreed(
        {
            "sales": {"first contact": CONTACT},
            "marketing": {"volume": {"deliver": "mql", "amount": "as planned", "each": "month"}},
        },
        goal={"quota": {"amount": "500000", "per": "month"}},
        handoff={"when": "mql"},
        funnel={
            "website form": {
                "share": "100%",
                "mql to sql": "34%",
                "sql to opportunity": "82%",
                "win": "23%",
                "order value": "2000",
            }
        },
        definitions={"stages": ["lead", "mql", "sql", "opportunity", "customer"]},
        term={"from": "2026-06-01", "to": "2027-05-31"},
    )
    (budget,) = budgets(judged(agreement, [], "2026-06-11 17:00"))
    assert (budget.expected, budget.allowed, budget.source) == (3900, 195, "plan")


def test_a_target_of_all_allows_no_miss():
    agreement = agreed({"sales": {"first contact": {**CONTACT, "target": "100%"}}})
    (budget,) = budgets(judged(agreement, handed(1, "2026-06-01 09:00", "a"), "2026-06-03 17:00"))
    assert (budget.allowed, budget.left, budget.burn, budget.used) == (0, -1, None, None)


HANDED_ON = [
    fact("handed_over", "2026-06-01 09:00", owner="ana"),
    fact("assigned", "2026-06-01 12:00", owner="ben"),
    fact("attempted", "2026-06-01 14:00", by="ben"),
]


def test_a_person_is_charged_for_a_leg_by_its_own_time_and_the_team_by_the_leads_clock():
    judgement = judged(agreed(SALES), HANDED_ON, "2026-06-02 17:00")
    assert line(judgement).broken == 1
    assert line(judgement, "rep", rep="ben").kept == 1
    assert not any(one.rep == "ana" for one in compliance(judgement))


def test_what_nobody_owned_is_nobodys():
    judgement = judged(agreed(SALES), [fact("handed_over", "2026-06-01 09:00")], "2026-06-02 17:00")
    assert line(judgement, "rep", rep=None).broken == 1


def test_leads_are_cut_by_type_and_by_the_week_of_the_start():
    facts = [
        fact("created", "2026-06-01 08:00", "A", type="demo"),
        fact("handed_over", "2026-06-07T21:59:00Z", "A"),
        fact("handed_over", "2026-06-07T22:00:00Z", "B"),
    ]
    judgement = judged(agreed(SALES), facts, "2026-06-09 17:00")
    assert line(judgement, "lead type", lead_type="demo").due == 1
    assert line(judgement, "lead type", lead_type=None).due == 1
    assert line(judgement, "week", week="2026-W23").broken == 1
    assert line(judgement, "week", week="2026-W24").broken == 1


def test_excused_and_waived_are_in_no_denominator():
    facts = [
        fact("handed_over", "2026-06-01 09:00", "A"),
        fact("returned", "2026-06-01 10:00", "A", to="re-engage"),
        fact("handed_over", "2026-06-01 09:00", "B"),
        fact("waived", "2026-06-02 10:00", "B", promise="first contact"),
    ]
    found = line(judged(agreed(SALES), facts, "2026-06-03 17:00"))
    assert (found.due, found.undecided, found.figure.value) == (0, 0, None)
    assert found.to_json()["excused"] == found.to_json()["waived"] == 1
    assert found.state == "undecided"


LADDER = {
    "sales": {
        "follow-up": {
            "after": "handed over",
            "do": "attempted",
            "ladder": [
                {"times": 3, "within": "14 days"},
                {"times": 5, "within": "28 days"},
                {"times": 7, "within": "56 days"},
            ],
            "unless": ["converted", "returned"],
        }
    }
}


def rungs(facts, now):
    found = ladder(judged(agreed(LADDER), facts, now))
    return [(rung.times, rung.kept, rung.due, rung.excused, rung.undecided) for rung in found]


def attempts(*days):
    return [fact("attempted", f"2026-06-{day:02} 10:00") for day in days]


HANDED = fact("handed_over", "2026-06-01 09:00", owner="ana")


@pytest.mark.parametrize(
    "facts, now, expected",
    [
        (
            [HANDED, *attempts(2)],
            "2026-06-11 09:00",
            [(3, 0, 0, 0, 1), (5, 0, 0, 0, 1), (7, 0, 0, 0, 1)],
        ),
        (
            [HANDED, *attempts(2, 3)],
            "2026-06-15 09:01",
            [(3, 0, 1, 0, 0), (5, 0, 0, 0, 1), (7, 0, 0, 0, 1)],
        ),
        (
            [HANDED, *attempts(2, 3, 16, 17, 18)],
            "2026-06-29 09:01",
            [(3, 0, 1, 0, 0), (5, 1, 1, 0, 0), (7, 0, 0, 0, 1)],
        ),
        (
            [HANDED, *attempts(2), fact("converted", "2026-06-10 09:00")],
            "2026-06-29 09:01",
            [(3, 0, 0, 1, 0), (5, 0, 0, 1, 0), (7, 0, 0, 1, 0)],
        ),
    ],
    ids=[
        "day 10 with 1",
        "day 14 with 2",
        "day 28 with 5, first rung missed",
        "converted on day 9",
    ],
)
def test_rungs_are_cumulative_and_what_converted_is_no_failure(facts, now, expected):
    assert rungs(facts, now) == expected


def test_misses_bear_the_name_of_the_lead_and_the_cause():
    facts = [
        fact("handed_over", "2026-06-01 09:00", "nobody's"),
        fact("handed_over", "2026-06-01 09:00", "slow routing"),
        fact("assigned", "2026-06-01 16:00", "slow routing", owner="ana"),
        fact("handed_over", "2026-06-01 09:00", "never", owner="ana"),
        fact("handed_over", "2026-06-02 09:00", "late", owner="ben"),
        fact("attempted", "2026-06-02 16:30", "late", by="ben"),
    ]
    found = misses(judged(agreed(SALES), facts, "2026-06-03 17:00"))
    assert found.total == 4
    assert {(m.lead, m.owner, m.cause) for m in found.latest} == {
        ("nobody's", None, "nobody owned it"),
        ("slow routing", "ana", "assigned too late"),
        ("never", "ana", "never answered"),
        ("late", "ben", "answered late"),
    }
    assert found.causes == (
        (
            "first contact",
            (
                ("nobody owned it", 1),
                ("assigned too late", 1),
                ("never answered", 1),
                ("answered late", 1),
            ),
        ),
    )
    first = found.latest[0].to_json("Europe/Warsaw")
    assert first == {
        "promise": "first contact",
        "rung": None,
        "lead": "late",
        "pass": 1,
        "owner": "ben",
        "started_at": "2026-06-02T09:00:00+02:00",
        "due_at": "2026-06-02T13:00:00+02:00",
        "answered_at": "2026-06-02T16:30:00+02:00",
        "late_seconds": 12600,
        "cause": "answered late",
    }


def test_only_so_many_misses_are_named_the_latest_due_first():
    facts = handed(5, "2026-06-01 09:00", "a")
    found = misses(judged(agreed(SALES), facts, "2026-06-03 17:00"), most=2)
    assert (found.total, [m.lead for m in found.latest]) == (5, ["a00004", "a00003"])
