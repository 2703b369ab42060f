"""Contacts: the people behind leads. Their personal data is here, never in facts."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import StrictBool

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Key, Limit, Line, Page, Sent, Words, needs
from leaddesk.api.versions import tag, version_of
from leaddesk.book import contacts, erase, moment, queries

router = Router(tags=["contacts"])


class Contact(Schema):
    """The person behind a lead, and the key of their company."""

    lead: str
    company: Words
    name: Words
    email: Words
    phone: Words
    title: Words
    language: Words
    zone: Words
    mail_consent: Words
    tracking_consent: bool
    consent_source: Words
    consent_at: Instant | None
    consent_by: Words
    created_at: Instant
    erased_at: Instant | None
    version: int

    @staticmethod
    def resolve_company(row: Any) -> str | None:
        """A company goes by its key."""
        return row.company.key if row.company else None


class ContactChange(Sent):
    """What becomes of a contact; only what is sent changes.

    `mail_consent` is "no" for somebody who wants no mail of tracks, null where nobody asked; without
    `tracking_consent` nothing that they open or follow is counted. Who noted it, and when, is kept.
    """

    company: Line = None
    name: Line = None
    email: Line = None
    phone: Line = None
    title: Line = None
    language: Line = None
    zone: Line = None
    mail_consent: Literal["yes", "no"] | None = None
    tracking_consent: StrictBool = False
    consent_source: Line = None


class NewContact(ContactChange):
    """The person behind a lead; the lead itself arises by facts, before or after."""

    lead: Key


@router.get("/contacts", response=Page[Contact], **needs("read contacts"))
def list_contacts(
    request: HttpRequest, email: str = "", limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """All contacts, or those with one address, in the order of the keys of their leads."""
    return page(queries.contacts(request.auth, email), limit, cursor)


@router.post("/contacts", response={201: Contact}, **needs("keep contacts"))
def create_contact(request: HttpRequest, response: HttpResponse, given: NewContact) -> Status[Any]:
    """The person behind a lead; the company by its key, else by the domain of the address."""
    values = given.dict(exclude_unset=True, exclude={"lead"})
    contact = contacts.create_contact(request.auth, given.lead, values, moment.now())
    tag(response, contact.version)
    return Status(201, contact)


@router.get("/contacts/{path:lead}", response=Contact, **needs("read contacts"))
def one_contact(request: HttpRequest, response: HttpResponse, lead: str) -> Any:
    """The person behind a lead."""
    contact = queries.contact(request.auth, lead)
    tag(response, contact.version)
    return contact


@router.patch("/contacts/{path:lead}", response=Contact, **needs("keep contacts", versioned=True))
def change_contact(
    request: HttpRequest, response: HttpResponse, lead: str, changes: ContactChange
) -> Any:
    """A contact with other fields."""
    values, version = changes.dict(exclude_unset=True), version_of(request)
    contact = contacts.change_contact(request.auth, lead, values, moment.now(), version)
    tag(response, contact.version)
    return contact


@router.delete("/contacts/{path:lead}", response=Contact, **needs("erase"))
def erase_contact(request: HttpRequest, lead: str) -> Any:
    """The personal data of a contact erased for good; keys, times and counts stay."""
    return erase.erase_contact(request.auth, lead, moment.now())
