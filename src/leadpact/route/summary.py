"""Summary: what leads came to that were given out: shares against weights, limits, and who waits why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from leadpact.route.choosing import Rota
from leadpact.route.deciding import Decision

ACCOUNT, EMPTY = "account", "empty"
"""Why leads wait: for the owner of their account; since nobody is in their pool."""


class Part(NamedTuple):
    """What somebody got: so many leads, that share of all that were given out; by weight it would
    have been `due` leads. `full` are the limits of theirs that are full, `why` and `until` say why
    they couldn't be given any at first."""

    name: str
    leads: int
    share: Fraction | None
    due: Fraction
    full: tuple[str, ...]
    why: str = ""
    until: int | None = None


class Waiting(NamedTuple):
    """So many leads wait for the same reasons (those of `Passed`, ``account``, ``empty``), and when the
    first of them is tried again."""

    why: tuple[str, ...]
    leads: int
    retry_at: int | None


class Summary(NamedTuple):
    """What leads came to: those given out, who got how many, and those that wait."""

    given: int
    parts: tuple[Part, ...]
    waiting: tuple[Waiting, ...]


def summed(rota: Rota, decisions: Iterable[Decision]) -> Summary:
    """What decisions of a rota came to; whoever is in a pool is listed, most leads first."""
    sums = Sums()
    sums.add(decisions)
    return sums.of(rota)


@dataclass
class Sums:
    """Decisions as they are counted, some at a time."""

    leads: Counter[str] = field(default_factory=Counter)
    pools: Counter[int] = field(default_factory=Counter)
    waiting: Counter[tuple[str, ...]] = field(default_factory=Counter)
    again: dict[tuple[str, ...], int] = field(default_factory=dict)

    def add(self, decisions: Iterable[Decision]) -> None:
        """Count some decisions."""
        for one in decisions:
            if one.owner is not None:
                self.leads[one.owner] += 1
                self.pools[one.territory or 0] += 1
                continue
            why = reasons_of(one)
            self.waiting[why] += 1
            if one.retry_at is not None:
                self.again[why] = min(self.again.get(why, one.retry_at), one.retry_at)

    def of(self, rota: Rota) -> Summary:
        """What all of them came to, by the rota that made them."""
        leads = self.leads
        given, due = sum(leads.values()), _due(rota, self.pools)
        parts = [_part(rota, name, leads[name], given, due.get(name, Fraction(0))) for name in due]
        parts += [
            _part(rota, name, leads[name], given, Fraction(0)) for name in leads if name not in due
        ]
        parts.sort(key=lambda part: (-part.leads, -part.due, part.name))
        waiting = [
            Waiting(why, count, self.again.get(why)) for why, count in self.waiting.most_common()
        ]
        return Summary(given, tuple(parts), tuple(waiting))


def _due(rota: Rota, pools: Counter[int]) -> dict[str, Fraction]:
    """How many leads each would get by weight alone, of as many as each pool gave out."""
    due: dict[str, Fraction] = {}
    for pool in rota.pools.all():
        whole = sum((Fraction(rep.weight) for rep in pool.members), Fraction(0))
        for rep in pool.members:
            share = Fraction(rep.weight) / whole * pools[pool.territory or 0]
            due[rep.name] = due.get(rep.name, Fraction(0)) + share
    return due


def _part(rota: Rota, name: str, leads: int, given: int, due: Fraction) -> Part:
    seat = rota.seat(name)
    full = tuple(use.text for use in seat.uses if use.is_full)
    away = (seat.away.why, seat.away.until) if seat.away else ("", None)
    return Part(name, leads, Fraction(leads, given) if given else None, due, full, *away)


def reasons_of(one: Decision) -> tuple[str, ...]:
    """Why a lead waits: the reasons of those who were passed over, ``account`` or ``empty``."""
    if one.rule == ACCOUNT:
        return (ACCOUNT,)
    return tuple(sorted({passed.why for passed in one.passed})) or (EMPTY,)
