"""Moved: a holiday or leave that is entered late moves what is open, never what was ruled, and the
index, the rulings, the notices, a rebuild and the doctor say the same."""

import json

import pytest

from leaddesk.book import registers, rules, wake
from leaddesk.book.access import operator
from leaddesk.book.models import Due, Fact, Lead, Notice
from leaddesk.book.rebuild import digest, rebuild
from leaddesk.operation import recount
from tests.leaddesk.desk import at, fact, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
HANDED, DUE = "2026-03-12 09:00", at("2026-03-12 14:00")


@pytest.fixture
def own():
    own = workspace()
    for key in ("ana", "ben"):
        person(own, key)
    take(own, handed_over("L-1", HANDED), now=at("2026-03-12 09:01"))
    return own


def wait_until(now):
    while wake.woken(now):
        pass


def close(own, day, now):
    """The office is said to be closed on a day."""
    registers.keep_exception(operator(own.pk), {"calendar": "office", "day": day, "open": ""}, now)
    wait_until(now)


def off(own, day, now):
    """Ana is said to be on leave on a day."""
    registers.add_leave(operator(own.pk), {"person": "ana", "first": day, "last": day}, now)
    wait_until(now)


def owed(own):
    return [*Due.objects.of(own).values_list("verdict", "due_at")]


def ruled(own):
    rows = Fact.objects.of(own).filter(system="leadpact").order_by("id")
    found = [json.loads(body).get("verdict") for body in rows.values_list("body", flat=True)]
    return [verdict for verdict in found if verdict]


def heard(own):
    return [*Notice.objects.of(own).order_by("id").values_list("kind", "to")]


def agrees(own, now):
    """Whether the doctor finds nothing, and a rebuild changes nothing and rules nothing."""
    before, rulings = digest(own.pk), ruled(own)
    assert [*recount.differences(own, now, full=True)] == []
    assert rebuild(own.pk, now) == before
    assert ruled(own) == rulings


@pytest.mark.parametrize("entered", [close, off])
def test_what_was_ruled_broken_stays_so_when_its_day_turns_out_to_be_off(own, entered):
    wait_until(DUE + 1)
    entered(own, "2026-03-12", DUE + 2)
    told = [("broken", "ana"), ("escalated", "manager")]
    for now in (DUE + 2, at("2026-03-13 12:00") + 1, at("2026-03-13 14:00") + 1):
        wait_until(now)
        assert (owed(own), ruled(own), heard(own)) == ([("broken", DUE)], ["broken"], told)
        assert Lead.objects.of(own).get().broken == 1
        agrees(own, now)
    wait_until(at("2026-03-13 16:00") + 1)  # half as much time again, without the day off
    assert heard(own)[2:] == [("reassign", "ben")]
    agrees(own, at("2026-03-13 16:00") + 1)


@pytest.mark.parametrize("entered", [close, off])
def test_what_is_open_moves(own, entered):
    entered(own, "2026-03-12", DUE - 1)
    moved = at("2026-03-13 14:00")
    assert owed(own) == [("open", moved)]
    wait_until(moved + 1)
    assert (owed(own), ruled(own)) == ([("broken", moved)], ["broken"])
    agrees(own, moved + 1)


def test_a_late_answer_stays_late(own):
    wait_until(DUE + 1)
    close(own, "2026-03-12", DUE + 2)
    call = fact("L-1", "attempted", "2026-03-13 10:00", by="ana", channel="phone")
    take(own, call, now=at("2026-03-13 10:01"))
    assert (owed(own), ruled(own)) == ([("broken", DUE)], ["broken"])
    agrees(own, at("2026-03-13 10:02"))


def test_a_fact_that_comes_late_lets_it_be_looked_at_again_and_a_new_breach_is_told(own):
    wait_until(DUE + 1)
    close(own, "2026-03-12", DUE + 2)
    text = fact("L-1", "attempted", "2026-03-12 10:00", by="ana", channel="sms")
    take(own, text, now=DUE + 3)
    moved = at("2026-03-13 14:00")
    assert (owed(own), ruled(own)) == ([("open", moved)], ["broken", "open"])
    wait_until(moved + 1)
    assert (owed(own), ruled(own)) == ([("broken", moved)], ["broken", "open", "broken"])
    corrected = Notice.objects.of(own).filter(kind="corrected").order_by("id")
    assert [json.loads(one.body)["verdict"] for one in corrected] == ["open", "broken"]
    agrees(own, moved + 1)


def rested(own, *more):
    """The lead was answered too late and then rejected; nothing of it runs any more."""
    wait_until(DUE + 1)
    call = fact("L-1", "attempted", "2026-03-12 16:00", by="ana", channel="phone")
    gone = fact("L-1", "rejected", "2026-03-12 16:30", by="ana", reason="no budget")
    take(own, *more, call, gone, now=at("2026-03-12 17:01"))
    wait_until(at("2026-03-20 12:00"))
    assert Lead.objects.of(own).get().is_settled


@pytest.mark.parametrize("entered", [close, off])
def test_what_rests_stays_as_it_was_ruled(own, entered):
    rested(own)
    entered(own, "2026-03-12", at("2026-03-20 12:01"))
    assert (owed(own), ruled(own)) == ([("broken", DUE)], ["broken"])
    agrees(own, at("2026-03-20 12:02"))


@pytest.mark.parametrize("entered", [close, off])
def test_what_rests_is_looked_at_again_where_time_ran_on_that_day(own, entered):
    text = fact("L-1", "attempted", "2026-03-12 10:00", by="ana", channel="sms")
    rested(own, text)
    entered(own, "2026-03-16", at("2026-03-20 12:01"))
    assert Lead.objects.of(own).get().rules < rules.rules_of(own.pk).count
    agrees(own, at("2026-03-20 12:02"))
    entered(own, "2026-03-12", at("2026-03-20 12:03"))
    assert (owed(own), ruled(own)) == (
        [("kept", at("2026-03-13 14:00"))],
        ["broken", "kept"],
    )
    agrees(own, at("2026-03-20 12:04"))


def test_other_hours_of_a_person_let_nothing_rest(own):
    rested(own)
    mia = operator(own.pk)
    registers.change_person(mia, "ana", {"name": "Ana B."}, DUE)
    assert Lead.objects.of(own).get().is_settled
    registers.change_person(mia, "ana", {"calendar": "office"}, DUE)
    assert not Lead.objects.of(own).get().is_settled
