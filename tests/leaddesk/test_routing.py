"""Routing: leads are given out under caps and by weight, whoever else gives out leads meanwhile."""

import json
from collections import Counter

import pytest
from django.db import transaction

from leaddesk.book import routing, rules
from leaddesk.book.models import Turn
from leaddesk.book.routing import Wanted
from tests.leaddesk.desk import at, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 10:00")
TEXT = """\
leadpact: 1
agreement: A small desk
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana, ben, chai]}
zone: Europe/Warsaw
calendars:
  office: {open: {mon-fri: [09:00-12:00, 13:00-17:00]}}
people:
  ana: {team: inbound, weight: 2}
  ben: {team: inbound}
  chai: {team: asia}
handoff:
  when: mql
  route: {by: weight, respect: [hours, leave, caps], same account: same owner, at most: 250 per month}
"""


def wanted(*leads, **fields):
    return [Wanted(lead, 1, NOW, **fields) for lead in leads]


def choose(own, some, now=NOW):
    """The owner of each lead, given out in a transaction of its own."""
    with transaction.atomic():
        found = routing.chosen(own.pk, rules.rules_of(own.pk), some, now)
    return {lead: one.owner for lead, one in found.items()}


def test_leads_are_shared_out_by_weight_from_one_time_to_the_next():
    own = workspace(TEXT)
    found = {}
    for part in range(10):
        found |= choose(own, wanted(*(f"L-{part}-{n}" for n in range(4))))
    assert Counter(found.values()) == {"ana": 20, "ben": 10, "chai": 10}
    assert dict(Turn.objects.of(own).values_list("person", "given")) == {
        "ana": 20,
        "ben": 10,
        "chai": 10,
    }
