"""Workspace: the sample in the book, made, kept alive, and removed again.

Its facts go in through `record` like anybody's; what the desk does by itself arises there. What has
been told already is seen from the book itself, so that it may be told again at any time, by anybody.
"""

from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef

from leaddesk.book import audit, database, rules
from leaddesk.book.models import (
    AgreementVersion,
    Fact,
    OfWorkspace,
    Person,
    Signature,
    User,
    Workspace,
)
from leaddesk.sample import northwind, people
from leaddesk.sample.desks import WARSAW
from leaddesk.sample.history import SYSTEM, History
from leaddesk.sample.registering import register_staff, write_offers
from leadpact.agreement.amend import hash_of
from leadpact.agreement.load import load
from leadpact.clock import to_micros

SLUG, NAME = "northwind", "Northwind (sample)"
_ACTOR = "sample"


def made(now: int) -> Workspace:
    """The sample workspace, made where there is none yet; without any lead at first."""
    own: Workspace | None = Workspace.objects.filter(is_sample=True).order_by("id").first()
    return own or database.in_transaction(lambda: _made(now))


def _made(now: int) -> Workspace:
    is_taken = Workspace.objects.filter(slug=SLUG).exists()
    return made_as(f"{SLUG}-sample" if is_taken else SLUG, now)


def made_as(slug: str, now: int) -> Workspace:
    """A new sample workspace of that name; in the transaction of the caller."""
    since = to_micros(northwind.by_desk(northwind.day_of(now)))
    own = Workspace.objects.create(
        slug=slug,
        name=NAME,
        zone=str(WARSAW),
        is_sample=True,
        hands_over_since=since,
        hands_over_but=[SYSTEM],  # what is told of the leads of the CRM says who got them
        nurtures_since=since,
        mail_from=f"Northwind <hello@{people.DOMAIN}>",
        postal_address="Northwind, ul. Przykładowa 1, 00-001 Warszawa",
        created_at=now,
    )
    register_staff(own, now)
    write_offers(own, now)
    _agree(own, now)
    audit.note(own.pk, [audit.Note(_ACTOR, "made the sample", "workspace", {})], now)
    return own


def _agree(own: Workspace, now: int) -> None:
    """Put the agreement in force, signed by each side."""
    text = northwind.agreement(northwind.day_of(own.created_at))
    agreement, problems = load(text)
    if agreement is None:
        raise ValueError(problems)
    version = AgreementVersion.objects.of(own).create(
        workspace=own,
        name=agreement.agreement,
        number=agreement.version,
        valid_from=agreement.valid_from,
        text=text,
        hash=hash_of(agreement),
        state=AgreementVersion.State.IN_FORCE,
        proposed_by="mia",
        proposed_at=now,
        in_force_by=people.ADMIN,
        in_force_at=now,
    )
    for side, person in (("marketing", "mia"), ("sales", "ana"), ("service", "sam")):
        Signature.objects.of(own).create(
            workspace=own,
            version=version,
            side=side,
            person=person,
            hash=version.hash,
            signed_at=now,
        )
    rules.changed(own.pk, every_lead=True)


def tell(now: int, progress: Callable[[int, int], None] | None = None) -> int:
    """Record what became known in every sample workspace up to now; how many facts that were.

    `progress` hears how much of the history is told, and how much there is.
    """
    samples = Workspace.objects.filter(is_sample=True)
    return sum(History(own, now).tell(progress) for own in samples)


def is_untold() -> bool:
    """Whether a sample workspace waits for its history."""
    told = Fact.across.filter(workspace=OuterRef("pk"))
    return Workspace.objects.filter(is_sample=True).exclude(Exists(told)).exists()


def remove() -> int:
    """Remove every sample workspace and the accounts that worked nowhere else; how many there were."""
    return sum(
        database.in_transaction(lambda own=own: remove_one(own))  # type: ignore[misc]
        for own in Workspace.objects.filter(is_sample=True)
    )


def remove_one(own: Workspace) -> int:
    """Remove one sample workspace and the accounts that worked nowhere else; 1."""
    accounts = {*Person.objects.of(own).exclude(user=None).values_list("user_id", flat=True)}
    for model in _dependents_first():
        model.objects.of(own).delete()
    own.delete()
    elsewhere = Person.across.filter(user_id__in=accounts).values_list("user_id", flat=True)
    User.objects.filter(pk__in=accounts - {*elsewhere}).delete()
    return 1


def _dependents_first() -> Iterator[Any]:
    models = [one for one in apps.get_models() if issubclass(one, OfWorkspace)]
    order = TopologicalSorter(dict.fromkeys(models, ()))
    for model in models:
        for field in model._meta.concrete_fields:  # noqa: SLF001
            if field.related_model in models:
                order.add(field.related_model, model)
    return order.static_order()
