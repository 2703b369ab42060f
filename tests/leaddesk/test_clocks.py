"""Clocks: nothing is taken back because a clock is slow, or because a write had to wait."""

import pytest
from django.db import transaction

from leaddesk.book import database, rules, wake
from leaddesk.book.models import AgreementVersion, Due, Fact, Lead, Notice
from leaddesk.book.rebuild import digest, rebuild
from leaddesk.book.record import judgement_of
from leadpact.program.columns import BROKEN
from tests.leaddesk.desk import AGREEMENT, at, fact, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
DUE = at("2026-03-12 14:00")
SECOND = 1_000_000


@pytest.fixture
def own():
    """A workspace with a lead whose promise was just broken."""
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    wake.woken(DUE + 1)
    return own


def stands(own):
    """Where the lead stands: its verdicts, its count of broken promises, what was heard."""
    dues = Due.objects.of(own).values_list("verdict", flat=True)
    heard = Notice.objects.of(own).order_by("id").values_list("kind", flat=True)
    return [*dues], Lead.objects.of(own).get().broken, [*heard]


def test_a_write_that_comes_with_an_older_clock_takes_no_ruling_back(own):
    before = stands(own)
    assert before[:2] == (["broken"], 1)
    sms = fact("L-1", "attempted", "2026-03-12 09:30", by="ana", channel="sms")
    take(own, sms, now=DUE - SECOND)
    assert stands(own) == before
    drawn = digest(own.pk)
    assert rebuild(own.pk, DUE - SECOND) == drawn
    _rules, judged = judgement_of(own.pk, ["L-1"], now=DUE - SECOND)
    assert judged.obligations.verdict.tolist() == [BROKEN]
    assert Fact.objects.of(own).filter(system="tests").count() == 2


@pytest.mark.skipif(not database.is_postgresql(), reason="SQLite has no locks of leads")
def test_who_reads_a_lead_neither_waits_nor_locks(own):
    with transaction.atomic():
        judgement_of(own.pk, ["L-1"], now=DUE)
        sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        assert database.rows(sql, []) == [(0,)]


def test_rules_that_were_taken_back_judge_nobody(own):
    count = rules.rules_of(own.pk).count
    shorter = AGREEMENT.replace("4 working hours", "2 working hours")
    with transaction.atomic():
        replace_text(own, shorter)
        assert hours(own) == (count + 1, "2 working hours")
        transaction.set_rollback(True)
    longer = AGREEMENT.replace("4 working hours", "8 working hours")
    with transaction.atomic():
        replace_text(own, longer)
    assert hours(own) == (count + 1, "8 working hours")
    assert rules.rules_of(own.pk).program is rules.rules_of(own.pk).program


def replace_text(own, text):
    AgreementVersion.objects.of(own).update(text=text)
    rules.changed(own.pk)


def hours(own):
    found = rules.rules_of(own.pk)
    (row,) = [one for one in found.program.rows if one.promise == "first contact"]
    return found.count, row.span.text


def test_what_came_while_a_write_waited_counts_for_it_as_well():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    call = fact("L-1", "attempted", "2026-03-12 09:30", by="ana", channel="phone")
    take(own, call, now=at("2026-03-12 09:30"))
    sms = fact("L-1", "attempted", "2026-03-12 09:20", by="ana", channel="sms")
    take(own, sms, now=at("2026-03-12 09:30") - 20 * SECOND)
    assert Lead.objects.of(own).get().open == 0
