"""People and teams: who works here, as what, and who shares leads."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings as installation
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import moment, queries, registers
from leaddesk.book.models import Person, Role
from leaddesk.book.refusal import Refused
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in

MOST_SHOWN = 500


@require_safe
@signed_in
@answering
def people(request: Any) -> HttpResponse:
    """Everybody, those who left last."""
    actor = request.actor
    actor.must("read people")
    rows = queries.people(actor).order_by("-is_active", "name", "key")
    teams = dict(queries.teams(actor).values_list("key", "name"))
    listed = [(one, teams.get(one.team, one.team)) for one in rows[:MOST_SHOWN]]
    context = {"people": listed, "may_manage": actor.may("manage people")}
    return shown(request, "settings/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def person(request: Any, key: str = "") -> HttpResponse:
    """Somebody, to be changed; without a key somebody new."""
    actor = request.actor
    actor.must("manage people")
    row = queries.person(actor, key) if key else None
    fields = _person_fields(actor, row)
    if request.method != "POST":
        values = (
            {one.name: _plain(getattr(row, one.name, "")) for one in fields}
            if row
            else {"role": "rep"}
        )
        return _person_form(request, row, fields, values, {})
    given = typed(request, fields)
    try:
        _store_person(request, row, given)
    except Refused as refusal:
        return _person_form(
            request, row, fields, given, told(refusal, [one.name for one in fields])
        )
    say(request, _("%(name)s is stored.") % {"name": given["name"]})
    return HttpResponseRedirect(reverse("settings-people"))


def _store_person(request: Any, row: Person | None, given: Mapping[str, str]) -> None:
    values: dict[str, Any] = {**given} | {"is_active": given["is_active"] == "yes"}
    if row is None:
        registers.create_person(request.actor, values, moment.now())
    else:
        registers.change_person(request.actor, row.key, values, moment.now())


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _person_form(
    request: Any,
    row: Person | None,
    fields: list[Field],
    values: Mapping[str, str],
    errors: dict[str, list[str]],
) -> HttpResponse:
    context = {
        "row": row,
        "fields": filled(fields, values, errors),
        "errors": errors,
        "back": reverse("settings-people"),
        "back_title": _("People and roles"),
    }
    return shown(request, "settings/person.html", context, status=422 if errors else 200)


def _person_fields(actor: Any, row: Person | None) -> list[Field]:
    nobody = ("", _("none"))
    named = queries.calendars(actor)
    people = queries.people(actor).filter(is_active=True).values_list("key", "name")[:MOST_SHOWN]
    key = Field(
        "key",
        _("Key"),
        _("The name in the agreement and in facts. It can't be changed later."),
        dir="ltr",
        required=True,
    )
    return [
        *([] if row else [key]),
        Field("name", _("Name"), required=True),
        Field("email", _("E-mail"), type="email", dir="ltr"),
        Field("role", _("Role"), choices=Role.choices, required=True),
        Field("side", _("Side"), _("As the agreement names it, such as marketing or sales.")),
        Field(
            "team", _("Team"), choices=[nobody, *queries.teams(actor).values_list("key", "name")]
        ),
        Field(
            "calendar",
            _("Calendar"),
            _("By whose hours this person works; else by the team's."),
            choices=[nobody, *((one["key"], one["key"]) for one in named)],
        ),
        Field("manager", _("Manager"), choices=[nobody, *people]),
        Field("zone", _("Time zone"), _("Written like Europe/Warsaw."), dir="ltr"),
        Field("language", _("Language"), choices=[nobody, *installation.LANGUAGES]),
        Field("is_active", _("Works here"), choices=[("yes", _("yes")), ("no", _("no"))]),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def teams(request: Any) -> HttpResponse:
    """Every team, to be changed, added or removed."""
    actor = request.actor
    actor.must("read people")
    if request.method != "POST":
        return _teams_page(request, {}, {})
    given = typed(request, _team_fields(actor))
    key = given.pop("key")
    try:
        if request.POST.get("act") == "remove":
            registers.remove_team(actor, key, moment.now())
        else:
            registers.keep_team(actor, key, given, moment.now())
    except Refused as refusal:
        known = ["key", *given]
        return _teams_page(request, given | {"key": key}, told(refusal, known))
    say(request, _("The teams are stored."))
    return HttpResponseRedirect(reverse("settings-teams"))


def _teams_page(
    request: Any, values: Mapping[str, str], errors: dict[str, list[str]]
) -> HttpResponse:
    actor = request.actor
    rows = [*queries.teams(actor)[:MOST_SHOWN]]
    chosen = request.GET.get("team", "")
    asked = next((one for one in rows if one.key == chosen), None)
    if asked is not None and not values:
        values = {name: getattr(asked, name) for name in ("key", "name", "calendar", "manager")}
    names = dict(queries.people(actor).values_list("key", "name"))
    context = {
        "teams": [(one, names.get(one.manager, one.manager)) for one in rows],
        "asked": asked,
        "fields": filled(_team_fields(actor), values, errors),
        "errors": errors,
        "may_manage": actor.may("manage people"),
    }
    return shown(request, "settings/teams.html", context, status=422 if errors else 200)


def _team_fields(actor: Any) -> list[Field]:
    nobody = ("", _("none"))
    named = queries.calendars(actor)
    people = queries.people(actor).filter(is_active=True).values_list("key", "name")[:MOST_SHOWN]
    key = Field("key", _("Key"), _("Its name in the agreement."), dir="ltr", required=True)
    return [
        key,
        Field("name", _("Name"), required=True),
        Field(
            "calendar",
            _("Calendar"),
            _("By whose hours its people work."),
            choices=[nobody, *((one["key"], one["key"]) for one in named)],
        ),
        Field("manager", _("Manager"), choices=[nobody, *people]),
    ]
