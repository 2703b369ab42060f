"""Nurture on pages: the tracks, who is in them and why, and the acts that put leads in and out."""

import pytest

from leaddesk.book import bulk, bulk_plan, rebuild, rules, suppressions
from leaddesk.book.access import Actor
from leaddesk.book.models import Contact, Enrolment, Fact, Offer, Workspace
from leaddesk.pages.telling import sentence
from leadpact.facts import ENROLLED
from tests.leaddesk import desk
from tests.leaddesk.desk import fact, handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, send, text_of
from tests.leaddesk.pages.test_lead import words_of
from tests.leaddesk.pages.test_queue import signed_in
from tests.leaddesk.test_nurturing import TRACKS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own():
    own = workspace(desk.AGREEMENT + TRACKS, name="Northwind", nurtures_since=1)
    person(own, "ben", name="Ben Somchai", team="inbound")
    took = [
        fact("L-1", "created", "2026-03-02 09:00", type="demo"),
        handed_over("L-1", "2026-03-03 09:00"),
        fact("L-1", "returned", "2026-03-11 15:00", to="re-engage", by="ben", reason="no answer"),
        fact("L-2", "created", "2026-03-02 09:00"),
        handed_over("L-2", "2026-03-12 08:30", owner="zoe"),
        fact("L-3", "created", "2026-03-02 09:00"),
        handed_over("L-3", "2026-03-12 08:30"),
        fact("L-4", "created", "2026-02-02 09:00"),
        handed_over("L-4", "2026-02-03 09:00"),
        fact("L-4", "returned", "2026-02-20 15:00", to="re-engage", by="ben"),
        fact("L-4", "won", "2026-02-21 15:00"),
    ]
    take(own, *took, now=NOW)
    Offer.objects.of(own).create(
        workspace=own, key="guide", texts={"en": {"subject": "G", "text": "T"}}, changed_at=1
    )
    return own


@pytest.fixture
def ana(own):
    return signed_in(own, "ana", team="inbound", name="Ana Kos")


@pytest.fixture
def lena(own):
    return signed_in(own, "lena", role="sales lead")


def test_the_room_shows_tracks_what_is_due_and_what_lacks(lena, django_assert_max_num_queries):
    lena.get("/nurture")
    with django_assert_max_num_queries(20):
        words = text_of(lena.get("/nurture"))
    for part in ("re-engage", "long term", "field", "Awareness", "after 1 day", "guide", "no text"):
        assert part in words
    assert "3 offers have no text" in words
    assert "Returned leads in a track" in words
    assert "1 of 1; too young to count: 1" in words


def test_a_track_tells_who_is_in_it_and_why(own, lena, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        page = lena.get("/nurture/tracks/re-engage")
    words = words_of(page)
    assert "Ben Somchai gave the lead back: no answer." in words
    assert "2 working days" in words
    assert 'href="/leads/L-1"' in page.text
    take(own, fact("L-1", "replied", "2026-03-12 08:00"), now=NOW)
    assert "Nobody is here" in text_of(lena.get("/nurture/tracks/re-engage"))
    assert 'href="/leads/L-1"' in lena.get("/nurture/tracks/re-engage?show=replied").text
    assert "The person answered (1)" in text_of(lena.get("/nurture/tracks/re-engage"))


def test_the_card_of_a_lead_tells_where_it_is(lena):
    words = words_of(lena.get("/leads/L-1"))
    assert "Step 1 of 2 (Awareness): guide" in words
    assert "Ben Somchai gave the lead back: no answer." in words


def test_the_preview_of_a_merge_says_what_becomes_of_the_track(own, lena):
    page = words_of(lena.get("/merge/leads?gone=L-1&stays=L-2"))
    assert "ends: sales works on the lead that stays." in page
    assert "ends: sales works" not in words_of(lena.get("/merge/leads?gone=L-2&stays=L-1"))
    take(own, fact("L-5", "created", "2026-03-12 08:00"), now=NOW)
    page = words_of(lena.get("/merge/leads?gone=L-1&stays=L-5"))
    assert "The lead that stays goes on with the track" in page


def test_the_pages_say_why_nothing_is_due_of_leads_that_entered_before(own, lena):
    Workspace.objects.filter(pk=own.pk).update(nurtures_since=NOW)
    rules.changed(own.pk, every_lead=True)
    rebuild.rebuild(own.pk, NOW)
    said = "Not by this desk: the lead entered before it began to send."
    for path in ("/nurture", "/nurture/tracks/re-engage", "/leads/L-1"):
        assert words_of(lena.get(path)).count(said) == 1


def test_the_card_says_that_a_suppressed_address_gets_no_steps(own, lena):
    said = "The address of this lead is never mailed: its steps are left out."
    contact = {"email": "l1@example.com", "created_at": NOW}
    Contact.objects.of(own).create(workspace=own, lead="L-1", **contact)
    assert said not in words_of(lena.get("/leads/L-1"))
    suppressions.suppress(own.pk, "l1@example.com", suppressions.BOUNCED, now=NOW)
    assert said in words_of(lena.get("/leads/L-1"))


def test_a_rep_enrols_a_lead_by_hand_and_takes_it_out_again(own, ana):
    asked = {"lead": "L-3", "token": "t", "track": "long term", "why": "asked for spring"}
    assert send(ana, "/lead-acts/enrol", form="/leads/L-3", **asked).status_code == 302
    rows = Enrolment.objects.of(own).filter(lead="L-3").order_by("entered_at")
    told = rows.values_list("track", "by", "why", "is_paused", "left_why")
    assert [*told] == [("long term", "ana", "asked for spring", True, "")]
    words = text_of(ana.get("/leads/L-3"))
    assert "Ana Kos put it there: asked for spring" in words
    assert "Nothing is sent while sales works on the lead." in words
    assert 'href="/leads/L-3"' in ana.get("/nurture/tracks/long%20term").text
    asked = {"lead": "L-3", "token": "u", "why": "bought elsewhere"}
    assert send(ana, "/lead-acts/leave", form="/leads/L-3", **asked).status_code == 302
    assert [*rows.values_list("left_why", flat=True)] == ["by hand"]


def test_another_track_takes_a_lead_out_of_the_first(own, lena):
    asked = {"lead": "L-1", "token": "t", "track": "long term", "why": "asked for spring"}
    assert send(lena, "/lead-acts/enrol", form="/leads/L-1", **asked).status_code == 302
    rows = Enrolment.objects.of(own).filter(lead="L-1").order_by("entered_at")
    assert [*rows.values_list("track", "left_why")] == [
        ("re-engage", "another track"),
        ("long term", ""),
    ]


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("enrol", {"track": "re-engage", "why": "again"}, "The lead is in this track already."),
        ("enrol", {"track": "nowhere", "why": "x"}, "isn't among what can be chosen"),
        ("enrol", {"track": "long term", "why": " "}, "There is no reason."),
        ("enrol", {"track": "long term", "why": "x" * 10_000}, "is longer than"),
        ("leave", {"why": ""}, "There is no reason."),
    ],
)
def test_what_is_refused_keeps_what_was_typed(own, lena, act, fields, said):
    asked = {"lead": "L-1", "token": "t", **fields}
    page = send(lena, f"/lead-acts/{act}", form="/leads/L-1", **asked)
    assert page.status_code == 422
    assert said in text_of(page).replace("’", "'")
    assert not Fact.objects.of(own).filter(kind=ENROLLED, lead="L-1").exists()


def test_a_rep_sees_and_enrols_leads_of_the_own_team_only(own, ana):
    take(own, fact("L-2", "enrolled", "2026-03-12 08:45", track="long term", by="zoe"), now=NOW)
    assert "L-2" not in ana.get("/nurture/tracks/long%20term").text
    assert "L-2" not in ana.get("/nurture").text
    asked = {"lead": "L-2", "token": "t", "track": "re-engage", "why": "x"}
    assert send(ana, "/lead-acts/enrol", form="/leads/L-3", **asked).status_code == 404


def test_a_suppressed_lead_is_enrolled_by_nobody(own, lena):
    take(own, fact("L-1", "suppressed", "2026-03-12 08:30", reason="opt-out"), now=NOW)
    asked = {"lead": "L-1", "token": "t", "track": "long term", "why": "x"}
    page = send(lena, "/lead-acts/enrol", form="/leads/L-1", **asked)
    assert page.status_code == 422
    assert "must not be enrolled" in text_of(page)


def test_leads_behind_a_measure(lena):
    page = lena.get("/nurture/measures/coverage")
    assert 'href="/leads/L-4"' in page.text
    assert lena.get("/nurture/measures/nothing").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/nurture/tracks/nowhere",
        "/nurture/tracks/%00",
        "/nurture/tracks/" + "x" * 1000,
        "/nurture/tracks/%3Cscript%3E",
    ],
)
def test_a_track_that_there_is_not_is_a_page_that_says_so(lena, path):
    assert lena.get(path).status_code == 404


@pytest.mark.parametrize("query", ["?show=%00", "?show=" + "x" * 5000, "?at=zzz", "?at=%00"])
def test_a_bad_query_shows_the_track(lena, query):
    assert lena.get("/nurture/tracks/re-engage" + query).status_code == 200


def test_without_tracks_the_page_says_what_to_do():
    own = workspace(name="Northwind")
    client = signed_in(own, "lena", role="sales lead")
    assert "No tracks yet" in text_of(client.get("/nurture"))


def test_many_leads_are_enrolled_at_once_and_that_is_undone(own, lena):
    actor = Actor(own.pk, "lena", "sales lead")
    said = {"track": "long term", "why": "spring"}
    keys = ["L-1", "L-2", "L-3"]
    take(own, fact("L-2", "enrolled", "2026-03-12 08:45", track="long term", by="zoe"), now=NOW)
    act = bulk.propose(actor, "enrol", said, keys, NOW)
    plan = bulk_plan.plan(actor, act, NOW)
    assert [(one.lead, one.before, one.after) for one in plan.first] == [
        ("L-1", "re-engage", "long term"),
        ("L-3", "", "long term"),
    ]
    assert plan.left == {"same": 1}
    bulk.confirm(actor, act.key, NOW)
    inside = Enrolment.objects.of(own).filter(track="long term", left_at=None)
    assert {*inside.values_list("lead", flat=True)} == {*keys}
    assert "Enrol for nurture" in lena.get("/leads").text
    bulk.undo(actor, act.key, NOW + 1)
    assert {*inside.values_list("lead", flat=True)} == {"L-2"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"track": "t", "reason": "by rule"}, "Entered the nurture track t by the rule"),
        ({"track": "t", "reason": "follows", "why": "u"}, "Entered the nurture track t, which follows u."),
        ({"track": "t", "by": "ana", "why": "spring"}, "Ana put the lead into the nurture track t: spring."),
        ({"track": "t", "left": "yes", "reason": "mql"}, "Left the nurture track t: mql."),
        ({"track": "t", "left": "yes", "by": "ana", "why": "w"}, "Ana took the lead out of the nurture track t: w."),
        ({"track": "t", "step": "guide"}, "Nurture track t sent guide."),
        ({"track": "t", "step": "guide", "reason": "left out", "why": "w"}, "left out guide: w."),
        ({"track": "t"}, "Entered the nurture track t."),
    ],
)  # fmt: skip
def test_each_fact_of_a_track_says_why(body, said):
    told = str(sentence(ENROLLED, body, {"ana": "Ana"}))
    assert said in told.replace("<bdi>", "").replace("</bdi>", "")
