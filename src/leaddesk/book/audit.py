"""The audit log: an entry in the transaction of each change, sealed in blocks that are chained.

A chain in every transaction would let only one of them write at a time; so the sealer chains what
was written, shortly afterwards. Whoever alters or removes a sealed entry breaks its block's hash.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import transaction

from leaddesk.book import database
from leaddesk.book.models import Block, Entry

GENESIS = "0" * 64
_MOST_IN_A_BLOCK = 5_000


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
    return database.in_transaction(lambda: _seal(workspace, now))


def _seal(workspace: int, now: int) -> int:
    database.lock(workspace, ["audit"])
    entries = list(
        Entry.objects.of(workspace).filter(block__isnull=True).order_by("id")[:_MOST_IN_A_BLOCK]
    )
    if not entries:
        return 0
    before = Block.objects.of(workspace).order_by("-number").first()
    previous = before.hash if before else GENESIS
    block = Block.objects.of(workspace).create(
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
    return len(entries)


def digest(previous: str, entries: Sequence[Entry]) -> str:
    """The hash of a block: SHA-256 over the hash before it and its entries in order."""
    running = sha256(previous.encode())
    for one in entries:
        told = (one.id, one.at, one.actor, one.act, one.subject, one.detail, one.request)
        running.update(json.dumps(told, ensure_ascii=True).encode())
    return running.hexdigest()


def faults(workspace: int) -> Iterator[str]:
    """What is wrong with the chain of a workspace; nothing where it is whole."""
    previous, number = GENESIS, 0
    for block in Block.objects.of(workspace).order_by("number").iterator():
        number += 1
        entries = list(Entry.objects.of(workspace).filter(block=block).order_by("id"))
        if block.number != number:
            yield f"block {number} is missing"
            number = block.number
        if block.previous != previous:
            yield f"block {block.number} does not follow the block before it"
        if len(entries) != block.entries or digest(block.previous, entries) != block.hash:
            yield f"block {block.number}: an entry was altered, added or removed"
        previous = block.hash
