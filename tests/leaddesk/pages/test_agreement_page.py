"""The pages of the agreement and of a lead: read, signed, put in force, seen by whom they concern."""

import re

import pytest
from django.test import Client

from leaddesk.book import agreements
from leaddesk.book.access import Actor
from leaddesk.book.models import AgreementVersion, Contact, Person, Signature, User
from tests.leaddesk.desk import AGREEMENT, handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, PASSWORD, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = AGREEMENT.replace("version: 1", "version: 2\nto be signed by: {sales: [ana]}").replace(
    "valid from: 2026-01-01", "valid from: 2026-06-01"
)


@pytest.fixture
def proposed(own):
    return agreements.propose(Actor(own.pk, "boss", "admin"), NEXT, NOW)


@pytest.fixture
def ana(own):
    """Ana, a rep, who has signed in."""
    email = "ana@northwind.example"
    user = User.objects.create_user(email, PASSWORD)
    person(own, "ana", name="Ana Kowalska", user=user, email=email)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=email, password=PASSWORD)
    return client


def form(version, **fields):
    return {"version": version.number, "side": "sales", "hash": version.hash, **fields}


def test_a_version_is_signed_and_put_in_force_on_its_page(own, proposed, ana, visitor):
    words = text_of(visitor.get("/agreement"))
    assert "A small desk , version 2 Proposed" in words
    assert "Ana Kowalska for sales still to sign" in words
    assert "Sign for sales" not in words
    assert "Put it in force" not in words
    assert "Sign for sales" in text_of(ana.get("/agreement"))
    given = form(proposed, name=" ana  KOWALSKA ")
    answer = send(ana, "/agreement/sign", "/agreement", **given)
    assert (answer.status_code, answer["Location"]) == (302, "/agreement?done=signed")
    signed = Signature.objects.of(own).get(version=proposed)
    assert (signed.person, signed.side, signed.hash) == ("ana", "sales", proposed.hash)
    assert "Ana Kowalska for sales signed 2026-03-12 09:00:00 CET" in text_of(ana.get("/agreement"))
    assert "Put it in force" not in text_of(ana.get("/agreement"))
    assert "Put it in force from 2026-06-01" in text_of(visitor.get("/agreement"))
    sent = {"version": 2, "hash": proposed.hash}
    answer = send(visitor, "/agreement/in-force", "/agreement", **sent)
    assert answer["Location"] == "/agreement?done=in-force"
    proposed.refresh_from_db()
    assert (proposed.state, proposed.in_force_by) == ("in force", "mia")


@pytest.mark.parametrize(
    "change, told",
    [
        ({"name": "Anna"}, "This isn't your name as the desk knows it: Ana Kowalska."),
        ({"hash": "0" * 64}, "This isn't the text that you saw."),
        ({"side": "marketing"}, "ana has nothing to sign for marketing."),
    ],
)
def test_nobody_signs_by_mistake(own, proposed, ana, change, told):
    given = form(proposed, name="Ana Kowalska") | change
    answer = send(ana, "/agreement/sign", "/agreement", **given)
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert not Signature.objects.of(own).exists()


@pytest.mark.parametrize("number", ["", "7", "-1", "²", "9" * 30])
def test_a_version_that_isnt_there_is_absent(ana, proposed, number):
    given = form(proposed, name="Ana Kowalska") | {"version": number}
    assert send(ana, "/agreement/sign", "/agreement", **given).status_code == 404


def test_only_an_admin_puts_in_force_and_only_what_they_saw(own, proposed, ana, visitor):
    Signature.objects.of(own).create(
        workspace=own, version=proposed, side="sales", person="ana", hash=proposed.hash, signed_at=1
    )
    sent = {"version": 2, "hash": proposed.hash}
    assert send(ana, "/agreement/in-force", "/agreement", **sent).status_code == 403
    other = send(visitor, "/agreement/in-force", "/agreement", **sent | {"hash": "0"})
    assert other.status_code == 422
    assert AgreementVersion.objects.of(own).get(number=2).state == "proposed"


def test_a_desk_without_an_agreement_says_so(own, visitor):
    AgreementVersion.objects.of(own).delete()
    assert "There is no agreement yet, so nothing is judged." in text_of(visitor.get("/agreement"))


def test_the_text_of_an_agreement_is_never_taken_for_html(own, visitor):
    AgreementVersion.objects.of(own).update(text="<script>x</script>", name="<b>N</b>")
    page = visitor.get("/agreement").text
    assert "<script>" not in page
    assert "<b>N" not in page


def test_a_link_in_a_message_leads_to_the_lead(own, ana, visitor):
    take(own, handed_over("L/1 ü", "2026-03-12 08:59"), now=NOW)
    Contact.objects.of(own).create(workspace=own, lead="L/1 ü", name="Zoe Doe", created_at=NOW)
    for client in (ana, visitor):
        words = text_of(client.get("/leads/L%2F1%20%C3%BC"))
        assert "Zoe Doe Lead L/1 ü" in words
        assert re.search(r"first contact Ana Kowalska 2026-03-12 14:00:00 CET open", words)


def test_a_lead_of_others_or_of_another_workspace_is_absent(own, ana, visitor):
    other = workspace()
    take(own, handed_over("L-1", "2026-03-12 08:59", owner="zed"), now=NOW)
    take(other, handed_over("L-2", "2026-03-12 08:59"), now=NOW)
    assert visitor.get("/leads/L-1").status_code == 200
    assert ana.get("/leads/L-1").status_code == 404
    assert visitor.get("/leads/L-2").status_code == 404
    Person.objects.of(own).filter(key="mia").update(role="viewer")
    Contact.objects.of(own).create(workspace=own, lead="L-1", name="Zoe Doe", created_at=NOW)
    assert "Zoe" not in text_of(visitor.get("/leads/L-1"))
