"""Settings: what can be set up, and the workspace itself."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings as installation
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import moment, workspaces
from leaddesk.book.refusal import Refused
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import weekday


class Room(NamedTuple):
    """A page of settings: its title, what is set there, and where it is."""

    title: str
    meaning: str
    path: str


@require_safe
@signed_in
@answering
def settings(request: Any) -> HttpResponse:
    """The pages of settings that the visitor may open."""
    return shown(request, "settings/settings.html", {"rooms": [*rooms(request.actor)]})


def rooms(actor: Any) -> Iterator[Room]:
    """The pages of settings for somebody."""
    for title, meaning, route, right in (*_own(), *_of_all()):
        if actor.may(right):
            yield Room(title, meaning, reverse(route))


def _own() -> list[tuple[str, str, str, str]]:
    """What people set for themselves: title, meaning, route, and the right that opens it."""
    appearance = _("Your language, calendar, digits, time zone, colours and keys.")
    return [
        (_("Appearance"), appearance, "appearance", "see status"),
        (_("Account"), _("Your password, second factor and sessions."), "account", "see status"),
        (
            _("Tokens"),
            _("Keys to the API, yours or everybody's."),
            "settings-tokens",
            "hold tokens",
        ),
    ]


def _of_all() -> list[tuple[str, str, str, str]]:
    """What is set for everybody, in the same form."""
    workspace = _("Name, time zone, language, first day of the week and weekend.")
    people = _("Who works here, as what, and in which team.")
    teams = _("Who shares leads, and by whose hours.")
    days = _("Holidays and special hours beside those that the agreement names.")
    leave = _("Days off; deadlines and routing follow them.")
    channels = _("Where messages go: e-mail, Slack, webhooks; each with a real test.")
    running = _("Whether the desk hands over leads and sends mails of tracks by itself.")
    entry = _("Single sign-on, invitations, and who needs a second factor.")
    return [
        (_("Workspace"), workspace, "settings-workspace", "manage people"),
        (_("People and roles"), people, "settings-people", "read people"),
        (_("Teams"), teams, "settings-teams", "read people"),
        (_("Calendars"), days, "settings-calendars", "read people"),
        (_("Leave"), leave, "settings-leave", "read people"),
        (_("Channels"), channels, "settings-channels", "manage channels"),
        (_("By itself"), running, "settings-running", "run by itself"),
        (_("Sign-in"), entry, "settings-sign-in", "manage people"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def workspace(request: Any) -> HttpResponse:
    """The workspace: what it is called, and how its days and weeks run."""
    request.actor.must("manage people")
    if request.method != "POST":
        own = request.person.workspace
        values = {name: str(getattr(own, name)) for name in workspaces.FIELDS}
        return _form(request, values, {})
    given = typed(request, _fields())
    try:
        workspaces.change(request.actor, given, moment.now())
    except Refused as refusal:
        return _form(request, given, told(refusal, [one.name for one in _fields()]))
    say(request, _("The settings of the workspace are stored."))
    return HttpResponseRedirect(reverse("settings-workspace"))


def _form(request: Any, values: dict[str, Any], errors: dict[str, list[str]]) -> HttpResponse:
    context = {"fields": filled(_fields(), values, errors), "errors": errors}
    return shown(request, "settings/workspace.html", context, status=422 if errors else 200)


def _fields() -> list[Field]:
    week = [(str(n), weekday(date(2026, 1, 5 + n))) for n in range(7)]  # from a Monday on
    return [
        Field("name", _("Name"), required=True),
        Field(
            "zone",
            _("Time zone"),
            _("Written like Europe/Warsaw. The agreement has its own, by which it judges."),
            dir="ltr",
        ),
        Field(
            "language",
            _("Language"),
            _("For people who haven't chosen one, and for messages to them."),
            choices=installation.LANGUAGES,
        ),
        Field(
            "dates",
            _("Calendar"),
            _("By which days are written for people who haven't chosen one."),
            choices=[("", _("The usual one of the language")), *calendars()],
        ),
        Field("week_start", _("First day of the week"), choices=week),
        Field(
            "weekend",
            _("Weekend"),
            _("It is only shown. Which hours count as working time stands in the agreement."),
            choices=weekends(),
        ),
    ]


def calendars() -> list[tuple[str, str]]:
    """The calendars by which days can be written."""
    return [
        ("gregorian", _("Gregorian")),
        ("jalali", _("Jalali (Persian)")),
        ("buddhist", _("Buddhist era (Thai)")),
    ]


def weekends() -> list[tuple[str, str]]:
    """The weekends to choose from, by what `Workspace` keeps of them."""
    named = {
        "5,6": _("Saturday and Sunday"),
        "4": _("Friday"),
        "3,4": _("Thursday and Friday"),
        "3h,4": _("Half of Thursday, and Friday"),
        "4,5": _("Friday and Saturday"),
        "6": _("Sunday"),
    }
    return [(days, named[days]) for days in workspaces.WEEKENDS]
