"""The outbox: each delivery by one worker at a time, in order for a lead, again until it is taken."""

import threading

import pytest
from django.db import connection

from leaddesk.book import audit, outbox
from leaddesk.book.models import Attempt, Channel, Delivery, Entry
from leaddesk.book.moment import SECOND
from leaddesk.book.outbox import GAPS, LEASE, MOST_ATTEMPTS
from tests.leaddesk.desk import at, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 14:30")


def channel(own, key="hook", **fields):
    plain = {"kind": "webhook", "name": key, "created_at": 1}
    return Channel.objects.of(own).create(workspace=own, key=key, **(plain | fields))


def delivery(own, hook, key, **fields):
    plain = {"kind": "broken", "body": "{}", "cause_at": NOW, "created_at": NOW, "next_at": NOW}
    return Delivery.objects.of(own).create(workspace=own, channel=hook, key=key, **(plain | fields))


def keys(claimed):
    return [one.delivery.key for one in claimed]


def standing(own):
    rows = Delivery.objects.of(own).order_by("pk")
    return [*rows.values_list("key", "state", "attempts")]


def test_what_is_due_longest_is_taken_first_and_nothing_before_its_time():
    own = workspace()
    hook = channel(own)
    for n, next_at in enumerate([NOW, NOW - 2, NOW + 1, NOW - 1]):
        delivery(own, hook, f"d{n}", next_at=next_at)
    assert keys(outbox.claim(NOW, 2)) == ["d1", "d3"]
    assert keys(outbox.claim(NOW, 9)) == ["d0"]
    assert outbox.claim(NOW, 9) == []
    assert outbox.claim(NOW + 1, 0) == []


def test_a_lease_that_runs_out_lets_another_worker_in_and_fences_the_slow_one_off():
    own = workspace()
    delivery(own, channel(own), "d")
    (slow,) = outbox.claim(NOW, 1)
    assert outbox.claim(NOW + LEASE - 1, 1) == []
    (quick,) = outbox.claim(NOW + LEASE, 1)
    assert quick.delivery.key == slow.delivery.key
    assert outbox.dead(slow, NOW + LEASE + 1, "too late") is False
    assert outbox.done(slow, NOW + LEASE + 1, "slow", "ok") is False
    assert outbox.again(slow, NOW + LEASE + 1, "no", None) is False
    assert outbox.done(quick, NOW + LEASE + 2, "quick", "ok") is True
    assert outbox.done(slow, NOW + LEASE + 3, "slow", "ok") is False
    (row,) = Delivery.objects.of(own)
    assert (row.state, row.reference, row.attempts) == ("done", "quick", 2)
    tries = Attempt.objects.of(own).order_by("number")
    assert [*tries.values_list("number", "outcome", "answer")] == [(1, "", ""), (2, "sent", "ok")]


def test_workers_that_race_take_each_delivery_once():
    own = workspace()
    hook = channel(own)
    for n in range(24):
        delivery(own, hook, f"d{n}", lead=f"L-{n}")
    taken, ready = [], threading.Barrier(4)

    def work():
        try:
            ready.wait()
            while claimed := outbox.claim(NOW, 3):
                taken.extend(keys(claimed))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"d{n}" for n in range(24))


def test_messages_about_one_lead_leave_in_order_however_often_the_first_is_tried():
    own = workspace()
    hook = channel(own)
    delivery(own, hook, "first", lead="L-1")
    delivery(own, hook, "second", lead="L-1", next_at=NOW - 5)
    delivery(own, hook, "other", lead="L-2")
    delivery(own, hook, "else", lead="L-1", to="ana")
    delivery(own, channel(own, "hook2"), "elsewhere", lead="L-1")
    claimed = outbox.claim(NOW, 9)
    assert keys(claimed) == ["first", "other", "else", "elsewhere"]
    outbox.again(claimed[0], NOW, "busy", None)
    assert outbox.claim(NOW, 9) == []
    later = NOW + 10 * SECOND
    (again,) = outbox.claim(later, 9)
    assert again.delivery.key == "first"
    outbox.done(again, later, "C1:1", "ok")
    (second,) = outbox.claim(later, 9)
    assert (second.delivery.key, second.sent_before) == ("second", "C1:1")


def test_a_message_that_is_given_up_or_sleeps_through_the_night_keeps_no_other_waiting():
    own = workspace()
    hook = channel(own)
    delivery(own, hook, "dead", lead="L-1")
    delivery(own, hook, "at seven", lead="L-1", next_at=NOW + 3600 * SECOND)
    delivery(own, hook, "loud", lead="L-1")
    (claimed,) = outbox.claim(NOW, 9)
    outbox.dead(claimed, NOW, "never")
    assert keys(outbox.claim(NOW, 9)) == ["loud"]


def test_the_gaps_grow_with_some_chance_in_them_until_the_delivery_is_given_up():
    own = workspace()
    delivery(own, channel(own), "d")
    now, gaps = NOW, []
    for _ in range(MOST_ATTEMPTS):
        (claimed,) = outbox.claim(now, 1)
        outbox.again(claimed, now, "503", None)
        row = Delivery.objects.of(own).get()
        gaps.append((row.next_at - now) / SECOND)
        now = row.next_at
    assert all(0.8 * gap <= found <= 1.2 * gap + 1 for gap, found in zip(GAPS, gaps, strict=False))
    assert standing(own) == [("d", "dead", MOST_ATTEMPTS)]
    assert Delivery.objects.of(own).get().why == "503"
    assert outbox.claim(now + 10**15, 9) == []
    assert [*Attempt.objects.of(own).order_by("number").values_list("outcome", flat=True)] == (
        ["retry"] * (MOST_ATTEMPTS - 1) + ["refused"]
    )


def test_the_gaps_of_many_deliveries_are_spread():
    own = workspace()
    hook = channel(own)
    for n in range(20):
        delivery(own, hook, f"d{n}")
    for claimed in outbox.claim(NOW, 20):
        claimed.delivery.attempts = 3  # two minutes, so that whole seconds tell them apart
        outbox.again(claimed, NOW, "503", None)
    assert len({*Delivery.objects.of(own).values_list("next_at", flat=True)}) > 5


@pytest.mark.parametrize("asked", [600, 86_400])
def test_a_time_that_the_receiver_named_is_kept(asked):
    own = workspace()
    delivery(own, channel(own), "d")
    (claimed,) = outbox.claim(NOW, 1)
    outbox.again(claimed, NOW, "429", asked)
    assert Delivery.objects.of(own).get().next_at == NOW + asked * SECOND


def test_what_breaks_off_every_time_is_given_up_without_another_attempt():
    own = workspace()
    delivery(own, channel(own), "d")
    now = NOW
    for _ in range(MOST_ATTEMPTS):
        assert len(outbox.claim(now, 1)) == 1
        now += LEASE
    assert outbox.claim(now, 1) == []
    (row,) = Delivery.objects.of(own)
    assert (row.state, row.why[:13]) == ("dead", "every attempt")


def test_a_replay_sends_again_under_the_same_key_and_is_tried_as_often_as_a_new_one():
    own = workspace()
    hook = channel(own)
    for key in ("dead", "done", "waits"):
        delivery(own, hook, key)
    first, second, _third = outbox.claim(NOW, 9)
    outbox.dead(first, NOW, "500")
    outbox.done(second, NOW, "", "ok")
    assert outbox.replay(own.pk, ["dead", "done", "waits", "none"], "ana", NOW + 5) == 2
    claimed = outbox.claim(NOW + 5, 9)
    assert keys(claimed) == ["dead", "done"]
    assert [one.delivery.attempts for one in claimed] == [1, 1]
    outbox.done(claimed[0], NOW + 6, "", "ok")
    outbox.done(claimed[1], NOW + 6, "", "ok")
    assert standing(own) == [("dead", "done", 1), ("done", "done", 1), ("waits", "leased", 1)]
    assert Attempt.objects.of(own).count() == 5
    entries = Entry.objects.of(own).filter(act="replayed").order_by("pk")
    assert [*entries.values_list("actor", "subject", "at")] == [
        ("ana", "delivery dead", NOW + 5),
        ("ana", "delivery done", NOW + 5),
    ]


def test_a_replay_touches_no_other_workspace_and_no_channel_that_is_off():
    own, other = workspace(), workspace()
    off = channel(own, is_active=False)
    delivery(own, off, "off", state="dead")
    delivery(other, channel(other), "other", state="dead")
    assert outbox.replay(own.pk, ["off", "other"], "ana", NOW) == 0
    assert standing(own) + standing(other) == [("off", "dead", 0), ("other", "dead", 0)]


def test_a_receiver_that_is_gone_switches_its_channel_off_and_says_so():
    own = workspace()
    hook = channel(own)
    delivery(own, hook, "d")
    delivery(own, hook, "waits", next_at=NOW + 1)
    delivery(own, channel(own, "mail", kind="email"), "mail", next_at=NOW + 1)
    (claimed,) = outbox.claim(NOW, 1)
    assert outbox.gone(claimed, NOW, "410 Gone") is True
    hook.refresh_from_db()
    assert (hook.is_active, hook.off_because, hook.version) == (False, "410 Gone", 2)
    assert standing(own) == [("d", "dead", 1), ("waits", "dead", 0), ("mail", "pending", 0)]
    assert Delivery.objects.of(own).get(key="waits").why == "the channel was switched off: 410 Gone"
    (entry,) = Entry.objects.of(own)
    assert (entry.act, entry.subject) == ("switched off", "channel hook")
    audit.seal(own.pk, NOW)
    assert [*audit.faults(own.pk)] == []


def test_what_is_long_done_can_be_forgotten_with_its_attempts():
    own = workspace()
    hook = channel(own)
    for key in ("old", "dead"):
        delivery(own, hook, key, created_at=NOW - 1)
    delivery(own, hook, "new")
    old, dead, new = outbox.claim(NOW, 3)
    for one in (old, new):
        outbox.done(one, NOW, "", "ok")
    outbox.dead(dead, NOW, "500")
    outbox.forget(NOW + outbox.KEPT)
    assert standing(own) == [("dead", "dead", 1), ("new", "done", 1)]
    assert Attempt.objects.of(own).count() == 2
