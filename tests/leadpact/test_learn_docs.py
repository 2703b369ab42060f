"""The page on prediction says what models do."""

import re
from math import exp
from pathlib import Path

from leadpact.learn import foretold, leaks, read_model, training
from leadpact.learn.drift import FEWEST_MATURE, FEWEST_RECENT, FEWEST_WINS
from tests.leadpact.learned_logs import NOW, agreed, log_of

PAGE = (Path(__file__).parents[2] / "docs" / "prediction.md").read_text("utf-8")


def test_the_worked_lead_comes_out_as_the_page_says():
    model, problems = read_model(re.search(r"```json\n(.+?)```", PAGE, re.DOTALL)[1])
    assert problems == []
    at = "2026-03-02T10:00:00+00:00"
    log = log_of(
        [
            {"lead": "L", "kind": "created", "occurred_at": at, "industry": "retail"},
            {"lead": "L", "kind": "engaged", "occurred_at": at, "what": "demo requested"},
        ]
    )
    found = foretold(model, [agreed()], log, now=NOW)
    assert found.sums.tolist() == [11_000]
    assert f"**{found.share(0):.4%}**" in PAGE
    for reason in found.reasons(0):
        assert f"`{reason.sentence()}`" in PAGE
        assert f"{exp(reason.weight / 10_000):.2f}" in PAGE


def test_the_page_names_every_minimum_and_every_reason():
    for number in (training.FEWEST_LEADS, training.FEWEST_WON, training.FEWEST_LOST):
        assert f"{number:,}" in PAGE
    assert f"{training.FEWEST_LATER} of each" in PAGE
    assert f"AUC of {leaks.TELLING} or more" in PAGE
    assert f"{FEWEST_RECENT}\nsuch leads" in PAGE
    assert f"{FEWEST_MATURE} leads and {FEWEST_WINS} expected wins" in PAGE
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == {
        *("after", "tells", "filled", "blank", "value", "own")
    }
