"""Faults of order and time: facts late, doubled and out of order, clocks that jump either way."""

import random
from contextlib import ExitStack
from threading import Event, Thread

import pytest
from django.db import connection

from leaddesk.book import agreements, logbook, moment, wake
from leaddesk.book.access import operator
from leaddesk.book.models import Due, Fact, Lead, Notice
from leaddesk.book.moment import DAY, MINUTE, SECOND
from leaddesk.book.rebuild import digest
from leaddesk.book.record import Submission, record
from leaddesk.post import planning
from tests.leaddesk import oracle
from tests.leaddesk.desk import AGREEMENT, at, fact, handed_over, take, workspace
from tests.leaddesk.plays import hand_over, hand_over_in_batches, told, work
from tests.leaddesk.processes import KILLED, ended, kill, running, wait_until
from tests.leaddesk.receivers import receiver
from tests.leaddesk.scene import (
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
NOW = at("2026-03-31 18:00")
HOUR = 60 * MINUTE


def stories(leads, seed):
    """What happened to some leads, in order: each is handed over, tried, moved about and ended."""
    chance, items = random.Random(seed), []
    for n in range(leads):
        lead, day = f"L-{n}", 2 + n % 20
        told = [
            handed_over(lead, f"2026-03-{day:02} 09:{n % 60:02}"),
            fact(lead, "attempted", f"2026-03-{day:02} 1{chance.randint(0, 9)}:30", by="ana",
                 channel=chance.choice(["phone", "email"])),
            fact(lead, "assigned", f"2026-03-{day:02} 11:00", owner="ben"),
            fact(lead, "disqualified", f"2026-03-{day + 3:02} 09:00", reason="competitor"),
            fact(lead, "merged", f"2026-03-{day + 4:02} 09:00", into="L-0"),
        ][: chance.randint(1, 5 if n else 3)]  # fmt: skip
        items += [{**one, "source_id": f"{lead}.{place}"} for place, one in enumerate(told)]
    return items


def test_facts_in_any_order_twice_and_from_killed_senders_end_the_same(tmp_path):
    items, file, chance = stories(24, 7), str(tmp_path / "acknowledged"), random.Random(8)
    orderly = workspace()
    for start in range(0, len(items), 10):
        take(orderly, *items[start : start + 10], now=NOW, announce=False)
    own = workspace()
    parts = [chance.sample(items, len(items)) for _ in range(3)]  # each sends all of it
    with ExitStack() as open_:
        senders = [
            open_.enter_context(running(hand_over, own.pk, part, file, now=NOW)) for part in parts
        ]
        wait_until(lambda: len(told(file)) > 10)
        kill(senders[0])
        for one in senders[1:]:
            one.join(30)
            assert one.exitcode == 0
    assert Fact.objects.of(own).filter(system="crm").count() == len(items)
    assert oracle.faults(own, now=NOW, acknowledged=told(file)) == []
    assert digest(own.pk) == digest(orderly.pk)


def test_batches_that_want_the_same_leads_in_any_order_are_all_taken(tmp_path):
    own, file, chance = workspace(), str(tmp_path / "acknowledged"), random.Random(9)
    items = []
    for n in range(40):
        lead = f"L-{n}"
        items += [
            fact(lead, "created", "2026-03-11 09:00", account=f"A{n % 5}", source_id=f"c{n}"),
            handed_over(lead, "2026-03-12 09:00", source_id=f"h{n}"),
        ]
        if n:
            into = f"L-{chance.randrange(n)}"
            items.append(fact(lead, "merged", "2026-03-14 09:00", into=into, source_id=f"m{n}"))
    orders = [chance.sample(items, len(items)) for _ in range(4)]
    batches = [[part[n : n + 12] for n in range(0, len(part), 12)] for part in orders]
    with ExitStack() as open_:
        senders = [
            open_.enter_context(running(hand_over_in_batches, own.pk, one, file, now=NOW))
            for one in batches
        ]
        for one in senders:
            one.join(30)
            assert one.exitcode == 0
    assert oracle.faults(own, now=NOW, acknowledged={*told(file)}) == []


def test_an_agreement_that_comes_in_force_while_facts_arrive_judges_them_too(monkeypatch):
    own = workspace(text=None)
    append, arriving, agreed = logbook.append, Event(), Event()

    def slowly(*arguments):
        arriving.set()
        agreed.wait(1)
        return append(*arguments)

    monkeypatch.setattr(logbook, "append", slowly)
    thread = Thread(target=in_force_after, args=(arriving, own, agreed))
    thread.start()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=NOW)
    thread.join()
    monkeypatch.undo()
    finish(NOW)
    assert Due.objects.of(own).count() == 1
    assert oracle.faults(own, now=NOW) == []


def in_force_after(arriving, own, agreed):
    """Put the agreement of a workspace in force as soon as facts arrive there."""
    try:
        arriving.wait(10)
        agreements.propose(operator(own.pk), AGREEMENT, NOW)
        agreements.put_in_force(operator(own.pk), 1, NOW)
        agreed.set()
    finally:
        connection.close()


def test_a_clock_that_jumps_ahead_and_back_fires_nothing_twice():
    own = desk_with(6)
    with receiver(fine) as far:
        hook(own, far.port)
        for jump in (0, HOUR, -HOUR, 2 * HOUR, -30 * MINUTE, 3 * HOUR):
            with moment.standing_at(LATER + jump):
                finish(moment.now())
                take(own, handed_over(f"N{jump}", "2026-03-12 09:30"), now=moment.now())
        now = LATER + 4 * HOUR
        finish(now)
    assert {*broken_leads(far).values()} == {1}
    assert oracle.repeated(heard(far), most=0) == unsent(own, now) == []
    assert oracle.faults(own, now=now) == []


@pytest.mark.parametrize("point", ["wake:claimed:1", "send:sent:1"])
def test_what_a_worker_with_a_wrong_clock_held_is_free_soon_after(point):
    own = desk_with(3)
    with receiver(fine) as far:
        hook(own, far.port)
        if point.startswith("send"):
            wake.woken(LATER)
            planning.plan(LATER)
        assert ended(work, 1, fault=point, now=LATER + DAY) == KILLED
        now = after_every_lease(LATER)
        finish(now)
    assert {*broken_leads(far)} == {f"L-{n:03}" for n in range(3)}
    assert oracle.repeated(heard(far), most=1) == unsent(own, now) == []


def test_what_was_ruled_by_a_clock_ahead_is_not_taken_back():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    ahead = fact("L-1", "attempted", "2026-03-12 09:30", by="ana", channel="phone")
    take(own, ahead, now=at("2026-03-12 09:30"))
    back = at("2026-03-12 09:10")
    record([Submission(own.pk, again={"L-1": None})], now=back)
    assert Lead.objects.of(own).get().open == 0
    wake.woken(at("2026-03-12 09:30"))
    assert Lead.objects.of(own).get().open == 0
    assert not Notice.objects.of(own).filter(kind="broken").exists()
    assert oracle.faults(own, now=at("2026-03-12 18:00")) == []


def test_after_downtime_what_was_due_is_told_in_the_order_in_which_it_was():
    own = desk_with(12, apart=SECOND)
    with receiver(fine) as far:
        hook(own, far.port)
        assert ended(work, 1, now=LATER + DAY) == 0
    causes = Notice.objects.of(own).filter(kind="broken").order_by("cause_at")
    assert [*broken_leads(far)] == [one.lead for one in causes] == [f"L-{n:03}" for n in range(12)]
    assert all(one.created_at == LATER + DAY > one.cause_at for one in causes)
