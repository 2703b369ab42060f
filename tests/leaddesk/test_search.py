"""Search: however a name, an address or a number is spelled, it is the same hit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaddesk.book import contacts, duplicates, erase, lists
from leaddesk.book.access import Actor, operator
from leaddesk.book.folding import folded, index_of, sought
from leaddesk.book.models import Company, Contact
from tests.leaddesk.desk import at, handed_over, person, take, workspace

NOW = at("2026-03-12 09:00")


@pytest.mark.parametrize(
    "one, other",
    [
        ("Zoë Müller", "zoe muller"),
        ("ŁUKASZ", "lukasz"),
        ("علي كريمي", "علی کریمی"),
        ("می‌خواهم", "میخواهم"),
        ("۱۲۳۴۵", "12345"),
        ("١٢٣", "123"),
        ("๑๒๓", "123"),
        ("Straße", "STRASSE"),
        ("A\u202eB\u00a0 C", "a b c"),
    ],
)
def test_spelling_keeps_nothing_apart(one, other):
    assert folded(one) == folded(other)


def test_vowels_of_thai_stay():
    assert folded("สมชาย") != folded("สมชย")
    assert folded("กี่") == "กี่"


@given(st.text(max_size=60))
def test_what_is_folded_stays_so_and_any_text_can_be_sought(text):
    assert folded(folded(text)) == folded(text)
    assert all(word and " " not in word for word in sought(text))
    assert all(word in index_of(text) for word in folded(text).split())


@pytest.mark.parametrize(
    "text", ["+66 81 234 5678", "081-234-5678", "(081) 234 5678", "0066812345678", "۰۸۱۲۳۴۵۶۷۸"]
)
@pytest.mark.parametrize("stored", ["+66 81 234 5678", "081 234 5678"])
def test_a_number_is_one_however_it_is_written(text, stored):
    assert all(word in index_of(phone=stored) for word in sought(text))


class Desk:
    def __init__(self):
        self.own = workspace()
        self.mia = operator(self.own.pk)
        for key, team in (("ana", "inbound"), ("ben", "outbound")):
            person(self.own, key, team=team)

    def lead(self, key, owner="ana", **contact):
        take(self.own, handed_over(key, "2026-03-12 08:00", owner=owner), now=NOW)
        if contact:
            contacts.create_contact(self.mia, key, contact, NOW)

    def finds(self, text, actor=None):
        rows = lists.chosen(actor or self.mia, {"text": text})
        return sorted(rows.values_list("key", flat=True))


@pytest.fixture
def desk(transactional_db):
    return Desk()


def test_a_lead_is_found_by_all_that_is_known_of_it(desk):
    acme = {"key": "acme", "name": "Acme Café", "domain": "acme.example"}
    contacts.create_company(desk.mia, acme, NOW)
    desk.lead("L-1", name="Zoë Quill", email="zoe@acme.example", phone="+48 22 555 01 00")
    desk.lead("L-2", name="علي‌رضا كريمي", phone="۰۲۱ ۵۵۵ ۱۲۳۴")
    desk.lead("X-3")
    for text in (
        "zoe",
        "QUILL Zoe",
        "zoe@acme",
        "cafe",
        "acme.example",
        "225550100",
        "022 555 0100",
    ):
        assert desk.finds(text) == ["L-1"], text
    for text in ("علیرضا", "علی کریمی", "+98 21 555 1234"):
        assert desk.finds(text) == ["L-2"], text
    assert desk.finds("x-3") == ["X-3"]
    assert desk.finds("l-") == ["L-1", "L-2"]
    assert desk.finds("zoe nobody") == []
    assert desk.finds("  ") == ["L-1", "L-2", "X-3"]
    for text in ("%", "_", "\\", "'", "<b>", "\u202e", "x" * 10_000):
        assert desk.finds(text) in ([], ["L-1", "L-2", "X-3"]), text


def test_what_changes_is_found_anew_and_what_is_erased_no_longer(desk):
    desk.lead("L-1", name="Zoe Quill", email="zoe@acme.example")
    contacts.change_contact(desk.mia, "L-1", {"name": "Zoe Óg"}, NOW)
    assert (desk.finds("quill"), desk.finds("og")) == ([], ["L-1"])
    contacts.create_company(desk.mia, {"key": "k", "name": "Old Name"}, NOW)
    contacts.change_contact(desk.mia, "L-1", {"company": "k"}, NOW)
    contacts.change_company(desk.mia, "k", {"name": "New Name"}, NOW)
    assert (desk.finds("old"), desk.finds("new og")) == ([], ["L-1"])
    erase.erase_contact(desk.mia, "L-1", NOW)
    assert (desk.finds("og"), desk.finds("l-1")) == ([], ["L-1"])


def test_nobody_finds_more_than_they_may_see(desk):
    desk.lead("L-1", name="Zoe Quill", email="zoe@acme.example")
    desk.lead("L-2", owner="ben", name="Zoe Other")
    assert desk.finds("zoe", Actor(desk.own.pk, "ana", "rep")) == ["L-1"]
    viewer = Actor(desk.own.pk, "vic", "viewer")
    assert (desk.finds("zoe", viewer), desk.finds("l-2", viewer)) == ([], ["L-2"])
    assert desk.finds("zoe", operator(workspace().pk)) == []


def test_more_than_a_thousand_are_found_too(desk):
    from leaddesk.book.models import Lead

    own = desk.own
    keys = [f"M-{n:04}" for n in range(1_200)]
    Lead.objects.of(own).bulk_create(Lead(workspace=own, key=key, owner="ana") for key in keys)
    Contact.objects.of(own).bulk_create(
        Contact(workspace=own, lead=key, name="Many Zoë", created_at=NOW) for key in keys
    )
    assert desk.finds("zoe many") == keys
    assert desk.finds("m-0007") == ["M-0007"]


def test_every_row_that_is_stored_can_be_found(desk):
    desk.lead("L-1", name="Zoë", phone="0 22 1")
    Company.objects.of(desk.own).create(workspace=desk.own, key="k", name="Ähm", created_at=NOW)
    assert Contact.objects.of(desk.own).get().folded == "zoe l-1 221"
    assert Company.objects.of(desk.own).get().folded == "ahm k"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name, found",
    [
        ("John Smith", ["L-1", "L-2", "L-3"]),
        ("Jon Smith", ["L-1", "L-2", "L-3"]),
        ("smith jon", ["L-1", "L-2", "L-3"]),
        ("Zoe Mueller-Lee", []),
        ("Smith", []),
        ("Jo", []),
    ],
)
def test_names_written_a_little_differently_are_alike(name, found):
    desk = Desk()
    names = ("John Smith", "Smith Jon", "Jóhn Smith", "John Meyer", "Ann Smith", "Smithson Ltd")
    for number, one in enumerate(names, 1):
        contacts.create_contact(desk.mia, f"L-{number}", {"name": one}, NOW)
    alike = duplicates.contacts_alike(desk.mia, {"name": name})
    assert sorted(one.row.lead for one in alike) == found
    but = duplicates.contacts_alike(desk.mia, {"name": name}, but="L-1")
    assert sorted(one.row.lead for one in but) == [lead for lead in found if lead != "L-1"]


@pytest.mark.django_db
def test_a_common_word_hides_nobody_of_the_same_name():
    desk = Desk()
    many = [
        Contact(workspace=desk.own, lead=f"M-{n}", name=f"Smith Abc{n:03}", created_at=NOW)
        for n in range(300)
    ]
    Contact.objects.of(desk.own).bulk_create(many)
    contacts.create_contact(desk.mia, "L-1", {"name": "John Smith"}, NOW)
    alike = duplicates.contacts_alike(desk.mia, {"name": "john SMITH"})
    assert [one.row.lead for one in alike] == ["L-1"]
