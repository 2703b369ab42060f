"""Webhooks, signed as Standard Webhooks 1.0 asks: https://www.standardwebhooks.com.

Settings: `url`. Secrets: `secret`, and `previous` as long as the receiver may still know only the
one before; both are signed with.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.post.addresses import url_problems
from leaddesk.post.exchange import Reach, outcome_of, posted
from leaddesk.post.message import Message, Outcome, Refused, Retry
from leadpact.problem import Problem

_PREFIX = "whsec_"
_KEY = re.compile("[!-~]{1,200}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A POST of ``{"type", "timestamp", "data"}`` to the address that a receiver gave."""

    reach: Reach
    name: str = "webhook"
    settings: frozenset[str] = frozenset({"url"})
    secrets: frozenset[str] = frozenset({"secret", "previous"})

    def problems(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str] | None = None
    ) -> list[Problem]:
        """An address that can't be posted to, a secret that can't sign."""
        found = url_problems(settings.get("url"), self.reach.allow, self.reach.resolve)
        return found if secrets is None else found + secret_problems(secrets)

    def send(
        self, message: Message, settings: Mapping[str, Any], secrets: Mapping[str, str], now: int
    ) -> Outcome:
        """2xx is sent, 410 switches off, 408, 409, 425, 429 and 5xx are tried again."""
        if found := secret_problems(secrets):
            return Refused(str(found[0]))
        if not _KEY.fullmatch(message.key):
            return Refused(_("The key of the message can't stand in a header."))
        try:
            body = envelope(message)
        except (TypeError, ValueError) as trouble:
            return Refused(_("The message has no JSON form: %s.") % trouble)
        headers = signed(message.key, body, keys(secrets), now)
        answer = posted(str(settings.get("url")), body, headers, self.reach)
        return answer if isinstance(answer, Retry | Refused) else outcome_of(answer, now)


def envelope(message: Message) -> bytes:
    """The body: the same bytes on every attempt."""
    at = _EPOCH + timedelta(microseconds=message.at)
    content = {
        "type": message.type,
        "timestamp": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "data": dict(message.data),
    }
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def signed(key: str, body: bytes, by: list[bytes], now: int) -> dict[str, str]:
    """The headers: id, time of the attempt in seconds, and one signature for each secret."""
    seconds = str(now // 1_000_000)
    content = b".".join((key.encode(), seconds.encode(), body))
    signatures = (hmac.digest(secret, content, hashlib.sha256) for secret in by)
    return {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }


def keys(secrets: Mapping[str, str]) -> list[bytes]:
    """The keys to sign with, the newest first; ValueError where a secret has no key."""
    given = (secrets.get("secret"), secrets.get("previous"))
    return [_key(secret) for secret in given if secret]


def secret_problems(secrets: Mapping[str, str]) -> list[Problem]:
    """What is wrong with the secrets, without repeating them."""
    found = []
    if not secrets.get("secret"):
        remedy = _("Let the desk make one.")
        found.append(Problem("secret", 0, _("There is no secret to sign with."), remedy))
    for name in ("secret", "previous"):
        try:
            keys({"secret": secrets.get(name) or ""})
        except ValueError:
            remedy = _("Write whsec_ and 24 to 64 bytes in base64.")
            found.append(
                Problem(name, 0, _("The secret isn't in the form of the standard."), remedy)
            )
    return found


def fresh_secret() -> str:
    """A new secret in the form of the standard."""
    return _PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("no secret of Standard Webhooks")
    return key
