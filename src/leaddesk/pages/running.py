"""Running: what the desk does by itself: hand over what qualifies, and send the steps of tracks."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leaddesk.book import by_itself, moment
from leaddesk.book.models import Workspace
from leaddesk.book.refusal import Refused
from leaddesk.pages.form import Field, answering, filled, told
from leaddesk.pages.frame import shown
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in

_TEXTS = ("mail_from", "postal_address")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def running(request: Any) -> HttpResponse:
    """What runs by itself, and the form that changes it."""
    request.actor.must("run by itself")
    if request.method != "POST":
        own = Workspace.objects.get(pk=request.actor.workspace_id)
        given = {
            "hands_over": own.hands_over_since is not None,
            "nurtures": own.nurtures_since is not None,
            "hands_over_but": own.hands_over_but,
            **{name: getattr(own, name) for name in _TEXTS},
        }
        return _page(request, given, {})
    given = {
        "hands_over": request.POST.get("hands_over") == "yes",
        "nurtures": request.POST.get("nurtures") == "yes",
        "hands_over_but": request.POST.getlist("hands_over_but"),
        **{name: request.POST.get(name, "") for name in _TEXTS},
    }
    try:
        by_itself.choose(request.actor, given, moment.now())
    except Refused as refusal:
        known = ["hands_over", "nurtures", "hands_over_but", *_TEXTS]
        return _page(request, given, told(refusal, known))
    say(request, _("The desk runs as you chose, from now on."))
    return HttpResponseRedirect(reverse("settings-running"))


def _page(request: Any, given: Mapping[str, Any], errors: Mapping[str, list[str]]) -> HttpResponse:
    own = Workspace.objects.get(pk=request.actor.workspace_id)
    outlook = by_itself.outlook(own.pk, moment.now())
    chosen = {*given["hands_over_but"]}
    known = [*dict.fromkeys([*outlook.systems, *own.hands_over_but])]
    context = {
        "given": given,
        "own": own,
        "outlook": outlook,
        "systems": [(name, name in chosen) for name in known],
        "fields": filled(_fields(), given, errors),
        "errors": errors,
    }
    return shown(request, "settings/running.html", context, status=422 if errors else 200)


def _fields() -> list[Field]:
    return [
        Field(
            "mail_from",
            _("Mails are sent as"),
            _("A name and an address, like Mia Novak <mia@example.org>."),
            dir="ltr",
        ),
        Field(
            "postal_address",
            _("Postal address"),
            _("It stands at the end of every mail of a track."),
        ),
    ]
