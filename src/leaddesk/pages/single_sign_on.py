"""Single sign-on: to the provider of a workspace, and back from there."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import moment, seats, single_sign_on, tries
from leaddesk.book.refusal import Refused
from leaddesk.journal import request_id
from leaddesk.pages import problems
from leaddesk.pages.frame import shown
from leaddesk.pages.sign_in import onward_of
from leaddesk.pages.visitor import address_of, let_in
from leaddesk.post import provider

COOKIE = "sso"


@require_safe
def by_provider(request: HttpRequest) -> HttpResponse:
    """Which workspace signs somebody in, by the domain of their address."""
    email = request.GET.get("email", "")[:254].strip()
    context: dict[str, Any] = {"email": email, "onward": onward_of(request), "errors": {}}
    if not email:
        return shown(request, "pages/sign_in_sso.html", context)
    context["providers"] = single_sign_on.of_domain(email.rpartition("@")[2].lower())
    if len(context["providers"]) == 1:
        slug = context["providers"][0].workspace.slug
        return HttpResponseRedirect(reverse("sign-in-sso-begin", args=[slug]))
    if not context["providers"]:
        said = _("No workspace signs in people with an address like this.")
        context["errors"] = {"email": [said]}
    status = 422 if context["errors"] else 200
    return shown(request, "pages/sign_in_sso.html", context, status=status)


@require_http_methods(["GET"])
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the browser to the provider of a workspace."""
    now, row = moment.now(), single_sign_on.of_slug(slug)
    if row is None:
        raise Http404
    try:
        tries.count(f"provider from {address_of(request)}", tries.MOST_VISITS, now)
        beginning = provider.begin(row, _back(request), onward_of(request), now)
    except tries.TooOften as refusal:
        return problems.too_often(refusal.after)
    except provider.Untrusted as error:
        return _failed(str(error))
    answer = HttpResponseRedirect(beginning.url)
    answer.set_cookie(
        _cookie(),
        beginning.cookie,
        max_age=provider.LASTS // 1_000_000,
        secure=settings.SECURE_SSL,
        httponly=True,
        samesite="Lax",
    )
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET"])
def back(request: HttpRequest) -> HttpResponse:
    """Take what the provider says of somebody, and let them in."""
    answer = _taken(request)
    answer.delete_cookie(_cookie(), samesite="Lax")
    return answer


def _taken(request: HttpRequest) -> HttpResponse:
    now = moment.now()
    try:
        kept = provider.returned(request.COOKIES.get(_cookie(), ""), request.GET, now)
        row = single_sign_on.of_slug(kept["workspace"])
        if row is None:
            raise Http404
        claims = provider.claims(row, kept, request.GET["code"], _back(request), now)
        _person, user = single_sign_on.vouched_for(row, claims, now, request_id.get())
    except provider.Untrusted as error:
        return _failed(str(error))
    except Refused as refusal:
        first = refusal.problems[0]
        return _failed(first.problem, first.remedy)
    confined = seats.confined_to(row.workspace)
    let_in(request, user, "single sign-on", is_strong=True, confined_to=confined)
    return HttpResponseRedirect(kept["onward"])


def _failed(why: str, remedy: str = "") -> HttpResponse:
    usual = _("Try once more, or sign in another way. If it stays, tell your administrator.")
    return problems.told(403, _("You are not signed in"), why, remedy or usual)


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("sign-in-sso-back"))


def _cookie() -> str:
    return f"__Host-{COOKIE}" if settings.SECURE_SSL else COOKIE
