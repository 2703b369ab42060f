"""Scores over the API: what they are the sum of, set by hand and released; other rules tried."""

import pytest

from leaddesk.book import moment
from tests.leaddesk.asking import Caller, problem
from tests.leaddesk.desk import at, fact, person, take, workspace
from tests.leaddesk.test_scoring import POINTS, created, guide

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 09:05")
RULES = {
    "fit": [
        {"when": {"industry": ["retail", "food"]}, "points": 20},
        {"when": {"employees": {"at least": 50}}, "points": 30},
    ],
    "interest": [
        {"did": "demo requested", "points": 60},
        {"did": "guide downloaded", "points": 16, "halves after": "14 days", "at most": 40},
    ],
    "qualifies as mql": {"all": [{"fit": {"at least": 40}}, {"interest": {"at least": 10}}]},
}


@pytest.fixture(autouse=True)
def clock():
    with moment.standing_at(NOW):
        yield


@pytest.fixture
def own():
    found = workspace(POINTS)
    take(found, created("L-1", "2026-02-01 09:00"), guide("L-1", "2026-02-26 09:05"), now=NOW)
    take(found, created("L-2", "2026-02-01 09:00", owner="ana"), now=NOW)
    take(found, fact("L-1", "won", "2026-03-01 10:00"), now=NOW)
    return found


def test_a_score_is_told_with_its_parts_now_and_then(own):
    caller = Caller(own, "viewer", ["read"])
    told = caller.get("/leads/L-1/score").json()
    assert (told["fit"], told["interest"], told["grade"], told["version"]) == (50.0, 8.0, "A3", 1)
    assert sum(one["points"] for one in told["factors"] if one["axis"] == "fit") == 50
    assert [one for one in told["factors"] if one["axis"] == "interest"] == [
        {
            "axis": "interest",
            "kind": "rule",
            "points": 8.0,
            "name": "guide downloaded",
            "rule": 2,
            "times": 1,
            "last_at": "2026-02-26T08:05:00Z",
            "halves_after_seconds": 14 * 86_400,
            "halves_at": "2026-03-26T08:05:00Z",
            "why": None,
        }
    ]
    then = caller.get("/leads/L-1/score", query="?as_of=2026-02-26T08:05:00Z").json()
    assert (then["interest"], then["grade"]) == (16.0, "A2")
    assert caller.get("/leads/L-1/score", query="?as_of=nonsense").status_code == 422


def test_a_score_is_set_by_hand_and_released(own):
    caller = Caller(own, "marketer", ["facts:write", "read"])
    body = {"interest": 61.5, "why": "spoke with them"}
    made = caller.post("/leads/L-1/score", body, Idempotency_Key="one")
    assert (made.status_code, made.json()["outcome"]) == (201, "new")
    assert caller.post("/leads/L-1/score", body, Idempotency_Key="one").json() == made.json()
    told = caller.get("/leads/L-1/score").json()
    assert (told["interest"], told["grade"]) == (61.5, "A1")
    assert told["factors"][-1]["why"] == "spoke with them"
    listed = caller.get("/leads", query="?sort=interest&grade=A1").json()["data"]
    assert [(one["key"], one["interest"], one["grade"]) for one in listed] == [("L-1", 61.5, "A1")]
    with moment.standing_at(NOW + 1):
        assert caller.post("/leads/L-1/score/release", {}).status_code == 201
        assert caller.get("/leads/L-1/score").json()["interest"] == 8.0


@pytest.mark.parametrize(
    "body",
    [{}, {"fit": 5}, {"why": "x"}, {"fit": "five", "why": "x"}, {"fit": 1e9, "why": "x"}, {"fit": 1, "why": "\u202e"}, {"fit": 1.234, "why": "x"}],
)  # fmt: skip
def test_what_is_no_score_is_refused(own, body):
    assert problem(Caller(own).post("/leads/L-1/score", body)) == (422, "invalid")


def test_a_rep_may_not_set_scores_by_endpoint_nor_by_fact(own):
    person(own, "rep", role="rep", team="inbound")
    caller = Caller(own, "rep", ["facts:write"])
    assert problem(caller.post("/leads/L-2/score", {"fit": 1, "why": "x"})) == (403, "forbidden")
    told = {"lead": "L-new", "kind": "scored", "model": "By hand", "fit": "90"}
    refused = caller.post("/facts", told | {"occurred_at": "2026-03-12T09:00:00+01:00"})
    assert problem(refused) == (422, "invalid")


def test_the_track_record_is_told(own):
    told = Caller(own, "viewer", ["read"]).get("/scoring").json()
    assert (told["leads"], told["whole"], told["stage"]) == (2, 2, "mql")
    assert {one["rule"]: (one["leads"], one["won"], one["rate"]) for one in told["rules"]} == {
        "fit.1": (2, 1, None),
        "fit.2": (2, 1, None),
        "interest.1": (0, 0, None),
        "interest.2": (1, 1, None),
    }
    assert sum(one["leads"] for one in told["grades"]) == 2


def test_other_rules_are_tried_and_nothing_is_kept(own):
    caller = Caller(own, "viewer", ["read"])
    told = caller.post("/scoring/try", {"qualification": RULES})
    assert told.status_code == 200
    made = told.json()
    assert (made["was"], made["would"]) == ({"leads": 0, "won": 0}, {"leads": 1, "won": 1})
    assert (made["more_leads"], made["fewer_leads"]) == (["L-1"], [])
    assert [(one["clause"], one["more"]["leads"]) for one in made["alone"]] == [
        ("qualifies.mql", 1)
    ]
    back = caller.post("/scoring/try", {"qualification": RULES, "against": RULES}).json()
    assert (back["more"]["leads"], back["alone"]) == (0, [])


@pytest.mark.parametrize(
    "body",
    [{}, {"qualification": []}, {"qualification": {"fit": [{"points": "x"}]}}, {"qualification": {"nonsense": 1}}, {"qualification": {}, "stage": "nowhere"}, {"qualification": {"fit": None}}, {"qualification": {"fit": {"a": [[[]]]}}}],
)  # fmt: skip
def test_rules_that_are_none_are_refused_with_what_is_wrong(own, body):
    assert problem(Caller(own).post("/scoring/try", body)) == (422, "invalid")
