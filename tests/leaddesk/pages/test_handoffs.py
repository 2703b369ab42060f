"""The rooms of handoffs: the list, one record, the disputes, and what runs by itself."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leaddesk.book import moment
from leaddesk.book.models import Entry, Handoff, Lead, Person, User, Workspace
from leaddesk.book.moment import MINUTE
from tests.leaddesk.asking import Caller
from tests.leaddesk.desk import at, fact, take
from tests.leaddesk.handing_scene import AGREED, desk, qualifies, records, told
from tests.leaddesk.pages.reading import PASSWORD, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)
LATER = at("2026-03-12 11:00")
HOUR = 60 * MINUTE


@pytest.fixture
def own():
    return desk()


@pytest.fixture(autouse=True)
def after_the_handover():
    with moment.standing_at(LATER):
        yield


@pytest.fixture
def as_person(own):
    from django.test import Client

    def enter(key):
        email = f"{key}@northwind.example"
        user = User.objects.create_user(email, PASSWORD)
        Person.objects.of(own).filter(key=key).update(user=user, email=email)
        client = Client(enforce_csrf_checks=True)
        send(client, "/sign-in", email=email, password=PASSWORD)
        return client

    return enter


def queries(client, path):
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


def test_the_list_counts_and_opens(own, as_person):
    lena = as_person("lena")
    assert "Nothing was handed over yet" in text_of(lena.get("/handoffs"))
    qualifies(own)
    page = lena.get("/handoffs")
    assert "/handoffs/L-1/1" in page.text
    assert "phone" in text_of(page)
    for address in set(re.findall(r'href="(/handoffs[^"]*)"', page.text)):
        assert lena.get(address.replace("&amp;", "&")).status_code == 200
    assert "L-1" not in text_of(lena.get("/handoffs?state=rejected"))
    assert "No handoff fits" in text_of(lena.get("/handoffs?state=rejected"))


def test_the_list_names_the_systems_that_hand_over_themselves(own, as_person):
    said, client = "These systems hand their leads over themselves: crm, forms", as_person("lena")
    qualifies(own)
    assert said not in text_of(client.get("/handoffs"))
    Workspace.objects.filter(pk=own.pk).update(hands_over_but=["forms", "crm"])
    assert said in text_of(client.get("/handoffs"))


def test_queries_do_not_grow_with_the_rows(own, as_person):
    lena = as_person("lena")
    qualifies(own)
    few = queries(lena, "/handoffs")
    for n in range(2, 8):
        qualifies(own, f"L-{n}")
    assert queries(lena, "/handoffs") == few <= 20
    assert queries(lena, "/handoffs/L-1/1") <= 20
    assert queries(lena, "/handoffs/disputes") <= 20


@pytest.mark.parametrize(
    "query",
    [
        "place=x",
        "state=<b>",
        "owner=%00",
        "span=-1",
        "trigger=" + "x" * 10_000,
        "place=" + "A" * 99,
    ],
)
def test_odd_addresses_are_read_kindly(own, as_person, query):
    assert as_person("lena").get(f"/handoffs?{query}").status_code == 200


def test_who_got_it_sees_why_and_accepts(own, as_person):
    qualifies(own)
    owner = records(own)[0].owner
    rep = as_person(owner)
    words = text_of(rep.get("/handoffs/L-1/1"))
    assert "missing" in words
    assert "Sales decides until" in words
    assert "Packet and route" in text_of(rep.get("/leads/L-1"))
    done = send(rep, "/handoffs/L-1/1", act="accept", token="t1")
    assert done.status_code == 302
    assert records(own)[0].state == "accepted"
    refused = send(rep, "/handoffs/L-1/1", act="reject", reason="wrong size", token="t2")
    assert refused.status_code == 422


def test_a_rejection_needs_an_agreed_reason(own, as_person):
    qualifies(own)
    rep = as_person(records(own)[0].owner)
    assert send(rep, "/handoffs/L-1/1", act="reject", token="t1").status_code == 422
    assert send(rep, "/handoffs/L-1/1", act="none", token="t1").status_code == 422
    done = send(rep, "/handoffs/L-1/1", act="reject", reason="wrong size", token="t1")
    assert done.status_code == 302
    assert "rejected" in text_of(rep.get("/handoffs/L-1/1"))


def test_a_contested_rejection_is_decided_on_the_list(own, as_person):
    qualifies(own)
    first = records(own)[0].owner
    rep, mia = as_person(first), as_person("mia")
    send(rep, "/handoffs/L-1/1", act="reject", reason="wrong size", token="t1")
    assert send(mia, "/handoffs/L-1/1", act="contest", token="t2").status_code == 422
    done = send(mia, "/handoffs/L-1/1", act="contest", why="They have 300 shops", token="t2")
    assert done.status_code == 302
    assert "They have 300 shops" in text_of(mia.get("/handoffs/disputes"))
    with moment.standing_at(LATER + HOUR):
        sent = {"lead": "L-1", "outcome": "overturned", "token": "t3"}
        assert send(mia, "/handoffs/disputes", why="", **sent).status_code == 422
        assert send(mia, "/handoffs/disputes", why="It fits", **sent).status_code == 302
    one, two = records(own)
    assert (one.dispute, two.state) == ("overturned", "offered")
    assert two.owner not in {first, ""}
    assert "It fits" in text_of(mia.get("/handoffs/disputes?show=settled"))
    assert "Nothing is contested" in text_of(mia.get("/handoffs/disputes"))


def test_only_who_is_agreed_decides_disputes(own, as_person):
    lena = as_person("lena")
    page = lena.get("/handoffs/disputes")
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    sent = {"lead": "L-1", "outcome": "upheld", "why": "x", "csrfmiddlewaretoken": token}
    assert lena.post("/handoffs/disputes", sent).status_code == 403


def test_a_lead_goes_back_into_a_track_for_a_reason(own, as_person):
    qualifies(own)
    rep = as_person(records(own)[0].owner)
    fields = {"lead": "L-1", "token": "t1", "seen": "1"}
    bare = send(rep, "/lead-acts/return", form="/leads/L-1", track="re-engage", **fields)
    assert bare.status_code == 422
    none = send(rep, "/lead-acts/return", form="/leads/L-1", reason="not now", **fields)
    assert none.status_code == 422
    whole = {"track": "re-engage", "reason": "not now", "until": "2026-05-01"}
    assert send(rep, "/lead-acts/return", form="/leads/L-1", **fields, **whole).status_code == 302
    (one,) = records(own)
    assert (one.state, one.track, one.not_before) == ("returned", "re-engage", at("2026-05-01"))


def test_after_the_agreed_attempts_the_return_is_offered(own, as_person):
    qualifies(own)
    owner = records(own)[0].owner
    rep = as_person(owner)
    for minute in (10, 20, 30):
        when = f"2026-03-12 10:{minute}"
        tried = {"channel": "phone", "outcome": "no answer", "by": owner}
        take(own, fact("L-1", "attempted", when, **tried), now=at(when))
    assert records(own)[0].attempts == 3
    assert "3 of 3 attempts without an answer" in text_of(rep.get("/leads/L-1"))
    fields = {"lead": "L-1", "token": "t1", "seen": "1", "track": "re-engage"}
    assert send(rep, "/lead-acts/return", form="/leads/L-1", **fields).status_code == 302


def test_an_admin_lets_the_desk_run(own, as_person):
    Workspace.objects.filter(pk=own.pk).update(hands_over_since=None)
    Person.objects.of(own).filter(key="mia").update(role="admin")
    mia = as_person("mia")
    take(own, fact("L-9", "created", "2026-03-12 09:00"), now=LATER)
    words = text_of(mia.get("/settings/running"))
    assert "1 lead is in the funnel" in words
    bad = send(mia, "/settings/running", nurtures="yes", mail_from="nobody")
    assert bad.status_code == 422
    assert "no sender of mails" in text_of(bad)
    sent = {"hands_over": "yes", "hands_over_but": "tests", "mail_from": "M <m@northwind.example>"}
    assert send(mia, "/settings/running", **sent).status_code == 302
    own.refresh_from_db()
    assert (own.hands_over_since, own.hands_over_but) == (LATER, ["tests"])
    assert Entry.objects.of(own).filter(act="chose what runs by itself").count() == 1
    qualifies(own, "L-2", when="2026-03-12 10:00")
    assert told(own, "handed_over", lead="L-2") == []
    assert send(mia, "/settings/running").status_code == 302
    own.refresh_from_db()
    assert (own.hands_over_since, own.hands_over_but) == (None, [])


def test_who_waits_goes_back_when_it_is_switched_off(as_person):
    own = desk(AGREED.replace("{team: inbound}", "{team: inbound, leave: [2026-03-01/2026-03-20]}"))
    qualifies(own)
    assert Handoff.objects.of(own).get().state == "waiting"
    from leaddesk.book import by_itself, rebuild
    from leaddesk.book.access import Actor

    by_itself.choose(Actor(own.pk, "mia", "admin"), {}, LATER)
    assert Handoff.objects.of(own).count() == 0
    assert rebuild.rebuild(own.pk, LATER) == rebuild.digest(own.pk)
    assert (Handoff.objects.of(own).count(), Lead.objects.of(own).get().stage) == (0, "mql")


def test_the_queue_offers_to_accept_and_to_reject(own, as_person):
    qualifies(own)
    owner = records(own)[0].owner
    rep = as_person(owner)
    page = rep.get("/queue").text
    assert 'action="/lead-acts/accept"' in page
    assert "/leads/L-1?act=reject" in page
    assert "?act=return" not in page
    done = send(rep, "/lead-acts/accept", form="/queue", lead="L-1", token="t", seen="1")
    assert done.status_code == 302
    assert 'action="/lead-acts/accept"' not in rep.get("/queue").text
    assert records(own)[0].state == "accepted"


def test_the_api_serves_handoffs_and_takes_decisions(own):
    qualifies(own)
    caller = Caller(own, "admin")
    (one,) = caller.ask("get", "/handoffs?state=offered").json()["data"]
    assert (one["lead"], one["missing"], one["fit"]) == ("L-1", ["phone"], 40)
    assert caller.ask("post", "/leads/L-1/reject", {"reason": "tired"}).status_code == 422
    assert caller.ask("post", "/leads/L-1/accept").json()["outcome"] == "new"
    counted = caller.ask("get", "/handoff-counts").json()
    assert counted["acceptance"] == {"value": 1, "numerator": 1, "denominator": 1}
    assert caller.ask("post", "/leads/L-1/reject", {"reason": "wrong size"}).status_code == 422
    back = {"track": "re-engage", "reason": "not now"}
    assert caller.ask("post", "/leads/L-1/return", back).status_code == 201
    running = caller.ask("put", "/running", {"hands_over": False}).json()
    assert (running["hands_over_since"], running["hands_over_but"]) == (None, [])


def test_what_people_write_is_never_taken_as_markup(own, as_person):
    qualifies(own)
    Person.objects.of(own).filter(key__in=["ana", "ben"]).update(name="<b>\u202eAna</b>")
    rep = as_person(records(own)[0].owner)
    send(rep, "/handoffs/L-1/1", act="reject", reason="wrong size", token="t1")
    mia = as_person("mia")
    send(mia, "/handoffs/L-1/1", act="contest", why="<script>1</script>", token="t2")
    for path in ("/handoffs", "/handoffs/L-1/1", "/handoffs/disputes", "/leads/L-1"):
        page = mia.get(path).text
        assert "<b>\u202eAna" not in page
        assert "<script>1" not in page
