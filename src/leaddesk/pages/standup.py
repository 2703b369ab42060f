"""Stand-up: what was promised since the last working day, what was missed and why, what comes next."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from leaddesk.book import moment, report, scores, standup
from leaddesk.book.models import Person
from leaddesk.book.moment import DAY
from leaddesk.book.refusal import Absent, Refused
from leaddesk.book.report import Told
from leaddesk.book.rules import rules_of
from leaddesk.book.spans import Span
from leaddesk.book.standup import Identity, Saying
from leaddesk.pages import meanings, toast
from leaddesk.pages.form import answering
from leaddesk.pages.form import told as wrong
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, period

ROWS = 6
"""So many misses stand on the page at first, so that it fits on one screen."""
MOST_ROWS = 150
"""A row has three fields, and a form of a thousand is refused."""
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
    """A miss as it stands on the page, with what was said or typed.

    `shown` goes with the form, so that only what was changed is kept. `theirs` is what somebody else
    said (who, cause, next step) after the form was opened, beside what was typed.
    """

    identity: Identity
    shown: str
    name: str
    owner: str
    due_at: int
    how: str
    cause: str
    next_step: str
    errors: list[str]
    theirs: tuple[str, str, str] | None


class Risk(NamedTuple):
    """An open promise that is due soon."""

    lead: str
    name: str
    promise: str
    owner: str
    due_at: int


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
    errors: Mapping[str, list[str]] | None = None,
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    actor.must("read leads")
    told = report.standing(actor.workspace_id, now)
    if told is None:
        return shown(request, "pages/drawing.html", {})
    today = standup.today(told, now)
    asked = request.POST or request.GET
    day = min(_day(asked.get("day", "")) or today, today)
    rules = rules_of(actor.workspace_id)
    span = standup.since(told, rules, day)
    names = dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))
    most = MOST_ROWS if "all" in asked else ROWS
    total = standup.misses(actor, span).count()
    context = {
        "told": told,
        "day": day,
        "is_today": day == today,
        "is_all": "all" in asked,
        "since": period(span.first, span.last),
        "sides": [*_sides(standup.lines(told, rules, span))],
        "rows": [*_rows(request, span, most, names, errors or {})],
        "more": max(0, total - most),
        "misses": _how_many(total),
        "causes": causes(),
        "loads": _loads(told, names),
        "risks": [one for one in risks(actor, now, RISKS, names) if one.due_at < now + DAY],
        "away": standup.away(actor.workspace_id, day, names),
        "decisions": [
            (one, names.get(one.decided_by, one.decided_by))
            for one in standup.decisions(actor.workspace_id, day)
        ],
        "days": [one for one in standup.days(actor.workspace_id) if one != day],
        "may_say": actor.may("record facts"),
        "typed": request.POST,
        "errors": errors or {},
        "minutes": TIMER,
    }
    return shown(request, "pages/standup.html", context, 422 if errors else 200)


def _day(text: str) -> date | None:
    """The day that a text names; None where it names none."""
    try:
        found = date.fromisoformat(text) if text.isascii() and len(text) == 10 else None
    except ValueError:
        return None
    return found if found and found.year >= 1971 else None


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
    request: Any,
    span: Span,
    most: int,
    names: Mapping[str, str],
    errors: Mapping[str, list[str]],
) -> Iterator[Row]:
    found = standup.told_misses(request.actor, span, most)
    people = standup.people(request.actor, {one.identity.lead for one in found})
    typed, words = _sayings(request.POST), dict(causes())
    for one in found:
        saying, mark = typed.get(one.identity), one.identity.mark
        said, theirs = one.said, None
        if saying and saying.said != saying.shown:
            said = saying.said
            if one.said not in {saying.shown, saying.said}:
                by = names.get(one.said_by, one.said_by)
                theirs = (by, words.get(one.cause, one.cause), one.next_step)
        yield Row(
            one.identity,
            json.dumps([*one.identity, *one.said]),
            people.get(one.identity.lead, ""),
            names.get(one.owner, one.owner) or _("nobody"),
            one.due_at,
            _("answered late") if one.is_answered else _("not answered yet"),
            *said,
            [field for field in ("cause", "step") if f"{field}-{mark}" in errors],
            theirs,
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


def risks(actor: Any, now: int, most: int, names: Mapping[str, str]) -> list[Risk]:
    """The open promises that are due soon, with the people of their leads where they may be read."""
    found = standup.at_risk(actor, now, most)
    people = standup.people(actor, {one.lead for one in found})
    return [
        Risk(
            one.lead,
            people.get(one.lead, ""),
            one.promise,
            names.get(one.owner, one.owner),
            one.due_at or 0,
        )
        for one in found
    ]


@require_POST
@signed_in
@answering
def misses(request: Any) -> HttpResponse:
    """Keep what was said of the misses."""
    try:
        standup.say(request.actor, _sayings(request.POST).values(), moment.now())
    except Refused as refusal:
        return _shown(request, wrong(refusal))
    toast.say(request, _("The causes are kept."))
    return _back(request)


def _sayings(form: Any) -> dict[Identity, Saying]:
    """What a form says of each miss that it shows. Raises `Absent`."""
    found = {}
    for text in form.getlist("miss"):
        miss, shown = _shown_in(text)
        cause, step = (form.get(f"{name}-{miss.mark}") for name in ("cause", "step"))
        said = (shown[0] if cause is None else cause, shown[1] if step is None else step)
        found[miss] = Saying(miss, shown, said)
    return found


def _shown_in(text: str) -> tuple[Identity, tuple[str, str]]:
    """The miss that a field names, and the cause and the next step that the page showed of it."""
    try:
        lead, promise, pass_number, rung, occurrence, cause, step = json.loads(text)
        for word in (lead, promise, cause, step):
            word.encode()
        is_fit = all(type(n) is int and abs(n) < 2**31 for n in (pass_number, rung, occurrence))
    except (ValueError, TypeError, AttributeError, RecursionError):
        is_fit = False
    if not is_fit or "\0" in lead + promise:
        raise Absent(_("promise"))
    return Identity(lead, promise, pass_number, rung, occurrence), (cause, step)


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
        return _shown(request, wrong(refusal, {"text"}))
    undo = reverse("stand-up-strike", args=[made.pk])
    toast.say(request, _("The decision is kept."), undo)
    return _back(request)


@require_POST
@signed_in
@answering
def strike(request: Any, which: int) -> HttpResponse:
    """Take a decision back."""
    standup.strike(request.actor, which, moment.now())
    toast.say(request, _("The decision was taken back."))
    return _back(request)


def _back(request: Any) -> HttpResponse:
    """To the page as it was, of the same day."""
    day = _day(request.POST.get("day", ""))
    asked = ({"day": str(day)} if day else {}) | ({"all": ""} if "all" in request.POST else {})
    query = f"?{urlencode(asked)}" if asked else ""
    return HttpResponseRedirect(f"{reverse('stand-up')}{query}")
