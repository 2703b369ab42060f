"""Health: what waits and for how long; probes and metrics read it from the database."""

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from leaddesk.book import health, moment
from leaddesk.book.health import Dwell, Worker
from leaddesk.book.models import Channel, Delivery, Installation, Lead, Notice, Pulse
from tests.leaddesk.desk import at, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-31 18:00")
SECOND = moment.SECOND


def delivery(own, number, **fields):
    channel, _new = Channel.objects.of(own).get_or_create(
        workspace=own, key="mail", defaults={"kind": "email", "name": "Mail", "created_at": NOW}
    )
    usual = {"kind": "broken", "body": "{}", "cause_at": NOW, "created_at": NOW, "next_at": NOW}
    return Delivery.objects.of(own).create(
        workspace=own, key=f"k{number}", channel=channel, **(usual | fields)
    )


def notice(own, number, **fields):
    usual = {"kind": "broken", "lead": "L-1", "body": "{}", "cause_at": NOW, "created_at": NOW}
    return Notice.objects.of(own).create(workspace=own, key=f"n{number}", **(usual | fields))


def test_an_empty_desk_has_nothing_to_tell():
    found = health.health(NOW)
    assert (found.workers, found.worker_seen_at, found.oldest_wake_at) == ((), None, None)
    assert found.noticed == found.sent == Dwell(0, None, None)
    assert (found.unsent, found.dead, found.held, found.unposted, found.wakes) == (0, 0, 0, 0, 0)
    assert found.database.startswith("SQLite" if connection.vendor == "sqlite" else "PostgreSQL")
    assert found.zone_data[:4].isdigit()


def test_it_names_workers_and_what_is_held():
    Pulse.objects.create(worker="a", started_at=NOW - 9, seen_at=NOW - 2, woken=3, sent=1)
    Pulse.objects.create(worker="b", started_at=NOW - 8, seen_at=NOW - 5)
    Installation.objects.update_or_create(
        pk=1, defaults={"created_at": 1, "held_since": NOW - 7, "backup_at": NOW - 3}
    )
    found = health.health(NOW)
    assert found.workers == (
        Worker("a", NOW - 9, NOW - 2, 3, 1),
        Worker("b", NOW - 8, NOW - 5, 0, 0),
    )
    assert (found.worker_seen_at, found.held_since, found.backup_at) == (NOW - 2, NOW - 7, NOW - 3)


def test_a_lead_whose_time_has_come_waits_for_a_worker():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    wake = Lead.objects.of(own).get().wake_at
    assert health.health(wake - 1).oldest_wake_at is None
    found = health.health(wake)
    assert (found.oldest_wake_at, found.wakes) == (wake, 1)


def test_what_was_not_sent_is_counted_with_its_age():
    own, other = workspace(), workspace()
    delivery(own, 1, created_at=NOW - 5, state="pending", next_at=NOW + 60 * SECOND)
    delivery(other, 2, created_at=NOW - 9, state="leased")
    delivery(own, 3, created_at=NOW - 20, state="dead")
    delivery(own, 4, created_at=NOW - 30, state="held")
    delivery(own, 5, created_at=NOW - 40, state="skipped")
    notice(own, 1, created_at=NOW - 4)
    found = health.health(NOW)
    assert (found.oldest_unsent_at, found.unsent, found.dead, found.held) == (NOW - 9, 2, 1, 1)
    assert (found.oldest_unposted_at, found.unposted) == (NOW - 4, 1)


def test_dwell_is_the_nearest_rank_of_the_last_thousand():
    own = workspace()
    for number in range(1, 101):
        notice(own, number, cause_at=NOW, created_at=NOW + number, posted_at=NOW + number + 1)
    notice(own, 101, cause_at=NOW, created_at=NOW + 10**9, posted_at=NOW + 10**9)  # history
    assert health.health(NOW).noticed == Dwell(100, 50, 99)


def test_a_message_is_due_when_it_was_planned_for_and_late_when_it_was_tried_again():
    own = workspace()
    done = {"state": "done", "cause_at": NOW}
    # Quiet hours: it was due a minute later, and went out two seconds after that.
    delivery(own, 1, attempts=1, next_at=NOW + 60 * SECOND, done_at=NOW + 62 * SECOND, **done)
    assert health.health(NOW).sent == Dwell(1, 2 * SECOND, 2 * SECOND)
    # Tried again: the second try was planned, the message was due all along.
    delivery(own, 2, attempts=2, next_at=NOW + 30 * SECOND, done_at=NOW + 31 * SECOND, **done)
    assert health.health(NOW).sent == Dwell(2, 2 * SECOND, 31 * SECOND)


def test_probes_need_no_host_name():
    client = Client(headers={"host": "10.0.0.7:8000"})
    for path in ("/healthz", "/healthz/ready"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"live": True, "ready": True})
    assert client.get("/healthz/live").json() == {"live": True}


def scraped(**told):
    answer = Client(**told).get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_metrics_are_the_figures_of_the_database():
    own = workspace()
    with moment.standing_at(NOW):
        delivery(own, 1, created_at=NOW - 90 * SECOND)
        delivery(own, 2, state="dead")
        delivery(own, 3, state="done", attempts=1, done_at=NOW + 250_000)
        found = scraped()
    assert found["leaddesk_oldest_unsent_age_seconds",] == 90
    assert found["leaddesk_deliveries_dead",] == 1
    assert found["leaddesk_delivery_dwell_seconds", "0.99"] == 0.25
    assert ("leaddesk_backup_age_seconds",) not in found


def test_requests_are_counted_by_process():
    before = {k: v for k, v in scraped().items() if k[0] == "leaddesk_requests_total"}
    Client().get("/no-such-page")
    after = {k: v for k, v in scraped().items() if k[0] == "leaddesk_requests_total"}
    assert sum(after.values()) == sum(before.values()) + 1
    assert {len(key) for key in after} == {4}  # name, process, method, status


@pytest.mark.parametrize(
    "told, status",
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "192.0.2.7"}, 404),
        ({"REMOTE_ADDR": ""}, 404),
        ({"headers": {"X-Forwarded-For": "192.0.2.7"}}, 404),  # a proxy on this machine
    ],
)
def test_without_a_token_metrics_stay_on_this_machine(told, status):
    assert Client(**told).get("/metrics").status_code == status


@pytest.mark.parametrize(
    "given, status",
    [("Bearer right-token", 200), ("Bearer wrong", 404), ("", 404), ("Bearer é", 404)],
)
def test_with_a_token_only_its_holder_scrapes(settings, given, status):
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, metrics_token="right-token")
    answer = Client(REMOTE_ADDR="192.0.2.7").get("/metrics", HTTP_AUTHORIZATION=given)
    assert answer.status_code == status
