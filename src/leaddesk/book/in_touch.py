"""In touch: customers and sleeping leads whom sales should call again, as the agreement says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.access import Actor
from leaddesk.book.acts import SYSTEM, key_of
from leaddesk.book.asked import Asked, Done
from leaddesk.book.choices import choices, in_force
from leaddesk.book.fields import plain_text
from leaddesk.book.intake import Handed, take
from leaddesk.book.models import Lead, Person, Reminder
from leaddesk.book.moment import DAY
from leaddesk.book.refusal import Absent, Refused
from leaddesk.book.rights import NARROWED
from leaddesk.book.saying import one_of
from leadpact.agreement.model import Agreement
from leadpact.clock import same_time, to_datetime
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


def spans_of(agreed: Agreement) -> Mapping[str, Span]:
    """How often sales calls whom again, by an agreement; nothing where it doesn't say."""
    return agreed.follow_up.keep_in_touch if agreed.follow_up else {}


def silent(actor: Actor, whose: str, now: int, agreed: Agreement) -> QuerySet[Any] | None:
    """The leads whose last touch is older than agreed, the longest silence first; None where nothing is
    agreed. What the actor put aside isn't among them.

    Nobody owns such a lead any more: it is a matter for whoever owned it last, and for their team.
    """
    spans = spans_of(agreed)
    if not spans:
        return None
    wanted = Q(pk__in=[])
    for kind, span in spans.items():
        before = _moved(now, span, -1, agreed.zone)
        old = Q(touched_at__lte=before) | Q(touched_at__isnull=True, changed_at__lte=before)
        wanted |= Q(standing__in=STANDINGS[kind]) & old
    aside = Reminder.objects.of(actor.workspace_id).filter(person=actor.person, until__gt=now)
    rows = Lead.objects.of(actor.workspace_id).filter(wanted)
    rows = rows.exclude(key__in=aside.values("lead"))
    if whose == "" or (whose == "all" and actor.role in NARROWED):
        rows = rows.filter(last_owner=actor.person)
    elif whose == "team":
        rows = rows.filter(last_owner__in=_mates(actor))
    return rows.order_by(F("touched_at").asc(nulls_first=True), "key")


def _mates(actor: Actor) -> list[str]:
    """Who is in the team of an actor, the actor included."""
    people = Person.objects.of(actor.workspace_id)
    team = people.filter(key=actor.person).exclude(team="").values("team")
    return [actor.person, *people.filter(team__in=team).values_list("key", flat=True)]


def log(asked: Asked, *, channel: str, outcome: str) -> Done:
    """Somebody spoke to a customer or a sleeping lead again, or tried to.

    Raises `Refused`, `Forbidden`, and `Absent` for a lead that isn't theirs to keep in touch with.
    """
    actor = asked.actor
    actor.must("record facts")
    offered = choices(actor.workspace_id, asked.now)
    lead = _theirs(asked)
    own = key_of(asked, "attempted")
    fact = {
        "lead": lead.key,
        "kind": "attempted",
        "occurred_at": to_datetime(asked.now).isoformat(),
        "system": SYSTEM,
        "source_id": own,
        "channel": one_of("channel", channel, offered.channels),
        "outcome": one_of("outcome", outcome, offered.outcomes),
        "by": actor.person,
    }
    handed = Handed(actor.workspace_id, [fact], SYSTEM, actor.person, request=actor.request)
    taken = take([handed], now=asked.now)[0]
    if not {*taken.outcomes} <= {"new", "known"}:
        raise Refused(taken.problems.get(0, []))
    return Done(taken.outcomes[0], (own,))


def put_off(asked: Asked, *, days: int) -> Done:
    """Be reminded of one of them so many days later."""
    asked.actor.must("record facts")
    lead, actor = _theirs(asked), asked.actor
    told = {"until": asked.now + days * DAY, "reason": _("keep in touch"), "created_at": asked.now}

    def write() -> Done:
        Reminder.objects.of(actor.workspace_id).update_or_create(
            person=actor.person,
            lead=lead.key,
            defaults=told,
            create_defaults={
                **told,
                "workspace_id": actor.workspace_id,
                "person": actor.person,
                "lead": lead.key,
            },
        )
        noted = actor.note("put a lead aside", f"lead {lead.key}", until=told["until"])
        audit.note(actor.workspace_id, [noted], asked.now)
        return Done("new")

    return database.in_transaction(write)


def _theirs(asked: Asked) -> Lead:
    """The lead that is asked for, where it is one of whom the actor is reminded."""
    whose = "team" if asked.actor.role in NARROWED else "all"
    agreed = in_force(asked.actor.workspace_id, asked.now)
    rows = silent(asked.actor, whose, asked.now, agreed)
    found: Lead | None = None if rows is None else rows.filter(key=asked.lead).first()
    if found is None:
        raise Absent(f"lead {plain_text(asked.lead)}")
    return found


def _moved(at: int, span: Span, sign: int, zone: str) -> int:
    """An instant so much later, or (`sign` -1) earlier."""
    if span.micros:
        return at + sign * span.micros
    return same_time(at, sign * span.days, zone)


def told(lead: Lead, agreed: Agreement) -> Silent:
    """What is to be said of one of these leads."""
    spans = spans_of(agreed)
    kind = next(kind for kind in spans if lead.standing in STANDINGS[kind])
    last = lead.touched_at if lead.touched_at is not None else lead.changed_at
    return Silent(lead, kind, lead.touched_at, _moved(last or 0, spans[kind], 1, agreed.zone))
