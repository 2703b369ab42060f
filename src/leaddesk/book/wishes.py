"""Wishes of people: how somebody in a workspace is to be spoken to, and how they change it."""

from leaddesk.book.models import Person, Workspace
from leaddesk.tongue import DIGITS, Wishes, is_spoken

THEMES = ("system", "light", "dark")
_HALF = "h"
"""Marks a weekday of which only a half is off, which makes it no day off."""


def wishes_of(workspace: Workspace, person: Person | None = None) -> Wishes:
    """How a person is to be spoken to, and as their workspace is where they chose nothing.

    A language without a catalogue is English.
    """
    spoken = (person.language if person else "") or workspace.language
    return Wishes(
        language=spoken if is_spoken(spoken) else "en",
        zone=(person.zone if person else "") or workspace.zone,
        calendar=(person.dates if person else "") or workspace.dates,
        digits=(person.digits if person else "") or DIGITS[0],
        week_start=workspace.week_start,
        weekend=days_off(workspace.weekend),
    )


def days_off(weekend: str) -> tuple[int, ...]:
    """The whole weekdays off, from Monday, 0, on: ``3h,4`` is Friday, after half a Thursday."""
    days = (one.strip() for one in weekend.split(","))
    return tuple(int(one) for one in days if one and not one.endswith(_HALF))
