"""The roster: people, their leave and the exceptions of calendars, as the engine takes them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from leaddesk.book.models import Calendar, Leave, Person, Team
from leadpact.agreement.calendars import open_hours
from leadpact.agreement.model import Agreement
from leadpact.agreement.roster import Member, Roster, roster_problems
from leadpact.clock.calendar import Day
from leadpact.problem import Problem


def told(workspace: int) -> Roster:
    """The roster of a workspace beside what its agreement says.

    Whoever left stays in it: the leads that they hold still run by their calendar.
    """
    leave = _leave(workspace)
    teams = {row.key: row for row in Team.objects.of(workspace)}
    people = {row.key: row for row in Person.objects.of(workspace)}
    members = {
        key: _member(people.get(key), teams, leave.get(key, ()))
        for key in dict.fromkeys([*people, *leave])
    }
    return Roster(members, _exceptions(workspace))


def _leave(workspace: int) -> dict[str, list[tuple[date, date]]]:
    found = defaultdict(list)
    rows = Leave.objects.of(workspace).order_by("person", "first", "last")
    for person, first, last in rows.values_list("person", "first", "last"):
        found[person].append((first, last))
    return dict(found)


def _member(
    person: Person | None, teams: dict[str, Team], leave: Sequence[tuple[date, date]]
) -> Member:
    """One person; an empty calendar leaves it to the text of the agreement."""
    if person is None:
        return Member(leave=tuple(leave))
    team = teams.get(person.team)
    calendar = person.calendar or (team.calendar if team else "")
    dated = ((None, calendar),) if calendar else ()
    return Member(dated, tuple(leave), person.team or None)


def _exceptions(workspace: int) -> dict[str, dict[date, Day]]:
    found: dict[str, dict[date, Day]] = defaultdict(dict)
    rows = Calendar.objects.of(workspace).order_by("key", "day")
    for key, day, hours in rows.values_list("key", "day", "open"):
        found[key][day] = hours_of(hours)
    return dict(found)


def hours_of(text: str) -> Day:
    """The open hours in a text like ``09:00-12:00, 13:00-15:00``, in minutes. Raises `Misread`."""
    return tuple(
        sorted(span for part in text.split(",") if part.strip() for span in open_hours(part))
    )


def misfits(workspace: int, versions: Sequence[Agreement], subject: str) -> list[Problem]:
    """What keeps a `subject` of the roster (``people.ana``) from being used with the agreement.

    Somebody may be away for all of its term; a calendar that never opens is no calendar.
    """
    if not versions:
        return []
    found = roster_problems(versions[-1], told(workspace))
    own = [one for one in found if one.path.startswith(f"{subject}.")]
    whole = [one for one in found if one.path == subject and subject.startswith("exceptions.")]
    return own + whole
