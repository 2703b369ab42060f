"""Sign-in: by password, or by a link that works once. Looking at a page changes nothing."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from leaddesk.book import moment, sign_in, tries
from leaddesk.pages import problems
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import choose, let_in, let_out, signed_in

_take = require_http_methods(["GET", "HEAD", "POST"])


@_take
@sensitive_post_parameters("password")
def by_password(request: HttpRequest) -> HttpResponse:
    """The form, and what becomes of it."""
    if request.method != "POST":
        return _form(request)
    email = request.POST.get("email", "")
    password = request.POST.get("password", "")
    errors = _missing(email, password)
    if errors:
        return _form(request, email, errors)
    try:
        user = sign_in.user_of_password(email, password, address_of(request), moment.now())
    except tries.TooOften as refusal:
        return problems.too_often(refusal.after)
    if user is None:
        said = _("No account has this e-mail address with this password.")
        return _form(request, email, {"password": said})
    let_in(request, user, "password")
    return HttpResponseRedirect(_onward(request))


def _missing(email: str, password: str) -> dict[str, str]:
    errors = {}
    if not email.strip():
        errors["email"] = _("Enter your e-mail address.")
    elif len(email) > 254 or "\x00" in email:
        errors["email"] = _("This is no e-mail address.")
    if not password:
        errors["password"] = _("Enter your password.")
    elif len(password) > sign_in.MOST_PASSWORD:
        errors["password"] = _("No password is that long.")
    return errors


def _form(
    request: HttpRequest, email: str = "", errors: dict[str, str] | None = None
) -> HttpResponse:
    context = {"email": email[:254], "errors": errors or {}, "onward": _onward(request)}
    return shown(request, "pages/sign_in.html", context, status=422 if errors else 200)


def _onward(request: HttpRequest) -> str:
    """Where somebody wanted to go, if that is here."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, None) and wanted.startswith("/"):
        return wanted
    return reverse("home")


def address_of(request: HttpRequest) -> str:
    """The network address of a visitor; behind a proxy the one that the proxy saw."""
    if settings.ENVIRONMENT.behind_proxy:
        handed_on = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if handed_on:
            return handed_on
    return str(request.META.get("REMOTE_ADDR", ""))


@_take
@sensitive_post_parameters("key")
def by_link(request: HttpRequest) -> HttpResponse:
    """A link shows a button; pressing it signs in. Programs that follow links use none up."""
    now = moment.now()
    if request.method == "POST":
        user = sign_in.user_of_link(request.POST.get("key", ""), now)
        if user is None:
            return _used_up()
        let_in(request, user, "link")
        return HttpResponseRedirect(reverse("home"))
    key = request.GET.get("key", "")
    if not sign_in.is_good(key, now):
        return _used_up()
    return shown(request, "pages/sign_in_link.html", {"key": key})


def _used_up() -> HttpResponse:
    return problems.told(
        410,
        _("This link doesn't sign in any longer"),
        _("It was used before, or it is older than a quarter of an hour."),
        _("Ask for a new link, or sign in with your password."),
    )


@_take
def out(request: HttpRequest) -> HttpResponse:
    """Sign out; a visit of the address alone shows the button."""
    if request.method != "POST":
        return shown(request, "pages/sign_out.html", {})
    let_out(request)
    return HttpResponseRedirect(settings.LOGIN_URL)


@require_http_methods(["POST"])
@signed_in
def switch(request: Any) -> HttpResponse:
    """Work in another of one's workspaces."""
    if not choose(request, request.POST.get("workspace", "")):
        return problems.absent(request, LookupError())
    return HttpResponseRedirect(reverse("home"))
