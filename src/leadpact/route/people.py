"""People: who can be given leads at all, by the agreement and by what a register says of them."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from leadpact.agreement import phrases
from leadpact.agreement.handoff import Route
from leadpact.agreement.model import Agreement
from leadpact.agreement.parties import Person
from leadpact.agreement.phrases import Quantity
from leadpact.agreement.roster import Roster
from leadpact.clock import Calendar, CalendarError, Clock, to_datetime


class Known(NamedTuple):
    """What a register says of somebody: it goes before the text of the agreement.

    `takes_leads` is false for whoever left, and for those whose work it isn't.
    """

    team: str = ""
    side: str = ""
    takes_leads: bool = True


class Rep(NamedTuple):
    """Somebody of whom leads may be asked; `caps` are all limits that hold for them.

    From `first` to `last` they belong to the team; without `is_active` they are never served.
    """

    name: str
    calendar: Calendar
    weight: Decimal = Decimal(1)
    team: str = ""
    side: str = ""
    caps: tuple[Quantity, ...] = ()
    is_active: bool = True
    first: date | None = None
    last: date | None = None

    def why_never(self, now: int) -> str:
        """Why they are in no pool at an instant: ``gone``, ``no weight``; "" where they are in some."""
        today = to_datetime(now, self.calendar.zone).date()
        if not self.is_active or (self.last is not None and today > self.last):
            return "gone"
        return "" if self.weight > 0 else "no weight"


class Away(NamedTuple):
    """Why somebody can't be given a lead now (``leave``, ``closed``, ``to come``), and until when."""

    why: str
    until: int | None


def reps(
    agreement: Agreement,
    calendar: Callable[[str], Calendar],
    roster: Roster,
    known: Mapping[str, Known],
) -> tuple[Rep, ...]:
    """Everybody who may be given leads, in the order of the agreement, then by name.

    `calendar` yields by whose hours somebody works; what is `known` of people goes before the text.
    """
    sides = {name: side for side, members in agreement.between.items() for name in members}
    names = dict.fromkeys([*agreement.people, *sides, *sorted(known)])
    route = agreement.handoff.route if agreement.handoff else None
    found = []
    for name in names:
        told, own = known.get(name), agreement.people.get(name, Person())
        member = roster.people.get(name)
        weight = own.weight if name in agreement.people or member is None else member.weight
        found.append(
            Rep(
                name,
                calendar(name),
                weight,
                (told.team if told else "") or own.team or "",
                (told.side if told else "") or sides.get(name, ""),
                caps_of(route, own),
                told is None or told.takes_leads,
                own.from_,
                own.to,
            )
        )
    return tuple(found)


def caps_of(route: Route | None, person: Person) -> tuple[Quantity, ...]:
    """The limits of a person: their own, else the usual one of that period."""
    usual = [] if route is None else [phrases.cap(text) for text in route.caps]
    if route is not None and route.most is not None:
        usual.append(route.most)
    own = [phrases.cap(text) for text in person.at_most]
    periods = {cap.period for cap in own}
    return (*own, *(cap for cap in usual if cap.period not in periods))


def away(rep: Rep, now: int, respect: frozenset[str]) -> Away | None:
    """Why somebody isn't there at an instant, as far as the agreement minds; None where they are."""
    today = to_datetime(now, rep.calendar.zone).date()
    if rep.first is not None and today < rep.first:
        return Away("to come", opening(rep.calendar, now))
    if respect & {"leave", "hours"} and rep.calendar.away(today) is not None:
        return Away("leave", opening(rep.calendar, now))
    if "hours" in respect and not clock(rep.calendar).is_open(now):
        return Away("closed", opening(rep.calendar, now))
    return None


def opening(calendar: Calendar, at: int) -> int | None:
    """The first instant from `at` on at which a calendar is open; None where it never is."""
    own = clock(calendar)
    try:
        return at if own.is_open(at) else own.after(at, 1) - 1
    except CalendarError:
        return None


@lru_cache(maxsize=512)
def clock(calendar: Calendar) -> Clock:
    """The clock of a calendar, kept."""
    return Clock(calendar)
