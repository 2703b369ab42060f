"""Checks of follow-up: what can't be read, can never apply, or can't be kept beside the promises."""

from collections.abc import Iterator
from typing import NamedTuple

from leadpact.agreement.contacting import Cadence, FollowUp, Guard
from leadpact.agreement.findings import Finding
from leadpact.agreement.model import Agreement
from leadpact.agreement.phrases import Quantity, touches
from leadpact.agreement.promises import Response
from leadpact.agreement.structure import rough
from leadpact.problem import Path, did_you_mean
from leadpact.units import DAY
from leadpact.words import _

WAIT = "wait"
KEPT_IN_TOUCH = ("customers", "sleeping")
"""Whom sales calls again after long: those who bought, and those whom nobody works any more."""
_DAYS = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}


def faults(agreement: Agreement) -> Iterator[Finding]:
    """What is unreadable, names what isn't there, or can never apply."""
    follow_up = agreement.follow_up
    if follow_up is None:
        return
    for name, cadence in follow_up.cadences.items():
        yield from _steps(agreement, name, cadence)
    yield from _shadowed(follow_up)
    if follow_up.guard is not None:
        yield from _guard(follow_up.guard)
    for whom, span in follow_up.keep_in_touch.items():
        path = ("follow up", "keep in touch", whom)
        if whom not in KEPT_IN_TOUCH:
            said = _("Nobody is called '{word}' here.").format(word=whom)
            yield Finding(path, said, did_you_mean(whom, KEPT_IN_TOUCH))
        elif not rough(span):
            yield Finding(path, _("No time is left."), _("Write a time above zero."))


def _steps(agreement: Agreement, name: str, cadence: Cadence) -> Iterator[Finding]:
    path = ("follow up", "cadences", name, "steps")
    agreed = agreement.definitions.attempt.by
    if all(step.do == WAIT for step in cadence.steps):
        said = _("This cadence only waits: nobody ever tries to reach anybody.")
        yield Finding(path, said, _("Add a step such as `{do: phone, after: 1 day}`."))
    for place, step in enumerate(cadence.steps):
        if agreed and step.do != WAIT and step.do not in agreed:
            said = _("'{channel}' is no channel that was agreed for attempts.")
            yield Finding(
                (*path, place, "do"),
                said.format(channel=step.do),
                did_you_mean(step.do, [*agreed, WAIT]),
            )
    if cadence.steps[-1].do == WAIT and len(cadence.steps) > 1:
        said = _("Nothing comes after this wait.")
        yield Finding((*path, len(cadence.steps) - 1), said, _("Add a touch, or leave it out."))


def _shadowed(follow_up: FollowUp) -> Iterator[Finding]:
    """The first cadence that fits is a lead's own: what comes after one that always fits never is."""
    seen: dict[str, Cadence] = {}
    for name, cadence in follow_up.cadences.items():
        for other, earlier in seen.items():
            if earlier.for_ is None or earlier.for_ == cadence.for_:
                said = _("This cadence can never apply: '{other}' stands before it and fits first.")
                remedy = _("Give '{other}' a narrower `for`, or put this one before it.")
                path = ("follow up", "cadences", name)
                yield Finding(path, said.format(other=other), remedy.format(other=other))
                break
        seen[name] = cadence


def _guard(guard: Guard) -> Iterator[Finding]:
    path = ("follow up", "guard")
    for place, limit in enumerate(map(touches, guard.at_most)):
        if not limit.number:
            said = _("No attempt at all is allowed in a {period}.").format(period=limit.period)
            yield Finding((*path, "at most", place), said, _("Allow at least one."))
    if guard.apart is not None and not rough(guard.apart):
        said = _("A distance of no time keeps nothing apart.")
        yield Finding((*path, "apart"), said, _("Write something like `3 hours`."))
    if guard.hours is not None:
        first, last = ((int(part[:2]), int(part[3:])) for part in guard.hours.split("-"))
        readable = all(m < 60 and (h < 24 or (h, m) == (24, 0)) for h, m in (first, last))
        if not readable or first in (last, (24, 0)):
            said = _("'{hours}' is no time of day from and to.").format(hours=guard.hours)
            yield Finding((*path, "hours"), said, _("Write something like `08:00-20:00`."))


class _Need(NamedTuple):
    """So many attempts that something asks for, within so many days (None: in one pass)."""

    path: Path
    what: str
    times: int
    days: int | None


def contradictions(agreement: Agreement) -> Iterator[Finding]:
    """A guard that forbids what ladders, returns or cadences of the same agreement ask for."""
    guard = agreement.follow_up.guard if agreement.follow_up else None
    if guard is None:
        return
    for need in _needs(agreement):
        for limit in map(touches, guard.at_most):
            if limit.number and (most := _most(limit, need.days)) < need.times:
                yield _contradiction(need, limit, most)
        if guard.apart is not None and need.days is not None and (apart := rough(guard.apart)):
            most = need.days * DAY // apart + 1
            if most < need.times:
                said = _(
                    "{what} asks for {times} attempts in {days} days; {apart} apart, at most {most} fit."
                )
                told = said.format(
                    what=need.what, times=need.times, days=need.days, apart=guard.apart, most=most
                )
                yield Finding(need.path, told, _("Let them be closer, or ask for fewer."))
    yield from _too_soon(agreement, guard)


def _contradiction(need: _Need, limit: Quantity, most: int) -> Finding:
    if need.days is None or limit.period == "pass":
        said = _("{what} asks for {times} attempts; the guard allows {most} in a {period}.")
    else:
        said = _(
            "{what} asks for {times} attempts in {days} days; with {limit} per {period} the guard"
            " allows at most {most}."
        )
    told = said.format(
        what=need.what,
        times=need.times,
        days=need.days,
        limit=limit.number,
        period=limit.period,
        most=most,
    )
    return Finding(need.path, told, _("Allow more in `guard`, or ask for fewer."))


def _needs(agreement: Agreement) -> Iterator[_Need]:
    for name, (side, promise) in agreement.promised().items():
        if isinstance(promise, Response) and "attempted" in promise.do:
            for place, (rung, times, span) in enumerate(promise.rungs):
                path: Path = ("promises", side, name)
                if rung is not None:
                    path = (*path, "ladder", place)
                yield _Need(path, f"'{name}'", times, -(-rough(span) // DAY))
    back = agreement.handoff.return_ if agreement.handoff else None
    if back is not None:
        what = _("The return to marketing")
        yield _Need(("handoff", "return", "after"), what, back.attempts, None)
    for name, cadence in agreement.follow_up.cadences.items() if agreement.follow_up else ():
        count = sum(step.do != WAIT for step in cadence.steps)
        yield _Need(("follow up", "cadences", name), _("This cadence"), count, None)


def _most(limit: Quantity, days: int | None) -> int:
    """The most attempts that a limit allows within so many days, wherever they begin in a week.

    So many days to the same local time touch one date more, and a period more at each end.
    """
    if limit.period == "pass":
        return limit.number
    if days is None:
        return 10**9
    length = _DAYS[limit.period]
    return limit.number * (-(-days // length) + 1)


def _too_soon(agreement: Agreement, guard: Guard) -> Iterator[Finding]:
    """Touches of a cadence that are due before the guard allows them."""
    apart = rough(guard.apart) if guard.apart is not None else 0
    for name, cadence in agreement.follow_up.cadences.items() if agreement.follow_up else ():
        waited, began = 0, False
        for place, step in enumerate(cadence.steps):
            waited += rough(step.after)
            if step.do == WAIT:
                continue
            if began and waited < apart and step.after.unit == "hours":
                said = _(
                    "This touch is due {after} after the one before it; the guard wants {apart}."
                )
                told = said.format(after=step.after, apart=guard.apart)
                path = ("follow up", "cadences", name, "steps", place, "after")
                yield Finding(path, told, _("Let it come later, or allow less distance."))
            waited, began = 0, True
