"""Calendars: dated exceptions beside the hours that the agreement names."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Limit, Line, Page, Sent, Words, needs
from leaddesk.book import moment, queries, registers

router = Router(tags=["calendars"])


class Calendar(Schema):
    """Working hours that the agreement in force names, as its words say."""

    key: str
    says: Any


class SpecialDay(Schema):
    """Other hours on one day (`open`, null: closed) than the calendar usually has."""

    calendar: str
    day: date
    open: Words
    note: Words

    @staticmethod
    def resolve_calendar(row: Any) -> str:
        """The register calls it its key."""
        return str(row.key)


class SpecialHours(Sent):
    """The hours of that day, like "09:00-12:00, 13:00-15:00"; none: closed."""

    open: Annotated[str | None, Field(max_length=200)] = None
    note: Line = None


@router.get("/calendars", response={200: list[Calendar]}, **needs("read people"))
def list_calendars(request: HttpRequest) -> Any:
    """The calendars of the agreement in force."""
    return queries.calendars(request.auth)


@router.get("/exceptions", response=Page[SpecialDay], **needs("read people"))
def list_exceptions(
    request: HttpRequest, calendar: str = "", limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """The exceptions of all calendars, or of one, by their days."""
    return page(queries.exceptions(request.auth, calendar), limit, cursor)


@router.put(
    "/calendars/{path:calendar}/exceptions/{day}",
    response=SpecialDay,
    **needs("keep calendars"),
)
def keep_exception(request: HttpRequest, calendar: str, day: date, given: SpecialHours) -> Any:
    """Other hours on that day; what is still open is judged anew."""
    values = given.dict(exclude_unset=True) | {"calendar": calendar, "day": day}
    return registers.keep_exception(request.auth, values, moment.now())


@router.delete(
    "/calendars/{path:calendar}/exceptions/{day}",
    response={204: None},
    **needs("keep calendars"),
)
def remove_exception(request: HttpRequest, calendar: str, day: date) -> Status[None]:
    """The usual hours on that day again."""
    registers.remove_exception(request.auth, calendar, day, moment.now())
    return Status(204, None)
