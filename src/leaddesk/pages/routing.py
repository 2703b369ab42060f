"""Routing: who gets leads by which rule, who has room, what waits for an owner."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from leaddesk.book import lists, moment, routing, trials
from leaddesk.book.models import Handoff, Lead, Person
from leaddesk.book.readings import sentences_of
from leaddesk.book.tuning import text_of
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.route_words import explained, limit_text, passed_text, pool_text
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, percent
from leadpact.route import Pool, Rota
from leadpact.route.credit import LEAD
from leadpact.route.seats import Seat

MOST_WAITING = 50
"""So many of those that wait are listed."""
_ROUTE = ("handoff.route",)


class Line(NamedTuple):
    """Somebody of a pool: whether they can be given a lead now, and what they have."""

    name: str
    why: str
    weight: str
    share: str
    given: str
    given_href: str
    open: str
    open_href: str
    caps: list[tuple[str, bool]]
    owed: str
    lacks: str


class Shown(NamedTuple):
    """A pool with its people; `territory` is what it serves, in words."""

    title: str
    territory: str
    lines: list[Line]
    free: str


class Waits(NamedTuple):
    """A lead that waits for an owner: since when, why, and when it is tried again."""

    lead: str
    name: str
    at: int
    retry_at: int | None
    why: list[str]


@require_safe
@signed_in
@answering
def page(request: Any) -> HttpResponse:
    """The room: pools with their people, what waits, what is agreed."""
    actor, now = request.actor, moment.now()
    actor.must("read leads")
    rota = routing.standing(actor.workspace_id, now)
    text = text_of(actor.workspace_id, now)
    handoff = rota.agreement.handoff
    if text is None or handoff is None or handoff.route is None:
        may = actor.may("propose agreement")
        return shown(request, "pages/routing.html", {"is_empty": True, "may_propose": may})
    names = names_of(actor)
    waiting = trials.waiting(actor)
    context = {
        "now": now,
        "rules": _agreed(text),
        "pools": [*_pools(rota, names, routing.given_lately(actor.workspace_id, now))],
        "never": [*_never(rota, names)],
        "waiting": _waiting(actor, waiting[:MOST_WAITING], names),
        "how_many": waiting.count(),
        "most": MOST_WAITING,
        "least": limit_text(rota.route.at_least) if rota.route.at_least else "",
        "is_by_weight": rota.route.by == "weight",
    }
    return shown(request, "pages/routing.html", context)


def names_of(actor: Any) -> dict[str, str]:
    """The names of people by their keys."""
    return dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))


def _agreed(text: str) -> list[str]:
    """What the agreement says of routing, in sentences."""
    return [
        one.text
        for one in sentences_of(text)
        if one.path.startswith(_ROUTE)
        or (one.path.startswith("people.") and one.path.endswith(".at most"))
    ]


def _pools(rota: Rota, names: Mapping[str, str], given: Mapping[str, int]) -> Iterator[Shown]:
    seen: set[str] = set()
    for pool in rota.pools.all():
        if pool.name in seen:
            continue
        seen.add(pool.name)
        free = [rep.name for rep in pool.members if rota.seat(rep.name).blocked() is None]
        gains = rota.shares_of(free)
        territory = ""
        if pool.territory:
            territory = _("territory %(place)s") % {"place": number(pool.territory)}
        lines = [
            _line(rota, pool, rota.seat(rep.name), gains, names, given) for rep in pool.members
        ]
        said = ngettext(
            "%(free)s of %(n)s can be given a lead now.",
            "%(free)s of %(n)s can be given a lead now.",
            len(lines),
        )
        how_many = said % {"free": number(len(free)), "n": number(len(lines))}
        yield Shown(pool_text(pool.name, names), territory, lines, how_many)


def _line(
    rota: Rota,
    pool: Pool,
    seat: Seat,
    gains: Mapping[str, int],
    names: Mapping[str, str],
    given: Mapping[str, int],
) -> Line:
    name, blocked = seat.rep.name, seat.blocked()
    turn = rota.turns.get(rota.key(pool), {}).get(name)
    least = rota.route.least
    lacks = max(least.number - seat.given.get(least.period, 0), 0) if least else 0
    return Line(
        names.get(name, name),
        passed_text(blocked.why, blocked.until, blocked.cap) if blocked else "",
        number(seat.rep.weight),
        percent(Fraction(gains[name], LEAD)) if name in gains else "",
        number(given.get(name, 0)),
        f"{reverse('handoffs')}?{urlencode({'owner': name, 'span': '30'})}",
        number(seat.open),
        _leads(owner=name, standing="open"),
        [
            (
                _("%(used)s of %(limit)s")
                % {"used": number(use.used), "limit": limit_text(use.text)},
                use.is_full,
            )
            for use in seat.uses
        ],
        number(round(Fraction(turn.credit, LEAD), 2)) if turn else number(0),
        number(lacks) if lacks else "",
    )


def _leads(**wanted: str) -> str:
    return f"{reverse('leads')}?{urlencode(wanted)}"


def _never(rota: Rota, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Those whom the agreement names as receivers and who get nothing at all, each with the reason."""
    named = {*rota.agreement.people, *rota.agreement.between.get("sales", ())}
    for rep in rota.people:
        why = rep.why_never(rota.now)
        if why and rep.name in named and rep.side in {"sales", ""}:
            yield names.get(rep.name, rep.name), passed_text(why, None, "")


def _waiting(actor: Any, rows: Iterable[Handoff], names: Mapping[str, str]) -> list[Waits]:
    listed = [*rows]
    leads = Lead.objects.of(actor.workspace_id).filter(key__in=[one.lead for one in listed])
    called = lists.told_of(actor, [*leads])
    return [
        Waits(
            one.lead,
            called[one.lead].name if one.lead in called else "",
            one.at,
            one.retry_at,
            explained(one.route, names),
        )
        for one in listed
    ]
