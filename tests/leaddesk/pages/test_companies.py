"""Companies and people: listed, found, made, changed under the version that was seen, merged, erased."""

import re

import pytest

from leaddesk.book import access, contacts, merging
from leaddesk.book.models import Company, Contact, Lead, Merge
from tests.leaddesk.desk import handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, send, text_of
from tests.leaddesk.pages.test_leads import BAD, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sold_to(own, mia):
    person(own, "ben", team="outbound")
    admin = access.operator(own.pk)
    contacts.create_company(
        admin, {"key": "acme", "name": "Acme Café", "domain": "acme.example"}, NOW
    )
    contacts.create_company(admin, {"key": "b/2 ü", "name": "Beta"}, NOW)
    for key, owner in (("L/1 ü", "ana"), ("L-2", "ben")):
        take(own, handed_over(key, "2026-03-12 08:30", owner=owner), now=NOW)
    contacts.create_contact(admin, "L/1 ü", {"name": "Zoë Quill", "email": "z@acme.example"}, NOW)
    contacts.create_contact(admin, "L-2", {"name": "Kim Lee", "phone": "555 0100"}, NOW)
    return own


def rows(page):
    return re.findall(r'<th scope="row"><a href="[^"]+">(?:<bdi[^>]*>)?([^<]+)', page.text)


def test_they_are_listed_and_found(visitor, sold_to):
    assert rows(visitor.get("/companies")) == ["Acme Café", "Beta"]
    assert rows(visitor.get("/companies?q=CAFE")) == ["Acme Café"]
    assert rows(visitor.get("/contacts")) == ["Kim Lee", "Zoë Quill"]
    assert rows(visitor.get("/contacts?q=zoe acme")) == ["Zoë Quill"]
    assert "No company matches" in text_of(visitor.get("/companies?q=nothing"))
    assert "Nobody matches" in text_of(visitor.get("/contacts?q=nothing"))
    page = visitor.get("/companies/acme")
    assert "Zoë Quill" in text_of(page)
    assert "z@acme.example" in text_of(visitor.get("/contacts/L%2F1%20%C3%BC"))
    assert visitor.get("/companies/b%2F2%20%C3%BC").status_code == 200


def test_long_lists_have_pages(visitor, own, mia):
    Company.objects.of(own).bulk_create(
        Company(workspace=own, key=f"k{n}", name=f"C {n % 7}", created_at=NOW) for n in range(120)
    )
    address, found = "/companies", []
    while address:
        page = visitor.get(address)
        found += re.findall(r'href="/companies/(k\d+)"', page.text)
        after = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = after[1].replace("&amp;", "&") if after else ""
    assert sorted(found) == sorted(f"k{n}" for n in range(120))


def test_everybody_sees_what_their_role_covers(sold_to):
    ana = sign_in(sold_to, "ana", team="inbound")
    assert rows(ana.get("/contacts")) == ["Zoë Quill"]
    assert ana.get("/contacts/L-2").status_code == 404
    assert ana.get("/contacts/change/L-2").status_code == 404
    assert send(ana, "/contacts/erase/L-2", "/contacts", sure="yes").status_code == 403
    viewer = sign_in(sold_to, "vic", "viewer")
    for path in ("/companies", "/contacts", "/companies/acme", "/contacts/L-2", "/companies/new"):
        assert viewer.get(path).status_code == 403, path
    stranger = sign_in(workspace(), "max", "admin")
    for path in ("/companies/acme", "/contacts/L-2", "/merge/leads?gone=L-2&stays=L%2F1+%C3%BC"):
        assert stranger.get(path).status_code == 404, path


def test_a_company_is_made_unless_it_may_be_known(visitor, sold_to):
    form = {"name": "ACME cafe", "domain": "acme.example"}
    answer = send(visitor, "/companies/new", **form)
    assert answer.status_code == 422
    assert "the same domain" in text_of(answer)
    assert 'value="ACME cafe"' in answer.text
    again = send(visitor, "/companies/new", name="acme CAFÉ")
    assert "a name like this" in text_of(again)
    answer = send(visitor, "/companies/new", name="Gamma", domain="gamma.example", country="pl")
    assert (answer.status_code, answer["Location"]) == (302, "/companies/gamma.example")
    assert send(visitor, "/companies/new", name="Acme Cafe", anyway="yes").status_code == 302
    wrong = send(visitor, "/companies/new", name="Delta", domain="no domain", country="Poland")
    assert (wrong.status_code, wrong.text.count('aria-invalid="true"')) == (422, 2)


def test_a_form_that_is_too_old_keeps_what_was_typed(visitor, sold_to):
    for path, model, change in (
        ("/companies/change/acme", Company, lambda row, name: contacts.change_company(
            access.operator(sold_to.pk), row.key, {"name": name}, NOW)),
        ("/contacts/change/L-2", Contact, lambda row, name: contacts.change_contact(
            access.operator(sold_to.pk), row.lead, {"name": name}, NOW)),
    ):  # fmt: skip
        key = {"key": "acme"} if model is Company else {"lead": "L-2"}
        row = model.objects.of(sold_to).get(**key)
        change(row, "Theirs")
        answer = send(visitor, path, name="Mine", version=row.version)
        assert answer.status_code == 409
        assert 'value="Mine"' in answer.text
        assert "It now says: Theirs" in text_of(answer)
        assert model.objects.of(sold_to).get(**key).name == "Theirs"
        fresh = re.search(r'name="version" value="(\d+)"', answer.text)[1]
        assert send(visitor, path, name="Mine", version=fresh).status_code == 302
        assert model.objects.of(sold_to).get(**key).name == "Mine"


def test_a_lead_without_a_contact_gets_one(visitor, sold_to):
    take(sold_to, handed_over("L-3", "2026-03-12 08:30"), now=NOW)
    assert send(visitor, "/contacts/change/L-3", name="New").status_code == 302
    assert Contact.objects.of(sold_to).get(lead="L-3").name == "New"
    assert visitor.get("/contacts/change/L-9").status_code == 404


def test_two_leads_are_merged_and_parted_on_pages(visitor, sold_to):
    address = "/merge/leads?gone=L-2&stays=L%2F1+%C3%BC"
    words = text_of(visitor.get(address))
    for part in ("Goes: Kim Lee", "Stays: Zoë Quill", "first contact", "open excused", "555 0100"):
        assert part in words, part
    assert not Merge.objects.of(sold_to).exists()
    form = {"gone": "L-2", "stays": "L/1 ü", "of-phone": "gone", "token": "0123456789abcdef"}
    for _twice in range(2):
        assert send(visitor, "/merge/leads/do", address, **form).status_code == 302
    merge = Merge.objects.of(sold_to).get()
    assert Contact.objects.of(sold_to).get(lead="L/1 ü").phone == "555 0100"
    assert Lead.objects.of(sold_to).get(key="L-2").into == "L/1 ü"
    assert "Make two of them again" in text_of(visitor.get("/contacts/L-2"))
    send(visitor, f"/merge/undo/{merge.key}", "/contacts/L-2")
    assert Lead.objects.of(sold_to).get(key="L-2").into == ""
    assert Contact.objects.of(sold_to).get(lead="L/1 ü").phone == ""
    assert visitor.get("/merge/leads?gone=L-2&stays=L-2").status_code == 422
    assert visitor.get("/merge/leads?gone=L-2&stays=L-9").status_code == 404
    assert visitor.get("/merge/leads").status_code == 200


def test_two_companies_are_merged_and_parted_on_pages(visitor, sold_to):
    address = "/merge/companies?gone=acme&stays=b%2F2+%C3%BC"
    assert "1 person moves to the company that stays." in text_of(visitor.get(address))
    form = {"gone": "acme", "stays": "b/2 ü", "of-domain": "gone"}
    assert send(visitor, "/merge/companies/do", address, **form).status_code == 302
    assert rows(visitor.get("/companies")) == ["Beta"]
    assert "Zoë Quill" in text_of(visitor.get("/companies/b%2F2%20%C3%BC"))
    send(visitor, f"/merge/undo/{Merge.objects.of(sold_to).get().key}", "/companies/acme")
    assert rows(visitor.get("/companies")) == ["Acme Café", "Beta"]


def test_a_merge_that_is_refused_keeps_what_was_chosen(visitor, sold_to):
    address = "/merge/companies?gone=acme&stays=b%2F2+%C3%BC"
    form = {"gone": "acme", "stays": "b/2 ü", "of-name": "gone", "of-domain": "gone"}
    merging.merge_companies(access.operator(sold_to.pk), "acme", "b/2 ü", {}, NOW)
    late = send(visitor, "/merge/companies/do", "/companies", **form)
    assert late.status_code == 422
    assert 'value="b/2 ü"' in late.text
    merging.undo(access.operator(sold_to.pk), Merge.objects.of(sold_to).get().key, NOW)
    Company.objects.of(sold_to).filter(key="acme").update(domain="no domain")
    wrong = send(visitor, "/merge/companies/do", address, **form)
    assert wrong.status_code == 422
    assert re.findall(r'name="(of-[a-z]+)" value="([a-z]+)" checked', wrong.text) == [
        ("of-name", "gone"),
        ("of-domain", "gone"),
    ]


def test_a_merge_that_cannot_be_undone_yet_says_so(visitor, sold_to):
    admin = access.operator(sold_to.pk)
    contacts.create_company(admin, {"key": "c", "name": "Gamma"}, NOW)
    first = merging.merge_companies(admin, "acme", "b/2 ü", {}, NOW)
    merging.merge_companies(admin, "b/2 ü", "c", {}, NOW)
    answer = send(visitor, f"/merge/undo/{first.key}", "/companies/acme")
    assert (answer.status_code, answer["Location"]) == (302, "/companies/acme")
    assert "Undo that merge first." in text_of(visitor.get("/companies/acme"))


def test_an_admin_erases_for_good_when_they_are_sure(visitor, sold_to):
    send(visitor, "/contacts/erase/L-2", "/contacts/L-2")
    assert Contact.objects.of(sold_to).get(lead="L-2").name == "Kim Lee"
    send(visitor, "/contacts/erase/L-2", "/contacts/L-2", sure="yes")
    assert Contact.objects.of(sold_to).get(lead="L-2").name == ""
    assert "The personal data was erased" in text_of(visitor.get("/contacts/L-2"))


@pytest.mark.parametrize("bad", BAD)
def test_nothing_that_is_typed_breaks_a_page(visitor, sold_to, bad):
    for path in ("/companies", "/contacts"):
        for name in ("q", "at"):
            assert visitor.get(path, {name: bad}).status_code == 200
    for path in ("/merge/leads", "/merge/companies"):
        answer = visitor.get(path, {"gone": bad, "stays": bad})
        assert answer.status_code in (200, 404, 422), path
        assert "<script>x" not in answer.text
    form = dict.fromkeys(("name", "domain", "country", "key", "email", "phone", "company"), bad)
    for path in ("/companies/new", "/companies/change/acme", "/contacts/change/L-2"):
        answer = send(visitor, path, **form, version=bad)
        assert answer.status_code in (409, 422), path
        assert "<script>x" not in answer.text
    for path in ("/companies/", "/contacts/", "/companies/change/", "/contacts/change/"):
        assert visitor.get(f"{path}%00x").status_code == 404


def test_markup_in_names_stays_text(visitor, own, mia):
    admin = access.operator(own.pk)
    contacts.create_company(admin, {"key": "k", "name": "<b>Bold</b>"}, NOW)
    take(own, handed_over("L-1", "2026-03-12 08:30"), now=NOW)
    contacts.create_contact(admin, "L-1", {"name": "<i>x</i>", "company": "k"}, NOW)
    for path in ("/companies", "/companies/k", "/contacts", "/contacts/L-1", "/leads"):
        page = visitor.get(path).text
        assert "<b>Bold" not in page, path
        assert "<i>x" not in page, path
