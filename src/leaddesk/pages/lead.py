"""Lead: one lead with all that is known of it, what is owed with the working, and what can be done."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from secrets import token_urlsafe
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import deciding, handoff_lists, moment, queries, timeline
from leaddesk.book.choices import Choices, choices_of, in_force_by, open_promises, receives
from leaddesk.book.models import Contact, Due, Lead, Person
from leaddesk.book.record import together
from leaddesk.book.refusal import Absent
from leaddesk.book.rules import rules_seen
from leaddesk.book.suppressions import with_key
from leaddesk.book.timeline import FACT, NOTE, Heard, Item, Mark
from leaddesk.pages import lead_nurture, problems
from leaddesk.pages.form import Field, answering, filled
from leaddesk.pages.frame import shown
from leaddesk.pages.lead_cards import cards
from leaddesk.pages.telling import sentence, spoken, with_parts
from leaddesk.pages.visitor import signed_in
from leaddesk.pages.working import owed
from leaddesk.tongue import instant_text, local_time, written_moment
from leadpact import facts

MOST = 30
MOST_HANDOFFS = 11
_CORRECTABLE = frozenset(range(len(facts.KINDS))) - {facts.RULED, facts.CORRECTED}


_Offer = tuple[str, str, str, list[Field]]
"""An act as it is offered: its name, its title, what its button says, its fields."""


class Form(NamedTuple):
    """An act as a form: its name, its title, its fields, whether it stands open, and what is wrong."""

    act: str
    title: str
    button: str
    fields: list[dict[str, Any]]
    is_open: bool = False
    errors: Mapping[str, Sequence[str]] = {}
    asks: bool = False


class Line(NamedTuple):
    """A line of the timeline: what happened, as a sentence; `back` takes it back."""

    item: Item
    text: SafeString
    state: str
    by: str
    source: str
    is_late: bool
    back: str


@require_safe
@signed_in
@answering
def lead(request: Any, key: str) -> HttpResponse:
    """One lead, where the visitor may see it; without its frame where a part of a page asks."""
    row = queries.lead(request.actor, key)
    act = request.GET.get("act", "")[:20]
    template = "pages/lead_parts.html" if "HX-Request" in request.headers else "pages/lead.html"
    return shown(request, template, _told(request, row, act, {}, {}))


def refused_page(
    request: Any, key: str, act: str, sent: Mapping[str, str], errors: Mapping[str, Sequence[str]]
) -> HttpResponse:
    """The lead with the form that was refused: what was typed is kept, what is wrong stands beside it."""
    try:
        row = queries.lead(request.actor, key)
    except Absent as error:
        return problems.absent(request, error)
    context = _told(request, row, act, sent, errors)
    return shown(request, "pages/lead.html", context, status=422)


def _told(
    request: Any,
    row: Lead,
    act: str,
    sent: Mapping[str, str],
    errors: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    actor, now = request.actor, moment.now()
    people = [*Person.objects.of(actor.workspace_id).order_by("name", "key")]
    _read(request, row, people, now)
    agreed, names = request.agreed, request.names
    found = owed(request.judged[1], row.key, agreed, names, now)
    heard = timeline.heard(actor, row, MOST)
    contact = request.contact if actor.may("read contacts") else None
    may_record = actor.may("record facts") and row.standing != "merged"
    offers = _offered(request, row, choices_of(agreed), people) if may_record else []
    forms = [*_forms(offers, act, sent, errors)]
    return {
        "lead": row,
        "contact": contact,
        "name": (contact.name if contact else "") or row.key,
        "company": contact.company.name if contact and contact.company else row.account,
        "owner": names.get(row.owner, row.owner),
        "standing": spoken(row.standing),
        "local": local_time(now, contact.zone) if contact and contact.zone else "",
        "owed": found,
        "cards": [*cards(request, row, now)],
        "urgent": next((one for one in found if one.is_waiting), None),
        "why": [*_why(heard.origins, names)],
        "may_record": may_record,
        "forms": forms,
        "errors": {} if any(one.errors for one in forms) else _stray(errors),
        "seen": heard.newest,
        "token": sent.get("token", "") or token_urlsafe(12),
        "next": sent.get("next", "") or _next(request),
        "command": _command(request, row.key),
        **_timeline(request, row, heard, names, agreed.currency),
    }


def _read(request: Any, row: Lead, people: Sequence[Person], now: int) -> None:
    """Keep with the request what several cards tell of, so that each thing is read once for all of them:
    the names of people, the lead as it is judged, the agreement in force, the contact (also where the
    visitor may not know who it is), and the last handoffs."""
    workspace = request.actor.workspace_id
    request.names = {one.key: one.name for one in people}
    read = together(workspace, [row.key], now=now, rules=rules_seen(request.person.workspace))
    request.judged, request.crowds = read[:2], read.crowds
    request.agreed = in_force_by(request.judged[0], now)
    contacts = Contact.objects.of(workspace).filter(lead=row.key).select_related("company")
    request.contact = with_key(contacts).first()
    request.handoffs = handoff_lists.latest_of(request.actor, row.key, MOST_HANDOFFS)


def _stray(errors: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What is wrong with a form that isn't offered (any more)."""
    texts = [text for some in errors.values() for text in some]
    return {"": texts} if texts else {}


def _next(request: Any) -> str:
    """A part of the queue leads back to it."""
    return reverse("queue") if "HX-Request" in request.headers else ""


def _command(request: Any, key: str) -> str:
    """The call of the API that tells the same, for a shell."""
    where = request.build_absolute_uri(reverse("lead", args=[key])).replace(
        "/leads/", "/api/v1/leads/"
    )
    return f'curl -H "Authorization: Bearer $TOKEN" "{where}"'


def _why(origins: Iterable[Item], names: Mapping[str, str]) -> Iterator[tuple[int, SafeString]]:
    """Why a lead was scored and given as it was, as far as the log says."""
    for one in origins:
        yield one.at, sentence(one.row.kind, one.body, names, one.row.system)


def _timeline(
    request: Any, row: Lead, heard: Heard, names: Mapping[str, str], currency: str
) -> dict[str, Any]:
    show = request.GET.get("show", "all")
    show = show if show in timeline.SHOWN else "all"
    items, onward = timeline.timeline(request.actor, row, heard, show, _before(request), MOST)
    older = ""
    if onward is not None:
        older = "?" + urlencode({"show": show, "before": ".".join(map(str, onward))}) + "#timeline"
    return {
        "show": show,
        "shows": [(name, text) for name, text in _shows() if name in timeline.SHOWN],
        "lines": [_line(one, names, currency) for one in items],
        "older": older,
        "is_older": "before" in request.GET,
    }


def _shows() -> list[tuple[str, str]]:
    return [
        ("all", _("Everything")),
        ("contact", _("Contact")),
        ("stages", _("Stages and owners")),
        ("promises", _("Promises")),
        ("notes", _("Notes")),
    ]


def _before(request: Any) -> Mark | None:
    parts = request.GET.get("before", "").split(".")
    fit = len(parts) == 3 and all(p.isascii() and p.isdigit() and len(p) < 18 for p in parts)
    return Mark(*map(int, parts)) if fit else None


def _line(item: Item, names: Mapping[str, str], currency: str) -> Line:
    row = item.row
    if item.sort == FACT:
        text = sentence(row.kind, item.body, names, row.system, currency)
        state = {"kept": "good", "broken": "bad"}.get(str(item.body.get("verdict", "")), "")
        late = row.recorded_at - row.occurred_at > moment.MINUTE
        may = row.kind in _CORRECTABLE and not item.is_back and row.lead
        return Line(item, text, state, "", row.system, late, row.source_id if may else "")
    if item.sort == NOTE:
        by = names.get(row.person, row.person)
        return Line(item, with_parts(_("%(by)s wrote a note."), by=by), "", by, "", False, "")
    to = names.get(row.to, row.to) or _("everybody concerned")
    parts = {"to": to, "promise": str(item.body.get("promise", ""))}
    return Line(item, with_parts(_notice(row.kind), **parts), "", "", "", False, "")


def _notice(kind: str) -> str:
    """What somebody was told."""
    return {
        "at risk": _("%(to)s was told: %(promise)s is at risk."),
        "broken": _("%(to)s was told: %(promise)s is broken."),
        "corrected": _("%(to)s was told: %(promise)s was judged anew."),
        "escalated": _("%(to)s was told: %(promise)s needs a decision."),
        "handed over": _("%(to)s was told that the lead is theirs."),
        "goes back": _("%(to)s was told that the lead goes back to marketing soon."),
    }.get(kind, _("%(to)s was told: the lead changed hands because of %(promise)s."))


def _forms(
    offers: Iterable[_Offer],
    act: str,
    sent: Mapping[str, str],
    errors: Mapping[str, Sequence[str]],
) -> Iterator[Form]:
    for name, title, button, fields in offers:
        is_open = name == act
        listed = filled(fields, sent if is_open else {}, errors if is_open else {})
        for field in listed:
            field["id"] = f"{name}-{field['name']}"
        wrong = {f"{name}-{path}" if path else "": texts for path, texts in errors.items()}
        asks = is_open and "asks" in sent
        yield Form(
            *(name, title, _("Log it anyway") if asks else button, listed, is_open),
            wrong if is_open else {},
            asks,
        )


def _offered(
    request: Any, row: Lead, offered: Choices, people: Sequence[Person]
) -> Iterator[_Offer]:
    """What can be done with a lead as it stands, each act with its fields."""
    note = Field("note", _("Note"), _("Kept beside the log. No clock minds it."), "textarea")
    yield "attempt", _("Log an attempt"), _("Log it"), _attempt_fields(offered, note)
    yield "meeting", _("Log a meeting"), _("They booked one"), [note]
    yield "note", _("Write a note"), _("Keep it"), [note._replace(required=True)]
    yield "snooze", _("Put aside"), _("Put aside"), _snooze_fields()
    yield from _sales_offers(request, row, offered, note)
    yield from _standing_offers(row, offered, note)
    yield from lead_nurture.offers(request, row)
    yield from _leading_offers(request, row, people)


def _attempt_fields(offered: Choices, note: Field) -> list[Field]:
    when = _("Empty is now. Write your local time, such as %s.") % written_moment()
    return [
        Field("channel", _("Channel"), choices=_listed(offered.channels)),
        Field("outcome", _("Outcome"), choices=_listed(offered.outcomes)),
        Field("seconds", _("How long"), _("Minutes and seconds, such as 4:30."), dir="ltr"),
        Field("at", _("When"), when, dir="ltr"),
        note,
    ]


def _snooze_fields() -> list[Field]:
    times = [
        ("1h", _("in an hour")),
        ("4h", _("in four hours")),
        ("tomorrow", _("tomorrow at nine")),
        ("week", _("in a week, at nine")),
    ]
    hint = _("For you alone. Its clocks run on.")
    return [
        Field("until", _("Until"), hint, choices=times),
        Field("reason", _("Reason"), required=True),
    ]


def _sales_offers(request: Any, row: Lead, offered: Choices, note: Field) -> Iterator[_Offer]:
    """What sales can say of a lead that it was offered and hasn't decided on."""
    last = request.handoffs[0] if request.handoffs else None
    if last is None or last.pass_number != row.pass_number or last.state != "offered":
        return
    if not deciding.may_decide(request.actor, row.owner):
        return
    yield "accept", _("Accept"), _("Accept the lead"), []
    if last.accept_by is None or moment.now() <= last.accept_by:
        yield "reject", _("Reject"), _("Reject the lead"), [_reason(offered.rejections), note]


def _standing_offers(row: Lead, offered: Choices, note: Field) -> Iterator[_Offer]:
    """What moves a lead along, out of the pass, or back."""
    amount = Field(
        "amount", _("Amount"), _("Digits alone, such as 12500. May be empty."), dir="ltr"
    )
    if row.is_paused:
        yield "resume", _("Resume"), _("Let the clocks run again"), []
    else:
        until = Field("until", _("Until"), _("The first day on which clocks run again."), "date")
        yield "pause", _("Pause"), _("Pause the clocks"), [_reason(offered.pauses), until, note]
    yield (
        "move",
        _("Move"),
        _("Move the lead"),
        [Field("to", _("Stage"), choices=_listed(offered.stages))],
    )
    yield "convert", _("Open a deal"), _("Open it"), [amount]
    yield "win", _("Won"), _("Record the win"), [amount]
    yield "lose", _("Lost"), _("Record the loss"), [_reason(offered.losses), note]
    if offered.tracks:
        yield (
            "return",
            _("Back to nurture"),
            _("Give it back"),
            [
                Field("track", _("Track"), choices=_listed(offered.tracks)),
                _reason(offered.returns)
                if offered.returns
                else Field("reason", _("Reason"), _("Not needed once it was tried as agreed.")),
                Field("until", _("Not before"), _("The day on which it may come again."), "date"),
                note,
            ],
        )
    yield (
        *("disqualify", _("Disqualify"), _("Disqualify the lead")),
        [_reason(offered.disqualifications), note],
    )
    yield (
        *("suppress", _("Do not contact"), _("Stop all contact")),
        [_reason(offered.suppressions)],
    )


def _leading_offers(request: Any, row: Lead, people: Sequence[Person]) -> Iterator[_Offer]:
    """What leading roles may do."""
    why = Field("why", _("Reason"), _("It stays in the log: name no persons."), required=True)
    if request.actor.may("reassign leads"):
        listed = [(one.key, one.name) for one in people if receives(one)]
        owner = Field("owner", _("New owner"), choices=listed)
        yield "reassign", _("Reassign"), _("Give it to them"), [owner, why]
    if request.actor.may("override scores") and row.scored_at is not None:
        yield "override", _("Score by hand"), _("Set the score"), _score_fields(why)
    if request.actor.may("waive promises") and (due := open_promises(row)):
        promise = Field("promise", _("Promise"), choices=[(str(one.pk), _due(one)) for one in due])
        yield "waive", _("Let a promise go"), _("Let it go"), [promise, why]


def _score_fields(why: Field) -> list[Field]:
    kept = _("Empty leaves this one to the rules.")
    return [
        Field("fit", _("Fit, in points"), kept, dir="ltr"),
        Field("interest", _("Interest, in points"), kept, dir="ltr"),
        why,
    ]


def _due(one: Due) -> str:
    rung = "" if one.rung < 0 else f" {one.rung}"
    when = _("no time") if one.due_at is None else instant_text(one.due_at)
    return f"{one.promise}{rung}: {when}"


def _reason(words: Sequence[str]) -> Field:
    return Field("reason", _("Reason"), choices=_listed(words))


def _listed(words: Sequence[str]) -> list[tuple[str, str]]:
    return [(one, spoken(one)) for one in words]
