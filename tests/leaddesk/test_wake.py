"""Waking: leads whose time has come are looked at once, by one worker, whatever dies on the way."""

import os
import subprocess
import sys
import threading

import pytest
from django.db import connection, connections, transaction

from leaddesk.book import rules, wake
from leaddesk.book.models import AgreementVersion, Due, Fact, Lead, Notice
from leaddesk.book.moment import SECOND
from leaddesk.book.record import Submission, record
from leadpact import facts
from tests.leaddesk.desk import AGREEMENT, at, database_url, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
DUE = at("2026-03-12 14:00")
LATER = at("2026-03-12 14:30")


def desk_with(count, owner="ana"):
    """A workspace in which so many leads have come due and nobody has looked yet."""
    own = workspace()
    leads = [handed_over(f"L-{n:05}", "2026-03-12 09:00", owner) for n in range(count)]
    take(own, *leads, now=at("2026-03-12 09:01"))
    return own


def looked_at(own):
    return Lead.objects.of(own).filter(wake_at__gt=LATER, lease_until=None).count()


def test_nothing_is_claimed_before_its_time():
    own = desk_with(1)
    warned_at = Lead.objects.of(own).get().wake_at
    assert wake.next_at(at("2026-03-12 09:02")) == warned_at
    assert wake.claim(warned_at - 1) == []
    assert [(one.key, one.wake_at) for one in wake.claim(warned_at)] == [("L-00000", warned_at)]


def test_what_one_worker_holds_no_other_takes_until_its_lease_runs_out():
    own = desk_with(3)
    first = wake.claim(LATER, most=2)
    second = wake.claim(LATER)
    assert ([one.key for one in first], [one.key for one in second]) == (
        ["L-00000", "L-00001"],
        ["L-00002"],
    )
    assert wake.claim(LATER + wake.LEASE - 1) == []
    again = wake.claim(LATER + wake.LEASE)
    assert [(one.key, one.fence) for one in again] == [(f"L-{n:05}", 2) for n in range(3)]
    assert wake.look(first, LATER + wake.LEASE) == 0
    assert Notice.objects.of(own).filter(kind="broken").count() == 0
    assert wake.look(again, LATER + wake.LEASE) == 3
    assert Notice.objects.of(own).filter(kind="broken").count() == 3


def test_the_oldest_comes_first_across_workspaces():
    one, other = desk_with(1), workspace()
    take(other, handed_over("L-9", "2026-03-11 09:00"), now=at("2026-03-11 09:01"))
    assert [(found.workspace, found.key) for found in wake.claim(LATER)] == [
        (other.pk, "L-9"),
        (one.pk, "L-00000"),
    ]


def test_after_downtime_it_fires_late_and_says_when_it_was_due():
    own = desk_with(1)
    back = at("2026-03-12 15:30")
    wake.woken(back)
    told = Notice.objects.of(own).filter(kind="broken").get()
    assert (told.cause_at, told.created_at, told.posted_at) == (DUE, back, None)
    assert wake.next_at(back) > back


def test_judging_moves_every_wake_beyond_the_moment():
    own = desk_with(1)
    instants = []
    now = wake.next_at(0)
    while now is not None and len(instants) < 20:
        instants.append(now)
        wake.woken(now)
        now = wake.next_at(now)
    assert instants == sorted(set(instants))
    assert len(instants) < 20
    assert not Lead.objects.of(own).filter(lease_until__isnull=False).exists()


def test_changed_rules_are_applied_to_what_is_open_and_leave_alone_what_rests():
    own = desk_with(1)
    take(
        own,
        handed_over("L-9", "2026-03-12 09:00"),
        {"lead": "L-9", "kind": "disqualified", "occurred_at": "2026-03-12 09:01"},
        now=at("2026-03-12 09:02"),
    )
    longer = AGREEMENT.replace("4 working hours", "6 working hours")
    AgreementVersion.objects.of(own).update(text=longer)
    rules.changed(own.pk)
    now = at("2026-03-12 09:03")
    assert wake.next_at(now) == now
    assert [one.key for one in wake.woken(now)] == ["L-00000"]
    assert wake.woken(now) == []
    assert Due.objects.of(own).get(lead="L-00000").due_at == at("2026-03-12 16:00")
    assert Lead.objects.of(own).get(key="L-9").is_settled
    rules.changed(own.pk, every_lead=True)
    assert [one.key for one in wake.woken(now)] == ["L-00000", "L-9"]


def test_a_lead_that_cannot_be_judged_keeps_no_other_from_it(caplog):
    own = desk_with(5)
    Fact.objects.of(own).filter(lead="L-00003").update(body="{")
    assert len(wake.woken(LATER)) == 5
    assert looked_at(own) == 4
    assert [told.message for told in caplog.records if told.exc_info] == [
        f"lead L-00003 of workspace {own.pk} can't be judged"
    ]
    assert [one.key for one in wake.claim(LATER + wake.LEASE)] == ["L-00003"]


def test_a_workspace_whose_agreement_is_unreadable_keeps_no_other_from_it(caplog):
    broken, own = desk_with(2), desk_with(1)
    AgreementVersion.objects.of(broken).update(text="leadpact: 1")
    rules.changed(broken.pk)
    wake.woken(LATER)
    assert (looked_at(broken), looked_at(own)) == (0, 1)


def race(work, workers=2):
    """What each of so many workers yields that start at the same moment."""
    start, found = threading.Barrier(workers), []

    def run():
        try:
            found.append(work(start))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_workers_that_race_look_at_each_lead_once():
    own = desk_with(60)

    def work(start):
        start.wait()
        looked = 0
        while claimed := wake.claim(LATER, most=7):
            looked += wake.look(claimed, LATER)
        return looked

    assert sum(race(work, workers=4)) == 60
    assert looked_at(own) == 60
    assert list(Lead.objects.of(own).values_list("fence", flat=True)) == [1] * 60
    assert Notice.objects.of(own).filter(kind="broken").count() == 60


def test_without_a_claim_the_same_race_looks_twice():
    own = desk_with(60)

    def work(start):
        keys = list(Lead.objects.of(own).filter(wake_at__lte=LATER).values_list("key", flat=True))
        start.wait()
        return record([Submission(own.pk, again=dict.fromkeys(keys))], now=LATER)[0].leads

    assert sum(race(work)) == 120
    assert Notice.objects.of(own).filter(kind="broken").count() == 60  # their keys still hold


def test_the_holder_of_an_old_fence_does_not_act_a_second_time():
    own = desk_with(20)

    def work(start):
        claimed = wake.claim(LATER) or wake.claim(LATER + wake.LEASE)
        start.wait()
        return wake.look(claimed, LATER + wake.LEASE)

    assert sorted(race(work)) == [0, 20]
    assert Fact.objects.of(own).filter(system="leadpact", kind=facts.RULED).count() == 20
    assert Notice.objects.of(own).filter(kind="broken").count() == 20


def test_a_claim_never_waits_for_a_transaction_that_holds_a_lead():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    desk_with(2)
    held, release = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Lead.across.select_for_update().get(key="L-00000")
            held.set()
            release.wait(10)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    try:
        assert [one.key for one in wake.claim(LATER)] == ["L-00001"]
    finally:
        release.set()
        thread.join()


WORKER = """
import django
django.setup()
from leaddesk.book import wake
while wake.woken({now}, most=4):
    pass
"""


def run_until_killed(point, now):
    """How a worker in a process of its own ended that dies at a fault point, as in a power cut."""
    environment = {**os.environ, "DATABASE_URL": database_url(), "LEADDESK_FAULT": point}
    command = [sys.executable, "-c", WORKER.format(now=now)]
    return subprocess.run(command, env=environment, check=False, timeout=60).returncode


@pytest.mark.parametrize(
    ("point", "before"),
    [
        ("wake:claimed:2", 4),
        ("record:judged:2", 4),
        ("record:indexed:2", 4),
        ("record:before-commit:2", 4),
        ("wake:recorded:2", 8),
    ],
)
def test_a_worker_that_is_killed_loses_nothing_and_repeats_nothing(point, before):
    own = desk_with(10)
    assert run_until_killed(point, LATER) == -9
    assert Notice.objects.of(own).filter(kind="broken").count() == before
    after = LATER + wake.LEASE
    while wake.woken(after):
        pass
    assert Notice.objects.of(own).filter(kind="broken").count() == 10
    assert Lead.objects.of(own).filter(wake_at__lte=after + SECOND).count() == 0
