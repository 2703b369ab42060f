"""Sign-in: by password, or by a link that works once; and how often somebody may try."""

from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.access import memberships
from leaddesk.book.models import Person, SignInLink, SignInTry, User
from leaddesk.book.moment import MINUTE

LINK_LASTS = 15 * MINUTE
WINDOW = 15 * MINUTE
MOST_TRIES = {"account": 10, "address": 60}
"""How often one account, and one network address, may try a password within the window."""


MOST_PASSWORD = 1_000
"""Longer passwords only keep the machine busy."""


class TooOften(Exception):
    """Somebody tried too often; they may again `after` so many seconds."""

    def __init__(self, after: int) -> None:
        self.after = after
        super().__init__(after)


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
    SignInLink.objects.create(user=user, digest=_digest(secret), expires_at=now + LINK_LASTS)
    return secret


def is_good(secret: str, now: int) -> bool:
    """Whether a link would still work; looking doesn't use it."""
    return _unused(secret, now).exists()


def user_of_link(secret: str, now: int) -> User | None:
    """The account that a link signs in, which uses the link up; None where it is no good."""

    def use() -> User | None:
        link = _unused(secret, now).select_related("user").first()
        if link is None:
            return None
        # By the row alone: PostgreSQL looks at no subquery again after it waited for another.
        own = SignInLink.objects.filter(pk=link.pk, used_at__isnull=True)
        return link.user if own.update(used_at=now) else None

    return database.in_transaction(use)


def _unused(secret: str, now: int) -> QuerySet[SignInLink]:
    rows = SignInLink.objects.filter(digest=_digest(secret), used_at__isnull=True)
    return rows.filter(expires_at__gt=now, user__is_active=True)


def user_of_password(email: str, password: str, address: str, now: int) -> User | None:
    """The account that this address of e-mail and password belong to. Raises `TooOften`.

    Every try counts before it is looked at, so that many at once are no way around the limit.
    """
    own, net = f"account {email.strip().lower()}", f"address {address}"
    for subject, most in ((own, MOST_TRIES["account"]), (net, MOST_TRIES["address"])):
        _count(_digest(subject), most, now)
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None or not user.is_active or not user.has_usable_password():
        make_password(password)  # takes as long as a wrong password would
        return None
    if not check_password(password, user.password):
        return None
    SignInTry.objects.filter(subject=_digest(own)).delete()
    SignInTry.objects.filter(subject=_digest(net), count__gt=0).update(count=F("count") - 1)
    return user


def _count(subject: str, most: int, now: int) -> None:
    """Count one more try of a subject. Raises `TooOften`."""
    rows = SignInTry.objects.filter(subject=subject)
    fresh = SignInTry(subject=subject, began_at=now, count=0)
    SignInTry.objects.bulk_create([fresh], ignore_conflicts=True)
    rows.filter(began_at__lte=now - WINDOW).update(count=0, began_at=now)
    rows.update(count=F("count") + 1)
    told = rows.values_list("count", "began_at").first()
    if told and told[0] > most:
        raise TooOften(max(1, -(-(told[1] + WINDOW - now) // 1_000_000)))


def note_entry(user: User, way: str, now: int, request: str = "") -> None:
    """Say in the audit log of each of their workspaces that somebody signed in, by which way."""
    database.in_transaction(lambda: _note(user, "signed in", {"by": way}, now, request))


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
        _note(user, "changed password", {}, now, request)

    database.in_transaction(store)
    return []


def _note(user: User, act: str, detail: dict[str, str], now: int, request: str) -> None:
    for person in memberships(user):
        entry = audit.Note(person.key, act, f"person {person.key}", detail, request)
        audit.note(person.workspace_id, [entry], now)


def forget_tries(now: int) -> int:
    """Delete the tries and links that are over; how many there were."""
    tries, _each = SignInTry.objects.filter(began_at__lte=now - WINDOW).delete()
    links, _each = SignInLink.objects.filter(expires_at__lte=now - 24 * 60 * MINUTE).delete()
    return tries + links


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
