"""Mails: what nurture sent, to whom, and what came of it; and the addresses that get none."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leaddesk.book import mailing_lists, moment, sending_again, suppressions
from leaddesk.book.models import Contact, Lead, Mailing
from leaddesk.book.paging import Order, page_of, read
from leaddesk.book.refusal import Refused
from leaddesk.pages.card import Card
from leaddesk.pages.form import answering, told
from leaddesk.pages.frame import shown
from leaddesk.pages.lead_filters import plain_key
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in

SIZE = 50
MOST_ON_A_LEAD = 10
BY_DUE = Order("due_at", is_falling=True, key="message_id")
BY_TIME = Order("at", is_falling=True, key="digest")


def _states() -> dict[str, str]:
    return {
        "": _("All"),
        "waiting": _("Waiting"),
        "sent": _("Sent"),
        "left out": _("Left out"),
        "failed": _("Came back"),
    }


@require_safe
@signed_in
@answering
def mails(request: Any) -> HttpResponse:
    """The mails of tracks, the latest first: all, or those of an offer, of a lead, in one state."""
    actor = request.actor
    actor.must("read leads")
    asked = {
        name: plain_key(request.GET.get(name, "")) for name in ("offer", "lead", "state", "track")
    }
    if asked["state"] not in _states():
        asked["state"] = ""
    rows = mailing_lists.mails(actor, asked).order_by()
    page = page_of(rows, BY_DUE, read(BY_DUE, request.GET.get("at", "")), SIZE)
    names = _names(actor, page.rows)
    context = {
        "rows": [_line(row) | {"name": names.get(row.lead, "")} for row in page.rows],
        "may_send": actor.may(sending_again.RIGHT),
        "asked": asked,
        "states": [(value, words, value == asked["state"]) for value, words in _states().items()],
        "may_see_people": actor.may("read contacts"),
        **_around(request, page, {name: value for name, value in asked.items() if value}),
    }
    return shown(request, "pages/mails.html", context)


def _around(request: Any, page: Any, asked: dict[str, str]) -> dict[str, str]:
    """The addresses of the pages before and after one."""
    path = request.path
    return {
        "previous": f"{path}?{urlencode({**asked, 'at': page.before})}" if page.before else "",
        "next": f"{path}?{urlencode({**asked, 'at': page.after})}" if page.after else "",
    }


def _line(row: Mailing) -> dict[str, Any]:
    """A mail as a list shows it: where it stands, in words."""
    good = {"sent": "good", "failed": "bad", "left out": "warn"}
    words = _states()[row.state]
    if row.state == "failed" and not row.bounced_at:
        words = _("Given up")
    return {
        "row": row,
        "state": words,
        "look": "bad" if row.bounced_at or row.complained_at else good.get(row.state, ""),
        "why": _(row.why) if row.why else "",
        "number": row.step + 1,
        "is_given_up": sending_again.may_be(row),
    }


@require_POST
@signed_in
@answering
def send_again(request: Any) -> HttpResponse:
    """Send a mail again that was given up."""
    actor, now = request.actor, moment.now()
    try:
        mailing = sending_again.send_again(actor, plain_key(request.POST.get("mail", "")), now)
    except Refused as refusal:
        say(request, " ".join(f"{one.problem} {one.remedy}" for one in refusal.problems))
        return HttpResponseRedirect(reverse("nurture-mails") + "?state=failed")
    say(request, _("The mail goes out again as soon as it may."))
    return HttpResponseRedirect(f"{reverse('nurture-mails')}?{urlencode({'lead': mailing.lead})}")


def _names(actor: Any, rows: list[Mailing]) -> dict[str, str]:
    if not actor.may("read contacts"):
        return {}
    found = Contact.objects.of(actor.workspace_id).filter(lead__in={row.lead for row in rows})
    return dict(found.exclude(name="").values_list("lead", "name"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def never_mailed(request: Any) -> HttpResponse:
    """The addresses that are never mailed, and a form that adds some."""
    actor = request.actor
    actor.must("read contacts")
    if request.method != "POST":
        return _suppressions(request, {}, {})
    actor.must("keep suppressions")
    given = {name: request.POST.get(name, "") for name in ("addresses", "why")}
    try:
        count = suppressions.add_many(
            actor, given["addresses"].splitlines(), given["why"], moment.now()
        )
    except Refused as refusal:
        return _suppressions(request, given, _lined(refusal))
    said = ngettext(
        "%(n)s address is never mailed again.", "%(n)s addresses are never mailed again.", count
    )
    say(request, said % {"n": count} if count else _("All of them were on the list."))
    return HttpResponseRedirect(reverse("nurture-suppressions"))


def _lined(refusal: Refused) -> dict[str, list[str]]:
    """What is wrong, with the lines where it is; the first twenty of many."""
    found = told(Refused(one for one in refusal.problems if not one.line))
    lined = [one for one in refusal.problems if one.line][:20]
    if lined:
        found["addresses"] = [
            _("Line %(n)s: %(problem)s") % {"n": one.line, "problem": one.problem} for one in lined
        ]
    return found


def _suppressions(
    request: Any, given: dict[str, str], errors: dict[str, list[str]]
) -> HttpResponse:
    actor = request.actor
    text = request.GET.get("q", "").strip()[:254]
    reason = request.GET.get("reason", "")
    reason = reason if reason in suppressions.REASONS else ""
    rows = suppressions.listed(actor, text, reason).order_by()
    page = page_of(rows, BY_TIME, read(BY_TIME, request.GET.get("at", "")), SIZE)
    asked = {name: value for name, value in (("q", text), ("reason", reason)) if value}
    context = {
        "rows": [_entry(row) for row in page.rows],
        "text": text,
        "reasons": [("", _("Any"))]
        + [(one, str(said)) for one, said in suppressions.REASONS.items()],
        "reason": reason,
        "given": given,
        "errors": errors,
        "may_keep": actor.may("keep suppressions"),
        "may_remove": actor.may("run by itself"),
        "may_see_people": True,
        **_around(request, page, asked),
    }
    return shown(request, "pages/suppressions.html", context, 422 if errors else 200)


def _entry(row: Any) -> dict[str, Any]:
    is_by_hand = row.reason == suppressions.BY_HAND
    return {
        "row": row,
        "key": suppressions.key_of(row),
        "reason": suppressions.REASONS.get(row.reason, row.reason),
        "source": row.source if is_by_hand else "",
    }


@require_POST
@signed_in
@answering
def remove(request: Any, key: str) -> HttpResponse:
    """Let an address be mailed again, for a reason."""
    try:
        suppressions.remove(request.actor, plain_key(key), request.POST.get("why"), moment.now())
    except Refused as refusal:
        say(request, " ".join(f"{one.problem} {one.remedy}" for one in refusal.problems))
    else:
        say(request, _("The address may be mailed again."))
    return HttpResponseRedirect(reverse("nurture-suppressions"))


def card(request: Any, row: Lead, now: int) -> Card | None:
    """The mails of a lead, and whether it may be mailed at all; nothing where there is nothing to say."""
    del now
    found = [*mailing_lists.mails(request.actor, {"lead": row.key})[: MOST_ON_A_LEAD + 1]]
    stop = stop_of(request)
    if not found and stop is None:
        return None
    told = {
        "mails": [_line(one) for one in found[:MOST_ON_A_LEAD]],
        "has_more": len(found) > MOST_ON_A_LEAD,
        "lead": row.key,
        "may_send": request.actor.may(sending_again.RIGHT),
        "stop": _entry(stop) if stop else None,
    }
    return Card("parts/lead_mails.html", told)


def stop_of(request: Any) -> Any:
    """Why the contact that was read with a request is never mailed, looked up once for a page; nothing
    where it may be, or nobody is known."""
    if not hasattr(request, "stop"):
        request.stop = request.contact and suppressions.of_contact(request.contact)
    return request.stop


def barred(actor: Any, lead: str) -> dict[str, Any] | None:
    """Why a lead's address is never mailed, since when; None where it may be."""
    found = suppressions.of_lead(actor.workspace_id, lead)
    return None if found is None else _entry(found)
