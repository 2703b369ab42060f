"""The order of a queue where nothing is more urgent: the more important first, then the key, always."""

import random

import pytest

from leaddesk.book import moment, queue
from leaddesk.book.access import actor_of
from leaddesk.book.models import Lead
from tests.leaddesk.desk import at, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 10:00")
KEYS = ["b-1", "B-1", "a-10", "a-2", "a 1", "A_1", "é-1", "خ-1", "ก-1", "0", "~"]
IMPORTANT = {"ก-1": -20, "b-1": -20, "0": -5}


def wanted():
    return sorted(KEYS, key=lambda key: (IMPORTANT.get(key, 0), key))


def paged(actor, size):
    """The keys of a queue, page by page."""
    rows = queue.waiting(actor, queue.Wanted(), [], NOW)
    place, found = None, []
    while True:
        page, place = queue.page(rows, place, size)
        found += [lead.key for lead in page]
        if place is None:
            return found


@pytest.mark.parametrize("seed", range(3))
def test_at_equal_urgency_the_order_is_the_same_however_leads_came(seed):
    own = workspace()
    ana = actor_of(person(own, "ana", role="rep"))
    keys = random.Random(seed).sample(KEYS, len(KEYS))
    with moment.standing_at(NOW):
        for key in keys:
            take(own, handed_over(key, "2026-03-12 09:00"), now=NOW)
        for key, rank in IMPORTANT.items():
            Lead.objects.of(own).filter(key=key).update(rank=rank)
        assert len({*Lead.objects.of(own).values_list("urgent_at", flat=True)}) == 1
        for size in (1, 2, 3, len(KEYS)):
            assert paged(ana, size) == wanted()
