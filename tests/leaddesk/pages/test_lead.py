"""The lead: who it is, what is owed with the working, what happened, and what can be done."""

import re

import pytest

from leaddesk.book import acts, moment, reminders
from leaddesk.book.access import Actor
from leaddesk.book.asked import Asked
from leaddesk.book.models import Company, Contact, Due, Fact, Lead, Note, Person, Reminder
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.pages.telling import _SENTENCES, sentence, with_parts
from leadpact import facts
from tests.leaddesk.desk import at, fact, handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, send, text_of
from tests.leaddesk.pages.test_queue import act, signed_in
from tests.leaddesk.test_acts import ACTS, AGREED

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own():
    own = workspace(AGREED, name="Northwind")
    person(own, "ben", name="Ben Somchai", team="inbound")
    take(own, fact("L-1", "created", "2026-03-11 10:00", type="demo", source="fair"), now=NOW)
    take(own, handed_over("L-1", "2026-03-11 15:00", by="mia"), now=NOW)
    shop = Company.objects.of(own).create(workspace=own, key="shop", name="Shop AG", created_at=1)
    Contact.objects.of(own).create(
        workspace=own, lead="L-1", name="Kasia Nowak", phone="+48 22 1", email="kasia@shop.example",
        zone="Asia/Tokyo", company=shop, created_at=1,
    )  # fmt: skip
    return own


@pytest.fixture
def ana(own):
    return signed_in(own, "ana", team="inbound", name="Ana Kos")


@pytest.fixture
def lena(own):
    return signed_in(own, "lena", role="sales lead")


def words_of(response):
    """The words of a page, without the gaps that its elements leave before a mark."""
    return re.sub(r" ([.,:])", r"\1", text_of(response))


def asked(own, token="t", who="ana", now=NOW, **more):
    return Asked(Actor(own.pk, who, "rep"), "L-1", token, now, **more)


def test_the_head_says_who_it_is_and_what_time_it_is_there(ana):
    page = ana.get("/leads/L-1")
    words = text_of(page)
    for part in ("Kasia Nowak", "Shop AG", "17:00 in Tokyo", "Ana Kos", "+48 22 1", "demo"):
        assert part in words
    assert 'href="tel:+48 22 1"' in page.text
    assert 'href="mailto:kasia@shop.example"' in page.text
    assert "style=" not in page.text.replace("stylesheet", "")


def test_the_working_is_shown_step_by_step_and_sums_up(ana, own):
    acts.pause(asked(own), reason="asked to wait")
    acts.resume(asked(own, "t2", now=NOW + 30 * MINUTE))
    with moment.standing_at(NOW + 60 * MINUTE):
        words = words_of(ana.get("/leads/L-1"))
    for part in (
        "first contact open",
        "once a lead is handed over, somebody tries to reach it within 4 working hours",
        "Allowed: 4 working hours.",
        "Ana Kos had it from Mar 11, 2026, 15:00 to Mar 12, 2026, 10:00. Counted: 2 h 30 min.",
        "Mar 11, 2026 15:00 17:00 office 2 h",
        "Mar 12, 2026 09:30 10:00 office 30 min",
        "The clocks stood still from Mar 12, 2026, 09:00 to Mar 12, 2026, 09:30: asked to wait.",
        "Counted in all: 2 h 30 min. On the buyer's clock: 19 h.",
        "Due Mar 12, 2026, 11:30.",
        "Nobody has answered yet.",
    ):
        assert part in words


def test_the_timeline_tells_every_fact_the_newest_first(ana, own):
    done = acts.attempt(asked(own, note="Ask for <Jan>"), channel="phone", outcome="no answer")
    acts.jot(asked(own, "t2", note="A lone note"))
    page = ana.get("/leads/L-1")
    words = words_of(page)
    for part in (
        "Ana Kos tried by phone: no answer.",
        "Ask for <Jan>",
        "Ana Kos wrote a note.",
        "A lone note",
        "The promise first contact was kept.",
        "Handed over to Ana Kos.",
        "The lead arose: demo, from fair.",
        "heard Mar 12, 2026, 09:00",
    ):
        assert part in words
    assert words.index("no answer") < words.index("The lead arose")
    send(ana, "/lead-acts/take-back", form="/leads/L-1", lead="L-1", fact=done.facts[0], why="oops")
    page = ana.get("/leads/L-1")
    assert 'class="taken-back"' in page.text
    assert "oops" in page.text
    notes = text_of(ana.get("/leads/L-1?show=notes"))
    assert "A lone note" in notes
    assert "The lead arose" not in notes.partition("Timeline")[2]


def test_a_long_timeline_comes_page_by_page(ana, own, monkeypatch):
    monkeypatch.setattr("leaddesk.pages.lead.MOST", 3)
    for n in range(7):
        take(own, fact("L-1", "engaged", f"2026-03-11 15:0{n}", what=f"thing {n}"), now=NOW)
    address, told = "/leads/L-1?show=contact", []
    while address:
        page = ana.get(address)
        told += re.findall(r"<div>They did this: <bdi>thing (\d)</bdi>", page.text)
        found = re.search(r'rel="next" href="([^"#]+)', page.text)
        address = found and "/leads/L-1" + found[1].replace("&amp;", "&")
    assert told == ["6", "5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize("name", ACTS)
def test_each_act_has_a_form_that_works_without_scripts(ana, own, name):
    fields = {
        "attempt": {"channel": "email", "outcome": "reached", "seconds": "4:30"},
        "meet": {}, "accept": {}, "win": {"amount": "12500"}, "convert": {},
        "pause": {"reason": "asked to wait", "until": "2026-03-20"},
        "reject": {"reason": "wrong size"},
        "return": {"track": "re-engage", "reason": "no need", "until": "2026-06-01"},
        "disqualify": {"reason": "no need"}, "move": {"to": "sql"}, "lose": {"reason": "price"},
        "suppress": {"reason": "opt-out"},
    }[name]  # fmt: skip
    route = {"meet": "meeting"}.get(name, name)
    assert f'action="/lead-acts/{route}"' in ana.get("/leads/L-1").text
    before = Fact.objects.of(own).filter(system="desk").count()
    response = act(ana, route, page="/leads/L-1", **fields)
    assert response.status_code == 302
    assert ana.get(response.headers["Location"]).status_code == 200
    assert Fact.objects.of(own).filter(system="desk").count() > before


def test_leading_roles_waive_and_reassign(lena, ana, own):
    page = lena.get("/leads/L-1").text
    due = Due.objects.of(own).get()
    assert 'action="/lead-acts/waive"' in page
    assert 'action="/lead-acts/waive"' not in ana.get("/leads/L-1").text
    refused = act(lena, "waive", page="/leads/L-1", promise=str(due.pk), why="")
    assert refused.status_code == 422
    assert "There is no reason." in text_of(refused)
    assert 'id="act-waive" name="act" open' in refused.text
    act(lena, "waive", page="/leads/L-1", promise=str(due.pk), why="The form was down")
    assert Due.objects.of(own).get().verdict == "waived"
    act(lena, "reassign", page="/leads/L-1", owner="ben", why="Ana is out", token="u")
    assert Lead.objects.of(own).get().owner == "ben"
    words = text_of(lena.get("/leads/L-1"))
    assert "Ana is out" in words
    assert "The form was down" in words
    assert act(ana, "reassign", page="/leads/L-1", owner="ana", why="x").status_code == 403


def test_pausing_offers_resuming(ana):
    act(ana, "pause", page="/leads/L-1", reason="asked to wait")
    page = ana.get("/leads/L-1").text
    assert 'action="/lead-acts/resume"' in page
    assert 'action="/lead-acts/pause"' not in page
    assert act(ana, "resume", page="/leads/L-1", token="u").status_code == 302


def test_a_part_of_the_queue_has_no_frame(ana):
    part = ana.get("/leads/L-1?act=disqualify", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert 'id="act-disqualify" name="act" open' in part.text
    assert 'name="next" value="/queue"' in part.text


def test_the_same_comes_from_the_api(ana):
    assert "/api/v1/leads/L-1" in ana.get("/leads/L-1").text


def test_who_may_see_what(ana, own):
    vera = signed_in(own, "vera", role="viewer")
    acts.jot(asked(own, note="He is ill"))
    page = vera.get("/leads/L-1").text
    assert "Kasia" not in page
    assert "He is ill" not in page
    assert "/lead-acts/" not in page
    cleo = signed_in(own, "cleo", team="outbound")
    assert cleo.get("/leads/L-1").status_code == 404
    other = workspace(AGREED)
    take(other, handed_over("X-1", "2026-03-12 09:00"), now=NOW)
    assert ana.get("/leads/X-1").status_code == 404


def test_queries_do_not_grow_with_the_facts(ana, lena, own, django_assert_max_num_queries):
    for n in range(25):
        take(own, fact("L-1", "engaged", "2026-03-11 15:00", what=f"thing {n}"), now=NOW)
    for visitor in (ana, lena):
        visitor.get("/leads/L-1")
        with django_assert_max_num_queries(20):
            assert visitor.get("/leads/L-1").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["?show=x", "?before=1.2", "?before=x.y.z", "?before=9999999999999999.9.9", "?act=%00<b>",
     "?before=-1.0.0", "?show=%00"],
)  # fmt: skip
def test_bad_addresses_are_no_fault_of_ours(ana, query):
    assert ana.get("/leads/L-1" + query).status_code == 200
    assert ana.get("/leads/%00").status_code == 404
    assert ana.get("/leads/" + "x" * 3000).status_code == 404


def test_erasing_a_person_takes_what_was_written_about_them(ana, own):
    from leaddesk.book.erase import erase_contact

    acts.jot(asked(own, note="He is ill"))
    reminders.put_aside(asked(own), until=NOW + DAY, reason="his wife calls")
    erase_contact(Actor(own.pk, "mia", "admin"), "L-1", NOW)
    assert not Note.objects.of(own).exists()
    assert not Reminder.objects.of(own).exists()


def test_every_kind_of_fact_has_a_sentence():
    assert set(_SENTENCES) == {kind.name for kind in facts.KINDS}
    odd = {"by": "<i>", "what": "%(by)s", "amount": "x", "due_at": "x", "seconds": "1e999"}
    for code, kind in enumerate(facts.KINDS):
        for body in ({}, {one.name: "<b>" for one in kind.fields}, odd):
            told = sentence(code, body, {})
            assert told.endswith((".", "</bdi>."))
            assert "<b>" not in told
            assert "<i>" not in told


def test_parts_of_a_sentence_can_not_leave_it():
    told = with_parts("%(by)s tried <x>.", by="</bdi>%(by)s")
    assert told == "<bdi>&lt;/bdi&gt;%(by)s</bdi> tried &lt;x&gt;."


def test_days_and_times_are_taken_by_the_calendar_of_whoever_types_them(ana, own):
    Person.objects.of(own).filter(key="ana").update(dates="jalali")
    page = ana.get("/leads/L-1")
    assert "such as 1404/12/21 14:05" in text_of(page)
    refused = act(ana, "pause", page="/leads/L-1", reason="asked to wait", until="1404/12/30")
    assert refused.status_code == 422
    assert "Esfand 1404 has 29 days." in text_of(refused)
    act(ana, "pause", page="/leads/L-1", reason="asked to wait", until="1405/1/1")
    assert Fact.objects.of(own).get(kind=facts.RESUMED).occurred_at == at("2026-03-21")
    given = {"channel": "phone", "outcome": "reached", "at": "1404/12/21 8:55"}
    act(ana, "attempt", page="/leads/L-1", token="t2", **given)
    tried = Fact.objects.of(own).get(kind=facts.ATTEMPTED)
    assert tried.occurred_at == at("2026-03-12 08:55")
