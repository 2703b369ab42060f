"""Offers: a closed list of fields, and everything that is wrong with a text named before it is saved."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaddesk.book import merge_fields, offers
from leaddesk.book.access import Actor
from leaddesk.book.models import Entry, Offer, Workspace
from leaddesk.book.refusal import Absent, Forbidden, Refused, Stale
from leaddesk.post.nurture_letter import Receiver, letter
from tests.leaddesk.asking import Caller, problem
from tests.leaddesk.desk import workspace
from tests.leaddesk.nurturing import NOW, admin, nurturing

VALUES = {
    "name": "Noor Bakker",
    "first name": "Noor",
    "company": "",
    "owner": "Ana",
    "workspace": "Northwind",
    "unsubscribe": "https://desk.example/u/t",
}


def filled(text, **values):
    return "".join(part for part, _value in merge_fields.filled(text, VALUES | values))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello {name}", "Hello Noor Bakker"),
        ("Hello {First  NAME|there}, {company|you}", "Hello Noor, you"),
        ("Hello {company},", "Hello,"),
        ("{{name}} {{", "{name} {"),
        ("{name|a|b}", "Noor Bakker"),
    ],
)
def test_fields_are_filled_in_or_what_stands_in_for_them(text, said):
    assert filled(text) == said


def test_what_is_filled_in_is_never_filled_in_again():
    assert filled("{name} {company}", name="{owner}", company="{name}") == "{owner} {name}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ({"text": "Hello {nmae}"}, ("en.text", "There is no field 'nmae'.")),
        ({"text": "ok\n\nHello {name"}, ("en.text", "The brace '{' belongs to no field.")),
        ({"text": "Hello name}"}, ("en.text", "The brace '}' belongs to no field.")),
        ({"text": "{}"}, ("en.text", "There is no field ''.")),
        ({"text": "{name.__class__}"}, ("en.text", "There is no field 'name.__class__'.")),
        ({"text": "https://x.example/?c={company}"}, ("en.text", "A field stands in a link.")),
        ({"text": ""}, ("en.text", "The text is empty.")),
        ({"subject": ""}, ("en.subject", "The subject is empty.")),
        ({"subject": "{unsubscribe}"}, ("en.subject", "A link can't stand in a subject.")),
        ({"subject": "x" * 201}, ("en.subject", "It is longer than 200 characters.")),
        ({"text": "a\u202eb"}, ("en.text", "It holds a character that can't be seen.")),
        ({"subject": "a\x07b"}, ("en.subject", "It holds a character that can't be seen.")),
    ],
)
def test_what_is_wrong_with_a_text_is_named_with_its_place(text, found):
    with pytest.raises(Refused) as refusal:
        offers.taken("guide", {"en": {"subject": "A guide", "text": "Read it."} | text})
    assert found in [(one.path, one.problem) for one in refusal.value.problems]
    assert all(one.remedy for one in refusal.value.problems)


def test_a_text_that_we_cant_sign_off_says_itself_how_to_unsubscribe():
    text = {"subject": "Leiðarvísir", "text": "Halló"}
    with pytest.raises(Refused) as refusal:
        offers.taken("guide", {"is": text})
    (found,) = refusal.value.problems
    assert found.path == "is.text"
    assert "how to unsubscribe" in found.problem
    text["text"] = "Halló\n\nAfskrá: {unsubscribe}"
    assert offers.taken("guide", {"is": text, "pt-br": {"subject": "", "text": ""}}) == {"is": text}
    own = Workspace(name="Northwind", language="en", postal_address="1 Quay\nWarsaw")
    one = letter({"is": text}, Receiver("is", VALUES), own)
    assert one.text.count("https://desk.example/u/t") == 1
    assert one.html.count('href="https://desk.example/u/t"') == 1
    assert one.text.endswith("1 Quay\nWarsaw\n")


HOSTILE = st.text(st.sampled_from("<>&\"'{}|\u202e\u2066\r\n\x00 https://x.eé\ue000`"), max_size=40)


@settings(max_examples=40, deadline=None)
@given(HOSTILE)
def test_no_name_becomes_markup(name):
    told = {
        "subject": "For {name}",
        "text": "Hello {name|there}!\n\nhttps://ours.example/a?b=1&c=2.",
    }
    to = Receiver("en", VALUES | {"name": merge_fields.plain(name)})
    one = letter({"en": told}, to, Workspace(name="N", language="en"))
    assert one.html.count("<a ") == 2  # the link of the text and the one in the foot
    assert 'href="https://ours.example/a?b=1&amp;c=2"' in one.html
    assert one.html.count("<bdi>") == 1
    assert "\n" not in one.subject
    assert one.links == ("https://ours.example/a?b=1&c=2",)


# ---------------------------------------------------------------- in the desk


@pytest.mark.django_db(transaction=True)
def test_the_list_has_what_tracks_send_written_or_not_and_what_was_written_besides():
    own = nurturing()
    text = {"en": {"subject": "x", "text": "y"}}
    offers.keep(admin(own), "old one", text, NOW)
    found = offers.every(admin(own))
    assert [(one.key, bool(one.row), [place.step for place in one.places]) for one in found] == [
        ("guide", True, [1]),
        ("offer", False, [2]),
        ("old one", True, []),
    ]
    with pytest.raises(Absent):
        offers.one(admin(own), "nowhere")


@pytest.mark.django_db(transaction=True)
def test_an_offer_is_changed_by_whoever_saw_its_version_and_who_did_is_kept():
    own = workspace()
    text = {"en": {"subject": "x", "text": "y"}}
    assert offers.keep(admin(own), "guide", text, NOW, 0).version == 1
    assert offers.keep(admin(own), "guide", text, NOW, 1).version == 1  # nothing new
    with pytest.raises(Stale):
        offers.keep(admin(own), "guide", {"en": {"subject": "z", "text": "y"}}, NOW, 0)
    note = Entry.objects.of(own).get(act="kept offer")
    assert (note.actor, note.subject) == ("root", "offer guide")
    with pytest.raises(Forbidden):
        offers.keep(Actor(own.pk, "ana", "rep"), "guide", text, NOW)
    assert Offer.objects.of(own).count() == 1


@pytest.mark.django_db(transaction=True)
def test_programs_write_offers():
    own = nurturing()
    caller = Caller(own)
    found = caller.get("/offers").json()
    assert [(one["key"], one["version"]) for one in found] == [("guide", 1), ("offer", 0)]
    texts = {"en": {"subject": "Come by", "text": "{first name|Hello}, come by."}}
    answer = caller.ask("put", "/offers/offer", {"texts": texts, "version": 0})
    assert (answer.status_code, answer.json()["texts"], answer["ETag"]) == (200, texts, '"1"')
    assert answer.json()["places"] == [{"track": "re-engage", "step": 2, "stage": "decision"}]
    wrong = caller.ask("put", "/offers/offer", {"texts": {"en": {"subject": "x", "text": "{x}"}}})
    assert problem(wrong) == (422, "invalid")
    assert wrong.json()["problems"][0]["path"] == "en.text"
    stale = caller.ask("put", "/offers/offer", {"texts": texts, "version": 7})
    assert problem(stale) == (412, "changed-meanwhile")
    assert caller.ask("delete", "/offers/offer").status_code == 204
    assert problem(caller.get("/offers/none")) == (404, "not-found")
