"""Nurture: the tracks with their steps, who is in them, what was sent, and how well it does."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import lists, moment, paging, report, tracks
from leaddesk.book.access import Actor, seen
from leaddesk.book.models import Enrolment, Lead, Person
from leaddesk.book.paging import Order
from leaddesk.book.refusal import Absent
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.lead_filters import plain_key
from leaddesk.pages.meanings import length
from leaddesk.pages.nurture_words import came_text, ending_text, left_text, stage_text
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, percent

SIZE, FIRST = 50, 8
NEWEST = Order("entered_at", is_falling=True, key="lead")
WITHIN = "in"


class Line(NamedTuple):
    """A lead in a track as pages show it: who it is, why it came, why it left."""

    row: Enrolment
    name: str
    step: str
    came: Any
    left: str


class Measure(NamedTuple):
    """A measure of nurture: what it is called and means, its value with what that was counted from."""

    name: str
    title: str
    meaning: str
    value: str
    note: str
    is_few: bool


@require_safe
@signed_in
@answering
def nurture(request: Any) -> HttpResponse:
    """Every track: its steps, who is in it, what goes out next, and how well nurture does."""
    actor, now = request.actor, moment.now()
    found = tracks.told(actor, now)
    steps = {one.name: one.steps for one in found}
    runs = tracks.runs(actor.workspace_id)
    told = report.standing(actor.workspace_id, now)
    context = {
        "tracks": [_track(one) for one in found],
        "coming": _lines(actor, tracks.coming(actor, FIRST), steps),
        "runs": runs,
        "lacking": list(dict.fromkeys(name for one in found for name in one.lacking)),
        "measures": _measures(told.body.get("nurture")) if told else [],
        "as_of": told.as_of if told else None,
    }
    return shown(request, "pages/nurture.html", context)


@require_safe
@signed_in
@answering
def track(request: Any, name: str) -> HttpResponse:
    """One track: its steps by stage, the people in it, and why others left."""
    actor, now = request.actor, moment.now()
    name = plain_key(name)
    found = tracks.told(actor, now, name)
    if not found:
        raise Absent(f"track {name}")
    (one,) = found
    show = request.GET.get("show", WITHIN)[:200]
    show = show if show == WITHIN or show in one.exits else WITHIN
    rows = tracks.enrolments(actor).filter(track=name)
    rows = rows.filter(left_at=None) if show == WITHIN else _left(rows, show)
    page = paging.page_of(rows, NEWEST, paging.read(NEWEST, request.GET.get("at", "")), SIZE)
    context = {
        "track": _track(one),
        "show": show,
        "sends": tracks.runs(actor.workspace_id).since is not None,
        "ends": [ending_text(why) for why in (one.clause.leave_when if one.clause else ())],
        "lines": _lines(actor, page.rows, {name: one.steps}),
        "previous": _onward(show, page.before),
        "next": _onward(show, page.after),
    }
    return shown(request, "pages/nurture_track.html", context)


def _left(rows: Any, why: str) -> Any:
    return rows.filter(left_why=why).exclude(left_at=None)


def _onward(show: str, at: str) -> str:
    return f"?{urlencode({'show': show, 'at': at})}" if at else ""


def _track(one: tracks.Told) -> dict[str, Any]:
    return {
        "told": one,
        "stages": [
            (step, stage_text(step.step.stage), length(str(step.step.after))) for step in one.steps
        ],
        "covers": [stage_text(stage) for stage in (one.clause.covers if one.clause else ())],
        "is_of_before": one.within > one.paused and one.next_at is None,
        "exits": [(why, left_text(why), count) for why, count in one.exits.items()],
        "left": sum(one.exits.values()),
    }


def _lines(
    actor: Actor, rows: Sequence[Enrolment], steps: Mapping[str, Sequence[tracks.Planned]]
) -> list[Line]:
    leads = [*Lead.objects.of(actor.workspace_id).filter(key__in={one.lead for one in rows})]
    contacts = lists.told_of(actor, leads)
    names = _names(actor.workspace_id, {one.by for one in rows})
    return [
        Line(
            one,
            contacts[one.lead].name if one.lead in contacts else "",
            _step(steps.get(one.track, ()), one.step),
            came_text(one, names),
            left_text(one.left_why) if one.left_at is not None else "",
        )
        for one in rows
    ]


def _step(steps: Sequence[tracks.Planned], number_: int) -> str:
    return steps[number_].step.send if number_ < len(steps) else ""


def _names(workspace: int, people: Collection[str]) -> dict[str, str]:
    named = Person.objects.of(workspace).filter(key__in=people)
    return dict(named.values_list("key", "name"))


@require_safe
@signed_in
@answering
def measure(request: Any, name: str) -> HttpResponse:
    """The leads behind a measure of nurture, as far as the reader may see them."""
    actor, now = request.actor, moment.now()
    actor.must("read leads")
    told = report.standing(actor.workspace_id, now)
    shares = told.body.get("nurture", {}).get("shares", []) if told else []
    found = next((one for one in shares if one["name"] == name), None)
    if told is None or found is None:
        raise Absent(f"measure {plain_key(name)}")
    leads = Lead.objects.of(actor.workspace_id).filter(
        key__in=[key for key, _hit in found["leads"]]
    )
    rows = {one.key: one for one in seen(actor, leads)}
    contacts = lists.told_of(actor, [*rows.values()])
    context = {
        "measure": _share(found),
        "as_of": told.as_of,
        "rows": [
            {
                "key": key,
                "name": contacts[key].name if key in contacts else "",
                "hit": hit,
            }
            for key, hit in found["leads"]
            if key in rows
        ],
    }
    return shown(request, "pages/nurture_measure.html", context)


def _measures(told: Mapping[str, Any] | None) -> list[Measure]:
    """What is measured, in words."""
    if told is None:
        return []
    return [*(_share(one) for one in told["shares"]), _lift(told["lift"])]


def _share(one: Mapping[str, Any]) -> Measure:
    title, meaning = _words()[one["name"]]
    share, interval = one["share"], one["interval"]
    parts = {"hits": number(one["numerator"]), "count": number(one["denominator"])}
    note = _("%(hits)s of %(count)s") % parts
    if one["immature"]:
        young = {"note": note, "young": number(one["immature"])}
        note = _("%(note)s; too young to count: %(young)s") % young
    is_few = one["denominator"] < one["minimum_count"]
    if interval is not None:
        ends = {
            "note": note,
            "low": percent(Decimal(interval["low"])),
            "high": percent(Decimal(interval["high"])),
        }
        note = _("%(note)s; the true share is likely between %(low)s and %(high)s") % ends
    value = "–" if share is None else percent(Decimal(share))
    return Measure(one["name"], title, meaning, value, note, is_few)


def _lift(one: Mapping[str, Any]) -> Measure:
    title = _("Interest, before and after")
    meaning = _(
        "Mean points of interest when a lead entered a track, and when it left it or now; entered in the last year."
    )
    if one["before"] is None:
        return Measure(
            "lift", title, meaning, "–", _("Nobody was enrolled in the last year."), True
        )
    ends = {"before": number(Decimal(one["before"])), "after": number(Decimal(one["after"]))}
    counts = {name: number(one[name]) for name in ("rose", "fell", "count")}
    note = _("of %(count)s, %(rose)s rose and %(fell)s fell") % counts
    value = _("%(before)s → %(after)s") % ends
    return Measure("lift", title, meaning, value, note, one["count"] < FEW)


FEW = 30


def _words() -> dict[str, tuple[str, str]]:
    """What each share is called, and what it means: numerator, denominator, cohort."""
    return {
        "coverage": (
            _("Returned leads in a track"),
            _(
                "Leads that are in an agreed track within 14 days, of all that sales gave back in the last year."
            ),
        ),
        "recovery": (
            _("Recovered leads"),
            _(
                "Leads that qualify again within 180 days, of all that sales gave back in the last year."
            ),
        ),
        "rejected again": (
            _("Rejected again"),
            _("Second and later passes that sales rejected, of all that began in the last year."),
        ),
        "enrolled": (
            _("Enrolled leads that qualify"),
            _(
                "Of leads that arose or came back in the last year, hadn't qualified 14 days later and were in a track by then: those that qualify in the next 90 days."
            ),
        ),
        "not enrolled": (
            _("Other leads that qualify"),
            _(
                "The same for leads that were in no track by then. It is a comparison, no proof: who is enrolled isn't drawn by lot."
            ),
        ),
    }
