"""Commit: writes that come together share a transaction, and each has its own answer."""

import time
from threading import Barrier, Event, Thread

import pytest
from django.db import OperationalError, connection, transaction

from leaddesk.book import commit, database, moment
from leaddesk.book.commit import shared
from leaddesk.book.intake import Handed, take
from leaddesk.book.models import Entry, Fact, Lead
from tests.leaddesk.desk import at, fact, handed_over, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-31 18:00")


@pytest.fixture(autouse=True)
def standing_still():
    with moment.standing_at(NOW):
        yield


def together(own, parts):
    """What each of some callers is answered who hand in their items at the same time."""
    answers, ready = [None] * len(parts), Barrier(len(parts))

    def call(n):
        try:
            ready.wait()
            answers[n] = shared(Handed(own.pk, parts[n], "crm", f"caller {n}", f"request-{n}"))
        except BaseException as error:  # noqa: BLE001
            answers[n] = error
        finally:
            connection.close()

    threads = [Thread(target=call, args=(n,)) for n in range(len(parts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_each_caller_has_its_own_answer():
    own = workspace()
    parts = [[handed_over(f"L-{n}", "2026-03-12 09:00")] for n in range(20)]
    parts[7] = [fact("L-7", "no such kind", "2026-03-12 09:00")]
    parts[9] = parts[8]
    answers = together(own, parts)
    outcomes = [answer.outcomes for answer in answers]
    assert sorted(map(tuple, outcomes)) == [("known",), *[("new",)] * 18, ("refused",)]
    assert outcomes[7] == ["refused"]
    assert answers[7].problems[0][0].path == "kind"
    assert Lead.objects.of(own).count() == 18
    assert {entry.actor for entry in Entry.objects.of(own)} >= {"caller 0", "caller 19"}
    requests = [*Fact.objects.of(own).exclude(request="").values_list("request", flat=True)]
    assert len(requests) == len(set(requests)) == 18


def test_writes_that_wait_share_one_transaction(monkeypatch):
    own = workspace()
    taken, go_on = [], Event()

    def slow(many, now):
        taken.append(len(many))
        if len(taken) == 1:
            go_on.wait(10)
        return take(many, now=now)

    monkeypatch.setattr(commit, "take", slow)
    threads = [
        Thread(target=together, args=(own, [[handed_over(f"L-{n}", "2026-03-12 09:00")]]))
        for n in range(7)
    ]
    threads[0].start()
    while not taken:
        pass
    for thread in threads[1:]:
        thread.start()
    while len(commit._queues[own.pk].waiting) < 6:
        pass
    go_on.set()
    for thread in threads:
        thread.join()
    assert taken == [1, 6]
    assert Lead.objects.of(own).count() == 7


def test_what_fails_for_one_fails_for_it_alone(monkeypatch):
    own = workspace()

    def poisoned(many, now):
        if any(one.items[0]["lead"] == "L-3" for one in many):
            raise RuntimeError("out of luck")
        return take(many, now=now)

    monkeypatch.setattr(commit, "take", poisoned)
    answers = together(own, [[handed_over(f"L-{n}", "2026-03-12 09:00")] for n in range(6)])
    assert [isinstance(answer, RuntimeError) for answer in answers] == [n == 3 for n in range(6)]
    assert Lead.objects.of(own).count() == 5


def test_a_dry_run_answers_the_same_and_leaves_nothing():
    own = workspace()
    handed = Handed(own.pk, [handed_over("L-1", "2026-03-12 09:00"), {"lead": "x"}], "crm", "ana")
    tried = take([handed], now=NOW, dry_run=True)
    assert Fact.objects.of(own).count() == Lead.objects.of(own).count() == 0
    assert take([handed], now=NOW) == tried
    assert tried[0].outcomes == ["new", "refused"]


def hold(own, until):
    """Hold the lock of all leads of a workspace, as a large write does, until told."""
    held = Event()

    def holding():
        with transaction.atomic():
            database.lock_all(own.pk)
            held.set()
            until.wait(30)
        connection.close()

    thread = Thread(target=holding)
    thread.start()
    held.wait()
    return thread


def test_a_workspace_that_is_written_keeps_no_other_waiting(monkeypatch):
    busy, free = workspace(), workspace()
    go_on, began = Event(), Event()

    def slow(many, now):
        if many[0].workspace == busy.pk:
            began.set()
            go_on.wait(10)
        return take(many, now=now)

    monkeypatch.setattr(commit, "take", slow)
    thread = Thread(target=together, args=(busy, [[handed_over("L-1", "2026-03-12 09:00")]]))
    thread.start()
    began.wait()
    (answer,) = together(free, [[handed_over("L-1", "2026-03-12 09:00")]])
    assert answer.outcomes == ["new"]
    assert Lead.objects.of(busy).count() == 0
    go_on.set()
    thread.join()
    assert Lead.objects.of(busy).count() == 1


@pytest.mark.skipif(not database.is_postgresql(), reason="SQLite has one writer")
def test_who_waits_too_long_fails_with_all_who_wait(monkeypatch):
    own, other, until = workspace(), workspace(), Event()
    monkeypatch.setattr(commit, "LOCKED_FOR", 0.5)
    monkeypatch.setattr(commit, "PATIENCE", 0)
    thread = hold(own, until)
    before = time.monotonic()
    answers = together(own, [[handed_over(f"L-{n}", "2026-03-12 09:00")] for n in range(6)])
    assert [type(answer) for answer in answers] == [OperationalError] * 6
    assert time.monotonic() - before < 2.5
    assert together(other, [[handed_over("L-1", "2026-03-12 09:00")]])[0].outcomes == ["new"]
    until.set()
    thread.join()
    assert together(own, [[handed_over("L-1", "2026-03-12 09:00")]])[0].outcomes == ["new"]


def test_whoever_is_interrupted_while_waiting_for_others_holds_nobody_up(monkeypatch):
    own = workspace()

    def interrupted(_queue):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(commit, "_gather", interrupted)
        with pytest.raises(KeyboardInterrupt):
            shared(Handed(own.pk, [handed_over("L-1", "2026-03-12 09:00")], "crm", "one", "r-1"))
    [answer] = together(own, [[handed_over("L-2", "2026-03-12 09:00")]])
    assert answer.outcomes == ["new"]
    assert [lead.key for lead in Lead.objects.of(own)] == ["L-2"]
