"""Problems: each is shown with what mends it, and is gone once it is mended."""

import pytest

from leaddesk.book import moment
from leaddesk.book.models import Channel, Delivery, Person, Pulse
from tests.leaddesk.desk import handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, send, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def awake():
    Pulse.objects.create(worker="w", started_at=NOW, seen_at=NOW)


def dead(own, key="dlv_1"):
    channel, _new = Channel.objects.of(own).get_or_create(
        key="chn_1",
        defaults={"workspace": own, "kind": "email", "name": "Mail", "created_at": NOW},
    )
    return Delivery.objects.of(own).create(
        workspace=own,
        key=key,
        channel=channel,
        kind="broken",
        to="mia",
        lead="L-1",
        body="{}",
        state="dead",
        why="550 no such user",
        cause_at=NOW,
        created_at=NOW,
        next_at=NOW,
    )


def test_nothing_is_to_be_mended(visitor, own, awake):
    assert "Nothing is to be mended" in text_of(visitor.get("/troubles"))


def test_a_worker_that_is_missing_and_an_agreement_that_is(mia, visitor):
    page = text_of(visitor.get("/troubles"))
    assert "No worker is running" in page
    assert "No agreement is in force" not in page


def test_a_message_that_was_given_up_is_sent_again(visitor, own, awake):
    delivery = dead(own)
    assert "550 no such user" in text_of(visitor.get("/troubles"))
    answer = send(visitor, "/troubles/send", "/troubles", delivery=delivery.key)
    assert answer.status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == "pending"
    assert "1 message is sent again." in text_of(visitor.get("/troubles"))


def test_all_that_were_given_up_are_sent_again_at_once(visitor, own, awake):
    for number in range(3):
        dead(own, f"dlv_{number}")
    send(visitor, "/troubles/send", "/troubles")
    assert Delivery.objects.of(own).filter(state="dead").count() == 0


def test_leads_of_somebody_who_left(visitor, own, awake):
    person(own, "ana")
    take(own, handed_over("L-1", "2026-03-12 08:30"), now=moment.now())
    assert "Nothing is to be mended" in text_of(visitor.get("/troubles"))
    Person.objects.of(own).filter(key="ana").update(is_active=False)
    assert "Reassign 1 lead" in text_of(visitor.get("/troubles"))


def test_a_message_of_another_workspace_stays_as_it_is(visitor, own, awake):
    other = workspace(name="Other")
    delivery = dead(other, "dlv_other")
    send(visitor, "/troubles/send", "/troubles", delivery=delivery.key)
    delivery.refresh_from_db()
    assert delivery.state == "dead"
    assert "dlv_other" not in visitor.get("/troubles").text


@pytest.mark.parametrize("role, status", [("rep", 403), ("auditor", 200), ("marketer", 403)])
def test_who_sees_what_was_sent(visitor, mia, own, role, status):
    person(own, "eva", role="admin")
    Person.objects.of(own).filter(key="mia").update(role=role)
    assert visitor.get("/troubles").status_code == status
    if role == "auditor":
        delivery = dead(own)
        assert send(visitor, "/troubles/send", "/", delivery=delivery.key).status_code == 403
