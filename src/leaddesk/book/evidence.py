"""Evidence: who signed a version, over which hash, and the entry of the audit log that proves it."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from leaddesk.book.agreements import signatures
from leaddesk.book.models import AgreementVersion, Entry, Signature

SIGNED = "signed agreement"


class Proof(NamedTuple):
    """A signature beside its entry in the audit log: None where the log has none that fits.

    `is_of_this` says whether it was given over what the version says.
    """

    signature: Signature
    entry: Entry | None
    is_of_this: bool


def subject_of(version: AgreementVersion) -> str:
    """What the audit log calls a version."""
    return f"agreement version {version.number}"


def trail(version: AgreementVersion) -> list[Entry]:
    """What was done with a version, the oldest first, each entry with the block that seals it."""
    rows = Entry.objects.of(version.workspace_id).filter(subject=subject_of(version))
    entries = rows.select_related("block").order_by("id")
    return [one for one in entries if _detail(one).get("hash") == version.hash]


def proofs(version: AgreementVersion, entries: list[Entry]) -> list[Proof]:
    """The signatures of a version, each with the one of the entries that tells of it."""
    return [
        Proof(
            one,
            next((entry for entry in entries if _tells(entry, one)), None),
            one.hash == version.hash,
        )
        for one in signatures(version)
    ]


def _tells(entry: Entry, signature: Signature) -> bool:
    detail = _detail(entry)
    said = (entry.act, entry.actor, detail.get("side"), detail.get("hash"), entry.at)
    return said == (
        SIGNED,
        signature.person,
        signature.side,
        signature.hash,
        signature.signed_at,
    )


def _detail(entry: Entry) -> Mapping[str, str]:
    found = json.loads(entry.detail)
    return found if isinstance(found, dict) else {}
