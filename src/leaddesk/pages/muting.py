"""Muting: what somebody doesn't want to hear for a while, until when, and what reaches them all the same."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leaddesk.book import moment
from leaddesk.book.moment import MINUTE
from leaddesk.book.receivers import Staff
from leaddesk.book.refusal import Refused, refused
from leaddesk.pages.form import Field, answering, filled, told, typed, with_days
from leaddesk.pages.frame import shown
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.post import wishes as muted
from leaddesk.tongue import instant_text, local_day, wishes
from leadpact.agreement.promises import Response
from leadpact.clock import day_start, to_micros
from leadpact.clock.zones import zone_named

MORNING = time(8)
_EPOCH = date(1970, 1, 1).toordinal()


class Row(NamedTuple):
    """A mute: what of it is silent in words, and until when."""

    number: int
    kind: str
    lead: str
    until: int


class Step(NamedTuple):
    """When and whom the agreement tells of a promise that nobody answers."""

    promise: str
    share: Any
    to: str


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def muting(request: Any) -> HttpResponse:
    """What the visitor muted, and a form to mute more."""
    request.actor.must("mute notices")
    now = moment.now()
    fields = _fields(now)
    if request.method != "POST":
        asked = {one: request.GET.get(one, "")[:200] for one in ("kind", "lead")}
        return _page(request, {"lasts": "hour", **asked}, {}, now)
    given = typed(request, fields)
    try:
        until = _until(with_days(given, fields), now)
        kind, lead = given["kind"][:100], given["lead"].replace("\x00", "").strip()[:200]
        made = muted.mute(request.actor, until, now, kind, lead)
    except Refused as refusal:
        return _page(request, given, told(refusal, [one.name for one in fields]), now)
    said = _("It is muted for you until %s, and ends by itself.")
    say(request, said % instant_text(made.until))
    return HttpResponseRedirect(reverse("account-mute"))


@require_POST
@signed_in
@answering
def end_muting(request: Any) -> HttpResponse:
    """Hear again: one thing that was muted, or all."""
    which = request.POST.get("mute", "")
    wanted = {}
    if which != "all":
        wanted["pk"] = int(which) if which.isascii() and which.isdigit() and len(which) < 19 else 0
    if muted.unmute(request.actor, moment.now(), **wanted):
        say(request, _("You hear it again. What came meanwhile stands in your next digest."))
    else:
        say(request, _("It had ended before."))
    onward = request.POST.get("next", "")
    known = url_has_allowed_host_and_scheme(onward, {request.get_host()})
    return HttpResponseRedirect(onward if known else reverse("account-mute"))


def _until(given: Mapping[str, str], now: int) -> int:
    match given["lasts"]:
        case "hour":
            return now + 60 * MINUTE
        case "tomorrow":
            return _tomorrow(now)
        case "day" if given["day"]:
            zone = wishes().zone
            return day_start(date.fromisoformat(given["day"]).toordinal() - _EPOCH, zone)
        case "day":
            said = _("No day is named.")
            raise refused("day", said, _("Write the first day on which you want to hear again."))
    raise refused("lasts", _("It must end."), _("Choose until when."))


def _tomorrow(now: int) -> int:
    """Tomorrow morning on the visitor's clock."""
    day = local_day(now) + timedelta(days=1)
    return to_micros(datetime.combine(day, MORNING, zone_named(wishes().zone)))


def _page(
    request: Any, values: Mapping[str, str], errors: Mapping[str, Sequence[str]], now: int
) -> HttpResponse:
    staff = Staff(request.actor.workspace_id, now)
    handoff = staff.agreement.handoff
    words = dict(_kinds())
    context = {
        "fields": filled(_fields(now), values, errors),
        "errors": errors,
        "mutes": [
            Row(one.pk, words.get(one.kind, one.kind), one.lead, one.until)
            for one in muted.mutes(request.actor, now)
        ],
        "means": [*handoff.notify] if handoff else [],
        "in_line": _in_line(staff, request.person),
        "steps": [*_steps(staff)],
    }
    return shown(request, "account/mute.html", context, status=422 if errors else 200)


def _in_line(staff: Staff, person: Any) -> list[str]:
    """The names of those who hear escalations in the place of the visitor."""
    silent = muted.mutes_of(person.workspace_id, staff.now)
    for above in staff.in_line(person.key, person.side):
        able = [staff.active[one] for one in above if not silent.cover(one, muted.ESCALATED)]
        if names := [one.name for one in able if one.email]:
            return names
    return []


def _steps(staff: Staff) -> Iterator[Step]:
    """What the agreement in force escalates."""
    for promises in staff.agreement.promises.values():
        for name, promise in promises.items():
            for step in promise.escalate if isinstance(promise, Response) else ():
                if step.to:
                    yield Step(name, step.at, step.to)


def _kinds() -> list[tuple[str, str]]:
    return [
        ("", _("Everything")),
        ("at risk", _("What is soon due")),
        ("broken", _("What was missed")),
        ("corrected", _("Verdicts that were corrected")),
        ("escalated", _("Escalations")),
        ("goes back", _("Leads that go back to marketing soon")),
        ("digest", _("The daily digest")),
    ]


def _fields(now: int) -> list[Field]:
    lasts = [
        ("hour", _("for an hour")),
        ("tomorrow", _("until tomorrow morning: %s") % instant_text(_tomorrow(now))),
        ("day", _("until a day of my choice")),
    ]
    return [
        Field("kind", _("What"), choices=_kinds()),
        Field("lead", _("Of which lead"), _("The key of one lead. Empty: of all."), dir="ltr"),
        Field("lasts", _("How long"), _("It ends by itself."), choices=lasts),
        Field(
            "day",
            _("Day"),
            _("The first day on which you hear again, at most 90 days ahead."),
            "date",
            dir="ltr",
        ),
    ]
