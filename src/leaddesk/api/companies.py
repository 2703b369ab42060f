"""Companies: whom leads belong to; facts call their keys accounts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Key, Limit, Line, Page, Sent, Words, needs
from leaddesk.api.versions import tag, version_of
from leaddesk.book import contacts, moment, queries

router = Router(tags=["companies"])


class Company(Schema):
    """A company; `key` is what facts call its account."""

    key: str
    name: str
    domain: Words
    country: Words
    created_at: Instant
    version: int


class CompanyChange(Sent):
    """What becomes of a company; only what is sent changes."""

    name: Line = None
    domain: Line = None
    country: Line = None


class NewCompany(CompanyChange):
    """A new company."""

    key: Key
    name: Key


@router.get("/companies", response=Page[Company], **needs("read contacts"))
def list_companies(
    request: HttpRequest, domain: str = "", limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """All companies, or those of one domain, in the order of their keys."""
    return page(queries.companies(request.auth, domain), limit, cursor)


@router.post("/companies", response={201: Company}, **needs("keep contacts"))
def create_company(request: HttpRequest, response: HttpResponse, given: NewCompany) -> Status[Any]:
    """A new company."""
    values = given.dict(exclude_unset=True)
    company = contacts.create_company(request.auth, values, moment.now())
    tag(response, company.version)
    return Status(201, company)


@router.get("/companies/{path:key}", response=Company, **needs("read contacts"))
def one_company(request: HttpRequest, response: HttpResponse, key: str) -> Any:
    """A company."""
    company = queries.company(request.auth, key)
    tag(response, company.version)
    return company


@router.patch("/companies/{path:key}", response=Company, **needs("keep contacts", versioned=True))
def change_company(
    request: HttpRequest, response: HttpResponse, key: str, changes: CompanyChange
) -> Any:
    """A company with other fields."""
    values, version = changes.dict(exclude_unset=True), version_of(request)
    company = contacts.change_company(request.auth, key, values, moment.now(), version)
    tag(response, company.version)
    return company
