"""Returned mail: what a message says that came back: a bounce (RFC 3464) or a complaint (RFC 5965).

What isn't one of them, such as the note of somebody on holiday, says nothing.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import NamedTuple

from leaddesk.book.mail_events import COMPLAINT, HARD, SOFT

MOST_BYTES = 5_000_000
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,190}>")
_COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "virus", "other"})
_OF_ADDRESS = ("5.0.0", "5.1.", "5.2.1")


class Event(NamedTuple):
    """What became of which mail: the Message-ID, and a kind of `mail_events`."""

    message_id: str
    kind: str


def event_of(content: bytes) -> Event | None:
    """What a message says of a mail of ours; None where it says nothing, or nobody could read it."""
    try:
        mail = message_from_bytes(content[:MOST_BYTES], policy=policy.default)
        parts = [*mail.walk()]
        kind = _kind(parts)
        message_id = _original(parts) if kind else ""
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return None  # the standard library gives up on some malformed mails in these ways
    return Event(message_id, kind) if kind and message_id else None


def _kind(parts: list[Message | EmailMessage]) -> str:
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            return _of_status(_blocks(part))
        if part.get_content_type() == "message/feedback-report":
            told = [str(block.get("Feedback-Type", "")).strip().lower() for block in _blocks(part)]
            return COMPLAINT if _COMPLAINTS & {*told} else ""
    return ""


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [one for one in payload if isinstance(one, Message)]
    return [message_from_bytes(str(payload).strip().encode("utf-8", "replace"))]


def _of_status(blocks: list[Message]) -> str:
    failed = [one for one in blocks if str(one.get("Action", "")).strip().lower() == "failed"]
    statuses = [_status(one) for one in failed]
    if any(status.startswith(_OF_ADDRESS) for status in statuses):
        return HARD
    return SOFT if failed else ""


def _status(block: Message) -> str:
    for name in ("Status", "Diagnostic-Code"):
        if match := _STATUS.search(str(block.get(name, ""))):
            return match[0]
    return ""


def _original(parts: list[Message | EmailMessage]) -> str:
    """The Message-ID of the mail that came back."""
    return next(_candidates(parts), "")


def _candidates(parts: list[Message | EmailMessage]) -> Iterator[str]:
    for part in parts:
        kind = part.get_content_type()
        told = ""
        if kind == "message/rfc822":
            inner = part.get_payload()
            told = str(inner[0].get("Message-ID", "")) if isinstance(inner, list) and inner else ""
        elif kind == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            raw = content if isinstance(content, bytes) else b""
            told = str(message_from_bytes(raw.lstrip()).get("Message-ID", ""))
        elif kind in ("message/delivery-status", "message/feedback-report"):
            told = " ".join(str(one.get("Original-Message-ID", "")) for one in _blocks(part))
        if match := _MESSAGE_ID.search(told):
            yield match[0]
