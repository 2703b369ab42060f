"""Second factors of an account: an authenticator app, passkeys, and recovery codes."""

import re
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import factors, moment, passkeys, seats, tries
from leaddesk.book.refusal import Refused
from leaddesk.journal import request_id
from leaddesk.pages import problems
from leaddesk.pages.form import told
from leaddesk.pages.frame import shown
from leaddesk.pages.second_step import place_of
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import just_signed_in

_take = require_http_methods(["GET", "HEAD", "POST"])


@_take
@sensitive_post_parameters("code")
@just_signed_in
def authenticator(request: Any) -> HttpResponse:
    """Set up an app, or let go of it."""
    user, now = request.user, moment.now()
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "begin":
        factors.begin(user, now)
        return HttpResponseRedirect(reverse("account-authenticator"))
    if act == "remove":
        if factors.remove_authenticator(user, now, request_id.get()):
            say(request, _("The app is no second factor any longer."))
        return _let_go(request, "account")
    errors: dict[str, list[str]] = {}
    if act == "confirm":
        code = request.POST.get("code", "")[:100]
        try:
            if factors.confirm(user, code, now, request_id.get()):
                return _added(request, _("The app is your second factor from now on."))
        except tries.TooOften as refusal:
            return problems.too_often(refusal.after)
        errors = {"code": [_("This is not the code that the app shows now.")]}
    context = {
        "errors": errors,
        "is_confirmed": factors.is_confirmed(user),
        "secret": factors.pending(user, now),
    }
    return shown(request, "account/authenticator.html", context, status=422 if errors else 200)


def _added(request: Any, said: str) -> HttpResponse:
    """On to the recovery codes, where there are none yet."""
    seats.strengthen(request.seat)
    say(request, said)
    onward = "account" if factors.codes_left(request.user) else "account-recovery-codes"
    return HttpResponseRedirect(reverse(onward))


def _let_go(request: Any, onward: str) -> HttpResponse:
    """Back to a page; past what the workspace requires, where that was the last factor."""
    path = reverse(onward)
    if not factors.has_one(request.user):
        path = f"{reverse('account-required')}?{urlencode({'next': path})}"
    return HttpResponseRedirect(path)


@require_safe
@just_signed_in
def authenticator_code(request: Any) -> HttpResponse:
    """The QR code by which an app takes the secret over, as SVG."""
    import segno

    secret = factors.pending(request.user, moment.now())
    if secret is None:
        raise Http404
    drawn = BytesIO()
    code = segno.make(factors.address_of(request.user, secret), error="m", micro=False)
    code.save(drawn, kind="svg", scale=5, border=4, light="#fff", xmldecl=False)
    answer = HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
    answer["Cache-Control"] = "private, no-store"
    return answer


@_take
@sensitive_post_parameters("credential")
@just_signed_in
def own_passkeys(request: Any) -> HttpResponse:
    """The passkeys of the account; add one, or remove one."""
    user, now, place = request.user, moment.now(), place_of(request)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "remove":
        number = request.POST.get("passkey", "")
        is_number = re.fullmatch("[0-9]{1,18}", number, re.ASCII)
        if is_number and passkeys.remove(user, int(number), now, request_id.get()):
            say(request, _("The passkey was removed."))
        return _let_go(request, "account-passkeys")
    errors: dict[str, list[str]] = {}
    if act == "add":
        try:
            passkeys.add(user, place, request.POST.dict(), now, request_id.get())
            return _added(request, _("The passkey is stored."))
        except Refused as refusal:
            errors = told(refusal, ["name"])
    context = {
        "errors": errors,
        "name": request.POST.get("name", "")[:100],
        "passkeys": passkeys.of(user),
        "passkey": passkeys.to_add(user, place, now) if place.is_fit else None,
    }
    return shown(request, "account/passkeys.html", context, status=422 if errors else 200)


@_take
@just_signed_in
def recovery_codes(request: Any) -> HttpResponse:
    """How many codes are left; new ones are shown once, with a file to keep."""
    context: dict[str, Any] = {"left": factors.codes_left(request.user)}
    if request.method == "POST":
        try:
            codes = factors.fresh_codes(request.user, moment.now(), request_id.get())
        except Refused as refusal:
            context["errors"] = told(refusal)
            return shown(request, "account/recovery_codes.html", context, status=422)
        context["codes"] = codes
        context["file"] = quote("\n".join([_("Recovery codes of Leadpact"), "", *codes, ""]))
    context["has_one"] = factors.has_one(request.user)
    return shown(request, "account/recovery_codes.html", context)
