"""Invitations: made by admins, mailed by the outbox or copied, accepted once."""

import re

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from leaddesk.book import moment
from leaddesk.book.models import Channel, Delivery, Entry, Invitation, Person, User
from leaddesk.book.moment import DAY
from leaddesk.post.exchange import Reach
from leaddesk.post.sending import send_due
from tests.leaddesk.desk import person, workspace
from tests.leaddesk.pages.reading import EMAIL, NOW, PASSWORD, send, text_of
from tests.leaddesk.processes import free_port

pytestmark = pytest.mark.django_db(transaction=True)
CLEO = "cleo@northwind.example"
PAGE = "/settings/invitations"


class Inbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 (the server calls it so)
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 taken"


@pytest.fixture
def inbox(own):
    taken = Inbox()
    port = free_port()
    controller = Controller(taken, hostname="127.0.0.1", port=port)
    controller.start()
    settings = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "desk@a.example"}
    Channel.objects.of(own).create(
        workspace=own, key="c", kind="email", name="Mail", settings=settings, created_at=NOW
    )
    yield taken
    controller.stop()


def invite(visitor, **given):
    plain = {"act": "invite", "email": CLEO, "role": "rep", "team": "", "person": ""}
    return send(visitor, PAGE, **plain | given)


def link_of(answer):
    return re.search(r"/invitation\?key=([\w-]+)", answer.text)[1]


def accept(client, key, **given):
    plain = {"key": key, "name": "Cleo", "new": "nine loud herons"}
    return send(client, "/invitation", f"/invitation?key={key}", **plain | given)


def test_an_invitation_goes_by_mail_and_is_accepted_with_a_password(own, visitor, inbox):
    answer = invite(visitor)
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert "/invitation?key=" not in visitor.get(PAGE).text
    assert send_due(NOW, Reach()) == 1
    ((to, mail),) = inbox.mails
    assert to == [CLEO]
    key = re.search(r"key=3D([\w-]+)|key=([\w-]+)", mail.replace("=\r\n", ""))
    key = key[1] or key[2]
    assert key not in str([*Delivery.across.values(), *Invitation.across.values()])
    client = Client(enforce_csrf_checks=True)
    assert CLEO in client.get("/invitation", {"key": key}).text
    assert accept(client, key).headers["Location"] == "/"
    assert client.get("/status").status_code == 200
    cleo = Person.objects.of(own).get(key="cleo")
    assert (cleo.name, cleo.role, cleo.user.email) == ("Cleo", "rep", CLEO)
    assert accept(Client(), key).status_code == 410
    assert send(Client(), "/sign-in", email=CLEO, password="nine loud herons").status_code == 302


def test_without_mail_the_link_is_shown_once_to_be_copied(own, visitor):
    answer = invite(visitor, role="viewer")
    key = link_of(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert key not in visitor.get(PAGE).text
    assert not Delivery.across.exists()
    assert accept(Client(enforce_csrf_checks=True), key).status_code == 302
    assert User.objects.get(email=CLEO).is_claimed


def test_it_is_sent_again_with_another_link_and_taken_back(own, visitor):
    first = link_of(invite(visitor))
    row = Invitation.across.get()
    second = link_of(send(visitor, PAGE, act="again", key=row.key))
    assert Client().get("/invitation", {"key": first}).status_code == 410
    assert Client().get("/invitation", {"key": second}).status_code == 200
    with moment.standing_at(NOW + 7 * DAY):
        assert Client().get("/invitation", {"key": second}).status_code == 410
    assert send(visitor, PAGE, act="revoke", key=row.key).status_code == 302
    assert Client().get("/invitation", {"key": second}).status_code == 410
    for act in ("again", "revoke"):
        assert send(visitor, PAGE, act=act, key=row.key).status_code == 404
    acts = Entry.objects.of(own).order_by("pk").values_list("act", flat=True)
    assert [*acts][1:] == ["invited", "invited again", "revoked invitation"]


def test_a_letter_whose_invitation_was_taken_back_is_not_sent(own, visitor, inbox):
    invite(visitor)
    send(visitor, PAGE, act="revoke", key=Invitation.across.get().key)
    send_due(NOW, Reach())
    assert inbox.mails == []
    assert Delivery.across.get().state == "skipped"


@pytest.mark.parametrize(
    "given, told",
    [
        ({"email": "<script>alert(1)</script>"}, "is no e-mail address"),
        ({"email": "x" * 10_000}, "longer than"),
        ({"email": "a\x00@b.example"}, "be seen"),
        ({"role": "king"}, "known here"),
        ({"team": "nowhere"}, "no such team"),
        ({"person": "a\u202eb"}, "be seen"),
        ({"email": EMAIL}, "works here already"),
    ],
)
def test_what_does_not_fit_is_told_at_the_field_and_kept(own, visitor, given, told):
    answer = invite(visitor, **given)
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert "<script>alert" not in answer.text
    assert 'aria-invalid="true"' in answer.text
    if given.get("email") != "a\x00@b.example" and "email" not in given:
        assert f'value="{CLEO}"' in answer.text


def test_accepting_asks_for_a_name_and_a_password_that_does(own, visitor):
    key = link_of(invite(visitor))
    client = Client(enforce_csrf_checks=True)
    for given in ({"name": ""}, {"new": ""}, {"new": "short"}, {"new": "x" * 2_000}):
        answer = accept(client, key, **given)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    for name in ("x" * 10_000, "a\u202eb", "a\x00b"):
        assert accept(client, key, name=name).status_code == 422
    assert not User.objects.filter(email=CLEO).exists()
    assert accept(client, key).status_code == 302


def test_a_passkey_can_take_the_place_of_the_password(own, visitor):
    key = link_of(invite(visitor))
    client = Client(enforce_csrf_checks=True, headers={"Host": "localhost"})
    answer = accept(client, key, new="", **{"with": "passkey"})
    assert answer.headers["Location"] == "/account/passkeys"
    assert "data-options" in client.get("/account/passkeys").text
    assert not User.objects.get(email=CLEO).has_usable_password()


def test_whoever_has_an_account_signs_in_to_it_first(own, visitor, mia):
    ben = User.objects.create_user("ben@northwind.example", PASSWORD)
    person(workspace(name="Contoso"), "ben", user=ben)
    key = link_of(invite(visitor, email="Ben@northwind.example"))
    client = Client(enforce_csrf_checks=True)
    page = client.get("/invitation", {"key": key})
    assert "/sign-in?next=%2Finvitation%3Fkey%3D" in page.text
    forged = {"key": key, "name": "Ben", "new": "nine loud herons"}
    assert Client().post("/invitation", forged).status_code == 422
    assert ben.check_password(PASSWORD)
    assert "another address" in text_of(visitor.get("/invitation", {"key": key}))
    assert send(visitor, "/invitation", "/status", key=key).status_code == 422
    send(client, "/sign-in", email=ben.email, password=PASSWORD)
    assert accept(client, key).status_code == 302
    assert Person.objects.of(own).get(user=ben).role == "rep"


@pytest.mark.parametrize("key", ["", "x", "x" * 10_000, "é\x00", "\u202e"])
def test_a_link_that_is_none_opens_nothing(own, key):
    assert Client().get("/invitation", {"key": key}).status_code == 410
    assert Client().post("/invitation", {"key": key, "name": "x"}).status_code == 410


def test_only_who_manages_people_invites_and_only_to_their_own_workspace(own, visitor, mia):
    other = workspace(name="Contoso")
    person(other, "boss", role="admin")
    invite(visitor)
    row = Invitation.across.get()
    assert row.workspace == own
    Invitation.across.update(workspace=other)
    for act in ("again", "revoke"):
        assert send(visitor, PAGE, act=act, key=row.key).status_code == 404
    assert CLEO not in visitor.get(PAGE).text
    Person.objects.of(own).filter(key="mia").update(role="sales lead")
    assert visitor.get(PAGE).status_code == 403
    assert send(visitor, PAGE, "/status", act="invite").status_code == 403
