"""Joining: somebody explores a sample of their own workspace, and takes it away again."""

from leaddesk.book import audit, database
from leaddesk.book.models import Person, Role, Workspace
from leaddesk.sample import workspace

FULL_SAMPLE = 900
"""The sample has told its history when it has about so many leads."""
_MOST_SLUG = 60
_KEY = "you"


def sample_for(person: Person) -> Workspace | None:
    """The sample that the workspace of somebody explores, if there is one."""
    return Workspace.objects.filter(slug=_slug(person.workspace), is_sample=True).first()


def join(person: Person, now: int) -> Person:
    """Who somebody is in the sample of their workspace, made where there is none yet.

    It is empty at first: the worker tells its history. Whoever joins sees and may do everything
    there.
    """

    def make() -> Person:
        sample = sample_for(person) or workspace.made_as(_slug(person.workspace), now)
        own: Person | None = Person.objects.of(sample).filter(user=person.user_id).first()
        return own or _joined(sample, person, now)

    return database.in_transaction(make)


def _joined(sample: Workspace, person: Person, now: int) -> Person:
    taken = Person.objects.of(sample).filter(key__startswith=_KEY).count()
    own: Person = Person.objects.of(sample).create(
        workspace=sample,
        key=f"{_KEY}{taken or ''}",
        user_id=person.user_id,
        name=person.name,
        role=Role.ADMIN,
        team="inbound",
        language=person.language,
        created_at=now,
    )
    note = audit.Note(own.key, "joined the sample", f"person {own.key}", {})
    audit.note(sample.pk, [note], now)
    return own


def leave(person: Person) -> bool:
    """Remove the sample that somebody explores, whole; whether there was one.

    `person` is who they are in the sample, or in the workspace that explores it.
    """
    sample = person.workspace if person.workspace.is_sample else sample_for(person)
    if sample is None:
        return False
    database.in_transaction(lambda: workspace.remove_one(sample))
    return True


def _slug(own: Workspace) -> str:
    return f"{workspace.SLUG}-{own.slug}"[:_MOST_SLUG]
