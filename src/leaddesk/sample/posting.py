"""Posting: the mails of the tracks of Northwind, as if somebody had sent them.

Its addresses are made up, so no mail can go out. What may be sent, and when, is decided as for any
workspace; what came of each follows from its lead. A sample with an e-mail channel of its own is left
to it.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from leaddesk.book import mailings, suppressions
from leaddesk.book.mailings import Ready
from leaddesk.book.models import Channel, Contact, Mailing, Offer, Workspace
from leaddesk.book.moment import DAY, MINUTE
from leadpact.rulings import SYSTEM

Item = dict[str, Any]
State = Mailing.State
_LOST, _TIRED = 0.04, 0.05
"""The shares of first mails that bounce, and after which somebody unsubscribes."""


def posted(own: Workspace, now: int) -> list[Item]:
    """The facts of what was posted up to now that follow from it."""
    if Channel.objects.of(own).filter(kind="email", is_active=True).exists():
        return []
    languages = {row.key: {*row.texts} for row in Offer.objects.of(own)}
    waiting = Mailing.objects.of(own).filter(state=State.WAITING, due_at__lte=now)
    found = [
        item for one in waiting.order_by("due_at", "pk") for item in _post(one, now, languages)
    ]
    _open(own, now)
    return found


def _post(mailing: Mailing, now: int, languages: dict[str, set[str]]) -> Iterator[Item]:
    """Post a mail at the first moment that the agreement lets it go."""
    ready, at = _ready(mailing, now)
    if ready is None:
        return
    language = ready.contact.language
    mailing.language = language if language in languages.get(mailing.offer, ()) else "en"
    random = Random(f"{mailing.lead} {mailing.offer}")
    if mailing.step == 0 and random.random() < _LOST:
        mailings.bounced(mailing, ready.contact.email, at)
        return
    mailing.state, mailing.sent_at, mailing.why, mailing.lease_until = State.SENT, at, "", None
    mailing.save(update_fields=("state", "sent_at", "why", "language", "lease_until"))
    yield mailings.told_of(mailing, at)
    if random.random() < _TIRED and at + 9 * MINUTE <= now:
        yield _unsubscribe(mailing, ready.contact, at + 9 * MINUTE)


def _ready(mailing: Mailing, now: int) -> tuple[Ready | None, int]:
    """The mail with all that it takes, and when it may go; None where it may not, or not yet."""
    at = mailing.due_at
    while at <= now:
        ready = mailings.may_go(mailing, at, "")
        if ready is not None:
            return ready, at
        mailing.refresh_from_db()
        if mailing.state != State.WAITING or mailing.try_at is None or mailing.try_at <= at:
            break
        at = mailing.try_at
    return None, at


def _unsubscribe(mailing: Mailing, contact: Contact, at: int) -> Item:
    source = f"mail {mailing.message_id}"[:200]
    told = {"source": source, "now": at, "digest": mailing.address}
    suppressions.suppress(mailing.workspace_id, contact.email, suppressions.UNSUBSCRIBED, **told)
    return {
        "lead": mailing.lead,
        "kind": "engaged",
        "what": "unsubscribed",
        "occurred_at": mailings.stamp(at),
        "system": SYSTEM,
        "source_id": f"unsubscribed {mailing.message_id} {at}",
    }


def _open(own: Workspace, now: int) -> None:
    """Some of those who let us count open what they got, and some of these follow a link."""
    lets = Contact.objects.of(own).filter(tracking_consent=True).values("lead")
    rows = Mailing.objects.of(own).filter(
        state=State.SENT, opened_at=None, sent_at__gt=now - 4 * DAY
    )
    for one in rows.filter(lead__in=lets):
        random = Random(f"opened {one.lead} {one.offer}")
        at = (one.sent_at or 0) + round((5 + 1500 * random.random() ** 3) * MINUTE)
        if random.random() < 0.55 and at <= now:
            one.opened_at = at
            if random.random() < 0.35:
                one.followed_at, one.follows = at + MINUTE, 1
            one.save(update_fields=("opened_at", "followed_at", "follows"))
