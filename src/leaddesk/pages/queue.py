"""Queue: the home of a rep: what waits, the most urgent first, and the keys that deal with it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from secrets import token_urlsafe
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import handoff_lists, in_touch, moment, queue, scoring
from leaddesk.book.choices import choices_of, in_force_by
from leaddesk.book.follow_up import Followed, followed_in, zones_of
from leaddesk.book.handoff_lists import Pending
from leaddesk.book.models import Lead, Person, Reminder
from leaddesk.book.moment import MINUTE
from leaddesk.book.queue import Frame, Place, Waiting, Wanted
from leaddesk.book.record import together
from leaddesk.book.refusal import Absent
from leaddesk.book.rights import NARROWED
from leaddesk.book.rules import Rules, rules_seen
from leaddesk.book.scoring import Points
from leaddesk.pages.following import next_words, warnings_of
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.telling import sentence, spoken, with_parts
from leaddesk.pages.visitor import signed_in
from leaddesk.sample.joining import FULL_SAMPLE
from leaddesk.tongue import ago, instant, listed, local_time
from leaddesk.tongue import wishes as wishes_of_reader
from leadpact import facts
from leadpact.agreement.model import Agreement
from leadpact.clock import day_start, local_day

MOST, _MOST_ASIDE = 30, 200
_LONGEST = 2**63
_FADED = 60 * MINUTE
"""Rows are shown anew that often though nothing happened, for their grades fade."""
_TITLES = {
    "late": lambda: _("Late"),
    "soon": lambda: _("Due within 15 minutes"),
    "today": lambda: _("Due today"),
    "later": lambda: _("Due later"),
}


class Row(NamedTuple):
    """A lead as a row of the queue; `mark` changes when anything that it shows does."""

    waiting: Waiting
    mark: str
    name: str
    company: str
    chips: Sequence[str]
    origin: Sequence[SafeString]
    about: Sequence[SafeString]
    used: int
    token: str
    next: SafeString | str
    channel: str
    warnings: Sequence[str]
    pending: Pending | None


class Group(NamedTuple):
    """Rows that are as urgent as each other, and how many such leads there are on all pages (None:
    not counted, as of leads that a text finds)."""

    name: str
    title: str
    count: int | None
    rows: list[Row]


@require_safe
@signed_in
@answering
def page(request: Any) -> HttpResponse:
    """The queue of the visitor, or of others whose leads they see."""
    request.actor.must("read leads")
    context = _listed(request)
    return shown(request, "pages/queue.html", context | _beside(request, context["agreed"]))


@require_safe
@signed_in
@answering
def rows(request: Any) -> HttpResponse:
    """The rows alone, for who looks again; 304 where nothing that they show has changed."""
    request.actor.must("read leads")
    now = moment.now()
    wanted, after = _wanted(request), _after(request)
    frame = _frame(now)
    aside = queue.reminders(request.actor)
    leads, _next = queue.page(queue.waiting(request.actor, wanted, aside, now), after, MOST)
    tag = f'"{_mark(request, leads, aside, frame)}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = shown(request, "pages/queue_rows.html", _listed(request))
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@signed_in
@answering
def gone(request: Any) -> HttpResponse:
    """Why a lead isn't in the queue any more, in a sentence."""
    request.actor.must("read leads")
    said = None
    with suppress(Absent):
        said = queue.last_of(request.actor, request.GET.get("lead", "")[:200])
    text: Any = _("This lead isn't in your queue any more.")
    if said is not None:
        text = sentence(said.kind, said.body, _names(request), said.system)
    return JsonResponse({"said": text})


def _listed(request: Any) -> dict[str, Any]:
    """The rows of a page of the queue in their groups, and what they are shown with."""
    actor, now = request.actor, moment.now()
    wanted, after, frame = _wanted(request), _after(request), _frame(now)
    aside = queue.reminders(actor)
    chosen = queue.waiting(actor, wanted, aside, now)
    leads, onward = queue.page(chosen, after, MOST)
    rules = rules_seen(request.person.workspace)
    agreed = in_force_by(rules, now)
    names, offered = _names(request), choices_of(agreed)
    waiting = queue.told(actor, leads, [one for one in aside if one.until <= now], frame)
    plans, points = _plans(request, waiting, rules, now)
    given = handoff_lists.pending(actor.workspace_id, [one.key for one in leads], agreed)
    told = [
        _row(
            one,
            names,
            now,
            plans.get(one.lead.key),
            given.get(one.lead.key),
            points.get(one.lead.key, Points()).grade,
        )
        for one in waiting
    ]
    counts = {} if wanted.text or not leads else queue.counts(chosen, frame)
    return {
        "groups": [
            Group(name, _TITLES[name](), counts.get(name), [*own])
            for name, own in groupby(told, key=lambda row: row.waiting.group)
        ],
        "aside": _aside(aside, leads, now),
        "mark": _mark(request, leads, aside, frame, waiting),
        "onward": _address(wanted, onward) if onward else "",
        "is_first": after is None,
        "outcomes": [(n, one, spoken(one)) for n, one in enumerate(offered.outcomes, 1)],
        "channels": [(one, spoken(one)) for one in offered.channels],
        "may_record": actor.may("record facts"),
        "may_reassign": actor.may("reassign leads"),
        "may_read": actor.may("read contacts"),
        "telling": _told_so_far(request, leads),
        "telling_in_all": FULL_SAMPLE,
        "here": _address(wanted, after),
        "text": wanted.text,
        "agreed": agreed,
    }


def _plans(
    request: Any, waiting: Sequence[Waiting], rules: Rules, now: int
) -> tuple[Mapping[str, Followed], Mapping[str, Points]]:
    """How the leads of the page are followed up, and their scores; of none where the agreement says
    nothing of it."""
    keys = [one.lead.key for one in waiting]
    if not keys or in_force_by(rules, now).follow_up is None:
        return {}, scoring.points(rules, keys, now)
    workspace = request.actor.workspace_id
    read = together(workspace, keys, now=now, rules=rules)
    judged = read.judgement
    if request.actor.may("read contacts"):
        zones = {one.lead.key: one.contact.zone for one in waiting if one.contact}
    else:
        zones = {**zones_of(workspace, keys)}
    return followed_in(judged, keys, zones), scoring.points(
        rules, keys, now, judged.log, read.crowds
    )


def _beside(request: Any, agreed: Agreement) -> dict[str, Any]:
    """What stands around the rows: whose queue can be chosen, and where the rows come from."""
    wanted, after = _wanted(request), _after(request)
    query = _query(wanted, after)
    silent = in_touch.silent(request.actor, "", moment.now(), agreed)
    return {
        "whose": wanted.whose,
        "everybody": _everybody(request),
        "rows_at": reverse("queue-rows") + query,
        "gone_at": reverse("queue-gone"),
        "zone": wishes_of_reader().zone,
        "silent": 0 if silent is None else silent.count(),
    }


def _everybody(request: Any) -> list[tuple[str, str]]:
    """Whose queues the visitor may look at."""
    found = [("", _("My queue")), ("team", _("My team"))]
    if request.actor.role not in NARROWED:
        found.append(("all", _("Everybody")))
        found += [(one.key, one.name) for one in _people(request) if one.is_active][:200]
    return found


def _wanted(request: Any) -> Wanted:
    whose = request.GET.get("whose", "")[:100].replace("\x00", "")
    text = request.GET.get("q", "")[:200].replace("\x00", "")
    if request.actor.role in NARROWED and whose != "team":
        whose = ""
    if "whose" not in request.GET and request.actor.role not in {*NARROWED, "marketer"}:
        whose = "all"
    return Wanted(whose, text.strip())


def _after(request: Any) -> Place | None:
    at, _dot, rest = request.GET.get("after", "").partition(".")
    rank, _dot, key = rest.partition(".")
    numbers = all(one.isascii() and one.isdigit() for one in (at, rank))
    fit = numbers and max(int(at[:20]), int(rank[:20])) < _LONGEST and "\x00" not in key
    return Place(int(at), int(rank), key[:200]) if fit and key else None


def _address(wanted: Wanted, after: Place | None) -> str:
    return reverse("queue") + _query(wanted, after)


def _query(wanted: Wanted, after: Place | None) -> str:
    said = {"whose": wanted.whose}
    if wanted.text:
        said["q"] = wanted.text
    if after is not None:
        said["after"] = f"{after.at}.{after.rank}.{after.key}"
    return f"?{urlencode(said)}"


def _frame(now: int) -> Frame:
    zone = wishes_of_reader().zone
    return Frame(now, int(day_start(local_day(now, zone) + 1, zone)))


def _mark(
    request: Any,
    leads: Any,
    aside: Sequence[Reminder],
    frame: Frame,
    told: Sequence[Waiting] | None = None,
) -> str:
    """A digest of what the page shows; of what is `told` already nothing is read again."""
    actor = request.actor
    for_whom = (actor.workspace_id, actor.person, actor.role, wishes_of_reader())
    if told is None or not actor.may("read contacts"):
        newest = queue.newest(actor, [one.key for one in leads])
    else:
        newest = {
            one.lead.key: (one.seen, one.contact.version if one.contact else 0) for one in told
        }
    where = (_wanted(request), _after(request), frame.now // _FADED)
    return queue.mark(leads, aside, frame, *where, newest, for_whom, _told_so_far(request, leads))


def _told_so_far(request: Any, leads: Any) -> int | None:
    """How many leads a sample has whose history is still being told; None elsewhere."""
    own = request.person.workspace
    if leads or not own.is_sample:
        return None
    told = Lead.objects.of(own).count()
    return told if told < FULL_SAMPLE else None


def _names(request: Any) -> Mapping[str, str]:
    return {one.key: one.name for one in _people(request)}


def _people(request: Any) -> list[Person]:
    """The people of the workspace by name, read once for a page."""
    if not hasattr(request, "people"):
        rows = Person.objects.of(request.actor.workspace_id).order_by("name", "key")
        request.people = [*rows.only("key", "name", "is_active")]
    found: list[Person] = request.people
    return found


def _row(
    one: Waiting,
    names: Mapping[str, str],
    now: int,
    own: Followed | None,
    given: Pending | None,
    grade: str,
) -> Row:
    lead, contact = one.lead, one.contact
    company = contact.company.name if contact and contact.company else lead.account
    reminders = [one.reminder] if one.reminder else []
    newest = (one.seen, contact.version if contact else 0)
    coming = own.next if own else None
    warnings = warnings_of(own, now)
    return Row(
        waiting=one,
        mark=queue.mark([lead], reminders, Frame(now, now), one.group, newest, warnings, grade),
        name=(contact.name if contact else "") or lead.key,
        company=company,
        chips=[spoken(one) for one in (grade, lead.type, lead.stage) if one],
        origin=[*_origin(one, names, now)],
        about=[*_hot(one, names), *_tried(one, names, now), *_owed(one)],
        used=_used(one, now),
        token=token_urlsafe(12),
        next=next_words(coming, now) if coming else "",
        channel=coming.channel if coming else "",
        warnings=warnings,
        pending=given,
    )


def _origin(one: Waiting, names: Mapping[str, str], now: int) -> Iterator[SafeString]:
    """Where a lead came from, what time it is there, and whose it is."""
    if one.lead.source:
        yield with_parts(_("Source: %(source)s"), source=spoken(one.lead.source))
    if one.contact and one.contact.zone:
        yield with_parts("%(time)s", time=local_time(now, one.contact.zone))
    if one.lead.owner:
        yield with_parts(_("Owner: %(owner)s"), owner=names.get(one.lead.owner, one.lead.owner))


def _tried(one: Waiting, names: Mapping[str, str], now: int) -> Iterator[SafeString]:
    """Who tried last."""
    if one.tried is None:
        yield with_parts(_("Not tried yet"))
        return
    by = str(one.tried.body.get("by") or "")
    yield with_parts(
        _("Last attempt: %(ago)s, %(by)s: %(what)s"),
        ago=ago(one.tried.at, now),
        by=names.get(by, by) or _("Somebody"),
        what=spoken(str(one.tried.body.get("outcome") or one.tried.body.get("channel") or "")),
    )


def _owed(one: Waiting) -> Iterator[SafeString]:
    """What is due first, what then, and of what the visitor wanted to be reminded."""
    if one.due is not None:
        parts = {"promise": one.due.promise, "at": instant(one.due.due_at)}
        yield with_parts(_("%(promise)s: due %(at)s"), **parts)
    if one.next is not None:
        parts = {"promise": one.next.promise, "at": instant(one.next.due_at)}
        yield with_parts(_("Then %(promise)s: due %(at)s"), **parts)
    if one.reminder is not None:
        text = _("You asked to be reminded: %(reason)s")
        yield with_parts(text, reason=one.reminder.reason)


def _hot(one: Waiting, names: Mapping[str, str]) -> list[SafeString]:
    """Why a lead deserves to be dealt with, as far as the log says; what they did in one sentence."""
    did = [said for said in one.signs if said.kind == facts.ENGAGED]
    whats = dict.fromkeys(spoken(str(said.body.get("what") or "").strip()) for said in did)
    told = [said for said in [*one.signs, one.score] if said is not None and said not in did]
    rest = [sentence(said.kind, said.body, names, said.system) for said in told]
    if not did:
        return rest
    return [with_parts(_("They did this: %(what)s."), what=listed(whats)), *rest]


def _used(one: Waiting, now: int) -> int:
    """How much of its time the most urgent promise has used, in percent up to 100."""
    if one.due is None or one.due.due_at is None:
        return 0
    whole = max(one.due.due_at - one.due.started_at, MINUTE)
    return max(0, min(100, (now - one.due.started_at) * 100 // whole))


def _aside(aside: Sequence[Reminder], leads: Any, now: int) -> list[Reminder]:
    """What is put aside, and what came back but isn't on the page."""
    listed = {one.key for one in leads}
    return [one for one in aside if one.until > now or one.lead not in listed][:_MOST_ASIDE]
