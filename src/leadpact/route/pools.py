"""Pools: among whom a lead is shared out: a territory's people, a team, or all of sales."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from leadpact.agreement.check_route import RECEIVES
from leadpact.agreement.conditions import All, Any_, Did, Not
from leadpact.agreement.handoff import Route, Territory
from leadpact.facts import word
from leadpact.program.masks import passes
from leadpact.route.people import Rep

_MOST_NAME = 160


@dataclass(frozen=True)
class Pool:
    """People among whom leads are shared out: ``everyone``, ``team inbound``, ``ana, ben``.

    `territory` is the place of the territory it serves, from 1; None for the usual one. `weightless`
    are those who would belong to it with a weight above zero.
    """

    name: str
    members: tuple[Rep, ...]
    territory: int | None = None
    weightless: tuple[str, ...] = ()


@dataclass
class Pools:
    """The pools of a route: the usual one, and one for each territory."""

    route: Route
    people: Sequence[Rep]
    now: int
    _kept: dict[int, Pool] = field(default_factory=dict)

    def of(self, known: Mapping[str, str]) -> Pool:
        """The pool of a lead by what is known of it: the first territory that fits and has people."""
        for place, territory in enumerate(self.route.territories, 1):
            if holds(territory.when, known) and (pool := self.territory(place)).members:
                return pool
        return self.territory(0)

    def all(self) -> list[Pool]:
        """The usual pool, then those of the territories in their order."""
        return [self.territory(place) for place in range(len(self.route.territories) + 1)]

    def territory(self, place: int) -> Pool:
        """The pool of a territory by its place from 1; 0 for the usual one."""
        if place not in self._kept:
            self._kept[place] = self._drawn(place)
        return self._kept[place]

    def _drawn(self, place: int) -> Pool:
        if place:
            name, members = _of_territory(self.route.territories[place - 1], self.people)
        else:
            name, members = _usual(self.route, self.people)
        never = {rep.name: rep.why_never(self.now) for rep in members}
        able = tuple(rep for rep in members if not never[rep.name])
        weightless = tuple(name for name, why in never.items() if why == "no weight")
        return Pool(_short(name), able, place or None, weightless)


def _of_territory(territory: Territory, people: Sequence[Rep]) -> tuple[str, list[Rep]]:
    if territory.team:
        return f"team {territory.team}", [rep for rep in people if rep.team == territory.team]
    wanted = dict.fromkeys(territory.to)
    named = {rep.name: rep for rep in people}
    return ", ".join(wanted), [named[name] for name in wanted if name in named]


def _usual(route: Route, people: Sequence[Rep]) -> tuple[str, list[Rep]]:
    if route.team:
        return f"team {route.team}", [rep for rep in people if rep.team == route.team]
    sides = {rep.side for rep in people}
    if RECEIVES not in sides:
        return "everyone", list(people)
    return "everyone", [rep for rep in people if rep.side in {RECEIVES, ""}]


def _short(name: str) -> str:
    if len(name) <= _MOST_NAME:
        return name
    return f"{name[:120]}… {blake2b(name.encode(), digest_size=8).hexdigest()}"


def asked(route: Route) -> set[str]:
    """The attributes of leads by which a route chooses, as its territories name them."""
    found: set[str] = set()
    waiting: list[Any] = [territory.when for territory in route.territories]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (All, Any_)):
            waiting += one.all if isinstance(one, All) else one.any
        elif isinstance(one, Not):
            waiting.append(one.not_)
        elif not isinstance(one, Did):
            found.update(one.fields)
    return found


def holds(condition: Any, known: Mapping[str, str]) -> bool:
    """Whether a condition holds by what is known of a lead: attributes by their names, `fit` and `interest` in points.

    What a lead did is not among them: a test of that never holds here.
    """
    if isinstance(condition, All):
        return all(holds(part, known) for part in condition.all)
    if isinstance(condition, Any_):
        return any(holds(part, known) for part in condition.any)
    if isinstance(condition, Not):
        return not holds(condition.not_, known)
    if isinstance(condition, Did):
        return False
    return all(
        (told := _told(name, known)) is not None and passes(told, test)
        for name, test in condition.fields.items()
    )


def _told(name: str, known: Mapping[str, str]) -> str | None:
    asked = "type" if word(name) in {"type", "lead type"} else word(name)
    for spelling in (name, asked, asked.replace(" ", "_")):
        if (found := known.get(spelling)) not in {None, ""}:
            return found
    return None
