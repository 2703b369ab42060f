"""Resending: deliveries that somebody asks to send again, or to let go after a restore."""

from django.utils.translation import gettext as _

from leaddesk.book import audit, database, outbox
from leaddesk.book.access import Actor
from leaddesk.book.models import Delivery, Workspace
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


def release(actor: Actor, now: int, *, drop: bool) -> int:
    """Send what is held, or drop it; how many deliveries. Raises `Refused`, `Forbidden`.

    Holding is a matter of the installation: where others work in it, its operator releases.
    """
    actor.must("replay deliveries")
    if Workspace.objects.count() > 1:
        said = _("Several workspaces are held together.")
        raise refused("", said, _("Let the operator run leaddesk release on the server."))

    def work() -> int:
        count = outbox.release(now, drop=drop)
        note = actor.note("released", "held deliveries", deliveries=count, dropped=drop)
        audit.note(actor.workspace_id, [note], now)
        return count

    return database.in_transaction(work)
