"""Registering: who works at Northwind, what its tracks send, and the companies and persons of its leads."""

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any
from zlib import crc32

from leaddesk.book import suppressions
from leaddesk.book.models import Company, Contact, Leave, Offer, Person, Team, Workspace
from leaddesk.sample import northwind, people
from leaddesk.sample.chronicle import Told
from leadpact.clock import to_micros

_BARRED = 37
"""One person in so many had asked to be left alone, before they came."""


def register_staff(own: Workspace, now: int) -> None:
    """Write down the people of Northwind, their team, and when they are on leave."""
    for key, fields in people.STAFF.items():
        address = f"{key}@{people.DOMAIN}"
        Person.objects.of(own).create(
            workspace=own, key=key, email=address, created_at=now, **fields
        )
    Team.objects.of(own).create(
        workspace=own, key="inbound", name="Inbound", calendar="office", manager="nora"
    )
    day = northwind.day_of(now)
    present = northwind.leave_now(day)
    for away in (northwind.season(day).leave - present, present):
        Leave.objects.of(own).create(workspace=own, person="ben", first=min(away), last=max(away))


def write_offers(own: Workspace, now: int) -> None:
    """Write down what the tracks send."""
    text = files("leaddesk.sample").joinpath("offers.toml").read_text("utf-8")
    for key, texts in tomllib.loads(text).items():
        Offer.objects.of(own).create(
            workspace=own, key=key, texts=texts, changed_at=now, changed_by="mia"
        )


def register(own: Workspace, share: Sequence[Told]) -> None:
    """Write down the companies and contacts of the leads that are new."""
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
    contacts = [_contact(own, one, stored) for one in arisen]
    Contact.objects.of(own).bulk_create(contacts, ignore_conflicts=True)
    _bar(own, [one for one in contacts if one.tracking_consent])


def _contact(own: Workspace, told: Told, companies: dict[str, int]) -> Contact:
    key, company = told.fact["lead"], told.fact["account"]
    at = to_micros(told.recorded)
    return Contact(
        workspace=own,
        lead=key,
        company_id=companies[company],
        created_at=at,
        **people.contact(key, company, told.fact["country"]),
        **_consent(key, at),
    )


def _consent(lead: str, at: int) -> dict[str, Any]:
    """What a person consented to: most to mail, and to being counted; some to nothing."""
    drawn = crc32(f"consent of {lead}".encode()) % 20
    if drawn == 0:
        return {"mail_consent": "no", "consent_at": at, "consent_source": "form"}
    if drawn < 13:
        told = {"mail_consent": "yes", "consent_at": at, "consent_source": "form"}
        return told | {"tracking_consent": drawn < 10}
    return {}


def _bar(own: Workspace, contacts: Sequence[Contact]) -> None:
    """Some of these were never to be mailed again, as marketing knows."""
    for one in contacts:
        if crc32(one.lead.encode()) % _BARRED == 0:
            reason, source = suppressions.BY_HAND, "told us at the fair"
            suppressions.suppress(
                own.pk, one.email, reason, source=source, by="mia", now=one.created_at
            )
