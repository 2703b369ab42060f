"""Resending: deliveries that somebody asks to send again."""

from django.utils.translation import gettext as _

from leaddesk.book import outbox
from leaddesk.book.access import Actor
from leaddesk.book.models import Delivery
from leaddesk.book.refusal import refused
from leaddesk.book.registers import found


def replay(actor: Actor, key: str, now: int) -> None:
    """Send one delivery again under its key. Raises `Refused`, `Forbidden`, `Absent`."""
    actor.must("replay deliveries")
    delivery = found(Delivery, actor.workspace_id, "delivery", key=key)
    if not outbox.replay(actor.workspace_id, [key], actor.person, now):
        said = _("A delivery that is %(state)s can't be replayed.") % {"state": delivery.state}
        remedy = _("Replay one that is dead or done, by a channel that is switched on.")
        raise refused("key", said, remedy)
