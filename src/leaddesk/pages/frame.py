"""The frame of every page: who is signed in, whether a worker runs, and which request this was."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from leaddesk.book import moment
from leaddesk.book.moment import MINUTE
from leaddesk.book.waiting import standing
from leaddesk.journal import request_id
from leaddesk.pages import menu, toast
from leaddesk.post.wishes import mutes
from leaddesk.tongue import span, wishes

SILENT = MINUTE
"""A worker that wasn't seen for so long is told of on every page."""


def shown(
    request: Any, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """A page in its frame, which no cache keeps."""
    frame = {"request_id": request_id.get(), "toasts": [*toast.said(request)]}
    if request.person is not None:
        frame |= _of_person(request)
    response = render(request, template, frame | {**context}, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _of_person(request: Any) -> dict[str, Any]:
    now = moment.now()
    seen, held = standing()
    return {
        "person": request.person,
        "memberships": request.memberships,
        "now_ms": now // 1000,
        "digits": wishes().own_digits,
        "is_awake": seen is not None and now - seen <= SILENT,
        "menu": [*menu.groups(request.actor, request.path)],
        "banners": [*_banners(seen, held, now)],
        "worker_seen": None if seen is None else span(now - seen),
        "muted": _muted(request.actor, now),
    }


def _muted(actor: Any, now: int) -> dict[str, Any] | None:
    """Until when the visitor is muted, and whether altogether; None where they aren't."""
    rows = [*mutes(actor, now)]
    whole = [one.until for one in rows if not one.kind and not one.lead]
    ends = whole or [one.until for one in rows]
    return {"is_all": bool(whole), "until": max(ends)} if ends else None


def _banners(seen: int | None, held: bool, now: int) -> list[str]:
    banners = []
    if seen is None:
        banners.append(
            _("No worker has run yet: nothing becomes due, and nothing is sent. Start one.")
        )
    elif now - seen > SILENT:
        said = _("No worker was seen for %(span)s: nothing becomes due, and nothing is sent.")
        banners.append(said % {"span": span(now - seen)})
    if held:
        said = _("Sending is held since a backup was restored, until an admin releases it.")
        banners.append(said)
    return banners
