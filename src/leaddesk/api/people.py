"""People: who works here, and as what."""

from datetime import time
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import StrictBool

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Key, Limit, Line, Page, Sent, Words, needs
from leaddesk.book import moment, queries, registers

router = Router(tags=["people"])
Role = Literal["admin", "marketing lead", "sales lead", "marketer", "rep", "viewer", "auditor"]


class Person(Schema):
    """Somebody in the workspace; `key` is their name in the agreement and in facts."""

    key: str
    name: str
    email: Words
    phone: Words
    slack: Words
    role: Role
    side: Words
    team: Words
    calendar: Words
    manager: Words
    zone: Words
    language: Words
    quiet_from: time | None
    quiet_to: time | None
    digest_at: time | None
    is_active: bool
    created_at: Instant


class PersonChange(Sent):
    """What becomes of somebody; only what is sent changes."""

    name: Line = None
    email: Line = None
    phone: Line = None
    slack: Line = None
    role: Role | None = None
    side: Line = None
    team: Line = None
    calendar: Line = None
    manager: Line = None
    zone: Line = None
    language: Line = None
    quiet_from: Line = None
    quiet_to: Line = None
    digest_at: Line = None
    is_active: StrictBool | None = None


class NewPerson(PersonChange):
    """Somebody new."""

    key: Key
    name: Key
    role: Role


@router.get("/people", response=Page[Person], **needs("read people"))
def list_people(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """Everybody, in the order of their keys; those who left too."""
    return page(queries.people(request.auth), limit, cursor)


@router.post("/people", response={201: Person}, **needs("manage people"))
def create_person(request: HttpRequest, given: NewPerson) -> Status[Any]:
    """Somebody new in the workspace."""
    values = given.dict(exclude_unset=True)
    return Status(201, registers.create_person(request.auth, values, moment.now()))


@router.get("/people/{path:key}", response=Person, **needs("read people"))
def one_person(request: HttpRequest, key: str) -> Any:
    """Somebody."""
    return queries.person(request.auth, key)


@router.patch("/people/{path:key}", response=Person, **needs("manage people"))
def change_person(request: HttpRequest, key: str, changes: PersonChange) -> Any:
    """Somebody with other fields."""
    values = changes.dict(exclude_unset=True)
    return registers.change_person(request.auth, key, values, moment.now())


@router.delete("/people/{path:key}", response=Person, **needs("manage people"))
def deactivate_person(request: HttpRequest, key: str) -> Any:
    """Somebody who works here no longer: no sign-in, no tokens; their name and deeds stay."""
    return registers.deactivate_person(request.auth, key, moment.now())
