"""Menu: the rooms of the desk in their groups, of which everybody sees those that they may enter."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _


class Entry(NamedTuple):
    """A room as the menu names it; `is_here` where the page belongs to it."""

    title: str
    path: str
    is_here: bool


class Group(NamedTuple):
    """Rooms of one kind of work."""

    title: str
    entries: list[Entry]


def groups(actor: Any, path: str) -> Iterator[Group]:
    """The groups of rooms that `actor` may enter, on the page at `path`."""
    for title, rooms in _rooms():
        entries = [
            Entry(name, where, _is_within(path, where))
            for name, route, right in rooms
            if actor.may(right) and (where := reverse(route))
        ]
        if entries:
            yield Group(title, entries)


def _rooms() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Each group with its rooms: title, route, and the right that opens it."""
    return [
        (
            _("Work"),
            [
                (_("Today"), "today", "read leads"),
                (_("My queue"), "queue", "read leads"),
                (_("Leads"), "leads", "read leads"),
                (_("Companies"), "companies", "read contacts"),
                (_("Import"), "imports", "import leads"),
            ],
        ),
        (
            _("Flow"),
            [
                (_("Scoring"), "scoring", "read leads"),
                (_("Handoffs"), "handoffs", "read leads"),
                (_("Routing"), "routing", "read leads"),
                (_("Prediction"), "prediction", "read leads"),
                (_("Follow-up"), "follow-up", "read leads"),
                (_("Nurture"), "nurture", "read leads"),
            ],
        ),
        (
            _("Prove"),
            [
                (_("Scoreboard"), "scoreboard", "read leads"),
                (_("Stand-up"), "stand-up", "read leads"),
            ],
        ),
        (
            _("Agree"),
            [
                (_("Agreement"), "agreement", "read agreements"),
                (_("Plan"), "plan", "read agreements"),
            ],
        ),
        (
            _("Run"),
            [
                (_("Problems"), "troubles", "read deliveries"),
                (_("Settings"), "settings", "see status"),
                (_("Status"), "status", "see status"),
            ],
        ),
    ]


def _is_within(path: str, room: str) -> bool:
    return path == room or path.startswith(f"{room}/")
