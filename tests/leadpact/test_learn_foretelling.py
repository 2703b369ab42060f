"""Foretelling: chances, their reasons, models that are damaged, and leads that change."""

import json
from datetime import timedelta

import numpy as np
import pytest

from leadpact.learn import drift, foretold, learn, read_model
from tests.leadpact.commands import typed
from tests.leadpact.learned_logs import NOW, START, TEXT, agreed, drawn, log_of


@pytest.fixture(scope="module")
def taught():
    facts, _logits = drawn(leaks=False)
    return facts, learn([agreed()], log_of(facts), now=NOW).model


def fresh(**told):
    at = (START + timedelta(days=400)).isoformat()
    return {"lead": "N", "kind": "created", "occurred_at": at, "type": "chat", **told}


def test_reasons_sum_exactly_to_what_the_chance_is_read_from(taught):
    facts, model = taught
    found = foretold(model, [agreed()], log_of(facts), now=NOW)
    for lead in range(0, 2_400, 97):
        reasons = found.reasons(lead)
        assert model.base + sum(reason.weight for reason in reasons) == found.sums[lead]
        assert abs(reasons[0].weight) >= abs(reasons[-1].weight)


def test_a_better_lead_has_a_better_chance_and_says_why(taught):
    _facts, model = taught
    retail = log_of([fresh(industry="retail")])
    software = log_of([fresh(industry="software")])
    good = foretold(model, [agreed()], retail, now=NOW)
    bad = foretold(model, [agreed()], software, now=NOW)
    assert good.share(0) > bad.share(0) + 0.2
    said = {reason.sentence(): reason.weight for reason in good.reasons(0)}
    assert said["industry: retail"] > 0
    assert 0 < bad.share(0) < good.share(0) < 1


def test_what_became_known_after_the_handoff_changes_no_chance(taught):
    _facts, model = taught
    at = START + timedelta(days=401)
    handed = {"lead": "N", "kind": "handed_over", "occurred_at": at.isoformat(), "owner": "ana"}
    told = {
        "lead": "N",
        "kind": "described",
        "occurred_at": (at + timedelta(days=1)).isoformat(),
        "industry": "retail",
    }
    log = log_of([fresh(industry="software"), handed])
    later = log_of([fresh(industry="software"), handed, told])
    before = foretold(model, [agreed()], log, now=NOW)
    assert foretold(model, [agreed()], later, now=NOW).share(0) == before.share(0)
    assert foretold(model, [agreed()], later, now=NOW, again=True).share(0) > before.share(0)


def test_words_and_fields_that_nobody_taught_are_no_trouble(taught):
    _facts, model = taught
    log = log_of([fresh(industry="mining", colour="green", employees="many")])
    found = foretold(model, [agreed()], log, now=NOW)
    assert "industry: another one" in {reason.sentence() for reason in found.reasons(0)}
    assert len(foretold(model, [agreed()], log_of([]), now=NOW).chances) == 0


LAST = 9
DAMAGES = [
    (lambda m: m.update(base="1"), "base"),
    (lambda m: m.update(base=float("nan")), "base"),
    (lambda m: m.update(code="import os"), "code"),
    (lambda m: m["features"][0].update(kind="exec"), "features.1.kind"),
    (lambda m: m["features"][0]["weights"].pop(), "features.1"),
    (lambda m: m["features"][0].update(weights=[10**30]), "features.1.weights.1"),
    (lambda m: m["calibration"]["chances"].reverse(), "calibration"),
    (lambda m: m["calibration"].update(sums=[]), "calibration.sums"),
    (lambda m: m.update({"leadpact model": 2}), "leadpact model"),
    (lambda m: m.pop("trained"), "trained"),
    (lambda m: m.update(zone="Mars/Phobos"), ""),
    (lambda m: m["features"][-1].update(kind="weekday", words=["a"]), f"features.{LAST}"),
    (lambda m: m["features"][-1].update(kind="hour", words=[], cuts=[99]), f"features.{LAST}"),
]


@pytest.mark.parametrize(("damage", "path"), DAMAGES)
def test_a_damaged_model_is_refused_with_the_place(taught, damage, path):
    told = json.loads(taught[1].model_dump_json(by_alias=True))
    damage(told)
    model, problems = read_model(json.dumps(told))
    assert model is None
    assert path in [problem.path for problem in problems]


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", "[" * 100_000, b"\xff\xfe", "x" * 3_000_000]
)
def test_what_is_no_model_is_refused(text):
    model, problems = read_model(text)
    assert model is None
    assert problems


def test_leads_like_before_are_steady(taught):
    facts, model = taught
    found = drift(model, [agreed()], log_of(facts), now=NOW)
    assert (found.state, found.truth.holds) == ("too few" if not found.truth else "steady", True)
    assert found.shifts == ()  # nobody qualified within 90 days


def test_leads_of_another_kind_ask_for_training_anew(taught):
    facts, model = taught
    moved = [
        {**fact, "industry": "software"}
        if "industry" in fact and fact["lead"] > "L-02000"
        else fact
        for fact in facts
    ]
    now = NOW - 290 * 86_400_000_000
    found = drift(model, [agreed()], log_of(moved), now=now)
    assert found.recent >= 200
    assert (found.shifts[0].name, found.shifts[0].state) == ("industry", "shifted")
    assert found.state == "retrain"
    calm = drift(model, [agreed()], log_of(facts), now=now)
    assert {shift.state for shift in calm.shifts} == {"steady"}


def test_chances_that_no_longer_come_true_ask_for_training_anew(taught):
    facts, model = taught
    rng = np.random.default_rng(5)
    worse = [
        {**fact, "kind": "lost"}
        if fact["kind"] == "won" and fact["lead"] > "L-01900" and rng.random() < 0.6
        else fact
        for fact in facts
    ]
    found = drift(model, [agreed()], log_of(worse), now=NOW)
    assert not found.truth.holds
    assert found.truth.foretold > found.truth.high
    assert found.state == "retrain"


def test_few_leads_say_nothing(taught):
    _facts, model = taught
    found = drift(model, [agreed()], log_of([fresh(industry="food")]), now=NOW)
    assert (found.state, found.shifts, found.truth) == ("too few", (), None)
    assert "200" in found.sentence()


def test_the_commands_learn_and_foretell(tmp_path):
    facts, _logits = drawn(1_200, seed=3)
    (tmp_path / "a.yaml").write_text(TEXT, "utf-8")
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(f) + "\n" for f in facts), "utf-8")
    given = [tmp_path / name for name in ("a.yaml", "log.jsonl")]
    now = ("--now", "2027-05-01T00:00")
    learned = typed("learn", *given, *now, "-o", tmp_path / "m.json")
    assert learned.exit_code == 0, learned.stderr
    assert "- contract_kind:" in learned.stdout
    assert "AUC" in learned.stdout
    found = typed("foretell", given[0], tmp_path / "m.json", given[1], *now)
    assert found.exit_code == 0, found.stderr
    assert "fit by the rules: 20 or more" in found.stdout
    told = typed(
        "foretell", given[0], tmp_path / "m.json", given[1], *now, "-o", tmp_path / "c.csv"
    )
    assert told.exit_code == 0
    assert len((tmp_path / "c.csv").read_text("utf-8").splitlines()) == 1_201


def test_the_command_says_what_is_missing(tmp_path):
    facts, _logits = drawn(50)
    (tmp_path / "a.yaml").write_text(TEXT, "utf-8")
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(f) + "\n" for f in facts), "utf-8")
    found = typed("learn", tmp_path / "a.yaml", tmp_path / "log.jsonl", "-o", tmp_path / "m.json")
    assert found.exit_code == 1
    assert "at least 1,000" in found.stderr
    assert not (tmp_path / "m.json").exists()
    (tmp_path / "m.json").write_text('{"base": 1}', "utf-8")
    bad = typed("foretell", tmp_path / "a.yaml", tmp_path / "m.json", tmp_path / "log.jsonl")
    assert bad.exit_code == 2
    assert "trained" in bad.stderr
