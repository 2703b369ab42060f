"""Tracks and enrolments by the API."""

import pytest

from tests.leaddesk import desk
from tests.leaddesk.asking import Caller, problem
from tests.leaddesk.desk import at, fact, handed_over, take, workspace
from tests.leaddesk.test_nurturing import TRACKS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def caller():
    own = workspace(desk.AGREEMENT + TRACKS, nurtures_since=1)
    took = [
        fact("L-1", "created", "2026-03-02 09:00", type="demo"),
        handed_over("L-1", "2026-03-03 09:00"),
        fact("L-1", "returned", "2026-03-11 15:00", to="re-engage", by="ana", reason="no answer"),
    ]
    take(own, *took, now=at("2026-03-11 15:00"))
    return Caller(own)


def test_tracks_and_who_is_in_them(caller):
    told = {one["name"]: one for one in caller.ask("get", "/tracks").json()}
    assert [*told] == ["re-engage", "long term", "field"]
    one = told["re-engage"]
    assert (one["leads"], one["then"], one["steps"][1]["after"]) == (
        1,
        "long term",
        "2 working days",
    )
    assert told["field"]["enters_by_rule"]
    found = caller.ask("get", "/enrolments", query="?track=re-engage&state=in").json()["data"]
    assert [(one["lead"], one["why"], one["step"], one["next_at"]) for one in found] == [
        ("L-1", "@given back no answer", 1, "2026-03-12T14:00:00Z")
    ]


def test_a_lead_is_enrolled_and_taken_out(caller):
    asked = {"track": "long term", "why": "asked for spring"}
    done = caller.ask("post", "/leads/L-1/enrol", asked)
    assert (done.status_code, done.json()["outcome"]) == (201, "new")
    assert caller.ask("post", "/leads/L-1/leave-track", {"why": "bought"}).status_code == 201
    found = caller.ask("get", "/enrolments", query="?lead=L-1&state=left").json()["data"]
    assert [(one["track"], one["left_why"]) for one in found] == [
        ("long term", "by hand"),
        ("re-engage", "another track"),
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/leads/L-1/enrol", {"track": "nowhere", "why": "x"}),
        ("/leads/L-1/enrol", {"track": "long term"}),
        ("/leads/L-1/enrol", {"track": "re-engage", "why": "again"}),
        ("/leads/L-1/leave-track", {}),
        ("/leads/L-1/leave-track", {"why": "x" * 400}),
    ],
)
def test_what_does_not_fit_is_told(caller, path, body):
    assert problem(caller.ask("post", path, body))[0] == 422


def test_a_lead_that_there_is_not(caller):
    assert problem(caller.ask("post", "/leads/L-9/enrol", {})) == (404, "not-found")
