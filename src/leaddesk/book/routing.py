"""Routing: who gets the leads that want an owner, decided under a lock, each with its explanation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from leaddesk.book import database
from leaddesk.book.lists import GRADES
from leaddesk.book.models import Handoff
from leaddesk.book.moment import DAY, SECOND
from leaddesk.book.rota import keep_turns, note_given, rota_of, with_owed
from leaddesk.book.rules import Rules, rules_of
from leadpact.route import Decision, Rota, Want

LATELY = 30 * DAY
_STEP = SECOND // (len(GRADES) + 1)


@dataclass(frozen=True)
class Wanted:
    """A lead that wants an owner in a pass.

    `at` is since when it waits (µs), `known` its attributes with `fit` and `interest` in points, by which
    territories choose; it doesn't go to those in `not_to`, and to those in `rather_not` only where nobody
    else can take it. `interest` is in hundredths of a point.
    """

    lead: str
    pass_: int
    at: int
    account: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    not_to: frozenset[str] = frozenset()
    interest: int = 0
    grade: str = ""
    rather_not: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Chosen:
    """The owner of a lead; or nobody, to be tried again at `retry_at` (None: nobody can tell when).

    `route` says why, as JSON.
    """

    owner: str | None
    route: str
    retry_at: int | None


def chosen(workspace: int, rules: Rules, wanted: Sequence[Wanted], now: int) -> dict[str, Chosen]:
    """Who gets these leads, inside the transaction that hands them over; nobody else gives out leads
    of the workspace until it ends."""
    if not wanted:
        return {}
    database.lock_turns(workspace)
    wants = [want_of(one) for one in wanted]
    rota = rota_of(workspace, rules, now, [one.account for one in wanted])
    decisions = rota.decide(wants)
    keep_turns(workspace, rota, now)
    note_given(decisions, wants)
    grades = {one.lead: one.grade for one in wanted}
    return {
        one.lead: Chosen(one.owner, one.text(), _in_order(one, grades[one.lead], place))
        for place, one in enumerate(decisions)
    }


def _in_order(one: Decision, grade: str, place: int) -> int | None:
    """When to try again: within the second that was told, the more important the sooner, since leads are
    looked at in the order of their times, some at once."""
    if one.retry_at is None:
        return None
    rank = GRADES.index(grade) if grade in GRADES else len(GRADES)
    return one.retry_at + rank * _STEP + min(place, _STEP - 1)


def tried(workspace: int, rules: Rules, wanted: Sequence[Wanted], now: int) -> list[Decision]:
    """Who would get these leads now, the most important first; nothing is changed or locked."""
    rota = rota_of(workspace, rules, now, [one.account for one in wanted])
    return rota.decide([want_of(one) for one in wanted])


def relief(workspace: int, rules: Rules, now: int) -> Rota:
    """The rota by which leads are passed on from owners who let them lie, with what each owes; inside
    the transaction that passes them on."""
    database.lock_turns(workspace)
    return with_owed(rota_of(workspace, rules, now), workspace)


def standing(workspace: int, now: int) -> Rota:
    """Everybody with what they have now, to be looked at: nothing is given out by it."""
    return rota_of(workspace, rules_of(workspace), now, counted=("day", "month", "open"))


def given_lately(workspace: int, now: int) -> dict[str, int]:
    """How many leads each was handed in the last 30 days, whatever became of them."""
    rows = Handoff.objects.of(workspace).filter(at__gte=now - LATELY).exclude(owner="")
    return dict(rows.values_list("owner").annotate(Count("id")))


def want_of(one: Wanted) -> Want:
    """What is wanted, as the engine takes it."""
    return Want(
        *(one.lead, one.at, one.account, one.known, one.not_to, one.interest, one.grade),
        one.rather_not,
    )
