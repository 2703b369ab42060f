"""The second step of signing in, and passkeys, which need no first one."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from leaddesk.book import factors, moment, passkeys, sign_in, tries
from leaddesk.book.models import User
from leaddesk.journal import request_id
from leaddesk.pages import problems
from leaddesk.pages.frame import shown
from leaddesk.pages.sign_in import onward_of
from leaddesk.pages.visitor import address_of, halfway, let_in

_take = require_http_methods(["GET", "HEAD", "POST"])


def place_of(request: HttpRequest) -> passkeys.Place:
    """The address by which this browser knows the desk; one of those that it answers to."""
    origin = f"{request.scheme}://{request.get_host()}"
    return passkeys.Place(origin, urlsplit(origin).hostname or "")


@_take
@sensitive_post_parameters("code", "credential")
def second_step(request: Any) -> HttpResponse:
    """A code of the app, a recovery code or a passkey, after a password or a link."""
    found = halfway(request)
    if found is None:
        return HttpResponseRedirect(settings.LOGIN_URL)
    user, kept = found
    if request.method != "POST":
        return _form(request, user)
    try:
        is_good = _shows(request, user)
    except tries.TooOften as refusal:
        return problems.too_often(refusal.after)
    if not is_good:
        return _form(request, user, _wrong(request))
    if kept["way"] == "link" and kept["confined_to"] is None:
        user = sign_in.proven(user, keeps_password=True)
    let_in(request, user, kept["way"], is_strong=True, confined_to=kept["confined_to"])
    return HttpResponseRedirect(kept["onward"])


def _shows(request: Any, user: User) -> bool:
    now = moment.now()
    if request.POST.get("credential"):
        tries.count_code(user.pk, now)
        return passkeys.shown(place_of(request), request.POST, now, user) == user
    code = request.POST.get("code", "")[:100]
    return bool(code.strip()) and factors.takes(user, code, now, request_id.get())


def _wrong(request: Any) -> dict[str, list[str]]:
    if request.POST.get("credential"):
        return {"": [_("This passkey isn't one of your account, or the page was open too long.")]}
    if not request.POST.get("code", "").strip():
        return {"code": [_("Enter the code.")]}
    return {"code": [_("This code is wrong, used, or over. Wait for the next one.")]}


def _form(request: Any, user: User, errors: dict[str, list[str]] | None = None) -> HttpResponse:
    place, own = place_of(request), passkeys.of(user)
    context = {
        "errors": errors or {},
        "has_app": factors.is_confirmed(user),
        "passkey": passkeys.to_sign_in(place, moment.now(), user) if own and place.is_fit else None,
    }
    return shown(request, "pages/second_step.html", context, status=422 if errors else 200)


@_take
@sensitive_post_parameters("credential")
def by_passkey(request: Any) -> HttpResponse:
    """Sign in with a passkey alone: the device has made sure of its owner."""
    place, now = place_of(request), moment.now()
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            tries.count(f"passkeys from {address_of(request)}", tries.MOST_VISITS, now)
        except tries.TooOften as refusal:
            return problems.too_often(refusal.after)
        user = passkeys.shown(place, request.POST, now)
        if user is not None:
            let_in(request, user, "passkey", is_strong=True)
            return HttpResponseRedirect(onward_of(request))
        errors = {"": [_("No account has this passkey, or the page was open too long.")]}
    context = {
        "errors": errors,
        "onward": onward_of(request),
        "passkey": passkeys.to_sign_in(place, now) if place.is_fit else None,
        "elsewhere": _named_address(request),
    }
    return shown(request, "pages/sign_in_passkey.html", context, status=422 if errors else 200)


def _named_address(request: HttpRequest) -> str:
    """Where a desk of this machine can be reached by a name, which passkeys need."""
    port = urlsplit(f"//{request.get_host()}").port
    return f"http://localhost{f':{port}' if port else ''}{reverse('sign-in-passkey')}"
