"""Teams: people who share leads."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Limit, Line, Page, Sent, Words, needs
from leaddesk.book import moment, queries, registers

router = Router(tags=["teams"])


class Team(Schema):
    """People who share leads, and the calendar of those who name none."""

    key: str
    name: str
    calendar: Words
    manager: Words


class TeamChange(Sent):
    """A team as it shall be; only what is sent changes."""

    name: Line = None
    calendar: Line = None
    manager: Line = None


@router.get("/teams", response=Page[Team], **needs("read people"))
def list_teams(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """All teams, in the order of their keys."""
    return page(queries.teams(request.auth), limit, cursor)


@router.put("/teams/{path:key}", response=Team, **needs("manage people"))
def keep_team(request: HttpRequest, key: str, given: TeamChange) -> Any:
    """A team with these fields, made or changed."""
    values = given.dict(exclude_unset=True)
    return registers.keep_team(request.auth, key, values, moment.now())


@router.delete("/teams/{path:key}", response={204: None}, **needs("manage people"))
def remove_team(request: HttpRequest, key: str) -> Status[None]:
    """No such team any longer; refused while somebody is in it."""
    registers.remove_team(request.auth, key, moment.now())
    return Status(204, None)
