"""Faults while leads are woken and messages sent: everybody hears of everything, hardly ever twice."""

import random
import time
from contextlib import ExitStack

import pytest

from leaddesk.book import rules, wake
from leaddesk.book.models import Attempt, Delivery, Fact, Lead, Leave
from leaddesk.book.moment import SECOND
from leaddesk.post import planning
from leadpact import facts
from tests.leaddesk import oracle
from tests.leaddesk.desk import at, person
from tests.leaddesk.plays import (
    claimed_without_a_lease,
    marked_before_it_is_sent,
    send_at_once,
    serve,
    work,
    work_at_once,
)
from tests.leaddesk.processes import KILLED, ended, kill, running, wait_until
from tests.leaddesk.receivers import receiver
from tests.leaddesk.scene import (
    BEFORE,
    LATER,
    after_every_lease,
    broken_leads,
    desk_with,
    fine,
    finish,
    heard,
    hook,
    unsent,
)

pytestmark = pytest.mark.django_db(transaction=True)
WAKING = (
    "wake:claimed",
    "record:judged",
    "record:indexed",
    "record:before-commit",
    "wake:recorded",
)
SENDING = ("post:planned", "send:claimed", "send:sent", "send:noted")


@pytest.mark.parametrize("point", [*WAKING, *SENDING])
def test_a_worker_that_dies_loses_nothing_and_repeats_one_message_at_most(point):
    own = desk_with(6)
    with receiver(fine) as far:
        hook(own, far.port)
        nth = 1 if point == "post:planned" else 2
        assert ended(work, 1, fault=f"{point}:{nth}", now=LATER) == KILLED
        now = after_every_lease(LATER)
        assert ended(work, 1, now=now) == 0
        finish(now)
    assert [*broken_leads(far)] == [f"L-{n:03}" for n in range(6)]
    assert oracle.repeated(heard(far), most=point == "send:sent") == []
    assert at_rest(own, far, now) == []


def at_rest(own, far, now):
    """All that is wrong with a desk at which everything is done."""
    done = {*Delivery.objects.of(own).filter(state="done").values_list("key", flat=True)}
    unheard = [f"{key}: is done, but was never heard" for key in done - {*heard(far)}]
    return unheard + unsent(own, now) + oracle.faults(own, now=now)


def test_a_worker_that_dies_with_many_messages_under_way_repeats_each_once_at_most():
    own = desk_with(12)
    with receiver(fine) as far:
        hook(own, far.port)
        assert ended(work, fault="send:sent:3", now=LATER) == KILLED
        now = after_every_lease(LATER)
        finish(now)
    assert {*broken_leads(far).values()} <= {1, 2}
    assert at_rest(own, far, now) == []


def test_workers_that_are_killed_at_random_while_timers_fire_lose_nothing():
    own = desk_with(60, apart=50_000)
    chance, kills, clock = random.Random(5), 0, (BEFORE + 59 * SECOND, time.time_ns() // 1000)
    with receiver(fine) as far, ExitStack() as open_:
        hook(own, far.port)

        def another():
            return open_.enter_context(running(serve, SECOND, now=clock))

        workers = [another(), another()]
        end = time.monotonic() + 5
        while time.monotonic() < end:
            time.sleep(chance.uniform(0.5, 1.0))
            place = chance.randrange(2)
            kill(workers[place])
            kills += 1
            workers[place] = another()
        wait_until(lambda: len(broken_leads(far)) == 60)
        wait_until(lambda: not Delivery.objects.of(own).exclude(state="done").exists())
        for one in workers:
            kill(one)
    assert oracle.repeated(heard(far), most=8 * kills) == []
    now = after_every_lease(clock[0] + time.time_ns() // 1000 - clock[1])
    finish(now)
    assert at_rest(own, far, now) == []


def test_workers_that_race_through_all_their_work_do_each_thing_once(tmp_path):
    own, start = desk_with(40), tmp_path / "start"
    with receiver(fine) as far:
        hook(own, far.port)
        together(start, [(work_at_once, str(start))] * 3)
        finish(LATER)  # whoever comes last may have found the rest in other hands
    assert broken_leads(far) == {f"L-{n:03}": 1 for n in range(40)}
    assert oracle.repeated(heard(far), most=0) == []
    assert at_rest(own, far, LATER) == []


def together(start, plays, breaks=()):
    """Let processes play that begin at the same moment."""
    with ExitStack() as open_:
        workers = [open_.enter_context(running(*play, breaks=breaks, now=LATER)) for play in plays]
        time.sleep(0.3)
        start.touch()
        for one in workers:
            one.join(30)


@pytest.mark.parametrize("point", ["record:judged", "record:before-commit", "wake:recorded"])
def test_a_lead_whose_worker_dies_while_it_changes_hands_changes_them_once(point):
    own, late = desk_with(6), at("2026-03-12 16:30")
    person(own, "ben")
    assert ended(work, fault=f"{point}:2", now=late) == KILLED
    now = after_every_lease(late)
    finish(now)
    moves = Fact.objects.of(own).filter(system="leadpact", kind=facts.ASSIGNED)
    assert sorted(moves.values_list("lead", flat=True)) == [f"L-{n:03}" for n in range(6)]
    assert unsent(own, now) == oracle.faults(own, now=now) == []


def test_a_worker_that_dies_while_rules_change_leaves_no_lead_judged_by_old_ones():
    own, early = desk_with(12), at("2026-03-12 13:30")  # nothing is ruled yet
    finish(early)
    Leave.objects.of(own).create(workspace=own, person="ana", first="2026-03-12", last="2026-03-13")
    rules.changed(own.pk)
    assert ended(work, fault="wake:recorded:2", now=early) == KILLED
    assert len({*Lead.objects.of(own).values_list("rules", flat=True)}) == 2
    now = after_every_lease(early)
    finish(now)
    assert oracle.faults(own, now=now) == []


def test_workers_that_race_send_each_message_once(tmp_path):
    own, far = raced(tmp_path, ())
    assert oracle.repeated(heard(far), most=0) == []
    assert at_rest(own, far, LATER) == []


def raced(tmp_path, breaks):
    """A desk whose messages two workers sent at the same time, and who heard them."""
    own, start = desk_with(40), tmp_path / "start"
    with receiver(fine) as far:
        hook(own, far.port)
        while wake.woken(LATER) or planning.plan(LATER):
            pass
        together(start, [(send_at_once, str(start), 4)] * 2, breaks)
    assert len({*heard(far)}) == 40
    return own, far


# Negative controls: the desk is broken on purpose, and the same look must see it.


def test_a_message_that_is_marked_before_it_is_sent_gets_lost():
    own = desk_with(6)
    with receiver(fine) as far:
        hook(own, far.port)
        how = {"fault": "send:noted:3", "breaks": (marked_before_it_is_sent,), "now": LATER}
        assert ended(work, 1, **how) == KILLED
        now = after_every_lease(LATER)
        finish(now)
    assert len(broken_leads(far)) < 6
    assert any("never heard" in one for one in at_rest(own, far, now))


def test_messages_that_are_claimed_without_a_lease_are_sent_twice(tmp_path):
    _own, far = raced(tmp_path, (claimed_without_a_lease,))
    assert oracle.repeated(heard(far), most=0) != []
    assert Attempt.across.count() == 0
