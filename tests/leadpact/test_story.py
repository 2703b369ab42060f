"""The table of legal moves against what the engine does with every fact in every standing."""

import pytest

from leadpact.agreement.model import Agreement
from leadpact.clock import to_datetime
from leadpact.facts import KINDS
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.story import MOVES, diagram

DAY = 86_400_000_000
NOON = 1_773_399_600_000_000  # 2026-03-13 11:00 UTC
AGREEMENT = Agreement.model_validate(
    {
        "leadpact": "1",
        "agreement": "Story",
        "version": "1",
        "valid from": "2026-01-01",
        "promises": {
            "sales": {"contact": {"after": "handed over", "do": "attempted", "within": "1 day"}}
        },
    }
)
WAYS = {
    "open": [],
    "out": ["returned"],
    "disqualified": ["disqualified"],
    "lost": ["lost"],
    "won": ["won"],
    "suppressed": ["suppressed"],
    "merged": ["merged"],
}
SAID = {
    "moved": {"to": "sql"},
    "merged": {"into": "other"},
    "assigned": {"owner": "ana"},
    "engaged": {"what": "demo requested"},
    "corrected": {"fact": "none"},
}


def standing(kinds):
    told = [("created", "L"), *((kind, "L") for kind in kinds), ("created", "other")]
    facts = [
        {
            "lead": lead,
            "kind": kind,
            "occurred_at": to_datetime(NOON + place * DAY).isoformat(),
            **SAID.get(kind, {}),
        }
        for place, (kind, lead) in enumerate(told)
    ]
    log, problems = Log.from_facts(facts)
    assert problems == []
    found = judge([AGREEMENT], log, now=NOON + 90 * DAY)
    return {row["lead"]: row["standing"] for row in found.stories.rows()}["L"]


@pytest.mark.parametrize("origin", WAYS)
def test_every_fact_moves_a_lead_as_the_table_says(origin):
    goals = {(move.origin, move.fact): move.goal for move in MOVES}
    expected = {kind.name: goals.get((origin, kind.name), origin) for kind in KINDS}
    assert standing(WAYS[origin]) == origin
    assert {kind: standing([*WAYS[origin], kind]) for kind in expected} == expected


def test_no_move_leads_out_of_a_final_standing():
    assert {"suppressed", "merged"}.isdisjoint(move.origin for move in MOVES)


def test_the_diagram_shows_every_pair_of_standings_that_a_fact_joins():
    arrows = {line.split(":")[0].strip() for line in diagram().splitlines() if "-->" in line}
    wanted = {f"{'[*]' if m.origin == 'new' else m.origin} --> {m.goal}" for m in MOVES}
    assert wanted <= arrows
