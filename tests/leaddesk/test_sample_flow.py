"""The sample shows the flow from interest to sales: the desk itself scores, hands over, routes, nurtures."""

import json
from collections import Counter
from datetime import datetime, timedelta

import pytest

from leaddesk.book.models import (
    Contact,
    Enrolment,
    Fact,
    Handoff,
    Lead,
    Mailing,
    Notice,
    Suppression,
    Turn,
)
from leaddesk.sample import northwind, workspace
from leaddesk.sample.desks import WARSAW
from leadpact.clock import to_micros
from leadpact.facts import ENROLLED, SCORED
from tests.leaddesk import oracle

NOW = to_micros(datetime(2026, 11, 25, 10, 40, tzinfo=WARSAW))


@pytest.fixture(scope="module")
def own(django_db_setup, django_db_blocker):
    """The sample with a history of two weeks, told once for these tests and removed again."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(northwind, "HISTORY", timedelta(16))
        patch.setattr(northwind, "BY_DESK", timedelta(13))
        patch.setattr(northwind, "_add_oddities", lambda *_given: None)
        northwind._telling.cache_clear()
        made = workspace.made(NOW)
        workspace.tell(NOW)
        yield made
        workspace.remove()
        northwind._telling.cache_clear()


pytestmark = pytest.mark.django_db


def by_desk(own):
    return Handoff.objects.of(own).exclude(route="")


def test_the_desk_hands_over_with_its_reasons(own):
    given = by_desk(own).exclude(state="waiting")
    assert given.count() > 60
    assert {*given.values_list("trigger", flat=True)} >= {"mql", "consultation requested"}
    assert given.filter(grade="").count() == given.filter(packet="").count() == 0
    assert 0 < given.exclude(missing="").count() < given.count() / 4
    states = Counter(given.values_list("state", flat=True))
    assert {"accepted", "silent", "rejected", "returned"} <= states.keys()
    assert {*given.values_list("owner", flat=True)} == {"ana", "ben", "chai"}
    heard = Notice.objects.of(own).filter(kind="handed over")
    assert heard.count() >= given.count()
    assert not heard.filter(posted_at=None).exists()


def test_who_got_a_lead_is_explained_and_a_full_day_lets_one_wait(own):
    told = [json.loads(text) for text in by_desk(own).values_list("route", flat=True)]
    why = {one[1] for route in told for one in route.get("passed", ())}
    assert {"closed", "full", "leave"} <= why
    waits = Handoff.objects.of(own).filter(state="waiting")
    full = [json.loads(one.route)["passed"][0] for one in waits]
    assert ["chai", "full", "20 per day"] in [[one[0], one[1], one[3]] for one in full]
    assert all(one.retry_at > NOW for one in waits)
    assert Turn.objects.of(own).exists()


def test_disputes_are_open_and_settled(own):
    rows = Handoff.objects.of(own).exclude(dispute="")
    states = Counter(rows.values_list("dispute", flat=True))
    assert states["open"] >= 2
    assert states["upheld"]
    assert states["overturned"]
    assert {*rows.values_list("disputed_by", flat=True)} == {"jon"}
    again = by_desk(own).filter(pass_number=2, trigger="rejection overturned")
    assert again.exists()
    for one in again:
        before = Handoff.objects.of(own).get(lead=one.lead, pass_number=1)
        assert before.owner != one.owner


def test_what_came_back_is_nurtured_and_mailed(own):
    assert Handoff.objects.of(own).filter(state="returned", not_before__gt=NOW).exists()
    sent = Mailing.objects.of(own).filter(state="sent")
    assert sent.count() > 15
    assert not Mailing.objects.of(own).filter(state="waiting", due_at__lte=NOW - 4 * 86_400_000_000)
    opened = sent.exclude(opened_at=None)
    lets = Contact.objects.of(own).filter(tracking_consent=True).values("lead")
    assert opened.exists()
    assert not opened.exclude(lead__in=lets).exists()
    assert {*Suppression.objects.of(own).values_list("reason", flat=True)} >= {"by hand"}
    assert Enrolment.objects.of(own).filter(left_at=None, why__startswith="@by rule").exists()
    steps = Fact.objects.of(own).filter(kind=ENROLLED, source_id__startswith="mail ")
    assert steps.count() >= sent.count()


def test_a_score_was_changed_by_hand_and_counts(own):
    facts = Fact.objects.of(own).filter(kind=SCORED, system="northwind").order_by("id")
    told = [one for one in facts if json.loads(one.body).get("model") == "by hand"]
    assert told
    assert all(json.loads(one.body)["why"] for one in told)
    assert by_desk(own).filter(lead__in=[one.lead for one in told]).exists()


def test_nothing_is_left_to_be_looked_at(own):
    assert oracle.miscounted(own) == oracle.early(own) == []
    assert not Lead.objects.of(own).filter(wake_at__lte=NOW).exists()
    assert not Lead.objects.of(own).exclude(lease_until=None).exists()
