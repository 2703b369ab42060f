"""Calendars and leave: dated exceptions beside what the agreement says, and days off."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from leaddesk.book import moment, queries, registers
from leaddesk.book.refusal import Refused
from leaddesk.pages.form import Field, answering, filled, told, typed, with_days
from leaddesk.pages.frame import shown
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import (
    Period,
    Unread,
    isolated,
    local_day,
    read_year,
    written_year,
    year_of,
)
from leadpact.agreement.calendars import proposed
from leadpact.clock import CalendarError, to_datetime

MOST_SHOWN = 500
_FIRST, _LAST = 1990, 2100
"""Years for which holidays are proposed."""
_HOURS = "09:00-12:00, 13:00-15:00"
"""The example in the hint, which runs from the left in every language."""
_COUNTRIES = 400
"""More days than a year of any country's holidays has."""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def calendars(request: Any) -> HttpResponse:
    """The calendars that the agreement names, their exceptions, and what a country proposes."""
    actor = request.actor
    actor.must("read people")
    if request.method != "POST":
        return _calendars_page(request, {}, {})
    act, now = request.POST.get("act", ""), moment.now()
    fields = _exception_fields(actor)
    given = typed(request, fields)
    try:
        days = with_days(given, fields)
        if act == "remove":
            registers.remove_exception(actor, given["calendar"], days["day"], now)
        elif act == "propose":
            _adopt(request, now)
        else:
            registers.keep_exception(actor, days, now)
    except Refused as refusal:
        return _calendars_page(request, given, told(refusal, [*given]))
    if act != "propose":
        say(request, _("The calendar is stored. Deadlines that are still open follow it."))
    return HttpResponseRedirect(reverse("settings-calendars"))


def _adopt(request: Any, now: int) -> None:
    """Close a calendar on the chosen days of those that a country proposes."""
    calendar = request.POST.get("calendar", "")
    named = request.POST.get("country", "")
    chosen = request.POST.getlist("day")[:_COUNTRIES]
    holidays = {
        day.isoformat(): name for day, name in _proposal(named, _asked_year(request.POST)[0])[0]
    }
    for day in chosen:
        given = {"calendar": calendar, "day": day, "note": holidays.get(day, "")[:200]}
        registers.keep_exception(request.actor, given, now)
    many = ngettext("%(n)s holiday was taken over.", "%(n)s holidays were taken over.", len(chosen))
    say(request, many % {"n": len(chosen)})


def _calendars_page(
    request: Any, values: Mapping[str, str], errors: dict[str, list[str]]
) -> HttpResponse:
    actor = request.actor
    country = request.GET.get("country", "").strip().upper()
    year, unread = _asked_year(request.GET)
    days, said = ([], "") if unread else _proposal(country, year)
    rows = queries.exceptions(actor, "").filter(day__year__gte=_this_year() - 1)
    stored = {(one.key, one.day) for one in rows[:MOST_SHOWN]}
    calendar = request.GET.get("calendar", "")
    context = {
        "calendars": [(one["key"], one["says"]) for one in queries.calendars(actor)],
        "exceptions": rows[:MOST_SHOWN],
        "fields": filled(_exception_fields(actor), values, errors),
        "errors": errors,
        "may_keep": actor.may("keep calendars"),
        "country": country,
        "year": request.GET["year"][:60] if unread else written_year(year),
        "unread": unread,
        "chosen": calendar,
        "proposed": [(day, name, (calendar, day) in stored) for day, name in days],
        "said": said,
    }
    return shown(request, "settings/calendars.html", context, status=422 if errors else 200)


def _this_year() -> int:
    return to_datetime(moment.now()).year


def _asked_year(given: Mapping[str, str]) -> tuple[Period, str]:
    """The year that is asked for, by the reader's calendar or the Gregorian one, this one where none
    is; and why it can't be taken."""
    this = year_of(local_day(moment.now()))
    if not (text := given.get("year", "").strip()):
        return this, ""
    try:
        asked = read_year(text)
    except Unread as error:
        return this, str(error)
    return asked, ""


def _proposal(country: str, year: Period) -> tuple[list[tuple[date, str]], str]:
    """The holidays that a country proposes for a year; else why there are none."""
    if not country:
        return [], ""
    years = sorted({one for one in (year.first.year, year.last.year) if _FIRST <= one <= _LAST})
    try:
        days = {
            day: name for one in years for day, name in proposed(country[:2], one, None).items()
        }
    except CalendarError as error:
        return [], str(error)
    return sorted(one for one in days.items() if year.first <= one[0] <= year.last), ""


def _exception_fields(actor: Any) -> list[Field]:
    named = [(one["key"], one["key"]) for one in queries.calendars(actor)]
    hours = _("Written like 09:00-12:00, 13:00-15:00. Empty: closed.")
    return [
        Field("calendar", _("Calendar"), choices=named, required=True),
        Field("day", _("Day"), type="date", dir="ltr", required=True),
        Field("open", _("Opening hours"), hours.replace(_HOURS, isolated(_HOURS)), dir="ltr"),
        Field("note", _("Why")),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def leave(request: Any) -> HttpResponse:
    """Who is off, and when; to be added and removed."""
    actor = request.actor
    actor.must("read people")
    if request.method != "POST":
        return _leave_page(request, {}, {})
    fields, now = _leave_fields(actor), moment.now()
    given = typed(request, fields)
    try:
        days = with_days(given, fields)
        if request.POST.get("act") == "remove":
            registers.remove_leave(actor, days["person"], days["first"], days["last"], now)
        else:
            registers.add_leave(actor, days, now)
    except Refused as refusal:
        return _leave_page(request, given, told(refusal, [*given]))
    say(request, _("The leave is stored. Deadlines that are still open follow it."))
    return HttpResponseRedirect(reverse("settings-leave"))


def _leave_page(
    request: Any, values: Mapping[str, str], errors: dict[str, list[str]]
) -> HttpResponse:
    actor = request.actor
    today = to_datetime(moment.now()).date()
    names = dict(queries.people(actor).values_list("key", "name"))
    rows = queries.leave(actor, "").filter(last__gte=today)[:MOST_SHOWN]
    context = {
        "leave": [(one, names.get(one.person, one.person)) for one in rows],
        "fields": filled(_leave_fields(actor), values, errors),
        "errors": errors,
        "may_keep": actor.may("keep calendars"),
    }
    return shown(request, "settings/leave.html", context, status=422 if errors else 200)


def _leave_fields(actor: Any) -> list[Field]:
    people = queries.people(actor).filter(is_active=True).values_list("key", "name")[:MOST_SHOWN]
    return [
        Field("person", _("Who"), choices=[*people], required=True),
        Field("first", _("First day off"), type="date", dir="ltr", required=True),
        Field("last", _("Last day off"), type="date", dir="ltr", required=True),
        Field("note", _("Note"), _("Seen by those who may see people; not in the audit log.")),
    ]
