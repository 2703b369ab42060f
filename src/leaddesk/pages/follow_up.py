"""Follow-up: the agreed cadences, how they are kept, who is tried too much and who not at all."""

from collections.abc import Iterator, Mapping, Sequence
from secrets import token_urlsafe
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leaddesk.book import effort, in_touch, moment, report
from leaddesk.book.asked import Asked
from leaddesk.book.choices import choices_of, in_force
from leaddesk.book.counting import Key
from leaddesk.book.effort import Count
from leaddesk.book.models import Contact, Person
from leaddesk.book.refusal import Refused
from leaddesk.book.report import Told
from leaddesk.book.rights import NARROWED
from leaddesk.pages import form, meanings, toast
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.scoreboard import Headline
from leaddesk.pages.telling import spoken
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, percent
from leadpact.agreement.explain_follow_up import follow_up as sentences_of
from leadpact.agreement.model import Agreement

FAMILIES = ("adherence", "behind", "stale", "over", "abandoned", "reasoned", "covered")
MOST = 50


class Plan(NamedTuple):
    """A cadence: its name, whom it is for, and each step in a sentence."""

    name: str
    whom: str
    steps: Sequence[str]


class Cell(NamedTuple):
    """A figure in a table: as it is shown, what it was counted from, the page that opens it."""

    value: str
    note: str
    href: str


class Line(NamedTuple):
    """A person or a cadence with its figures."""

    name: str
    cells: Sequence[Cell | None]


class Silence(NamedTuple):
    """Somebody to be called again."""

    silent: in_touch.Silent
    name: str
    company: str
    owner: str
    kind: str
    contact: Contact | None
    may_open: bool
    token: str


@require_safe
@signed_in
@answering
def page(request: Any) -> HttpResponse:
    """How sales follows up."""
    actor, now = request.actor, moment.now()
    actor.must("read leads")
    told = report.standing(actor.workspace_id, now)
    if told is None:
        return shown(request, "pages/drawing.html", {})
    agreed = in_force(actor.workspace_id, now)
    names = dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))
    context = {
        "told": told,
        "is_empty": told.facts == 0,
        "is_agreed": agreed.follow_up is not None,
        "cadences": [*_cadences(agreed)],
        "rules": _rules(agreed),
        "figures": [*_figures(told)],
        "reps": [*_reps(told, names)],
        "by_cadence": [
            Line(one.word, [_share(one)]) for one in _column(told, "adherence", "cadence").values()
        ],
        "rungs": [*_rungs(told)],
        "in_touch": in_touch.spans_of(agreed),
        "days": effort.WORK_WITHIN,
    }
    return shown(request, "pages/follow_up.html", context)


def _cadences(agreed: Agreement) -> Iterator[Plan]:
    """Each cadence in sentences."""
    said: dict[str, list[str]] = {}
    for one in sentences_of(agreed):
        if one.path[1] == "cadences":
            said.setdefault(str(one.path[2]), []).append(one.text)
    for name, texts in said.items():
        yield Plan(name, texts[0], texts[1:])


def _rules(agreed: Agreement) -> list[str]:
    """What else is agreed of follow-up."""
    return [one.text for one in sentences_of(agreed) if one.path[1] != "cadences"]


def _figures(told: Told) -> Iterator[Headline]:
    for family in FAMILIES:
        found = told.figure(Key(family))
        if found is None or (family in {"adherence", "behind"} and not found.rows.size):
            continue
        bad = family in {"behind", "stale"} and found.hits
        yield Headline(
            _called(family),
            meanings.value(found),
            meanings.counted(found),
            meanings.address(found.key),
            "bad" if bad else "good" if family == "stale" else "",
        )


def _called(family: str) -> str:
    return meanings.title(Key(family), {}, "UTC").partition(" · ")[0]


def _column(told: Told, family: str, by: str) -> Mapping[str, Count]:
    """A figure by person or by cadence, counted once for a report."""
    key = ("follow-up", family, by)
    if key not in told.counted:
        told.counted[key] = effort.counts_by(told.board, family, by)
    found: Mapping[str, Count] = told.counted[key]
    return found


_COLUMNS = ("adherence", "behind", "unworked", "stale", "over", "abandoned")


def _reps(told: Told, names: Mapping[str, str]) -> Iterator[Line]:
    """Each person with the figures of the leads that they own, or last owned."""
    columns = [_column(told, family, "rep") for family in _COLUMNS]
    people = sorted({word for column in columns for word in column}, key=lambda w: names.get(w, w))
    for person in people:
        cells = [
            _cell(family, column.get(person))
            for family, column in zip(_COLUMNS, columns, strict=True)
        ]
        yield Line(names.get(person, person) or _("nobody"), cells)


def _cell(family: str, one: Count | None) -> Cell | None:
    if one is None:
        return None
    if family in {"behind", "unworked", "stale"}:
        return Cell(number(one.hits), "", meanings.address(one.key)) if one.hits else None
    return _share(one)


def _share(one: Count) -> Cell:
    note = f"{number(one.hits)}/{number(one.counted)}"
    if one.undecided:
        waits = _("%(count)s not decided") % {"count": number(one.undecided)}
        note = f"{note} · {waits}"
    value = percent(one.share) if one.share is not None else "–"
    return Cell(value, note, meanings.address(one.key))


def _rungs(told: Told) -> Iterator[tuple[str, str, str]]:
    """The rungs of every ladder with how many leads are off it: late, and still in the funnel."""
    table = told.board.tables["obligations"]
    for name, clause in told.promises.items():
        if clause["kind"] != "response" or not clause["is_ladder"]:
            continue
        own = table["promise"] == told.board.code("promise", name)
        for rung in sorted({*table["rung"][own].tolist()}):
            key = Key("late", name, "all", "rung", str(rung))
            if (found := told.figure(key)) is not None:
                label = _("%(promise)s: %(n)s tries") % {"promise": name, "n": number(rung)}
                yield label, number(found.hits), meanings.address(key)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@answering
def keep_in_touch(request: Any) -> HttpResponse:
    """Customers and sleeping leads that nobody spoke to for longer than agreed; log that somebody did."""
    actor, now = request.actor, moment.now()
    actor.must("read leads")
    if request.method == "POST":
        return _kept_in_touch(request, now)
    return _silent_page(request, now)


def _kept_in_touch(request: Any, now: int) -> HttpResponse:
    """Log an attempt, or put somebody off, and go back to the list."""
    sent = {name: str(value).replace("\x00", "\ufffd") for name, value in request.POST.items()}
    asked = Asked(request.actor, sent.get("lead", "")[:200], sent.get("token", "")[:100], now)
    try:
        if sent.get("outcome") == "later":
            in_touch.put_off(asked, days=7)
            toast.say(request, _("You are reminded again in a week."))
        else:
            in_touch.log(asked, channel=sent.get("channel", ""), outcome=sent.get("outcome", ""))
            toast.say(request, _("The attempt is logged."))
    except Refused as refusal:
        return _silent_page(request, now, form.told(refusal), status=422)
    return HttpResponseRedirect(
        f"{reverse('keep-in-touch')}?{urlencode({'whose': _whose(request)})}"
    )


def _whose(request: Any) -> str:
    whose = request.GET.get("whose", "")
    return whose if whose in {"", "team", "all"} else ""


def _silent_page(
    request: Any, now: int, errors: Mapping[str, Sequence[str]] | None = None, status: int = 200
) -> HttpResponse:
    actor, whose = request.actor, _whose(request)
    agreed = in_force(actor.workspace_id, now)
    rows = in_touch.silent(actor, whose, now, agreed)
    after = _place(request.GET.get("after", ""))
    found = [] if rows is None else [*rows[after : after + MOST + 1]]
    onward = {"whose": whose, "after": after + MOST}
    offered = choices_of(agreed)
    context = {
        "is_agreed": rows is not None,
        "spans": [(_kind(kind), span) for kind, span in in_touch.spans_of(agreed).items()],
        "count": 0 if rows is None else rows.count(),
        "rows": [*_silences(request, [in_touch.told(one, agreed) for one in found[:MOST]])],
        "whose": whose,
        "everybody": [("", _("Mine")), ("team", _("My team")), ("all", _("Everybody"))],
        "next": f"?{urlencode(onward)}" if len(found) > MOST else "",
        "may_record": actor.may("record facts"),
        "channels": [(one, spoken(one)) for one in offered.channels],
        "outcomes": [(one, spoken(one)) for one in offered.outcomes],
        "errors": {"": [one for texts in errors.values() for one in texts]} if errors else {},
        "here": f"{reverse('keep-in-touch')}?{urlencode({'whose': whose})}",
    }
    return shown(request, "pages/keep_in_touch.html", context, status=status)


def _place(text: str) -> int:
    return min(int(text), 10**6) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _kind(kind: str) -> str:
    return {"customers": _("customer"), "sleeping": _("sleeping lead")}.get(kind, kind)


def _silences(request: Any, listed: Sequence[in_touch.Silent]) -> Iterator[Silence]:
    actor = request.actor
    names = dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))
    contacts: dict[str, Contact] = {}
    if actor.may("read contacts"):
        keys = [one.lead.key for one in listed]
        rows = Contact.objects.of(actor.workspace_id).filter(lead__in=keys)
        contacts = {one.lead: one for one in rows.select_related("company")}
    for one in listed:
        contact = contacts.get(one.lead.key)
        company = contact.company.name if contact and contact.company else one.lead.account
        name = (contact.name if contact else "") or one.lead.key
        owner = names.get(one.lead.last_owner, one.lead.last_owner)
        yield Silence(
            *(one, name, company, owner, _kind(one.kind), contact),
            actor.role not in NARROWED or one.lead.owner == actor.person,
            token_urlsafe(12),
        )
