"""Password: people give their account a new one."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from leaddesk.book import moment, seats, sign_in, tries
from leaddesk.journal import request_id
from leaddesk.pages import problems
from leaddesk.pages.frame import shown
from leaddesk.pages.visitor import address_of, just_signed_in, keep_in


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("current", "new")
@just_signed_in
def password(request: Any) -> HttpResponse:
    """The form, and what becomes of it. Whoever has a password must know it to change it."""
    if request.method != "POST":
        return _form(request, {})
    try:
        is_known = _knows(request)
    except tries.TooOften as refusal:
        return problems.too_often(refusal.after)
    if not is_known:
        return _form(request, {"current": [_("This isn't your password.")]})
    new = request.POST.get("new", "")
    if refused := sign_in.set_password(request.user, new, moment.now(), request_id.get()):
        return _form(request, {"new": refused})
    seats.end_others(request.user, request.seat, moment.now(), request_id.get())
    keep_in(request, request.user)
    return HttpResponseRedirect(f"{reverse('password')}?changed=yes")


def _knows(request: Any) -> bool:
    if not request.user.has_usable_password():
        return True
    current = request.POST.get("current", "")[: sign_in.MOST_PASSWORD]
    found = sign_in.user_of_password(request.user.email, current, address_of(request), moment.now())
    return found == request.user


def _form(request: Any, errors: dict[str, list[str]]) -> HttpResponse:
    context = {
        "errors": errors,
        "has_one": request.user.has_usable_password(),
        "is_changed": not errors and request.GET.get("changed") == "yes",
    }
    return shown(request, "pages/password.html", context, status=422 if errors else 200)
