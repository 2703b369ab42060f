"""Before: what lies before an agreement, or before history arrives, is heard or not, as agreed."""

import json

import pytest

from leaddesk.book import agreements, wake
from leaddesk.book.access import operator
from leaddesk.book.models import Due, Entry, Lead, Notice
from tests.leaddesk.desk import AGREEMENT, at, fact, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
FORCE = at("2026-03-12 10:00")


def desk(text=AGREEMENT):
    own = workspace(text)
    for key in ("ana", "ben"):
        person(own, key)
    return own


def put_in_force(own, text, now):
    by = operator(own.pk)
    number = agreements.propose(by, text, now).number
    agreements.put_in_force(by, number, now)
    wait_until(now + 1)


def wait_until(now):
    while wake.woken(now):
        pass


def heard(own):
    """What somebody hears of, in order."""
    rows = Notice.objects.of(own).filter(posted_at=None).order_by("id")
    return [*rows.values_list("lead", "kind", "to")]


def owners(own):
    return {*Lead.objects.of(own).values_list("owner", flat=True)}


def noted(own):
    """What the desk itself did to the leads, as the audit log tells it."""
    rows = Entry.objects.of(own).filter(actor="leadpact").order_by("id")
    return [(act, json.loads(detail)) for act, detail in rows.values_list("act", "detail")]


def test_what_was_broken_before_an_agreement_was_in_force_is_ruled_and_moves_nobody():
    own = desk(None)
    old = [handed_over(f"H-{n}", "2026-02-12 09:00") for n in range(5)]
    take(own, *old, now=at("2026-02-12 09:01"), announce=False)
    put_in_force(own, AGREEMENT, FORCE)
    assert {*Due.objects.of(own).values_list("verdict")} == {("broken",)}
    assert (heard(own), owners(own)) == ([], {"ana"})
    assert Notice.objects.of(own).count() == 15
    assert noted(own) == [
        ("gave rulings", {"rulings": 5}),
        ("announced to nobody", {"notices": 15}),
    ]
    wait_until(at("2026-03-20 10:00"))
    assert (heard(own), owners(own)) == ([], {"ana"})


def test_what_comes_about_once_it_is_in_force_is_told():
    own = desk(None)
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    put_in_force(own, AGREEMENT, FORCE)
    assert heard(own) == []
    for now in ("12:00", "14:00", "16:00"):
        wait_until(at(f"2026-03-12 {now}") + 1)
    assert heard(own) == [
        ("L-1", "at risk", "ana"),
        ("L-1", "broken", "ana"),
        ("L-1", "escalated", "manager"),
        ("L-1", "reassign", "ben"),
    ]
    assert owners(own) == {"ben"}


def test_of_what_is_late_already_only_what_is_still_to_come_is_told():
    own = desk(None)
    take(own, handed_over("L-1", "2026-03-11 14:00"), now=at("2026-03-11 14:01"))
    put_in_force(own, AGREEMENT, at("2026-03-12 10:30"))  # it was due at ten
    assert (heard(own), owners(own)) == ([], {"ana"})
    wait_until(at("2026-03-12 12:00") + 1)
    assert heard(own) == [("L-1", "reassign", "ben")]
    assert owners(own) == {"ben"}


def test_history_takes_no_breach_away_that_is_due_already():
    own = desk()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    call = fact("L-1", "attempted", "2026-03-01 10:00", by="ana", channel="phone")
    take(own, call, now=at("2026-03-13 12:00"), announce=False)
    assert heard(own) == [
        ("L-1", "broken", "ana"),
        ("L-1", "escalated", "manager"),
        ("L-1", "reassign", "ben"),
    ]
    assert owners(own) == {"ben"}


def test_history_of_a_lead_that_rests_is_silent():
    own = desk()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    call = fact("L-1", "attempted", "2026-03-12 09:30", by="ana", channel="phone")
    take(
        own,
        call,
        handed_over("L-2", "2026-03-02 09:00"),
        now=at("2026-03-12 10:00"),
        announce=False,
    )
    wait_until(at("2026-03-20 09:00"))
    assert heard(own) == []
