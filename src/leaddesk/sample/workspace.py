"""Workspace: the sample in the book, made, kept alive, and removed again.

Its facts go in through `record` like anybody's. What has been told already is seen from the book
itself, so that it may be told again at any time, by anybody.
"""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date
from graphlib import TopologicalSorter
from importlib.resources import files
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef

from leaddesk.book import audit, codec, database, rules
from leaddesk.book.models import (
    AgreementVersion,
    Company,
    Contact,
    Fact,
    Lead,
    Leave,
    Offer,
    OfWorkspace,
    Person,
    Signature,
    Team,
    User,
    Workspace,
)
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.record import Submission, record
from leaddesk.sample import northwind, people
from leaddesk.sample.chronicle import Told
from leaddesk.sample.desks import WARSAW
from leadpact.agreement.amend import hash_of
from leadpact.agreement.load import load
from leadpact.clock import to_datetime, to_micros

SYSTEM = "northwind"
SLUG, NAME = "northwind", "Northwind (sample)"
_STEP = 6 * 60 * MINUTE
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
    own = Workspace.objects.create(
        slug=slug,
        name=NAME,
        zone=str(WARSAW),
        is_sample=True,
        hands_over_since=now,
        hands_over_but=[SYSTEM],  # what is told of the sample's own leads says who got them
        nurtures_since=now,
        mail_from=f"Northwind <hello@{people.DOMAIN}>",
        postal_address="Northwind, ul. Przykładowa 1, 00-001 Warszawa",
        created_at=now,
    )
    _register_staff(own, now)
    _write_offers(own, now)
    _agree(own, now)
    audit.note(own.pk, [audit.Note(_ACTOR, "made the sample", "workspace", {})], now)
    return own


def _register_staff(own: Workspace, now: int) -> None:
    for key, fields in people.STAFF.items():
        address = f"{key}@{people.DOMAIN}"
        Person.objects.of(own).create(
            workspace=own, key=key, email=address, created_at=now, **fields
        )
    Team.objects.of(own).create(
        workspace=own, key="inbound", name="Inbound", calendar="office", manager="nora"
    )
    away = northwind.season(_day(own)).leave
    Leave.objects.of(own).create(workspace=own, person="ben", first=min(away), last=max(away))


def _write_offers(own: Workspace, now: int) -> None:
    text = files("leaddesk.sample").joinpath("offers.toml").read_text("utf-8")
    for key, texts in tomllib.loads(text).items():
        Offer.objects.of(own).create(
            workspace=own, key=key, texts=texts, changed_at=now, changed_by="mia"
        )


def _agree(own: Workspace, now: int) -> None:
    """Put the agreement in force, signed by each side."""
    text = northwind.agreement(_day(own))
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


def _day(own: Workspace) -> date:
    return to_datetime(own.created_at).astimezone(WARSAW).date()


def tell(now: int, progress: Callable[[int, int], None] | None = None) -> int:
    """Record what became known in every sample workspace up to now; how many facts that were.

    `progress` hears how much of the history is told, and how much there is.
    """
    samples = Workspace.objects.filter(is_sample=True)
    return sum(_tell(own, now, progress) for own in samples)


def is_untold() -> bool:
    """Whether a sample workspace waits for its history."""
    told = Fact.across.filter(workspace=OuterRef("pk"))
    return Workspace.objects.filter(is_sample=True).exclude(Exists(told)).exists()


def _tell(own: Workspace, now: int, progress: Callable[[int, int], None] | None) -> int:
    heard = _last_heard(own)
    fresh = _fresh(own, heard, now)
    since = heard or own.created_at - round(northwind.HISTORY.total_seconds() * 1_000_000)
    if not fresh and now - since <= DAY:
        return 0
    told = 0
    for until, announce in _steps(since, now):
        share = [one for one in fresh[told:] if to_micros(one.recorded) <= until]
        _record(own, share, until, announce=announce, wake=now - since > DAY)
        told += len(share)
        if progress is not None:
            progress(told, len(fresh))
    return told


def _last_heard(own: Workspace) -> int | None:
    stored = Fact.objects.of(own).filter(system=SYSTEM).order_by("-id")
    found: int | None = stored.values_list("recorded_at", flat=True).first()
    return found


def _fresh(own: Workspace, heard: int | None, now: int) -> list[Told]:
    """What isn't in the book yet; a day is looked over again, in case somebody stopped midway."""
    known = northwind.told(_day(own), to_datetime(now).astimezone(UTC))
    since = 0 if heard is None else heard - DAY
    recent = [one for one in known if to_micros(one.recorded) >= since]
    stored = Fact.objects.of(own).filter(
        system=SYSTEM, source_id__in=[one.fact["source_id"] for one in recent]
    )
    ids = set() if heard is None else set(stored.values_list("source_id", flat=True))
    return [one for one in recent if one.fact["source_id"] not in ids]


def _steps(since: int, now: int) -> Iterator[tuple[int, bool]]:
    """The instants up to which the facts are recorded one after the other, and whether anybody
    shall hear of them: what is told later than a day is history, up to the present."""
    is_history = now - since > DAY
    if is_history:
        for until in range(since + _STEP, now, _STEP):
            yield until, False
    yield now, not is_history


def _record(
    own: Workspace, share: Sequence[Told], until: int, *, announce: bool, wake: bool
) -> None:
    _register(own, share)
    items = [
        one.fact | {"system": SYSTEM, "recorded_at": one.recorded.isoformat()} for one in share
    ]
    found = codec.incoming(items, zone=own.zone, now=until, system=SYSTEM, history=True)
    if found.problems:
        raise ValueError(found.problems)
    due = Lead.objects.of(own).filter(wake_at__lte=until) if wake else Lead.objects.of(own).none()
    again = dict.fromkeys(due.values_list("key", flat=True))
    record(
        [Submission(own.pk, found.rows, again=again, actor=_ACTOR, announce=announce)], now=until
    )


def _register(own: Workspace, share: Sequence[Told]) -> None:
    """Companies and contacts of the leads that are new."""
    arisen = [one for one in share if one.fact["kind"] == "created" and "country" in one.fact]
    if not arisen:
        return
    countries = {one.fact["account"]: one.fact["country"] for one in arisen}
    Company.objects.of(own).bulk_create(
        [
            Company(
                workspace=own,
                key=key,
                name=key,
                domain=people.domain(key, country),
                country=country,
                created_at=own.created_at,
            )
            for key, country in countries.items()
        ],
        ignore_conflicts=True,
    )
    stored = dict(Company.objects.of(own).filter(key__in=countries).values_list("key", "pk"))
    Contact.objects.of(own).bulk_create(
        [_contact(own, one, stored) for one in arisen], ignore_conflicts=True
    )


def _contact(own: Workspace, told: Told, companies: dict[str, int]) -> Contact:
    key, company = told.fact["lead"], told.fact["account"]
    return Contact(
        workspace=own,
        lead=key,
        company_id=companies[company],
        created_at=to_micros(told.recorded),
        **people.contact(key, company, told.fact["country"]),
    )


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
