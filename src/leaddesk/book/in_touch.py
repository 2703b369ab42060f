"""In touch: customers and sleeping leads whom sales should call again, as the agreement says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from leaddesk.book.access import Actor, seen
from leaddesk.book.choices import in_force
from leaddesk.book.models import Lead, Reminder
from leaddesk.book.queue import of_whom
from leadpact.clock import same_time
from leadpact.units import Span

STANDINGS: Mapping[str, tuple[str, ...]] = {"customers": ("won",), "sleeping": ("lost", "out")}
"""Where those stand whom sales keeps in touch with; who must not be contacted is among neither."""


@dataclass(frozen=True)
class Silent:
    """A lead that nobody spoke to for longer than agreed: of which kind, since when, and when somebody
    should have (µs UTC)."""

    lead: Lead
    kind: str
    last: int | None
    due: int


def agreed(workspace: int, now: int) -> Mapping[str, Span]:
    """How often sales calls whom again, by the agreement in force; nothing where it doesn't say."""
    follow_up = in_force(workspace, now).follow_up
    return follow_up.keep_in_touch if follow_up else {}


def silent(actor: Actor, whose: str, now: int) -> QuerySet[Any] | None:
    """The leads whose last touch is older than agreed, the longest silence first; None where nothing is
    agreed. What the actor put aside isn't among them."""
    spans = agreed(actor.workspace_id, now)
    if not spans:
        return None
    zone = in_force(actor.workspace_id, now).zone
    wanted = Q(pk__in=[])
    for kind, span in spans.items():
        before = _moved(now, span, -1, zone)
        old = Q(touched_at__lte=before) | Q(touched_at__isnull=True, changed_at__lte=before)
        wanted |= Q(standing__in=STANDINGS[kind]) & old
    aside = Reminder.objects.of(actor.workspace_id).filter(person=actor.person, until__gt=now)
    rows = of_whom(actor, whose, seen(actor, Lead.objects.of(actor.workspace_id)))
    rows = rows.filter(wanted).exclude(key__in=aside.values("lead"))
    return rows.order_by(F("touched_at").asc(nulls_first=True), "key")


def _moved(at: int, span: Span, sign: int, zone: str) -> int:
    """An instant so much later, or (`sign` -1) earlier."""
    if span.micros:
        return at + sign * span.micros
    return same_time(at, sign * span.days, zone)


def told(actor: Actor, lead: Lead, now: int) -> Silent:
    """What is to be said of one of these leads."""
    spans = agreed(actor.workspace_id, now)
    kind = next(kind for kind in spans if lead.standing in STANDINGS[kind])
    last = lead.touched_at if lead.touched_at is not None else lead.changed_at
    zone = in_force(actor.workspace_id, now).zone
    return Silent(lead, kind, lead.touched_at, _moved(last or 0, spans[kind], 1, zone))
