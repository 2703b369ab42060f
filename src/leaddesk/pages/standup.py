"""Stand-up: what was promised since the last working day, what was missed and why, what comes next."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from leaddesk.book import moment, report, scores, standup
from leaddesk.book.models import Contact, Person
from leaddesk.book.moment import DAY
from leaddesk.book.refusal import Refused
from leaddesk.book.report import Told
from leaddesk.book.rules import rules_of
from leaddesk.book.spans import Span
from leaddesk.book.standup import Identity
from leaddesk.pages import meanings, toast
from leaddesk.pages.form import answering
from leaddesk.pages.form import told as wrong
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, period

ROWS = 6
"""So many misses stand on the page at first, so that it fits on one screen."""
MOST_ROWS = 200
RISKS = 4
TIMER = 15


class Line(NamedTuple):
    """One promise as it stands on the page."""

    promise: str
    promised: str
    done: str
    missed: str
    state: str
    href: str


class Row(NamedTuple):
    """A miss as it stands on the page, with what was said or typed."""

    number: int
    identity: Identity
    name: str
    owner: str
    due_at: int
    how: str
    cause: str
    next_step: str


def causes() -> list[tuple[str, str]]:
    """The causes that people pick from, in words."""
    said = {
        "no time": _("No time: too much at once"),
        "not seen": _("Not seen"),
        "away": _("Owner away"),
        "wrong data": _("Wrong or missing data"),
        "system": _("System or handover failed"),
        "not reachable": _("Tried elsewhere, not logged"),
        "other": _("Something else"),
    }
    return [("", _("– not said –")), *((key, said[key]) for key in standup.CAUSES)]


@require_safe
@signed_in
@answering
def page(request: Any) -> HttpResponse:
    """The stand-up of today, or of a day that is over."""
    return _shown(request)


def _shown(
    request: Any,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, list[str]] | None = None,
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    actor.must("read leads")
    told = report.standing(actor.workspace_id, now)
    if told is None:
        return shown(request, "pages/drawing.html", {})
    today = standup.today(told, now)
    day = min(_day(request.GET.get("day", ""), today), today)
    rules = rules_of(actor.workspace_id)
    span = standup.since(told, rules, day)
    names = dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))
    most = MOST_ROWS if "all" in request.GET else ROWS
    total = standup.misses(actor, span).count()
    context = {
        "told": told,
        "day": day,
        "is_today": day == today,
        "since": period(span.first, span.last),
        "sides": [*_sides(standup.lines(told, rules, span))],
        "rows": [*_rows(request, span, most, names, typed or {})],
        "more": max(0, total - most),
        "misses": _how_many(total),
        "causes": causes(),
        "loads": _loads(told, names),
        "risks": [*_risks(request, now, names)],
        "away": standup.away(actor.workspace_id, day, names),
        "decisions": [
            (one, names.get(one.decided_by, one.decided_by))
            for one in standup.decisions(actor.workspace_id, day)
        ],
        "days": [one for one in standup.days(actor.workspace_id) if one != day],
        "may_say": actor.may("record facts"),
        "typed": typed or {},
        "errors": errors or {},
        "minutes": TIMER,
    }
    return shown(request, "pages/standup.html", context, 422 if errors else 200)


def _day(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(text) if text.isascii() and len(text) == 10 else today
    except ValueError:
        return today
    return found if found.year >= 1971 else today


def _how_many(total: int) -> str:
    if not total:
        return _("Nothing was missed")
    said = ngettext("%(count)s miss", "%(count)s misses", total)
    return said % {"count": number(total)}


def _sides(found: list[standup.Line]) -> Iterator[tuple[str, list[Line]]]:
    """Each side with what it had promised for these days."""
    for side in dict.fromkeys(one.side for one in found):
        yield side, [_line(one) for one in found if one.side == side]


def _line(one: standup.Line) -> Line:
    state = "" if one.missed is None else "bad" if one.missed else "good"
    return Line(
        one.promise,
        number(one.promised),
        number(one.done),
        number(one.missed),
        state,
        meanings.address(one.key),
    )


def _rows(
    request: Any, span: Span, most: int, names: Mapping[str, str], typed: Mapping[str, str]
) -> Iterator[Row]:
    actor = request.actor
    found = standup.told_misses(actor, span, most)
    people: dict[str, str] = {}
    if actor.may("read contacts"):
        keys = [one.identity.lead for one in found]
        rows = Contact.objects.of(actor.workspace_id).filter(lead__in=keys)
        people = dict(rows.values_list("lead", "name"))
    for place, one in enumerate(found):
        yield Row(
            place,
            one.identity,
            people.get(one.identity.lead, ""),
            names.get(one.owner, one.owner) or _("nobody"),
            one.due_at,
            _("answered late") if one.is_answered else _("not answered yet"),
            typed.get(f"cause-{place}", one.cause),
            typed.get(f"step-{place}", one.next_step),
        )


def _loads(told: Told, names: Mapping[str, str]) -> list[tuple[str, scores.Load, str, str]]:
    """What each person has to do today."""
    found = scores.loads(told, str(told.body["now"]["day"]))
    return [
        (
            names.get(one.person, one.person) or _("nobody"),
            one,
            meanings.address(one.late.key),
            meanings.address(one.today.key),
        )
        for one in found
    ]


def _risks(request: Any, now: int, names: Mapping[str, str]) -> Iterator[tuple[Any, str]]:
    for one in standup.at_risk(request.actor, now, RISKS):
        if one.due_at < now + DAY:
            yield one, names.get(one.owner, one.owner)


@require_POST
@signed_in
@answering
def misses(request: Any) -> HttpResponse:
    """Keep what was said of the misses."""
    now, form = moment.now(), request.POST
    try:
        for place in range(MOST_ROWS):
            if f"lead-{place}" not in form:
                break
            identity = Identity(
                form[f"lead-{place}"],
                form.get(f"promise-{place}", ""),
                _number(form.get(f"pass-{place}", "")),
                _number(form.get(f"rung-{place}", "")),
            )
            said = (form.get(f"cause-{place}", ""), form.get(f"step-{place}", ""))
            standup.say(request.actor, identity, *said, now)
    except Refused as refusal:
        errors = {
            {"cause": f"cause-{place}", "next_step": f"step-{place}"}.get(field, ""): texts
            for field, texts in wrong(refusal).items()
        }
        return _shown(request, form, errors)
    toast.say(request, _("The causes are kept."))
    return _back()


def _number(text: str) -> int:
    """A small number; -1 where the text is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


@require_POST
@signed_in
@answering
def decide(request: Any) -> HttpResponse:
    """Keep a decision."""
    now = moment.now()
    told = report.standing(request.actor.workspace_id, now)
    day = date.fromtimestamp(now / 1e6) if told is None else standup.today(told, now)  # noqa: DTZ012
    try:
        made = standup.decide(request.actor, day, request.POST.get("text", ""), now)
    except Refused as refusal:
        return _shown(request, request.POST, wrong(refusal, {"text"}))
    undo = reverse("stand-up-strike", args=[made.pk])
    toast.say(request, _("The decision is kept."), undo)
    return _back()


@require_POST
@signed_in
@answering
def strike(request: Any, which: int) -> HttpResponse:
    """Take a decision back."""
    standup.strike(request.actor, which, moment.now())
    toast.say(request, _("The decision was taken back."))
    return _back()


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("stand-up"))
