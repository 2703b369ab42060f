"""Routing: leads are given out under caps and by weight, whoever else gives out leads meanwhile."""

from collections import Counter
from contextlib import ExitStack

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from leaddesk.book import moment, routing, rules, wake
from leaddesk.book.intake import Handed
from leaddesk.book.intake import take as take_in
from leaddesk.book.models import Fact, Handoff, Lead, Leave, Turn
from leaddesk.book.routing import Wanted
from leadpact import facts
from tests.leaddesk.desk import at, fact, person, take, workspace
from tests.leaddesk.processes import PATIENCE, running

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 10:00")
TEXT = """\
leadpact: 1
agreement: A small desk
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana, ben, chai, dan]}
zone: Europe/Warsaw
calendars:
  office: {open: {mon-fri: [09:00-12:00, 13:00-17:00]}}
people:
  ana: {team: inbound, weight: 3}
  ben: {team: inbound, weight: 2}
  chai: {team: asia}
  dan: {team: asia, weight: 1.5, at most: 40 per month}
qualification:
  interest: [{did: demo requested, points: 60}]
handoff:
  when: mql
  at once: [demo requested]
  reasons to reject: [wrong size]
  route: {by: weight, respect: [hours, leave, caps], same account: same owner, at most: 500 per month}
"""
SHARES = {"ana": 3, "ben": 2, "chai": 1}


def desk(text=TEXT):
    """A workspace that hands over by itself since the year began."""
    return workspace(text, hands_over_since=at("2026-01-01"))


def demands(*leads, when="2026-03-12 10:00", **fields):
    """The facts by which leads come and ask for a demo."""
    return [
        one
        for lead in leads
        for one in (
            fact(lead, "created", when, source_id=f"{lead}-1", **fields),
            fact(lead, "engaged", when, what="demo requested", source_id=f"{lead}-2"),
        )
    ]


def owners(own):
    """Who owns each lead; "" for nobody."""
    return dict(Lead.objects.of(own).values_list("key", "owner"))


def wanted(*leads, **fields):
    return [Wanted(lead, 1, NOW, **fields) for lead in leads]


def choose(own, some, now=NOW):
    """The owner of each lead, given out in a transaction of its own."""
    with transaction.atomic():
        found = routing.chosen(own.pk, rules.rules_of(own.pk), some, now)
    return {lead: one.owner for lead, one in found.items()}


def within_one(found, weights):
    """Whether shares are within one lead of their weights."""
    count, total = sum(found[name] for name in weights), sum(weights.values())
    return all(abs(found[name] * total - count * weights[name]) <= total for name in weights)


def test_leads_are_shared_out_by_weight_from_one_time_to_the_next():
    own = desk()
    found = {}
    for part in range(15):
        found |= choose(own, wanted(*(f"L-{part}-{n}" for n in range(5))))
    assert Counter(found.values()) == {"ana": 30, "ben": 20, "dan": 15, "chai": 10}
    given = dict(Turn.objects.of(own).values_list("person", "given"))
    assert given == {"ana": 30, "ben": 20, "dan": 15, "chai": 10}


def test_a_thousand_leads_of_one_import_take_few_queries():
    own = desk()
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        found = routing.chosen(
            own.pk,
            rules.rules_of(own.pk),
            wanted(*(f"L-{n}" for n in range(1_000)), account="ACME"),
            NOW,
        )
    assert len(found) == 1_000
    assert len(asked) <= 20


def hand_in_batches(workspace, name, batches, size):
    """Hand in leads that want an owner, in batches."""
    for part in range(batches):
        items = demands(*(f"{name}-{part}-{n}" for n in range(size)))
        take_in([Handed(workspace, items, "crm", "ana")], now=moment.now())


def test_a_thousand_leads_by_four_workers_are_shared_by_weight_and_no_limit_is_passed():
    own = desk()
    with ExitStack() as open_:
        workers = [
            open_.enter_context(running(hand_in_batches, own.pk, f"w{n}", 5, 50, now=NOW))
            for n in range(4)
        ]
        for one in workers:
            one.join(PATIENCE)
            assert one.exitcode == 0
    found = Counter(owners(own).values())
    assert (sum(found.values()), found["dan"], found[""]) == (1_000, 40, 0)
    assert within_one(found, SHARES)
    given = Fact.objects.of(own).filter(kind=facts.HANDED_OVER)
    assert Counter(given.values_list("lead", flat=True)).most_common(1)[0][1] == 1


def test_who_left_is_inactive_or_looks_on_is_never_served():
    text = TEXT.replace("chai: {team: asia}", "chai: {team: asia, to: 2026-03-11}")
    own = desk(text)
    person(own, "ana", side="sales", is_active=False)
    person(own, "eve", side="sales", role="viewer")
    rules.changed(own.pk)
    take(own, *demands(*(f"L-{n}" for n in range(20))), now=NOW)
    assert {*owners(own).values()} == {"ben", "dan"}


def test_where_everyone_is_full_leads_wait_with_the_reason_and_are_served_when_there_is_room():
    own = desk(TEXT.replace("at most: 500 per month", "at most: 2 per day"))
    take(own, *demands(*(f"L-{n:02}" for n in range(60))), now=NOW)
    assert Counter(owners(own).values()) == {"ana": 2, "ben": 2, "chai": 2, "dan": 2, "": 52}
    waiting = Handoff.objects.of(own).filter(state="waiting")
    tomorrow = at("2026-03-13 09:00")
    again = [*waiting.order_by("retry_at").values_list("lead", "retry_at")]
    assert [lead for lead, _at in again] == [f"L-{n:02}" for n in range(8, 60)]
    assert all(tomorrow <= retry_at < tomorrow + moment.SECOND for _lead, retry_at in again)
    assert '"ana","full",' in waiting.first().route
    assert not wake.woken(tomorrow - 1)
    while wake.woken(tomorrow + moment.SECOND):
        pass
    assert Counter(owners(own).values()) == {"ana": 4, "ben": 4, "chai": 4, "dan": 4, "": 44}


def test_two_transactions_on_one_day_share_the_limit_of_the_day():
    own = desk(TEXT.replace("at most: 500 per month", "at most: 3 per day"))
    for part in range(4):
        take(own, *demands(*(f"L-{part}-{n}" for n in range(4))), now=NOW)
    assert Counter(owners(own).values()) == {"ana": 3, "ben": 3, "chai": 3, "dan": 3, "": 4}


def test_leave_of_the_register_keeps_leads_away_without_a_burst_on_return():
    own = desk()
    Leave.objects.of(own).create(workspace=own, person="ana", first="2026-03-02", last="2026-03-12")
    rules.changed(own.pk)
    choose(own, wanted(*(f"L-{n}" for n in range(90))))
    back = choose(own, wanted(*(f"M-{n}" for n in range(60))), at("2026-03-13 10:00"))
    assert Counter(back.values())["ana"] in range(23, 31)


def test_a_rejected_lead_goes_to_somebody_else_and_counts_for_nobody():
    own = desk(TEXT.replace("at most: 500 per month", "at most: 1 per day"))
    take(own, *demands("L-1"), now=NOW)
    assert owners(own) == {"L-1": "ana"}
    later = at("2026-03-12 11:00")
    take(
        own,
        fact("L-1", "rejected", "2026-03-12 10:30", reason="wrong size", by="ana"),
        now=later,
    )
    take(own, *demands("L-2", when="2026-03-12 10:40"), now=later)
    assert owners(own)["L-2"] == "ana"
    again = fact("L-1", "engaged", "2026-03-12 10:50", what="demo requested")
    take(own, again, now=later)
    assert owners(own)["L-1"] != "ana"


def test_leads_of_one_company_go_to_one_owner_within_and_across_imports():
    own = desk()
    take(own, *demands("L-1", "L-2", "L-3", account="ACME"), *demands("X-1"), now=NOW)
    first = {owners(own)[lead] for lead in ("L-1", "L-2", "L-3")}
    assert len(first) == 1
    take(own, *demands("X-2", "X-3", "L-4", account="ACME"), now=NOW)
    assert {owners(own)["L-4"]} == first


def test_looking_again_gives_nobody_anything():
    own = desk()
    take(own, *demands(*(f"L-{n}" for n in range(6))), now=NOW)
    before = (owners(own), [*Turn.objects.of(own).order_by("id").values_list("credit", "given")])
    rules.changed(own.pk, every_lead=True)
    while wake.woken(NOW):
        pass
    take(own, *demands("L-0"), now=NOW)
    assert before == (
        owners(own),
        [*Turn.objects.of(own).order_by("id").values_list("credit", "given")],
    )
