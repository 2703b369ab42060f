"""Second factors: codes of an authenticator app, and recovery codes for when it is lost."""

from base64 import b32encode
from hmac import compare_digest
from secrets import token_bytes

import pyotp
from django.db.models import Q
from django.utils.translation import gettext as _

from leaddesk.book import audit, database, seats, sign_in, tries
from leaddesk.book.access import Actor
from leaddesk.book.models import Authenticator, Passkey, Person, RecoveryCode, User
from leaddesk.book.moment import SECOND
from leaddesk.book.refusal import refused
from leaddesk.book.registers import found
from leaddesk.book.seal import digest, opened, sealed

CODES = 10
STEP = 30 * SECOND
_PURPOSE = "authenticator"
_NEIGHBOURS = (-1, 0, 1)
"""Clocks of phones are a little off, and people type slowly."""


def has_one(user: User) -> bool:
    """Whether an account has a second factor."""
    return is_confirmed(user) or Passkey.objects.filter(user=user).exists()


def is_confirmed(user: User) -> bool:
    """Whether an authenticator app of the account has shown that it makes the right codes."""
    return Authenticator.objects.filter(user=user, confirmed_at__isnull=False).exists()


def begin(user: User, now: int) -> None:
    """Make a new secret for an app, which counts once `confirm` has seen a code of it."""
    fresh = sealed(pyotp.random_base32(), _PURPOSE, now)

    def store() -> None:
        rows = Authenticator.objects.filter(user=user)
        rows.filter(confirmed_at__isnull=True).delete()
        if not rows.exists():
            Authenticator.objects.create(user=user, secret=fresh, created_at=now)

    database.in_transaction(store)


def pending(user: User, now: int) -> str | None:
    """The secret that an app shall take over; None where nothing was begun."""
    row = Authenticator.objects.filter(user=user, confirmed_at__isnull=True).first()
    return opened(row.secret, _PURPOSE, now) if row else None


def address_of(user: User, secret: str) -> str:
    """The address that an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name="Leadpact")


def confirm(user: User, code: str, now: int, request: str = "") -> bool:
    """Let the app be the second factor, if its code is right. Raises `TooOften`."""
    tries.count_code(user.pk, now)

    def store() -> bool:
        if not _takes(user, code, now, is_confirmed=False):
            return False
        Authenticator.objects.filter(user=user).update(confirmed_at=now)
        sign_in.note(user, "added second factor", {"kind": "authenticator"}, now, request)
        return True

    return database.in_transaction(store)


def takes(user: User, code: str, now: int, request: str = "") -> bool:
    """Whether a code of the app or a recovery code is good, which uses it up. Raises `TooOften`.

    Every try counts before it is looked at.
    """
    try:
        tries.count_code(user.pk, now)
    except tries.TooOften as refusal:
        sign_in.note_held_off(user, "code", refusal, now)
        raise

    def use() -> bool:
        if _takes(user, code, now, is_confirmed=True):
            return True
        rows = RecoveryCode.objects.filter(user=user, digest=digest(_plain(code)))
        if not rows.filter(used_at__isnull=True).update(used_at=now):
            return False
        left = RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()
        sign_in.note(user, "used recovery code", {"left": left}, now, request)
        return True

    is_good = database.in_transaction(use)
    if is_good:
        for _most, window in tries.MOST_CODES:
            tries.start_again(f"code {user.pk} {window}")
    return is_good


def _takes(user: User, code: str, now: int, *, is_confirmed: bool) -> bool:
    given = "".join(code.split())
    row = Authenticator.objects.filter(user=user, confirmed_at__isnull=not is_confirmed).first()
    secret = opened(row.secret, _PURPOSE, now) if row else None
    if row is None or secret is None or not (given.isascii() and given.isdigit()):
        return False
    app = pyotp.TOTP(secret)
    for step in (now // STEP + near for near in _NEIGHBOURS):
        if compare_digest(app.generate_otp(step), given):
            own = Authenticator.objects.filter(pk=row.pk, last_step__lt=step)
            return bool(own.update(last_step=step))
    return False


def remove_authenticator(user: User, now: int, request: str = "") -> bool:
    """Let the app be no second factor any longer; False where it was none."""

    def store() -> bool:
        gone, _rows = Authenticator.objects.filter(user=user).delete()
        if gone:
            sign_in.note(user, "removed second factor", {"kind": "authenticator"}, now, request)
            without_any(user)
        return bool(gone)

    return database.in_transaction(store)


def without_any(user: User) -> None:
    """Let go of what only serves beside a second factor, where there is none any longer."""
    if not has_one(user):
        RecoveryCode.objects.filter(user=user).delete()
        seats.weaken(user)


def fresh_codes(user: User, now: int, request: str = "") -> list[str]:
    """New recovery codes, which are shown this once and replace those before. Raises `Refused`."""
    if not has_one(user):
        said = _("You have no second factor yet.")
        raise refused("", said, _("Set up an authenticator app or a passkey first."))
    made = [_spelled(b32encode(token_bytes(10)).decode()) for _each in range(CODES)]

    def store() -> None:
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(user=user, digest=digest(_plain(code))) for code in made
        )
        sign_in.note(user, "made recovery codes", {"count": len(made)}, now, request)

    database.in_transaction(store)
    return made


def codes_left(user: User) -> int:
    """How many recovery codes are unused."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def reset(actor: Actor, key: str, now: int) -> None:
    """Take all second factors from somebody who lost them, and sign them out everywhere.

    Raises `Forbidden`, `Absent`, and `Refused` where they work in other workspaces as well.
    """
    actor.must("manage people")

    def store() -> None:
        person: Person = found(Person, actor.workspace_id, "person", key=key)
        if Person.across.filter(user=person.user_id).exclude(pk=person.pk).exists():
            said = _("They work in other workspaces as well.")
            remedy = _("Ask whoever runs this desk to reset their second factor.")
            raise refused("person", said, remedy)
        for model in (Authenticator, Passkey, RecoveryCode):
            model.objects.filter(user=person.user_id).delete()
        seats.end_of_person(actor, key, now)
        noted = actor.note("removed second factor", f"person {key}", kind="all")
        audit.note(actor.workspace_id, [noted], now)

    database.in_transaction(store)


def with_one(workspace: int) -> set[str]:
    """The people of a workspace who have a second factor."""
    apps = Authenticator.objects.filter(confirmed_at__isnull=False).values("user")
    rows = Person.objects.of(workspace).filter(
        Q(user__in=apps) | Q(user__in=Passkey.objects.values("user"))
    )
    return set(rows.values_list("key", flat=True))


def _plain(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())[:40]


def _spelled(code: str) -> str:
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))
