"""Mail events: what came back of a mail that was sent: it bounced, or somebody called it spam."""

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import database, suppressions
from leaddesk.book.access import Actor
from leaddesk.book.fields import plain_text
from leaddesk.book.models import Mailing
from leaddesk.book.refusal import Absent, refused
from leadpact.problem import did_you_mean

HARD, SOFT, COMPLAINT = "bounced", "bounced for now", "complained"
KINDS = (HARD, SOFT, COMPLAINT)
"""A mail came back since there is no such address; came back for another reason; was called spam."""


def told(actor: Actor, message_id: str, kind: str, now: int) -> Mailing:
    """What a program says of a mail. Raises `Absent`, `Refused`, `Forbidden`."""
    actor.must("keep suppressions")
    if kind not in KINDS:
        said = _("'%(kind)s' isn't known here.") % {"kind": plain_text(kind)}
        raise refused("kind", said, did_you_mean(kind, KINDS))
    row = Mailing.objects.of(actor.workspace_id).filter(message_id=_bare(message_id)).first()
    if row is None:
        raise Absent(f"mail {plain_text(message_id)}")
    _note(row, kind, now, actor.person)
    row.refresh_from_db()
    return row


def heard(message_id: str, kind: str, now: int) -> Mailing | None:
    """What a message that came back says of a mail; None where the mail isn't ours."""
    row = Mailing.across.filter(message_id=_bare(message_id)).first()
    if row is not None:
        _note(row, kind, now, "")
    return row


def _bare(message_id: str) -> str:
    return f"<{message_id.strip().strip('<>')[:190]}>"


def _note(row: Mailing, kind: str, now: int, by: str) -> None:
    """Note it once; soft bounces are counted, as they say nothing for good."""

    def store() -> None:
        rows: QuerySet[Mailing] = Mailing.objects.of(row.workspace_id).filter(pk=row.pk)
        if kind == SOFT:
            rows.update(soft_bounces=F("soft_bounces") + 1)
            return
        column = "bounced_at" if kind == HARD else "complained_at"
        rows.filter(**{column: None}).update(**{column: now})
        suppressions.suppress(
            row.workspace_id,
            suppressions.address_behind(row.workspace_id, row.lead, row.address),
            suppressions.BOUNCED if kind == HARD else suppressions.COMPLAINED,
            source=f"mail {row.message_id}",
            by=by,
            now=now,
            digest=row.address,
        )

    database.in_transaction(store)
