"""Mailings: the mails of nurture tracks. Each waits for its time, is sent once or left out, and why.

A worker claims what is due for a short time (a lease); whatever dies while it sends loses nothing,
and the mail goes out again under the same Message-ID. Whether a mail may go out is decided when it
is about to, not when it was queued.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_noop

from leaddesk.book import choices, database, inheriting, mail_hours, outbox, suppressions
from leaddesk.book.fault import fault
from leaddesk.book.intake import Handed, take
from leaddesk.book.models import Contact, Enrolment, Fact, Lead, Mailing, Workspace
from leaddesk.book.moment import DAY, MINUTE, SECOND
from leadpact.clock import to_datetime
from leadpact.nurture import LAST_STEP
from leadpact.rulings import SYSTEM

State = Mailing.State
LEASE = outbox.LEASE
GAPS = outbox.GAPS
MOST_TRIES = outbox.MOST_ATTEMPTS
LATER = 10 * MINUTE
"""So long a mail waits that can't go out since something isn't set up."""

REST = 7 * DAY
"""So long nobody gets an offer again, for whichever of their leads."""

PAUSED = gettext_noop("sales works on the lead")
LEFT = gettext_noop("the lead left the track")
BACK = gettext_noop("the lead is back in the track")
TOO_LATE = gettext_noop("the lead came back into the track too late for it")
ASKED = gettext_noop("somebody asked to send it again")
ERASED = gettext_noop("the contact was erased")
NO_ADDRESS = gettext_noop("the lead has no address")
NO_CONSENT = gettext_noop("the person consents to no mail")
SUPPRESSED = gettext_noop("the address must not be mailed")
NO_MAIL = gettext_noop("the agreement lets no mail out")
HAD_IT = gettext_noop("the person got this offer lately")
NO_TEXT = gettext_noop("the offer has no text in a fitting language")
NOT_TAKEN = gettext_noop("the mail server refused the mail")
BROKE_OFF = gettext_noop("every attempt broke off before its outcome was known")
BOUNCED = gettext_noop("the mail server knows no such address")
RESTORED = gettext_noop("it was dropped after a restore")
NO_CHANNEL = gettext_noop("there is no e-mail channel that is on")
NO_POSTAL = gettext_noop("no postal address is set for the foot of the mails")
MISSED = (PAUSED, LEFT)
"""Why a mail is left out, and queued again once that is over."""
TO_MEND = (NO_TEXT, NO_CHANNEL, NO_POSTAL, NOT_TAKEN, BROKE_OFF)
"""What somebody has to mend. Why a mail waits or ended is stored in English; pages translate it."""


@dataclass(frozen=True)
class ToMail:
    """The mail of a step (from 0) of a track: what is sent to which lead, for which enrolment, when."""

    lead: str
    track: str
    step: int
    offer: str
    enrolment: str
    due_at: int


def queue(workspace: int, items: Sequence[ToMail], now: int) -> None:
    """Queue mails, each step of an enrolment once, in the transaction of the caller.

    What was left out because sales worked on the lead is queued again, and so is what was left out
    because the lead had left the track, if that was taken back.
    """
    if not items:
        return
    slug = Workspace.objects.values_list("slug", flat=True).get(pk=workspace)
    known = {
        (row.lead, row.enrolment, row.step): row
        for row in Mailing.objects.of(workspace).filter(
            enrolment__in={one.enrolment for one in items}
        )
    }
    fresh = []
    for one in items:
        row = known.get((one.lead, one.enrolment, one.step))
        if row is None:
            fresh.append(_new(workspace, slug, one, now))
        elif row.state == State.LEFT_OUT and row.why in MISSED:
            row.state, row.why = State.WAITING, BACK if row.why == LEFT else ""
            row.try_at = max(one.due_at, now)
            row.save(update_fields=("state", "why", "try_at"))
    Mailing.across.bulk_create(fresh, ignore_conflicts=True, batch_size=500)


def _new(workspace: int, slug: str, one: ToMail, now: int) -> Mailing:
    return Mailing(
        workspace_id=workspace,
        lead=one.lead,
        track=one.track,
        step=one.step,
        offer=one.offer,
        enrolment=one.enrolment,
        due_at=one.due_at,
        try_at=max(one.due_at, now),
        message_id=message_id(slug, one),
        token=token_urlsafe(24),
    )


def message_id(slug: str, one: ToMail) -> str:
    """The Message-ID of a mail: the same however often it is queued or tried."""
    told = "\0".join((slug, one.lead, one.enrolment, str(one.step)))
    mark = blake2b(told.encode("utf-8", "replace"), digest_size=20).hexdigest()
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<nurture.{mark}@{host.replace(':', '.')[:120]}>"


_DUE = f"""m.state = 'waiting' AND m.try_at <= %s
    AND (m.lease_until IS NULL OR abs(m.lease_until - %s - {LEASE}) >= {LEASE})"""


def workspaces_due(now: int) -> list[int]:
    """The workspaces that have mail to send, those that wait longest first; none while sending is held."""
    if outbox.is_held():
        return []
    sql = f"""SELECT m.workspace_id FROM book_mailing m JOIN book_workspace w ON w.id = m.workspace_id
        WHERE {_DUE} AND w.nurtures_since IS NOT NULL
        GROUP BY m.workspace_id ORDER BY min(m.try_at), m.workspace_id"""
    return [number for (number,) in database.rows(sql, [now, now])]


def claim(workspace: int, now: int, most: int) -> list[Mailing]:
    """Take mails of a workspace whose time has come, for the time of a lease."""
    chosen = f"""SELECT m.id FROM book_mailing m WHERE m.workspace_id = %s AND {_DUE}
        ORDER BY m.try_at, m.id LIMIT %s"""
    sql = f"""WITH chosen AS MATERIALIZED ({database.unlocked(chosen, "m")})
        UPDATE book_mailing SET lease_until = %s WHERE id IN (SELECT id FROM chosen) RETURNING id"""
    told = [workspace, now, now, most, now + LEASE]
    found = database.in_transaction(lambda: database.rows(sql, told))
    rows = Mailing.objects.of(workspace).filter(pk__in=[one for (one,) in found])
    return [*rows.order_by("try_at", "pk")]


@dataclass(frozen=True)
class Ready:
    """A mail that may go out now: to whom, about which lead, in which workspace."""

    mailing: Mailing
    contact: Contact
    lead: Lead | None
    workspace: Workspace


def may_go(mailing: Mailing, now: int, lacks: str) -> Ready | None:
    """A claimed mail with all that it takes, if it may go out now; else it is left out, or waits.

    `lacks` is what isn't set up. Of two mails to one person that are decided at the same time each
    counts for the other.
    """
    workspace = mailing.workspace_id
    contact = Contact.objects.of(workspace).filter(lead=mailing.lead)

    def decide() -> Ready | None:
        row = contact.select_related("company").first()
        digest = suppressions.digest_of(row.email) if row else ""
        database.lock(workspace, [f"mail {digest}"])
        lead = Lead.objects.of(workspace).filter(key=mailing.lead).first()
        why = barred(mailing, row, lead) or repeated(mailing, digest, now)
        if why := why or _missed(mailing, now):
            left_out(mailing, now, why)
            return None
        assert row is not None
        if mailing.tries >= MOST_TRIES:
            failed(mailing, now, BROKE_OFF)
            return None
        own = Workspace.objects.get(pk=workspace)
        at = _allowed(mailing, digest, row.zone, now)
        if at is None:
            left_out(mailing, now, NO_MAIL)
        elif at > now:
            wait(mailing, at, "")
        elif lacks:
            wait(mailing, now + LATER, lacks)
        elif _mine(mailing).update(address=digest, tries=F("tries") + 1):
            mailing.address, mailing.tries = digest, mailing.tries + 1
            return Ready(mailing, row, lead, own)
        return None

    return database.in_transaction(decide)


def barred(mailing: Mailing, contact: Contact | None, lead: Lead | None) -> str:
    """Why a mail may never go out; empty where it may."""
    if contact is None:
        return NO_ADDRESS
    if contact.erased_at is not None:
        return ERASED
    if not contact.email:
        return NO_ADDRESS
    enrolment = Enrolment.objects.of(mailing.workspace_id).filter(
        lead=mailing.lead, fact=mailing.enrolment
    )
    row = enrolment.first()
    if row is None or (row.left_at is not None and not _is_last_again(mailing, row)):
        return LEFT
    if lead is not None and lead.standing == "suppressed":
        return SUPPRESSED
    if lead is not None and lead.standing == "disqualified":
        return LEFT
    if suppressions.is_suppressed(mailing.workspace_id, contact.email):
        return SUPPRESSED
    if contact.mail_consent == "no":
        return NO_CONSENT
    return PAUSED if row.is_paused else ""


def _is_last_again(mailing: Mailing, enrolment: Enrolment) -> bool:
    """Whether it is the last step of a track that is over, and somebody asked to send it again."""
    is_last = enrolment.left_why == LAST_STEP and enrolment.step == mailing.step + 1
    return is_last and bool(told_as(mailing))


def repeated(mailing: Mailing, digest: str, now: int) -> str:
    """Why this person gets the offer no second time, for another lead of theirs."""
    own = Mailing.objects.of(mailing.workspace_id).filter(address=digest, offer=mailing.offer)
    others = own.exclude(lead=mailing.lead)
    busy = Q(state=State.WAITING, lease_until__gt=now, tries__gt=0)
    lately = Q(state=State.SENT, sent_at__gt=now - REST)
    if digest and others.filter(busy | lately).exists():
        return HAD_IT
    return HAD_IT if inheriting.was_sent(mailing) else ""


def _missed(mailing: Mailing, now: int) -> str:
    """Whether a lead came back into its track too late for this mail; empty where it didn't."""
    if mailing.why != BACK:
        return ""
    clause = choices.in_force(mailing.workspace_id, now).mailing
    span = clause.catch_up_within if clause else None
    most = REST if span is None else span.micros or span.days * DAY
    return TOO_LATE if now > mailing.due_at + most else ""


def _allowed(mailing: Mailing, digest: str, zone: str, now: int) -> int | None:
    """When the agreement lets one more mail go to this person; None: never."""
    agreement = choices.in_force(mailing.workspace_id, now)
    clause = agreement.mailing
    zone = zone if zone in available_timezones() else agreement.zone
    at: int | None = mail_hours.free_at(clause, _sent(mailing, digest, clause, now), now, zone)
    return None if at is None else mail_hours.open_at(clause, at, zone)


def _sent(mailing: Mailing, digest: str, clause: Any, now: int) -> list[int]:
    """When this person got the latest mails, or gets them just now, the latest first."""
    most = mail_hours.most_in_a_row(clause)
    if not most:
        return []
    own = Mailing.objects.of(mailing.workspace_id).filter(address=digest).exclude(pk=mailing.pk)
    busy = own.filter(state=State.WAITING, lease_until__gt=now, tries__gt=0).count()
    sent = own.filter(state=State.SENT).order_by("-sent_at").values_list("sent_at", flat=True)
    return [*[now] * busy, *sent[:most]][:most]


def _mine(mailing: Mailing) -> QuerySet[Mailing]:
    """The row of a mail that this worker still holds."""
    rows: QuerySet[Mailing] = Mailing.objects.of(mailing.workspace_id).filter(
        pk=mailing.pk, state=State.WAITING, lease_until=mailing.lease_until
    )
    return rows


def prepared(mailing: Mailing, language: str, links: Sequence[str]) -> None:
    """Note what a mail is about to say: its language and the links that are counted."""
    _mine(mailing).update(language=language, links=[*links])


def wait(mailing: Mailing, at: int, why: str) -> None:
    """Let a mail wait until an instant."""
    _mine(mailing).update(try_at=at, why=why, lease_until=None)


def again(mailing: Mailing, now: int, after_seconds: int | None) -> None:
    """It wasn't taken: try again after a growing gap, or give it up after the last attempt."""
    if mailing.tries >= MOST_TRIES:
        failed(mailing, now, NOT_TAKEN)
        return
    gap = max(GAPS[mailing.tries - 1], after_seconds or 0)
    _mine(mailing).update(try_at=now + gap * SECOND, lease_until=None)


def sent(mailing: Mailing, now: int, *, is_told: bool = True) -> bool:
    """It was taken: the lead's story says so, once. False where another worker holds it by now."""
    fault("mail:sent")
    changes = {"state": State.SENT, "sent_at": now, "why": ""}
    return _over(mailing, now, changes, {} if is_told else None)


def told_as(mailing: Mailing) -> str:
    """The source id of what the lead's story says of a mail now; empty where it says nothing."""
    rows = Fact.objects.of(mailing.workspace_id).filter(lead=mailing.lead, system=SYSTEM)
    own = rows.filter(source_id__startswith=f"mail {mailing.message_id}").order_by("-id")
    return own.values_list("source_id", flat=True).first() or ""


def left_out(mailing: Mailing, now: int, why: str) -> bool:
    """It isn't sent. The track goes on from here, unless it waits for sales or is over."""
    told = None if why in (PAUSED, LEFT) else {"reason": "left out", "why": why}
    return _over(mailing, now, {"state": State.LEFT_OUT, "why": why}, told)


def failed(mailing: Mailing, now: int, why: str, **changes: Any) -> bool:
    """It is never going to be taken. The track goes on from here."""
    told = {"reason": "left out", "why": why}
    return _over(mailing, now, {"state": State.FAILED, "why": why[:300], **changes}, told)


def bounced(mailing: Mailing, address: str, now: int) -> bool:
    """Its address is none: it is never mailed again."""

    def note() -> bool:
        source = f"mail {mailing.message_id}"
        suppressions.suppress(
            mailing.workspace_id, address, suppressions.BOUNCED, source=source, now=now
        )
        return failed(mailing, now, BOUNCED, bounced_at=now)

    return database.in_transaction(note)


def drop_due(now: int) -> None:
    """Leave out what is due, since it may have been sent before a backup was restored."""
    for mailing in Mailing.across.filter(state=State.WAITING, try_at__lte=now).order_by("pk"):
        left_out(mailing, now, RESTORED)


def _over(mailing: Mailing, now: int, changes: dict[str, Any], told: dict[str, str] | None) -> bool:
    """Note how a mail ended, and what the lead's story says of that (None: nothing)."""

    def note() -> bool:
        if not _mine(mailing).update(lease_until=None, **changes):
            return False
        if told is not None:
            _tell(mailing, now, told)
        return True

    return database.in_transaction(note)


def _tell(mailing: Mailing, now: int, told: dict[str, str]) -> None:
    items = [told_of(mailing, now) | told]
    before = told_as(mailing)
    if before and not told:  # it was given up, and is sent after all: that takes its place
        items[0]["source_id"] = f"{before} again"
        items.append(_correction(mailing, now, before))
    take([Handed(mailing.workspace_id, items, SYSTEM, SYSTEM)], now=now)


def _correction(mailing: Mailing, now: int, fact: str) -> dict[str, str]:
    told = {"lead": mailing.lead, "kind": "corrected", "occurred_at": stamp(now), "fact": fact}
    return told | {"why": "sent after all", "source_id": f"{fact} back"}


def told_of(mailing: Mailing, at: int) -> dict[str, str]:
    """The fact that tells of a step that it was sent at an instant."""
    return {
        "lead": mailing.lead,
        "kind": "enrolled",
        "occurred_at": stamp(at),
        "track": mailing.track,
        "step": mailing.offer,
        "system": SYSTEM,
        "source_id": f"mail {mailing.message_id}",
    }


def stamp(now: int) -> str:
    """An instant as facts write it."""
    return to_datetime(now).isoformat()
