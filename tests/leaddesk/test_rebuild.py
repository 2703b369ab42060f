"""Rebuild: index rows are drawn afresh from the log alone, and come out the same."""

from threading import Event, Thread

import pytest
from django.db import connection

from leaddesk.book import rebuild as rebuilding
from leaddesk.book.models import Due, Fact, Lead, Notice
from leaddesk.book.rebuild import digest, rebuild
from tests.leaddesk.desk import at, fact, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-31 18:00")


@pytest.fixture
def own():
    own = workspace()
    for n in range(12):
        take(own, handed_over(f"L-{n}", f"2026-03-{10 + n} 10:00"), now=NOW)
    take(own, fact("L-3", "attempted", "2026-03-13 11:00", by="ana", channel="phone"), now=NOW)
    take(own, fact("L-9", "merged", "2026-03-20 10:00", into="L-1"), now=NOW)
    return own


def test_dropped_rows_come_back_the_same(own, monkeypatch):
    monkeypatch.setattr(rebuilding, "LEADS_AT_ONCE", 5)
    before, counted = digest(own.pk), (Fact.objects.of(own).count(), Notice.objects.of(own).count())
    Lead.objects.of(own).delete()
    Due.objects.of(own).delete()
    assert digest(own.pk) != before
    assert rebuild(own.pk, NOW) == before
    assert (Fact.objects.of(own).count(), Notice.objects.of(own).count()) == counted


def test_rows_that_were_tampered_with_are_put_right(own):
    before = digest(own.pk)
    Lead.objects.of(own).filter(key="L-2").update(owner="mallory", open=7)
    Due.objects.of(own).filter(lead="L-3").update(verdict="broken")
    Lead.objects.of(own).create(workspace=own, key="nobody")
    Due.objects.of(own).create(
        workspace=own, lead="nobody", promise="none", pass_number=1, occurrence=1, version=1,
        started_at=1,
    )  # fmt: skip
    assert digest(own.pk) != before
    assert rebuild(own.pk, NOW) == before


def test_another_workspace_is_left_alone(own):
    other = workspace()
    take(other, handed_over("L-1", "2026-03-12 09:00"))
    before = digest(other.pk)
    rebuild(own.pk, NOW)
    assert digest(other.pk) == before


def test_a_lead_that_arrives_meanwhile_keeps_its_rows(own):
    rebuild(
        own.pk, NOW, lambda _count: take(own, handed_over("L-new", "2026-03-30 10:00"), now=NOW)
    )
    assert Lead.objects.of(own).filter(key="L-new").exists()
    assert Due.objects.of(own).filter(lead="L-new").exists()
    before = digest(own.pk)
    assert rebuild(own.pk, NOW) == before


def test_writes_that_come_all_the_while_lose_nothing(own, monkeypatch):
    monkeypatch.setattr(rebuilding, "LEADS_AT_ONCE", 2)
    Lead.objects.of(own).create(workspace=own, key="nobody")
    stop, written = Event(), []

    def write():
        while not stop.is_set():
            written.append(f"W-{len(written)}")
            take(own, handed_over(written[-1], "2026-03-30 10:00"), now=NOW)
        connection.close()

    thread = Thread(target=write)
    thread.start()
    try:
        rebuild(own.pk, NOW)
        rebuild(own.pk, NOW)
    finally:
        stop.set()
        thread.join()
    rows = {*Lead.objects.of(own).values_list("key", flat=True)}
    assert rows == {f"L-{n}" for n in range(12)} | {*written}
    before = digest(own.pk)
    assert rebuild(own.pk, NOW) == before


def test_merged_leads_are_redrawn_together(own, django_assert_num_queries):
    for lead, into in (
        ("L-1", "L-2"),
        ("L-5", "L-6"),
        ("L-7", "L-6"),
        ("L-6", "L-5"),
        ("L-8", "x"),
    ):
        take(own, fact(lead, "merged", "2026-03-21 10:00", into=into), now=NOW)
    one, other = ["L-1", "L-2", "L-9"], ["L-5", "L-6", "L-7"]
    known = {f"L-{n}" for n in range(12)}
    with django_assert_num_queries(1):
        merged = rebuilding._merged(own.pk, known)
    assert merged == dict.fromkeys(one, one) | dict.fromkeys(other, other) | {"L-8": ["L-8"]}
