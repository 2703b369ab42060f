"""Sign-in: by password, or by a link that works once; and how often somebody may try."""

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database, tries
from leaddesk.book.access import memberships
from leaddesk.book.models import Person, Seat, SignInLink, User
from leaddesk.book.moment import MINUTE
from leaddesk.book.seal import derived, digest

LINK_LASTS = 15 * MINUTE
MOST_TRIES = {"account": 10, "address": 60}
"""How often one account, and one network address, may try a password within the window."""
MOST_PASSWORD = 1_000
"""Longer passwords only keep the machine busy."""


def account(number: Any) -> User | None:
    """The account with this number; None where it is gone or switched off."""
    return User.objects.filter(pk=number, is_active=True).first() if number else None


def account_of(person: Person) -> User:
    """The account by which a person with an address signs in, made where there is none yet."""

    def tie() -> User:
        user: User | None = person.user or User.objects.filter(email__iexact=person.email).first()
        if user is None:
            user = User.objects.create_user(person.email)
        if person.user_id != user.pk:
            person.user = user
            person.save(update_fields=["user"])
        return user

    return database.in_transaction(tie)


def sign_in_link(user: User, now: int) -> str:
    """The secret of a new link that signs an account in once, within a quarter of an hour.

    It opens every workspace of the account: show it to nobody but its owner.
    """
    secret = token_urlsafe(32)
    SignInLink.objects.create(user=user, digest=digest(secret), expires_at=now + LINK_LASTS)
    return secret


def link_to_mail(user: User, confined_to: int | None, now: int) -> SignInLink:
    """A new link whose secret (`secret_of`) is worked out when it is mailed, and stored nowhere."""
    key = token_urlsafe(16)
    return SignInLink.objects.create(
        user=user,
        workspace_id=confined_to,
        key=key,
        digest=digest(derived("sign-in link", key)),
        expires_at=now + LINK_LASTS,
    )


def secret_of(link: SignInLink) -> str:
    """The secret of a link that is mailed."""
    return derived("sign-in link", link.key)


def is_good(secret: str, now: int) -> bool:
    """Whether a link would still work; looking doesn't use it."""
    return _unused(secret, now).exists()


def use_link(secret: str, now: int) -> SignInLink | None:
    """A link that is good, which uses it up; None where it is none."""

    def use() -> SignInLink | None:
        link = _unused(secret, now).select_related("user").first()
        if link is None:
            return None
        # By the row alone: PostgreSQL looks at no subquery again after it waited for another.
        own = SignInLink.objects.filter(pk=link.pk, used_at__isnull=True)
        return link if own.update(used_at=now) else None

    return database.in_transaction(use)


def _unused(secret: str, now: int) -> QuerySet[SignInLink]:
    rows = SignInLink.objects.filter(digest=digest(secret), used_at__isnull=True)
    return rows.filter(expires_at__gt=now, user__is_active=True)


def user_of_password(email: str, password: str, address: str, now: int) -> User | None:
    """The account that this address of e-mail and password belong to. Raises `TooOften`.

    Every try counts before it is looked at, so that many at once are no way around the limit.
    """
    own, net = f"account {email.strip().lower()}", f"address {address}"
    user = User.objects.filter(email__iexact=email.strip()).first()
    try:
        tries.count(own, MOST_TRIES["account"], now)
    except tries.TooOften as refusal:
        note_held_off(user, "password", refusal, now)
        raise
    tries.count(net, MOST_TRIES["address"], now)
    if user is None or not user.is_active or not user.has_usable_password():
        make_password(password)  # takes as long as a wrong password would
        return None
    if not check_password(password, user.password):
        return None
    tries.start_again(own)
    tries.take_back(net)
    return user


def note_held_off(user: User | None, by: str, refusal: tries.TooOften, now: int) -> None:
    """Say in the audit log, once, that somebody tries to guess their way into an account."""
    if user is not None and refusal.is_first:
        database.in_transaction(lambda: note(user, "held off", {"by": by}, now))


def note_entry(user: User, way: str, now: int, request: str = "") -> None:
    """Say in the audit log of each of their workspaces that somebody signed in, by which way."""
    database.in_transaction(lambda: note(user, "signed in", {"by": way}, now, request))


def proven(user: User, *, keeps_password: bool = False) -> User:
    """The account after its owner has shown that they read the mail of its address.

    Where that was never shown before, a password and sessions may be somebody else's, and end.
    """
    if not user.is_claimed:
        return user

    def prove() -> None:
        user.is_claimed = False
        if not keeps_password:
            user.set_unusable_password()
            Seat.objects.filter(user=user).delete()
        user.save(update_fields=["is_claimed", "password"])

    database.in_transaction(prove)
    return user


def set_password(user: User, password: str, now: int, request: str = "") -> list[str]:
    """Give an account a new password, which ends its sessions; or say why it can't be this one."""
    if len(password) > MOST_PASSWORD:
        return [_("No password may be that long.")]
    try:
        validate_password(password, user)
    except ValidationError as error:
        return list(error.messages)
    user.set_password(password)

    def store() -> None:
        user.save(update_fields=["password"])
        note(user, "changed password", {}, now, request)

    database.in_transaction(store)
    return []


def note(user: User, act: str, detail: Mapping[str, Any], now: int, request: str = "") -> None:
    """Say in the audit log of each workspace of an account what it did; in the caller's transaction."""
    for person in memberships(user):
        entry = audit.Note(person.key, act, f"person {person.key}", {**detail}, request)
        audit.note(person.workspace_id, [entry], now)


def forget_tries(now: int) -> int:
    """Delete the tries and links that are over; how many there were."""
    links, _each = SignInLink.objects.filter(expires_at__lte=now - 24 * 60 * MINUTE).delete()
    return tries.forget(now) + int(links)
