"""Muting: it is one's own, it ends, and what the agreement counts on reaches somebody all the same."""

import json

import pytest

from leaddesk.book import moment, outbox
from leaddesk.book.access import Actor
from leaddesk.book.models import Delivery, Mute
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.refusal import Refused
from leaddesk.post import digest, planning, wishes
from leaddesk.post.wording import worded
from tests.leaddesk.asking import Caller, problem
from tests.leaddesk.desk import at, handed_over, person, take, workspace
from tests.leaddesk.letters import channel, notice, plan_all, told

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 14:30")
MORNING = at("2026-03-13 08:30")
A_DAY = NOW + DAY


def staffed():
    """Ana works for Kim, who works for Lee; Root keeps the desk."""
    own = workspace()
    channel(own)
    person(own, "ana", email="ana@example.com", manager="kim")
    person(own, "kim", email="kim@example.com", role="viewer", manager="lee")
    person(own, "lee", email="lee@example.com", role="sales lead")
    person(own, "root", email="root@example.com", role="admin")
    return own


def muted(own, *people, until=A_DAY, kind="", lead="", now=NOW):
    for key in people:
        wishes.mute(Actor(own.pk, key, "rep"), until, now, kind, lead)


def heard(own):
    """Who was sent what, and from whom it was kept."""
    return {(who, state, lead) for who, state, _at, leads in told(own) for lead in leads}


@pytest.mark.parametrize("kind", ["handed over", "reassign"])
def test_who_is_given_a_lead_hears_of_it_muted_or_not(kind):
    own = staffed()
    muted(own, "ana")
    muted(own, "ana", lead="")
    notice(own, kind, NOW, to="ana", lead="L-1")
    plan_all(NOW)
    assert heard(own) == {("ana", "pending", "L-1")}
    with pytest.raises(Refused):
        muted(own, "ana", kind=kind)


@pytest.mark.parametrize(
    "silent, reached",
    [
        (["kim"], {"lee"}),
        (["kim", "lee"], {"root"}),
        (["kim", "lee", "root"], {"kim"}),  # nobody is left
    ],
)
def test_an_escalation_goes_to_the_next_in_line(silent, reached):
    own = staffed()
    muted(own, *silent)
    notice(own, "escalated", NOW, to="manager", lead="L-1")
    plan_all(NOW)
    kept = {("kim", "skipped", "L-1")} if reached != {"kim"} else set()
    assert heard(own) == {(one, "pending", "L-1") for one in reached} | kept


def test_an_escalation_to_several_reaches_those_who_hear():
    own = staffed()
    person(own, "max", email="max@example.com", role="sales lead")
    muted(own, "lee")
    notice(own, "escalated", NOW, to="sales lead", lead="L-1")
    plan_all(NOW)
    assert heard(own) == {("max", "pending", "L-1"), ("lee", "skipped", "L-1")}


def test_whoever_has_no_address_is_no_next_in_line():
    own = staffed()
    person(own, "max", role="admin", email="")
    muted(own, "kim", "lee")
    notice(own, "escalated", NOW, to="manager", lead="L-1")
    plan_all(NOW)
    assert heard(own) == {("root", "pending", "L-1"), ("kim", "skipped", "L-1")}


def test_one_lead_is_muted_and_the_others_are_heard():
    own = staffed()
    take(own, handed_over("L-1", "2026-03-12 14:00"), now=NOW)
    muted(own, "ana", lead="L-1")
    for lead in ("L-1", "L-2"):
        notice(own, "broken", NOW, lead=lead)
    plan_all(NOW)
    assert heard(own) == {("ana", "skipped", "L-1"), ("ana", "pending", "L-2")}


def test_a_lead_that_is_none_of_theirs_is_refused():
    own = staffed()
    with pytest.raises(Refused) as refusal:
        muted(own, "ana", lead="L-404")
    assert [one.path for one in refusal.value.problems] == ["lead"]
    with pytest.raises(Refused):
        muted(own, "ana", lead="L-404", kind="digest")


def test_what_is_on_its_way_stays_unsent_but_for_what_must_be_heard():
    own = staffed()
    notice(own, "broken", NOW, lead="L-1")
    notice(own, "escalated", NOW, to="manager", lead="L-2")
    notice(own, "reassign", NOW, to="lee", lead="L-3", owner="lee")
    plan_all(NOW)
    muted(own, "ana", "kim", "lee")
    found = {one.delivery.to: wishes.unwanted(one, NOW) for one in outbox.claim(NOW, 9)}
    assert found == {"ana": "muted by its receiver", "kim": "", "lee": ""}


def test_what_came_meanwhile_stands_in_the_next_digest_once():
    own = staffed()
    muted(own, "ana", until=MORNING)
    for lead in ("L-1", "L-2"):
        notice(own, "broken", NOW, lead=lead)
    notice(own, "at risk", NOW + MINUTE, lead="L-3")
    planning.plan(NOW + MINUTE)
    digest.plan(MORNING)
    sent = Delivery.objects.of(own).get(kind="digest", to="ana")
    assert json.loads(sent.body)["muted"] == {"broken": 2, "at risk": 1}
    (claimed,) = [one for one in outbox.claim(MORNING, 9) if one.delivery.to == "ana"]
    text = worded(claimed).text
    assert "Missed while you were muted: 2" in text
    assert "Soon due while you were muted: 1" in text
    assert "Mute this for a while: " in text
    assert "/account/mute?kind=digest" in text
    digest.plan(at("2026-03-16 08:30"))
    later = Delivery.objects.of(own).filter(kind="digest", to="ana").order_by("pk").last()
    assert (later.state, later.why) == ("skipped", "nothing to tell")


def test_a_digest_that_was_muted_itself_leaves_it_to_the_next():
    own = staffed()
    muted(own, "ana", until=at("2026-03-13 12:00"))
    notice(own, "broken", NOW, lead="L-1")
    planning.plan(NOW)
    digest.plan(MORNING)
    digest.plan(at("2026-03-16 08:30"))
    rows = Delivery.objects.of(own).filter(kind="digest", to="ana").order_by("pk")
    assert [one.state for one in rows] == ["skipped", "pending"]
    assert json.loads(rows[1].body)["muted"] == {"broken": 1}


def test_the_api_mutes_its_own_person_alone():
    own = staffed()
    with moment.standing_at(NOW):
        caller, other = Caller(own, "rep", ["deliveries:write"]), Caller(own, "admin")
        body = {"kind": "broken", "until": "2026-03-13T08:00:00+01:00"}
        made = caller.ask("post", "/mutes", body).json()
        assert (made["kind"], made["lead"], made["until"]) == (
            "broken",
            None,
            "2026-03-13T07:00:00Z",
        )
        assert caller.ask("get", "/mutes").json()["data"] == [made]
        assert other.ask("get", "/mutes").json()["data"] == []
        going = caller.ask("post", "/mutes", body | {"kind": "goes back"}).json()
        assert going["kind"] == "goes back"
        assert caller.ask("delete", f"/mutes/{going['number']}").status_code == 204
        assert problem(other.ask("delete", f"/mutes/{made['number']}")) == (404, "not-found")
        endless = {"kind": "broken", "until": "2126-03-13T08:00:00+01:00"}
        assert caller.ask("post", "/mutes", endless).status_code == 422
        given = body | {"kind": "reassign"}
        assert caller.ask("post", "/mutes", given).status_code == 422
        assert caller.ask("delete", f"/mutes/{made['number']}").status_code == 204
    assert not Mute.objects.of(own).exists()
