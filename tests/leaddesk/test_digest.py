"""The daily digest: at the hour of each person, once, and only where there is something to tell."""

import json
import threading
from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leaddesk.book import outbox, wake
from leaddesk.book.access import Actor
from leaddesk.book.models import Delivery, Installation, Leave, Person
from leaddesk.book.moment import MINUTE
from leaddesk.book.rules import changed
from leaddesk.post import digest, wishes
from leaddesk.post.wording import worded
from tests.leaddesk.desk import AGREEMENT, at, handed_over, person, take, workspace
from tests.leaddesk.letters import channel
from tests.leaddesk.tongues import spoken_alone

pytestmark = pytest.mark.django_db(transaction=True)
MORNING = at("2026-03-12 08:30")  # a Thursday


def owing(**ana):
    """A workspace where Ana missed a lead on Wednesday and another one is due on Thursday."""
    own = workspace(AGREEMENT.replace(", {at: 150%, reassign: yes}", ""))
    channel(own)
    person(own, "ana", **({"email": "ana@example.com"} | ana))
    take(own, handed_over("L-1", "2026-03-11 09:00"), now=at("2026-03-11 09:01"))
    take(own, handed_over("L-2", "2026-03-11 16:00"), now=at("2026-03-11 16:01"))
    while wake.woken(at("2026-03-12 08:00")):
        pass
    return own


def digests(own):
    rows = Delivery.objects.of(own).filter(kind="digest").order_by("pk")
    return [*rows.values_list("to", "state", "next_at", "why")]


def figures(own, to="ana"):
    told = json.loads(Delivery.objects.of(own).filter(kind="digest", to=to).last().body)
    return {name: told.get(name) for name in ("broken", "at_risk", "today", "open")}


def test_it_comes_at_half_past_eight_and_once():
    own = owing()
    assert digest.plan(MORNING - 1) == 0
    assert digest.plan(MORNING) == 1
    assert digests(own) == [("ana", "pending", MORNING, "")]
    assert figures(own) == {"broken": 1, "at_risk": 0, "today": 1, "open": 1}
    for later in (MORNING, MORNING + 1, MORNING + 60 * MINUTE, at("2026-03-12 23:59")):
        assert digest.plan(later) == 0


def test_it_says_what_it_counts_in_the_zone_of_its_reader(settings, tmp_path):
    spoken_alone(settings, tmp_path, "fr", {})
    owing(zone="Europe/London", language="fr")
    assert digest.plan(MORNING) == 0
    assert digest.plan(MORNING + 60 * MINUTE) == 1
    (claimed,) = outbox.claim(MORNING + 60 * MINUTE, 1)
    message = worded(claimed)
    assert message.to == "ana@example.com"
    assert message.type == "digest.daily"
    assert "Missed since your last digest: 1\nDue today: 1\nOpen in all: 1\n" in message.text
    assert "Soon due" not in message.text
    assert "Times are those of Europe/London." in message.text
    assert '<html lang="fr" dir="ltr">' in message.html


def test_after_a_restart_it_isnt_made_twice_whatever_became_of_it():
    own = owing()
    digest.plan(MORNING)
    (claimed,) = outbox.claim(MORNING, 1)
    outbox.done(claimed, MORNING, "", "ok")
    assert digest.plan(MORNING + MINUTE) == 0
    Delivery.objects.of(own).update(state="dead")
    assert digest.plan(MORNING + MINUTE) == 0


def test_two_workers_make_one():
    own = owing()
    ready = threading.Barrier(3)

    def work():
        try:
            ready.wait()
            digest.plan(MORNING)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digests(own) == [("ana", "pending", MORNING, "")]


def test_whoever_moves_to_another_zone_gets_no_second_one_on_the_same_day():
    own = owing()
    digest.plan(MORNING)
    ana = Delivery.objects.of(own).get()
    Person.objects.of(own).filter(key="ana").update(zone="America/New_York")
    assert digest.plan(at("2026-03-12 13:30")) == 0
    assert [*Delivery.objects.of(own)] == [ana]


def test_an_empty_day_is_told_to_nobody_also_when_something_turns_up_later():
    own = owing()
    person(own, "ben", email="ben@example.com")
    digest.plan(MORNING)
    assert digests(own)[1:] == [("ben", "skipped", MORNING, "nothing to tell")]
    take(own, handed_over("L-3", "2026-03-12 09:00", owner="ben"), now=at("2026-03-12 09:01"))
    assert digest.plan(at("2026-03-12 09:02")) == 0


def test_on_days_off_there_is_none_and_the_next_one_tells_what_was_missed():
    own = owing()
    take(own, handed_over("L-3", "2026-03-13 09:00"), now=at("2026-03-13 09:01"))
    while wake.woken(at("2026-03-13 14:01")):
        pass
    for day in ("2026-03-14", "2026-03-15"):
        digest.plan(at(f"{day} 08:30"))
    digest.plan(at("2026-03-16 08:30"))
    assert [(one[1], one[3]) for one in digests(own)] == [
        ("skipped", "a day off"),
        ("skipped", "a day off"),
        ("pending", ""),
    ]
    assert (
        figures(own)["broken"] == 1
    )  # of Friday afternoon; what fell due on Thursday was told on Friday


def test_whoever_is_on_leave_gets_none():
    own = owing()
    Leave.objects.of(own).create(workspace=own, person="ana", first="2026-03-12", last="2026-03-12")
    changed(own.pk)
    digest.plan(MORNING)
    assert digests(own) == [("ana", "skipped", MORNING, "a day off")]


def test_everybody_has_an_hour_of_their_own_and_leads_see_all():
    own = owing(digest_at=time(10))
    person(own, "sue", role="sales lead", email="sue@example.com")
    assert digest.plan(MORNING) == 0
    assert digest.plan(at("2026-03-12 08:45")) == 1
    assert figures(own, "sue") == {"broken": 1, "at_risk": 0, "today": 1, "open": 1}
    assert digest.plan(at("2026-03-12 10:00")) == 1
    assert [one[0] for one in digests(own)] == ["sue", "ana"]


def test_an_hour_before_midnight_may_be_kept_after_it():
    own = owing(digest_at=time(23, 30))
    person(own, "ben")
    assert digest.plan(at("2026-03-13 00:10")) == 1
    assert json.loads(Delivery.objects.of(own).get().body)["day"] == "2026-03-12"


def test_after_a_long_downtime_the_day_has_moved_on():
    own = owing()
    assert digest.plan(MORNING + digest.LATEST - 1) == 1
    Delivery.objects.of(own).delete()
    assert digest.plan(MORNING + digest.LATEST) == 0


def test_who_muted_it_or_came_later_or_has_no_address_gets_none():
    own = owing()
    wishes.mute(Actor(own.pk, "ana", "rep"), at("2026-03-12 09:00"), MORNING - 1, "digest")
    person(own, "new", email="new@example.com", created_at=MORNING + 1)
    person(own, "mute")
    digest.plan(MORNING + 2)
    assert digests(own) == [("ana", "skipped", MORNING + 2, "muted by its receiver")]


def test_a_channel_that_was_set_up_at_ten_begins_with_the_next_day():
    own = workspace()
    person(own, "ana", email="ana@example.com")
    channel(own, created_at=MORNING + 1)
    assert digest.plan(MORNING + 2) == 0
    assert digest.plan(at("2026-03-13 08:30")) == 1


def test_nothing_is_made_while_the_outbox_is_held():
    owing()
    Installation.objects.create(pk=1, created_at=1, held_since=MORNING)
    assert digest.plan(MORNING) == 0


def test_a_look_at_a_quiet_desk_writes_nothing_and_costs_few_queries():
    own = owing()
    for n in range(30):
        person(own, f"rep{n}", email=f"rep{n}@example.com")
    digest.plan(MORNING)
    with CaptureQueriesContext(connection) as queries:
        digest.plan(MORNING + MINUTE)
    assert len(queries) <= 8
    assert all(one["sql"].startswith("SELECT") for one in queries)
