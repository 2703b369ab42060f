"""Agreements: versions of what was agreed: checked, proposed, put in force, compared.

People sign on the screen, not by a token: a signature is an act of a person.
"""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Flaw, Instant, Limit, Page, Sent, Words, needs
from leaddesk.book import agreements, moment, queries

router = Router(tags=["agreements"])
Number = Annotated[int, Path(ge=1, lt=1_000_000)]
MOST_TEXT = 262_144


class Version(Schema):
    """A version of the agreement. `hash` is that of its meaning: layout and comments don't change it."""

    number: int
    name: str
    valid_from: date
    state: str
    hash: str
    proposed_by: str
    proposed_at: Instant
    in_force_by: Words
    in_force_at: Instant | None


class Signature(Schema):
    """That somebody signed for a side, over a hash."""

    side: str
    person: str
    hash: str
    signed_at: Instant


class Wanted(Schema):
    """A signature that is still to be given; `is_next` where it may be given now."""

    side: str
    person: str
    is_next: bool


class VersionWithText(Version):
    """A version with its text as written, its meaning in canonical form, and its signatures."""

    text: str
    canonical: dict[str, Any]
    signatures: list[Signature]
    wanted: list[Wanted]


class Text(Sent):
    """The text of a version, in YAML."""

    text: Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]


class Findings(Schema):
    """What the engine says of a text: `problems` keep it from being used, `remarks` don't."""

    is_usable: bool
    problems: list[Flaw]
    remarks: list[Flaw]


class Change(Schema):
    """One clause that differs; `before` is null where it is new, `after` where it is gone."""

    path: str
    before: str | None
    after: str | None
    sentence: str


@router.get("/agreements", response=Page[Version], **needs("read agreements"))
def list_versions(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """All versions, the newest first; withdrawn ones too."""
    return page(queries.versions(request.auth), limit, cursor)


@router.post("/agreements/check", response=Findings, **needs("read agreements"))
def check_text(request: HttpRequest, given: Text) -> dict[str, Any]:
    """What the engine says of a text; nothing is stored."""
    found = agreements.checked(given.text)
    return {
        "is_usable": found.agreement is not None,
        "problems": [one.as_dict() for one in found.problems],
        "remarks": [one.as_dict() for one in found.remarks],
    }


@router.post("/agreements", response={201: Version}, **needs("propose agreement"))
def propose_version(request: HttpRequest, given: Text) -> Status[Any]:
    """A new version, for signing."""
    return Status(201, agreements.propose(request.auth, given.text, moment.now()))


@router.get("/agreements/{int:number}", response=VersionWithText, **needs("read agreements"))
def one_version(request: HttpRequest, number: Number) -> dict[str, Any]:
    """A version with its text and signatures."""
    return queries.version(request.auth, number)


@router.get(
    "/agreements/{int:number}/difference",
    response={200: list[Change]},
    **needs("read agreements"),
)
def difference(
    request: HttpRequest, number: Number, since: Annotated[int, Field(ge=1, lt=1_000_000)]
) -> list[Any]:
    """What a version changes in the version `since`, clause by clause."""
    return queries.difference(request.auth, since, number)


@router.post("/agreements/{int:number}/put-in-force", response=Version, **needs("put in force"))
def put_in_force(request: HttpRequest, number: Number) -> Any:
    """Let a signed version judge from its first day on."""
    return agreements.put_in_force(request.auth, number, moment.now())


@router.post("/agreements/{int:number}/withdraw", response=Version, **needs("propose agreement"))
def withdraw(request: HttpRequest, number: Number) -> Any:
    """Take a proposal back."""
    agreements.withdraw(request.auth, number, moment.now())
    return queries.withdrawn(request.auth, number)
