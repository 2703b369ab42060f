"""The nurture of a lead: the card on its page, and the acts that put it into a track or take it out."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.book import enrolling, tracks
from leaddesk.book.models import Enrolment, Lead
from leaddesk.pages.card import Card
from leaddesk.pages.form import Field
from leaddesk.pages.mails import stop_of
from leaddesk.pages.nurture_words import came_text, left_text, stage_text

MOST = 8


def card(request: Any, row: Lead, now: int) -> Card | None:
    """In which track a lead is and why, and what comes next; None where there are no tracks."""
    del now
    agreed = request.agreed.nurture
    rows = _rows(request, row)
    if not agreed and not rows:
        return None
    names = request.names
    current = next((one for one in rows if one.left_at is None), None)
    track = agreed.get(current.track) if current else None
    steps = track.steps if track else ()
    step = steps[current.step] if current and current.step < len(steps) else None
    asks = current is not None and step is not None and current.next_at is None
    told = {
        "current": current,
        "came": came_text(current, names) if current else "",
        "step": step,
        "stage": stage_text(step.stage) if step else "",
        "number": current.step + 1 if current else 0,
        "count": len(steps),
        "is_agreed": track is not None,
        "sends": asks and request.judged[0].nurtures_since is not None,
        "before": [
            {"row": one, "came": came_text(one, names), "left": left_text(one.left_why)}
            for one in rows
            if one.left_at is not None
        ],
        "may_enrol": bool(agreed) and _may(request, row),
        "is_barred": bool(stop_of(request)),
    }
    return Card("parts/lead_nurture.html", told)


def _rows(request: Any, row: Lead) -> list[Enrolment]:
    """The latest enrolments of the lead, looked up once for a page."""
    if not hasattr(request, "enrolments"):
        request.enrolments = tracks.of_lead(request.actor.workspace_id, row.key, MOST)
    found: list[Enrolment] = request.enrolments
    return found


def _may(request: Any, row: Lead) -> bool:
    fits = row.standing not in ("merged", *enrolling.NEVER_AGAIN)
    return request.actor.may("record facts") and request.actor.may("enrol leads") and fits


def offers(request: Any, row: Lead) -> Iterator[tuple[str, str, str, list[Field]]]:
    """The acts by which a lead enters a track and leaves it."""
    agreed = [*request.agreed.nurture]
    if not agreed or not _may(request, row):
        return
    why = Field("why", _("Why"), _("It stays in the log: name no persons."), required=True)
    listed = Field("track", _("Track"), choices=[(one, one) for one in agreed])
    yield "enrol", _("Enrol for nurture"), _("Put it into the track"), [listed, why]
    if any(one.left_at is None for one in _rows(request, row)):
        yield "leave", _("End nurture"), _("Take it out of the track"), [why]
