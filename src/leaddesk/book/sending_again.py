"""Sending again: a mail of a track that was given up, once what kept it from going is mended."""

from django.utils.translation import gettext as _

from leaddesk.book import audit, database, mailing_lists, mailings, suppressions
from leaddesk.book.access import Actor
from leaddesk.book.models import Contact, Lead, Mailing
from leaddesk.book.refusal import refused

RIGHT = "enrol leads"


def may_be(mailing: Mailing) -> bool:
    """Whether a mail was given up, and its address isn't the reason."""
    return mailing.state == Mailing.State.FAILED and mailing.bounced_at is None


def send_again(actor: Actor, message_id: str, now: int) -> Mailing:
    """Queue a mail that was given up once more, under its Message-ID. What keeps it from its receiver
    refuses it; how often and when they get mail is looked at when it goes out.

    Raises `Refused`, `Forbidden`, `Absent`.
    """
    actor.must(RIGHT)

    def queue() -> Mailing:
        mailing = mailing_lists.one(actor, message_id)
        if not may_be(mailing):
            said = _("This mail wasn't given up.")
            raise refused("", said, _("Reload the page to see where it is."))
        if why := _kept_back(mailing, now):
            said = _("This mail can't be sent again: %(why)s.") % {"why": _(why)}
            raise refused("", said, _("Mend that first."))
        own = Mailing.objects.of(actor.workspace_id).filter(pk=mailing.pk, state=mailing.state)
        own.update(
            state=Mailing.State.WAITING, why=mailings.ASKED, try_at=now, tries=0, lease_until=None
        )
        told = actor.note("sent a mail again", f"lead {mailing.lead}", offer=mailing.offer)
        audit.note(actor.workspace_id, [told], now)
        return mailing

    return database.in_transaction(queue)


def _kept_back(mailing: Mailing, now: int) -> str:
    """Why it may not go out as things are; empty where it may."""
    contact = Contact.objects.of(mailing.workspace_id).filter(lead=mailing.lead).first()
    lead = Lead.objects.of(mailing.workspace_id).filter(key=mailing.lead).first()
    digest = suppressions.digest_of(contact.email) if contact else ""
    return mailings.barred(mailing, contact, lead) or mailings.repeated(mailing, digest, now)
