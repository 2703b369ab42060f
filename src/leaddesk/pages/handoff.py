"""Handoff: one lead that was given to sales: its packet, its frozen score, the decision, every pass."""

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leaddesk.book import acts, deciding, disputes, handoff_acts, lapsing, moment
from leaddesk.book import handoff_lists as lists
from leaddesk.book.access import Actor
from leaddesk.book.asked import Asked, Done
from leaddesk.book.choices import choices
from leaddesk.book.models import Handoff, Lead
from leaddesk.book.refusal import Refused, refused
from leaddesk.book.rules import rules_of
from leaddesk.pages import handoff_words as words
from leaddesk.pages.card import Card
from leaddesk.pages.form import answering, told
from leaddesk.pages.frame import shown
from leaddesk.pages.handoffs import Names, Row, names_of, part_note, row_of
from leaddesk.pages.route_words import explained
from leaddesk.pages.telling import spoken
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in

_FIELDS = ("reason", "why", "outcome", "track")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def one(request: Any, key: str, number: int) -> HttpResponse:
    """The record of one handoff; a decision on it."""
    if request.method != "POST":
        return _page(request, key, number, {}, {})
    lists.one(request.actor, key, number)
    sent = {name: request.POST.get(name, "") for name in (*_FIELDS, "act", "token")}
    asked = Asked(request.actor, key, sent["token"][:100], moment.now())
    try:
        done = _do(asked, sent)
    except Refused as refusal:
        return _page(request, key, number, sent, told(refusal, _FIELDS))
    if done.outcome == "new":
        say(request, _said(sent["act"]))
    return HttpResponseRedirect(reverse("handoff", args=[key, number]))


def _do(asked: Asked, sent: Mapping[str, str]) -> Done:
    match sent["act"]:
        case "accept":
            return acts.accept(asked)
        case "reject":
            return acts.reject(asked, reason=sent["reason"])
        case "contest":
            return handoff_acts.contest(asked, why=sent["why"])
        case "settle":
            return handoff_acts.settle(asked, outcome=sent["outcome"], why=sent["why"])
        case _:
            said = _("That is nothing that can be done with a handoff.")
            raise refused("", said, _("Reload the page."))


def _said(act: str) -> str:
    said = {
        "accept": _("The lead is accepted."),
        "reject": _("The lead is rejected."),
        "contest": _("The rejection is contested. It waits on the list of disputes."),
    }
    return said.get(act, _("The dispute is settled."))


class Before(NamedTuple):
    """A pass of the same lead."""

    row: Row
    is_here: bool


def _page(
    request: Any,
    key: str,
    number: int,
    sent: Mapping[str, str],
    errors: Mapping[str, list[str]],
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    found, every = lists.one(actor, key, number)
    names = names_of(actor, every)
    is_last = found.pass_number == every[-1].pass_number
    decider = found.decided_by
    context = {
        **_told(found, names.people, now),
        "row": row_of(found, names),
        "decider": words.apart(names.people.get(decider, decider)),
        "disputer": words.apart(names.people.get(found.disputed_by, found.disputed_by)),
        "passes": [Before(row_of(each, names), each is found) for each in every],
        "may_decide": found.state == "offered"
        and is_last
        and deciding.may_decide(actor, found.owner),
        **_disputed(actor, found, now, is_last=is_last),
        "may_open": lists.is_seen(actor, key),
        "reasons": [
            (reason, spoken(reason)) for reason in choices(actor.workspace_id, now).rejections
        ],
        "token": token_urlsafe(12),
        "sent": sent,
        "errors": errors,
    }
    return shown(request, "pages/handoff.html", context, status=422 if errors else 200)


def _disputed(actor: Actor, found: Handoff, now: int, *, is_last: bool) -> dict[str, Any]:
    """What somebody may say of a rejection: until when it can be contested, whether it is to be
    settled by them, until when, and what keeps them from it."""
    rules = rules_of(actor.workspace_id)
    agreed = disputes.arbitration(rules, now)
    is_open = found.state == "rejected" and not found.dispute and is_last
    may = is_open and actor.may("contest rejections")
    end = disputes.contested_until(rules, found, now) if may else None
    over = end is not None and now > end
    told_: dict[str, Any] = {
        "may_contest": may and not over,
        "contest_by": end,
        "is_over": over,
        "may_settle": False,
    }
    if found.dispute == "open":
        able, settles = (
            disputes.settlers(actor.workspace_id, agreed),
            disputes.may_settle(actor, agreed),
        )
        until = disputes.settled_until(rules, [found], now)[0]
        told_ |= {
            "may_settle": settles and not disputes.is_barred(actor, agreed, able, found),
            "note": part_note(actor, found, able, agreed) if settles else "",
            "settle_by": until,
            "settles_late": until is not None and until < now,
        }
    return told_


def _told(found: Handoff, people: Mapping[str, str], now: int) -> dict[str, Any]:
    """What the page and the card tell of a handoff."""
    return {
        "record": found,
        "things": [*words.things(found)],
        "fit": words.points(found.fit),
        "interest": words.points(found.interest),
        "route": explained(found.route, people) if found.route else [],
        "is_late": found.state == "offered"
        and found.accept_by is not None
        and found.accept_by < now,
    }


def card(request: Any, row: Lead, now: int) -> Card | None:
    """The card of handoffs on the page of a lead; None where it was never offered."""
    if not request.handoffs:
        return None
    last, contact = request.handoffs[0], request.contact
    known = contact if request.actor.may("read contacts") else None
    company = known.company.name if known and known.company else ""
    names = Names({row.key: (known.name, company)} if known else {}, request.names)
    context = {
        **_told(last, names.people, now),
        "row": row_of(last, names),
        "tries": _tries(request, row, last, now),
    }
    return Card("parts/lead_handoff.html", context)


class Tries(NamedTuple):
    """How often a lead was tried in vain, after how many tries it may go back, and into which track;
    when it does so by itself, where that is coming."""

    done: int
    agreed: int
    track: str
    back_at: int | None

    @property
    def is_enough(self) -> bool:
        """Whether it may be given back."""
        return self.done >= self.agreed


def _tries(request: Any, row: Lead, last: Handoff, now: int) -> Tries | None:
    handoff = request.agreed.handoff
    is_with_sales = last.state in {"offered", "accepted", "silent"} and last.left_at is None
    if handoff is None or handoff.return_ is None or not is_with_sales:
        return None
    rules, judged = request.judged
    is_coming = handoff.return_.by_itself is not None
    back_at = lapsing.back_at(rules, judged, row.key, now) if is_coming else None
    track = words.apart(handoff.return_.to)
    return Tries(last.attempts, handoff.return_.attempts, track, back_at)
