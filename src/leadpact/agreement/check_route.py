"""Checks of routing: every pool has somebody, limits can be read together, minimums can be reached."""

from collections.abc import Iterator, Sequence
from itertools import chain

from leadpact.agreement import phrases
from leadpact.agreement.conditions import All, Any_, Condition, Did, Not
from leadpact.agreement.findings import Finding
from leadpact.agreement.handoff import Route, Territory
from leadpact.agreement.model import Agreement
from leadpact.agreement.parties import Person
from leadpact.agreement.phrases import Quantity
from leadpact.problem import Path, did_you_mean
from leadpact.words import _

RECEIVES = "sales"
"""The side that is given leads, where an agreement has one of that name."""
PATH: Path = ("handoff", "route")
_LENGTHS = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}
_MOST_WITHIN = {
    ("day", "week"): 7,
    ("day", "month"): 31,
    ("day", "quarter"): 92,
    ("day", "year"): 366,
    ("week", "month"): 6,
    ("week", "quarter"): 15,
    ("week", "year"): 54,
    ("month", "quarter"): 3,
    ("month", "year"): 12,
    ("quarter", "year"): 4,
}
"""How many periods of the first kind one of the second touches at most."""


def faults(agreement: Agreement) -> Iterator[Finding]:
    """Routes by which a lead would go nowhere, and limits that contradict each other."""
    for name, person in agreement.people.items():
        caps = [phrases.cap(text) for text in person.at_most]
        yield from _twice(("people", name, "at most"), caps)
    route = agreement.handoff.route if agreement.handoff else None
    if route is None:
        return
    for place, territory in enumerate(route.territories):
        path = (*PATH, "territories", place)
        yield from _territory(agreement, path, territory)
        if territory.when in [other.when for other in route.territories[:place]]:
            said = _("An earlier territory has the same condition: this one never gets a lead.")
            yield Finding((*path, "when"), said, _("Change one of the two, or join them."))
    yield from _nobody(agreement, (*PATH, "team") if route.team else PATH, receivers(agreement))
    yield from _limits(route)


def receivers(agreement: Agreement) -> list[str]:
    """Everybody whom the agreement names and to whom leads go where no territory fits."""
    route = agreement.handoff.route if agreement.handoff else None
    if route is not None and route.team:
        return _of_team(agreement, route.team)
    sides = {name: side for side, members in agreement.between.items() for name in members}
    named = list(dict.fromkeys([*sides, *agreement.people]))
    if RECEIVES not in agreement.between:
        return named
    return [name for name in named if sides.get(name, RECEIVES) == RECEIVES]


def _of_team(agreement: Agreement, team: str) -> list[str]:
    return [name for name, person in agreement.people.items() if person.team == team]


def _territory(agreement: Agreement, path: Path, territory: Territory) -> Iterator[Finding]:
    if bool(territory.team) == bool(territory.to):
        said = _("A territory goes to a team or to some people, and to one of them only.")
        yield Finding(path, said, _("Write `team: inbound` or `to: [ana, ben]`."))
    if territory.team:
        yield from _team(agreement, path, territory.team)
    sides = chain.from_iterable(agreement.between.values())
    known = list(dict.fromkeys([*sides, *agreement.people]))
    for place, name in enumerate(territory.to):
        if name not in known:
            said = _("There is no person '{name}'.").format(name=name)
            yield Finding((*path, "to", place), said, did_you_mean(name, known))
    if all(name in known for name in territory.to):
        yield from _nobody(agreement, (*path, "to"), territory.to)
    if asks_acts(territory.when):
        said = _("A territory can't ask what a lead did.")
        remedy = _("Choose by what is known of the lead: its country, industry, type or score.")
        yield Finding((*path, "when"), said, remedy)


def _team(agreement: Agreement, path: Path, team: str) -> Iterator[Finding]:
    own = [person.team for person in agreement.people.values() if person.team]
    known = list(agreement.teams or dict.fromkeys(own))
    if team not in known:
        said = _("There is no team '{team}'.").format(team=team)
        remedy = did_you_mean(team, known) if known else _("Define it, or leave it out.")
        yield Finding((*path, "team"), said, remedy)
        return
    yield from _nobody(agreement, (*path, "team"), _of_team(agreement, team))


def _nobody(agreement: Agreement, path: Path, names: Sequence[str]) -> Iterator[Finding]:
    """A finding where everybody of a pool has a weight of zero."""
    weights = [agreement.people.get(name, Person()).weight for name in names]
    if weights and not any(weights):
        said = _("Everybody who could get these leads has a weight of zero: {names}.")
        remedy = _("Give at least one of them a weight above zero.")
        yield Finding(path, said.format(names=", ".join(names)), remedy)


def asks_acts(condition: Condition) -> bool:
    """Whether a condition asks what a lead did."""
    if isinstance(condition, Not):
        return asks_acts(condition.not_)
    parts: Sequence[Condition] = ()
    if isinstance(condition, All):
        parts = condition.all
    elif isinstance(condition, Any_):
        parts = condition.any
    return isinstance(condition, Did) or any(asks_acts(part) for part in parts)


def _limits(route: Route) -> Iterator[Finding]:
    caps = [phrases.cap(text) for text in route.caps]
    most = [] if route.most is None else [route.most]
    yield from _twice((*PATH, "caps"), [*most, *caps])
    if route.least is None:
        return
    longer = [cap for cap in most if cap.period != route.least.period]
    for cap in [*longer, *caps]:
        reached = _reached(cap, route.least.period)
        if reached is not None and reached < route.least.number:
            said = _("At least {least} can't be reached with at most {most}.")
            text = said.format(least=route.at_least, most=_text(cap))
            yield Finding((*PATH, "at least"), text, _("Lower the minimum, or raise the limit."))


def _reached(cap: Quantity, period: str) -> int | None:
    """How many leads a limit lets through in a period at the very most; None where it doesn't tell."""
    if cap.period == "open":
        return None
    if cap.period == period or _LENGTHS[cap.period] > _LENGTHS[period]:
        return cap.number
    return cap.number * _MOST_WITHIN[cap.period, period]


def _twice(path: Path, caps: Sequence[Quantity]) -> Iterator[Finding]:
    seen: dict[str, Quantity] = {}
    for cap in caps:
        other = seen.setdefault(cap.period, cap)
        if other is not cap:
            said = _("Two limits count the same: {one} and {other}.")
            text = said.format(one=_text(other), other=_text(cap))
            yield Finding(path, text, _("Keep the smaller one."))


def _text(cap: Quantity) -> str:
    return f"{cap.number} open" if cap.period == "open" else f"{cap.number} per {cap.period}"
