"""Contacts: the companies and the people behind leads, in registers beside the log."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.access import Actor, seen
from leaddesk.book.domains import domains_of, is_a_companys
from leaddesk.book.fields import (
    Field,
    Unfit,
    plain_text,
    read_country,
    read_domain,
    read_email,
    read_flag,
    read_one_of,
    read_text,
    read_zone,
    taken_fields,
)
from leaddesk.book.models import Company, Contact, Lead
from leaddesk.book.refusal import Absent, Stale, refused
from leaddesk.book.registers import changed_fields, created, found


def _own_domain(value: Any) -> str:
    domain = read_domain(value)
    if domain and not is_a_companys(domain):
        said = _("'{domain}' belongs to no one company.").format(domain=domain)
        raise Unfit(said, _("Leave it empty, or write the company's own domain."))
    return domain


COMPANY = {
    "key": Field(read_text(200), is_needed=True),
    "name": Field(read_text(300), is_needed=True),
    "domain": Field(_own_domain),
    "country": Field(read_country),
}
CONTACT = {
    "company": Field(read_text(200)),
    "name": Field(read_text(300)),
    "email": Field(read_email),
    "phone": Field(read_text(60)),
    "title": Field(read_text(200)),
    "language": Field(read_text(12)),
    "zone": Field(read_zone),
    "mail_consent": Field(read_one_of(("yes", "no"))),
    "tracking_consent": Field(read_flag),
    "consent_source": Field(read_text(200)),
}
CONSENT = ("mail_consent", "tracking_consent", "consent_source")
PERSONAL = ("name", "email", "phone", "title", "language", "zone")


def create_company(actor: Actor, given: Mapping[str, Any], now: int) -> Company:
    """A new company. Raises `Refused`, `Forbidden`."""
    actor.must("keep contacts")
    values = taken_fields(COMPANY, given, whole=True)

    def create() -> Company:
        company: Company = created(
            Company, values["key"], workspace_id=actor.workspace_id, created_at=now, **values
        )
        note = actor.note("created company", f"company {company.key}", **values)
        audit.note(actor.workspace_id, [note], now)
        return company

    return database.in_transaction(create)


def change_company(
    actor: Actor, key: str, changes: Mapping[str, Any], now: int, version: int | None = None
) -> Company:
    """A company with other fields; `version` is the one that the caller saw.

    Raises `Refused`, `Forbidden`, `Absent`, `Stale`.
    """
    actor.must("keep contacts")
    fields = {name: field for name, field in COMPANY.items() if name != "key"}
    values = taken_fields(fields, changes, whole=False)

    def change() -> Company:
        company: Company = found(Company, actor.workspace_id, "company", key=key)
        changed = _rewritten(company, values, version)
        if changed:
            note = actor.note("changed company", f"company {key}", **changed)
            audit.note(actor.workspace_id, [note], now)
        return company

    return database.in_transaction(change)


def create_contact(actor: Actor, lead: str, given: Mapping[str, Any], now: int) -> Contact:
    """The person behind a lead; the company by its key, else by the domain of the address.

    The lead itself arises by facts, before or after. Raises `Refused`, `Forbidden`, `Absent`.
    """
    actor.must("keep contacts")
    key = {"lead": Field(read_text(200), is_needed=True)}
    lead = taken_fields(key, {"lead": lead}, whole=True)["lead"]
    values = taken_fields(CONTACT, given, whole=True)

    def create() -> Contact:
        workspace = actor.workspace_id
        _must_see(actor, lead)
        company = _company(workspace, values.pop("company", ""), values.get("email", ""))
        contact: Contact = created(
            Contact,
            lead,
            workspace_id=workspace,
            lead=lead,
            company=company,
            created_at=now,
            **values,
            **_consented(actor, values, now),
        )
        _note(actor, "created contact", contact, {**values, "company": company}, now)
        return contact

    return database.in_transaction(create)


def change_contact(
    actor: Actor, lead: str, changes: Mapping[str, Any], now: int, version: int | None = None
) -> Contact:
    """The person behind a lead with other fields; `version` is the one that the caller saw.

    Raises `Refused` also where they were erased, `Forbidden`, `Absent`, `Stale`.
    """
    actor.must("keep contacts")
    values = taken_fields(CONTACT, changes, whole=False)

    def change() -> Contact:
        _must_see(actor, lead)
        contact: Contact = found(Contact, actor.workspace_id, "contact of", lead=lead)
        if contact.erased_at is not None:
            said = _("The personal data of this contact was erased.")
            raise refused("", said, _("It stays erased; make a new lead for a new request."))
        if "company" in values:
            values["company"] = _company(actor.workspace_id, values["company"], "")
        elif values.get("email") and contact.company is None:
            values["company"] = company_of(actor.workspace_id, values["email"])
        said = {n: values[n] for n in CONSENT if n in values and values[n] != getattr(contact, n)}
        values.update(_consented(actor, said, now))
        changed = _rewritten(contact, values, version)
        if changed:
            _note(actor, "changed contact", contact, changed, now)
        return contact

    return database.in_transaction(change)


def _consented(actor: Actor, said: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Who noted a consent, or that there is none, and when; nothing where nothing was said of it."""
    if not any(name in said for name in CONSENT):
        return {}
    return {"consent_at": now, "consent_by": actor.person}


def company_of(workspace: int, email: str) -> Company | None:
    """The company whose domain an address has; none for free mail, whatever is registered."""
    domains = list(domains_of(email))
    companies = Company.objects.of(workspace).filter(domain__in=domains).order_by("-id")
    by_domain = {company.domain: company for company in companies}
    found = next((by_domain[domain] for domain in domains if domain in by_domain), None)
    return _living(found)


def _living(company: Company | None) -> Company | None:
    """A company, or the one in which it lives on."""
    seen: set[str] = set()
    while company is not None and company.into and company.key not in seen:
        seen.add(company.key)
        rows = Company.objects.of(company.workspace_id)
        company = rows.filter(key=company.into).first() or company
    return company


def _company(workspace: int, key: str, email: str) -> Company | None:
    if not key:
        return company_of(workspace, email) if email else None
    company: Company | None = Company.objects.of(workspace).filter(key=key).first()
    if company is None:
        said = _("There is no company '{key}'.").format(key=plain_text(key))
        raise refused("company", said, _("Create it first, or leave it out."))
    return _living(company)


def _must_see(actor: Actor, lead: str) -> None:
    """Nobody touches the contact of a lead that they may not see."""
    rows = Lead.objects.of(actor.workspace_id).filter(key=lead)
    if rows.exists() and not seen(actor, rows).exists():
        raise Absent(f"lead {plain_text(lead)}")


def _rewritten(
    row: Company | Contact, values: Mapping[str, Any], version: int | None
) -> dict[str, Any]:
    """What of a row changed, written under the version that was seen. Raises `Stale`."""
    if version is not None and row.version != version:
        raise Stale(row.version)
    changed = changed_fields(row, values)
    if changed:
        rows = type(row).objects.of(row.workspace_id).filter(pk=row.pk, version=row.version)
        written = rows.update(**changed, folded=row.searched(), version=F("version") + 1)
        if not written:
            stored = type(row).objects.of(row.workspace_id).filter(pk=row.pk)
            raise Stale(stored.values_list("version", flat=True).get())
        row.version += 1
    return changed


def _note(actor: Actor, act: str, contact: Contact, values: Mapping[str, Any], now: int) -> None:
    """Say which fields were written, and nothing of what they hold."""
    company = values.get("company")
    fields = [name for name in (*PERSONAL, "consent_source") if values.get(name)]
    said = {name: values[name] for name in ("mail_consent", "tracking_consent") if name in values}
    detail = {"fields": fields} | said | ({"company": company.key} if company else {})
    audit.note(actor.workspace_id, [actor.note(act, f"lead {contact.lead}", **detail)], now)
