"""Passkeys: keys that people's devices keep, and what a browser's answer about one proves.

What a page asks for (a challenge) is sealed into the page itself and good once within ten minutes,
so that looking at a page stores nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from secrets import token_bytes, token_hex
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.book import database, factors, sign_in, tries
from leaddesk.book.fields import Unfit, read_text
from leaddesk.book.models import Passkey, User
from leaddesk.book.moment import MINUTE
from leaddesk.book.refusal import refused
from leaddesk.book.seal import opened, sealed

LASTS = 10 * MINUTE
MOST = 20
MOST_BYTES = 20_000
_PURPOSE = "passkey"


@dataclass(frozen=True)
class Place:
    """The address by which a browser knows this desk: `origin` is scheme and host with its port."""

    origin: str
    host: str

    @property
    def is_fit(self) -> bool:
        """Whether browsers keep passkeys for it: a name, over https; localhost also without."""
        try:
            ip_address(self.host.strip("[]"))
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost"
        return False


@dataclass(frozen=True)
class Request:
    """What a page asks the browser: its options as JSON, and the ticket that comes back with the answer."""

    options: str
    ticket: str


def to_add(user: User, place: Place, now: int) -> Request:
    """Ask for a new passkey of an account."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    challenge = token_bytes(32)
    options = generate_registration_options(
        rp_id=place.host,
        rp_name="Leadpact",
        user_id=_handle(user),
        user_name=user.email,
        challenge=challenge,
        exclude_credentials=_known(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return Request(options_to_json(options), _ticket(challenge, f"add {user.pk}", now))


def to_sign_in(place: Place, now: int, user: User | None = None) -> Request:
    """Ask for a passkey: one of an account, or any whose owner the device has made sure of."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement as Verification

    challenge = token_bytes(32)
    options = generate_authentication_options(
        rp_id=place.host,
        challenge=challenge,
        allow_credentials=_known(user) if user else None,
        user_verification=Verification.PREFERRED if user else Verification.REQUIRED,
    )
    subject = f"second {user.pk}" if user else "first"
    return Request(options_to_json(options), _ticket(challenge, subject, now))


def add(user: User, place: Place, given: Mapping[str, str], now: int, request: str = "") -> Passkey:
    """Keep the passkey that a browser made. Raises `Refused`."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    name = _named(given.get("name", ""))
    challenge = _challenge(given.get("ticket", ""), f"add {user.pk}", now)
    if challenge is None:
        raise _too_late()
    try:
        found = verify_registration_response(
            credential=_read(given.get("credential", "")),
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        raise _unproven() from None
    passkey = Passkey(
        user=user,
        credential=bytes_to_base64url(found.credential_id),
        public_key=bytes_to_base64url(found.credential_public_key),
        sign_count=found.sign_count,
        name=name,
        created_at=now,
    )
    database.in_transaction(lambda: _store(passkey, now, request))
    return passkey


def _store(passkey: Passkey, now: int, request: str) -> None:
    if Passkey.objects.filter(credential=passkey.credential).exists():
        raise _unproven()
    if Passkey.objects.filter(user=passkey.user).count() >= MOST:
        said = _("You have as many passkeys as an account can have.")
        raise refused("", said, _("Remove one that you don't use."))
    passkey.save()
    sign_in.note(passkey.user, "added second factor", {"kind": "passkey"}, now, request)


def shown(
    place: Place, given: Mapping[str, str], now: int, user: User | None = None
) -> User | None:
    """Whose passkey a browser's answer proves; of one account where it is a second step.

    Without an account the device must have made sure of its owner (finger, face or number).
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    subject = f"second {user.pk}" if user else "first"
    challenge = _challenge(given.get("ticket", ""), subject, now)
    if challenge is None:
        return None
    try:
        credential = _read(given.get("credential", ""))
        passkey = _of_credential(str(credential.get("id", "")), user)
        if passkey is None or not _is_of(passkey.user, credential):
            return None
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=user is None,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        return None
    own = Passkey.objects.filter(pk=passkey.pk, sign_count=passkey.sign_count)
    return passkey.user if own.update(sign_count=found.new_sign_count, used_at=now) else None


def of(user: User) -> list[Passkey]:
    """The passkeys of an account, oldest first."""
    return [*Passkey.objects.filter(user=user).order_by("created_at", "pk")]


def remove(user: User, number: int, now: int, request: str = "") -> bool:
    """Forget a passkey; False where the account has none with this number."""

    def store() -> bool:
        gone, _rows = Passkey.objects.filter(user=user, pk=number).delete()
        if gone:
            sign_in.note(user, "removed second factor", {"kind": "passkey"}, now, request)
            factors.without_any(user)
        return bool(gone)

    return database.in_transaction(store)


def _known(user: User) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(p.credential)) for p in of(user)]


def _of_credential(credential: str, user: User | None) -> Passkey | None:
    rows = Passkey.objects.filter(credential=credential, user__is_active=True)
    rows = rows.filter(user=user) if user else rows
    return rows.select_related("user").first()


def _is_of(user: User, credential: Mapping[str, Any]) -> bool:
    """Whether the device says the same of whose it is, where it says anything."""
    from webauthn.helpers import base64url_to_bytes

    handle = credential["response"].get("userHandle")
    return not handle or base64url_to_bytes(handle) == _handle(user)


def _handle(user: User) -> bytes:
    return f"leaddesk-{user.pk}".encode()


def _read(text: str) -> dict[str, Any]:
    found = json.loads(text[:MOST_BYTES])
    if not isinstance(found, dict):
        raise TypeError
    return found


def _named(name: str) -> str:
    try:
        return read_text(100)(name) or _("Passkey")
    except Unfit as error:
        raise refused("name", *error.args) from None


def _ticket(challenge: bytes, subject: str, now: int) -> str:
    return sealed(f"{challenge.hex()} {token_hex(4)}", f"{_PURPOSE} {subject}", now)


def _challenge(ticket: str, subject: str, now: int) -> bytes | None:
    """The challenge of a ticket that is shown the first time, in time, for what it was made."""
    text = opened(ticket, f"{_PURPOSE} {subject}", now, LASTS)
    if text is None or not tries.is_first(text, now):
        return None
    return bytes.fromhex(text.partition(" ")[0])


def _too_late() -> Exception:
    return refused("", _("The page was open for too long."), _("Try once more."))


def _unproven() -> Exception:
    said = _("The browser's answer doesn't prove a new passkey.")
    return refused("", said, _("Try once more, or use another device."))
