"""Lead acts: the forms by which people act on a lead, and what they are told afterwards."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from leaddesk.book import acts, enrolling, handoff_acts, moment, queries, reminders
from leaddesk.book.asked import Asked, Done
from leaddesk.book.codec import AHEAD
from leaddesk.book.follow_up import Asks
from leaddesk.book.models import Person
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.refusal import Absent, Forbidden, Refused, refused
from leaddesk.pages import problems, toast
from leaddesk.pages.following import guard_sentences
from leaddesk.pages.form import told
from leaddesk.pages.lead import refused_page
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import Unread, read_day, read_moment, span, wishes
from leadpact.clock import to_micros
from leadpact.clock.zones import zone_named

_MILLISECOND = 1_000
_MORNING = time(9)


class Act(NamedTuple):
    """An act: what does it with the fields of its form, and what is said when it is done."""

    do: Callable[[Asked, Mapping[str, str]], Done]
    said: Any


ACTS: Mapping[str, Act] = {
    "attempt": Act(
        lambda asked, sent: acts.attempt(
            asked,
            channel=sent.get("channel", ""),
            outcome=sent.get("outcome", ""),
            seconds=sent.get("seconds", ""),
            anyway=sent.get("anyway") == "yes",
        ),
        gettext_lazy("The attempt is logged."),
    ),
    "meeting": Act(lambda asked, _sent: acts.meet(asked), gettext_lazy("The meeting is logged.")),
    "pause": Act(
        lambda asked, sent: acts.pause(
            asked, reason=sent.get("reason", ""), until=_first_instant(sent.get("until", ""))
        ),
        gettext_lazy("The clocks of the lead stand still."),
    ),
    "resume": Act(
        lambda asked, _sent: acts.resume(asked), gettext_lazy("The clocks of the lead run again.")
    ),
    "waive": Act(
        lambda asked, sent: acts.waive(
            asked, promise=_number(sent.get("promise", "")), why=sent.get("why", "")
        ),
        gettext_lazy("The promise is let go."),
    ),
    "reassign": Act(
        lambda asked, sent: acts.reassign(
            asked, owner=sent.get("owner", ""), why=sent.get("why", "")
        ),
        gettext_lazy("The lead has a new owner."),
    ),
    "accept": Act(lambda asked, _sent: acts.accept(asked), gettext_lazy("The lead is accepted.")),
    "reject": Act(
        lambda asked, sent: acts.reject(asked, reason=sent.get("reason", "")),
        gettext_lazy("The lead is rejected."),
    ),
    "return": Act(
        lambda asked, sent: acts.give_back(
            asked,
            track=sent.get("track", ""),
            reason=sent.get("reason", ""),
            until=_first_instant(sent.get("until", "")),
        ),
        gettext_lazy("The lead is back with marketing."),
    ),
    "contest": Act(
        lambda asked, sent: handoff_acts.contest(asked, why=sent.get("why", "")),
        gettext_lazy("The rejection is contested. It waits on the list of disputes."),
    ),
    "settle": Act(
        lambda asked, sent: handoff_acts.settle(
            asked, outcome=sent.get("outcome", ""), why=sent.get("why", "")
        ),
        gettext_lazy("The dispute is settled."),
    ),
    "enrol": Act(
        lambda asked, sent: enrolling.enrol(
            asked, track=sent.get("track", ""), why=sent.get("why", "")
        ),
        gettext_lazy("The lead is in the track."),
    ),
    "leave": Act(
        lambda asked, sent: enrolling.leave(asked, why=sent.get("why", "")),
        gettext_lazy("The lead left the track."),
    ),
    "disqualify": Act(
        lambda asked, sent: acts.disqualify(asked, reason=sent.get("reason", "")),
        gettext_lazy("The lead is disqualified."),
    ),
    "move": Act(
        lambda asked, sent: acts.move(asked, to=sent.get("to", "")),
        gettext_lazy("The lead is in its new stage."),
    ),
    "convert": Act(
        lambda asked, sent: acts.convert(asked, amount=sent.get("amount", "")),
        gettext_lazy("The deal is opened."),
    ),
    "win": Act(
        lambda asked, sent: acts.win(asked, amount=sent.get("amount", "")),
        gettext_lazy("The deal is won."),
    ),
    "lose": Act(
        lambda asked, sent: acts.lose(asked, reason=sent.get("reason", "")),
        gettext_lazy("The deal is lost."),
    ),
    "suppress": Act(
        lambda asked, sent: acts.suppress(asked, reason=sent.get("reason", "")),
        gettext_lazy("Nobody may contact them any more."),
    ),
    "override": Act(
        lambda asked, sent: acts.override(
            asked,
            fit=sent.get("fit", ""),
            interest=sent.get("interest", ""),
            why=sent.get("why", ""),
        ),
        gettext_lazy("The score is set by hand."),
    ),
    "release": Act(
        lambda asked, sent: acts.release(asked, why=sent.get("why", "")),
        gettext_lazy("The rules give the score again."),
    ),
    "note": Act(lambda asked, _sent: acts.jot(asked), gettext_lazy("The note is kept.")),
    "snooze": Act(
        lambda asked, sent: reminders.put_aside(
            asked, until=_later(sent, asked.now), reason=sent.get("reason", "")
        ),
        gettext_lazy("The lead is put aside. Its clocks run on."),
    ),
    "take-up": Act(
        lambda asked, _sent: _taken_up(asked), gettext_lazy("The lead is back at its place.")
    ),
    "take-back": Act(
        lambda asked, sent: acts.take_back(
            asked, sent.get("fact", "").split(), sent.get("why", "")
        ),
        gettext_lazy("It was taken back. Both stay in the log."),
    ),
}
"""Every act by its name in the address."""


@require_POST
@signed_in
def act(request: Any, act: str) -> HttpResponse:
    """Do what a form asks for; by JSON where a script asks."""
    if act not in ACTS:
        raise Http404
    sent = {**request.GET.dict(), **request.POST.dict()}
    sent = {name: str(value).replace("\x00", "\ufffd") for name, value in sent.items()}
    key = sent.get("lead", "")[:200]
    by_script = "application/json" in request.headers.get("Accept", "")
    try:
        asked = _asked(request, key, sent)
        done = ACTS[act].do(asked, sent)
    except Asks as asks:
        warned = guard_sentences(asks, moment.now())
        if by_script:
            return _json("asks", " ".join([*warned, _("Log it anyway?")]), status=409)
        return refused_page(request, key, act, {**sent, "asks": "yes"}, {"": warned})
    except Refused as refusal:
        if by_script:
            return _json("refused", " ".join(_sentences(refusal)), status=422)
        return refused_page(request, key, act, sent, told(refusal, [*sent, *_FIELDS]))
    except Forbidden as error:
        page = problems.forbidden(request, error)
        return _json("refused", _not_yours(), status=403) if by_script else page
    except Absent as error:
        page = problems.absent(request, error)
        return _json("refused", _not_there(), status=404) if by_script else page
    said, undo = _said(request, act, done), _undo(act, key, done)
    if by_script:
        return _json(done.outcome, said, undo)
    toast.say(request, said, undo or None)
    return HttpResponseRedirect(_onward(request, key, sent))


_FIELDS = (
    *("channel", "outcome", "seconds", "reason", "until", "promise", "why", "owner", "amount"),
    *("fit", "interest"),
)


def _asked(request: Any, key: str, sent: Mapping[str, str]) -> Asked:
    now = moment.now()
    seen = sent.get("seen", "")
    return Asked(
        request.actor,
        key,
        sent.get("token", "")[:100],
        now,
        seen=_number(seen) if seen else None,
        at=_when(sent, now),
        note=sent.get("note", ""),
    )


def _when(sent: Mapping[str, str], now: int) -> int | None:
    """When it was done: as a script says (ms since 1970), or as somebody wrote it; None for now."""
    if text := sent.get("pressed", ""):
        at = _number(text) * _MILLISECOND
        return min(at, now) if now - 7 * DAY < at <= now + AHEAD else None
    text = sent.get("at", "").strip()
    if not text:
        return None
    try:
        at = to_micros(read_moment(text))
    except Unread as error:
        raise refused("at", str(error), "") from None
    if not now - 366 * DAY < at <= now + AHEAD:
        raise refused("at", _("This isn't within the last year."), _("Correct the time."))
    return at


def _first_instant(text: str) -> int | None:
    """The first instant of the day that somebody wrote, on their clock; None where they wrote none."""
    if not text.strip():
        return None
    try:
        day = read_day(text)
    except Unread as error:
        raise refused("until", str(error), "") from None
    return _at(datetime.combine(day, time(0)))


def _at(local: datetime) -> int:
    return to_micros(local.replace(tzinfo=zone_named(wishes().zone)))


def _later(sent: Mapping[str, str], now: int) -> int:
    """Until when a lead is put aside."""
    chosen = sent.get("until", "")
    if chosen in {"1h", "4h"}:
        return now + int(chosen[0]) * 60 * MINUTE
    if chosen in {"tomorrow", "week"}:
        here = datetime.fromtimestamp(now / 1e6, zone_named(wishes().zone))
        day = here.date() + timedelta(1 if chosen == "tomorrow" else 7)
        return _at(datetime.combine(day, _MORNING))
    day_chosen = _first_instant(chosen)
    if day_chosen is None:
        raise refused("until", _("There is no time."), _("Choose until when."))
    return day_chosen


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 17 else 0


def _taken_up(asked: Asked) -> Done:
    reminders.take_up(asked.actor, asked.lead, asked.now)
    return Done("new")


def _said(request: Any, act: str, done: Done) -> str:
    if done.same is not None:
        people = Person.objects.of(request.actor.workspace_id).filter(key=done.same.by)
        name = people.values_list("name", flat=True).first() or done.same.by or _("Somebody")
        words = {"name": name, "span": span(done.same.before)}
        if act == "attempt":
            return (
                _("%(name)s logged this attempt %(span)s before you. Yours was not added.") % words
            )
        return _("%(name)s did this %(span)s before you. Yours was not added.") % words
    if done.outcome == "known":
        return _("This was recorded before. It is there once.")
    return str(ACTS[act].said)


def _undo(act: str, key: str, done: Done) -> str:
    """The address that takes an act back by POST; "" where nothing does."""
    if act == "snooze":
        return f"{reverse('lead-act', args=['take-up'])}?{urlencode({'lead': key})}"
    if act == "take-back" or not done.facts:
        return ""
    fields = {"lead": key, "fact": " ".join(done.facts)}
    return f"{reverse('lead-act', args=['take-back'])}?{urlencode(fields)}"


def _onward(request: Any, key: str, sent: Mapping[str, str]) -> str:
    """Where to go on: where the form says, else to the lead, else, if it is out of sight, to the queue."""
    onward = sent.get("next", "")
    if onward and url_has_allowed_host_and_scheme(onward, {request.get_host()}):
        return onward
    try:
        return reverse("lead", args=[queries.lead(request.actor, key).key])
    except Absent:
        return reverse("queue")


def _json(outcome: str, said: str, undo: str = "", status: int = 200) -> JsonResponse:
    return JsonResponse({"outcome": outcome, "said": said, "undo": undo}, status=status)


def _sentences(refusal: Refused) -> list[str]:
    return [_("Nothing was changed."), *(f"{one.problem} {one.remedy}" for one in refusal.problems)]


def _not_yours() -> str:
    return _("Nothing was changed. Your role doesn't cover this. Ask who leads your team.")


def _not_there() -> str:
    return _("Nothing was changed. There is no such lead that you may see.")
