"""Given people: a row of a table of people becomes somebody of whom leads may be asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar

from pydantic import ValidationError

from leadpact import units
from leadpact.agreement import phrases
from leadpact.agreement.calendars import away, calendar_name, calendar_of, sentences
from leadpact.agreement.check_route import asks_acts
from leadpact.agreement.handoff import Territory
from leadpact.agreement.model import Agreement
from leadpact.agreement.parties import CalendarClause, Person
from leadpact.agreement.references import nearest
from leadpact.agreement.roster import NOBODY, working
from leadpact.clock import Calendar, CalendarError
from leadpact.document import parse
from leadpact.problem import Problem
from leadpact.route.people import Rep, caps_of, reps
from leadpact.units import Misread
from leadpact.words import _

_Value = TypeVar("_Value")
Desks: TypeAlias = Mapping[str | None, Calendar]
HAS = {
    "open": "open",
    "given today": "day",
    "given this week": "week",
    "given this month": "month",
    "given this quarter": "quarter",
    "given this year": "year",
}
"""The columns of what somebody has, by the period of the limits that they count for."""
COLUMNS = (
    *("name", "weight", "team", "side", "calendar", "zone", "hours", "leave"),
    *("from", "to", "at most", "territory", *HAS),
)
"""The columns of a table of people."""


@dataclass(frozen=True)
class Given:
    """Somebody who may be given leads, what they have already, and the territory that is theirs."""

    rep: Rep
    has: Mapping[str, int] = field(default_factory=dict)
    territory: Territory | None = None


def agreed(agreement: Agreement) -> list[Given]:
    """Everybody whom the agreement names, with nothing yet."""
    desks = working(agreement)
    return [
        Given(rep) for rep in reps(agreement, lambda name: desks.get(name, desks[None]), NOBODY, {})
    ]


def person(
    agreement: Agreement, desks: Desks, cells: Mapping[str, str], line: int
) -> tuple[Given | None, list[Problem]]:
    """Somebody by the cells of their row, by the names of the columns; and what is wrong with it.

    `desks` are the calendars of the agreement, as `working` yields them.
    """
    row = _Row(cells, line)
    name = cells.get("name", "")
    if not name:
        row.wrong("name", _("The person has no name."), _("Write one."))
        return None, row.problems
    own = agreement.people.get(name, Person())
    team = cells.get("team", own.team or "")
    sides = [side for side, members in agreement.between.items() if name in members]
    caps = row.read("at most", _caps, own.at_most)
    first, last = row.read("from", units.day, own.from_), row.read("to", units.day, own.to)
    if first is not None and last is not None and last < first:
        said = _("{name} leaves before coming.").format(name=name)
        row.wrong("to", said, _("Swap the dates."))
    rep = Rep(
        name,
        _calendar(agreement, desks, name, team, row),
        row.read("weight", units.amount, own.weight),
        team,
        cells.get("side", sides[0] if sides else ""),
        caps_of(_route(agreement), own.model_copy(update={"at_most": caps})),
        True,
        first,
        last,
    )
    has = {period: row.read(column, units.count, 0) for column, period in HAS.items()}
    when = row.read("territory", _condition, None)
    territory = None if when is None else Territory(when=when, to=(name,))
    return Given(rep, has, territory), row.problems


class _Row:
    """The cells of a row as they are read, and what is wrong with them."""

    def __init__(self, cells: Mapping[str, str], line: int) -> None:
        self.cells, self.line, self.problems = cells, line, list[Problem]()

    def read(self, name: str, reader: Callable[[str], _Value], usual: _Value) -> _Value:
        """A cell, or something else where nothing stands."""
        if name not in self.cells:
            return usual
        try:
            return reader(self.cells[name])
        except Misread as misread:
            self.wrong(name, misread.problem, misread.remedy)
            return usual

    def wrong(self, name: str, problem: str, remedy: str) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(Problem(name, self.line, problem, remedy))


def _route(agreement: Agreement) -> Any:
    return agreement.handoff.route if agreement.handoff else None


def _calendar(agreement: Agreement, desks: Desks, name: str, team: str, row: _Row) -> Calendar:
    """By whose hours somebody works: zone, hours and leave of the row go before those agreed."""
    own = agreement.people.get(name, Person())
    named = calendar_name(agreement, own.model_copy(update={"team": team or None}))
    wanted = row.cells.get("calendar", named)
    if wanted is not None and f"calendar {wanted}" not in desks:
        said = _("There is no calendar '{word}'.").format(word=wanted)
        row.wrong("calendar", said, nearest(wanted, agreement.calendars))
        wanted = None
    usual = desks[None] if wanted is None else desks[f"calendar {wanted}"]
    zone = row.cells.get("zone", usual.zone)
    clause = row.read("hours", lambda text: _hours(text, zone), None)
    leave = row.read("leave", _leave, ())
    try:
        changed = replace(usual, zone=zone, later=() if zone != usual.zone else usual.later)
        if clause is not None:
            changed = replace(changed, week=clause.week, later=())
        return changed.with_leave(_joined([*away(own), *leave]))
    except CalendarError as error:
        at = "zone" if "zone" in row.cells else "leave"
        row.wrong(at, *sentences(error))
        return usual


def _joined(ranges: list[Any]) -> list[Any]:
    """Ranges of dates without those that stand twice."""
    return [*dict.fromkeys(ranges)]


def _hours(text: str, zone: str) -> Calendar:
    """Open hours as ``mon-fri 09:00-17:00; sat 10:00-14:00``, or ``always``."""
    week: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        days, _space, hours = part.strip().partition(" ")
        if days.casefold() == "always":
            days, hours = "mon-sun", "always"
        if days:
            week[days.rstrip(":")] = tuple(one.strip() for one in hours.split(","))
    try:
        return calendar_of(CalendarClause(zone="UTC", open=week), zone)
    except ValidationError:
        raise Misread(
            _("'{text}' says no hours.").format(text=text[:60]),
            _("Write them like `mon-fri 09:00-17:00; sat 10:00-14:00`."),
        ) from None
    except CalendarError as error:
        raise Misread(*sentences(error)) from None


def _leave(text: str) -> tuple[Any, ...]:
    return tuple(units.days_off(part.strip()) for part in text.split(";") if part.strip())


def _caps(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(";") if part.strip())
    periods = [phrases.cap(part).period for part in parts]
    if len(set(periods)) < len(periods):
        raise Misread(
            _("Two limits count the same: {limits}.").format(limits=", ".join(parts)),
            _("Leave one of them out."),
        )
    return parts


def _condition(text: str) -> Any:
    """A condition as the agreement writes it: ``country: [TH, VN]``, with or without its braces."""
    bare = text if text.startswith("{") else f"{{{text}}}"
    document, problems = parse(f"when: {bare}")
    remedy = _("Write it like a territory of the agreement: `{country: TH}`.")
    try:
        if document is None or problems:
            raise ValueError(text)
        found = Territory.model_validate({**document.value, "to": ["-"]}).when
    except (ValidationError, ValueError):
        said = _("The condition '{text}' can't be read.").format(text=text[:60])
        raise Misread(said, remedy) from None
    if asks_acts(found):
        raise Misread(_("A territory can't ask what a lead did."), remedy)
    return found
