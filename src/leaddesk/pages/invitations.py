"""Invitations: an admin asks people to work here, and they accept."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from leaddesk.book import invitations as book
from leaddesk.book import moment, queries, single_sign_on
from leaddesk.book.models import Invitation, Role
from leaddesk.book.refusal import Absent, Refused
from leaddesk.journal import request_id
from leaddesk.pages import problems
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import shown
from leaddesk.pages.second_step import place_of
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import let_in, signed_in
from leaddesk.post import letters

_take = require_http_methods(["GET", "HEAD", "POST"])


@_take
@signed_in
@answering
def invitations(request: Any) -> HttpResponse:
    """Who is invited; invite somebody, send a link again, take it back."""
    actor, now = request.actor, moment.now()
    actor.must("manage people")
    if request.method != "POST":
        return _listed(request)
    act, key = request.POST.get("act", ""), request.POST.get("key", "")[:40]
    if act == "revoke":
        book.revoke(actor, key, now)
        say(request, _("The invitation was taken back."))
        return HttpResponseRedirect(reverse("settings-invitations"))
    given = typed(request, _fields(actor))
    try:
        if act == "again":
            row, link = letters.invite_again(actor, key, now)
        else:
            row, link = letters.invite(actor, given, now)
    except Refused as refusal:
        return _listed(request, given, told(refusal, [one.name for one in _fields(actor)]))
    if link is not None:
        return shown(request, "account/invitation_link.html", {"invitation": row, "link": link})
    say(request, _("The invitation is on its way to %(email)s.") % {"email": row.email})
    return HttpResponseRedirect(reverse("settings-invitations"))


def _listed(
    request: Any,
    given: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
) -> HttpResponse:
    actor = request.actor
    context = {
        "invitations": book.invitations(actor)[:200],
        "now": moment.now(),
        "fields": filled(_fields(actor), given or {"role": Role.REP.value}, errors),
        "errors": errors or {},
    }
    return shown(request, "account/invitations.html", context, status=422 if errors else 200)


def _fields(actor: Any) -> list[Field]:
    teams = [("", _("No team")), *queries.teams(actor).values_list("key", "name")]
    hint = _("How the agreement and the log call this person. Empty: made from the address.")
    return [
        Field("email", _("E-mail address"), type="email", dir="ltr", required=True),
        Field("role", _("Role"), choices=[(one.value, str(one.label)) for one in Role]),
        Field("team", _("Team"), choices=teams),
        Field("person", _("Short name"), hint=hint),
    ]


@_take
@sensitive_post_parameters("key", "new")
def accept(request: Any) -> HttpResponse:
    """What somebody sees who opens the link of an invitation. Looking doesn't use it."""
    now = moment.now()
    secret = (request.POST if request.method == "POST" else request.GET).get("key", "")[:200]
    row = book.of_secret(secret, now)
    if row is None:
        return _used_up()
    try:
        if request.method != "POST":
            return _form(request, row, secret)
        if request.user is not None:
            book.accept_as(request.user, secret, now, request_id.get())
            say(request, _("Welcome to %(name)s.") % {"name": row.workspace.name})
            return HttpResponseRedirect(reverse("home"))
        return _accepted_as_new(request, row, secret, now)
    except Refused as refusal:
        return _form(request, row, secret, told(refusal, ["new", "name"]))
    except Absent:
        return _used_up()


def _accepted_as_new(request: Any, row: Invitation, secret: str, now: int) -> HttpResponse:
    name, password = request.POST.get("name", "").strip(), request.POST.get("new", "")
    by_passkey = request.POST.get("with") == "passkey" and place_of(request).is_fit
    errors = {}
    if not name:
        errors["name"] = [_("Enter your name.")]
    if not password and not by_passkey:
        errors["new"] = [_("Enter a password.")]
    if errors:
        return _form(request, row, secret, errors)
    user = book.accept_as_new(secret, name, None if by_passkey else password, now, request_id.get())
    let_in(request, user, "invitation")
    return HttpResponseRedirect(reverse("account-passkeys" if by_passkey else "home"))


def _form(
    request: Any, row: Invitation, secret: str, errors: dict[str, list[str]] | None = None
) -> HttpResponse:
    sso = single_sign_on.of(row.workspace_id)
    domain = row.email.rpartition("@")[2].lower()
    is_sso = sso is not None and sso.is_active and domain in sso.domains
    is_own = request.user is not None and request.user.email.casefold() == row.email.casefold()
    context = {
        "invitation": row,
        "key": secret,
        "errors": errors or {},
        "name": request.POST.get("name", "")[:200],
        "is_own": is_own,
        "is_another": request.user is not None and not is_own,
        "has_account": book.account_of(row) is not None,
        "has_passkeys": place_of(request).is_fit,
        "provider": sso if is_sso else None,
        "here": f"{reverse('invitation')}?key={secret}",
    }
    return shown(request, "account/invitation.html", context, status=422 if errors else 200)


def _used_up() -> HttpResponse:
    return problems.told(
        410,
        _("This invitation is no good any longer"),
        _("It was used, taken back or sent anew, or it is older than seven days."),
        _("Sign in if you have accepted it already. Else ask for a new invitation."),
    )
