"""Seals: secrets that the desk must read again, kept so that the database alone gives none away.

Fernet encrypts and signs in one step and comes with what single sign-on and passkeys need anyway.
Its key is derived from the secret key of the desk, apart for each purpose: whoever changes that one
makes people set up their apps again.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from leaddesk.book.moment import SECOND


def sealed(text: str, purpose: str, now: int) -> str:
    """A text as only this desk can read it again, for the same purpose."""
    return _fernet(purpose).encrypt_at_time(text.encode(), now // SECOND).decode()


def opened(token: str, purpose: str, now: int, lasts: int | None = None) -> str | None:
    """The text of a seal; None where it isn't ours, or is older than it `lasts` (µs)."""
    ttl = None if lasts is None else lasts // SECOND
    try:
        if ttl is None:
            return _fernet(purpose).decrypt(token.encode()).decode()
        return _fernet(purpose).decrypt_at_time(token.encode(), ttl, now // SECOND).decode()
    except (InvalidToken, UnicodeError):
        return None


def derived(purpose: str, subject: str) -> str:
    """A secret that this desk can work out again, so that it needn't be stored to be mailed."""
    return urlsafe_b64encode(_key(f"{purpose}\0{subject}")).decode().rstrip("=")


def digest(secret: str) -> str:
    """What is stored of a secret that nobody can guess."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def _fernet(purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(_key(purpose)))


def _key(purpose: str) -> bytes:
    told = f"leaddesk\0{purpose}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), told, "sha256")
