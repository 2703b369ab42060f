"""The account: second steps, passkeys, recovery codes, sessions, and what a workspace requires."""

import re

import pytest
from django.test import Client
from django.utils.html import escape

from leaddesk.book import factors, moment, sign_in
from leaddesk.book.models import (
    Authenticator,
    Entry,
    Passkey,
    Person,
    Seat,
    SignInTry,
    User,
    Workspace,
)
from leaddesk.book.moment import MINUTE, SECOND
from tests.leaddesk.desk import person
from tests.leaddesk.devices import Device, code
from tests.leaddesk.pages.reading import EMAIL, NOW, PASSWORD, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + 5 * MINUTE


def browser(**headers):
    return Client(enforce_csrf_checks=True, headers={"Host": "localhost", **headers})


@pytest.fixture
def visitor(mia):
    client = browser()
    send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    return client


def with_app(client, user):
    assert send(client, "/account/authenticator", act="begin").status_code == 302
    secret = factors.pending(user, NOW)
    answer = send(client, "/account/authenticator", act="confirm", code=code(secret, NOW))
    assert answer.headers["Location"] == "/account/recovery-codes"
    return secret


def asked(page):
    """What a page asks of a passkey: its options and ticket."""
    from html import unescape

    return (
        unescape(re.search(r'data-options="([^"]+)"', page.text)[1]),
        re.search(r'name="ticket" value="([^"]+)"', page.text)[1],
    )


def with_passkey(client):
    device = Device()
    options, ticket = asked(client.get("/account/passkeys"))
    credential = device.made(options)
    fields = {"act": "add", "ticket": ticket, "credential": credential, "name": "My phone"}
    assert send(client, "/account/passkeys", **fields).status_code == 302
    return device


def test_the_second_step_is_asked_of_whoever_set_one_up(mia, own, visitor):
    secret = with_app(visitor, mia.user)
    assert visitor.get("/status").status_code == 200
    client = browser()
    answer = send(client, "/sign-in", email=EMAIL, password=PASSWORD, next="/status?a=1")
    assert answer.headers["Location"] == "/sign-in/second"
    assert client.get("/status").status_code == 302
    assert client.get("/account").status_code == 302
    wrong = send(client, "/sign-in/second", code="000000")
    assert (wrong.status_code, "This code is wrong" in wrong.text) == (422, True)
    assert send(client, "/sign-in/second", code="").status_code == 422
    assert send(client, "/sign-in/second", code=code(secret, NOW)).status_code == 422  # used
    with moment.standing_at(LATER):
        answer = send(client, "/sign-in/second", code=code(secret, LATER))
        assert answer.headers["Location"] == "/status?a=1"
        assert client.get("/status").status_code == 200
    acts = Entry.objects.of(own).order_by("pk").values_list("act", flat=True)
    assert [*acts] == ["signed in", "added second factor", "signed in"]


def test_the_second_step_waits_ten_minutes_and_not_for_somebody_else(mia, visitor):
    secret = with_app(visitor, mia.user)
    client = browser()
    send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    with moment.standing_at(NOW + 11 * MINUTE):
        answer = client.get("/sign-in/second")
        assert answer.headers["Location"] == "/sign-in"
    assert browser().get("/sign-in/second").headers["Location"] == "/sign-in"
    send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    mia.user.set_password("nine loud herons")
    mia.user.save()
    with moment.standing_at(LATER):
        forged = Client(headers={"Host": "localhost"})
        forged.cookies = client.cookies
        answer = forged.post("/sign-in/second", {"code": code(secret, LATER)})
        assert answer.headers["Location"] == "/sign-in"
        assert client.get("/status").status_code == 302


def test_codes_are_tried_so_often_and_then_told_when_to_come_back(mia, own, visitor):
    with_app(visitor, mia.user)
    client = browser()
    send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    for _each in range(9):
        send(client, "/sign-in/second", code="000000")
    answer = send(client, "/sign-in/second", code="000000")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert send(client, "/sign-in/second", code="000000").status_code == 429
    for _each in range(12):
        send(client, "/sign-in", email=EMAIL, password="other")
    held = Entry.objects.of(own).filter(act="held off").order_by("pk")
    assert [one.detail for one in held] == ['{"by": "code"}', '{"by": "password"}']


def test_the_picture_for_the_app_holds_its_secret_until_it_is_confirmed(mia, visitor):
    assert visitor.get("/account/authenticator/code.svg").status_code == 404
    send(visitor, "/account/authenticator", act="begin")
    answer = visitor.get("/account/authenticator/code.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.content.startswith(b"<svg")
    assert b"style=" not in answer.content
    secret = factors.pending(mia.user, NOW)
    assert secret in visitor.get("/account/authenticator").text
    answer = send(visitor, "/account/authenticator", act="confirm", code="000000")
    assert answer.status_code == 422
    assert not factors.has_one(mia.user)
    send(visitor, "/account/authenticator", act="confirm", code=code(secret, NOW))
    assert visitor.get("/account/authenticator/code.svg").status_code == 404
    assert secret not in visitor.get("/account/authenticator").text


def test_recovery_codes_are_shown_once_and_can_be_kept_as_a_file(mia, visitor):
    assert send(visitor, "/account/recovery-codes", "/account").status_code == 422
    with_app(visitor, mia.user)
    answer = send(visitor, "/account/recovery-codes")
    codes = re.findall(r"\b(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}\b", answer.text.partition("<pre")[2])
    assert len(codes) >= 10
    assert 'download="leadpact-recovery-codes.txt" href="data:text/plain' in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert codes[0] not in visitor.get("/account/recovery-codes").text
    client = browser()
    send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    assert send(client, "/sign-in/second", code=codes[0]).status_code == 302
    assert client.get("/status").status_code == 200
    assert "You have 9 unused codes" in text_of(client.get("/account"))


def test_a_passkey_signs_in_without_a_password(mia, visitor):
    device = with_passkey(visitor)
    client = browser()
    options, ticket = asked(client.get("/sign-in/passkey?next=/status"))
    credential = device.shown(options)
    fields = {"ticket": ticket, "credential": credential, "next": "/status"}
    answer = send(client, "/sign-in/passkey", **fields)
    assert answer.headers["Location"] == "/status"
    assert client.get("/status").status_code == 200
    again = send(browser(), "/sign-in/passkey", **fields)
    assert again.status_code == 422
    assert "No account has this passkey" in again.text


def test_a_passkey_is_the_second_step_of_a_password(mia, visitor):
    device = with_passkey(visitor)
    client = browser()
    send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    page = client.get("/sign-in/second")
    options, ticket = asked(page)
    answer = send(client, "/sign-in/second", ticket=ticket, credential=device.shown(options))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    client = browser()
    send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    options, ticket = asked(client.get("/sign-in/second"))
    answer = send(client, "/sign-in/second", ticket=ticket, credential=Device().shown(options))
    assert answer.status_code == 422
    assert client.get("/status").status_code == 302


def test_passkeys_are_named_and_removed(mia, visitor):
    with_passkey(visitor)
    assert "My phone" in visitor.get("/account/passkeys").text
    other = Passkey.objects.get()
    for number in ("", "x", "9" * 30, "٣", "0"):
        send(visitor, "/account/passkeys", act="remove", passkey=number)
    assert Passkey.objects.exists()
    send(visitor, "/account/passkeys", act="remove", passkey=str(other.pk))
    assert not Passkey.objects.exists()
    options, ticket = asked(visitor.get("/account/passkeys"))
    fields = {"act": "add", "ticket": ticket, "credential": Device().made(options)}
    answer = send(visitor, "/account/passkeys", **fields, name="a\u202eb")
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text


def test_at_a_bare_address_the_page_says_why_there_are_no_passkeys(mia):
    client = Client(enforce_csrf_checks=True, headers={"Host": "127.0.0.1:8000"})
    page = client.get("/sign-in/passkey")
    assert "http://localhost:8000/sign-in/passkey" in page.text
    assert "data-options" not in page.text
    send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    assert "Open the desk by its name" in client.get("/account/passkeys").text


def test_a_workspace_that_requires_a_second_factor_opens_nothing_before(mia, own, visitor):
    Workspace.objects.filter(pk=own.pk).update(second_factor_required=True)
    for path in ("/status", "/agreement", "/settings/sign-in", "/settings/tokens"):
        assert visitor.get(path).headers["Location"].startswith("/account/required?next=%2F")
    page = visitor.get("/account/required?next=/status")
    assert "Set up an app" in page.text
    assert visitor.get("/account").status_code == 200
    with_app(visitor, mia.user)
    assert visitor.get("/status").status_code == 200
    assert visitor.get("/account/required?next=/status").headers["Location"] == "/status"


def test_a_session_from_before_the_second_factor_does_the_second_step_then(mia, own, visitor):
    elsewhere = browser()
    send(elsewhere, "/sign-in", email=EMAIL, password=PASSWORD)
    secret = with_app(visitor, mia.user)
    assert elsewhere.get("/status").status_code == 200
    assert elsewhere.get("/account/authenticator").headers["Location"].startswith("/sign-in?")
    Workspace.objects.filter(pk=own.pk).update(second_factor_required=True)
    assert elsewhere.get("/status").status_code == 302
    assert send(elsewhere, "/account/required").headers["Location"] == "/sign-in/second"
    with moment.standing_at(LATER):
        assert send(elsewhere, "/sign-in/second", code=code(secret, LATER)).status_code == 302
        assert elsewhere.get("/status").status_code == 200


def test_letting_go_of_the_last_factor_ends_what_rested_on_it(mia, own, visitor):
    Workspace.objects.filter(pk=own.pk).update(second_factor_required=True)
    with_app(visitor, mia.user)
    send(visitor, "/account/authenticator", act="remove")
    assert not Authenticator.objects.exists()
    assert visitor.get("/status").headers["Location"].startswith("/account/required")


def test_letting_go_of_the_last_passkey_leads_to_what_is_required(mia, own, visitor):
    Workspace.objects.filter(pk=own.pk).update(second_factor_required=True)
    device, client = with_passkey(visitor), browser()
    options, ticket = asked(client.get("/sign-in/passkey"))
    send(client, "/sign-in/passkey", ticket=ticket, credential=device.shown(options))
    assert client.get("/status").status_code == 200
    fields = {"act": "remove", "passkey": str(Passkey.objects.get().pk)}
    answer = send(client, "/account/passkeys", **fields)
    assert answer.headers["Location"] == "/account/required?next=%2Faccount%2Fpasskeys"
    assert "Set up an app" in client.get(answer.headers["Location"]).text
    assert client.get("/status").headers["Location"].startswith("/account/required")


def test_where_no_factor_is_required_one_lets_go_of_the_last_and_goes_on(mia, visitor):
    with_app(visitor, mia.user)
    answer = send(visitor, "/account/authenticator", act="remove")
    onward = visitor.get(answer.headers["Location"])
    assert onward.headers["Location"] == "/account"
    assert "no second factor any longer" in visitor.get("/account").text


def test_how_one_signs_in_is_changed_within_an_hour_of_signing_in(mia, visitor):
    with moment.standing_at(NOW + 61 * MINUTE):
        for path in (
            "/password",
            "/account/authenticator",
            "/account/authenticator/code.svg",
            "/account/passkeys",
            "/account/recovery-codes",
        ):
            assert visitor.get(path).headers["Location"].startswith("/sign-in?next=%2F")
        assert visitor.get("/account").status_code == 200
        answer = send(visitor, "/sign-in", email=EMAIL, password=PASSWORD, next="/password")
        assert answer.headers["Location"] == "/password"
        assert visitor.get("/password").status_code == 200


def test_one_sees_ones_sessions_and_ends_them(mia, own, visitor):
    agent = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
    elsewhere, third = browser(**{"User-Agent": agent}), browser(**{"User-Agent": "<b>\u202e"})
    for client in (elsewhere, third):
        send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    page = visitor.get("/account")
    assert "Firefox on Windows" in page.text
    assert escape("<b>") in page.text
    assert "127.0.0.1" in page.text
    seat = Seat.objects.get(browser=agent)
    for given in ("", "x", "9" * 30, "0", "-1"):
        assert send(visitor, "/account/sessions", "/account", session=given).status_code == 302
    assert Seat.objects.count() == 3
    send(visitor, "/account/sessions", "/account", session=str(seat.pk))
    assert elsewhere.get("/status").status_code == 302
    assert third.get("/status").status_code == 200
    send(visitor, "/account/sessions", "/account", session="others")
    assert third.get("/status").status_code == 302
    assert visitor.get("/status").status_code == 200
    assert Entry.objects.of(own).filter(act="ended session").count() == 2


def test_nobody_ends_the_sessions_of_another_account(mia, own, visitor):
    ben = person(own, "ben", email="ben@northwind.example")
    client = browser()
    key = sign_in.sign_in_link(sign_in.account_of(ben), NOW)
    send(client, "/sign-in/link", f"/sign-in/link?key={key}", key=key)
    number = str(Seat.objects.get(user=ben.user_id).pk)
    send(visitor, "/account/sessions", "/account", session=number)
    assert client.get("/status").status_code == 200


def test_an_admin_signs_somebody_out_and_takes_lost_factors_away(mia, own, visitor):
    ben = person(own, "ben", email="ben@northwind.example")
    client = browser()
    key = sign_in.sign_in_link(sign_in.account_of(ben), NOW)
    send(client, "/sign-in/link", f"/sign-in/link?key={key}", key=key)
    with_app(client, Person.objects.of(own).get(key="ben").user)
    assert "Take the second factors from Ben" in visitor.get("/settings/sign-in").text
    send(visitor, "/settings/sign-in", act="end", person="ben")
    assert client.get("/status").status_code == 302
    send(visitor, "/settings/sign-in", act="reset", person="ben")
    assert not Authenticator.objects.exists()
    assert send(visitor, "/settings/sign-in", act="end", person="nobody").status_code == 404


def test_a_link_of_an_account_with_a_second_factor_asks_for_it(mia, own, visitor):
    secret = with_app(visitor, mia.user)
    client = browser()
    key = sign_in.sign_in_link(mia.user, NOW)
    answer = send(client, "/sign-in/link", f"/sign-in/link?key={key}", key=key)
    assert answer.headers["Location"] == "/sign-in/second"
    with moment.standing_at(LATER):
        send(client, "/sign-in/second", code=code(secret, LATER))
    assert client.get("/status").status_code == 200


def test_looking_changes_nothing(mia, own, visitor):
    def everything():
        models = [User, Seat, Authenticator, Passkey, SignInTry, Entry, Workspace]
        return [list(getattr(one, "across", one.objects).values()) for one in models]

    before = everything()
    for path in (
        "/account",
        "/account/required",
        "/account/authenticator",
        "/account/authenticator/code.svg",
        "/account/passkeys",
        "/account/recovery-codes",
        "/settings/sign-in",
        "/settings/invitations",
        "/sign-in/second",
        "/sign-in/passkey",
        "/sign-in/mail",
        "/sign-in/sso",
        "/invitation?key=x",
    ):
        visitor.get(path)
        visitor.head(path)
    assert visitor.get("/account/sessions").status_code == 405
    assert everything() == before


def test_the_pages_ask_few_questions_of_the_database(
    mia, own, visitor, django_assert_max_num_queries
):
    for n in range(20):
        user = User.objects.create_user(f"p{n}@northwind.example")
        person(own, f"p{n}", user=user)
        send(browser(), "/sign-in", email=EMAIL, password=PASSWORD)
    for path in ("/account", "/account/passkeys", "/settings/sign-in", "/settings/invitations"):
        with django_assert_max_num_queries(20):
            assert visitor.get(path).status_code == 200


def test_a_code_typed_with_a_late_clock_still_works(mia, visitor):
    secret = with_app(visitor, mia.user)
    client = browser()
    with moment.standing_at(LATER):
        send(client, "/sign-in", email=EMAIL, password=PASSWORD)
        late = code(secret, LATER - 30 * SECOND)
        assert send(client, "/sign-in/second", code=late).status_code == 302
