"""The list of leads: its address says what it shows; views, files, many leads at once, a new lead."""

import csv
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from leaddesk.book import access, contacts, lists, moment
from leaddesk.book.models import BulkAct, Contact, Entry, Lead, Person, SavedView, User
from tests.leaddesk.desk import fact, handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, PASSWORD, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)
BAD = ["<script>x</script>", "x" * 10_000, "\u202eevil", "\x00", "%", "²", "-1", "9" * 30, "🙂"]


def sign_in(own, key, role="rep", **fields):
    email = f"{key}@northwind.example"
    user = User.objects.create_user(email, PASSWORD)
    person(own, key, role=role, user=user, email=email, **fields)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=email, password=PASSWORD)
    return client


@pytest.fixture
def leads(own, mia):
    person(own, "ben", name="Ben Berg", team="outbound")
    take(
        own,
        fact("L-1", "created", "2026-03-10 08:00", source="fair", type="demo", campaign="spring"),
        handed_over("L-1", "2026-03-12 08:30", owner="ana"),
        fact("L-2", "created", "2026-03-11 08:00", source="web"),
        handed_over("L-2", "2026-03-12 08:45", owner="ben"),
        handed_over("L-3", "2026-03-11 12:00", owner="ben"),
        fact("L-4", "created", "2026-03-08 08:00", source="web"),
        now=NOW,
    )
    admin = access.operator(own.pk)
    contacts.create_contact(admin, "L-1", {"name": "Zoë Quill", "email": "z@acme.example"}, NOW)
    return own


def shown(client, address):
    """The keys of the leads that a page shows, in order."""
    page = client.get(address)
    assert page.status_code == 200, address
    return re.findall(r'<th scope="row"><a data-open href="/leads/([^"]+)"', page.text)


@pytest.mark.parametrize(
    "query, keys",
    [
        ("", ["L-2", "L-1", "L-4", "L-3"]),
        ("sort=-created", ["L-4", "L-1", "L-2", "L-3"]),
        ("sort=urgent", ["L-3", "L-1", "L-2", "L-4"]),
        ("sort=key", ["L-1", "L-2", "L-3", "L-4"]),
        ("q=zoe", ["L-1"]),
        ("owner=ben", ["L-2", "L-3"]),
        ("team=outbound", ["L-2", "L-3"]),
        ("source=web", ["L-2", "L-4"]),
        ("type=demo&campaign=spring", ["L-1"]),
        ("owed=broken", ["L-3"]),
        ("owed=open&owner=ben", ["L-2"]),
        ("owed=kept", []),
        ("paused=yes", []),
        ("paused=no&pass=1&source=fair", ["L-1"]),
        ("created_from=2026-03-10&created_to=2026-03-10", ["L-1"]),
        ("created_from=۲۰۲۶-۰۳-۱۱", ["L-2"]),
        ("due_before=2026-03-13&sort=key", ["L-1", "L-2"]),
        ("standing=merged", []),
        ("owner=nobody", []),
    ],
)
def test_the_address_says_which_leads_are_shown(visitor, leads, query, keys):
    assert shown(visitor, f"/leads?{query}") == keys


def test_every_filter_is_a_chip_that_takes_it_away(visitor, leads):
    page = visitor.get("/leads?owner=ben&source=web&sort=key").text
    found = re.findall(r'<a class="chip" href="([^"]+)"><span>([^<]+)<bdi>([^<]+)', page)
    assert [(title, value) for _href, title, value in found] == [
        ("Owner: ", "Ben Berg"),
        ("Source: ", "web"),
    ]
    without = parse_qs(urlsplit(found[0][0].replace("&amp;", "&")).query)
    assert without == {"source": ["web"], "sort": ["key"]}
    assert "No lead matches" in text_of(visitor.get("/leads?source=nowhere"))


def test_pages_follow_each_other_both_ways_and_lose_nobody(visitor, own, mia):
    rows = [Lead(workspace=own, key=f"P-{n:03}", created_at=n // 3 or None) for n in range(120)]
    Lead.objects.of(own).bulk_create(rows)
    for sort in ("created", "-created", "key", "urgent", "-changed"):
        address, found, pages = f"/leads?sort={sort}", [], []
        while address:
            page = visitor.get(address)
            keys = re.findall(r'data-open href="/leads/([^"]+)"', page.text)
            pages.append(keys)
            found += keys
            after = re.search(r'rel="next" href="([^"]+)"', page.text)
            address = after[1].replace("&amp;", "&") if after else ""
        assert sorted(found) == [row.key for row in rows], sort
        assert [len(one) for one in pages] == [50, 50, 20]
        before = re.search(r'rel="prev" href="([^"]+)"', page.text)[1].replace("&amp;", "&")
        assert shown(visitor, before) == pages[1], sort


def test_leads_that_come_in_between_move_no_page(visitor, own, mia):
    Lead.objects.of(own).bulk_create(
        Lead(workspace=own, key=f"P-{n:03}", created_at=1000 - n) for n in range(60)
    )
    page = visitor.get("/leads").text
    after = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    Lead.objects.of(own).create(workspace=own, key="P-new", created_at=2000)
    assert shown(visitor, after) == [f"P-{n:03}" for n in range(50, 60)]


@pytest.mark.parametrize("bad", BAD)
def test_nothing_that_is_typed_breaks_the_list(visitor, leads, bad):
    names = ["q", "owner", "stage", "standing", "owed", "paused", "pass", "at", "sort"]
    for name in [*names, "created_from", "created_to", "due_before", "team", "source"]:
        page = visitor.get("/leads", {name: bad})
        assert page.status_code == 200, (name, bad)
        assert "<script>x" not in page.text
    assert visitor.get("/leads", {"pass": "no"}).text.count('aria-invalid="true"') == 1


def test_more_than_a_thousand_are_not_counted(visitor, own, mia):
    rows = (Lead(workspace=own, key=f"P-{n:05}", created_at=n) for n in range(1_001))
    Lead.objects.of(own).bulk_create(rows)
    assert "more than 1,000 leads" in text_of(visitor.get("/leads"))


def test_everybody_sees_what_their_role_covers(leads):
    ana = sign_in(leads, "ana", team="inbound")
    assert shown(ana, "/leads") == ["L-1"]
    assert shown(ana, "/leads?owner=ben") == []
    viewer = sign_in(leads, "vic", "viewer")
    page = viewer.get("/leads")
    assert "Zo" not in text_of(page)
    assert "New lead" not in text_of(page)
    assert "Do with many leads" not in text_of(page)
    assert shown(viewer, "/leads?q=zoe") == []
    assert viewer.get("/leads/new").status_code == 403
    assert send(viewer, "/bulk/choose", "/leads", act="pause", lead="L-1").status_code == 403
    other = sign_in(workspace(), "max", "admin")
    assert shown(other, "/leads") == []
    assert Client().get("/leads").status_code == 302


def test_queries_dont_grow_with_the_list(visitor, own, mia):
    def count(address):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            visitor.get(address)
        return len(queries)

    def more(first, last):
        for n in range(first, last):
            Lead.objects.of(own).create(workspace=own, key=f"P-{n}", created_at=n, owner="mia")
            Contact.objects.of(own).create(
                workspace=own, lead=f"P-{n}", name=f"Zoë {n}", created_at=NOW
            )

    for address in ("/leads", "/leads?q=zoe&owner=mia&owed=open", "/contacts", "/contacts?q=zoe"):
        more(0, 3) if not Lead.objects.of(own).exists() else None
        few = count(address)
        assert few <= 20, (address, few)
    more(3, 60)
    for address in ("/leads", "/leads?q=zoe&owner=mia&owed=open", "/contacts", "/contacts?q=zoe"):
        assert count(address) <= 20, address


def test_a_view_is_saved_shared_renamed_and_deleted(visitor, leads):
    answer = send(visitor, "/views", "/leads?owner=ben", query="owner=ben&zed=1", name="Ben's")
    assert (answer.status_code, answer["Location"]) == (302, "/leads?owner=ben")
    view = SavedView.objects.of(leads).get()
    assert (view.query, view.person, view.is_shared) == ("owner=ben", "mia", False)
    assert visitor.get(f"/views/{view.key}")["Location"] == "/leads?owner=ben"
    colleague = sign_in(leads, "cleo", "sales lead")
    assert colleague.get(f"/views/{view.key}").status_code == 404
    change = f"/views/{view.key}/keep"
    assert send(visitor, change, name=" ").status_code == 422
    assert send(visitor, change, name="Of Ben", shared="yes").status_code == 302
    assert colleague.get(f"/views/{view.key}")["Location"] == "/leads?owner=ben"
    assert "Of Ben" in text_of(colleague.get("/leads"))
    assert send(colleague, change, "/leads", delete="yes").status_code == 403
    stranger = sign_in(workspace(), "max", "admin")
    assert stranger.get(f"/views/{view.key}").status_code == 404
    assert send(visitor, change, delete="yes").status_code == 302
    assert not SavedView.objects.of(leads).exists()


@pytest.mark.parametrize("bad", [*BAD, ""])
def test_a_view_keeps_only_what_can_be_kept(visitor, leads, bad):
    answer = send(visitor, "/views", "/leads", query=bad, name=bad)
    assert answer.status_code in (302, 422)
    assert all(one.query == "" for one in SavedView.objects.of(leads))


def test_the_list_goes_along_as_csv(visitor, leads):
    contacts.change_contact(access.operator(leads.pk), "L-1", {"title": "=1+1"}, NOW)
    answer = send(visitor, "/leads-export", "/leads", query="source=fair", format="csv")
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = [*csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]
    assert len(rows) == 1
    expected = {
        "key": "L-1",
        "name": "Zoë Quill",
        "title": "'=1+1",
        "owner": "ana",
        "created_at": "2026-03-10T08:00:00+01:00",
        "due_at": "2026-03-12T14:00:00+01:00",
        "zone": "Europe/Warsaw",
        "is_paused": "no",
    }
    assert {name: rows[0][name] for name in expected} == expected
    noted = Entry.objects.of(leads).get(act="exported leads")
    assert "source=fair" in noted.detail


def test_the_list_goes_along_as_a_sheet(visitor, leads):
    Person.objects.of(leads).filter(key="mia").update(language="en")
    answer = send(visitor, "/leads-export", "/leads", query="owner=ben&sort=key", format="xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheet_names == ["Leads", "About"]
    rows = book.get_sheet_by_name("Leads").to_python()
    assert [row[0] for row in rows] == ["Lead", "L-2", "L-3"]
    due = rows[0].index("Next due")
    assert rows[1][due].isoformat() == "2026-03-12T14:00:00"
    about = dict(row[:2] for row in book.get_sheet_by_name("About").to_python())
    assert (about["Owner"], about["Rows"], about["Time zone"]) == ("Ben Berg", 2.0, "Europe/Warsaw")


def test_contacts_go_along_with_those_only_who_may_read_them(leads):
    viewer = sign_in(leads, "vic", "viewer")
    answer = send(viewer, "/leads-export", "/sign-out", query="", format="csv")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "name" not in content.splitlines()[0].split(",")
    assert "Zo" not in content
    ana = sign_in(leads, "ana")
    content = b"".join(send(ana, "/leads-export", "/leads", query="").streaming_content).decode()
    assert ("L-1" in content, "L-2" in content) == (True, False)


def test_the_call_of_the_api_answers_with_the_same_list(visitor, leads):
    mia = Person.objects.of(leads).get(key="mia")
    _token, secret = access.issue_token(
        access.actor_of(mia), name="x", scopes=["read"], now=moment.now()
    )
    for query in ("owner=ben", "q=zoe", "team=outbound&sort=urgent", "created_from=2026-03-10"):
        page = visitor.get(f"/leads?{query}").text
        call = re.search(r'<pre id="curl"[^>]*>([^<]+)', page)[1]
        where = re.search(r"http://[^/]+(/[^&]*(?:&amp;[^&]*)*)&#x27;$", call)[1]
        answer = Client().get(
            where.replace("&amp;", "&"), headers={"Authorization": f"Bearer {secret}"}
        )
        keys = [row["key"] for row in answer.json()["data"]]
        assert keys == sorted(shown(visitor, f"/leads?{query}")), query


def test_many_leads_are_changed_as_shown_and_back(visitor, leads):
    person(leads, "ana", name="Ana Kowalska")
    form = {"act": "reassign", "lead": ["L-1", "L-2", "L-3"], "query": "owner=ben"}
    page = send(visitor, "/bulk/choose", "/leads", **form)
    assert "3 leads are chosen" in text_of(page)
    wrong = send(visitor, "/bulk/propose", "/leads", **form, owner="zed", why="<b>")
    assert (wrong.status_code, wrong.text.count('value="L-')) == (422, 3)
    assert "&lt;b&gt;" in wrong.text
    answer = send(visitor, "/bulk/propose", "/leads", **form, owner="ana", why="holiday")
    where = answer["Location"]
    words = text_of(visitor.get(where))
    assert "2 leads would change" in words
    assert "It is so already." in words
    assert Lead.objects.of(leads).get(key="L-2").owner == "ben"
    assert send(visitor, f"{where}/confirm", where)["Location"] == where
    assert Lead.objects.of(leads).get(key="L-2").owner == "ana"
    assert "2 leads were changed" in text_of(visitor.get(where))
    assert "Reassign" in text_of(visitor.get("/bulk"))
    send(visitor, f"{where}/undo", where)
    assert Lead.objects.of(leads).get(key="L-2").owner == "ben"
    assert "Undone" in text_of(visitor.get(where))


def test_all_that_match_can_be_chosen(visitor, leads):
    form = {"act": "pause", "all": "yes", "query": "owner=ben", "reason": "on holiday"}
    where = send(visitor, "/bulk/propose", "/leads", **form)["Location"]
    assert BulkAct.objects.of(leads).get().leads == ["L-2", "L-3"]
    send(visitor, f"{where}/confirm", where)
    assert shown(visitor, "/leads?paused=yes") == ["L-2", "L-3"]
    other = sign_in(workspace(), "max", "admin")
    assert other.get(where).status_code == 404
    assert visitor.get("/bulk/is/bulk-0").status_code == 404


@pytest.mark.parametrize("bad", BAD)
def test_nothing_that_is_sent_breaks_a_bulk_act(visitor, leads, bad):
    for path in ("/bulk/choose", "/bulk/propose"):
        form = {"act": bad, "lead": bad, "query": bad, "owner": bad, "why": bad}
        assert send(visitor, path, "/leads", **form).status_code in (200, 422), path
        form["act"] = "reassign"
        assert send(visitor, path, "/leads", **form).status_code in (200, 422), path
    assert not BulkAct.objects.of(leads).exists()


def test_a_lead_is_entered_by_hand(visitor, own, mia):
    person(own, "ana", name="Ana Kowalska")
    form = {"name": "Kim Lee", "email": "kim@lee.example", "source": "fair", "owner": "ana"}
    answer = send(visitor, "/leads/new", **form, handed_over="yes")
    assert answer.status_code == 302
    lead = Lead.objects.of(own).get()
    assert answer["Location"] == f"/leads/{lead.key}"
    assert (lead.source, lead.owner, lead.open) == ("fair", "ana", 1)
    again = send(visitor, "/leads/new", **form | {"email": "KIM@lee.example"})
    assert again.status_code == 422
    assert "the same e-mail address" in text_of(again)
    assert 'value="KIM@lee.example"' in again.text
    assert Lead.objects.of(own).count() == 1
    assert send(visitor, "/leads/new", **form, anyway="yes").status_code == 302
    assert Lead.objects.of(own).count() == 2


def test_a_rep_gets_the_lead_that_they_enter(own):
    ana = sign_in(own, "ana")
    assert send(ana, "/leads/new", name="Kim", handed_over="yes").status_code == 302
    lead = Lead.objects.of(own).get()
    assert (lead.owner, lead.open) == ("ana", 0)


@pytest.mark.parametrize("bad", [*BAD[:4], ""])
def test_a_lead_that_cant_be_entered_leaves_what_was_typed(visitor, own, mia, bad):
    form = {"name": bad, "email": bad, "phone": bad, "source": "fair"}
    answer = send(visitor, "/leads/new", **form)
    assert answer.status_code == 422
    assert 'value="fair"' in answer.text
    assert "<script>x" not in answer.text
    assert (Lead.objects.of(own).count(), Contact.objects.of(own).count()) == (0, 0)


def test_lists_know_their_orders():
    assert lists.order_of("fly").column == "created_at"
    assert lists.order_of("-created").is_falling is False
