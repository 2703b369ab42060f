"""The API of routing: who has room, what waits, and a dry run."""

import pytest

from leaddesk.book import moment
from leaddesk.book.models import Fact, Handoff
from tests.leaddesk.asking import Caller, problem
from tests.leaddesk.desk import at, fact, take, workspace
from tests.leaddesk.pages.test_routing_page import TEXT

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 10:00")


@pytest.fixture(autouse=True)
def clock():
    with moment.standing_at(NOW):
        yield


@pytest.fixture
def own():
    return workspace(TEXT)


def test_who_can_be_given_leads_with_what_each_has(own):
    told = Caller(own).get("/routing").json()
    assert (told["by"], told["same_account"], told["at_least"]) == ("weight", True, "10 per month")
    assert [(one["pool"], one["territory"]) for one in told["pools"]] == [
        ("team inbound", None),
        ("team asia", 1),
    ]
    ana, ben = told["pools"][0]["members"]
    assert ana == {
        "person": "ana",
        "refusal": None,
        "weight": "2",
        "share": 1.0,
        "credit": None,
        "given_this_month": 0,
        "open": 0,
        "limits": [{"limit": "250 per month", "used": 0}],
        "missing": 10,
    }
    assert ben["refusal"] == {
        "person": "ben",
        "reason": "leave",
        "until": "2026-03-16T08:00:00Z",
        "limit": None,
    }


def test_leads_that_wait_come_in_pages_with_the_reason(own):
    for n in range(3):
        Handoff.objects.of(own).create(
            workspace=own,
            lead=f"L-{n}",
            pass_number=1,
            state="waiting",
            at=NOW + n,
            route='{"pool":"team asia","rule":"weight","passed":[["chai","full",null,"0 per month"]]}'
            if n
            else "told elsewhere",
        )
    caller = Caller(own)
    first = caller.get("/routing/waiting", query="?limit=2").json()
    assert [one["lead"] for one in first["data"]] == ["L-0", "L-1"]
    assert first["data"][0]["why"] is None
    assert first["data"][1]["why"]["passed_over"] == [
        {"person": "chai", "reason": "full", "until": None, "limit": "0 per month"}
    ]
    rest = caller.get("/routing/waiting", query=f"?limit=2&cursor={first['next_cursor']}").json()
    assert [one["lead"] for one in rest["data"]] == ["L-2"]


def test_a_dry_run_changes_nothing(own):
    take(own, fact("L-1", "created", "2026-03-10 10:00"), now=NOW)
    caller, before = Caller(own, scopes=["read"]), Fact.objects.of(own).count()
    told = caller.ask("post", "/routing/try", {"leads": ["L-1", "nowhere"]}).json()
    (one,) = told["decisions"]
    assert (one["lead"], one["owner"], one["rule"], one["among"]) == ("L-1", "ana", "weight", 1)
    assert (told["unknown"], told["left_out"]) == (["nowhere"], 0)
    assert caller.ask("post", "/routing/try", {}).json()["decisions"] == []
    assert Fact.objects.of(own).count() == before


@pytest.mark.parametrize("body", [{"leads": ["x"] * 501}, {"leads": "L-1"}, {"lead": ["L-1"]}])
def test_what_can_not_be_read_is_refused(own, body):
    assert problem(Caller(own).ask("post", "/routing/try", body))[0] == 422
