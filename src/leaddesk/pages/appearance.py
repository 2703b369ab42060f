"""Appearance: how the desk looks and speaks to one person; everybody chooses for themselves alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings as installation
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leaddesk.book import moment, registers
from leaddesk.book.refusal import Refused
from leaddesk.book.wishes import wishes_of
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.settings import calendars
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import is_spoken, local_day, speaking

_NUMBER = 1_234_567
"""Shows how numbers are written."""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def appearance(request: Any) -> HttpResponse:
    """The wishes of the visitor, and what becomes of them."""
    if request.method != "POST":
        return _form(request, _own(request.person), {})
    given = typed(request, _fields())
    changes = given | {"single_keys": given["single_keys"] == "on"}
    try:
        person = registers.change_person(request.actor, request.person.key, changes, moment.now())
    except Refused as refusal:
        return _form(request, given, told(refusal, [one.name for one in _fields()]))
    with speaking(wishes_of(person.workspace, person)):
        say(request, _("Your wishes are stored."))
    return HttpResponseRedirect(reverse("appearance"))


def _own(person: Any) -> dict[str, str]:
    stored = {one.name: getattr(person, one.name) for one in _fields()}
    return stored | {"single_keys": "on" if person.single_keys else "off"}


def _form(
    request: Any, values: Mapping[str, str], errors: Mapping[str, Sequence[str]]
) -> HttpResponse:
    now = moment.now()
    context = {
        "fields": filled(_fields(), values, errors),
        "errors": errors,
        "now": now,
        "today": local_day(now),
        "sample_number": _NUMBER,
    }
    return shown(request, "settings/appearance.html", context, status=422 if errors else 200)


def _fields() -> list[Field]:
    known = [one for one in installation.LANGUAGES if is_spoken(one[0])]
    return [
        Field(
            "language",
            _("Language"),
            _("Of the pages, and of messages to you."),
            choices=[("", _("That of the workspace")), *known],
        ),
        Field(
            "zone",
            _("Time zone"),
            _("Write it like Europe/Warsaw. Empty: that of the workspace."),
            dir="ltr",
        ),
        Field(
            "dates",
            _("Calendar"),
            _("By which days are written. What is due when doesn't change with it."),
            choices=[
                ("", _("The usual one of the language")),
                *calendars(),
            ],
        ),
        Field(
            "digits",
            _("Digits"),
            choices=[("", _("Those of the language")), ("latin", _("Latin: 0123456789"))],
        ),
        Field(
            "theme",
            _("Colors"),
            choices=[
                ("system", _("As the device has them")),
                ("light", _("Light")),
                ("dark", _("Dark")),
            ],
        ),
        Field(
            "single_keys",
            _("Single keys"),
            _(
                "A single key, like A for an attempt, does what its button does. Buttons work either way."
            ),
            choices=[("on", _("On")), ("off", _("Off"))],
        ),
    ]
