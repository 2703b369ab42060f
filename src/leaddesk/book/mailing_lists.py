"""Lists of mails: what was queued, sent and left out, for whom, and what came of it."""

from collections.abc import Mapping

from django.db.models import Count, Q, QuerySet

from leaddesk.book.access import Actor, of_seen, seen_keys
from leaddesk.book.fields import plain_text
from leaddesk.book.models import Mailing
from leaddesk.book.refusal import Absent
from leaddesk.book.rights import NARROWED

State = Mailing.State
FILTERS = ("lead", "track", "offer", "state", "enrolment")


def mails(actor: Actor, wanted: Mapping[str, str] | None = None) -> QuerySet[Mailing]:
    """The mails to leads that somebody may see, the latest due first. Raises `Forbidden`."""
    actor.must("read leads")
    rows: QuerySet[Mailing] = Mailing.objects.of(actor.workspace_id).order_by("-due_at", "-id")
    chosen = {name: wanted[name] for name in FILTERS if wanted and wanted.get(name)}
    rows = rows.filter(**chosen)
    if "lead" in chosen or actor.role not in NARROWED:
        return of_seen(actor, rows)
    return rows.filter(lead__in=seen_keys(actor))


def one(actor: Actor, message_id: str) -> Mailing:
    """A mail by its Message-ID. Raises `Absent`, `Forbidden`."""
    row = mails(actor).filter(message_id=f"<{message_id.strip('<>')}>").first()
    if row is None:
        raise Absent(f"mail {plain_text(message_id)}")
    return row


def counts(actor: Actor) -> dict[str, dict[str, int]]:
    """By offer, how many mails stand in which state, and how many were opened, followed, came back."""
    rows = Mailing.objects.of(actor.workspace_id).values("offer")
    found = rows.annotate(
        waiting=Count("pk", filter=Q(state=State.WAITING)),
        sent=Count("pk", filter=Q(state=State.SENT)),
        left_out=Count("pk", filter=Q(state=State.LEFT_OUT)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        bounced=Count("pk", filter=Q(bounced_at__isnull=False)),
    )
    return {one.pop("offer"): one for one in found.order_by("offer")}
