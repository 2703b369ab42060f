"""Sign-in: by password, or by a link that works once. Looking at a page changes nothing."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from leaddesk.book import factors, moment, sign_in, single_sign_on, tries
from leaddesk.book.models import User
from leaddesk.pages import problems
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import (
    address_of,
    choose,
    let_halfway,
    let_in,
    let_out,
    signed_in,
)
from leaddesk.post import letters

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
    return welcome(request, user, "password", onward_of(request))


def welcome(
    request: Any, user: User, way: str, onward: str, confined_to: int | None = None
) -> HttpResponse:
    """Let somebody in after the first step, or ask for the second one where they have set one up."""
    if factors.has_one(user):
        let_halfway(request, user, way, onward, confined_to)
        return HttpResponseRedirect(reverse("sign-in-second"))
    if way == "link" and confined_to is None:
        user = sign_in.proven(user)
    let_in(request, user, way, confined_to=confined_to)
    return HttpResponseRedirect(onward)


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
    context = {
        "email": email[:254],
        "errors": errors or {},
        "onward": onward_of(request),
        "onward_query": urlencode({"next": onward_of(request)}),
        "provider": single_sign_on.the_only_one(),
        "has_providers": single_sign_on.is_used(),
    }
    return shown(request, "pages/sign_in.html", context, status=422 if errors else 200)


def onward_of(request: HttpRequest) -> str:
    """Where somebody wanted to go, if that is here."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, None) and wanted.startswith("/"):
        return wanted
    return reverse("home")


@_take
@sensitive_post_parameters("key")
def by_link(request: HttpRequest) -> HttpResponse:
    """A link shows a button; pressing it signs in. Programs that follow links use none up."""
    now = moment.now()
    if request.method == "POST":
        link = sign_in.use_link(request.POST.get("key", ""), now)
        if link is None:
            return _used_up()
        return welcome(request, link.user, "link", reverse("home"), link.workspace_id)
    key = request.GET.get("key", "")
    if not sign_in.is_good(key, now):
        return _used_up()
    return shown(request, "pages/sign_in_link.html", {"key": key})


@_take
def by_mail(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail. Nobody learns by that who has an account here."""
    if request.method != "POST":
        return shown(request, "pages/sign_in_mail.html", {"is_possible": letters.is_mail_sent()})
    email = request.POST.get("email", "")
    errors = {"email": said} if (said := _missing(email, "-").get("email")) else {}
    context: dict[str, Any] = {"email": email[:254], "errors": errors, "is_possible": True}
    if not errors:
        try:
            letters.mail_link(email, address_of(request), moment.now())
        except tries.TooOften as refusal:
            return problems.too_often(refusal.after)
        context["is_sent"] = True
    return shown(request, "pages/sign_in_mail.html", context, status=422 if errors else 200)


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
