"""Erase: a person's data leaves the registers; keys, times and counts stay.

The log holds no personal data, so nothing that was judged changes.
"""

from leaddesk.book import audit, database, imports
from leaddesk.book.access import Actor
from leaddesk.book.contacts import PERSONAL
from leaddesk.book.models import Answer, Contact, Lead, Merge
from leaddesk.book.registers import found


def erase_contact(actor: Actor, lead: str, now: int) -> Contact:
    """The contact of a lead without personal data, for good. Raises `Forbidden`, `Absent`.

    Answers that were kept to be given again go with it, as they may repeat the data, and so do rows
    of files that were imported.
    """
    actor.must("erase")

    def erase() -> Contact:
        contact: Contact = found(Contact, actor.workspace_id, "contact of", lead=lead)
        if contact.erased_at is not None:
            return contact
        _forget_answers(contact)
        imports.forget_lead(actor.workspace_id, lead)
        for name in PERSONAL:
            setattr(contact, name, "")
        contact.company = None
        contact.erased_at = now
        contact.version += 1
        contact.save()
        note = actor.note("erased contact", f"lead {lead}")
        audit.note(actor.workspace_id, [note], now)
        return contact

    return database.in_transaction(erase)


def _forget_answers(contact: Contact) -> None:
    """Delete the answers that tell of the lead, or hold the address or the number."""
    answers = Answer.objects.of(contact.workspace_id)
    for text in (contact.lead, contact.email, contact.phone):
        if text:
            answers.filter(body__contains=text).delete()
