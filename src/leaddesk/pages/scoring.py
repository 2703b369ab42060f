"""Scoring: the rules of points with what they were worth, who was scored by hand, who is near."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import lists, moment, track
from leaddesk.book.models import Lead, Person
from leaddesk.book.quarter import Quarter, keys_of, quarter, rows_of
from leaddesk.book.readings import sentences_of
from leaddesk.book.refusal import Absent
from leaddesk.book.scoring import has_points
from leaddesk.book.tuning import stages, text_of
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.lead_score import points_text
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, percent
from leadpact.measure.figures import MINIMUM
from leadpact.measure.points import Place, Share

MOST = 200
"""So many leads behind a figure are listed at most."""


class Rule(NamedTuple):
    """A rule with its track record: its sentence, whom it gave points, who of them was won."""

    said: str
    leads: str
    won: str
    rate: str
    is_few: bool
    href: str
    href_won: str


class Cell(NamedTuple):
    """A cell of the grid with its counts, each with the page that lists its leads."""

    grade: str
    leads: str
    reached: str
    won: str
    href: str
    href_reached: str
    href_won: str
    is_few: bool


class Row(NamedTuple):
    """A lead in a list: what it is called, and its score."""

    lead: Lead
    name: str
    owner: str
    fit: str
    interest: str


@require_safe
@signed_in
@answering
def scoring(request: Any) -> HttpResponse:
    """The room: rules, grades, scores by hand, and who is near."""
    actor, now = request.actor, moment.now()
    actor.must("read leads")
    text = text_of(actor.workspace_id, now)
    found = track.track(actor.workspace_id, now) if text else None
    if text is None or found is None or not has_points(found.quarter.agreement):
        may = actor.may("propose agreement")
        return shown(request, "pages/scoring.html", {"is_empty": True, "may_propose": may})
    agreement = found.quarter.agreement
    by_hand = track.by_hand(actor)
    near = track.near(actor, agreement, found.stage)
    names = names_of(actor, [*(one.lead for one in by_hand), *near])
    asked = track.thresholds(agreement, found.stage)
    context = {
        "quarter": found.quarter,
        "stage": found.stage,
        "rules": [*_rules(found, said_of(text))],
        "every": _rate(found.every),
        "grid": [*_grid(found)],
        "by_hand": [_by_hand(one, names) for one in by_hand],
        "near": [_row(one, names) for one in near],
        "most": track.NEAR,
        "minimum": MINIMUM,
        "asked": asked and {"fit": number(asked[0]), "interest": number(asked[1])},
        "unheard": found.unheard,
        "version": agreement.version,
    }
    return shown(request, "pages/scoring.html", context)


class Names(NamedTuple):
    """The names of people of the desk, and of the people behind leads, by key."""

    people: Mapping[str, str]
    leads: Mapping[str, str]


def names_of(actor: Any, leads: Sequence[Lead]) -> Names:
    """The names for a list of leads."""
    people = dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))
    contacts = lists.told_of(actor, leads)
    return Names(people, {key: one.name for key, one in contacts.items()})


def said_of(text: str) -> dict[Place, str]:
    """The sentence of each clause of the rules of points, by its place."""
    head = "qualification."
    said: dict[Place, str] = {}
    for one in sentences_of(text):
        if not one.path.startswith(head):
            continue
        name = one.path.removeprefix(head)
        if name.startswith("qualifies as "):
            said["qualifies", name.removeprefix("qualifies as ")] = one.text
            continue
        place = tuple(name.split("."))
        place = place if place[0] in {"fit", "interest"} else place[:1]
        said[place] = f"{said[place]} {one.text}" if place in said else one.text
    return said


def _rules(found: track.Track, said: Mapping[Place, str]) -> Iterator[Rule]:
    for place, share in found.rules.items():
        of = ".".join(place)
        told = (number(share.leads), number(share.won), _rate(share), not share.is_enough)
        yield Rule(said.get(place, of), *told, _href(of), _href(of, "won"))


def _rate(share: Share) -> str:
    """The part that was won with its interval, where so many were counted that it says something."""
    interval = share.interval
    if not share.is_enough or interval is None:
        return ""
    text = _("%(rate)s (%(low)s to %(high)s)")
    told = {"rate": share.rate, "low": interval.low, "high": interval.high}
    return text % {name: percent(value) for name, value in told.items()}


def _grid(found: track.Track) -> Iterator[list[Cell]]:
    """The rows of the grid, the best first."""
    for start in range(0, len(found.cells), 3):
        yield [_cell(one) for one in found.cells[start : start + 3]]


def _cell(one: track.Cell) -> Cell:
    counts = (number(one.leads), number(one.reached), number(one.won))
    hrefs = (_href(one.grade), _href(one.grade, "reached"), _href(one.grade, "won"))
    return Cell(one.grade, *counts, *hrefs, one.leads < MINIMUM)


def _href(of: str, part: str = "leads") -> str:
    return f"{reverse('scoring-leads')}?{urlencode({'of': of, 'part': part})}"


def _by_hand(one: track.ByHand, names: Names) -> dict[str, Any]:
    return {
        "row": _row(one.lead, names),
        "at": one.at,
        "by": names.people.get(one.by, one.by),
        "why": one.why,
        "fit": _given(one.fit),
        "interest": _given(one.interest),
    }


def _given(text: str) -> str:
    try:
        return number(Decimal(text)) if text else ""
    except InvalidOperation:
        return text


def _row(one: Lead, names: Names) -> Row:
    name, owner = names.leads.get(one.key, ""), names.people.get(one.owner, one.owner)
    return Row(one, name, owner, points_text(one.fit), points_text(one.interest))


@require_safe
@signed_in
@answering
def behind(request: Any) -> HttpResponse:
    """The leads behind a figure of the track record."""
    actor, now = request.actor, moment.now()
    actor.must("read leads")
    of, part = request.GET.get("of", "")[:100], request.GET.get("part", "leads")[:20]
    found = quarter(actor.workspace_id, now)
    stage = next(iter(stages(found.agreement)), "")
    leads = track.behind(found, stage, of, part)
    if leads is None:
        raise Absent(_("figure of the rules"))
    said = said_of(text_of(actor.workspace_id, now) or "")
    title = _titles().get(part, "") % {"of": said.get(tuple(of.split(".")), of)}
    return listed(request, found, keys_of(found, leads), title, reverse("scoring"))


def _titles() -> dict[str, str]:
    return {
        "leads": _("Leads behind: %(of)s"),
        "reached": _("Leads that came to the stage: %(of)s"),
        "won": _("Won leads: %(of)s"),
    }


def listed(
    request: Any, found: Quarter, keys: Sequence[str], title: str, back: str
) -> HttpResponse:
    """A list of leads of the quarter, as far as the reader may see them."""
    rows, own = rows_of(request.actor, [*keys], MOST)
    names = names_of(request.actor, rows)
    context = {
        "title": title,
        "back": back,
        "quarter": found,
        "rows": [_row(one, names) for one in rows],
        "total": len(keys),
        "hidden": len(keys) - own,
        "more": max(own - MOST, 0),
    }
    return shown(request, "pages/scoring_leads.html", context)
