"""Training on logs whose truth is known: what is found, what is left out, what is refused."""

import sys
from datetime import timedelta

import numpy as np
import pytest

from leadpact.learn import FEWEST_LEADS, FEWEST_WON, learn, read_model
from leadpact.learn.cases import cases
from leadpact.learn.validation import ahead, area, wilson
from tests.leadpact.learned_logs import NOW, START, TEXT, agreed, drawn, log_of

DAY = 86_400_000_000


@pytest.fixture(scope="module")
def whole():
    facts, logits = drawn()
    return log_of(facts), logits


@pytest.fixture(scope="module")
def made(whole):
    return learn([agreed()], whole[0], now=NOW)


def test_it_ranks_nearly_as_well_as_the_truth_that_was_drawn(whole, made):
    log, logits = whole
    found = cases([agreed()], log, NOW)
    late = slice(int(0.8 * len(found)), None)
    best = area((logits * 1e6).astype(np.int64)[found.lead[late]], found.won[late])
    assert made.validation.auc.value == pytest.approx(best.value, abs=0.02)
    assert made.validation.auc.low < best.value < made.validation.auc.high
    assert made.validation.tells
    assert made.validation.brier < made.validation.brier_of_base


def test_chances_come_true(made):
    for group in made.validation.groups:
        assert group.low - 0.08 <= group.foretold <= group.high + 0.08
    foretold = sum(group.foretold * group.leads for group in made.validation.groups)
    assert foretold == pytest.approx(made.validation.won, rel=0.15)


def test_the_rules_are_compared_on_the_same_leads(made):
    found = made.validation
    assert sum(group.leads for group in found.rules_groups) == found.leads
    assert sum(group.won for group in found.rules_groups) == found.won
    assert found.rules.value < found.auc.value
    assert found.ahead.low > 0


def test_leaks_are_found_and_named_with_their_reason(made):
    told = {leak.name: leak.why for leak in made.grounds.left_out}
    assert told == {
        "budget": "after",
        "contract_kind": "filled",
        "reference": "own",
        "status": "tells",
    }
    looked_at = {feature.name for feature in made.model.features}
    assert not looked_at & told.keys()
    assert {"industry", "employees", "demo requested"} <= looked_at
    said = {leak.name: leak.sentence() for leak in made.grounds.left_out}
    assert "100%" in said["budget"]
    assert made.model.without == ("budget", "contract_kind", "status")


def test_the_split_is_by_time(made):
    model, found = made.model, made.validation
    assert model.trained.last <= model.calibrated.first <= model.calibrated.last <= found.first
    assert (model.trained.leads, model.calibrated.leads, found.leads) == (1_440, 480, 480)


def test_what_happens_later_changes_nothing_that_was_learned(whole, made):
    facts, _logits = drawn()
    after = START + timedelta(days=450)
    later = [
        {
            "lead": f["lead"],
            "kind": "described",
            "occurred_at": after.isoformat(),
            "industry": "food",
        }
        for f in facts
        if f["kind"] == "created"
    ]
    assert learn([agreed()], log_of([*facts, *later]), now=NOW).model == made.model


def test_it_is_the_same_for_the_same_log(whole, made):
    again = learn([agreed()], whole[0], now=NOW)
    assert again.to_json() == made.to_json()
    assert again.model.name == made.model.name


def test_a_model_is_read_as_it_was_written(made):
    assert read_model(made.model.model_dump_json(by_alias=True)) == (made.model, [])
    assert read_model(made.model.to_json()) == (made.model, [])


def test_young_leads_are_left_out_and_counted(whole):
    log, _logits = whole
    at = cases([agreed()], log, NOW).at
    early = cases([agreed()], log.as_of(int(at[1_000])), int(at[1_000]))
    assert early.immature > 0
    assert early.at.max() <= int(at[1_000]) - early.matures_in
    assert len(early) + early.immature == 1_001
    assert 28 * DAY < early.matures_in < 30 * DAY


def test_open_leads_count_as_not_won_once_nearly_all_that_win_have_won():
    facts, _logits = drawn(60)
    facts = [fact for fact in facts if fact["kind"] != "lost"]
    found = cases([agreed()], log_of(facts), NOW)
    wins = sum(fact["kind"] == "won" for fact in facts)
    assert (len(found), int(found.won.sum())) == (60, wins)


def test_first_passes_alone_count():
    at = [(START + timedelta(days=n)).isoformat() for n in range(5)]
    kinds = ["created", "handed_over", "returned", "handed_over", "won"]
    facts = [
        {"lead": "L", "kind": kind, "occurred_at": when}
        for kind, when in zip(kinds, at, strict=True)
    ]
    found = cases([agreed()], log_of(facts), NOW)
    assert found.won.tolist() == [False]


def test_too_few_leads_are_refused_with_what_is_missing():
    facts, _logits = drawn(400)
    made = learn([agreed()], log_of(facts), now=NOW)
    assert (made.model, made.validation) == (None, None)
    leads, won, lost = made.missing[0], made.missing[1], made.missing[-1]
    assert (leads.what, leads.found, leads.needed) == ("leads", 400, FEWEST_LEADS)
    assert (won.what, won.needed) == ("won", FEWEST_WON)
    assert lost.what in {"won", "lost"}
    assert "600 more" in leads.sentence()
    assert "1,000" in leads.sentence()


def test_wins_that_are_all_early_are_refused():
    facts, _logits = drawn(1_500)
    late = f"L-{1_000:05}"
    facts = [f for f in facts if f["kind"] != "won" or f["lead"] < late]
    made = learn([agreed()], log_of(facts), now=NOW)
    assert [one.what for one in made.missing] == ["later"]


def test_without_scikit_learn_it_says_what_to_install(whole, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    made = learn([agreed()], whole[0], now=NOW)
    assert [one.what for one in made.missing] == ["library"]
    assert "leadpact[learn]" in made.missing[0].sentence()


def test_without_rules_there_is_nothing_to_compare_with(whole):
    bare = TEXT[: TEXT.index("qualification:")] + "handoff: {when: mql}\n"
    made = learn([agreed(bare)], whole[0], now=NOW)
    assert made.validation.rules is None
    assert made.validation.ahead is None
    assert not made.model.asks_rules


def test_an_empty_log_is_refused():
    made = learn([agreed()], log_of([]), now=NOW)
    assert [one.what for one in made.missing] == ["leads", "won", "lost"]


def test_the_auc_is_that_of_the_textbook():
    ranks = np.array([8, 3, 5, 5, 1, 7])
    won = np.array([True, True, True, False, False, False])
    pairs = [(a, b) for a in ranks[won] for b in ranks[~won]]
    wanted = sum((a > b) + (a == b) / 2 for a, b in pairs) / len(pairs)
    assert area(ranks, won).value == pytest.approx(wanted, abs=1e-4)
    assert ahead(ranks, ranks, won).value == 0.0


def test_the_interval_of_a_share_is_wilsons():
    assert wilson(8, 10) == pytest.approx((0.490162, 0.943318), abs=1e-6)
    assert wilson(0, 30)[0] == 0.0
