"""Handing over by what colleagues do, once; and again only after a lead has cooled."""

import pytest

from leaddesk.book import logbook, rescoring, scoring
from leaddesk.book.models import Lead, Notice
from leaddesk.book.moment import DAY
from leaddesk.book.rebuild import digest, rebuild
from leaddesk.operation import recount
from leaddesk.pages import handoff_words
from tests.leaddesk.desk import at, fact, take
from tests.leaddesk.handing_scene import AGREED, arises, desk, did, records, told, wakes

pytestmark = pytest.mark.django_db(transaction=True)
CLAUSES = "  account: {share: 50%, at most: 20}\n  hysteresis: 10\n  qualifies as mql"
TOGETHER = AGREED.replace("  qualifies as mql", CLAUSES)
NINE, TEN = "2026-03-12 09:00", "2026-03-12 10:00"
BY_A_COLLEAGUE = "a colleague's interest: guide downloaded"


def beside(own, *leads, when=NINE):
    """Leads of one company; those but the first never qualify themselves."""
    arises(own, leads[0], when, account="acme")
    for lead in leads[1:]:
        take(own, fact(lead, "created", when, industry="mining", account="acme"), now=at(when))


def given(own, lead="L-1"):
    return [(one["at"], one["trigger"]) for one in told(own, "handed_over", lead=lead)]


def test_what_a_colleague_does_hands_a_lead_over_once():
    own = desk(TOGETHER)
    beside(own, "L-1", "L-2")
    did(own, "L-1", "page seen", "2026-03-12 09:30")
    assert given(own) == []
    did(own, "L-2", "guide downloaded", TEN)
    assert given(own) == [(at(TEN), BY_A_COLLEAGUE)]
    assert [one["why"] for one in told(own, "moved")] == [f"by rule: {BY_A_COLLEAGUE}"]
    did(own, "L-2", "guide downloaded", "2026-03-12 11:00")
    did(own, "L-1", "pricing viewed", "2026-03-12 11:30")
    wakes(own, "2026-03-12 16:00")
    assert (len(given(own)), given(own, "L-2"), len(records(own))) == (1, [], 1)
    assert Notice.objects.of(own).filter(kind="handed over").count() == 1
    assert (
        handoff_words.trigger(records(own)[0].trigger) == "a colleague’s interest: guide downloaded"
    )
    assert [*recount.differences(own, at("2026-03-12 16:00"), full=True)] == []
    before = digest(own.pk)
    assert rebuild(own.pk, at("2026-03-12 16:00")) == before
    assert len(given(own)) == 1


def test_what_happens_at_one_instant_hands_over_once():
    own = desk(TOGETHER)
    beside(own, "L-1", "L-2", "L-3")
    both = [fact(lead, "engaged", TEN, what="guide downloaded") for lead in ("L-2", "L-3")]
    take(own, *both, fact("L-1", "engaged", TEN, what="demo requested"), now=at(TEN))
    assert given(own) == [(at(TEN), "demo requested")]
    assert len(records(own)) == 1


@pytest.mark.parametrize("way", ["elsewhere", "before", "in silence", "lost", "alone"])
def test_a_colleague_hands_over_nobody_who_is_not_to_be(way, monkeypatch):
    own = desk(TOGETHER, but=["tests"] if way == "elsewhere" else [], since=at("2026-03-01"))
    if way == "alone":
        for module in (logbook, scoring):
            monkeypatch.setattr(module, "MOST_TOGETHER", 1)
    early = way == "before"
    beside(own, "L-1", "L-2", when="2026-02-20 09:00" if early else NINE)
    if way == "lost":
        take(own, fact("L-1", "disqualified", "2026-03-12 09:30", reason="no need"), now=at(TEN))
    act = fact("L-2", "engaged", "2026-02-20 10:00" if early else TEN, what="guide downloaded")
    answer = take(own, act, now=at(TEN), announce=way != "in silence")
    assert (given(own), answer.leads) == ([], 1 if way == "alone" else 2)


def test_a_lead_that_cools_and_warms_is_handed_over_once():
    own = desk(TOGETHER, since=at("2026-03-01"))
    take(
        own,
        fact("L-1", "created", "2026-02-20 09:00", industry="retail"),
        now=at("2026-02-20 09:00"),
    )
    for what in ("guide downloaded", "pricing viewed"):
        did(own, "L-1", what, "2026-02-20 10:00")
    did(own, "L-1", "guide downloaded", "2026-03-02 10:00")  # before: 33.3, not below 40 - 10
    assert given(own) == []
    for day in range(80):
        now = at("2026-03-02 11:00") + day * DAY
        rescoring.go_on(now)
        wakes(own, "2026-03-02 11:00")
    assert Lead.objects.of(own).get(key="L-1").interest < 3000
    assert given(own) == []
    for when in ("2026-05-21 10:00", "2026-05-21 11:00", "2026-05-22 10:00"):
        did(own, "L-1", "guide downloaded", when)
    assert given(own) == [(at("2026-05-21 10:00"), "mql")]
    assert Lead.objects.of(own).get(key="L-1").interest > 8000
