"""Signing in and out: by password, by link, once, and from where one wanted to go."""

import pytest
from django.conf import settings as of_django
from django.contrib.sessions.models import Session
from django.test import Client

from leaddesk.book import sign_in
from leaddesk.book.models import (
    Entry,
    Person,
    SignInLink,
    User,
)
from tests.leaddesk.desk import person, workspace
from tests.leaddesk.pages.reading import EMAIL, NOW, PASSWORD, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_password_signs_in_and_out(mia, own):
    client = Client(enforce_csrf_checks=True)
    assert client.get("/").headers["Location"] == "/sign-in?next=%2F"
    answer = send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/").headers["Location"] == "/today"
    assert "Mia RevOps admin" in text_of(client.get("/status"))
    assert send(client, "/sign-out", "/status").headers["Location"] == "/sign-in"
    assert client.get("/status").headers["Location"] == "/sign-in?next=%2Fstatus"
    assert not Session.objects.exists()
    assert [(one.actor, one.act) for one in Entry.objects.of(own)] == [("mia", "signed in")]


def test_a_wrong_password_is_told_at_the_field_and_the_address_is_kept(mia):
    answer = send(Client(enforce_csrf_checks=True), "/sign-in", email=EMAIL, password="other")
    assert answer.status_code == 422
    assert '<a href="#password">No account has this e-mail address' in answer.text
    assert 'aria-invalid="true" aria-describedby="password-error"' in answer.text
    assert f'value="{EMAIL}"' in answer.text
    assert "other" not in answer.text
    assert "<title>Error: Sign in" in answer.text


@pytest.mark.parametrize(
    "fields, told",
    [
        ({}, ["Enter your e-mail address.", "Enter your password."]),
        ({"email": "a\x00@b.example", "password": "x"}, ["This is no e-mail address."]),
        ({"email": EMAIL, "password": "x" * 1_001}, ["No password is that long."]),
        ({"email": "é\u202e@" + "x" * 300, "password": "x"}, ["This is no e-mail address."]),
        ({"email": EMAIL, "password": "\x00"}, ["No account has this e-mail address"]),
    ],
)
def test_what_nobody_can_sign_in_with(mia, fields, told):
    answer = send(Client(enforce_csrf_checks=True), "/sign-in", **fields)
    assert answer.status_code == 422
    assert all(text in answer.text for text in told)


def test_too_many_tries_are_answered_with_when_to_come_back(mia):
    client = Client()
    for _each in range(10):
        client.post("/sign-in", {"email": EMAIL, "password": "other"})
    answer = client.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "Wait 15 min and try again" in answer.text


def test_a_link_is_used_by_pressing_its_button_and_never_by_looking(mia):
    key = sign_in.sign_in_link(mia.user, NOW)
    client = Client(enforce_csrf_checks=True)
    for _each in range(3):
        assert client.get("/sign-in/link", {"key": key}).status_code == 200
        assert client.head("/sign-in/link", {"key": key}).status_code == 200
    assert SignInLink.objects.get().used_at is None
    assert send(client, "/sign-in/link", f"/sign-in/link?key={key}", key=key).status_code == 302
    assert client.get("/status").status_code == 200
    again = Client().post("/sign-in/link", {"key": key})
    assert again.status_code == 410
    assert "Ask for a new link" in again.text
    assert Client().get("/sign-in/link", {"key": key}).status_code == 410


def test_one_goes_on_to_where_one_wanted_and_never_to_another_site(mia):
    for wanted, expected in (
        ("/status?a=1", "/status?a=1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("status", "/"),
    ):
        fields = {"email": EMAIL, "password": PASSWORD, "next": wanted}
        assert Client().post("/sign-in", fields).headers["Location"] == expected


def test_signing_in_makes_a_new_session(mia):
    client = Client()
    first = User.objects.create_user("ben@northwind.example", PASSWORD)
    client.post("/sign-in", {"email": first.email, "password": PASSWORD})
    before = client.cookies[of_django.SESSION_COOKIE_NAME].value
    client.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert client.cookies[of_django.SESSION_COOKIE_NAME].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_who_came_by_a_link_gives_themselves_a_password(own):
    mia = person(own, "mia", role="admin", email=EMAIL)
    key = sign_in.sign_in_link(sign_in.account_of(mia), NOW)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in/link", f"/sign-in/link?key={key}", key=key)
    assert "Current password" not in client.get("/password").text
    answer = send(client, "/password", new="short")
    assert answer.status_code == 422
    assert "It must contain at least 12 characters." in answer.text
    assert send(client, "/password", new="x" * 1_001).status_code == 422
    answer = send(client, "/password", new=PASSWORD)
    assert answer.headers["Location"] == "/password?changed=yes"
    assert "Your password was changed." in client.get("/password?changed=yes").text
    assert send(Client(), "/sign-in", email=EMAIL, password=PASSWORD).status_code == 302
    acts = Entry.objects.of(own).order_by("id").values_list("act", flat=True)
    assert list(acts) == ["signed in", "changed password", "signed in"]


def test_a_password_is_changed_by_whoever_knows_it(mia, visitor):
    elsewhere = Client()
    send(elsewhere, "/sign-in", email=EMAIL, password=PASSWORD)
    answer = send(visitor, "/password", current="other", new="nine loud herons")
    assert (answer.status_code, "This isn&#x27;t your password." in answer.text) == (422, True)
    assert send(visitor, "/password", current=PASSWORD, new="nine loud herons").status_code == 302
    assert visitor.get("/status").status_code == 200
    assert elsewhere.get("/status").status_code == 302
    for _each in range(10):
        send(visitor, "/password", current="other", new=PASSWORD)
    assert send(visitor, "/password", current="other", new=PASSWORD).status_code == 429


def test_a_new_password_ends_every_session(mia, visitor):
    mia.user.set_password("nine loud herons")
    mia.user.save()
    assert visitor.get("/status").status_code == 302


@pytest.mark.parametrize("cookie", ["", '"\\000aaaaaaaa"', "x" * 5_000, "é" * 20, "'; --"])
def test_a_cookie_that_is_no_session_is_nobody(mia, cookie):
    answer = Client(headers={"Cookie": f"{of_django.SESSION_COOKIE_NAME}={cookie}"}).get("/status")
    assert answer.status_code == 302


def test_who_left_or_is_switched_off_is_out_at_once(mia, own, visitor):
    Person.objects.of(own).update(is_active=False)
    answer = visitor.get("/status")
    assert answer.status_code == 403
    assert "You are in no workspace" in answer.text
    User.objects.update(is_active=False)
    assert visitor.get("/status").status_code == 302


def test_a_form_without_its_token_changes_nothing(mia):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 403
    assert "This form is too old" in answer.text
    assert "Nothing was changed." in answer.text


def test_one_works_in_one_workspace_at_a_time_and_only_in_ones_own(mia, own, visitor):
    other, strange = workspace(name="Contoso"), workspace(name="Fabrikam")
    person(other, "m", user=mia.user, role="viewer")
    visitor.get("/status")
    assert "What waits in Contoso" in text_of(visitor.get("/status"))
    assert send(visitor, "/workspace", "/status", workspace=own.slug).status_code == 302
    assert "What waits in Northwind" in text_of(visitor.get("/status"))
    answer = send(visitor, "/workspace", "/status", workspace=strange.slug)
    assert answer.status_code == 404
    assert "Fabrikam" not in answer.text
    assert "What waits in Northwind" in text_of(visitor.get("/status"))
