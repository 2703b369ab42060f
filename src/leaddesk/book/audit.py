"""The audit log: an entry in the transaction of each change, sealed in blocks that are chained.

A chain in every transaction would let only one of them write at a time; so the sealer chains what
was written, shortly afterwards. Whoever alters or removes a sealed entry breaks its block's hash, and
can't make another without the key of the desk, which isn't in the database. That the newest blocks
were cut off shows by the log of the desk alone, where each is told when it is sealed.
"""

import hmac
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction

from leaddesk.book import database
from leaddesk.book.models import Block, Entry

GENESIS = "0" * 64
_MOST_IN_A_BLOCK = 5_000
_journal = logging.getLogger(__name__)


class Note(NamedTuple):
    """What somebody did, before it is written down."""

    actor: str
    act: str
    subject: str
    detail: Mapping[str, Any]
    request: str = ""


def note(workspace: int, notes: Sequence[Note], now: int) -> None:
    """Write entries in the present transaction. Raises where there is none."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an audit entry belongs to its change")
    database.insert(
        Entry,
        ("workspace", "at", "actor", "act", "subject", "detail", "request"),
        [
            [workspace] * len(notes),
            [now] * len(notes),
            [one.actor[:100] for one in notes],
            [one.act for one in notes],
            [one.subject[:300] for one in notes],
            [json.dumps(one.detail, ensure_ascii=False, sort_keys=True) for one in notes],
            [one.request for one in notes],
        ],
    )


def seal(workspace: int, now: int) -> int:
    """Chain the entries that aren't sealed yet into one more block; how many they were."""
    block = database.in_transaction(lambda: _seal(workspace, now))
    if block is None:
        return 0
    told = {"audit_workspace": workspace, "audit_block": block.number, "audit_hash": block.hash}
    _journal.info("audit block %d sealed", block.number, extra=told)
    return int(block.entries)


def _seal(workspace: int, now: int) -> Block | None:
    database.lock(workspace, ["audit"])
    entries = list(
        Entry.objects.of(workspace).filter(block__isnull=True).order_by("id")[:_MOST_IN_A_BLOCK]
    )
    if not entries:
        return None
    before = Block.objects.of(workspace).order_by("-number").first()
    previous = before.hash if before else GENESIS
    block: Block = Block.objects.of(workspace).create(
        workspace_id=workspace,
        number=before.number + 1 if before else 1,
        first=entries[0].id,
        last=entries[-1].id,
        entries=len(entries),
        previous=previous,
        hash=digest(previous, entries),
        sealed_at=now,
    )
    Entry.objects.of(workspace).filter(id__in=[one.id for one in entries]).update(block=block)
    return block


def digest(previous: str, entries: Sequence[Entry]) -> str:
    """The hash of a block: HMAC-SHA-256 over the hash before it and its entries in order."""
    running = hmac.new(key(), previous.encode(), sha256)
    for one in entries:
        told = (one.id, one.at, one.actor, one.act, one.subject, one.detail, one.request)
        running.update(json.dumps(told, ensure_ascii=True).encode())
    return running.hexdigest()


def key() -> bytes:
    """The key of the hashes, drawn from the secret key of the desk."""
    return sha256(b"leaddesk.audit." + settings.SECRET_KEY.encode()).digest()


def faults(workspace: int) -> Iterator[str]:
    """What is wrong with the chain of a workspace; nothing where it is whole."""
    previous, number, wrong, found = GENESIS, 0, 0, []
    for block in Block.objects.of(workspace).order_by("number").iterator():
        number += 1
        entries = list(Entry.objects.of(workspace).filter(block=block).order_by("id"))
        if block.number != number:
            found.append(f"block {number} is missing")
            number = block.number
        if block.previous != previous:
            found.append(f"block {block.number} does not follow the block before it")
        if not _is_sound(block, entries):
            wrong += 1
            found.append(f"block {block.number}: an entry was altered, added or removed")
        previous = block.hash
    if wrong > 1 and wrong == number:
        yield "no block fits LEADDESK_SECRET_KEY: it isn't the key that they were sealed with"
        return
    yield from found


def _is_sound(block: Block, entries: Sequence[Entry]) -> bool:
    fits = hmac.compare_digest(digest(block.previous, entries), block.hash)
    return fits and len(entries) == block.entries
