"""Sending: what the outbox holds reaches real servers, once in effect, whatever they answer."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace

import pytest

from leaddesk.book import outbox
from leaddesk.book.models import Attempt, Channel, Delivery, Entry
from leaddesk.book.moment import MINUTE, SECOND
from leaddesk.post import planning
from leaddesk.post.exchange import Reach
from leaddesk.post.sending import Sender, send_due
from tests.leaddesk.desk import at, person, workspace
from tests.leaddesk.letters import SECRET, channel, notice
from tests.leaddesk.receivers import answer, receiver
from tests.leaddesk.test_channel_slack import TOKEN, Workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 14:30")
HERE = Reach(allow=("127.0.0.1",), seconds=2)


def hook(own, port, **fields):
    plain = {"settings": {"url": f"http://127.0.0.1:{port}/in"}, "secrets": {"secret": SECRET}}
    return channel(own, "webhook", **(plain | fields))


def states(own):
    return [*Delivery.objects.of(own).order_by("pk").values_list("state", "attempts")]


def playing(*answers):
    """A receiver's part: these answers in turn, the last for good."""
    left = [*answers]
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


def retried(now=NOW):
    """Send until nothing waits any longer, moving the clock to each next attempt."""
    for _ in range(40):
        send_due(now, HERE)
        waiting = Delivery.across.filter(state="pending", next_at__gt=now).order_by("next_at")
        if not waiting:
            return now
        now = waiting[0].next_at
    raise AssertionError("it never ends")


# ---------------------------------------------------------------- webhooks


def test_a_webhook_carries_the_figures_and_no_persons_data():
    own = workspace()
    person(own, "ana", name="Ana Kowalska", email="ana@example.com")
    notice(own, "broken", NOW, lead="L-1", found_at=NOW + 1)
    with receiver(playing(answer(204))) as far:
        hook(own, far.port)
        planning.plan(NOW)
        assert send_due(NOW, HERE) == 1
    (request,) = far.got
    body = json.loads(request.body)
    (told,) = body["data"]["notices"]
    assert body["type"] == "sla.breached"
    assert body["timestamp"] == "2026-03-12T13:30:00.000000Z"
    assert body["data"]["workspace"] == own.slug
    assert {told[name] for name in ("due_at", "started_at", "cause_at")} == {"2026-03-12T13:30:00Z"}
    assert told["found_at"] == "2026-03-12T13:30:00.000001Z"
    assert (told["lead"], told["owner"], told["promise"]) == ("L-1", "ana", "first contact")
    assert b"Kowalska" not in request.body
    assert b"example.com" not in request.body
    assert states(own) == [("done", 1)]


def verified(secret, headers, body, now):
    """As docs/notices.md tells receivers to do it."""
    text = example_of("docs/notices.md", "def verified")
    names = {}
    exec(text, {"base64": base64, "hashlib": hashlib, "hmac": hmac}, names)
    return names["verified"](secret, headers, body, now)


def example_of(page, beginning):
    from pathlib import Path

    text = (Path(__file__).parents[2] / page).read_text("utf-8")
    (found,) = [part for part in text.split("```python\n")[1:] if beginning in part]
    return found.partition("```")[0]


def test_the_documented_example_verifies_what_is_sent_and_nothing_else():
    own = workspace()
    notice(own, "broken", NOW)
    with receiver(playing(answer(204))) as far:
        hook(own, far.port, secrets={"secret": SECRET, "previous": SECRET[:-4] + "AAAA"})
        planning.plan(NOW)
        send_due(NOW, HERE)
    (request,) = far.got
    seconds = NOW // SECOND
    assert verified(SECRET, request.headers, request.body, seconds)
    assert verified(SECRET[:-4] + "AAAA", request.headers, request.body, seconds)
    assert not verified(SECRET[:-4] + "BBBB", request.headers, request.body, seconds)
    assert not verified(SECRET, request.headers, request.body + b" ", seconds)
    assert not verified(SECRET, request.headers, request.body, seconds + 301)


def test_a_receiver_in_trouble_hears_it_again_under_the_same_key_until_it_takes_it():
    own = workspace()
    notice(own, "broken", NOW)
    with receiver(playing(answer(500), answer(429, Retry_After="900"), answer(204))) as far:
        hook(own, far.port)
        planning.plan(NOW)
        end = retried()
    assert len({request.headers["webhook-id"] for request in far.got}) == 1
    assert len({request.body for request in far.got}) == 1
    assert states(own) == [("done", 3)]
    assert end >= NOW + 900 * SECOND
    tries = Attempt.objects.of(own).order_by("number").values_list("outcome", "answer")
    assert [one[0] for one in tries] == ["retry", "retry", "sent"]
    assert tries[0][1].startswith("The receiver asks to try later: 500")


def test_a_receiver_that_never_takes_it_ends_in_a_dead_letter_that_can_be_replayed():
    own = workspace()
    notice(own, "broken", NOW)
    seen = set()

    def once(request):
        """Fails for long; then takes each key once, as a receiver that knows repeats."""
        if len(far.got) <= outbox.MOST_ATTEMPTS:
            return answer(503)
        seen.add(request.headers["webhook-id"])
        return answer(200)

    with receiver(once) as far:
        hook(own, far.port)
        planning.plan(NOW)
        now = retried()
        assert states(own) == [("dead", outbox.MOST_ATTEMPTS)]
        key = Delivery.objects.of(own).get().key
        for _ in range(2):
            assert outbox.replay(own.pk, [key], "ana", now) == 1
            now = retried(now)
            assert states(own) == [("done", 1)]
    assert seen == {key}


@pytest.mark.parametrize("status", [302, 400, 404])
def test_a_refusal_is_not_tried_again(status):
    own = workspace()
    notice(own, "broken", NOW)
    with receiver(playing(answer(status, Location="http://127.0.0.1/"))) as far:
        hook(own, far.port)
        planning.plan(NOW)
        retried()
    assert (len(far.got), states(own)) == (1, [("dead", 1)])


def test_410_switches_the_channel_off_and_what_waited_for_it_too():
    own = workspace()
    for lead in ("L-1", "L-1", "L-2"):
        notice(own, "broken", NOW, lead=lead)
    with receiver(playing(answer(410))) as far:
        hook(own, far.port)
        planning.plan(NOW)
        sender = Sender(HERE, most=1)
        while sender.step(NOW) or sender.is_busy():
            sender.wait(1)
        sender.close()
        notice(own, "broken", NOW)
        assert planning.plan(NOW) == 1
    assert len(far.got) == 1
    assert states(own) == [("dead", 1), ("dead", 0), ("dead", 0)]
    own_channel = Channel.objects.of(own).get()
    assert not own_channel.is_active
    assert own_channel.off_because.startswith("The receiver wants no more messages: 410")
    assert Entry.objects.of(own).filter(act="switched off").count() == 1


def test_a_worker_that_dies_after_sending_is_followed_by_one_with_the_same_key():
    own = workspace()
    notice(own, "broken", NOW)
    with receiver(playing(answer(204))) as far:
        hook(own, far.port)
        planning.plan(NOW)
        first = Sender(HERE)
        first.step(NOW)
        first.wait(5)  # it was taken, but nobody wrote that down
        first.close()
        assert send_due(NOW + outbox.LEASE - 1, HERE) == 0
        assert send_due(NOW + outbox.LEASE, HERE) == 1
        assert first.step(NOW + outbox.LEASE) == 1  # the slow one comes back, and changes nothing
    assert len(far.got) == 2
    assert len({request.headers["webhook-id"] for request in far.got}) == 1
    assert states(own) == [("done", 2)]
    assert [*Attempt.objects.of(own).order_by("number").values_list("outcome", flat=True)] == [
        "",
        "sent",
    ]


def test_a_receiver_that_hangs_keeps_no_other_waiting():
    own = workspace()

    def hang(_request):
        time.sleep(1.5)
        return answer(204)

    with receiver(hang) as slow, receiver(playing(answer(204))) as quick:
        hook(own, slow.port, key="slow")
        hook(own, quick.port, key="quick")
        notice(own, "broken", NOW)
        planning.plan(NOW)
        sender, began = Sender(HERE), time.monotonic()
        finished = sender.step(NOW)
        while not finished:
            sender.wait(1)
            finished = sender.step(NOW)
        assert time.monotonic() - began < 1
        assert sender.finish(NOW, 5) is True
    assert states(own) == [("done", 1), ("done", 1)]


def test_a_silent_receiver_takes_two_places_and_then_none_for_a_while():
    own, other = workspace(), workspace()

    def hang(_request):
        time.sleep(1.5)
        return answer(204)

    with receiver(hang) as silent, receiver(playing(answer(204))) as quick:
        hook(own, silent.port)
        hook(other, quick.port)
        for n in range(40):
            notice(own, "broken", NOW - 1, lead=f"A-{n}")
        for n in range(3):
            notice(other, "broken", NOW, lead=f"B-{n}")
        planning.plan(NOW)
        sender, began = Sender(replace(HERE, seconds=0.8)), time.monotonic()
        while Delivery.objects.of(other).exclude(state="done"):
            sender.step(NOW)
            sender.wait(0.2)
            assert time.monotonic() - began < 0.7
        assert Delivery.objects.of(own).filter(state="leased").count() == 2
        while sender.is_busy():
            sender.wait(1)
            sender.step(NOW)
        tried = Delivery.objects.of(own).filter(attempts__gt=0)
        assert tried.count() == 2
        sender.step(NOW + 30 * SECOND)
        assert tried.count() == 4
        assert sender.finish(NOW + 31 * SECOND, 5) is True


def test_what_is_under_way_when_a_worker_stops_is_written_down():
    own = workspace()
    notice(own, "broken", NOW)
    with receiver(playing(answer(204))) as far:
        hook(own, far.port)
        planning.plan(NOW)
        sender = Sender(HERE)
        sender.step(NOW)
        assert sender.finish(NOW + 1, 5) is True
    assert states(own) == [("done", 1)]


# ------------------------------------------------------------------ Slack


def test_slack_shows_one_message_a_lead_that_follows_what_happens():
    own, slack = workspace(), Workspace()
    with receiver(slack.answer) as far:
        channel(
            own,
            "slack",
            settings={"api": f"http://127.0.0.1:{far.port}/api", "channel": "C1"},
            secrets={"token": TOKEN},
        )
        for n, kind in enumerate(("at risk", "broken", "escalated")):
            now = NOW + n * MINUTE
            notice(own, kind, now, lead="L-1")
            notice(own, kind, now, lead=f"other {n}")
            planning.plan(now)
            send_due(now, HERE)
    assert [path for path, _content in slack.calls].count("/api/chat.update") == 2
    assert len(slack.messages) == 4
    shown = sorted(text.partition("\n")[0] for text in slack.messages.values())
    assert shown == [
        "Missed: first contact for other 1",
        "Soon due: first contact for other 0",
        "Still unanswered: first contact for L-1",
        "Still unanswered: first contact for other 2",
    ]


def test_a_later_message_about_a_lead_never_overtakes_an_earlier_one():
    own, slack = workspace(), Workspace()
    slack.error = "ratelimited"
    with receiver(slack.answer) as far:
        channel(
            own,
            "slack",
            settings={"api": f"http://127.0.0.1:{far.port}/api", "channel": "C1"},
            secrets={"token": TOKEN},
        )
        for kind in ("at risk", "broken"):
            notice(own, kind, NOW, lead="L-1")
        planning.plan(NOW)
        assert send_due(NOW, HERE) == 1  # the other one waits with it
        slack.error = None
        retried()
    words = [content["text"].partition(":")[0] for _path, content in slack.calls]
    assert words == ["Soon due", "Soon due", "Missed"]
    assert next(iter(slack.messages.values())).startswith("Missed")
    assert len(slack.messages) == 1


def test_a_delivery_that_cant_be_worded_keeps_no_other_waiting(caplog):
    own = workspace()
    with receiver(playing(answer(204))) as far:
        hook(own, far.port)
        odd = notice(own, "broken", NOW)
        odd.body = json.dumps(json.loads(odd.body) | {"kind": "unheard of"})
        odd.save()
        notice(own, "broken", NOW)
        planning.plan(NOW)
        assert send_due(NOW, HERE) == 1
    assert states(own) == [("pending", 1), ("done", 1)]
    assert Delivery.objects.of(own).first().why == "a defect of this desk: KeyError"
    assert "can't be worded" in caplog.text
