"""Tokens: keys to the API, made, shown once, and revoked."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leaddesk.book import access, moment
from leaddesk.book.moment import DAY
from leaddesk.book.refusal import Refused
from leaddesk.book.rights import SCOPES
from leaddesk.pages.form import answering, told
from leaddesk.pages.frame import shown
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in

MOST_SHOWN = 200
_LASTS = ("30", "90", "365", "")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def tokens(request: Any) -> HttpResponse:
    """The tokens that the visitor may see; a new one, and the end of one."""
    actor, now = request.actor, moment.now()
    actor.must("hold tokens")
    if request.method != "POST":
        return _page(request, {"lasts": "90", "scopes": ["read"]}, {})
    if request.POST.get("act") == "revoke":
        access.revoke_token(actor, request.POST.get("key", ""), now)
        say(request, _("The token is revoked. Whoever uses it is refused from now on."))
        return HttpResponseRedirect(reverse("settings-tokens"))
    lasts = request.POST.get("lasts", "")
    given = {"name": request.POST.get("name", ""), "scopes": request.POST.getlist("scope")}
    expires_at = now + int(lasts) * DAY if lasts in _LASTS[:-1] else None
    try:
        token, secret = access.issue_token(actor, **given, expires_at=expires_at, now=now)
    except Refused as refusal:
        return _page(request, given | {"lasts": lasts}, told(refusal, ["name", "scopes"]))
    return shown(request, "settings/token_secret.html", {"token": token, "secret": secret})


def _page(request: Any, values: dict[str, Any], errors: dict[str, list[str]]) -> HttpResponse:
    actor = request.actor
    context = {
        "tokens": access.tokens(actor)[:MOST_SHOWN],
        "scopes": [
            (name, _meaning(name)) for name in SCOPES if name != "admin" or actor.role == "admin"
        ],
        "values": values,
        "errors": errors,
        "lasts": [
            ("30", _("30 days")),
            ("90", _("90 days")),
            ("365", _("a year")),
            ("", _("until it is revoked")),
        ],
        "now": moment.now(),
    }
    return shown(request, "settings/tokens.html", context, status=422 if errors else 200)


def _meaning(scope: str) -> str:
    return {
        "read": _("read everything that you may see"),
        "facts:write": _("record facts"),
        "history:write": _("record history, in silence"),
        "contacts:write": _("keep companies and contacts"),
        "nurture:write": _("write what nurture tracks send"),
        "people:write": _("keep people, teams and calendars"),
        "agreements:write": _("propose agreements and put them in force"),
        "deliveries:write": _("set up channels and send again"),
        "export": _("take everything out"),
        "admin": _("everything but signing"),
    }.get(scope, scope)
