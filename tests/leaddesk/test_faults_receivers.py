"""Faults of the far side, all at once: each receiver gets what it can, and nobody waits for another."""

import time
from contextlib import ExitStack
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller

from leaddesk.book.models import Channel, Delivery
from leaddesk.book.moment import SECOND
from leaddesk.book.outbox import GAPS
from leaddesk.post.sending import send_due
from tests.leaddesk import oracle
from tests.leaddesk.processes import free_port
from tests.leaddesk.receivers import answer, receiver
from tests.leaddesk.scene import (
    HERE,
    LATER,
    broken_leads,
    desk_with,
    fine,
    finish,
    heard,
    hook,
    unsent,
)

pytestmark = pytest.mark.django_db(transaction=True)
LEADS = [f"L-{n:03}" for n in range(3)]


def hanging(_request):
    time.sleep(HERE.seconds + 0.5)
    return b""


def tripping():
    """A receiver that fails for each message the first time, after having heard it."""
    before = set()

    def play(request):
        key = request.headers["webhook-id"]
        is_first = key not in before
        before.add(key)
        return answer(500) if is_first else answer(204)

    return play


PLAYS = {
    "fine": fine,
    "hangs": hanging,
    "redirects": lambda _request: answer(302, Location="http://127.0.0.1:1/elsewhere"),
    "trips": tripping(),
    "is gone": lambda _request: answer(410),
}


class Mailbox:
    """An SMTP server that keeps what it gets."""

    def __init__(self):
        self.got = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  (aiosmtpd calls it so)
        self.got.append(message_from_bytes(envelope.content))
        return "250 taken"


def test_receivers_in_every_kind_of_trouble_get_what_they_can():
    own, port = desk_with(3), free_port()
    with ExitStack() as open_:
        far = {name: open_.enter_context(receiver(play)) for name, play in PLAYS.items()}
        for name, one in far.items():
            hook(own, one.port, key=name, name=name)
        mail(own, port)
        finish(LATER)
        states = state_of(own)
        assert states["fine"] == ["done"] * 3
        assert states["hangs"] == states["trips"] == ["pending"] * 3
        assert states["redirects"] == ["dead"] * 3
        assert {*states["is gone"]} <= {"dead", "skipped"}
        assert states["mail"] == ["pending"]
        assert broken_leads(far["fine"]) == dict.fromkeys(LEADS, 1)
        assert not Channel.objects.of(own).get(key="is gone").is_active

        mailbox = Mailbox()
        server = Controller(mailbox, hostname="127.0.0.1", port=port)
        server.start()
        try:
            now = LATER + 2 * GAPS[0] * SECOND
            finish(now)
        finally:
            server.stop()
    states = state_of(own)
    assert states["trips"] == ["done"] * 3
    assert broken_leads(far["trips"]) == dict.fromkeys(LEADS, 2)
    assert states["mail"] == ["done"]
    assert len(mailbox.got) == 1
    assert states["hangs"] == ["pending"] * 3
    assert unsent(own, now) == []
    assert oracle.faults(own, now=now) == []


def mail(own, port):
    Channel.objects.of(own).create(
        workspace=own, key="mail", kind="email", name="Mail", created_at=1, events=["broken"],
        settings={"host": "127.0.0.1", "port": port, "security": "none", "sender": "d@example.com"},
    )  # fmt: skip


def state_of(own):
    found = {}
    for one in Delivery.objects.of(own).select_related("channel").order_by("pk"):
        found.setdefault(one.channel.key, []).append(one.state)
    return found


def test_a_receiver_that_is_down_for_hours_gets_everything_once_it_is_back():
    own, port = desk_with(3), free_port()
    hook(own, port)
    finish(LATER)
    now = LATER
    for gap in GAPS[:5]:
        now += 2 * gap * SECOND
        finish(now)
    assert state_of(own) == {"hook": ["pending"] * 3}
    with receiver(fine, port=port) as far:
        now += 2 * GAPS[5] * SECOND
        assert send_due(now, HERE) == 3
    assert broken_leads(far) == dict.fromkeys(LEADS, 1)
    assert oracle.repeated(heard(far), most=0) == unsent(own, now) == []
    finish(now)
    assert oracle.faults(own, now=now) == []
