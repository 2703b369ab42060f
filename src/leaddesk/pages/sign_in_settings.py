"""Settings of sign-in: single sign-on, who needs a second factor, and how people are signed in."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from leaddesk.book import factors, moment, queries, seats, single_sign_on
from leaddesk.book.models import Role
from leaddesk.book.refusal import Refused
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.post import provider

MOST_SHOWN = 500


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("secret")
@signed_in
@answering
def sign_in_settings(request: Any) -> HttpResponse:
    """How the people of the workspace sign in."""
    actor, now = request.actor, moment.now()
    actor.must("manage people")
    if request.method != "POST":
        return _form(request)
    act, key = request.POST.get("act", ""), request.POST.get("person", "")[:100]
    try:
        if act == "provider":
            provider.keep(actor, _given(request), now)
            say(request, _("Single sign-on is stored."))
        elif act == "remove":
            single_sign_on.remove(actor, now)
            say(request, _("Single sign-on was removed."))
        elif act == "require":
            single_sign_on.require_second_factor(actor, "required" in request.POST, now)
            say(request, _("The rule is stored."))
        elif act == "end":
            count = seats.end_of_person(actor, key, now)
            said = ngettext("%(n)d session was ended.", "%(n)d sessions were ended.", count)
            say(request, said % {"n": count})
        elif act == "reset":
            factors.reset(actor, key, now)
            say(request, _("The second factors were taken away; a new one can be set up."))
    except Refused as refusal:
        errors = told(refusal, [one.name for one in _fields()])
        given = typed(request, _fields()) if act == "provider" else None
        return _form(request, given, errors)
    return HttpResponseRedirect(reverse("settings-sign-in"))


def _given(request: Any) -> dict[str, Any]:
    given: dict[str, Any] = dict(typed(request, _fields()))
    for name in ("is_active", "adds_people"):
        given[name] = given[name] == "yes"
    return given


def _form(
    request: Any,
    given: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    row = single_sign_on.of(actor.workspace_id)
    sessions = seats.occupied(actor.workspace_id, now)
    strong = factors.with_one(actor.workspace_id)
    people = queries.people(actor).exclude(user=None).order_by("-is_active", "name", "key")
    values = given if given is not None else _values(row)
    context = {
        "fields": filled(_fields(), values | {"secret": ""}, errors),
        "errors": errors or {},
        "provider": row,
        "back_address": request.build_absolute_uri(reverse("sign-in-sso-back")),
        "begin_address": request.build_absolute_uri(
            reverse("sign-in-sso-begin", args=[request.person.workspace.slug])
        ),
        "is_required": request.person.workspace.second_factor_required,
        "people": [
            {"person": one, "sessions": sessions.get(one.key, 0), "is_strong": one.key in strong}
            for one in people[:MOST_SHOWN]
        ],
    }
    return shown(request, "account/sign_in_settings.html", context, status=422 if errors else 200)


def _values(row: Any) -> dict[str, str]:
    if row is None:
        return {"is_active": "yes", "adds_people": "no", "role": Role.VIEWER.value}
    return {
        "issuer": row.issuer,
        "client": row.client,
        "domains": ", ".join(row.domains),
        "button": row.button,
        "adds_people": "yes" if row.adds_people else "no",
        "role": row.role,
        "is_active": "yes" if row.is_active else "no",
    }


def _fields() -> list[Field]:
    yes_no = [("yes", _("Yes")), ("no", _("No"))]
    roles = [(one.value, str(one.label)) for one in Role if one is not Role.ADMIN]
    return [
        Field(
            "issuer",
            _("Address of the provider"),
            _("As the provider calls itself (issuer), such as https://login.example.com."),
            type="url",
            dir="ltr",
            required=True,
        ),
        Field("client", _("Client id"), dir="ltr", required=True),
        Field(
            "secret",
            _("Client secret"),
            _("It is stored sealed and never shown. Empty: the one before stays."),
            type="password",
            dir="ltr",
            autocomplete="off",
        ),
        Field(
            "domains",
            _("Domains"),
            _("People with these e-mail addresses may sign in, such as example.com."),
            dir="ltr",
            required=True,
        ),
        Field("button", _("Text of the button"), _("Such as: Sign in with Example.")),
        Field("adds_people", _("Add people whom nobody invited"), choices=yes_no),
        Field("role", _("Their role"), choices=roles),
        Field("is_active", _("Switched on"), choices=yes_no),
    ]
