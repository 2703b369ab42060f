"""Planning: who is told, at once or later, alone or together, and never twice of the same."""

import json
import threading
from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leaddesk.book import outbox, wake
from leaddesk.book.access import Actor
from leaddesk.book.models import Delivery, Entry, Installation, Mute, Notice
from leaddesk.book.moment import MINUTE, SECOND
from leaddesk.book.refusal import Refused
from leaddesk.post import planning, wishes
from leaddesk.post.release import release
from leaddesk.post.wording import worded
from tests.leaddesk.desk import at, handed_over, person, take, workspace
from tests.leaddesk.letters import channel, notice, plan_all, told

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 14:30")


def mailed(**ana):
    """A workspace with an e-mail channel, where Ana works for Kim."""
    own = workspace()
    channel(own)
    person(own, "ana", email="ana@example.com", manager="kim", **ana)
    person(own, "kim", email="kim@example.com", role="viewer")
    return own


def test_the_owner_hears_of_a_breach_and_the_manager_of_the_escalation():
    own = mailed()
    channel(own, "webhook")
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    warned, breach = at("2026-03-12 12:00"), at("2026-03-12 14:00") + 1
    for now in (at("2026-03-12 11:59"), warned, breach):
        wake.woken(now)
        planning.plan(now)
    assert [(one[0], *one[2:]) for one in told(own)] == [
        ("ana", warned, ["L-1"]),
        ("", warned, ["L-1"]),
        ("ana", breach, ["L-1"]),
        ("kim", breach, ["L-1"]),
        ("", breach, ["L-1"]),
        ("", breach, ["L-1"]),
    ]
    assert planning.plan(breach) == 0
    assert {*Notice.objects.of(own).values_list("kind", "posted_at")} == {
        ("at risk", warned),
        ("broken", breach),
        ("escalated", breach),
    }


def test_channels_take_the_kinds_that_they_were_set_up_for():
    own = workspace()
    person(own, "ana", email="ana@example.com")
    channel(own, events=["escalated"])
    channel(own, "webhook", events=["broken"])
    channel(own, "slack", is_active=False)
    notice(own, "broken", NOW, lead="L-1")
    planning.plan(NOW)
    assert told(own) == [("", "pending", NOW, ["L-1"])]


def test_two_planners_at_once_plan_each_notice_once():
    own = mailed()
    channel(own, "webhook")
    for _ in range(30):
        notice(own, "broken", NOW)
    planned, ready = [], threading.Barrier(3)

    def work():
        try:
            ready.wait()
            planned.append(plan_all(NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(planned) == 30
    leads = [lead for one in told(own, to="") for lead in one[3]]
    assert len(leads) == len({*leads}) == 30
    (body,) = Delivery.objects.of(own).filter(to="ana").values_list("body", flat=True)
    assert len(json.loads(body)["notices"]) + json.loads(body)["more"] == 30


def test_nothing_is_planned_while_the_outbox_is_held():
    own = mailed()
    Installation.objects.create(pk=1, created_at=1, held_since=NOW)
    notice(own, "broken", NOW)
    assert planning.plan(NOW) == 0
    release(NOW)
    assert planning.plan(NOW) == 1


def test_twenty_events_in_five_minutes_are_three_messages_and_one_more():
    own = mailed()
    for n in range(20):
        now = NOW + n * 15 * SECOND
        notice(own, "broken", now, lead=f"L-{n}")
        assert planning.plan(now) == 1
    found = told(own)
    assert [one[3] for one in found[:3]] == [["L-0"], ["L-1"], ["L-2"]]
    assert found[3:] == [("ana", "pending", NOW + 5 * MINUTE, [f"L-{n}" for n in range(3, 20)])]
    assert Delivery.objects.of(own).last().kind == "broken"


def test_many_events_at_one_moment_are_one_message():
    own = mailed()
    for n in range(20):
        notice(own, "broken" if n % 2 else "at risk", NOW, lead=f"L-{n}")
    plan_all(NOW)
    assert told(own) == [("ana", "pending", NOW, [f"L-{n}" for n in range(20)])]
    assert Delivery.objects.of(own).get().kind == "several"


def test_a_message_carries_what_it_shows_and_a_count():
    own = mailed()
    for wave in range(5):
        for n in range(30):
            notice(own, "broken", NOW, lead=f"L-{wave}-{n}")
        plan_all(NOW)
    told = [json.loads(one.body) for one in Delivery.objects.of(own).order_by("pk")]
    assert {len(one["notices"]) for one in told} == {25}
    assert sum(len(one["notices"]) + one["more"] for one in told) == 150
    (claimed, *_others) = outbox.claim(NOW, 9)
    message = worded(claimed)
    assert message.subject == "Northwind: 30 things need you"
    assert "And 5 more." in message.text


def test_a_manager_hears_of_the_leads_of_others_once_in_a_quarter_of_an_hour():
    own = mailed()
    for minute in (0, 2, 9, 16, 40):
        now = NOW + minute * MINUTE
        notice(own, "escalated", now, to="manager", lead=f"L-{minute}")
        planning.plan(now)
        for claimed in outbox.claim(now, 9):
            outbox.done(claimed, now, "", "ok")
    assert told(own) == [
        ("kim", "done", NOW, ["L-0"]),
        ("kim", "done", NOW + 15 * MINUTE, ["L-2", "L-9"]),
        ("kim", "done", NOW + 30 * MINUTE, ["L-16"]),
        ("kim", "pending", NOW + 45 * MINUTE, ["L-40"]),
    ]


def test_whoever_gets_a_lead_hears_of_it_at_once_although_it_was_another_owners():
    own = mailed()
    person(own, "ben", email="ben@example.com")
    for n in range(2):
        notice(own, "reassign", NOW + n, to="ben", owner="ana", lead=f"L-{n}")
        planning.plan(NOW + n)
    assert told(own) == [("ben", "pending", NOW + n, [f"L-{n}"]) for n in range(2)]


@pytest.mark.parametrize(("is_free", "messages"), [(True, 1), (False, 2)])
def test_a_notice_that_comes_as_a_worker_takes_the_waiting_message_is_told_all_the_same(
    is_free, messages, monkeypatch
):
    own = mailed()
    for n in range(4):
        notice(own, "broken", NOW + n, lead=f"L-{n}")
        planning.plan(NOW + n)
    later = NOW + 5 * MINUTE
    notice(own, "broken", NOW + 9, lead="L-9")
    queue = planning._joined

    def taken_meanwhile(circle, mailbag, *rest):
        if not is_free and mailbag.waiting is not None:
            # As if another worker's claim had come between the look and the change.
            Delivery.objects.of(own).filter(pk=mailbag.waiting.pk).update(
                state="leased", attempts=1, fence=1, lease_until=later
            )
        return queue(circle, mailbag, *rest)

    monkeypatch.setattr(planning, "_joined", taken_meanwhile)
    planning.plan(NOW + 9)
    found = told(own)[3:]
    assert len(found) == messages
    assert [lead for one in found for lead in one[3]] == ["L-3", "L-9"]


def test_planners_and_senders_that_race_lose_no_notice():
    own = mailed()
    for n in range(3):
        notice(own, "broken", NOW + n, lead=f"early-{n}")
        planning.plan(NOW + n)
    heard, stop = [], threading.Event()

    def send():
        try:
            while not stop.is_set():
                # This worker's clock is ahead: it takes the message while others still add to it.
                for claimed in outbox.claim(NOW + 10 * MINUTE, 2):
                    heard.extend(
                        one["lead"] for one in json.loads(claimed.delivery.body)["notices"]
                    )
                    outbox.done(claimed, NOW + 10 * MINUTE, "", "ok")
        finally:
            connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    for n in range(20):
        notice(own, "broken", NOW + n, lead=f"L-{n}")
        planning.plan(NOW + n)
    stop.set()
    sender.join()
    for claimed in outbox.claim(NOW + 60 * MINUTE, 99):
        heard.extend(one["lead"] for one in json.loads(claimed.delivery.body)["notices"])
    assert sorted(heard) == sorted([f"early-{n}" for n in range(3)] + [f"L-{n}" for n in range(20)])


NIGHT = {"quiet_from": time(22), "quiet_to": time(7)}


@pytest.mark.parametrize(
    ("when", "sent"),
    [
        ("2026-03-12 21:59", "2026-03-12 21:59"),
        ("2026-03-12 22:00", "2026-03-13 07:00"),
        ("2026-03-13 03:00", "2026-03-13 07:00"),
        ("2026-03-13 06:59", "2026-03-13 07:00"),
        ("2026-03-13 07:00", "2026-03-13 07:00"),
        # Clocks go forward in the night to the 29th of March, and back in that to the 25th of October.
        ("2026-03-28 23:00", "2026-03-29 07:00"),
        ("2026-10-24 23:00", "2026-10-25 07:00"),
    ],
)
def test_in_quiet_hours_messages_wait_for_the_morning(when, sent):
    own = mailed(**NIGHT)
    notice(own, "broken", at(when), lead="L-1")
    planning.plan(at(when))
    assert told(own) == [("ana", "pending", at(sent), ["L-1"])]


def test_quiet_hours_are_those_of_the_zone_where_somebody_lives():
    own = mailed(**NIGHT, zone="America/New_York")
    notice(own, "broken", NOW, lead="L-1")  # half past nine in New York
    planning.plan(NOW)
    notice(own, "broken", at("2026-03-13 08:00"), lead="L-2")  # three in the morning
    planning.plan(at("2026-03-13 08:00"))
    assert [one[2] for one in told(own)] == [NOW, at("2026-03-13 12:00")]


@pytest.mark.parametrize(
    ("micros", "expected"),
    # In the night to the 25th of October 2026 the hour from two to three comes twice in Warsaw.
    [("2026-10-25T00:10:00+00:00", "2026-10-25T00:30:00+00:00"),
     ("2026-10-25T01:10:00+00:00", "2026-10-25T01:30:00+00:00")],
)  # fmt: skip
def test_quiet_hours_that_end_in_the_hour_that_comes_twice_end_after_the_notice(micros, expected):
    from datetime import datetime

    from leadpact.clock import to_micros

    own = mailed(quiet_from=time(22), quiet_to=time(2, 30))
    now = to_micros(datetime.fromisoformat(micros))
    notice(own, "broken", now)
    planning.plan(now)
    assert told(own)[0][2] == to_micros(datetime.fromisoformat(expected))


def test_a_quiet_hour_that_the_clocks_leave_out_ends_when_they_have():
    own = mailed(quiet_from=time(22), quiet_to=time(2, 30))
    notice(own, "broken", at("2026-03-28 23:30"))
    planning.plan(at("2026-03-28 23:30"))
    assert told(own)[0][2] == at("2026-03-29 03:30")


def test_an_escalation_passes_quiet_hours_and_takes_along_what_waits():
    own = mailed(**NIGHT)
    evening = at("2026-03-12 23:00")
    notice(own, "broken", evening, lead="quiet")
    planning.plan(evening)
    assert told(own) == [("ana", "pending", at("2026-03-13 07:00"), ["quiet"])]
    notice(own, "reassign", evening + MINUTE, to="ana", owner="ben", lead="loud")
    planning.plan(evening + MINUTE)
    assert told(own) == [("ana", "pending", evening + MINUTE, ["quiet", "loud"])]


def test_at_night_only_the_loud_of_two_notices_is_told_at_once():
    own = mailed(**NIGHT)
    night = at("2026-03-13 01:00")
    notice(own, "broken", night, lead="quiet")
    notice(own, "reassign", night, to="ana", owner="ben", lead="loud")
    planning.plan(night)
    assert told(own) == [
        ("ana", "pending", night, ["loud"]),
        ("ana", "pending", at("2026-03-13 07:00"), ["quiet"]),
    ]


def test_a_manager_with_a_message_for_the_morning_still_hears_an_escalation_at_night():
    own = mailed()
    kim = person(own, "lee", email="lee@example.com", **NIGHT)
    night = at("2026-03-12 23:00")
    notice(own, "broken", night, owner=kim.key, lead="own")
    planning.plan(night)
    notice(own, "escalated", night + MINUTE, to=kim.key, lead="other")
    planning.plan(night + MINUTE)
    assert told(own) == [("lee", "pending", night + MINUTE, ["own", "other"])]


def test_a_mute_concerns_one_person_and_ends_by_itself():
    own = mailed()
    person(own, "ben", email="ben@example.com")
    ana = Actor(own.pk, "ana", "rep")
    wishes.mute(ana, NOW + 60 * MINUTE, NOW)
    for owner in ("ana", "ben"):
        notice(own, "broken", NOW, owner=owner, lead=f"of {owner}")
    planning.plan(NOW)
    assert told(own) == [
        ("ana", "skipped", NOW, ["of ana"]),
        ("ben", "pending", NOW, ["of ben"]),
    ]
    assert Delivery.objects.of(own).get(to="ana").why == "muted by its receiver"
    later = NOW + 60 * MINUTE
    notice(own, "broken", later, lead="afterwards")
    planning.plan(later)
    assert told(own, state="pending", to="ana") == [("ana", "pending", later, ["afterwards"])]


def test_one_kind_can_be_muted_and_heard_again():
    own = mailed()
    ana = Actor(own.pk, "ana", "rep")
    wishes.mute(ana, NOW + 60 * MINUTE, NOW, "at risk")
    wishes.mute(ana, NOW + 30 * MINUTE, NOW, "at risk")
    assert [*Mute.objects.of(own).values_list("kind", "until")] == [("at risk", NOW + 30 * MINUTE)]
    notice(own, "at risk", NOW, lead="quiet")
    notice(own, "broken", NOW, lead="heard")
    planning.plan(NOW)
    assert told(own, state="pending") == [("ana", "pending", NOW, ["heard"])]
    assert wishes.unmute(ana, NOW, kind="at risk") == 1
    assert not wishes.mutes(ana, NOW).exists()
    acts = Entry.objects.of(own).values_list("actor", "act").order_by("pk")
    assert [*acts] == [("ana", "muted"), ("ana", "muted"), ("ana", "unmuted")]


@pytest.mark.parametrize(("until", "kind"), [(NOW, ""), (NOW + 10**14, ""), (NOW + 1, "brokn")])
def test_a_mute_that_makes_no_sense_is_refused(until, kind):
    own = mailed()
    ana = Actor(own.pk, "ana", "rep")
    with pytest.raises(Refused):
        wishes.mute(ana, until, NOW, kind)
    assert not Mute.objects.of(own).exists()


def test_whom_nothing_can_reach_is_noted():
    own = mailed()
    person(own, "ben")
    notice(own, "broken", NOW, owner="ben", lead="L-1")
    planning.plan(NOW)
    assert told(own) == [("ben", "skipped", NOW, ["L-1"])]
    assert Delivery.objects.of(own).get().why == "the receiver has no address"


def test_500_notices_cost_no_query_each():
    own = mailed()
    channel(own, "webhook")
    for n in range(20):
        person(own, f"rep{n}", email=f"rep{n}@example.com", manager="kim")
    for n in range(500):
        kind, to = ("escalated", "manager") if n % 2 else ("broken", "")
        notice(own, kind, NOW, to=to, owner=f"rep{n % 20}", lead=f"L-{n}")
    with CaptureQueriesContext(connection) as queries:
        assert planning.plan(NOW) == 500
    assert Delivery.objects.of(own).count() == 500 + 10 + 1
    assert len(queries) <= 25, [one["sql"][:80] for one in queries]


def test_a_trial_goes_to_whoever_asked_for_it_whatever_was_sent_before():
    own = mailed()
    person(own, "root", role="admin", email="root@example.com", **NIGHT)
    mail, hook = channel(own, key="mail2"), channel(own, "webhook")
    night = at("2026-03-13 01:00")
    keys = [planning.trial(own.pk, one, "root", night) for one in (mail, hook)]
    assert told(own) == [("root", "pending", night, []), ("", "pending", night, [])]
    assert [one.delivery.key for one in outbox.claim(night, 9)] == keys
    assert {key[:4] for key in keys} == {"dlv_"}
    assert planning.trial(own.pk, mail, "root", night + 1) not in keys
