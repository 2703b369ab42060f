"""Invitations: somebody is asked by e-mail to work here, with a role, and comes in by a link.

The link opens nothing but the page on which they accept; whoever has an account already signs in
to it first, so that a link alone never gets into an account.
"""

import re
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import audit, database, registers, sign_in
from leaddesk.book.access import Actor
from leaddesk.book.fields import Field, read_email, read_one_of, read_text, taken_fields
from leaddesk.book.models import Invitation, Person, Team, User
from leaddesk.book.moment import DAY
from leaddesk.book.refusal import Absent, Refused, refused
from leaddesk.book.registers import found
from leaddesk.book.rights import ROLES
from leaddesk.book.seal import derived, digest
from leadpact.problem import Problem, did_you_mean

LASTS = 7 * DAY
KEPT = 90 * DAY
"""So long it can be seen who was invited; then the address is forgotten."""
FIELDS = {
    "email": Field(read_email, is_needed=True),
    "role": Field(read_one_of(ROLES), is_needed=True),
    "team": Field(read_text(100)),
    "person": Field(read_text(100)),
}
_NOT_IN_KEY = re.compile(r"[^a-z0-9]+")


def invite(actor: Actor, given: Mapping[str, Any], is_mailed: bool, now: int) -> Invitation:
    """A new invitation; `secret_of` yields what its link holds. Raises `Refused`, `Forbidden`.

    `person` is the key of somebody who is in the register already, or the key they shall get.
    """
    actor.must("manage people")
    values = taken_fields(FIELDS, given, whole=True)
    workspace = actor.workspace_id

    def store() -> Invitation:
        database.lock_all(workspace)
        _check(workspace, values, now)
        key = f"inv_{token_hex(8)}"
        made: Invitation = Invitation.objects.of(workspace).create(
            workspace_id=workspace,
            key=key,
            digest=_digest(key, 1),
            is_mailed=is_mailed,
            invited_by=actor.person,
            created_at=now,
            expires_at=now + LASTS,
            **values,
        )
        _note(actor, "invited", made, now, role=made.role, team=made.team)
        return made

    return database.in_transaction(store)


def send_again(actor: Actor, key: str, is_mailed: bool, now: int) -> Invitation:
    """An invitation with a new link, which lasts anew; the one before is no good any longer.

    Raises `Absent`, `Forbidden`.
    """
    actor.must("manage people")

    def store() -> Invitation:
        row = _open(actor, key)
        row.turn += 1
        row.digest, row.is_mailed = _digest(row.key, row.turn), is_mailed
        row.expires_at = now + LASTS
        row.save(update_fields=["turn", "digest", "is_mailed", "expires_at"])
        _note(actor, "invited again", row, now)
        return row

    return database.in_transaction(store)


def revoke(actor: Actor, key: str, now: int) -> None:
    """Take an invitation back. Raises `Absent`, `Forbidden`."""
    actor.must("manage people")

    def store() -> None:
        row = _open(actor, key)
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        _note(actor, "revoked invitation", row, now)

    database.in_transaction(store)


def secret_of(invitation: Invitation) -> str:
    """What the link of an invitation holds."""
    return derived("invitation", f"{invitation.key} {invitation.turn}")


def invitations(actor: Actor) -> QuerySet[Invitation]:
    """The invitations of the workspace that nobody has accepted, newest first."""
    actor.must("manage people")
    rows = Invitation.objects.of(actor.workspace_id)
    return rows.filter(accepted_at=None, revoked_at=None).order_by("-created_at", "-pk")


def of_secret(secret: str, now: int) -> Invitation | None:
    """The invitation that a link opens; None where it is no good. Looking doesn't use it."""
    rows = Invitation.across.filter(digest=digest(secret), accepted_at=None, revoked_at=None)
    return rows.filter(expires_at__gt=now).select_related("workspace").first()


def account_of(invitation: Invitation) -> User | None:
    """The account that has the address of an invitation already."""
    return User.objects.filter(email__iexact=invitation.email).first()


def accept_as_new(
    secret: str, name: str, password: str | None, now: int, request: str = ""
) -> User:
    """The account of somebody who accepts and has had none. Raises `Refused`, `Absent`.

    Without a password they sign in by a passkey, or by links.
    """

    def store() -> User:
        row = _used(secret, now)
        if account_of(row) is not None:
            said = _("There is an account with this address already.")
            raise refused("", said, _("Sign in to it, then open the link again."))
        user = User.objects.create_user(row.email)
        if not row.is_mailed:
            User.objects.filter(pk=user.pk).update(is_claimed=True)
        _tie(row, user, name, now, request)
        wrong = [] if password is None else sign_in.set_password(user, password, now, request)
        if wrong:
            raise Refused(Problem("new", 0, said, "") for said in wrong)
        return user

    return database.in_transaction(store)


def accept_as(user: User, secret: str, now: int, request: str = "") -> Person:
    """Somebody with an account accepts. Raises `Refused` where the account is another's, `Absent`."""

    def store() -> Person:
        row = _used(secret, now)
        if user.email.casefold() != row.email.casefold():
            said = _("This invitation is for another address than that of your account.")
            raise refused("", said, _("Sign out, and sign in with the address it was sent to."))
        if user.is_claimed:
            raise claimed()
        return _tie(row, user, "", now, request)

    return database.in_transaction(store)


def free_key(workspace: int, email: str) -> str:
    """A short name that nobody in a workspace has, from an address."""
    plain = _NOT_IN_KEY.sub("-", email.partition("@")[0].lower()).strip("-")[:60] or "person"
    people = Person.objects.of(workspace).filter(key__startswith=plain)
    taken = set(people.values_list("key", flat=True))
    number = 2
    key = plain
    while key in taken:
        key, number = f"{plain}-{number}", number + 1
    return key


def of_address(workspace: int, email: str, now: int) -> Invitation | None:
    """The invitation to a workspace that waits for an address."""
    rows = Invitation.objects.of(workspace).filter(accepted_at=None, revoked_at=None)
    row: Invitation | None = rows.filter(email__iexact=email, expires_at__gt=now).first()
    return row


def taken_up(row: Invitation, name: str, now: int, request: str = "") -> Person:
    """Whom an invitation makes somebody for whom a provider vouched; in the caller's transaction."""
    Invitation.objects.of(row.workspace_id).filter(pk=row.pk).update(accepted_at=now)
    person = _invited(row.workspace_id, row) or _added(row, name[:200], now, request)
    noted = audit.Note(person.key, "accepted invitation", f"invitation {row.key}", {}, request)
    audit.note(row.workspace_id, [noted], now)
    return person


def claimed() -> Refused:
    """The refusal of an account whose owner never showed that the address is theirs."""
    said = _("This account was never shown to belong to its address.")
    return refused("", said, _("Sign in once by a link that was sent to this address."))


def forget(now: int) -> int:
    """Delete the invitations that nobody can accept any longer; how many there were."""
    gone, _rows = Invitation.across.filter(expires_at__lte=now - KEPT).delete()
    return int(gone)


def _used(secret: str, now: int) -> Invitation:
    row = of_secret(secret, now)
    own = Invitation.across.filter(pk=row.pk, accepted_at=None) if row else None
    if row is None or own is None or not own.update(accepted_at=now):
        raise Absent("invitation")
    return row


def _tie(row: Invitation, user: User, name: str, now: int, request: str) -> Person:
    """Make the account the person that was invited, who is added where they aren't known yet."""
    workspace = row.workspace_id
    if Person.objects.of(workspace).filter(user=user).exists():
        said = _("Your account works in this workspace already.")
        raise refused("", said, _("Go to the start page."))
    person = _invited(workspace, row) or _added(row, name, now, request)
    Person.objects.of(workspace).filter(pk=person.pk).update(user=user)
    noted = audit.Note(person.key, "accepted invitation", f"invitation {row.key}", {}, request)
    audit.note(workspace, [noted], now)
    return person


def _added(row: Invitation, name: str, now: int, request: str) -> Person:
    actor = Actor(row.workspace_id, row.invited_by, "admin", request=request)
    given = {
        "key": row.person or free_key(row.workspace_id, row.email),
        "name": name or row.email.partition("@")[0],
        "email": row.email,
        "role": row.role,
        "team": row.team,
    }
    return registers.create_person(actor, given, now)


def _invited(workspace: int, row: Invitation) -> Person | None:
    """Somebody who is in the register, works here and has no account yet."""
    people = Person.objects.of(workspace).filter(is_active=True, user=None)
    found_one: Person | None = people.filter(email__iexact=row.email).order_by("pk").first()
    return found_one


def _check(workspace: int, values: Mapping[str, Any], now: int) -> None:
    email = values["email"]
    people = Person.objects.of(workspace).filter(email__iexact=email, is_active=True)
    if people.filter(user__isnull=False).exists():
        said = _("Somebody with this address works here already.")
        raise refused("email", said, _("They sign in with it."))
    waiting = Invitation.objects.of(workspace).filter(
        email__iexact=email, accepted_at=None, revoked_at=None, expires_at__gt=now
    )
    if waiting.exists():
        said = _("This address is invited already.")
        raise refused("email", said, _("Send that invitation again, or take it back first."))
    key = values.get("person")
    known = Person.objects.of(workspace).filter(key=key).exclude(pk__in=people.values("pk"))
    if key and known.exists():
        said = _("Somebody else has this short name.")
        raise refused("person", said, _("Choose another one."))
    teams = Team.objects.of(workspace).values_list("key", flat=True)
    if values.get("team") and values["team"] not in teams:
        said = _("There is no such team.")
        raise refused("team", said, did_you_mean(values["team"], teams))


def _open(actor: Actor, key: str) -> Invitation:
    row: Invitation = found(
        Invitation, actor.workspace_id, "invitation", key=key, accepted_at=None, revoked_at=None
    )
    return row


def _digest(key: str, turn: int) -> str:
    return digest(derived("invitation", f"{key} {turn}"))


def _note(actor: Actor, act: str, row: Invitation, now: int, **detail: Any) -> None:
    told = {"is_mailed": row.is_mailed, **detail}
    noted = actor.note(act, f"invitation {row.key}", **told)
    audit.note(actor.workspace_id, [noted], now)
