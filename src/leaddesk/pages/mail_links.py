"""Mail links: the public pages behind the links of nurture mails. They take no sign-in and no cookie.

Opening a page changes nothing, since programs open links before people do; its one button does.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse, HttpResponseRedirect, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import moment, offers, tries, unsubscribing
from leaddesk.book.models import Mailing
from leaddesk.pages.visitor import address_of
from leaddesk.tongue import Wishes
from leaddesk.tongue.wishes import speaking

MOST_MISSES = 60
"""So often one network address may ask for mails that there aren't, within the window of `tries`."""
MOST_OF_A_MAIL = 300
_PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002014c003b"
)
View = Callable[..., HttpResponse]


def by_token(view: View) -> View:
    """A view that a mail's token opens; without such a mail, or asked too often, a plain page."""

    @wraps(view)
    def answer(request: Any, token: str, **parts: Any) -> HttpResponse:
        now = moment.now()
        mailing = unsubscribing.mail_of(token)
        subject = f"mail {mailing.pk}" if mailing else f"no mail from {address_of(request)}"
        try:
            tries.count(subject, MOST_OF_A_MAIL if mailing else MOST_MISSES, now)
        except tries.TooOften as trouble:
            response = _page("", _("Too many tries"), _("Wait a few minutes, and try again."), 429)
            response["Retry-After"] = str(trouble.after)
            return response
        if mailing is None:
            return _absent()
        language = offers.spoken(mailing.language or mailing.workspace.language) or "en"
        with speaking(Wishes(language), now):
            return view(request, mailing, **parts)

    return answer


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@by_token
def unsubscribe(request: Any, mailing: Mailing) -> HttpResponse:
    """One button that unsubscribes; a mail program sends the same without showing the page (RFC 8058)."""
    now, name = moment.now(), mailing.workspace.name
    if request.method != "POST":
        said = _("You will get no more mails like this one from %(name)s.") % {"name": name}
        return _page(request.path, _("Unsubscribe"), said, act="go", button=_("Unsubscribe"))
    if _act(request) == "back":
        if unsubscribing.take_back(mailing, now):
            said = _("You go on getting mails like this one from %(name)s.") % {"name": name}
            return _page("", _("You are still subscribed"), said)
        said = _("That is no longer possible here. Answer one of the mails to get them again.")
        return _page("", _("You are unsubscribed"), said)
    unsubscribing.unsubscribe(mailing, now)
    said = _("You get no more mails like this one from %(name)s.") % {"name": name}
    if not unsubscribing.may_regret(mailing, now):
        return _page("", _("You are unsubscribed"), said)
    button = _("It was a mistake: go on sending")
    return _page(request.path, _("You are unsubscribed"), said, act="back", button=button)


def _act(request: Any) -> str:
    """What was asked for; nothing where the form can't be read, which is no trouble of ours."""
    try:
        return str(request.POST.get("act", ""))
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return ""


@require_safe
@by_token
def opened(request: Any, mailing: Mailing) -> HttpResponse:
    """A picture that can't be seen; counts the first time, where the receiver lets us."""
    if request.method == "GET":
        unsubscribing.opened(mailing, moment.now())
    return HttpResponse(_PIXEL, content_type="image/gif", headers={"Cache-Control": "no-store"})


@require_safe
@by_token
def followed(request: Any, mailing: Mailing, number: int) -> HttpResponse:
    """On to a link of this very mail, and to nothing else."""
    if number >= len(mailing.links):
        return _absent()
    if request.method == "GET":
        unsubscribing.followed(mailing, moment.now())
    response = HttpResponseRedirect(mailing.links[number])
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _absent() -> HttpResponse:
    said = _("This link belongs to no mail of ours, or it was cut off. Copy it as a whole.")
    return _page("", _("There is nothing here"), said, 404)


def _page(
    path: str, title: str, said: str, status: int = 200, *, act: str = "", button: str = ""
) -> HttpResponse:
    context = {"path": path, "title": title, "said": said, "act": act, "button": button}
    text = render_to_string("pages/mail_link.html", context)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HttpResponse(text, status=status, headers=headers)
