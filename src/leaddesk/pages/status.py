"""Status: whether the desk runs, how late it is, and what waits."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from leaddesk.book import first_steps, moment
from leaddesk.book.health import Dwell, Health, health
from leaddesk.book.models import Role
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.waiting import Waiting, waiting
from leaddesk.pages.frame import SILENT, shown
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import instant, number, span

_LATE = MINUTE
_OLD_BACKUP = 2 * DAY


class Figure(NamedTuple):
    """One line of the page: what it is, how it stands, what it means; `is_fine` None: no verdict."""

    name: str
    value: str | SafeString
    meaning: str
    is_fine: bool | None = None


@require_safe
@signed_in
def home(request: Any) -> HttpResponse:
    """The start page: a rep's queue; for an admin of a new workspace the first steps, else the day."""
    actor = request.actor
    if request.person.role == Role.REP:
        return HttpResponseRedirect(reverse("queue"))
    is_new = actor.may("manage people") and first_steps.is_new(actor.workspace_id)
    return HttpResponseRedirect(reverse("begin" if is_new else "today"))


@require_safe
@signed_in
def status(request: Any) -> HttpResponse:
    """The desk as a whole, and what waits in the workspace of the visitor."""
    now = moment.now()
    workspace = request.person.workspace
    zone = request.person.zone or workspace.zone
    of_desk = health(now)
    context = {
        "workspace": workspace,
        "at": instant(now, zone),
        "desk": [*_desk(of_desk, zone, now)],
        "waiting": [*_waiting(waiting(workspace.pk, now), zone, now)],
        "workers": [(one.name, span(now - one.seen_at), one) for one in of_desk.workers],
    }
    return shown(request, "pages/status.html", context)


def _desk(found: Health, zone: str, now: int) -> Iterator[Figure]:
    seen = found.worker_seen_at
    yield Figure(
        _("Worker last seen"),
        _since(seen, zone, now),
        _("It wakes leads when something is due, and sends messages."),
        seen is not None and now - seen <= SILENT,
    )
    yield _dwell(
        _("From due to ruled"), found.noticed, _("Until a verdict stands and messages are queued.")
    )
    yield _dwell(_("From due to sent"), found.sent, _("Until a message has left."))
    yield Figure(
        _("Last backup"),
        _since(found.backup_at, zone, now),
        _("Made by the command that backs up the desk."),
        found.backup_at is not None and now - found.backup_at <= _OLD_BACKUP,
    )
    held = found.held_since
    yield Figure(
        _("Held after a restore"),
        _since(held, zone, now) if held is not None else _("no"),
        _("While it is held, nothing is sent."),
        held is None,
    )
    yield Figure(
        _("Time zone data"),
        _code(found.zone_data),
        _("By which working hours are told everywhere."),
    )
    yield Figure(
        _("Version"),
        _code(f"{found.version}, {found.database}"),
        _("Of the desk and its database."),
    )


def _dwell(name: str, dwell: Dwell, meaning: str) -> Figure:
    if dwell.p50 is None or dwell.p99 is None:
        return Figure(name, _("nothing yet"), meaning)
    said = _("half within %(p50)s, 99%% within %(p99)s")
    value = said % {"p50": span(dwell.p50), "p99": span(dwell.p99)}
    last = ngettext("One was measured.", "The last %(n)s were measured.", dwell.count)
    return Figure(name, value, f"{meaning} {last % {'n': number(dwell.count)}}", dwell.p99 <= _LATE)


def _waiting(found: Waiting, zone: str, now: int) -> Iterator[Figure]:
    yield Figure(
        _("Agreement in force"),
        _("yes") if found.has_agreement else _("none"),
        _("Without one, nothing is judged and nothing becomes due."),
        found.has_agreement,
    )
    yield _channels(found.unheard)
    yield Figure(
        _("Leads to be looked at"),
        _oldest(found.wakes, found.oldest_wake_at, zone, now),
        _("Something about them is due, and hasn't been ruled yet."),
        found.oldest_wake_at is None or now - found.oldest_wake_at <= _LATE,
    )
    yield Figure(
        _("Messages that wait"),
        _oldest(found.unsent, found.oldest_unsent_at, zone, now),
        _("Some wait for the end of quiet hours, or for the next try."),
    )
    yield Figure(
        _("Mails of tracks that are due"),
        _oldest(found.mails, found.oldest_mail_at, zone, now),
        _("They go out by the worker, within the agreed hours."),
        found.oldest_mail_at is None or now - found.oldest_mail_at <= _LATE,
    )
    yield Figure(
        _("Messages given up"),
        number(found.dead),
        _("Every try failed; an admin can send them again."),
        found.dead == 0,
    )
    yield Figure(
        _("Messages held"),
        number(found.held),
        _("An admin releases or drops them."),
        found.held == 0,
    )


def _channels(unheard: int | None) -> Figure:
    meaning = _("Without an active channel, nobody hears of what is due.")
    if unheard is None:
        return Figure(_("Channels"), _("yes"), meaning, is_fine=True)
    said = ngettext(
        "no channel: %(n)s notice reached nobody",
        "no channel: %(n)s notices reached nobody",
        unheard,
    )
    return Figure(_("Channels"), said % {"n": number(unheard)}, meaning, is_fine=False)


def _since(at: int | None, zone: str, now: int) -> str | SafeString:
    if at is None:
        return _("never")
    return format_html(_("{span} ago, {instant}"), span=span(now - at), instant=instant(at, zone))


def _oldest(count: int, at: int | None, zone: str, now: int) -> str | SafeString:
    if at is None:
        return number(count)
    since = _since(at, zone, now)
    return format_html(_("{count}; the oldest: {since}"), count=number(count), since=since)


def _code(text: str) -> SafeString:
    return format_html('<bdi dir="ltr">{}</bdi>', text)
