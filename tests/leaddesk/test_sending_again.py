"""Sending again: what a lead missed while it was out of its track, and what was given up."""

import json

import pytest

from leaddesk.book import mailings, sending_again, suppressions
from leaddesk.book.access import Actor
from leaddesk.book.mailings import ToMail
from leaddesk.book.models import Channel, Contact, Enrolment, Entry, Fact, Mailing, Offer
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.refusal import Absent, Forbidden, Refused
from leadpact.facts import CORRECTED, ENROLLED
from tests.leaddesk.desk import AGREEMENT, at, fact, handed_over, person, take, workspace
from tests.leaddesk.nurturing import NOW, TEXTS, admin, nurturing, post_office, queue, send, states

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("clause", "days", "state"),
    [
        ("", 7, ("sent", "")),
        ("", 8, ("left out", mailings.TOO_LATE)),
        ("{catch up within: 2 days}", 2, ("sent", "")),
        ("{catch up within: 2 days}", 3, ("left out", mailings.TOO_LATE)),
    ],
)
def test_what_a_lead_missed_goes_out_unless_it_is_too_late(clause, days, state):
    own = nurturing(clause)
    queue(own)
    Enrolment.objects.of(own).update(left_at=2)
    with post_office(own):
        send()
        assert states(own) == [("left out", mailings.LEFT)]
        Enrolment.objects.of(own).update(left_at=None)
        back = NOW + days * DAY
        mailings.queue(own.pk, [ToMail("L-1", "re-engage", 0, "guide", "e-L-1", NOW)], back)
        send(back)
    assert states(own) == [state]
    assert len(told(own, ENROLLED)) == 1  # the track goes on either way


def told(own, kind):
    rows = Fact.objects.of(own).filter(kind=kind).order_by("id")
    return [json.loads(body) for body in rows.values_list("body", flat=True)]


LEAVING = """\
handoff: {when: mql, return: {after: 7 attempts without answer, to: re-engage}}
nurture:
  re-engage:
    steps:
      - {stage: awareness, send: guide, after: 1 day}
      - {stage: decision, send: offer, after: 2 days}
    leave when: [mql, replied]
"""


def due(own):
    """The mail of the first step of somebody who was enrolled by hand; it is due."""
    began = at("2026-03-11 10:00")
    take(own, fact("L-1", "created", "2026-03-11 09:00"), now=began)
    plain = {"name": "Noor", "email": "noor@example.com", "created_at": 1}
    Contact.objects.of(own).create(workspace=own, lead="L-1", **plain)
    entry = fact("L-1", "enrolled", "2026-03-11 10:00", track="re-engage", why="x")
    take(own, entry | {"source_id": "in", "system": "desk"}, now=began)
    take(own, fact("L-1", "described", "2026-03-12 10:00", industry="food"), now=NOW)
    return Mailing.objects.of(own).get()


def test_leaving_that_is_taken_back_sends_what_was_left_out():
    own = workspace(AGREEMENT + LEAVING, nurtures_since=1, postal_address="1 Quay")
    Offer.objects.of(own).create(workspace=own, key="guide", texts=TEXTS, changed_at=1)
    due(own)
    moved = fact("L-1", "moved", "2026-03-12 10:01", to="mql") | {"source_id": "m"}
    take(own, moved, now=NOW + MINUTE)
    with post_office(own) as box:
        send(NOW + 2 * MINUTE)
        assert states(own) == [("left out", mailings.LEFT)]
        back = fact("L-1", "corrected", "2026-03-12 12:00", fact="m")
        take(own, back, now=NOW + 120 * MINUTE)
        assert states(own) == [("waiting", mailings.BACK)]
        send(NOW + 121 * MINUTE)
    assert (len(box.mails), states(own)) == (1, [("sent", "")])
    (row,) = Enrolment.objects.of(own)
    assert (row.left_at, row.step) == (None, 1)
    take(own, moved | {"source_id": "n", "occurred_at": "2026-03-13 10:00"}, now=NOW + DAY)
    (row,) = Enrolment.objects.of(own)
    assert (row.left_at, row.left_why) == (at("2026-03-13 10:00"), "mql")
    assert [one.get("left") for one in told(own, ENROLLED)].count("yes") == 2


def given_up(own):
    """A mail that its server refused for good."""
    row = due(own)
    with post_office(own, key="bad", data="554 no"):
        send()
    row.refresh_from_db()
    assert (row.state, row.why) == ("failed", mailings.NOT_TAKEN)
    return row


def again(own, row, actor=None, now=NOW + MINUTE):
    return sending_again.send_again(actor or admin(own), row.message_id, now)


def test_what_was_given_up_is_sent_again_and_the_story_says_so_once():
    own = nurturing()
    row = given_up(own)
    again(own, row)
    with pytest.raises(Refused, match="given up"):
        again(own, row)
    Channel.objects.of(own).delete()
    with post_office(own) as box:
        send(NOW + MINUTE)
    assert len(box.mails) == 1
    row.refresh_from_db()
    assert (row.state, row.why, row.tries) == ("sent", "", 1)
    _entry, before, after = told(own, ENROLLED)
    assert (before["why"], "reason" in after) == (mailings.NOT_TAKEN, False)
    assert [one["why"] for one in told(own, CORRECTED)] == ["sent after all"]
    assert Entry.objects.of(own).filter(act="sent a mail again").count() == 1


@pytest.mark.parametrize("guard", ["suppressed", "no consent", "left"])
def test_what_keeps_a_mail_back_refuses_it(guard):
    own = nurturing()
    row = given_up(own)
    if guard == "suppressed":
        suppressions.suppress(own.pk, "noor@example.com", suppressions.COMPLAINED, now=NOW)
    elif guard == "no consent":
        Contact.objects.of(own).update(mail_consent="no")
    else:
        Enrolment.objects.of(own).update(left_at=2, left_why="mql")
    with pytest.raises(Refused):
        again(own, row)
    assert states(own) == [("failed", mailings.NOT_TAKEN)]


def test_the_cap_is_looked_at_when_it_goes_out():
    own = nurturing("{at most: 1 per week}")
    row = given_up(own)
    Mailing.objects.of(own).create(
        workspace=own,
        lead="L-2",
        step=0,
        offer="other",
        due_at=1,
        state="sent",
        sent_at=NOW,
        address=suppressions.digest_of("noor@example.com"),
    )
    again(own, row)
    with post_office(own) as box:
        send(NOW + MINUTE)
    row.refresh_from_db()
    assert (box.mails, row.state, row.try_at) == ([], "waiting", NOW + 7 * DAY)


def test_it_takes_the_right_and_the_lead_in_sight():
    own = nurturing()
    row = given_up(own)
    with pytest.raises(Forbidden):
        again(own, row, Actor(own.pk, "vic", "viewer"))
    person(own, "ana", team="inbound")
    person(own, "ben", team="outbound")
    take(own, handed_over("L-1", "2026-03-12 09:00", owner="ana"), now=NOW)
    with pytest.raises(Absent):
        again(own, row, Actor(own.pk, "ben", "rep"))
