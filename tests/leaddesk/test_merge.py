"""Merge: two become one as it was shown, and two again; what a person erased never comes back."""

import pytest

from leaddesk.book import contacts, erase, merging, people_lists
from leaddesk.book.access import Actor, operator
from leaddesk.book.models import Company, Contact, Due, Entry, Fact, Lead, Merge
from leaddesk.book.refusal import Absent, Forbidden, Refused
from leaddesk.operation import recount
from tests.leaddesk.desk import at, fact, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 10:00")
ZOE = {"name": "Zoe Quill", "email": "zoe@old.example", "phone": "+48 22 555 01 00"}
TOKEN = "0123456789abcdef"


@pytest.fixture
def own():
    own = workspace()
    for key, team in (("ana", "inbound"), ("ben", "outbound")):
        person(own, key, team=team)
    take(
        own,
        handed_over("L-1", "2026-03-12 09:00"),
        handed_over("L-2", "2026-03-12 09:30"),
        fact("L-1", "attempted", "2026-03-12 09:45", by="ana", channel="phone"),
        now=at("2026-03-12 09:50"),
    )
    return own


@pytest.fixture
def mia(own):
    return operator(own.pk)


def owed(own):
    rows = Due.objects.of(own).order_by("lead", "pass_number").values_list("lead", "verdict")
    return [*rows]


def told(own, lead):
    row = Contact.objects.of(own).get(lead=lead)
    return {name: getattr(row, name) for name in ("name", "email", "phone", "title")}


def agrees(own):
    assert [*recount.differences(own, NOW, full=True)] == []


def test_what_is_shown_is_what_happens_to_what_is_owed(own, mia):
    before = owed(own)
    shown = merging.preview_of_leads(mia, "L-2", "L-1", NOW)
    assert owed(own) == before
    foreseen = {(one.lead, one.promise, one.pass_number): one.after for one in shown.changes}
    merging.merge_leads(mia, "L-2", "L-1", {}, NOW)
    rows = Due.objects.of(own).values_list("lead", "promise", "pass_number", "verdict")
    found = {(lead, promise, number): verdict for lead, promise, number, verdict in rows}
    assert {key: verdict for key, verdict in foreseen.items() if verdict} == found
    assert found["L-2", "first contact", 1] == "excused"
    assert Lead.objects.of(own).get(key="L-2").into == "L-1"
    agrees(own)


def test_two_leads_are_one_and_two_again(own, mia):
    before = owed(own)
    contacts.create_company(mia, {"key": "old", "name": "Old Ltd"}, NOW)
    contacts.create_contact(mia, "L-1", {"name": "Z. Quill", "title": "Buyer"}, NOW)
    contacts.create_contact(mia, "L-2", ZOE | {"company": "old"}, NOW)
    shown = merging.preview_of_leads(mia, "L-2", "L-1", NOW)
    assert [(one.name, one.proposed) for one in shown.choices if one.gone or one.stays] == [
        ("name", "stays"),
        ("email", "gone"),
        ("phone", "gone"),
        ("title", "stays"),
        ("company", "gone"),
    ]
    chosen = {one.name: one.proposed for one in shown.choices} | {"name": "gone"}
    merge = merging.merge_leads(mia, "L-2", "L-1", chosen, NOW, TOKEN)
    assert told(own, "L-1") == ZOE | {"title": "Buyer"}
    assert Contact.objects.of(own).get(lead="L-1").company.key == "old"
    assert told(own, "L-2") == ZOE | {"title": ""}
    again = merging.merge_leads(mia, "L-2", "L-1", chosen, NOW + 1, TOKEN)
    assert (again.pk, Fact.objects.of(own).filter(lead="L-2", kind=17).count()) == (merge.pk, 1)
    contacts.change_contact(mia, "L-1", {"phone": "555"}, NOW + 1)
    merging.undo(mia, merge.key, NOW + 2)
    since = {"name": "Z. Quill", "email": "", "phone": "555", "title": "Buyer"}
    assert told(own, "L-1") == since
    assert Contact.objects.of(own).get(lead="L-1").company is None
    assert (owed(own), Lead.objects.of(own).get(key="L-2").into) == (before, "")
    merging.undo(mia, merge.key, NOW + 3)
    assert Fact.objects.of(own).filter(lead="L-2", kind=24).count() == 1
    agrees(own)
    acts = [*Entry.objects.of(own).filter(subject="lead L-2").values_list("act", flat=True)]
    assert [act for act in acts if "lead" in act] == ["merged lead", "parted lead"]
    assert not any("zoe" in row.detail.casefold() for row in Entry.objects.of(own))


def test_a_contact_that_a_merge_made_is_emptied_again(own, mia):
    contacts.create_contact(mia, "L-2", ZOE, NOW)
    chosen = {"name": "gone", "email": "gone"}
    merge = merging.merge_leads(mia, "L-2", "L-1", chosen, NOW)
    assert told(own, "L-1")["name"] == "Zoe Quill"
    merging.undo(mia, merge.key, NOW + 1)
    assert set(told(own, "L-1").values()) == {""}


@pytest.mark.parametrize("gone, stays", [("L-1", "L-1"), ("L-2", "L-3"), ("L-3", "L-1")])
def test_what_makes_no_sense_is_refused(own, mia, gone, stays):
    take(own, handed_over("L-3", "2026-03-12 09:00"), now=NOW)
    take(own, fact("L-3", "merged", "2026-03-12 09:30", into="L-9"), now=NOW)
    for act in (merging.preview_of_leads, lambda *a: merging.merge_leads(*a[:3], {}, a[3])):
        with pytest.raises(Refused):
            act(mia, gone, stays, NOW)
    assert not Merge.objects.of(own).exists()


def test_nobody_merges_what_they_may_not_see(own):
    take(own, handed_over("L-3", "2026-03-12 09:00", owner="ben"), now=NOW)
    ana = Actor(own.pk, "ana", "rep")
    for gone, stays in (("L-1", "L-3"), ("L-3", "L-1")):
        with pytest.raises(Absent):
            merging.merge_leads(ana, gone, stays, {}, NOW)
    assert merging.merge_leads(ana, "L-2", "L-1", {}, NOW).gone == "L-2"
    with pytest.raises(Forbidden):
        merging.preview_of_leads(Actor(own.pk, "vic", "viewer"), "L-2", "L-1", NOW)
    with pytest.raises(Absent):
        merging.preview_of_leads(operator(workspace().pk), "L-2", "L-1", NOW)


def test_whoever_is_erased_is_erased_in_every_lead_that_is_theirs(own, mia):
    contacts.create_contact(mia, "L-1", {"name": "Z. Quill"}, NOW)
    contacts.create_contact(mia, "L-2", ZOE, NOW)
    merge = merging.merge_leads(mia, "L-2", "L-1", {"email": "gone", "name": "gone"}, NOW)
    erase.erase_contact(mia, "L-1", NOW + 1)
    for lead in ("L-1", "L-2"):
        assert set(told(own, lead).values()) == {""}
    assert Merge.objects.of(own).get().kept == {}
    merging.undo(mia, merge.key, NOW + 2)
    assert set(told(own, "L-1").values()) == {""}


def companies(mia):
    contacts.create_company(mia, {"key": "a", "name": "Acme", "domain": "acme.example"}, NOW)
    contacts.create_company(mia, {"key": "b", "name": "ACME Ltd", "country": "PL"}, NOW)


def test_two_companies_are_one_and_two_again(own, mia):
    companies(mia)
    take(own, fact("L-3", "created", "2026-03-12 09:00", account="a"), now=NOW)
    contacts.create_contact(mia, "L-1", {"name": "Zoe", "company": "a"}, NOW)
    contacts.create_contact(mia, "L-2", {"name": "Kim", "company": "b"}, NOW)
    shown = merging.preview_of_companies(mia, "a", "b")
    assert (shown.moved, [one.proposed for one in shown.choices]) == (1, ["stays", "gone", "stays"])
    chosen = {one.name: one.proposed for one in shown.choices}
    merge = merging.merge_companies(mia, "a", "b", chosen, NOW, TOKEN)
    assert merging.merge_companies(mia, "a", "b", chosen, NOW, TOKEN).pk == merge.pk
    b = people_lists.company(mia, "b")
    assert (b.domain, people_lists.aliases(b)) == ("acme.example", ["a"])
    leads = people_lists.leads_of(mia, b).order_by("key")
    assert [*leads.values_list("key", flat=True)] == ["L-1", "L-2", "L-3"]
    assert [row.key for row in people_lists.companies(mia, "acme")] == ["b"]
    late = contacts.create_contact(mia, "L-4", {"name": "Lee", "company": "a"}, NOW)
    assert late.company.key == "b"
    merging.undo(mia, merge.key, NOW + 1)
    rows = Contact.objects.of(own).order_by("lead").values_list("lead", "company__key")
    assert [*rows] == [("L-1", "a"), ("L-2", "b"), ("L-4", "b")]
    found = Company.objects.of(own).order_by("key").values_list("key", "domain", "into")
    assert [*found] == [("a", "acme.example", ""), ("b", "", "")]


def test_a_company_that_went_goes_no_further(own, mia):
    companies(mia)
    merging.merge_companies(mia, "a", "b", {}, NOW)
    for gone, stays in (("a", "b"), ("b", "a"), ("b", "b")):
        with pytest.raises(Refused):
            merging.preview_of_companies(mia, gone, stays)
    with pytest.raises(Forbidden):
        merging.preview_of_companies(Actor(own.pk, "vic", "viewer"), "a", "b")


def test_companies_are_parted_in_the_order_in_which_they_were_merged_and_no_other(own, mia):
    companies(mia)
    contacts.create_company(mia, {"key": "c", "name": "Acme Group"}, NOW)
    contacts.create_contact(mia, "L-1", {"name": "Zoe", "company": "a"}, NOW)
    first = merging.merge_companies(mia, "a", "b", {}, NOW)
    second = merging.merge_companies(mia, "b", "c", {}, NOW + 1)
    with pytest.raises(Refused, match="merged into another one since"):
        merging.undo(mia, first.key, NOW + 2)
    assert Merge.objects.of(own).get(pk=first.pk).undone_at is None
    merging.undo(mia, second.key, NOW + 3)
    merging.undo(mia, first.key, NOW + 4)
    assert Contact.objects.of(own).get(lead="L-1").company.key == "a"
    assert not Company.objects.of(own).exclude(into="").exists()


def test_a_rep_merges_companies_whose_leads_they_all_see(own, mia):
    companies(mia)
    ana = Actor(own.pk, "ana", "rep")
    take(own, handed_over("L-3", "2026-03-12 09:00", owner="ben"), now=NOW)
    contacts.create_contact(mia, "L-1", {"name": "Zoe", "company": "a"}, NOW)
    contacts.create_contact(mia, "L-3", {"name": "Lee", "company": "b"}, NOW)
    for gone, stays in (("a", "b"), ("b", "a")):
        with pytest.raises(Forbidden):
            merging.merge_companies(ana, gone, stays, {}, NOW)
    contacts.change_contact(mia, "L-3", {"company": ""}, NOW)
    merge = merging.merge_companies(ana, "a", "b", {}, NOW)
    merging.undo(ana, merge.key, NOW + 1)
    assert Contact.objects.of(own).get(lead="L-1").company.key == "a"
    take(own, fact("L-4", "created", "2026-03-12 09:00", account="a"), now=NOW)
    take(own, fact("L-4", "assigned", "2026-03-12 09:10", owner="ben"), now=NOW)
    with pytest.raises(Forbidden):
        merging.merge_companies(ana, "a", "b", {}, NOW + 2)


def test_a_rep_undoes_their_own_merges_of_leads_that_are_not_others_by_now(own, mia):
    companies(mia)
    person(own, "amy", team="inbound")
    ana, amy = Actor(own.pk, "ana", "rep"), Actor(own.pk, "amy", "rep")
    of_leads = merging.merge_leads(ana, "L-2", "L-1", {}, NOW)
    contacts.create_contact(mia, "L-1", {"name": "Zoe", "company": "a"}, NOW)
    of_companies = merging.merge_companies(ana, "a", "b", {}, NOW)
    for merge in (of_leads, of_companies):
        shown = (merge.gone, merge.is_of_companies)
        assert people_lists.merge_to_undo(amy, shown[0], is_of_companies=shown[1]) is None
        assert people_lists.merge_to_undo(ana, shown[0], is_of_companies=shown[1]) == merge
        with pytest.raises(Forbidden):
            merging.undo(amy, merge.key, NOW + 1)
    assert merging.undo(ana, of_leads.key, NOW + 2).undone_at
    take(own, fact("L-1", "assigned", "2026-03-12 10:30", owner="ben"), now=at("2026-03-12 10:31"))
    with pytest.raises(Forbidden):
        merging.undo(ana, of_companies.key, NOW + 3)
    assert merging.undo(mia, of_companies.key, NOW + 4).undone_at
