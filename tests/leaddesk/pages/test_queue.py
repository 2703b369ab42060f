"""The queue: what waits, the most urgent first, and the acts that its keys do."""

import re

import pytest
from django.test import Client

from leaddesk.book import moment
from leaddesk.book.models import Company, Contact, Fact, Lead, Note, Person, Reminder, User
from leaddesk.book.moment import DAY, MINUTE, SECOND
from leadpact import facts
from tests.leaddesk.desk import fact, handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, PASSWORD, send, text_of
from tests.leaddesk.test_acts import AGREED

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own():
    own = workspace(AGREED, name="Northwind")
    person(own, "ben", name="Ben Somchai", team="inbound")
    for n, when in enumerate(["2026-03-11 12:30", "2026-03-12 08:00", "2026-03-12 09:00"]):
        key = f"L-{n}"
        take(own, fact(key, "created", when, type="demo", source="fair"), now=NOW)
        take(own, handed_over(key, when), now=NOW)
    take(own, fact("L-1", "engaged", "2026-03-12 08:30", what="demo requested"), now=NOW)
    shop = Company.objects.of(own).create(workspace=own, key="shop", name="Shop AG", created_at=1)
    Contact.objects.of(own).create(
        workspace=own, lead="L-1", name="Kasia Nowak", phone="+48 22 1", email="kasia@shop.example",
        zone="Asia/Bangkok", company=shop, created_at=1,
    )  # fmt: skip
    return own


def signed_in(own, key, **fields):
    email = f"{key}@northwind.example"
    user = User.objects.create_user(email, PASSWORD)
    person(own, key, user=user, email=email, zone="Europe/Warsaw", **fields)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=email, password=PASSWORD)
    return client


@pytest.fixture
def ana(own):
    return signed_in(own, "ana", team="inbound")


def leads_of(response):
    return re.findall(r'data-lead="([^"]+)"', response.text)


def act(client, name, page="/queue", **fields):
    return send(client, f"/lead-acts/{name}", form=page, **{"lead": "L-1", "token": "t"} | fields)


def by_script(client, name, **fields):
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/queue").text)[1]
    told = {"lead": "L-1", "token": "t", "csrfmiddlewaretoken": token} | fields
    return client.post(f"/lead-acts/{name}", told, headers={"Accept": "application/json"})


def test_the_home_of_a_rep_is_the_queue(ana):
    assert ana.get("/").headers["Location"] == "/queue"


def test_what_is_due_first_comes_first_in_its_group(ana):
    response = ana.get("/queue")
    assert leads_of(response) == ["L-0", "L-1", "L-2"]
    words = text_of(response)
    for part in ("Late 1", "Due today 2", "demo requested", "Kasia Nowak", "Shop AG", "in Bangkok"):
        assert part in words
    assert "Not tried yet" in words
    assert 'href="tel:+48 22 1"' in response.text
    assert "style=" not in response.text.replace("stylesheet", "")


def test_groups_follow_the_time(ana):
    due = Lead.across.get(key="L-2").urgent_at
    with moment.standing_at(due - 14 * MINUTE):
        assert "Due within 15 minutes" in text_of(ana.get("/queue"))
    with moment.standing_at(due - 30 * 60 * MINUTE):
        assert "Due later" in text_of(ana.get("/queue"))


def test_an_attempt_is_logged_and_can_be_undone(ana, own):
    response = act(ana, "attempt", channel="phone", outcome="no answer", next="/queue")
    assert (response.status_code, response.headers["Location"]) == (302, "/queue")
    page = ana.get("/queue")
    assert leads_of(page) == ["L-0", "L-2"]
    assert "The attempt is logged." in text_of(page)
    undo = re.search(r'action="(/lead-acts/take-back[^"]+)"', page.text)[1].replace("&amp;", "&")
    send(ana, undo, form="/queue")
    assert leads_of(ana.get("/queue")) == ["L-0", "L-1", "L-2"]
    assert ana.get(undo).status_code == 405


def test_a_script_is_answered_in_json(ana, own):
    first = by_script(ana, "attempt", channel="phone", outcome="busy").json()
    assert (first["outcome"], first["said"]) == ("new", "The attempt is logged.")
    assert first["undo"].startswith("/lead-acts/take-back?lead=L-1")
    again = by_script(ana, "attempt", channel="phone", outcome="busy").json()
    assert (again["outcome"], again["said"]) == (
        "known",
        "This was recorded before. It is there once.",
    )
    refused = by_script(ana, "attempt", channel="fax", outcome="busy", token="u")
    assert refused.status_code == 422
    assert refused.json()["said"].startswith("Nothing was changed.")
    assert by_script(ana, "waive", promise="1", why="x").status_code == 403
    assert by_script(ana, "accept", lead="nobody").status_code == 404
    assert Fact.objects.of(own).filter(kind=facts.ATTEMPTED).count() == 1


def test_a_colleagues_same_attempt_is_told_with_name_and_time(ana, own):
    seen = re.search(
        r'name="seen" value="(\d+)"', ana.get("/queue").text.partition('data-lead="L-1"')[2]
    )[1]
    ben = Client(enforce_csrf_checks=True)
    user = User.objects.create_user("ben@northwind.example", PASSWORD)
    Person.objects.of(own).filter(key="ben").update(user=user, email=user.email)
    send(ben, "/sign-in", email=user.email, password=PASSWORD)
    act(ben, "attempt", channel="phone", outcome="busy")
    with moment.standing_at(NOW + 2 * SECOND):
        said = by_script(ana, "attempt", channel="phone", outcome="busy", seen=seen).json()
    assert said["outcome"] == "equal"
    assert said["said"] == "Ben Somchai logged this attempt 2.0 s before you. Yours was not added."
    assert Fact.objects.of(own).filter(kind=facts.ATTEMPTED).count() == 1


def test_an_act_that_waited_for_the_network_keeps_its_time(ana, own):
    pressed = (NOW - 30 * MINUTE) // 1000
    by_script(ana, "attempt", channel="phone", outcome="busy", pressed=str(pressed))
    assert Fact.objects.of(own).get(kind=facts.ATTEMPTED).occurred_at == NOW - 30 * MINUTE


def test_unchanged_rows_are_not_sent_again(ana, own, django_assert_max_num_queries):
    page = ana.get("/queue")
    mark = re.search(r'data-mark="([0-9a-f]+)"', page.text)[1]
    with django_assert_max_num_queries(10):
        same = ana.get("/queue/rows?whose=", headers={"If-None-Match": f'"{mark}"'})
    assert (same.status_code, same.content) == (304, b"")
    take(own, fact("L-1", "engaged", "2026-03-12 08:59", what="pricing viewed"), now=NOW)
    changed = ana.get("/queue/rows?whose=", headers={"If-None-Match": f'"{mark}"'})
    assert changed.status_code == 200
    assert "pricing viewed" in changed.text
    assert changed.headers["ETag"] != f'"{mark}"'
    with moment.standing_at(NOW + DAY):
        later = ana.get("/queue/rows?whose=", headers={"If-None-Match": changed.headers["ETag"]})
    assert later.status_code == 200


def test_a_lead_that_is_gone_says_why(ana, own):
    take(own, fact("L-1", "assigned", "2026-03-12 08:59", owner="ben", by="ben"), now=NOW)
    said = ana.get("/queue/gone?lead=L-1").json()["said"]
    assert said == "<bdi>Ben Somchai</bdi> gave the lead to <bdi>Ben Somchai</bdi>."
    other = ana.get("/queue/gone?lead=nobody").json()["said"]
    assert other == "This lead isn&#x27;t in your queue any more." or "isn't" in other


def test_whose_queue_and_which_words(ana, own):
    take(own, handed_over("L-9", "2026-03-12 09:00", owner="ben"), now=NOW)
    take(own, handed_over("L-8", "2026-03-12 09:00", owner="cleo"), now=NOW)
    assert leads_of(ana.get("/queue?whose=team")) == ["L-0", "L-1", "L-2", "L-9"]
    assert leads_of(ana.get("/queue?whose=all")) == ["L-0", "L-1", "L-2"]
    assert leads_of(ana.get("/queue?whose=cleo")) == ["L-0", "L-1", "L-2"]
    assert leads_of(ana.get("/queue?q=kasia")) == ["L-1"]
    assert "No lead of this queue has that" in text_of(ana.get("/queue?q=zzz"))
    lena = signed_in(own, "lena", role="sales lead")
    assert leads_of(lena.get("/queue")) == ["L-0", "L-1", "L-2", "L-8", "L-9"]
    assert leads_of(lena.get("/queue?whose=cleo")) == ["L-8"]


def test_without_the_right_no_name_is_shown(own):
    vera = signed_in(own, "vera", role="viewer")
    page = vera.get("/queue")
    assert leads_of(page) == ["L-0", "L-1", "L-2"]
    assert "Kasia" not in page.text
    assert "Attempt" not in text_of(page)
    response = act(vera, "attempt", channel="phone", outcome="busy", page="/password")
    assert response.status_code == 403


def test_pages_follow_each_other_without_gap(ana, own, monkeypatch):
    monkeypatch.setattr("leaddesk.pages.queue.MOST", 2)
    first = ana.get("/queue")
    onward = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    assert leads_of(first) + leads_of(ana.get(onward)) == ["L-0", "L-1", "L-2"]
    assert "That was the last one" in text_of(ana.get("/queue?after=9999999999999999.0.x"))


def test_a_lead_that_is_put_aside_comes_back(ana, own):
    response = act(ana, "snooze", until="1h", reason="They <b>eat</b>.", next="/queue")
    assert response.status_code == 302
    page = ana.get("/queue")
    assert leads_of(page) == ["L-0", "L-2"]
    assert "They &lt;b&gt;eat&lt;/b&gt;." in page.text
    assert Lead.across.get(key="L-1").urgent_at is not None
    with moment.standing_at(NOW + 61 * MINUTE):
        page = ana.get("/queue")
        assert leads_of(page) == ["L-0", "L-1", "L-2"]
        assert "You asked to be reminded" in text_of(page)
    act(ana, "take-up", next="/queue")
    assert not Reminder.objects.of(own).exists()


def test_an_empty_queue_says_so(own):
    cleo = signed_in(own, "cleo", team="outbound")
    words = text_of(cleo.get("/queue"))
    assert "Nothing is due" in words


def test_queries_do_not_grow_with_the_rows(ana, own, django_assert_max_num_queries):
    for n in range(10, 40):
        take(own, handed_over(f"M-{n}", "2026-03-12 09:00"), now=NOW)
    with django_assert_max_num_queries(20):
        assert len(leads_of(ana.get("/queue"))) == 30


@pytest.mark.parametrize(
    "query",
    [
        "?after=x", "?after=1.", "?after=99999999999999999999999.k", "?after=%00.%00", "?q=%00",
        "?q=" + "x" * 3000, "?whose=%00", "?whose=" + "x" * 3000, "?q=%E2%80%AE<script>",
        "?after=²3.k",
    ],
)  # fmt: skip
def test_bad_input_is_no_fault_of_ours(ana, query):
    for path in ("/queue", "/queue/rows", "/queue/gone"):
        response = ana.get(path + query)
        assert response.status_code == 200
        assert "<script>alert" not in response.text
    assert ana.get("/queue/gone?lead=%00" + "x" * 500).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "<script>alert(1)</script>"}, {"channel": "x" * 10_000}, {"seconds": "\x00"},
        {"note": "x" * 10_000}, {"note": "\u202egnp"}, {"at": "yesterday"}, {"at": "9999-12-31"},
        {"at": "0001-01-01T00:00"},
    ],
)  # fmt: skip
def test_a_refused_form_keeps_what_was_typed(ana, own, fields):
    told = {"channel": "phone", "outcome": "busy", "note": "Ask for Jan"} | fields
    response = act(ana, "attempt", **told)
    assert response.status_code == 422
    assert "<script>alert" not in response.text
    assert 'aria-invalid="true"' in response.text
    if "note" not in fields:
        assert "Ask for Jan</textarea>" in response.text
    assert not Fact.objects.of(own).filter(kind=facts.ATTEMPTED).exists()
    assert not Note.objects.of(own).exists()


def test_odd_numbers_and_keys_are_refused(ana):
    assert act(ana, "attempt", seen="9" * 400, channel="phone", outcome="busy").status_code == 302
    assert act(ana, "take-back", fact="\x00 x").status_code == 422
    assert act(ana, "attempt", lead="\x00", channel="phone", outcome="busy").status_code == 404
    assert act(ana, "attempt", lead="x" * 10_000).status_code in {404, 422}
    assert ana.post("/lead-acts/nothing").status_code in {403, 404}
    assert act(ana, "accept", next="//evil.example/").headers["Location"] == "/leads/L-1"


def test_another_workspace_is_not_seen(ana, own):
    other = workspace(AGREED)
    take(other, handed_over("X-1", "2026-03-12 09:00"), now=NOW)
    assert "X-1" not in leads_of(ana.get("/queue"))
    assert act(ana, "attempt", lead="X-1", channel="phone", outcome="busy").status_code == 404


def test_the_rows_name_every_key(ana):
    page = ana.get("/queue").text
    for key in "acemds123456/":
        assert f'data-key="{key}"' in page
    assert 'data-key="r"' not in page


def rows_since(client, tag):
    return client.get("/queue/rows?whose=", headers={"If-None-Match": tag})


def row_version(page, lead="L-1"):
    return re.search(rf'data-lead="{lead}" data-version="([0-9a-f]+)"', page.text)[1]


def test_what_was_taken_back_leaves_the_rows(ana, own):
    take(own, fact("L-1", "attempted", "2026-03-11 07:59", channel="phone", by="ben"), now=NOW)
    stored = Fact.objects.of(own).get(kind=facts.ATTEMPTED)
    first = rows_since(ana, "")
    assert "Last attempt" in text_of(first)
    lead = Lead.across.get(key="L-1")
    told = fact("L-1", "corrected", "2026-03-12 09:00", fact=stored.source_id, by="ben")
    take(own, told, now=NOW)
    kept = ("facts", "urgent_at", "owner", "stage", "is_paused", "open", "broken")
    Lead.across.filter(key="L-1").update(**{name: getattr(lead, name) for name in kept})
    changed = rows_since(ana, first.headers["ETag"])
    assert changed.status_code == 200
    assert "Last attempt" not in text_of(changed)
    assert row_version(changed) != row_version(first)
    assert rows_since(ana, changed.headers["ETag"]).status_code == 304


def test_a_new_name_of_a_contact_shows(ana, own):
    first = rows_since(ana, "")
    Contact.objects.of(own).filter(lead="L-1").update(name="Kasia Lis", version=2)
    changed = rows_since(ana, first.headers["ETag"])
    assert "Kasia Lis" in changed.text
    assert row_version(changed) != row_version(first)


def test_a_reply_is_no_attempt_of_ours(ana, own):
    take(own, fact("L-1", "replied", "2026-03-11 08:40", channel="email"), now=NOW)
    row = ana.get("/queue?q=kasia").text
    assert "They answered by <bdi>e-mail</bdi>." in row
    assert "Not tried yet" in row


def test_what_they_did_is_one_sentence(ana, own):
    take(own, fact("L-1", "engaged", "2026-03-12 08:40", what="pricing viewed"), now=NOW)
    row = ana.get("/queue?q=kasia").text
    did = '<bdi dir="ltr"><bdi>pricing viewed</bdi>, <bdi>demo requested</bdi></bdi>'
    assert f"They did this: <bdi>{did}</bdi>." in row
    assert row.count("They did this") == 1


def test_usual_words_are_in_the_language_of_the_reader(ana, own):
    Person.objects.of(own).filter(key="ana").update(language="fa")
    Lead.across.filter(key="L-1").update(type="website form", source="e-mail")
    take(own, fact("L-1", "scored", "2026-03-12 08:40", fit="7", interest="1.5"), now=NOW)
    row = text_of(ana.get("/queue?q=kasia"))
    assert "website form" not in row
    assert "e-mail" not in row
    assert "۷" in row
    assert "۱٫۵" in row


def test_an_empty_queue_of_a_sample_says_that_it_is_being_told(ana, own):
    assert "The worker is telling" not in text_of(ana.get("/queue?q=nobody"))
    Lead.across.filter(workspace=own).update(urgent_at=None)
    assert "Nothing is due" in text_of(ana.get("/queue"))
    own.is_sample = True
    own.save()
    first = rows_since(ana, "")
    assert "The worker is telling the history of the sample" in text_of(first)
    assert '<progress max="900" value="3"' in first.text
    assert rows_since(ana, first.headers["ETag"]).status_code == 304
    take(own, fact("L-5", "created", "2026-03-12 08:00"), now=NOW)
    Lead.across.filter(workspace=own).update(urgent_at=None)
    assert 'value="4"' in rows_since(ana, first.headers["ETag"]).text


def test_origin_and_owner_stand_beside_the_name(ana):
    row = ana.get("/queue?q=kasia").text
    head, details = row.split('<p class="queue-more', 1)
    for part in ("Source: <bdi>fair</bdi>", "in Bangkok", "Owner: "):
        assert part in head
        assert part not in details.partition("</p>")[0]
