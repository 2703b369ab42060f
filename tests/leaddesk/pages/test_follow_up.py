"""Follow-up: what comes next stands in the queue, the guard asks before an attempt that is too much."""

import re

import pytest
from django.test import Client

from leaddesk.book import effort, moment, report
from leaddesk.book.models import Company, Contact, Entry, Fact, Lead, User
from leaddesk.book.moment import DAY, MINUTE
from leadpact import facts
from tests.leaddesk.asking import Caller
from tests.leaddesk.desk import AGREEMENT, at, fact, handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, PASSWORD, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)
AGREED = (
    AGREEMENT
    + """\
handoff:
  when: mql
  reasons to reject: [wrong size]
  return: {after: 3 attempts without answer, to: re-engage}
nurture:
  re-engage: {steps: [{stage: awareness, send: guide, after: 3 days}], leave when: [mql]}
follow up:
  cadences:
    demo:
      for: {lead type: demo}
      steps: [{do: phone, after: 2 hours}, {do: email, after: 1 day}, {do: phone, after: 3 days}]
  guard: {at most: [2 per day, 9 per pass], apart: 1 hour, hours: 08:00-20:00}
  outcomes: [reached, no answer, gatekeeper]
  reasons: [no need, no budget]
  keep in touch: {customers: 90 days, sleeping: 60 days}
"""
)


@pytest.fixture
def own():
    own = workspace(AGREED, name="Northwind")
    for key, kind, when in (
        ("L-1", "demo", "2026-03-12 08:30"),
        ("L-2", "demo", "2026-03-11 16:00"),
        ("L-3", "chat", "2026-03-12 08:45"),
    ):
        take(own, fact(key, "created", when, type=kind, source="fair"), now=NOW)
        take(own, handed_over(key, when), now=NOW)
    shop = Company.objects.of(own).create(workspace=own, key="shop", name="Shop AG", created_at=1)
    Contact.objects.of(own).create(
        workspace=own, lead="L-1", name="Kasia Nowak", phone="+48 22 1", email="kasia@shop.example",
        zone="Europe/Warsaw", company=shop, created_at=1,
    )  # fmt: skip
    return own


@pytest.fixture
def ana(own):
    user = User.objects.create_user("ana@northwind.example", PASSWORD)
    person(own, "ana", user=user, email="ana@northwind.example", zone="Europe/Warsaw")
    return signed_in()


def signed_in():
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email="ana@northwind.example", password=PASSWORD)
    return client


def tried(own, lead="L-1", when="2026-03-12 08:50", channel="phone", now=NOW):
    take(own, fact(lead, "attempted", when, by="ana", channel=channel, seconds=60), now=now)


def act(client, name, **fields):
    return send(client, f"/lead-acts/{name}", form="/queue", **{"lead": "L-1"} | fields)


def by_script(client, **fields):
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/queue").text)[1]
    told = {"lead": "L-1", "token": "t", "csrfmiddlewaretoken": token, "channel": "phone"}
    path = "/lead-acts/attempt"
    return client.post(path, told | fields, headers={"Accept": "application/json"})


def attempts(own):
    return Fact.objects.of(own).filter(kind=facts.ATTEMPTED, lead="L-1").count()


def row_of(page, lead):
    return page.text.partition(f'data-lead="{lead}"')[2].partition("</article>")[0]


def test_the_next_touch_stands_in_the_queue_and_decides_its_order(ana, own):
    page = ana.get("/queue")
    assert re.findall(r'data-lead="([^"]+)"', page.text) == ["L-2", "L-1", "L-3"]
    assert "Call now" in row_of(page, "L-2")
    assert "Call at <bdi>10:30</bdi>" in row_of(page, "L-1")
    assert Lead.across.get(key="L-1").urgent_at == at("2026-03-12 10:30")
    tried(own)
    page = ana.get("/queue")
    assert "E-mail at" in row_of(page, "L-1")
    assert '<option value="email" selected>' in row_of(page, "L-1")
    assert Lead.across.get(key="L-1").urgent_at == at("2026-03-13 08:50")


def test_leads_due_at_one_instant_come_by_importance(ana, own):
    when = Lead.across.get(key="L-1").urgent_at
    Lead.across.filter(key="L-1").update(rank=2)
    Lead.across.filter(key="L-2").update(rank=1, urgent_at=when)
    Lead.across.filter(key="L-3").update(rank=1, urgent_at=when)
    page = ana.get("/queue")
    assert re.findall(r'data-lead="([^"]+)"', page.text) == ["L-2", "L-3", "L-1"]
    after = ana.get(f"/queue?after={when}.1.L-2").text
    assert re.findall(r'data-lead="([^"]+)"', after) == ["L-3", "L-1"]


def test_the_guard_warns_before_the_touch(ana, own):
    assert "Think again" not in ana.get("/queue").text
    tried(own)
    warned = "The last attempt was 10 min ago; the agreement wants 1 h between two."
    tried(own, "L-2")
    assert warned in text_of(ana.get("/leads/L-1"))
    pane = ana.get("/leads/L-1", headers={"HX-Request": "true"})
    assert warned in text_of(pane)
    assert "Think again" in row_of(ana.get("/queue"), "L-2")
    with moment.standing_at(NOW + 50 * MINUTE):
        assert warned not in text_of(ana.get("/leads/L-1"))


def test_the_form_asks_once_more_and_never_blocks(ana, own):
    tried(own)
    fields = {
        "channel": "phone",
        "outcome": "no answer",
        "note": "on the stairs",
        "seconds": "0:20",
    }
    asked = act(ana, "attempt", token="t", **fields)
    assert (asked.status_code, attempts(own)) == (422, 1)
    words = text_of(asked)
    assert "The agreement asks you to think again. Nothing was logged yet:" in words
    assert "It is fine again from 09:50." in words
    assert "on the stairs" in asked.text
    assert 'name="anyway" value="yes"' in asked.text
    assert "Log it anyway" in words
    done = act(ana, "attempt", token="t", anyway="yes", **fields)
    assert (done.status_code, attempts(own)) == (302, 2)
    noted = Entry.objects.of(own).get(act="went on against the guard")
    assert (noted.actor, noted.subject) == ("ana", "lead L-1")
    assert "apart" in noted.detail


def test_a_key_asks_by_script_and_goes_on_by_script(ana, own):
    tried(own)
    asked = by_script(ana, outcome="no answer")
    assert (asked.status_code, asked.json()["outcome"], attempts(own)) == (409, "asks", 1)
    assert asked.json()["said"].endswith("Log it anyway?")
    done = by_script(ana, outcome="no answer", anyway="yes")
    assert (done.status_code, done.json()["outcome"], attempts(own)) == (200, "new", 2)
    assert by_script(ana, outcome="no answer").json()["outcome"] == "known"


def test_what_is_fine_is_logged_at_once(ana, own):
    assert by_script(ana, outcome="gatekeeper").json()["outcome"] == "new"
    assert by_script(ana, outcome="busy", token="u").status_code == 422
    assert not Entry.objects.of(own).filter(act="went on against the guard").exists()


def test_an_answer_of_theirs_is_never_too_much(ana, own):
    tried(own)
    assert by_script(ana, outcome="replied").json()["outcome"] == "new"


@pytest.mark.parametrize(
    ("name", "fields"),
    [("disqualify", {}), ("lose", {}), ("return", {"track": "re-engage"})],
)
def test_closing_without_an_agreed_reason_is_refused(ana, own, name, fields):
    for reason in ("", "wrong size", "they were rude"):
        refused = act(ana, name, token=reason, reason=reason, **fields)
        assert refused.status_code == 422
    assert act(ana, name, token="x", reason="no budget", **fields).status_code == 302
    last = Fact.objects.of(own).filter(lead="L-1", system="desk").get()
    assert "no budget" in last.body


def test_the_card_of_a_lead_is_its_ladder_of_touches(ana, own):
    tried(own)
    words = text_of(ana.get("/leads/L-1"))
    for part in ("Follow-up", "done in time", "next", "planned", "1 attempt in this pass."):
        assert part in words
    assert "No cadence of the agreement fits this lead" in text_of(ana.get("/leads/L-3"))
    assert 'href="tel:+48 22 1"' in ana.get("/leads/L-1").text


def test_the_page_shows_cadences_and_figures_that_open(ana, own, django_assert_max_num_queries):
    tried(own)
    tried(own, "L-2")
    ana.get("/follow-up")  # draws the report
    with django_assert_max_num_queries(20):
        page = ana.get("/follow-up")
    words = text_of(page)
    for part in ("Try by phone, at the latest 2 hours after the handover.", "Touches as planned",
                 "Without any attempt", "Who tries more than 2 times in a day is warned."):  # fmt: skip
        assert part in words
    links = dict(re.findall(r'href="(/figures/(\w+)/all/all)"', page.text))
    assert {"adherence", "stale", "over"} <= {*links.values()}
    adherence = text_of(ana.get("/figures/adherence/all/all"))
    assert "1 of 2" in adherence
    assert "2 not decided" in adherence
    assert "L-3" in ana.get("/figures/unworked/all/all").text
    assert "L-3" in ana.get("/figures/unworked/all/all/rep/ana").text


def test_a_number_by_person_is_that_of_the_rows_it_opens(ana, own):
    tried(own)
    tried(own, "L-2")
    take(own, fact("L-2", "returned", "2026-03-12 08:55", to="re-engage", reason="rude"), now=NOW)
    told = report.standing(own.pk, NOW)
    opened = 0
    for family in effort.TABLES:
        for by in ("rep", "cadence") if family != "reasoned" else ("rep",):
            for one in effort.counts_by(told.board, family, by).values():
                found = told.figure(one.key)
                counted = (found.hits, found.counted, found.undecided)
                assert counted == (one.hits, one.counted, one.undecided), one
                opened += len(found.rows)
    assert opened > 12


def test_nobody_may_be_without_an_attempt_at_day_seven(ana, own):
    with moment.standing_at(NOW + 8 * DAY):
        ana = signed_in()
        assert "L-3" in ana.get("/figures/stale/all/all").text
        assert "Without any attempt for 7 days 3" in text_of(ana.get("/follow-up"))


def waiting(client):
    page = client.get("/follow-up/keep-in-touch")
    return re.findall(r'name="lead" value="(L-\d)"', page.text)


def test_customers_and_sleeping_leads_come_back(ana, own):
    take(own, fact("L-1", "won", "2026-03-12 08:55", amount="900"), now=NOW)
    take(own, fact("L-2", "returned", "2026-03-12 08:55", to="re-engage"), now=NOW)
    take(own, fact("L-3", "suppressed", "2026-03-12 08:55", reason="opt-out"), now=NOW)
    path = "/follow-up/keep-in-touch"
    assert "Everybody heard from you in time" in text_of(ana.get(path))
    with moment.standing_at(NOW + 61 * DAY):
        ana = signed_in()
        assert waiting(ana) == ["L-2"]
    with moment.standing_at(NOW + 91 * DAY):
        ana = signed_in()
        page = ana.get(path)
        assert waiting(ana) == ["L-2", "L-1"]
        assert "2 wait for a word." in text_of(page)
        assert "customer" in text_of(page)
        assert 'href="mailto:kasia@shop.example"' in page.text
        done = send(ana, path, lead="L-1", outcome="later", token="s")
        assert (done.status_code, waiting(ana)) == (302, ["L-2"])
        for wrong in ({"lead": "L-3"}, {"lead": "nobody"}):
            sent = {"channel": "phone", "outcome": "reached", "token": "t"} | wrong
            assert send(ana, path, **sent).status_code == 404
        fields = {"lead": "L-2", "channel": "phone", "token": "u"}
        assert send(ana, path, outcome="shouted", **fields).status_code == 422
        assert send(ana, path, outcome="reached", **fields).status_code == 302
        assert "Everybody heard" in text_of(ana.get(path))


@pytest.mark.parametrize(
    "query",
    ["?whose=%00", "?whose=x", "?after=-1", "?after=²", "?after=" + "9" * 40, "?x=<script>"],
)
def test_bad_addresses_are_no_fault_of_ours(ana, query):
    assert ana.get(f"/follow-up/keep-in-touch{query}").status_code == 200
    assert ana.get(f"/follow-up{query}").status_code == 200


def test_the_api_tells_the_same(own):
    tried(own)
    caller = Caller(own, "sales lead", ["read"])
    told = caller.get("/leads/L-1/follow-up").json()
    assert (told["cadence"], told["attempts"]) == ("demo", 1)
    assert [one["state"] for one in told["touches"]] == ["done", "coming", "planned"]
    assert told["next"] == {
        "step": 2,
        "channel": "email",
        "state": "coming",
        "due_at": "2026-03-13T07:50:00Z",
        "done_at": None,
    }
    asked = caller.get("/leads/L-1/follow-up/guard").json()
    assert (asked["is_fine"], asked["fine_at"]) == (False, "2026-03-12T08:50:00Z")
    assert [(one["code"], one["limit"], one["found"]) for one in asked["limits"]] == [
        ("apart", 3600, 600)
    ]
    later = caller.get("/leads/L-1/follow-up/guard", query="?at=2026-03-12T09:00:00Z").json()
    assert (later["is_fine"], later["limits"]) == (True, [])
    found = caller.get("/follow-up").json()["figures"]
    assert {"family": "adherence", "by": "rep", "word": "ana", "key": "adherence/all/all/rep/ana",
            "numerator": 1, "denominator": 2, "undecided": 1} in found  # fmt: skip
    assert caller.get("/follow-up/silent").json() == []
    assert caller.get("/leads/nobody/follow-up").status_code == 404


def test_without_a_follow_up_nothing_changes(ana, own):
    plain = workspace(AGREEMENT, name="Plain")
    take(plain, handed_over("P-1", "2026-03-12 08:30"), now=NOW)
    caller = Caller(plain, "admin")
    assert caller.get("/leads/P-1/follow-up").json()["touches"] == []
    assert caller.get("/leads/P-1/follow-up/guard").json()["is_fine"] is True
    assert caller.get("/follow-up/silent").json() == []
