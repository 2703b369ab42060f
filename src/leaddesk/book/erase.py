"""Erase: a person's data leaves the registers; keys, times and counts stay.

The log holds no personal data, so nothing that was judged changes.
"""

from django.db.models import Q

from leaddesk.book import audit, database, imports, suppressions
from leaddesk.book.access import Actor
from leaddesk.book.contacts import PERSONAL
from leaddesk.book.models import Answer, Contact, Lead, Merge, Note, Reminder
from leaddesk.book.registers import found


def erase_contact(actor: Actor, lead: str, now: int) -> Contact:
    """The contact of a lead without personal data, for good. Raises `Forbidden`, `Absent`.

    Answers that were kept to be given again go with it, as they may repeat the data, and so do rows
    of files that were imported; and the contacts of leads that were merged with this one, who are
    the same person.
    """
    actor.must("erase")

    def erase() -> Contact:
        contact: Contact = found(Contact, actor.workspace_id, "contact of", lead=lead)
        _erase(actor, contact, now)
        merged = Contact.objects.of(actor.workspace_id).filter(lead__in=_merged(contact) - {lead})
        for other in merged.order_by("lead"):
            _erase(actor, other, now)
        return contact

    return database.in_transaction(erase)


def _erase(actor: Actor, contact: Contact, now: int) -> None:
    for written in (Note, Reminder):
        written.objects.of(actor.workspace_id).filter(lead=contact.lead).delete()
    if contact.erased_at is not None:
        return
    _forget_answers(contact)
    imports.forget_lead(actor.workspace_id, contact.lead)
    suppressions.forget_address(actor.workspace_id, contact.email)
    for name in PERSONAL:
        setattr(contact, name, "")
    contact.company = None
    contact.consent_source = ""
    contact.erased_at = now
    contact.version += 1
    contact.save()
    of_leads = Merge.objects.of(actor.workspace_id).filter(is_of_companies=False)
    of_leads.filter(Q(gone=contact.lead) | Q(stays=contact.lead)).update(kept={})
    note = actor.note("erased contact", f"lead {contact.lead}")
    audit.note(actor.workspace_id, [note], now)


def _merged(contact: Contact) -> set[str]:
    """The leads that are one with that of a contact, by merges that stand."""
    found = {contact.lead}
    while True:
        rows = Lead.objects.of(contact.workspace_id).exclude(into="")
        pairs = rows.filter(Q(into__in=found) | Q(key__in=found)).values_list("key", "into")
        more = {key for pair in pairs for key in pair} - found
        if not more:
            return found
        found |= more


def _forget_answers(contact: Contact) -> None:
    """Delete the answers that tell of the lead, or hold the address or the number."""
    answers = Answer.objects.of(contact.workspace_id)
    for text in (contact.lead, contact.email, contact.phone):
        if text:
            answers.filter(body__contains=text).delete()
