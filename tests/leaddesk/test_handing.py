"""Handing: what qualifies is handed over once, with its packet, and accepted where sales is silent."""

import json

import pytest

from leaddesk.book.models import Lead, Notice
from tests.leaddesk.desk import at, fact, take
from tests.leaddesk.handing_scene import arises, desk, did, qualifies, records, told, wakes

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_qualifies_is_handed_over_at_once_with_its_score_frozen():
    own = desk()
    arises(own)
    assert told(own, "handed_over", "moved", "scored") == []
    did(own, "L-1", "pricing viewed", "2026-03-12 10:00")
    moved, scored, given = sorted(
        told(own, "moved", "scored", "handed_over"), key=lambda one: one["kind"] != "moved"
    )
    assert moved["to"] == "mql"
