"""Scores: every boundary is worked by hand."""

import pytest

from leadpact.score import factors, grades, rises, said, scores
from tests.leadpact.scored import agreed, did, fact, instant, log_of, points, risen

GUIDE = {"did": "guide downloaded", "points": "15", "halves after": "14 days", "at most": "45"}
DEMO = {"did": "demo requested", "points": "60"}
BOTH = {"all": [{"fit": {"at least": "40"}}, {"interest": {"at least": "40"}}]}
SIZE = {"when": {"employees": {"at least": "50"}}, "points": "40"}


@pytest.mark.parametrize(
    ("day", "interest"),
    [(0, 15), (7, 10.61), (14, 7.5), (28, 3.75), (70, 0.47), (140, 0.01), (154, 0.01), (168, 0)],
)
def test_points_fade_by_half(day, interest):
    # 15 ÷ 2^(day ÷ 14): 10.6066, 7.5, 3.75, 0.46875, 0.0146, 0.0073, 0.0037
    log = log_of(did(0, "guide downloaded"))
    assert points(agreed(interest=[GUIDE]), log, day) == (0, interest)


def test_what_fades_is_added_up():
    log = log_of(did(0, "guide downloaded"), did(7, "guide downloaded"))
    assert points(agreed(interest=[GUIDE]), log) == (0, 25.61)  # 10.6066 + 15
    assert points(agreed(interest=[GUIDE]), log, 21) == (0, 12.80)  # 5.3033 + 7.5 = 12.8033


def test_a_rule_gives_at_most_its_cap():
    log = log_of(*(did(0, "guide downloaded", source_id=str(n)) for n in range(4)))
    assert points(agreed(interest=[GUIDE]), log) == (0, 45)  # of 60
    assert points(agreed(interest=[GUIDE]), log, 14) == (0, 30)  # 60 ÷ 2
    told = factors(agreed(interest=[GUIDE]), log, "L", instant(0)).factors
    assert [(one.kind, one.points, one.times) for one in told] == [
        ("rule", 6000, 4),
        ("rule cap", -1500, 0),
    ]


def test_groups_and_axes_have_caps_of_their_own():
    rules = agreed(
        fit=[
            {"when": {"industry": "food"}, "points": "20", "group": "firm"},
            {"when": {"employees": {"at least": "50"}}, "points": "20", "group": "firm"},
            {"when": {"role": "user"}, "points": "15"},
            {"when": {"free mail": "yes"}, "points": "-20"},
        ],
        interest=[
            {"did": "page seen", "points": "30", "group": "reading"},
            {"did": "guide downloaded", "points": "25", "group": "reading"},
            {"did": "demo requested", "points": "60"},
        ],
        caps={"firm": "30", "fit": "40", "reading": "50", "interest": "100"},
    )
    who = {"industry": "food", "employees": "50", "role": "user"}
    acts = [did(1, "page seen"), did(1, "guide downloaded"), did(1, "demo requested")]
    assert points(rules, log_of(fact(0, "created", **who), *acts)) == (40, 100)  # 30 + 15, 50 + 60
    log = log_of(fact(0, "created", free_mail="yes", **who), *acts[:2])
    assert points(rules, log) == (25, 50)  # 30 + 15 - 20; 55 within 50
    told = factors(rules, log, "L", instant(1)).factors
    caps = [(one.axis, one.kind, one.name, one.points) for one in told if "cap" in one.kind]
    assert caps == [
        ("fit", "group cap", "firm", -1000),
        ("interest", "group cap", "reading", -500),
    ]


def test_points_below_zero_count_and_fade():
    rules = agreed(
        interest=[
            DEMO,
            {"did": "unsubscribed", "points": "-50"},
            {"did": "mail ignored", "points": "-10", "halves after": "30 days", "at most": "-25"},
        ]
    )
    ignored = [did(0, "mail ignored", source_id=str(n)) for n in range(3)]
    assert points(rules, log_of(*ignored)) == (0, -25)  # of -30
    assert points(rules, log_of(*ignored), 30) == (0, -15)
    assert points(rules, log_of(did(0, "demo requested"), did(0, "unsubscribed"))) == (0, 10)


def test_colleagues_count_in_part():
    rules = agreed(interest=[DEMO, GUIDE], account={"share": "25%", "at most": "20"})
    log = log_of(
        fact(0, "created", "L", account="acme"),
        fact(0, "created", "M", account="acme"),
        fact(0, "created", "N", account="other"),
        fact(0, "created", "O"),
        did(1, "demo requested", "M"),
        did(1, "guide downloaded", "L"),
    )
    assert points(rules, log, 1, "L") == (0, 30)  # 15 + 60 ÷ 4
    assert points(rules, log, 1, "M") == (0, 63.75)  # 60 + 15 ÷ 4
    assert points(rules, log, 15, "M") == (0, 61.88)  # 60 + 7.5 ÷ 4 = 1.875, half up
    assert points(rules, log, 1, "N") == points(rules, log, 1, "O") == (0, 0)
    more = log_of(*log.facts(), did(2, "demo requested", "M"))
    assert points(rules, more, 2, "L") == (0, 14.28 + 20)  # 15 ÷ 2^(1/14); 30 within 20


def test_what_a_company_did_counts_once_for_each_of_its_leads():
    rules = agreed(interest=[DEMO], account={"share": "50%"})
    company = {"occurred_at": "2026-03-03T00:00Z", "kind": "engaged", "what": "demo requested"}
    log = log_of(
        fact(0, "created", "L", account="acme"),
        fact(0, "created", "M", account="acme"),
        {"account": "acme", **company},
    )
    assert points(rules, log, 2, "L") == points(rules, log, 2, "M") == (0, 60)


def test_a_merged_lead_lives_on_in_one_only():
    rules = agreed(interest=[DEMO], account={"share": "50%"})
    log = log_of(
        fact(0, "created", "L", account="acme"),
        fact(0, "created", "M", account="acme"),
        did(1, "demo requested", "M"),
        fact(2, "merged", "M", into="L"),
    )
    assert points(rules, log, 1, "L") == (0, 30)
    assert points(rules, log, 2, "L") == (0, 60)


def test_what_was_taken_back_is_gone():
    log = log_of(
        did(0, "demo requested", source_id="a"), fact(2, "corrected", fact="a", source_id="b")
    )
    assert points(agreed(interest=[DEMO]), log, 1) == (0, 60)
    assert points(agreed(interest=[DEMO]), log, 2) == (0, 0)
    assert (
        risen(agreed(interest=[DEMO], qualifies_as_mql={"interest": {"at least": "60"}}), log) == []
    )


def test_a_score_by_hand_stands_until_it_is_released():
    rules = agreed(fit=[SIZE], interest=[DEMO], qualifies_as_mql=BOTH)
    hand = {"kind": "scored", "model": "by hand"}
    log = log_of(
        fact(0, "created", employees="50"),
        fact(1, **hand, interest="44.5", by="ana", why="we met at the fair"),
        fact(2, "scored", model="rules", interest="99"),
        fact(3, **hand, fit="10", by="ana"),
        fact(4, **hand, interest="released", by="ben"),
        fact(5, **hand, fit="a lot", by="ben"),
    )
    days = [points(rules, log, day) for day in range(6)]
    assert days == [(40, 0), (40, 44.5), (40, 44.5), (10, 44.5), (10, 0), (10, 0)]
    told = factors(rules, log, "L", instant(1)).factors
    assert [said(rules, one) for one in told] == [
        "employees is at least 50",
        "given by hand by ana: we met at the fair",
    ]
    assert risen(rules, log) == [("L", 1, "mql")]


def test_scores_that_were_told_feed_no_rule():
    rules = agreed(
        fit=[{"when": {"grade": "a1"}, "points": "5"}, {"when": {"chance": {"at least": "0.3"}}, "points": "7"}],
        qualifies_as_mql={"fit": {"at least": "40"}},
    )  # fmt: skip
    log = log_of(fact(0, "scored", fit="90", grade="A1", chance="0.31", model="m-1"))
    assert points(rules, log) == (7, 0)
    assert risen(rules, log) == []


def test_the_grid_of_grades():
    rules = agreed(
        fit=[{"when": {"size": str(n)}, "points": str(n)} for n in (29, 30, 49, 50)],
        grades={"fit": ["50", "30"], "interest": ["40", "20"]},
    )
    log = log_of(*(fact(0, "created", f"L{n}", size=str(n)) for n in (29, 30, 49, 50)))
    assert scores(rules, log).grade.tolist() == ["C3", "B3", "B3", "A3"]
    grid = rules.qualification.grades
    fit, interest = scores(rules, log).fit, scores(rules, log).fit
    assert grades(grid, fit, interest).tolist() == ["C2", "B2", "B1", "A1"]
    assert grades(None, fit, interest).tolist() == [""] * 4


@pytest.mark.parametrize(
    ("employees", "interest", "qualifies"),
    [("50", 40, True), ("50", 39, False), ("49", 40, False), ("49", 1000, False)],
)
def test_both_scores_must_reach_the_threshold(employees, interest, qualifies):
    rules = agreed(
        fit=[SIZE],
        interest=[{"did": "page seen", "points": str(interest)}],
        qualifies_as_mql=BOTH,
    )
    log = log_of(fact(0, "created", employees=employees), did(1, "page seen"))
    assert risen(rules, log) == ([("L", 1, "mql")] if qualifies else [])


def test_a_score_or_a_conversion_qualifies():
    recent = {"all": [{"fit": {"at least": "60"}}, {"interest": {"at least": "40"}}]}
    asked = {"all": [{"did": "demo requested", "within": "30 days"}, {"industry": "food"}]}
    rules = agreed(
        fit=[{"when": {"role": "buyer"}, "points": "60"}],
        interest=[{**GUIDE, "points": "40", "at most": "100"}],
        qualifies_as_mql={"any": [recent, asked]},
    )
    log = log_of(
        fact(0, "created", "L", role="buyer"),
        did(1, "guide downloaded", "L"),
        fact(0, "created", "M", industry="food"),
        did(2, "demo requested", "M"),
        fact(0, "created", "N", industry="mining"),
        did(2, "demo requested", "N"),
    )
    assert risen(rules, log) == [("L", 1, "mql"), ("M", 2, "mql")]


def test_within_a_span_up_to_its_last_instant():
    asked = {"did": "demo requested", "within": "14 days", "times": "2"}
    rules = agreed(
        fit=[{"when": asked, "points": "10"}],
        qualifies_as_mql={"all": [asked, {"not": {"free mail": "yes"}}]},
    )
    late = log_of(did(0, "demo requested"), did(14, "demo requested"))
    assert risen(rules, late) == [("L", 14, "mql")]
    assert [points(rules, late, day)[0] for day in (13, 14, 14.00001)] == [0, 10, 0]
    free = log_of(fact(0, "created", free_mail="yes"), *late.facts())
    assert risen(rules, free) == []
    assert risen(rules, log_of(did(0, "demo requested"), did(14.00001, "demo requested"))) == []


def test_facts_of_one_instant_are_looked_at_together():
    rules = agreed(interest=[DEMO], qualifies_as_mql={"not": {"free mail": "yes"}})
    log = log_of(
        did(0, "demo requested", source_id="a"),
        fact(0, "described", free_mail="yes", source_id="b"),
    )
    assert risen(rules, log) == []


FADING = [{"did": "page seen", "points": "20", "halves after": "10 days"}]
WARM = {"interest": {"at least": "40"}}


@pytest.mark.parametrize(
    ("pause", "again"),
    [
        (4, False),  # 40 ÷ 2^0.4 = 30.31, with the 10 of hysteresis above 40 still
        (5, True),  # 40 ÷ 2^0.5 = 28.28, with 10 more below 40
    ],
)
def test_a_lead_that_cools_and_warms_rises_once_more(pause, again):
    rules = agreed(interest=FADING, hysteresis="10", qualifies_as_mql=WARM)
    visits = [did(day, "page seen", source_id=f"{day} {n}") for day in (0, pause) for n in (0, 1)]
    expected = [("L", 0, "mql"), ("L", pause, "mql")]
    assert risen(rules, log_of(*visits)) == expected[: 1 + again]
    assert risen(agreed(interest=FADING, qualifies_as_mql=WARM), log_of(*visits)) == expected


def test_an_act_hands_over_at_once_each_time_unless_disqualified():
    rules = agreed(
        {"when": "mql", "at once": ["demo requested"]},
        interest=[DEMO],
        qualifies_as_mql={"interest": {"at least": "60"}},
        qualifies_as_sql={"interest": {"at least": "120"}},
        disqualifies={"role": "student"},
    )
    log = log_of(
        did(0, "demo requested"),
        did(1, "demo requested"),
        fact(2, "described", role="student"),
        did(3, "demo requested"),
        fact(4, "described", role="buyer"),
    )
    assert risen(rules, log) == [
        ("L", 0, "demo requested"),
        ("L", 1, "demo requested"),
        ("L", 4, "mql"),
    ]
    assert risen(rules, log, "sql") == [("L", 1, "sql"), ("L", 4, "sql")]
    assert scores(rules, log, instant(3)).disqualified.tolist() == [True]
    found = rises(rules, log, "mql")
    assert [found.log.codes[code] for code in found.log.code[found.row[:2]]] == [
        "demo requested"
    ] * 2
    assert found.interest.tolist() == [6000, 12000, 18000]


def together(share="50%", **more):
    return agreed(
        {"when": "mql", "at once": ["demo requested"]},
        fit=[SIZE],
        interest=[*FADING, DEMO],
        account={"share": share},
        qualifies_as_mql={"all": [{"fit": {"at least": "40"}}, WARM]},
        **more,
    )


def colleagues(*facts):
    who = [fact(0, "created", lead, account="acme") for lead in "LM"]
    return log_of(fact(0, "described", employees="50"), *who, *facts)


def test_a_lead_rises_by_what_a_colleague_does_and_says_by_which_act():
    log = colleagues(did(1, "page seen"), did(2, "demo requested", "M"), did(3, "page seen", "M"))
    assert risen(together(), log) == [("L", 2, "mql"), ("M", 2, "demo requested")]
    found = rises(together(), log, "mql")
    assert log.lead[found.row].tolist() == [1, 1]
    alone = together()
    alone = alone.model_copy(
        update={"qualification": alone.qualification.model_copy(update={"account": None})}
    )
    assert risen(alone, log) == [("M", 2, "demo requested")]


def test_whom_a_colleague_warms_rises_once_until_it_has_cooled():
    seen = [
        did(day, "page seen", "M", source_id=f"{day} {n}") for day in (1, 6, 60) for n in (0, 1)
    ]
    own = [did(1, "page seen"), did(60, "page seen")]
    assert risen(together("100%", hysteresis="10"), colleagues(*own, *seen)) == [
        ("L", 1, "mql"),
        ("L", 60, "mql"),
    ]


def test_what_happens_at_one_instant_lets_a_lead_rise_once():
    twice = [did(1, "demo requested", source_id=str(n)) for n in range(3)]
    log = colleagues(*twice, did(1, "demo requested", "M"), did(1, "page seen"))
    found = risen(together(), log)
    assert [one for one in found if one[0] == "L"] == [("L", 1, "demo requested")]


def test_a_handoff_may_wait_for_an_act_alone():
    rules = agreed({"when": "demo requested"})
    log = log_of(did(0, "page seen"), did(1, "demo requested"))
    assert risen(rules, log, "demo requested") == [("L", 1, "demo requested")]


def test_each_lead_at_an_instant_of_its_own():
    rules = agreed(fit=[SIZE], interest=[GUIDE])
    log = log_of(
        *(did(0, "guide downloaded", lead) for lead in "LM"),
        fact(2, "described", "L", employees="50"),
        fact(2, "described", "M", employees="50"),
        fact(3, "created", "N", employees="50"),
    )
    at = [instant(day) for day in (1, 14, 2)]
    found = scores(rules, log, at)
    assert found.fit.tolist() == [0, 4000, 0]
    assert found.interest.tolist() == [1428, 750, 0]  # 15 ÷ 2^(1/14) = 14.275


def test_a_lead_of_tomorrow_and_an_empty_log_have_no_score():
    rules = agreed(
        fit=[{"when": {"not": {"free mail": "yes"}}, "points": "5"}],
        grades={"fit": ["50", "30"], "interest": ["40", "20"]},
        qualifies_as_mql={"fit": {"at least": "5"}},
    )
    log = log_of(did(5, "page seen"), did(0, "page seen", "M"))
    found = scores(rules, log, instant(1))
    assert (found.fit.tolist(), found.grade.tolist()) == ([0, 500], ["", "C3"])
    assert factors(rules, log, "L", instant(1)).factors == ()
    assert factors(rules, log, "nobody", instant(1)).fit == 0
    empty = log_of()
    assert len(scores(rules, empty)) == len(rises(rules, empty, "mql")) == 0
    assert points(agreed(), log, 6) == (0, 0)
    assert risen(agreed(), log) == []


def test_what_has_a_kind_of_its_own_counts_by_its_name():
    rules = agreed(
        {"when": "mql", "at once": ["replied"]},
        interest=[{"did": "replied", "points": "30"}, {"did": "suppressed", "points": "-50"}],
        qualifies_as_mql={"did": "replied", "times": "2"},
    )
    log = log_of(
        fact(0, "replied", channel="email"),
        fact(1, "engaged", what="replied"),
        fact(2, "suppressed", reason="opt out"),
    )
    assert [points(rules, log, day) for day in range(3)] == [(0, 30), (0, 60), (0, 10)]
    assert risen(rules, log) == [("L", 0, "replied"), ("L", 1, "replied")]


@pytest.mark.parametrize(
    ("fit", "interest", "grade"),
    [
        *((14, 25, "C3"), (14, 26, "C2"), (14, 50, "C2"), (14, 51, "C1")),
        *((15, 25, "B3"), (29, 50, "B2"), (29, 51, "B1"), (30, 0, "A3"), (50, 51, "A1")),
    ],
)
def test_a_matrix_where_low_fit_never_qualifies(fit, interest, grade):
    rules = agreed(
        fit=[{"when": {"industry": "food"}, "points": str(fit)}],
        interest=[{"did": "page seen", "points": str(interest)}],
        grades={"fit": ["30", "15"], "interest": ["51", "26"]},
        qualifies_as_mql={"all": [{"fit": {"at least": "15"}}, {"interest": {"at least": "26"}}]},
    )
    log = log_of(fact(0, "created", industry="food"), did(1, "page seen"))
    assert scores(rules, log).grade.tolist() == [grade]
    assert bool(risen(rules, log)) == (grade in ("A1", "A2", "B1", "B2"))
