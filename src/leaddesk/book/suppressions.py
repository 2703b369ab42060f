"""Suppressions: addresses that are never mailed again, whatever is queued, imported or synced.

What is kept for good is a digest of the address under a key of this installation, so that the list
outlives the contact and can't be read back; the address itself stands beside it until its person is
erased.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress as without
from hashlib import sha256
from hmac import digest as hmac
from secrets import token_hex
from typing import Any, NamedTuple

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Lower, Trim
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leaddesk.book import audit, database, moment
from leaddesk.book.access import Actor, seen
from leaddesk.book.fields import Unfit, plain_text, read_email, read_text
from leaddesk.book.models import Contact, Installation, Lead, Suppression
from leaddesk.book.narrowing import is_narrowed
from leaddesk.book.refusal import Absent, Refused, refused
from leadpact.problem import Problem
from leadpact.rulings import SYSTEM

UNSUBSCRIBED, BOUNCED, COMPLAINED, BY_HAND = "unsubscribed", "bounced", "complained", "by hand"
REASONS = {
    UNSUBSCRIBED: gettext_lazy("They unsubscribed"),
    BOUNCED: gettext_lazy("Their mail server refuses the address"),
    COMPLAINED: gettext_lazy("They marked a mail as spam"),
    BY_HAND: gettext_lazy("Somebody entered it"),
}
"""Why an address isn't mailed, in words."""
PREFIX = "sup_"
MOST_AT_ONCE = 10_000


def folded(address: str) -> str:
    """An address as it is compared: without regard to case, its domain as the network writes it."""
    local, _at, domain = unicodedata.normalize("NFC", address).strip().casefold().rpartition("@")
    with without(UnicodeError):
        domain = domain.rstrip(".").encode("idna").decode()
    return f"{local}@{domain}"


def digest_of(address: str) -> str:
    """What stands for an address in lists that outlive it; empty for none."""
    return digests_of([address]).get(address, "")


def digests_of(addresses: Iterable[str]) -> dict[str, str]:
    """The digest of each address that isn't empty."""
    wanted = {one for one in addresses if one.strip()}
    if not wanted:
        return {}
    key = _key()
    return {one: _digest(one, key) for one in wanted}


def _digest(address: str, key: str) -> str:
    return hmac(bytes.fromhex(key), folded(address).encode("utf-8", "replace"), sha256).hex()


def _key() -> str:
    """The key of the digests, made once; it travels with the backup of the database."""
    rows = Installation.objects.filter(pk=1)
    known = rows.values_list("address_key", flat=True).first()
    if known:
        return str(known)

    def make() -> str:
        Installation.objects.bulk_create(
            [Installation(pk=1, created_at=moment.now())], ignore_conflicts=True
        )
        rows.filter(address_key="").update(address_key=token_hex(32))
        return str(rows.values_list("address_key", flat=True).get())

    return database.in_transaction(make)


def is_suppressed(workspace: int, address: str) -> bool:
    """Whether an address must not be mailed."""
    return bool(suppressed(workspace, [address]))


def suppressed(workspace: int, addresses: Collection[str]) -> set[str]:
    """Those of some addresses that must not be mailed."""
    return {*reasons(workspace, addresses)}


def reasons(workspace: int, addresses: Collection[str]) -> dict[str, Suppression]:
    """Those of some addresses that must not be mailed, each with its entry of the list."""
    digests = digests_of(addresses)
    if not digests:
        return {}
    rows = Suppression.objects.of(workspace).filter(digest__in=set(digests.values()))
    found = {row.digest: row for row in rows}
    return {one: found[digest] for one, digest in digests.items() if digest in found}


def of_lead(workspace: int, lead: str) -> Suppression | None:
    """The entry of the address of a lead's contact; None where it may be mailed."""
    contact = with_key(Contact.objects.of(workspace).filter(lead=lead)).first()
    return None if contact is None else of_contact(contact)


def with_key(contacts: QuerySet[Contact]) -> QuerySet[Any]:
    """Contacts, each with the key of the digests as `address_key`."""
    key = Installation.objects.filter(pk=1).values("address_key")[:1]
    return contacts.annotate(address_key=Subquery(key))


def of_contact(contact: Any) -> Suppression | None:
    """The entry of the address of a contact that was read `with_key`; None where it may be mailed."""
    if not contact.email or not contact.address_key:
        return None  # without a key nobody is on the list
    digest = _digest(contact.email, contact.address_key)
    row: Suppression | None = (
        Suppression.objects.of(contact.workspace_id).filter(digest=digest).first()
    )
    return row


def suppress(
    workspace: int,
    address: str,
    reason: str,
    *,
    source: str = "",
    by: str = "",
    now: int,
    digest: str = "",
    request: str = "",
) -> bool:
    """Never mail an address again (where it isn't known any longer, its `digest`); whether that is new.

    `source` says how we know, `by` is whoever entered it. Notes itself in the audit log.
    """
    digest = digest or digest_of(address)
    if not digest:
        return False
    entry = Entry(reason, source, by, request)
    return bool(_stored(workspace, {digest: address}, entry, now))


class Entry(NamedTuple):
    """Why addresses get on the list, how we know, who entered them, and by which request."""

    reason: str
    source: str
    by: str
    request: str = ""


def _stored(workspace: int, addresses: Mapping[str, str], entry: Entry, now: int) -> list[str]:
    """Put addresses on the list by their digests; the keys of those that are new."""

    def store() -> list[str]:
        rows = Suppression.objects.of(workspace)
        condition = {"digest__in": [*addresses]}
        known = {*rows.filter(**condition).values_list("digest", flat=True)}
        fresh = [
            Suppression(
                workspace_id=workspace,
                digest=digest,
                address=address.strip()[:254],
                reason=entry.reason,
                source=entry.source[:200],
                by=entry.by[:100],
                at=now,
            )
            for digest, address in addresses.items()
            if digest not in known
        ]
        Suppression.across.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
        told = {"reason": entry.reason, "source": entry.source[:200]}
        by = entry.by or SYSTEM
        notes = [
            audit.Note(by, "suppressed address", key_of(row), told, entry.request) for row in fresh
        ]
        audit.note(workspace, notes, now)
        return [key_of(row) for row in fresh]

    return database.in_transaction(store)


def key_of(row: Suppression) -> str:
    """How an entry is called outside."""
    return PREFIX + row.digest[:24]


def add(actor: Actor, given: Mapping[str, Any], now: int) -> Suppression:
    """An address that must not be mailed, with the reason. Raises `Refused`, `Forbidden`."""
    actor.must("keep suppressions")
    address, why = _read(given)
    suppress(
        actor.workspace_id,
        address,
        BY_HAND,
        source=why,
        by=actor.person,
        now=now,
        request=actor.request,
    )
    row: Suppression = Suppression.objects.of(actor.workspace_id).get(digest=digest_of(address))
    return row


def add_many(actor: Actor, addresses: Sequence[str], why: str, now: int) -> int:
    """Addresses that must not be mailed, one a line; how many are new. Raises `Refused`, `Forbidden`."""
    actor.must("keep suppressions")
    lines = [(n, line.strip()) for n, line in enumerate(addresses, 1) if line.strip()]
    if len(lines) > MOST_AT_ONCE:
        said = _("There are more than %(most)s addresses.") % {"most": MOST_AT_ONCE}
        raise refused("addresses", said, _("Enter them in several steps."))
    problems = [*_unfit_lines(lines)]
    if problems:
        raise Refused(problems)
    if not lines:
        raise refused("addresses", _("There is no address."), _("Write one address a line."))
    reason = _read_why(why)

    digests = {digest: line for line, digest in digests_of([one for _n, one in lines]).items()}
    entry = Entry(BY_HAND, reason, actor.person, actor.request)
    return len(_stored(actor.workspace_id, digests, entry, now))


def _unfit_lines(lines: Sequence[tuple[int, str]]) -> Iterable[Problem]:
    for number, line in lines:
        try:
            read_email(line)
        except Unfit as error:
            yield Problem("addresses", number, *error.args)


def _read(given: Mapping[str, Any]) -> tuple[str, str]:
    try:
        address = read_email(given.get("address"))
    except Unfit as error:
        raise Refused([Problem("address", 0, *error.args)]) from None
    if not address:
        raise refused("address", _("There is no address."), _("Write it like name@company.com."))
    return address, _read_why(given.get("why"))


def _read_why(value: Any) -> str:
    try:
        why: str = read_text(200)(value)
    except Unfit as error:
        raise Refused([Problem("why", 0, *error.args)]) from None
    if not why:
        raise refused("why", _("There is no reason."), _("Say why, in a few words."))
    return why


def remove(actor: Actor, key: str, why: Any, now: int) -> None:
    """Let an address be mailed again: an administrator, who says why.

    Raises `Absent`, `Refused`, `Forbidden`.
    """
    actor.must("keep suppressions")
    actor.must("run by itself")

    def take_out() -> None:
        row = one(actor, key)
        reason = _read_why(why)
        row.delete()
        told = actor.note("removed suppression", key, why=reason, reason=row.reason)
        audit.note(actor.workspace_id, [told], now)

    database.in_transaction(take_out)


def one(actor: Actor, key: str) -> Suppression:
    """An entry of the list. Raises `Absent`."""
    mark = key.removeprefix(PREFIX)
    if not key.startswith(PREFIX) or len(mark) != 24:
        raise Absent(f"suppression {plain_text(key)}")
    row = _seen(actor).filter(digest__startswith=mark).first()
    if row is None:
        raise Absent(f"suppression {plain_text(key)}")
    return row


def listed(actor: Actor, text: str = "", reason: str = "") -> QuerySet[Suppression]:
    """The list, the latest first; `text` is a whole address, which anybody may look up.

    Without one, whoever sees some leads only sees the addresses of those. Raises `Forbidden`.
    """
    actor.must("read contacts")
    if text.strip():
        rows = Suppression.objects.of(actor.workspace_id).filter(digest=digest_of(text))
    else:
        rows = _seen(actor)
    return (rows.filter(reason=reason) if reason else rows).order_by("-at", "-id")


def _seen(actor: Actor) -> QuerySet[Suppression]:
    """The entries whose addresses belong to contacts that somebody may see."""
    rows: QuerySet[Suppression] = Suppression.objects.of(actor.workspace_id)
    if not is_narrowed(actor):
        return rows
    leads = seen(actor, Lead.objects.of(actor.workspace_id)).values("key")
    theirs = Contact.objects.of(actor.workspace_id).filter(lead__in=leads).exclude(email="")
    known = theirs.annotate(written=Lower(Trim("email"))).values("written")
    return rows.annotate(written=Lower("address")).filter(written__in=known)


def forget_address(workspace: int, address: str) -> None:
    """Keep the digest alone, once the person is erased."""
    if digest := digest_of(address):
        Suppression.objects.of(workspace).filter(digest=digest).update(address="")


def address_behind(workspace: int, lead: str, digest: str) -> str:
    """The address of a lead's contact, if it is still the one of a digest."""
    contact = Contact.objects.of(workspace).filter(lead=lead).only("email").first()
    return contact.email if contact and digest_of(contact.email) == digest else ""
