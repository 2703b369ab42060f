"""Faults while facts are recorded: whoever was told that a fact is taken finds it, exactly once."""

import random
import time
from contextlib import ExitStack

import pytest
from django.db import connection

from leaddesk.book.models import Due, Fact, Lead
from leaddesk.book.rebuild import digest, rebuild
from leaddesk.book.record import Submission, record
from tests.leaddesk import oracle
from tests.leaddesk.desk import at, fact, handed_over, take, workspace
from tests.leaddesk.plays import (
    answered_before_the_commit,
    begun_as_readers,
    hand_in,
    hand_in_together,
    read_across_workspaces,
    redraw,
    told,
    written_in_pieces,
)
from tests.leaddesk.processes import KILLED, ended, kill, running, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-31 18:00")
POINTS = ("record:appended", "record:judged", "record:indexed", "record:before-commit")


@pytest.fixture
def own():
    return workspace()


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "acknowledged")


def look_again(own, now=NOW):
    due = Lead.objects.of(own).filter(wake_at__lte=now).values_list("key", flat=True)
    record([Submission(own.pk, again=dict.fromkeys(due))], now=now)


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("point", POINTS)
def test_a_writer_that_dies_loses_and_doubles_nothing(own, file, point, threads):
    arguments = (own.pk, "a", 12, file, threads)
    assert ended(hand_in, *arguments, fault=f"{point}:2", now=NOW) == KILLED
    assert len(told(file)) < 12
    assert oracle.faults(own, now=NOW, acknowledged=told(file)) == []
    assert ended(hand_in, *arguments, now=NOW) == 0  # the sender tries again what wasn't answered
    assert Fact.objects.of(own).filter(system="crm").count() == 12
    assert oracle.faults(own, now=NOW, acknowledged=told(file)) == []


@pytest.mark.parametrize("point", POINTS)
def test_a_batch_whose_process_dies_is_recorded_as_a_whole_or_not_at_all(own, file, point):
    arguments = (own.pk, 300, file)
    assert ended(hand_in_together, *arguments, fault=f"{point}:1", now=NOW) == KILLED
    assert Fact.objects.of(own).count() == Lead.objects.of(own).count() == 0
    assert ended(hand_in_together, *arguments, now=NOW) == 0
    assert told(file) == ["300"]
    assert Fact.objects.of(own).filter(system="crm").count() == 300


def test_writers_killed_at_random_lose_nothing(own, file):
    chance = random.Random(4)
    for round_ in range(5):
        with ExitStack() as open_:
            writers = [
                open_.enter_context(running(hand_in, own.pk, f"w{n}", 400, file, 2, now=NOW))
                for n in range(3)
            ]
            before = len(told(file))
            wait_until(lambda before=before: len(told(file)) > before + 3)
            time.sleep(chance.uniform(0.05, 0.3))
            kill(writers[round_ % 3])
            kill(writers[(round_ + 1) % 3])
    acknowledged = {*told(file)}
    assert len(acknowledged) > 10
    assert oracle.faults(own, now=NOW, acknowledged=acknowledged) == []


def test_several_processes_write_at_once_and_none_is_turned_away(own, file):
    assert written_at_once(own, file, ()) == []
    assert len(told(file)) == 4 * 25
    assert oracle.faults(own, now=NOW, acknowledged=told(file)) == []


def written_at_once(own, file, breaks):
    """The errors that four processes meet which write at the same time."""
    with ExitStack() as open_:
        writers = [
            open_.enter_context(
                running(hand_in, own.pk, f"w{n}", 25, file, 1, breaks=breaks, now=NOW)
            )
            for n in range(4)
        ]
        for one in writers:
            one.join(30)
            assert one.exitcode == 0
    return told(f"{file}.failed")


@pytest.mark.parametrize("point", ["record:judged", "record:indexed"])
def test_a_rebuild_that_dies_leaves_a_desk_that_the_next_one_mends(own, point):
    for n in range(12):
        take(own, handed_over(f"L-{n}", f"2026-03-{10 + n} 10:00"), now=NOW)
    take(own, fact("L-9", "merged", "2026-03-20 10:00", into="L-1"), now=NOW)
    before = digest(own.pk)
    Lead.objects.of(own).filter(key="L-2").update(owner="mallory", open=7)
    Due.objects.of(own).filter(lead="L-11").delete()
    assert ended(redraw, own.pk, 4, fault=f"{point}:2", now=NOW) == KILLED
    assert digest(own.pk) != before
    assert rebuild(own.pk, NOW) == before
    assert oracle.faults(own, now=NOW) == []


# Negative controls: the desk is broken on purpose, and the oracle must see it.


def test_the_oracle_sees_an_answer_that_comes_too_early(own, file):
    how = {"fault": "record:before-commit:2", "breaks": (answered_before_the_commit,), "now": NOW}
    assert ended(hand_in, own.pk, "a", 12, file, **how) == KILLED
    assert oracle.lost(own, told(file)) != []


@pytest.mark.parametrize("point", ["record:appended", "record:judged"])
def test_the_oracle_sees_half_a_record(own, file, point):
    how = {"fault": f"{point}:1", "breaks": (written_in_pieces,), "now": NOW}
    assert ended(hand_in, own.pk, "a", 3, file, **how) == KILLED
    assert oracle.unlike_its_log(own, NOW) != []
    assert oracle.unnoted(own) != []
    assert oracle.judged_wrongly(own, NOW) != []


def test_the_oracle_sees_a_log_that_is_read_across_workspaces(own, file):
    other = workspace()
    take(other, fact("a-0", "attempted", "2026-03-10 10:30", by="ana", channel="phone"), now=NOW)
    assert ended(hand_in, own.pk, "a", 1, file, breaks=(read_across_workspaces,), now=NOW) == 0
    assert oracle.judged_wrongly(own, NOW) != []
    assert oracle.unlike_its_log(own, NOW) != []


def test_transactions_that_begin_as_readers_are_turned_away(own, file):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has such transactions")
    assert "OperationalError" in written_at_once(own, file, (begun_as_readers,))
