"""Sending mail: by the channel of a workspace, or the server of the installation."""

import contextlib
from email import message_from_bytes, policy

import pytest

from leaddesk.book import outbox
from leaddesk.book.access import Actor
from leaddesk.book.models import Channel, Delivery, Entry
from leaddesk.book.moment import MINUTE
from leaddesk.book.refusal import Refused
from leaddesk.environment import mail_of
from leaddesk.post import outlets, planning
from leaddesk.post.exchange import Reach
from leaddesk.post.sending import Sender, send_due
from tests.leaddesk.desk import at, person, workspace
from tests.leaddesk.letters import channel, notice, plan_all
from tests.leaddesk.test_channel_email import Mailbox, server

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 14:30")
HERE = Reach(allow=("127.0.0.1",), seconds=2)


# ------------------------------------------------------------------- mail


@contextlib.contextmanager
def post_office(box, own, **fields):
    with server(box) as port:
        plain = {"host": "127.0.0.1", "port": port, "security": "none"}
        channel(own, settings=plain | {"sender": "sla@desk.example"}, **fields)
        yield


def opened(box):
    return [message_from_bytes(mail, policy=policy.default) for mail in box.mails]


def test_a_mail_that_is_sent_again_after_a_lease_ran_out_has_the_same_message_id():
    own, box = workspace(), Mailbox()
    person(own, "ana", email="ana@example.com")
    notice(own, "broken", NOW)
    with post_office(box, own):
        planning.plan(NOW)
        first = Sender(HERE)
        first.step(NOW)
        first.wait(5)
        first.close()
        send_due(NOW + outbox.LEASE, HERE)
    one, two = opened(box)
    assert one["Message-ID"] == two["Message-ID"]


def test_many_breaches_come_as_one_mail_that_names_some_and_counts_the_rest():
    own, box = workspace(), Mailbox()
    person(own, "ana", email="ana@example.com")
    for n in range(40):
        notice(own, "broken", NOW, lead=f"L-{n:02}")
    with post_office(box, own):
        plan_all(NOW)
        send_due(NOW, HERE)
    (mail,) = opened(box)
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "Northwind: 40 things need you"
    assert text.count("Missed: first contact for L-") == 25
    assert "And 15 more." in text


def test_a_trial_reaches_whoever_asked_for_it():
    own, box = workspace(), Mailbox()
    person(own, "root", role="admin", email="root@example.com")
    with post_office(box, own):
        key = planning.trial(own.pk, Channel.objects.of(own).get(), "root", NOW)
        assert send_due(NOW, HERE) == 1
    (mail,) = opened(box)
    assert mail["To"] == "root@example.com"
    assert mail["Subject"] == "A trial message of Northwind"
    assert "This message came through the outbox as every other one does." in str(mail)
    row = Delivery.objects.of(own).get()
    assert (row.key, row.state) == (key, "done")


def test_whoever_left_or_asked_for_silence_meanwhile_gets_nothing():
    from leaddesk.book.models import Mute, Person

    own, box = workspace(), Mailbox()
    for key in ("ana", "ben"):
        person(own, key, email=f"{key}@example.com")
        notice(own, "broken", NOW, owner=key)
    with post_office(box, own):
        planning.plan(NOW)
        Person.objects.of(own).filter(key="ana").update(is_active=False)
        Mute.objects.of(own).create(workspace=own, person="ben", until=NOW + MINUTE)
        send_due(NOW, HERE)
    assert box.mails == []
    assert [*Delivery.objects.of(own).order_by("pk").values_list("state", "why")] == [
        ("skipped", "the receiver doesn't work here any longer"),
        ("skipped", "muted by its receiver"),
    ]


@pytest.fixture
def house(settings):
    """An installation with a mail server of its own."""
    from dataclasses import replace

    def at_port(port, **changes):
        mail = {"mail": f"smtp://127.0.0.1:{port}", "mail_from": "sla@house.example"}
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, **(mail | changes))

    return at_port


def test_a_workspace_without_a_mail_channel_uses_the_installations_server(house):
    own, box = workspace(), Mailbox()
    person(own, "ana", email="ana@example.com")
    notice(own, "broken", NOW)
    with server(box) as port:
        house(port)
        planning.plan(NOW)
        assert send_due(NOW) == 1
    (mail,) = opened(box)
    assert (mail["From"], mail["To"]) == ("sla@house.example", "ana@example.com")
    (own_channel,) = Channel.objects.of(own)
    assert (own_channel.key, own_channel.settings, own_channel.secrets) == ("chn_email", {}, {})
    assert Entry.objects.of(own).filter(act="created channel").count() == 1


def test_a_mail_channel_that_was_switched_off_stays_off_and_samples_mail_nobody(house):
    own, sample = workspace(), workspace(is_sample=True)
    channel(own, is_active=False)
    for one in (own, sample):
        person(one, "ana", email="ana@example.com")
        notice(one, "broken", NOW)
    house(25)
    assert planning.plan(NOW) == 2
    assert not Delivery.across.exists()
    assert not Channel.objects.of(sample).exists()


def test_the_mail_server_of_the_installation_is_named_by_one_url():
    assert mail_of("", "") == {}
    assert mail_of("smtp+starttls://sla%40desk.example:p%25w@mail.example.com:587", "") == {
        "host": "mail.example.com",
        "port": 587,
        "user": "sla@desk.example",
        "password": "p%w",
        "security": "starttls",
        "sender": "sla@desk.example",
    }
    assert mail_of("smtps://[::1]", "a@b.example") == {
        "host": "::1",
        "security": "tls",
        "sender": "a@b.example",
    }


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("mail.example.com:587", "a@b.example"),
        ("http://mail.example.com", "a@b.example"),
        ("smtp://", "a@b.example"),
        ("smtp://mail.example.com:99999", "a@b.example"),
        ("smtp://desk:secret@mail.example.com", ""),
    ],
)
def test_a_mail_server_that_cant_be_read_is_refused_at_the_start_without_its_password(url, sender):
    from leaddesk.environment import Misconfigured, read

    with pytest.raises(Misconfigured) as refusal:
        read({"LEADDESK_MAIL": url, "LEADDESK_MAIL_FROM": sender, "LEADDESK_SECRET_KEY": "x"})
    assert str(refusal.value).startswith("LEADDESK_MAIL")
    assert "secret" not in str(refusal.value)


def test_a_mail_channel_needs_a_server_only_where_the_installation_has_none(house):
    own = workspace()
    person(own, "ana", email="ana@example.com")
    root = Actor(own.pk, "root", "admin")
    plain = {"kind": "email", "name": "Mail", "settings": {}, "secrets": {}, "events": []}
    with pytest.raises(Refused):
        outlets.create_channel(root, plain, NOW)
    box = Mailbox()
    with server(box) as port:
        house(port)
        named = plain | {"settings": {"sender_name": "Northwind", "sender": "ceo@other.example"}}
        made, _secret = outlets.create_channel(root, named, NOW)
        outlets.change_channel(root, made.key, {"is_active": False}, NOW)
        outlets.change_channel(root, made.key, {"is_active": True}, NOW)
        notice(own, "broken", NOW)
        planning.plan(NOW)
        assert send_due(NOW) == 1
    (mail,) = opened(box)
    assert mail["From"] == "Northwind <sla@house.example>"  # nobody borrows another's address
