"""Links by mail: asked for by anybody, sent to whoever works here, good once."""

import re

import pytest
from django.test import Client

from leaddesk.book.models import Channel, Delivery, Seat, SignInLink
from leaddesk.book.outbox import Claimed
from leaddesk.post.letters import is_over
from leaddesk.post.wording import worded
from tests.leaddesk.desk import person, workspace
from tests.leaddesk.pages.reading import EMAIL, NOW, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)


def browser():
    return Client(enforce_csrf_checks=True)


def mail_by(own, **settings):
    return Channel.objects.of(own).create(
        workspace=own, key="c", kind="email", name="Mail", settings=settings, created_at=NOW
    )


def letter():
    row = Delivery.across.select_related("workspace", "channel").latest("pk")
    return worded(Claimed(row, row.channel, None))


def test_a_link_by_mail_signs_in_once(mia, own):
    assert "sends no mail yet" in browser().get("/sign-in/mail").text
    mail_by(own)
    client = browser()
    answer = send(client, "/sign-in/mail", email=EMAIL.upper())
    assert answer.status_code == 200
    mail = letter()
    assert mail.to == EMAIL
    secret = re.search(r"/sign-in/link\?key=([\w-]+)", mail.text)[1]
    assert secret in mail.html
    assert secret not in str([*Delivery.across.values(), *SignInLink.objects.values()])
    send(client, "/sign-in/link", f"/sign-in/link?key={secret}", key=secret)
    assert client.get("/status").status_code == 200
    assert is_over(Delivery.across.get(), NOW)
    assert client.get("/sign-in/link", {"key": secret}).status_code == 410


def test_whether_somebody_has_an_account_is_told_to_nobody(mia, own):
    mail_by(own)
    known = send(browser(), "/sign-in/mail", email=EMAIL)
    unknown = send(browser(), "/sign-in/mail", email="nobody@northwind.example")
    assert (known.status_code, text_of(known).split("Request")[0]) == (
        unknown.status_code,
        text_of(unknown).split("Request")[0],
    )
    assert Delivery.across.count() == 1
    for email in (EMAIL, "nobody@northwind.example"):
        for _each in range(4):
            send(browser(), "/sign-in/mail", email=email)
        assert send(browser(), "/sign-in/mail", email=email).status_code == 429
    assert send(browser(), "/sign-in/mail", email="a\x00").status_code == 422
    assert send(browser(), "/sign-in/mail", email="").status_code == 422
    assert Delivery.across.count() == 5


def test_a_link_by_a_server_that_a_workspace_chose_opens_that_workspace_alone(mia, own):
    other = workspace(name="Contoso")
    person(other, "m", user=mia.user, role="viewer")
    mail_by(other, host="mail.contoso.example")
    client = browser()
    send(client, "/sign-in/mail", email=EMAIL)
    secret = re.search(r"key=([\w-]+)", letter().text)[1]
    send(client, "/sign-in/link", f"/sign-in/link?key={secret}", key=secret)
    assert "Contoso" in text_of(client.get("/status"))
    assert Seat.objects.get().workspace == other
    send(client, "/workspace", "/status", workspace=own.slug)
    assert "Northwind" not in text_of(client.get("/status"))
    assert client.get("/password").status_code == 403
    assert client.get("/account/passkeys").status_code == 403
