"""Calendars: the working times that an agreement names, as the clock reads them."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from leadpact.agreement.findings import Finding
from leadpact.agreement.model import Agreement
from leadpact.agreement.parties import CalendarClause, Person
from leadpact.clock.calendar import Calendar, Day, Range
from leadpact.clock.zones import CalendarError, zone_named
from leadpact.problem import did_you_mean, meant
from leadpact.units import Misread
from leadpact.words import _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ALIASES = {"tues": "tue", "wednes": "wed", "thur": "thu", "thurs": "thu", "satur": "sat"}
_MINUTES = 1440
_HOURS = re.compile(r"([01]?\d|2[0-4])[:.]([0-5]\d)\s*(?:-|–|to)\s*([01]?\d|2[0-4])[:.]([0-5]\d)")
_FIRST, _LAST = date(1970, 1, 1), date(2199, 12, 31)


def calendars(agreement: Agreement) -> dict[str, Calendar]:
    """Every calendar of the agreement by name. Raises `Misread` or `CalendarError` on a bad one."""
    return {
        name: calendar_of(clause, agreement.zone) for name, clause in agreement.calendars.items()
    }


def default_calendar(agreement: Agreement) -> Calendar:
    """The first calendar of the agreement; round the clock in its zone where it has none."""
    for clause in agreement.calendars.values():
        return calendar_of(clause, agreement.zone)
    return Calendar(agreement.zone, (((0, _MINUTES),),) * 7)


def calendar_name(agreement: Agreement, person: Person) -> str | None:
    """The name of the calendar that a person, or else their team, is given; None: the first."""
    team = agreement.teams.get(person.team or "")
    return person.calendar or (team.calendar if team else None)


def calendar_of(clause: CalendarClause, agreement_zone: str) -> Calendar:
    """A calendar as the clock reads it. Raises `Misread` for bad hours, `CalendarError` else."""
    week: list[list[Range]] = [[] for _day in DAYS]
    for days, hours in clause.open.items():
        ranges = [found for text in hours for found in open_hours(text)]
        for day in weekdays(days):
            week[day] += ranges
    return Calendar(
        clause.zone or agreement_zone,
        tuple(tuple(sorted(ranges)) for ranges in week),
        frozenset(clause.holidays.dates),
    )


def weekdays(text: str) -> list[int]:
    """The days (Monday is 0) that a key names: ``sat``, ``mon-fri``, ``sun-thu``, ``mon, wed``."""
    found: list[int] = []
    for part in text.replace("–", "-").split(","):
        first, dash, last = part.partition("-")
        begin = _weekday(first)
        length = (_weekday(last) - begin) % 7 + 1 if dash else 1
        found += [(begin + n) % 7 for n in range(length)]
    return found


def _weekday(text: str) -> int:
    word = text.strip().lower()
    short = _ALIASES.get(word, DAYS[_LONG.index(word)] if word in _LONG else word)
    if short in DAYS:
        return DAYS.index(short)
    raise Misread(
        _("'{word}' is no day of the week.").format(word=text.strip()),
        did_you_mean(word, [*DAYS, *_LONG] if meant(word, _LONG) else DAYS),
    )


def open_hours(text: str) -> Day:
    """The open range of a text in minutes: ``09:00-12:30``; past 24:00 across midnight; ``always``."""
    words = " ".join(text.split()).lower()
    if words in {"always", "all day"}:
        return ((0, _MINUTES),)
    if words == "closed":
        return ()
    match = _HOURS.fullmatch(words)
    if match is None:
        raise Misread(
            _("'{text}' is no range of hours.").format(text=text[:60]),
            _("Write it like 09:00-12:30, 22:00-06:00 or always."),
        )
    begin, end = (60 * int(match[n]) + int(match[n + 1]) for n in (1, 3))
    if begin >= _MINUTES or end > _MINUTES or begin == end:
        raise Misread(
            _("'{text}' is no range of hours.").format(text=text),
            _("Write an opening and a closing time from 00:00 to 24:00, or always."),
        )
    return ((begin, end if end > begin else end + _MINUTES),)


def faults(agreement: Agreement) -> Iterator[Finding]:
    """What keeps the calendars of an agreement from being used."""
    zone = agreement.zone
    try:
        zone_named(zone)
    except CalendarError as error:
        yield Finding(("zone",), *sentences(error))
        zone = "UTC"
    for name, clause in agreement.calendars.items():
        yield from _faults_of(name, clause, zone)


def _faults_of(name: str, clause: CalendarClause, zone: str) -> Iterator[Finding]:
    path = ("calendars", name)
    readable = True
    try:
        zone_named(clause.zone or zone)
    except CalendarError as error:
        readable = False
        yield Finding((*path, "zone"), *sentences(error))
    for days, hours in clause.open.items():
        for read, text in [(weekdays, days), *((open_hours, text) for text in hours)]:
            try:
                read(text)
            except Misread as misread:
                readable = False
                yield Finding((*path, "open", days), misread.problem, misread.remedy)
    if readable:
        try:
            calendar_of(clause, zone)
        except CalendarError as error:
            yield Finding((*path, "open"), *sentences(error))
    yield from _unknown_country(path, clause)


def _unknown_country(path: tuple[str, str], clause: CalendarClause) -> Iterator[Finding]:
    holidays = clause.holidays
    if holidays.country is None:
        if holidays.region is not None:
            said = _("A region is given without its country.")
            yield Finding((*path, "holidays", "region"), said, _("Write `country:` as well."))
        return
    try:
        proposed(holidays.country, 2026, holidays.region)
    except CalendarError as error:
        yield Finding((*path, "holidays"), *sentences(error))


@lru_cache(maxsize=512)
def proposed(country: str, year: int, region: str | None) -> dict[date, str]:
    """The public holidays that a country proposes for a year, with their names."""
    from leadpact.clock.proposals import proposed_holidays

    return proposed_holidays(country, year, region)


def sentences(error: CalendarError) -> tuple[str, str]:
    """The problem and the remedy of an error that says both, one after the other."""
    first, _stop, rest = str(error).partition(". ")
    return (f"{first}.", rest) if rest else (str(error), _("Compare it with the reference."))


def away(person: Person) -> tuple[tuple[date, date], ...]:
    """The leave of a person, and the days before they came and after they left."""
    away = [*person.leave]
    if person.from_ and person.from_ > _FIRST:
        away.append((_FIRST, person.from_ - timedelta(1)))
    if person.to and person.to < _LAST:
        away.append((person.to + timedelta(1), _LAST))
    return tuple(away)
