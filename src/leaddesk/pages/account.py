"""Account: how somebody signs in, and where they are signed in."""

import re
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import factors, moment, passkeys, seats
from leaddesk.journal import request_id
from leaddesk.pages.frame import shown
from leaddesk.pages.sign_in import onward_of
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import lacks_factor, let_halfway, of_account

MOST_SHOWN = 100
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_ODD = re.compile(r"[^ -~]")


@require_safe
@of_account
def account(request: Any) -> HttpResponse:
    """What one signs in with, and one's sessions."""
    user, now = request.user, moment.now()
    context = {
        "has_password": user.has_usable_password(),
        "has_app": factors.is_confirmed(user),
        "passkeys": passkeys.of(user),
        "codes_left": factors.codes_left(user),
        "confined_to": request.person.workspace if request.seat.workspace_id else None,
        "sessions": [
            {
                "seat": one,
                "browser": browser_words(one.browser),
                "way": way_words(one.way),
                "is_own": one.pk == request.seat.pk,
            }
            for one in seats.of(user, now)[:MOST_SHOWN]
        ],
    }
    return shown(request, "account/account.html", context)


@require_http_methods(["POST"])
@of_account
def end_sessions(request: Any) -> HttpResponse:
    """End one session, or all others."""
    now, given = moment.now(), request.POST.get("session", "")
    if given == "others":
        count = seats.end_others(request.user, request.seat, now, request_id.get())
        said = ngettext("%(n)d session was ended.", "%(n)d sessions were ended.", count)
        say(request, said % {"n": count})
    elif re.fullmatch("[0-9]{1,18}", given, re.ASCII) and seats.end(
        request.user, int(given), now, request_id.get()
    ):
        say(request, _("The session was ended."))
    else:
        say(request, _("This session had ended before."))
    return HttpResponseRedirect(reverse("account"))


@require_http_methods(["GET", "HEAD", "POST"])
@of_account
def required(request: Any) -> HttpResponse:
    """What the workspace requires before anything else: a second factor."""
    onward = onward_of(request)
    if not lacks_factor(request):
        return HttpResponseRedirect(onward)
    has_one = factors.has_one(request.user)
    if request.method == "POST" and has_one:
        let_halfway(request, request.user, request.seat.way, onward)
        return HttpResponseRedirect(reverse("sign-in-second"))
    context = {"has_one": has_one, "onward": onward, "workspace": request.person.workspace}
    return shown(request, "account/required.html", context)


def browser_words(agent: str) -> str:
    """What a browser calls itself, in a few words."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _ODD.sub("", agent)[:60] or _("Unknown browser")


def way_words(way: str) -> str:
    """How somebody signed in, in words."""
    known = {
        "password": _("with a password"),
        "link": _("by a link"),
        "passkey": _("with a passkey"),
        "single sign-on": _("by single sign-on"),
        "invitation": _("by an invitation"),
    }
    return known.get(way, way)
