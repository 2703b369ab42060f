"""Beginning: the first workspace of a new desk, and who looks after it."""

from django.db import IntegrityError

from leaddesk.book import audit, database, registers, sign_in
from leaddesk.book.access import operator
from leaddesk.book.models import Person, Role, Workspace

NOBODYS_MAIL = "admin@desk.invalid"
"""An address that receives nothing, until the admin enters one."""


def first_admin(now: int, email: str = NOBODYS_MAIL) -> Person:
    """An admin of this desk; where there is none, the first one, in a first workspace."""
    try:
        return database.in_transaction(lambda: _known() or _new(now, email))
    except IntegrityError:  # somebody else has just begun
        if (person := _known()) is None:
            raise
        return person


def link_key(person: Person, now: int) -> str:
    """The secret of a new link that signs a person in once."""

    def make() -> str:
        note = audit.Note("operator", "made a sign-in link", f"person {person.key}", {})
        audit.note(person.workspace_id, [note], now)
        return sign_in.sign_in_link(sign_in.account_of(person), now)

    return database.in_transaction(make)


def _known() -> Person | None:
    admins = Person.across.filter(role=Role.ADMIN, is_active=True).exclude(email="")
    found: Person | None = admins.order_by("workspace__is_sample", "pk").first()
    return found


def _new(now: int, email: str) -> Person:
    workspace = Workspace.objects.order_by("pk").first()
    if workspace is None:
        workspace = Workspace.objects.create(slug="desk", name="Our desk", created_at=now)
        made = audit.Note("operator", "created workspace", f"workspace {workspace.slug}", {})
        audit.note(workspace.pk, [made], now)
    given = {"key": "admin", "name": "Admin", "email": email, "role": Role.ADMIN.value}
    return registers.create_person(operator(workspace.pk), given, now)
