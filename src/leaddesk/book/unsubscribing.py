"""Unsubscribing: what somebody says, or does, by the links of a mail that they got.

Whoever holds the token of a mail may do this without signing in, and learns nothing by it.
"""

import re

from django.db.models import F, QuerySet

from leaddesk.book import audit, commit, database, mailings, suppressions
from leaddesk.book.intake import Handed
from leaddesk.book.models import Contact, Mailing, Suppression
from leaddesk.book.moment import MINUTE
from leadpact.rulings import SYSTEM

REGRET = 10 * MINUTE
"""So long whoever unsubscribed by mistake may take it back."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


def mail_of(token: str) -> Mailing | None:
    """The mail that has a token in its links."""
    if not _TOKEN.fullmatch(token):
        return None
    return Mailing.across.filter(token=token).first()


def unsubscribe(mailing: Mailing, now: int) -> int:
    """Never mail this person again; since when that holds (µs). Done twice it changes nothing.

    It holds for the address that got the mail, and for the one that the person has now.
    """
    workspace, source = mailing.workspace_id, _source(mailing)
    contact = Contact.objects.of(workspace).filter(lead=mailing.lead).only("email").first()
    now_known = contact.email if contact else ""
    digest = mailing.address or suppressions.digest_of(now_known)

    def store() -> int:
        told = {"source": source, "now": now}
        known = suppressions.address_behind(workspace, mailing.lead, digest)
        reason = suppressions.UNSUBSCRIBED
        suppressions.suppress(workspace, known, reason, digest=digest, **told)
        suppressions.suppress(workspace, now_known, reason, **told)
        rows = Suppression.objects.of(workspace).filter(digest=digest)
        return rows.values_list("at", flat=True).first() or now

    since = database.in_transaction(store)
    _record(mailing, {"kind": "engaged", "what": "unsubscribed"}, _fact(mailing, since), since)
    return since


def may_regret(mailing: Mailing, now: int) -> bool:
    """Whether this mail's receiver unsubscribed by it just now."""
    return _regretted(mailing, now).exists()


def take_back(mailing: Mailing, now: int) -> bool:
    """Take back what was done by mistake just now; whether there was such a thing."""
    since = _regretted(mailing, now).values_list("at", flat=True).first()
    if since is None:
        return False

    def remove() -> None:
        _regretted(mailing, now).delete()
        note = audit.Note(SYSTEM, "unsubscribed by mistake", f"lead {mailing.lead}", {})
        audit.note(mailing.workspace_id, [note], now)

    database.in_transaction(remove)
    fact = _fact(mailing, since)
    _record(mailing, {"kind": "corrected", "fact": fact}, f"back {fact}", now)
    return True


def _regretted(mailing: Mailing, now: int) -> QuerySet[Suppression]:
    return Suppression.objects.of(mailing.workspace_id).filter(
        source=_source(mailing), reason=suppressions.UNSUBSCRIBED, at__gt=now - REGRET
    )


def _source(mailing: Mailing) -> str:
    return f"mail {mailing.message_id}"[:200]


def _fact(mailing: Mailing, since: int) -> str:
    return f"unsubscribed {mailing.message_id} {since}"


def _record(mailing: Mailing, told: dict[str, str], source_id: str, at: int) -> None:
    item = {"lead": mailing.lead, "occurred_at": mailings.stamp(at), "source_id": source_id}
    commit.shared(Handed(mailing.workspace_id, [item | told], SYSTEM, SYSTEM))


def opened(mailing: Mailing, now: int) -> None:
    """Count that a mail was opened, where its receiver lets us."""
    if _is_counted(mailing):
        Mailing.objects.of(mailing.workspace_id).filter(pk=mailing.pk, opened_at=None).update(
            opened_at=now
        )


def followed(mailing: Mailing, now: int) -> None:
    """Count that a link of a mail was followed, where its receiver lets us."""
    if _is_counted(mailing):
        rows = Mailing.objects.of(mailing.workspace_id).filter(pk=mailing.pk)
        rows.update(follows=F("follows") + 1)
        rows.filter(followed_at=None).update(followed_at=now)


def _is_counted(mailing: Mailing) -> bool:
    rows = Contact.objects.of(mailing.workspace_id).filter(lead=mailing.lead)
    return rows.filter(tracking_consent=True, erased_at=None).exists()
