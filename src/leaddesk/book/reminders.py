"""Reminders: a lead that somebody put aside for themselves, until a while has passed."""

from django.utils.translation import gettext as _

from leaddesk.book import audit, database, queries
from leaddesk.book.access import Actor
from leaddesk.book.asked import Asked, Done
from leaddesk.book.fields import plain_text
from leaddesk.book.models import Reminder
from leaddesk.book.moment import DAY
from leaddesk.book.refusal import Absent, refused
from leaddesk.book.saying import reason_of

_LONGEST_REMINDER = 366 * DAY


def put_aside(asked: Asked, *, until: int, reason: str) -> Done:
    """Put a lead aside for oneself until an instant; a second time moves it. Every clock runs on."""
    why = reason_of("reason", reason)
    if not asked.now < until <= asked.now + _LONGEST_REMINDER:
        said = _("This is no instant within a year from now.")
        raise refused("until", said, _("Choose a later one."))
    actor = asked.actor
    actor.must("record facts")
    lead = queries.lead(actor, asked.lead)

    def write() -> Done:
        Reminder.objects.of(actor.workspace_id).update_or_create(
            person=actor.person,
            lead=lead.key,
            defaults={"until": until, "reason": why, "created_at": asked.now},
            create_defaults={
                "workspace_id": actor.workspace_id,
                "person": actor.person,
                "lead": lead.key,
                "until": until,
                "reason": why,
                "created_at": asked.now,
            },
        )
        noted = actor.note("put a lead aside", f"lead {lead.key}", until=until)
        audit.note(actor.workspace_id, [noted], asked.now)
        return Done("new")

    return database.in_transaction(write)


def take_up(actor: Actor, lead: str, now: int) -> None:
    """Have a lead that one put aside back at its place. Raises `Absent`."""
    rows = Reminder.objects.of(actor.workspace_id).filter(person=actor.person, lead=lead)

    def remove() -> None:
        if not rows.delete()[0]:
            raise Absent(f"reminder {plain_text(lead)}")
        noted = actor.note("took a lead up again", f"lead {lead}")
        audit.note(actor.workspace_id, [noted], now)

    database.in_transaction(remove)
