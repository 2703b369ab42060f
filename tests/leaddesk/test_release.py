"""Release: what was held since a restore is sent or dropped, the same way through every door."""

import json

import pytest

from leaddesk.book import outbox
from leaddesk.book.access import Actor
from leaddesk.book.models import Delivery, Due, Entry, Installation, Lead, Notice
from leaddesk.book.moment import MINUTE
from leaddesk.post import digest, planning
from leaddesk.post.release import Released, release, release_own
from tests.leaddesk.desk import at, handed_over, person, take, workspace
from tests.leaddesk.letters import channel

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 14:30")
ADMIN = {"person": "kim", "role": "admin"}


def held(own, *states, since=NOW):
    """A desk that was restored with these deliveries, and a notice that waits."""
    hook = channel(own, "webhook")
    plain = {"kind": "broken", "body": "{}", "cause_at": NOW, "created_at": NOW, "next_at": NOW}
    for n, state in enumerate(states):
        Delivery.objects.of(own).create(
            workspace=own, channel=hook, key=f"d{n}", state=state, **plain
        )
    Notice.objects.of(own).create(
        workspace=own, key="n", kind="broken", lead="L", body="{}", cause_at=NOW, created_at=NOW
    )
    Installation.objects.create(pk=1, created_at=1, held_since=since)


def test_nothing_leaves_while_the_outbox_is_held_and_everything_once_it_is_released():
    own = workspace()
    held(own, "held", "pending", "done")
    assert outbox.claim(NOW, 9) == []
    assert release(NOW + 1) == Released(1, 1, dropped=False)
    assert sorted(one.delivery.key for one in outbox.claim(NOW + 1, 9)) == ["d0", "d1"]
    assert Notice.objects.of(own).get().posted_at is None


def test_what_was_held_can_be_dropped_with_the_notices_that_waited():
    own = workspace()
    held(own, "held", "done")
    assert release(NOW + 1, drop=True) == Released(1, 1, dropped=True)
    assert outbox.claim(NOW + 1, 9) == []
    rows = Delivery.objects.of(own).order_by("pk")
    assert [*rows.values_list("key", "state")] == [("d0", "skipped"), ("d1", "done")]
    assert Notice.objects.of(own).get().posted_at == NOW + 1


@pytest.mark.parametrize("door", [release, release_own])
def test_what_is_dropped_is_ruled_and_changes_hands_through_every_door(door):
    own = workspace()
    for key in ("ana", "ben"):
        person(own, key, email=f"{key}@example.com")
    channel(own)
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    Installation.objects.create(pk=1, created_at=1, held_since=at("2026-03-12 09:02"))
    late = at("2026-03-13 12:00")
    who = [Actor(own.pk, "kim", "admin")] if door is release_own else []
    door(*who, late, drop=True)
    assert Due.objects.of(own).get().verdict == "broken"
    assert Lead.objects.of(own).get().owner == "ben"
    assert planning.plan(late + 1) == 0
    assert not Notice.objects.of(own).filter(posted_at=None).exists()
    assert not Delivery.objects.of(own).filter(state__in=("pending", "held")).exists()
    entry = Entry.objects.of(own).get(act="dropped what was held")
    assert (entry.actor, json.loads(entry.detail)["deliveries"]) == (
        ("kim", 0) if who else ("operator", 0)
    )


@pytest.mark.parametrize("drop", [True, False])
def test_the_digest_of_the_hour_that_passed_is_dropped_too_and_the_next_one_comes(drop):
    own = workspace()
    person(own, "ana", email="ana@example.com")
    channel(own)
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    Installation.objects.create(pk=1, created_at=1, held_since=at("2026-03-12 09:20"))
    release(at("2026-03-12 09:30"), drop=drop)
    digest.plan(at("2026-03-12 09:30") + MINUTE)
    states = Delivery.objects.of(own).filter(kind="digest").values_list("state", "why")
    assert [*states] == ([("skipped", "dropped after a restore")] if drop else [("pending", "")])
    assert digest.plan(at("2026-03-13 08:30")) == 1
