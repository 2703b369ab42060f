"""Handoffs: every lead that was given to sales, what became of it, and what is contested."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from secrets import token_urlsafe
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import disputes as contested
from leaddesk.book import handoff_acts, moment
from leaddesk.book import handoff_lists as lists
from leaddesk.book.asked import Asked
from leaddesk.book.choices import in_force_by
from leaddesk.book.handoff_lists import Counts, Wanted
from leaddesk.book.models import Contact, Handoff, Person, Workspace
from leaddesk.book.refusal import Refused
from leaddesk.book.rules import Rules, rules_of, rules_seen
from leaddesk.pages import handoff_words as words
from leaddesk.pages.form import answering, told
from leaddesk.pages.frame import shown
from leaddesk.pages.meanings import length
from leaddesk.pages.telling import spoken
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, percent
from leadpact.agreement.handoff import Arbitration

MOST_DISPUTES = 100


class Row(NamedTuple):
    """A handoff as a list shows it."""

    record: Handoff
    name: str
    company: str
    owner: str
    state: str
    look: str
    trigger: str
    missing: Sequence[str]
    reason: str
    track: str
    dispute: str


class Tab(NamedTuple):
    """A state as a tab of the list."""

    text: str
    href: str
    count: str
    is_here: bool


class Headline(NamedTuple):
    """A figure over the list, and the rows that it counts."""

    label: str
    value: str
    note: str
    href: str
    state: str = ""


@require_safe
@signed_in
@answering
def listed(request: Any) -> HttpResponse:
    """The handoffs, by state."""
    actor, now = request.actor, moment.now()
    actor.must("read leads")
    wanted = _wanted(request.GET)
    page = lists.page(actor, wanted, request.GET.get("place", ""), now)
    found = lists.counts(actor, wanted, now)
    names = names_of(actor, page.rows)
    own = Workspace.objects.get(pk=actor.workspace_id)
    rules = rules_seen(own)
    context = {
        "rows": [row_of(one, names) for one in page.rows],
        "tabs": [*_tabs(wanted, found)],
        "figures": [*_figures(wanted, found, contested.late(rules, now))],
        "wanted": wanted,
        "now": now,
        "owners": sorted(names.people.items(), key=lambda item: item[1]),
        "triggers": [(text, words.trigger(text)) for text in lists.triggers(actor)],
        "spans": _spans(),
        "previous": _place(wanted, page.before),
        "next": _place(wanted, page.after),
        "is_filtered": wanted != Wanted(),
        "runs": own.hands_over_since,
        "by_themselves": sorted(own.hands_over_but),
        "may_run": actor.may("run by itself"),
        "is_agreed": in_force_by(rules, now).handoff is not None,
    }
    return shown(request, "pages/handoffs.html", context)


class Names(NamedTuple):
    """The names of leads, companies and people, where the visitor may know them."""

    leads: Mapping[str, tuple[str, str]]
    people: Mapping[str, str]


def names_of(actor: Any, rows: Iterable[Handoff]) -> Names:
    """The names of what is listed."""
    people = dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))
    if not actor.may("read contacts"):
        return Names({}, people)
    keys = {one.lead for one in rows}
    contacts = Contact.objects.of(actor.workspace_id).filter(lead__in=keys)
    found = contacts.values_list("lead", "name", "company__name")
    return Names({lead: (name, company or "") for lead, name, company in found}, people)


def row_of(one: Handoff, names: Names) -> Row:
    """A handoff as a list shows it."""
    name, company = names.leads.get(one.lead, ("", ""))
    return Row(
        one,
        words.apart(name or one.lead),
        company,
        words.apart(names.people.get(one.owner, one.owner)),
        str(words.STATES[one.state]),
        words.LOOKS[one.state],
        words.apart(words.trigger(one.trigger)) if one.trigger else "",
        [spoken(name) for name in words.missing(one)],
        words.apart(spoken(one.reason)) if one.reason else "",
        words.apart(one.track),
        str(words.DISPUTES.get(one.dispute, "")),
    )


def _wanted(sent: Any) -> Wanted:
    state, span = sent.get("state", ""), sent.get("span", "90")
    return Wanted(
        state if state in lists.STATES else "",
        _plain(sent.get("owner", "")),
        _plain(sent.get("trigger", "")),
        sent.get("incomplete") == "yes",
        span if span in lists.SPANS else "90",
    )


def _plain(text: str) -> str:
    """A text to look for; no key has more than 200 characters, or a NUL."""
    return "" if "\x00" in text else text[:200]


def _address(wanted: Wanted, **others: str) -> str:
    told_ = {
        "state": wanted.state,
        "owner": wanted.owner,
        "trigger": wanted.trigger,
        "incomplete": "yes" if wanted.incomplete else "",
        "span": "" if wanted.span == "90" else wanted.span,
        **others,
    }
    query = urlencode({name: value for name, value in told_.items() if value})
    return reverse("handoffs") + (f"?{query}" if query else "")


def _place(wanted: Wanted, place: str) -> str:
    return _address(wanted, place=place) if place else ""


def _tabs(wanted: Wanted, found: Counts) -> Iterator[Tab]:
    whole = sum(found.by_state.values())
    yield Tab(_("All"), _address(wanted, state=""), number(whole), not wanted.state)
    for state, text in words.STATES.items():
        href = _address(wanted, state=state)
        yield Tab(str(text), href, number(found.by_state[state]), wanted.state == state)


def _figures(wanted: Wanted, found: Counts, late: int) -> Iterator[Headline]:
    decided = found.accepted + found.rejected
    of_decided = ngettext("of %(n)s decided", "of %(n)s decided", decided) % {"n": number(decided)}
    yield Headline(
        _("Accepted"), _percent(found.acceptance), of_decided, _address(wanted, state="accepted")
    )
    yield Headline(
        _("Rejected"), _percent(found.rejection), of_decided, _address(wanted, state="rejected")
    )
    yield Headline(
        _("Accepted in silence"),
        number(found.silent),
        _("counted apart"),
        _address(wanted, state="silent"),
    )
    yield Headline(
        _("Undecided"),
        number(found.undecided),
        _("the time to accept runs"),
        _address(wanted, state="offered"),
    )
    packets = ngettext("of %(n)s packet", "of %(n)s packets", found.packets)
    yield Headline(
        _("Complete packets"),
        _percent(found.completeness),
        packets % {"n": number(found.packets)},
        _address(wanted, state="", incomplete="yes"),
    )
    yield Headline(
        _("Contested"),
        number(found.contested),
        _late_words(late) if late else _("wait for a decision"),
        reverse("handoff-disputes"),
        _urgency(found.contested, late),
    )


def _late_words(late: int) -> str:
    said = ngettext("%(n)s waits for too long", "%(n)s wait for too long", late)
    return said % {"n": number(late)}


def _urgency(contested_: int, late: int) -> str:
    return "bad" if late else "warn" if contested_ else ""


def _percent(share: Any) -> str:
    return "–" if share is None else percent(share)


def _spans() -> list[tuple[str, str]]:
    return [
        ("30", _("the last 30 days")),
        ("90", _("the last 90 days")),
        ("365", _("the last 365 days")),
        ("all", _("all time")),
    ]


class Dispute(NamedTuple):
    """A rejection that is or was contested: who said what, how long it waits."""

    row: Row
    rejecter: str
    by: str
    why: str
    verdict: str
    waits: int
    may_settle: bool
    settle_by: int | None
    is_late: bool
    note: str


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def disputes(request: Any) -> HttpResponse:
    """The rejections that are contested, and the decision of whoever may settle them."""
    if request.method != "POST":
        return _disputes(request, {}, {})
    sent = {name: request.POST.get(name, "") for name in ("lead", "outcome", "why", "token")}
    asked = Asked(request.actor, sent["lead"], sent["token"][:100], moment.now())
    try:
        done = handoff_acts.settle(asked, outcome=sent["outcome"], why=sent["why"])
    except Refused as refusal:
        return _disputes(request, sent, told(refusal, ["outcome", "why"]))
    if done.outcome == "new":
        say(request, _("The dispute is settled."))
    return HttpResponseRedirect(reverse("handoff-disputes"))


def _disputes(
    request: Any, sent: Mapping[str, str], errors: Mapping[str, list[str]]
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    is_open = request.GET.get("show") != "settled"
    rows = [*lists.disputes(actor, is_open=is_open)[:MOST_DISPUTES]]
    names = names_of(actor, rows)
    rules = rules_of(actor.workspace_id)
    agreed = contested.arbitration(rules, now)
    context = {
        "disputes": [*_contested(actor, rows, names, now, rules)],
        "is_open": is_open,
        "arbiters": [words.apart(names.people.get(key, key)) for key in agreed.by]
        if agreed
        else [],
        "within": words.apart(length(str(agreed.within))) if agreed and agreed.within else "",
        "contest_within": words.apart(length(str(agreed.contest_within)))
        if agreed and agreed.contest_within
        else "",
        "token": token_urlsafe(12),
        "sent": sent,
        "errors": errors,
    }
    return shown(request, "pages/handoff_disputes.html", context, status=422 if errors else 200)


def _contested(
    actor: Any,
    rows: Sequence[Handoff],
    names: Names,
    now: int,
    rules: Rules,
) -> Iterator[Dispute]:
    agreed = contested.arbitration(rules, now)
    may = contested.may_settle(actor, agreed)
    able = contested.settlers(actor.workspace_id, agreed)
    ends = contested.settled_until(rules, rows, now)
    said = lists.words_of(actor, [one.lead for one in rows])
    for one, end in zip(rows, ends, strict=True):
        own = [fact for fact in said.get(one.lead, []) if fact.occurred_at >= (one.decided_at or 0)]
        begun = next((fact for fact in own if not words.said(fact.body).get("outcome")), None)
        ended = next((fact for fact in own if words.said(fact.body).get("outcome")), None)
        who = one.decided_by or one.owner
        yield Dispute(
            row_of(one, names),
            names.people.get(who, who),
            names.people.get(one.disputed_by, one.disputed_by),
            str(words.said(begun.body).get("why", "")) if begun else "",
            str(words.said(ended.body).get("why", "")) if ended else "",
            (one.settled_at or now) - (one.disputed_at or now),
            may and not contested.is_barred(actor, agreed, able, one),
            end,
            one.settled_at is None and end is not None and end < now,
            part_note(actor, one, able, agreed) if may else "",
        )


def part_note(
    actor: Any, dispute: Handoff, able: frozenset[str], agreed: Arbitration | None
) -> str:
    """What somebody is told who took part in a dispute that they could settle otherwise."""
    if not contested.took_part(actor.person, dispute):
        return ""
    if not contested.is_barred(actor, agreed, able, dispute):
        return _("You took part in it yourself. You may settle it, since nobody else can.")
    if contested.others(able, dispute):
        return _("You took part in it yourself, so somebody else settles it.")
    return _("You took part in it yourself, and nobody else can settle it: ask an admin.")
