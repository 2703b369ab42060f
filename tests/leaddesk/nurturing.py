"""Nurture as its tests speak of it: a workspace that mails, people in a track, a server that takes it."""

import contextlib
from email import message_from_bytes, policy

from leaddesk.book import mailings
from leaddesk.book.access import Actor
from leaddesk.book.mailings import ToMail
from leaddesk.book.models import Contact, Enrolment, Mailing, Offer
from leaddesk.post import nurture_mail
from leaddesk.post.exchange import Reach
from tests.leaddesk import desk
from tests.leaddesk.desk import at, fact, take, workspace
from tests.leaddesk.letters import channel
from tests.leaddesk.test_channel_email import Mailbox, server

NOW = at("2026-03-12 10:00")
HERE = Reach(allow=("127.0.0.1",), seconds=2)
TRACK = """\
nurture:
  re-engage:
    steps:
      - {stage: awareness, send: guide, after: 1 day}
      - {stage: decision, send: offer, after: 1 day}
"""
TEXTS = {
    "en": {
        "subject": "A guide for {company|you}",
        "text": "Hello {first name|there},\n\nread https://northwind.example/guide",
    }
}
ADMIN = "root"


def nurturing(mailing="", **fields):
    """A workspace with a track that mails, and what the agreement says of mailing."""
    clause = f"mailing: {mailing}\n" if mailing else ""
    plain = {"nurtures_since": 1, "postal_address": "Northwind, 1 Quay, Warsaw"}
    own = workspace(desk.AGREEMENT + TRACK + clause, **(plain | fields))
    offer(own, "guide", TEXTS)
    return own


def admin(own):
    return Actor(own.pk, ADMIN, "admin")


def offer(own, key, texts):
    Offer.objects.of(own).create(workspace=own, key=key, texts=texts, changed_at=1)


def enrolled(own, lead="L-1", when="2026-03-10 10:00", **person):
    """Somebody in the track; the key of the enrolment."""
    take(own, fact(lead, "created", when, type="demo"), now=NOW)
    plain = {"name": "Noor Bakker", "email": "noor@example.com", "created_at": NOW}
    Contact.objects.of(own).update_or_create(workspace=own, lead=lead, defaults=plain | person)
    row, _new = Enrolment.objects.of(own).update_or_create(
        workspace=own,
        lead=lead,
        fact=f"e-{lead}",
        defaults={"track": "re-engage", "entered_at": NOW},
    )
    return row.fact


def queue(own, lead="L-1", step=0, key="guide", when=NOW, **person):
    """The mail of a step for somebody in the track."""
    enrolment = enrolled(own, lead, **person)
    mailings.queue(own.pk, [ToMail(lead, "re-engage", step, key, enrolment, when)], when)
    return Mailing.objects.of(own).get(lead=lead, enrolment=enrolment, step=step)


@contextlib.contextmanager
def post_office(own, key="email", **said):
    """A real server that takes the mail of a workspace, or answers as it is told."""
    box = Mailbox(**said)
    with server(box) as port:
        plain = {
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "sender": "desk@desk.example",
        }
        channel(own, key=key, settings=plain)
        yield box


def send(now=NOW):
    return nurture_mail.send_due(now, HERE)


def opened(box):
    return [message_from_bytes(mail, policy=policy.default) for mail in box.mails]


def states(own):
    return [*Mailing.objects.of(own).order_by("pk").values_list("state", "why")]
