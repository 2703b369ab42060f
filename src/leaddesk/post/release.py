"""Release: what was held since a restore is sent, or dropped for good; then the desk sends again."""

from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _

from leaddesk.book import audit, database, mailings, wake
from leaddesk.book.access import Actor, operator
from leaddesk.book.models import Delivery, Installation, Notice, Workspace
from leaddesk.book.refusal import refused
from leaddesk.post import digest

State = Delivery.State
DROPPED = "dropped after a restore"


@dataclass(frozen=True)
class Released:
    """How many held messages, and notices from which none was made yet, were let go or dropped."""

    deliveries: int
    notices: int
    dropped: bool


def release_own(actor: Actor, now: int, *, drop: bool) -> Released:
    """Release, as somebody who works in the desk. Raises `Refused`, `Forbidden`.

    Holding is a matter of the installation: where others work in it, its operator releases.
    """
    actor.must("replay deliveries")
    if Workspace.objects.count() > 1:
        said = _("Several workspaces are held together.")
        raise refused("", said, _("Let the operator run leaddesk release on the server."))
    return release(now, drop=drop, actor=actor)


def release(now: int, *, drop: bool = False, actor: Actor | None = None) -> Released:
    """Send what was held since a restore, or drop it for good; the desk sends again afterwards.

    With `drop` nobody hears of what came due since the backup either, nor gets the mails of tracks and
    the digest of an hour that has passed; but all of it is ruled, and leads change hands as they do otherwise.
    """
    while drop and wake.woken(now):
        pass
    return database.in_transaction(partial(_released, now, drop, actor))


def _released(now: int, drop: bool, actor: Actor | None) -> Released:
    workspaces = [*Workspace.objects.order_by("pk").values_list("pk", flat=True)]
    for workspace in workspaces:  # whoever plans messages just now is awaited
        database.lock(workspace, ["post"])
    held = Delivery.across.filter(state=State.HELD)
    waiting = Notice.across.filter(posted_at__isnull=True)
    released = Released(held.count(), waiting.count(), drop)
    if drop:
        held.update(state=State.SKIPPED, why=DROPPED)
        waiting.update(posted_at=now)
        digest.leave_out(now, DROPPED)
        mailings.drop_due(now)
    else:
        held.update(state=State.PENDING, next_at=now, why="")
    Installation.objects.filter(pk=1).update(held_since=None)
    act = "dropped what was held" if drop else "released what was held"
    told = {"deliveries": released.deliveries, "notices": released.notices}
    for workspace in workspaces:
        note = (actor or operator(workspace)).note(act, "installation", **told)
        audit.note(workspace, [note], now)
    return released
