"""The slow clock of an obligation: when it is due, given who owned it and when it was paused."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Response
from leadpact.units import Span
from tests.leadpact.reference.slow_clock import Desk, always_open, same_time, week_of

FOREVER = 2**62


@dataclass(frozen=True)
class Past:
    """What had happened to a lead's clock by `until`: owners from when, pauses from when to when.

    A pause that nothing has ended yet ends in `FOREVER`, or where its cap ends it.
    """

    until: int
    owners: tuple[tuple[int, str | None], ...]
    pauses: tuple[tuple[int, int], ...]

    def owner(self, at: int) -> str | None:
        return next((owner for since, owner in reversed(self.owners) if since <= at), None)

    @property
    def is_paused(self) -> bool:
        return any(begin <= self.until < end for begin, end in self.pauses)

    def pieces(self, start: int) -> Iterator[tuple[int, int, str | None, bool]]:
        """(from, to, owner, paused) from `start` on; what holds at `until` holds for ever."""
        pauses = [(f, FOREVER if f <= self.until < to else to) for f, to in self.pauses]
        edges = {start, FOREVER, *(at for at, _ in self.owners), *(e for p in pauses for e in p)}
        cuts = sorted(edge for edge in edges if start <= edge <= FOREVER)
        for begin, end in pairwise(cuts):
            paused = any(f <= begin < to for f, to in pauses)
            yield begin, end, self.owner(begin), paused


@dataclass(frozen=True)
class Terms:
    """One rung of a promise in one version: its span, and the desks that it may run on."""

    agreement: Agreement
    promise: Response
    span: Span

    def desk(self, owner: str | None) -> Desk:
        """The promise's calendar, else the owner's, the team's, the first, else always open."""
        if self.promise.calendar is not None:
            return self._desk(self.promise.calendar, ())
        person = self.agreement.people.get(owner) if owner is not None else None
        team = self.agreement.teams.get(person.team) if person and person.team else None
        named = (person.calendar if person else None) or (team.calendar if team else None)
        return self._desk(
            named or next(iter(self.agreement.calendars), None), person.leave if person else ()
        )

    def _desk(self, name: str | None, leave: tuple) -> Desk:
        if name is None:
            return replace(always_open(self.agreement.zone), leave=leave)
        clause = self.agreement.calendars[name]
        return Desk(
            clause.zone or self.agreement.zone,
            week_of(clause.open),
            frozenset(clause.holidays.dates),
            leave,
        )

    def due(self, start: int, past: Past) -> int | None:
        """When it is due; None while it is paused."""
        pieces = list(past.pieces(start))
        match self.span.unit:
            case "working hours":
                return self._used_up(pieces, self.span.micros)
            case "hours":
                return self._elapsed(pieces, self.span.micros)
            case "days":
                due = same_time(start, self.span.days, self.agreement.zone)
                return self._moved(pieces, due)
            case "working days":
                return self._working_days(pieces)
        raise AssertionError(self.span.unit)

    def used(self, start: int, past: Past, share: Fraction) -> int | None:
        """When this share of the time is used; of days, when it has elapsed. None while paused."""
        if self.span.unit == "working hours":
            return self._used_up(list(past.pieces(start)), ceil(share * self.span.micros))
        if self.span.unit == "hours":
            return self._elapsed(list(past.pieces(start)), ceil(share * self.span.micros))
        due = self.due(start, past)
        return None if due is None else start + floor(share * (due - start))

    def _used_up(self, pieces: list, working: int) -> int | None:
        for (begin, end, owner, paused), stops in _with_stops(pieces):
            if paused:
                continue
            desk = self.desk(owner)
            at = desk.after(begin, working)
            if at < end or (at == end and not stops):
                return at
            working -= desk.worked(begin, end)
        return None

    def _elapsed(self, pieces: list, left: int) -> int | None:
        for (begin, end, _, paused), stops in _with_stops(pieces):
            if paused:
                continue
            if begin + left < end or (begin + left == end and not stops):
                return begin + left
            left -= end - begin
        return None

    def _moved(self, pieces: list, due: int) -> int | None:
        for (begin, end, _, paused), stops in _with_stops(pieces):
            if paused and end == FOREVER:
                return None
            if paused:
                due += end - begin
            elif due < end or (due == end and not stops):
                return due
        raise AssertionError("the last piece lasts for ever")

    def _working_days(self, pieces: list) -> int | None:
        desk = self.desk(pieces[0][2])
        due = desk.nth_working_day(pieces[0][0], self.span.days)
        for (begin, end, owner, paused), stops in _with_stops(pieces):
            if self.desk(owner) != desk:
                left = desk.worked(begin, due)
                desk = self.desk(owner)
                due = desk.after(begin, left)
            if paused and end == FOREVER:
                return None
            if paused:
                due = max(end, desk.after(due, desk.worked(begin, end)))
            elif due < end or (due == end and not stops):
                return due
        raise AssertionError("the last piece lasts for ever")

    def worked(self, start: int, end: int, past: Past) -> int:
        """Working time between two instants on the desks as they applied, pauses left out."""
        total = 0
        for begin, to, owner, paused in past.pieces(start):
            if not paused and begin < end:
                total += self.desk(owner).worked(begin, min(to, end))
        return total


def _with_stops(pieces: list) -> Iterator[tuple[tuple, bool]]:
    """Each piece, and whether a pause follows it."""
    for number, piece in enumerate(pieces):
        following = pieces[number + 1 : number + 2]
        yield piece, bool(following and following[0][3])
