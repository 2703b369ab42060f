"""Imported: what rows of a file say of leads, compared with the book and written into it.

Personal data goes to the registers, the rest into facts. What is there already is never emptied by an
empty cell, and what a lead arose from (source, campaign, type, stream) stays as it was.
"""

import hmac
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.domains import domains_of
from leaddesk.book.models import Company, Contact, Fact, Import, Lead, Person
from leadpact.facts import CREATED, DESCRIBED, SUPPRESSED

SYSTEM = "import"
"""The system of the facts that imports bring."""
NEW, CHANGED, SAME, REPEATED, PROBLEM = "new", "changed", "same", "repeated", "problem"
OUTCOMES = (NEW, CHANGED, SAME, REPEATED, PROBLEM)
BY_ID, BY_EMAIL = "id", "email"
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
_FIRST_TOUCH = frozenset({"type", "stream", "source", "campaign", "medium", "segment"})


@dataclass
class Told:
    """What one row says: whom it is about, and their person, company and attributes, as far as told.

    `problems` has what is wrong, each with the number of its column (-1: of the whole row).
    """

    match: str = ""
    created_at: str = ""
    person: dict[str, str] = field(default_factory=dict)
    company: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    owner: str = ""
    is_opted_out: bool = False
    problems: list[tuple[int, str, str]] = field(default_factory=list)

    def wrong(self, column: int, problem: str, remedy: str) -> None:
        """Note what is wrong."""
        self.problems.append((column, problem, remedy))


@dataclass
class Arrival:
    """A row compared with the book: what would become of it, and what would change (old, new)."""

    number: int
    told: Told
    lead: str = ""
    outcome: str = PROBLEM
    changes: dict[str, list[str]] = field(default_factory=dict)
    company: Company | None = None
    contact: Contact | None = None
    owner: str = ""
    is_known: bool = False
    new_company: str = ""
    version: int | None = None
    twin: str = ""  # another lead that has the same address


@dataclass
class Known:
    """What the book says of the leads and companies that some rows are about."""

    leads: dict[str, Lead]
    contacts: dict[str, Contact]
    by_email: dict[str, str]
    people: dict[str, str]
    companies: dict[str, Company]
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)
    suppressed: set[str] = field(default_factory=set)


def key_of_email(workspace: int, email: str) -> str:
    """The key of a lead that is known by its address alone, from which nobody can tell the address."""
    text = f"{workspace} {email}".encode()
    return f"m-{hmac.new(audit.key(), text, sha256).hexdigest()[:20]}"


def compared(
    whole: Import,
    rows: Sequence[tuple[int, Told]],
    lines: Mapping[int, int],
    earlier: Callable[[Collection[str]], dict[str, int]],
) -> list[Arrival]:
    """Rows compared with the book and with each other.

    `lines` has the line of each row, `earlier` tells the lines in which leads stand already.
    """
    known = _known(whole, [told for _number, told in rows])
    found = [Arrival(number, told) for number, told in rows]
    for one in found:
        if not one.told.problems:
            one.lead = _lead_of(whole, one.told, known)
    seen = earlier({one.lead for one in found if one.lead})
    for one in found:
        if one.lead:
            _compare(one, known, seen)
        if one.told.problems and one.outcome != REPEATED:
            one.outcome = PROBLEM
        elif one.outcome != REPEATED:
            seen[one.lead] = lines[one.number]
    return found


def _lead_of(whole: Import, told: Told, known: Known) -> str:
    if whole.mapping.get("match") == BY_ID:
        return told.match
    return known.by_email.get(told.match) or key_of_email(whole.workspace_id, told.match)


def _known(whole: Import, told: Sequence[Told]) -> Known:
    workspace = whole.workspace_id
    emails = {one.person.get("email", "").casefold() for one in told}
    by_email = _leads_by_email(workspace, sorted(emails - {""}))
    keys = {one.match for one in told if one.match}
    if whole.mapping.get("match") == BY_EMAIL:
        keys = {by_email.get(match) or key_of_email(workspace, match) for match in keys}
    contacts = Contact.objects.of(workspace).filter(lead__in=keys).select_related("company")
    leads = Lead.objects.of(workspace).filter(key__in=keys)
    known = Known(
        {one.key: one for one in leads},
        {one.lead: one for one in contacts},
        by_email,
        _people(workspace),
        _companies(workspace, told),
    )
    _read_attributes(workspace, known, [*known.leads])
    return known


def _leads_by_email(workspace: int, emails: Sequence[str]) -> dict[str, str]:
    """The oldest lead of each address, whatever its case."""
    condition, values = database.among("lower(email)", emails)
    sql = f"""SELECT lower(email), lead FROM book_contact
              WHERE workspace_id = %s AND {condition} ORDER BY id DESC"""
    return dict(database.rows(sql, [workspace, *values])) if emails else {}


def _people(workspace: int) -> dict[str, str]:
    """Who owns leads here, by key, name and address as files may call them."""
    named: dict[str, str] = {}
    rows = Person.objects.of(workspace).filter(is_active=True).order_by("-id")
    for key, name, email in rows.values_list("key", "name", "email"):
        named |= {one.casefold(): key for one in (name, email) if one}
    return named | {key.casefold(): key for key in named.values()}


def _companies(workspace: int, told: Sequence[Told]) -> dict[str, Company]:
    """Companies by their domain, and by their key and name in small letters."""
    plain = {one.company["name"] for one in told if one.company.get("name")}
    domains = {one.company["domain"] for one in told if one.company.get("domain")}
    for one in told:
        domains |= {*domains_of(one.person.get("email", ""))}
    pks: set[int] = set()
    for column, values in (
        *(("domain", domains), ("key", plain | domains), ("lower(name)", lowered(plain))),
    ):
        if values:
            condition, parameters = database.among(column, sorted(values))
            # Asked for the id alone, SQLite reads a wider index from end to end.
            sql = f"SELECT id, country FROM book_company WHERE workspace_id = %s AND {condition}"
            pks |= {pk for pk, _country in database.rows(sql, [workspace, *parameters])}
    found: dict[str, Company] = {}
    rows = Company.objects.of(workspace)
    companies = [*rows.filter(pk__in=pks).order_by("-id")]
    into = {one.key: one for one in rows.filter(key__in=[c.into for c in companies if c.into])}
    for stored in companies:
        company = into.get(stored.into, stored)
        found[stored.name.casefold()] = found[stored.key.casefold()] = company
        if stored.domain:
            found[f"@{stored.domain}"] = company
    return found


def lowered(texts: Collection[str]) -> set[str]:
    """Texts as one database or the other has them in small letters: SQLite knows those of ASCII only."""
    return {text.casefold() for text in texts} | {text.translate(_SMALL) for text in texts}


def _read_attributes(workspace: int, known: Known, keys: Sequence[str]) -> None:
    """The attributes of leads as their facts tell them, the last one that happened counts."""
    if not keys:
        return
    condition, values = database.among("lead", keys)
    sql = f"""SELECT lead, kind, body FROM book_fact WHERE workspace_id = %s AND {condition}
              AND kind IN (%s, %s, %s) ORDER BY occurred_at, id"""
    kinds = [CREATED, DESCRIBED, SUPPRESSED]
    for lead, kind, body in database.rows(sql, [workspace, *values, *kinds]):
        if kind == SUPPRESSED:
            known.suppressed.add(lead)
            continue
        if kind == CREATED:
            known.created.add(lead)
        held = known.attributes.setdefault(lead, {})
        held |= {name: str(value) for name, value in json.loads(body).items()}


def _compare(one: Arrival, known: Known, seen: Mapping[str, int]) -> None:
    told = one.told
    one.contact = known.contacts.get(one.lead)
    if one.contact is not None and one.contact.erased_at is not None:
        said = _("The personal data of this contact was erased.")
        told.wrong(-1, said, _("It stays erased; make a new lead for a new request."))
        return
    one.company = _company_of(told, known)
    one.owner = known.people.get(told.owner.casefold(), "") if told.owner else ""
    lead = known.leads.get(one.lead)
    one.is_known = one.lead in known.created
    one.changes = dict(_changes(one, lead, known))
    if one.lead in seen:
        one.outcome = REPEATED
        said = _("The same lead stands in line {line} already.").format(line=seen[one.lead])
        told.wrong(-1, said, _("Put what they say into one line."))
    elif lead is None and one.contact is None:
        one.outcome = NEW
        one.changes["lead"] = ["", "made"]
        one.twin = known.by_email.get(told.person.get("email", "").casefold(), "")
    else:
        one.outcome = CHANGED if one.changes or not one.is_known else SAME
        if one.contact is None and one.outcome == CHANGED:
            one.changes["contact"] = ["", "made"]


def _company_of(told: Told, known: Known) -> Company | None:
    """The company of a row: by its domain, by its name, else by the domain of the address."""
    domain, name = told.company.get("domain", ""), told.company.get("name", "")
    if domain and (found := known.companies.get(f"@{domain}")):
        return found
    if name:
        return known.companies.get(name.casefold())
    domains = [domain] if domain else [*domains_of(told.person.get("email", ""))]
    return next((known.companies[f"@{d}"] for d in domains if f"@{d}" in known.companies), None)


def _changes(one: Arrival, lead: Lead | None, known: Known) -> Iterator[tuple[str, list[str]]]:
    """What the row says otherwise than the book: [old, new] by field."""
    told, contact = one.told, one.contact
    for name, value in told.person.items():
        old = getattr(contact, name) if contact else ""
        if value != old and not (name == "email" and value.casefold() == old.casefold()):
            yield name, [old, value]
    company = one.company.key if one.company else company_key(told)
    old = contact.company.key if contact and contact.company else ""
    is_named = told.company.keys() & {"name", "domain"}
    if company and company != old and (is_named or not old):
        yield "company", [old, company]
    held = known.attributes.get(one.lead, {})
    for name, value in told.attributes.items():
        if value != held.get(name, "") and not (name in _FIRST_TOUCH and held.get(name)):
            yield name, [held.get(name, ""), value]
    owner = lead.owner if lead else ""
    if one.owner and one.owner != owner:
        yield "owner", [owner, one.owner]
    if told.is_opted_out and one.lead not in known.suppressed:
        yield "opted_out", ["", "yes"]


def company_key(told: Told) -> str:
    """The key of a company that a row brings: its domain, else its name."""
    return (told.company.get("domain") or told.company.get("name", ""))[:200]


def owners_of(arrivals: Sequence[Arrival]) -> tuple[Counter[str], Counter[str]]:
    """How many leads each owner gets, and how many name an owner whom nobody knows here."""
    working = [one for one in arrivals if one.outcome in {NEW, CHANGED}]
    given = Counter(one.owner for one in working if "owner" in one.changes)
    unknown = Counter(one.told.owner[:60] for one in working if one.told.owner and not one.owner)
    return given, unknown


def facts_of(whole: Import, leads: Sequence[str]) -> Any:
    """The facts that an import brought of these leads."""
    rows = Fact.objects.of(whole.workspace_id).filter(lead__in=leads)
    return rows.filter(system=SYSTEM, request=whole.key)
