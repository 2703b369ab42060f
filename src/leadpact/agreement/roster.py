"""Roster: who works and when, kept outside the text of an agreement and beside it.

It adds to what the text says: people whom the text doesn't name, further leave, other hours on a
date. The text, its hash and its signatures stay as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

from leadpact.agreement.calendars import (
    away,
    calendar_name,
    calendars,
    default_calendar,
    sentences,
)
from leadpact.agreement.model import Agreement
from leadpact.agreement.parties import Person
from leadpact.agreement.references import nearest
from leadpact.clock.calendar import ALWAYS, Calendar, Day
from leadpact.clock.zones import CalendarError
from leadpact.problem import Problem
from leadpact.words import _

Hours: TypeAlias = Mapping[date, Day]


@dataclass(frozen=True)
class Member:
    """One person of a roster.

    `calendar` says from which date on (None: ever) which calendar of the agreement counts (None:
    the one of the `team`, else the first); before the first date it is what the text says. `leave`
    are inclusive dates off. `weight` is the share of new leads, against the others.
    """

    calendar: tuple[tuple[date | None, str | None], ...] = ()
    leave: tuple[tuple[date, date], ...] = ()
    team: str | None = None
    weight: Decimal = Decimal(1)


@dataclass(frozen=True)
class Roster:
    """People by name, and the dates on which calendars of the agreement have other hours.

    `exceptions` are open ranges in minutes from local midnight, by name of the calendar and by
    date; with none it is closed on that date. A date that is usually closed may open.
    """

    people: Mapping[str, Member] = field(default_factory=dict)
    exceptions: Mapping[str, Hours] = field(default_factory=dict)


NOBODY = Roster()
"""A roster that adds nothing."""


def working(agreement: Agreement, roster: Roster = NOBODY) -> dict[str | None, Calendar]:
    """The calendar of nobody (None), of each person, and (as `calendar NAME`) of each calendar.

    Names of calendars that this version of the agreement doesn't know are passed over: another one
    may. Raises `CalendarError` for hours or a leave that can't be, which `roster_problems` tells.
    """
    named = {
        name: calendar.with_exceptions(roster.exceptions.get(name, {}))
        for name, calendar in calendars(agreement).items()
    }
    usual = next(iter(named.values()), default_calendar(agreement))
    people = {
        name: _own(agreement, name, roster.people.get(name, Member()), named, usual)
        for name in dict.fromkeys([*agreement.people, *roster.people])
    }
    desks: dict[str | None, Calendar] = {None: usual}
    desks.update(people)
    desks.update({f"calendar {name}": own for name, own in named.items()})
    return desks


def calendars_of(
    agreement: Agreement, person: str | None, roster: Roster = NOBODY
) -> list[tuple[date | None, str | None]]:
    """The names of the calendars that somebody works by, each with the date from which it holds.

    The first holds ever before. A name is None where the agreement has no calendar at all.
    """
    usual = next(iter(agreement.calendars), None)
    if person is None:
        return [(None, usual)]
    eras = _eras(agreement, person, roster.people.get(person, Member()))
    return [(day, name if name in agreement.calendars else usual) for day, name in eras]


def _own(
    agreement: Agreement,
    name: str,
    member: Member,
    named: Mapping[str, Calendar],
    usual: Calendar,
) -> Calendar:
    """The calendar of one person, by the text and by the roster."""
    (_ever, first), *later = _eras(agreement, name, member)
    own = named.get(first or "", usual)
    then = [(day, named.get(wanted or "", usual)) for day, wanted in later if day is not None]
    person = agreement.people.get(name, Person())
    return own.followed_by(then).with_leave([*away(person), *member.leave])


def _eras(agreement: Agreement, name: str, member: Member) -> list[tuple[date | None, str | None]]:
    person = agreement.people.get(name, Person(team=member.team))
    of_team = calendar_name(agreement, Person(team=member.team or person.team))
    known = [
        (first, wanted or of_team)
        for first, wanted in _dated(member)
        if wanted is None or wanted in agreement.calendars
    ]
    first = [wanted for day, wanted in known if day is None] or [calendar_name(agreement, person)]
    return [(None, first[-1]), *(era for era in known if era[0] is not None)]


def _dated(member: Member) -> list[tuple[date | None, str | None]]:
    return sorted(member.calendar, key=lambda entry: entry[0] or date.min)


def roster_problems(agreement: Agreement, roster: Roster) -> list[Problem]:
    """Everything that keeps a roster from being used with an agreement."""
    found = [*_exceptions(agreement, roster)]
    for name, member in roster.people.items():
        found += _member(agreement, name, member)
    return found or [*_never_open(agreement, roster)]


def _exceptions(agreement: Agreement, roster: Roster) -> Iterator[Problem]:
    for name, hours in roster.exceptions.items():
        if name not in agreement.calendars:
            yield _unknown(f"exceptions.{name}", name, agreement)
        for day, ranges in hours.items():
            try:
                ALWAYS.with_exceptions({day: ranges})
            except CalendarError as error:
                yield Problem(f"exceptions.{name}.{day}", 0, *sentences(error))


def _member(agreement: Agreement, name: str, member: Member) -> Iterator[Problem]:
    path = f"people.{name}"
    for _first, wanted in member.calendar:
        if wanted is not None and wanted not in agreement.calendars:
            yield _unknown(f"{path}.calendar", wanted, agreement)
    for (first, _one), (then, _other) in pairwise(_dated(member)):
        if first == then:
            said = _("Two calendars hold from the same day.")
            yield Problem(f"{path}.calendar", 0, said, _("Leave one of them out."))
    try:
        ALWAYS.with_leave(member.leave)
    except CalendarError as error:
        yield Problem(f"{path}.leave", 0, *sentences(error))
    if member.weight < 0:
        said = _("A weight can't be below zero.")
        yield Problem(f"{path}.weight", 0, said, _("Write 0 for somebody who gets no leads."))


def _never_open(agreement: Agreement, roster: Roster) -> Iterator[Problem]:
    """Calendars and people that the term leaves no working day, as they stand together."""
    term = agreement.term
    if term is None:
        return
    desks = working(agreement, roster)
    for name in roster.exceptions:
        if not desks[f"calendar {name}"].opens_between(term.from_, term.to):
            said = _("This calendar never opens within the term.")
            yield Problem(f"exceptions.{name}", 0, said, _("Leave some of its days open."))
    for name in roster.people:
        if not desks[name].opens_between(term.from_, term.to):
            said = _("{name} never works within the term.").format(name=name)
            yield Problem(f"people.{name}", 0, said, _("Check the leave and the calendar."))


def _unknown(path: str, word: str, agreement: Agreement) -> Problem:
    said = _("There is no calendar '{word}'.").format(word=word)
    return Problem(path, 0, said, nearest(word, agreement.calendars))
