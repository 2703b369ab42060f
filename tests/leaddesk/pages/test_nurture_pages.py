"""The rooms of mailing: offers, mails, and the addresses that get none."""

import pytest

from leaddesk.book import mailings, moment, suppressions
from leaddesk.book.access import Actor
from leaddesk.book.models import Contact, Mailing, Offer, Person, Suppression
from leaddesk.book.refusal import Absent
from tests.leaddesk import desk
from tests.leaddesk.nurturing import NOW as MAILED_AT
from tests.leaddesk.nurturing import TRACK, queue
from tests.leaddesk.pages.reading import NOW, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)
BAD = ["<script>alert(1)</script>", "x" * 10_000, "\u202egnp.exe", "a\x00b", "'; DROP TABLE"]


@pytest.fixture
def own():
    return desk.workspace(desk.AGREEMENT + TRACK, name="Northwind", nurtures_since=1)


def test_offers_that_nobody_wrote_are_listed_and_written_language_by_language(own, visitor):
    page = visitor.get("/nurture/offers")
    assert page.text.count("not written yet") == 2
    path = "/nurture/offers/guide"
    for language, subject in (("en", "A guide"), ("fr", "Un guide")):
        fields = {"language": language, "subject": subject, "text": "…", "act": "save"}
        version = str(Offer.objects.of(own).values_list("version", flat=True).first() or 0)
        assert send(visitor, path, version=version, **fields).status_code == 302
    assert Offer.objects.of(own).get().texts == {
        "en": {"subject": "A guide", "text": "…"},
        "fr": {"subject": "Un guide", "text": "…"},
    }
    page = visitor.get(path, {"language": "fr"})
    assert "Un guide" in page.text
    gone = send(visitor, path, version="2", language="fr", subject="", text="", act="remove")
    assert gone.status_code == 302
    assert list(Offer.objects.of(own).get().texts) == ["en"]


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(own, visitor):
    fields = {
        "language": "en",
        "subject": "A guide",
        "text": "Hello {nmae},\n\nyou {",
        "act": "save",
    }
    page = send(visitor, "/nurture/offers/guide", version="0", **fields)
    assert page.status_code == 422
    said = text_of(page)
    assert "Line 1: There is no field 'nmae'. Did you mean" in said
    assert "Line 3: The brace '{' belongs to no field." in said
    assert 'aria-invalid="true"' in page.text
    assert "Hello {nmae}" in page.text
    assert not Offer.objects.of(own).exists()


def test_a_mail_is_seen_on_a_real_lead_before_it_is_saved(own, visitor):
    queue(own, name="Noor Bakker")
    fields = {"language": "en", "subject": "For {first name}", "text": "Hello {name}", "act": "try"}
    page = send(visitor, "/nurture/offers/guide", version="0", lead="L-1", **fields)
    said = text_of(page)
    assert "For Noor" in said
    assert "Hello Noor Bakker" in said
    assert "/u/preview" in said
    assert not Offer.objects.of(own).exists()


def test_whoever_wrote_meanwhile_is_not_overwritten(own, visitor):
    fields = {"language": "en", "subject": "A", "text": "…", "act": "save"}
    send(visitor, "/nurture/offers/guide", version="0", **fields)
    page = send(visitor, "/nurture/offers/guide", version="0", **(fields | {"subject": "B"}))
    assert page.status_code == 409
    assert 'value="B"' in page.text
    assert Offer.objects.of(own).get().texts["en"]["subject"] == "A"


def test_mails_are_listed_with_what_became_of_them_and_why(own, visitor):
    for n in range(3):
        queue(own, f"L-{n}", name=f"Person {n}")
    Mailing.objects.of(own).filter(lead="L-1").update(state="left out", why=mailings.NO_CONSENT)
    Mailing.objects.of(own).filter(lead="L-2").update(
        state="sent", sent_at=MAILED_AT, follows=2, links=["https://a"]
    )
    said = text_of(visitor.get("/nurture/mails"))
    assert "the person consents to no mail" in said
    assert "2 links followed" in said
    assert "Person 0" in said
    page = visitor.get("/nurture/mails", {"state": "left out"})
    assert ("L-1" in page.text, "L-2" in page.text) == (True, False)
    assert "No mails here" in text_of(visitor.get("/nurture/mails", {"lead": "none"}))
    assert "Left out" in text_of(visitor.get("/leads/L-1"))


def test_addresses_are_put_on_the_list_many_at_once_and_taken_off_for_a_reason(own, visitor):
    path = "/nurture/suppressions"
    page = send(visitor, path, addresses="no address\na@b.example", why="")
    assert page.status_code == 422
    assert "Line 1:" in text_of(page)
    page = send(visitor, path, addresses="a@b.example\nA@B.example\n\nc@d.example", why="asked")
    assert page.status_code == 302
    assert Suppression.objects.of(own).count() == 2
    assert "2 addresses are never mailed again." in text_of(visitor.get(path))
    assert text_of(visitor.get(path, {"q": "C@d.example"})).count("c@d.example") == 1
    row = Suppression.objects.of(own).get(address="c@d.example")
    remove = f"{path}/{suppressions.key_of(row)}/remove"
    send(visitor, remove, form=path, why="")
    assert suppressions.is_suppressed(own.pk, "c@d.example")
    send(visitor, remove, form=path, why="a mistake")
    assert not suppressions.is_suppressed(own.pk, "c@d.example")


def test_the_pages_of_the_person_and_the_lead_say_that_nobody_mails_them(own, visitor):
    queue(own)
    suppressions.suppress(own.pk, "noor@example.com", suppressions.COMPLAINED, now=NOW)
    for path in ("/contacts/L-1", "/leads/L-1"):
        assert "Never mailed: They marked a mail as spam, since" in text_of(visitor.get(path))


def test_consent_is_noted_with_who_when_and_how_we_know(own, visitor):
    queue(own)
    path = "/contacts/change/L-1"
    fields = {"name": "Noor", "email": "noor@example.com", "mail_consent": "no"}
    fields |= {"tracking_consent": "yes", "consent_source": "form of 3 March", "version": "1"}
    assert send(visitor, path, **fields).status_code == 302
    row = Contact.objects.of(own).get()
    assert (row.mail_consent, row.tracking_consent, row.consent_source) == (
        *("no", True, "form of 3 March"),
    )
    assert (row.consent_by, row.consent_at) == ("mia", NOW)
    said = text_of(visitor.get("/contacts/L-1"))
    assert "not wanted" in said
    assert "form of 3 March" in said
    with moment.standing_at(NOW + 60_000_000):
        send(visitor, path, **(fields | {"name": "Noor B", "version": "2"}))
    assert Contact.objects.of(own).get().consent_at == NOW  # nothing new was said of it


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_no_fault_of_the_server(own, visitor, bad):
    for path, fields in (
        ("/nurture/mails", {"lead": bad, "offer": bad, "state": bad, "at": bad}),
        ("/nurture/suppressions", {"q": bad, "reason": bad, "at": bad}),
        ("/nurture/offers/guide", {"language": bad, "lead": bad}),
    ):
        page = visitor.get(path, fields)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    fields = {"language": bad, "subject": bad, "text": bad, "act": "save", "version": bad}
    page = send(visitor, "/nurture/offers/guide", **fields)
    assert page.status_code == 422
    page = send(visitor, "/nurture/suppressions", addresses=bad, why=bad)
    assert page.status_code == 422


def test_pages_ask_the_database_no_more_however_long_they_are(
    own, visitor, django_assert_max_num_queries
):
    for n in range(12):
        queue(own, f"L-{n}", email=f"p{n}@example.com")
        suppressions.suppress(own.pk, f"p{n}@example.com", suppressions.BOUNCED, now=NOW)
    for path in (
        "/nurture/offers",
        "/nurture/offers/guide",
        "/nurture/mails",
        "/nurture/suppressions",
    ):
        with django_assert_max_num_queries(20):
            assert visitor.get(path).status_code == 200


def test_a_rep_sees_the_mails_of_own_leads_and_nothing_of_another_workspace(own, visitor, mia):
    queue(own, "L-9")
    Person.objects.of(own).filter(key="mia").update(role="rep")
    assert "L-9" not in visitor.get("/nurture/mails").text
    desk.take(own, desk.handed_over("L-9", "2026-03-12 08:00", owner="mia"), now=NOW)
    assert "L-9" in visitor.get("/nurture/mails").text
    other = desk.workspace(desk.AGREEMENT + TRACK)
    suppressions.suppress(other.pk, "x@other.example", suppressions.BOUNCED, now=NOW)
    assert "x@other.example" not in visitor.get("/nurture/suppressions").text
    key = suppressions.key_of(Suppression.objects.of(other).get())
    Person.objects.of(own).filter(key="mia").update(role="admin")
    gone = send(
        visitor, f"/nurture/suppressions/{key}/remove", form="/nurture/suppressions", why="x"
    )
    assert gone.status_code == 404


def test_a_rep_sees_the_suppressed_addresses_of_own_leads_and_looks_up_others(own, visitor, mia):
    Person.objects.of(own).filter(key="mia").update(role="rep")
    queue(own, "L-9", email="Nine@example.com")
    desk.take(own, desk.handed_over("L-9", "2026-03-12 08:00", owner="mia"), now=NOW)
    for address in ("nine@example.com", "far@example.com"):
        suppressions.suppress(own.pk, address, suppressions.BOUNCED, now=NOW)
    page = visitor.get("/nurture/suppressions").text
    assert ("nine@example.com" in page, "far@example.com" in page) == (True, False)
    key = suppressions.key_of(Suppression.objects.of(own).get(address="far@example.com"))
    assert key not in page
    found = visitor.get("/nurture/suppressions", {"q": "Far@example.com"}).text
    assert ("nine@example.com" in found, key in found) == (False, False)
    assert "far@example.com" in found
    rep = Actor(own.pk, "mia", "rep")
    keys = [suppressions.key_of(row) for row in suppressions.listed(rep)]
    assert key not in keys
    assert suppressions.one(rep, *keys).address == "nine@example.com"
    with pytest.raises(Absent):
        suppressions.one(rep, key)
