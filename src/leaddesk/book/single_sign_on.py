"""Single sign-on: which provider vouches for the people of a workspace, and whom it vouched for."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.book import audit, database, invitations, registers
from leaddesk.book.access import Actor
from leaddesk.book.fields import (
    Field,
    Unfit,
    read_domain,
    read_flag,
    read_one_of,
    read_text,
    taken_fields,
)
from leaddesk.book.models import Identity, Person, SingleSignOn, User, Workspace
from leaddesk.book.refusal import Refused, refused
from leaddesk.book.rights import ROLES
from leaddesk.book.seal import opened, sealed
from leadpact.problem import Problem

_PURPOSE = "single sign-on"
_MOST_DOMAINS = 20


def read_domains(value: Any) -> list[str]:
    """The domains in a text, apart by commas, blanks or lines."""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, list) or len(value) > _MOST_DOMAINS:
        raise Unfit(_("These are too many domains."), _("Write at most twenty."))
    return sorted({domain for one in value if (domain := read_domain(one))})


FIELDS = {
    "issuer": Field(read_text(500), is_needed=True),
    "client": Field(read_text(300), is_needed=True),
    "secret": Field(read_text(1000)),
    "domains": Field(read_domains),
    "button": Field(read_text(100)),
    "adds_people": Field(read_flag),
    "role": Field(read_one_of([role for role in ROLES if role != "admin"])),
    "is_active": Field(read_flag),
}


def of(workspace: int) -> SingleSignOn | None:
    """What a workspace has set up."""
    row: SingleSignOn | None = SingleSignOn.objects.of(workspace).first()
    return row


def of_slug(slug: str) -> SingleSignOn | None:
    """What the workspace with this short name has set up and switched on."""
    rows = SingleSignOn.across.filter(workspace__slug=slug, is_active=True)
    return rows.select_related("workspace").first()


def of_domain(domain: str) -> list[SingleSignOn]:
    """Every one that is switched on for a domain."""
    rows = SingleSignOn.across.filter(is_active=True).select_related("workspace")
    return [one for one in rows.order_by("pk") if domain in one.domains]


def the_only_one() -> SingleSignOn | None:
    """The one that is switched on, where there is no second."""
    rows = SingleSignOn.across.filter(is_active=True).select_related("workspace")[:2]
    return rows[0] if len(rows) == 1 else None


def is_used() -> bool:
    """Whether any workspace has switched one on."""
    return SingleSignOn.across.filter(is_active=True).exists()


def secret_of(row: SingleSignOn, now: int) -> str | None:
    """The secret that the provider gave; None where the key of the desk was changed since."""
    return opened(row.secret, _PURPOSE, now)


def keep(actor: Actor, given: Mapping[str, Any], now: int) -> SingleSignOn:
    """Set up single sign-on; an empty secret leaves the one before. Raises `Refused`, `Forbidden`."""
    actor.must("manage people")
    values = taken_fields(FIELDS, given, whole=True)
    secret = values.pop("secret", "")
    workspace = actor.workspace_id

    def store() -> SingleSignOn:
        before = of(workspace)
        if problems := [*_missing(values, secret, before)]:
            raise Refused(problems)
        if secret:
            values["secret"] = sealed(secret, _PURPOSE, now)
        values["changed_at"] = now
        row: SingleSignOn
        row, _is_new = SingleSignOn.objects.of(workspace).update_or_create(
            defaults=values, create_defaults=values | {"workspace_id": workspace}
        )
        _note(actor, "kept single sign-on", now, issuer=row.issuer, is_active=row.is_active)
        return row

    return database.in_transaction(store)


def remove(actor: Actor, now: int) -> None:
    """Have no single sign-on any longer. Raises `Forbidden`."""
    actor.must("manage people")

    def store() -> None:
        gone, _rows = SingleSignOn.objects.of(actor.workspace_id).delete()
        Identity.objects.of(actor.workspace_id).delete()
        if gone:
            _note(actor, "removed single sign-on", now)

    database.in_transaction(store)


def require_second_factor(actor: Actor, is_required: bool, now: int) -> None:
    """Let everybody of the workspace need a second factor, or nobody. Raises `Forbidden`."""
    actor.must("manage people")

    def store() -> None:
        rows = Workspace.objects.filter(pk=actor.workspace_id)
        if rows.exclude(second_factor_required=is_required).update(
            second_factor_required=is_required
        ):
            _note(actor, "required second factor", now, is_required=is_required)

    database.in_transaction(store)


def vouched_for(
    row: SingleSignOn, claims: Mapping[str, Any], now: int, request: str = ""
) -> tuple[Person, User]:
    """The person and account that claims, which were checked, are about. Raises `Refused`.

    The first time the address says who it is, from then on the provider's own name for them.
    """
    subject, email = str(claims["sub"]), _address(row, claims)

    def store() -> tuple[Person, User]:
        database.lock_all(row.workspace_id)
        known = Identity.objects.of(row.workspace_id).filter(issuer=row.issuer, subject=subject)
        identity = known.first()
        person = _person(row, identity.person if identity else "", email, claims, now, request)
        user = _account(person, email)
        if identity is None:
            _remember(row, subject, person)
        return person, user

    return database.in_transaction(store)


def _address(row: SingleSignOn, claims: Mapping[str, Any]) -> str:
    """The address that the provider has verified, of one of the domains."""
    email = claims.get("email")
    if not isinstance(email, str) or len(email) > 254 or claims.get("email_verified") is not True:
        said = _("The provider hasn't verified your e-mail address.")
        raise refused("", said, _("Ask whoever runs it to have your address verified."))
    if email.rpartition("@")[2].lower() not in row.domains:
        said = _("Your e-mail address is of none of the domains that may sign in here.")
        raise refused("", said, _("Ask a RevOps admin of the workspace to add your domain."))
    return email


def _person(
    row: SingleSignOn,
    key: str,
    email: str,
    claims: Mapping[str, Any],
    now: int,
    request: str,
) -> Person:
    people = Person.objects.of(row.workspace_id)
    person = people.filter(**({"key": key} if key else {"email__iexact": email})).first()
    if person is None and (invited := invitations.of_address(row.workspace_id, email, now)):
        return invitations.taken_up(invited, str(claims.get("name") or ""), now, request)
    if person is None and row.adds_people:
        actor = Actor(row.workspace_id, "single sign-on", "admin", request=request)
        name = claims.get("name")
        given = {
            "key": invitations.free_key(row.workspace_id, email),
            "name": name if isinstance(name, str) and name.strip() else email.partition("@")[0],
            "email": email,
            "role": row.role,
        }
        return registers.create_person(actor, given, now)
    if person is None or not person.is_active:
        said = _("Nobody with your address works in this workspace.")
        raise refused("", said, _("Ask a RevOps admin of the workspace to invite you."))
    found: Person = person
    return found


def _account(person: Person, email: str) -> User:
    if person.user is not None:
        if not person.user.is_active:
            said = _("Your account is switched off.")
            raise refused("", said, _("Ask whoever runs this desk."))
        tied: User = person.user
        return tied
    user = User.objects.filter(email__iexact=email).first()
    if user is not None and (user.is_claimed or not user.is_active):
        raise invitations.claimed()
    if user is None:
        user = User.objects.create_user(email)
    Person.objects.of(person.workspace_id).filter(pk=person.pk).update(user=user)
    return user


def _remember(row: SingleSignOn, subject: str, person: Person) -> None:
    identities = Identity.objects.of(row.workspace_id).filter(issuer=row.issuer)
    if identities.filter(person=person.key).exists():
        said = _("The provider knows somebody else by your address.")
        raise refused("", said, _("Ask a RevOps admin of the workspace."))
    identities.create(
        workspace_id=row.workspace_id, issuer=row.issuer, subject=subject, person=person.key
    )


def _missing(values: Mapping[str, Any], secret: str, before: SingleSignOn | None) -> list[Problem]:
    found = []
    if not secret and (before is None or before.issuer != values["issuer"]):
        said = _("The secret of the provider is missing.")
        found.append(Problem("secret", 0, said, _("Copy it from where you registered the desk.")))
    if not values.get("domains"):
        said = _("There is no domain whose people may sign in.")
        found.append(
            Problem("domains", 0, said, _("Write the part of your addresses after the @."))
        )
    if values.get("adds_people") and not values.get("role"):
        said = _("New people have no role.")
        found.append(Problem("role", 0, said, _("Choose what they may do.")))
    return found


def _note(actor: Actor, act: str, now: int, **detail: Any) -> None:
    workspace = actor.workspace_id
    audit.note(workspace, [actor.note(act, f"workspace {workspace}", **detail)], now)
