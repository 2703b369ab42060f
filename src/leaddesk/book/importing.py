"""Importing: what was compared is written: companies, facts, and the people behind leads."""

from collections.abc import Iterator, Sequence
from typing import Any

from leaddesk.book import audit, database
from leaddesk.book.imported import CHANGED, NEW, PROBLEM, SYSTEM, Arrival, company_key
from leaddesk.book.intake import Handed, take
from leaddesk.book.models import Company, Contact, Import
from leadpact.clock import to_datetime


def written(whole: Import, arrivals: Sequence[Arrival], now: int) -> dict[str, int]:
    """Write what is new and changed, in the present transaction; how much followed from it.

    Facts are refused alone; their rows become problems.
    """
    chosen = [one for one in arrivals if one.outcome in {NEW, CHANGED}]
    companies = _make_companies(whole, chosen, now)
    told = [(item, one) for one in chosen for item in _facts(whole, one, now)]
    followed = _record(whole, [item for item, _one in told], [one for _item, one in told], now)
    kept = [one for one in chosen if one.outcome != PROBLEM]
    detail = _write_contacts(whole, kept, now) | {"companies": companies}
    if any(detail.values()):
        note = audit.Note(whole.person, "imported contacts", f"import {whole.key}", detail)
        audit.note(whole.workspace_id, [note], now)
    return followed


def _make_companies(whole: Import, chosen: Sequence[Arrival], now: int) -> int:
    """Make the companies that these rows bring; each belongs to the first row that names it."""
    fresh: dict[str, Company] = {}
    for one in chosen:
        key = company_key(one.told)
        if one.company is not None or not key or "company" not in one.changes:
            continue
        if key.casefold() not in fresh:
            told, one.new_company = one.told.company, key
            fresh[key.casefold()] = Company(
                workspace_id=whole.workspace_id,
                key=key,
                name=told.get("name") or key,
                domain=told.get("domain", ""),
                country=told.get("country", ""),
                created_at=now,
            )
        one.company = fresh[key.casefold()]
    _insert(Company, [*fresh.values()])
    if fresh:
        rows = Company.objects.of(whole.workspace_id).filter(
            key__in=[c.key for c in fresh.values()]
        )
        stored = dict(rows.values_list("key", "pk"))
        for company in fresh.values():
            company.pk = stored[company.key]
    return len(fresh)


def _insert(model: type[Any], rows: Sequence[Any]) -> None:
    """Store rows that are new, in one statement."""
    fields = [one for one in model._meta.concrete_fields if not one.primary_key]  # noqa: SLF001
    columns = [[one.pre_save(row, add=True) for row in rows] for one in fields]
    database.insert(model, [one.name for one in fields], columns)


def _facts(whole: Import, one: Arrival, now: int) -> Iterator[dict[str, Any]]:
    """The facts that a row tells, each under an identity that is the same however often it is told."""
    told, at = one.told, to_datetime(now).isoformat()

    def fact(kind: str, when: str, **fields: str) -> dict[str, Any]:
        identity = f"{whole.key}/{one.number}/{kind}"
        envelope = {"lead": one.lead, "kind": kind, "occurred_at": when, "source_id": identity}
        return envelope | {"system": SYSTEM} | fields

    fresh = {name: new for name, (_old, new) in one.changes.items() if name in told.attributes}
    if not one.is_known:
        account = {"account": one.company.key} if one.company else {}
        yield fact("created", told.created_at or at, **told.attributes, **account)
    elif fresh:
        yield fact("described", at, **fresh)
    if "owner" in one.changes:
        since = told.created_at if not one.is_known and told.created_at else at
        yield fact("assigned", since, owner=one.owner)
    if "opted_out" in one.changes:
        yield fact("suppressed", at, reason="opted out")


def _record(
    whole: Import, items: Sequence[dict[str, Any]], owners: Sequence[Arrival], now: int
) -> dict[str, int]:
    if not items:
        return {"facts": 0, "notices": 0}
    handed = Handed(
        whole.workspace_id,
        items,
        SYSTEM,
        whole.person,
        request=whole.key,
        history=not whole.is_told,
    )
    taken = take([handed], now=now)[0]
    for place, problems in taken.problems.items():
        owners[place].outcome = PROBLEM
        for one in problems[:3]:
            owners[place].told.wrong(-1, one.problem, one.remedy)
    announced = taken.notices if whole.is_told else 0
    return {"facts": taken.outcomes.count("new"), "notices": announced}


def _write_contacts(whole: Import, chosen: Sequence[Arrival], now: int) -> dict[str, int]:
    """Make and change the people behind these leads."""
    fresh, changed = [], []
    for one in chosen:
        if one.contact is None:
            company = one.company.pk if one.company else None
            values = {"lead": one.lead, "company_id": company, "created_at": now}
            fresh.append(Contact(workspace_id=whole.workspace_id, **values, **one.told.person))
            one.version = 1
            continue
        told = {name: new for name, (_old, new) in one.changes.items() if name in one.told.person}
        if "company" in one.changes:
            told["company"] = one.company
        for name, value in told.items():
            setattr(one.contact, name, value)
        if told:
            one.contact.version += 1
            one.contact.folded = one.contact.searched()
            changed.append(one.contact)
        one.version = one.contact.version
    _insert(Contact, fresh)
    names = ["company", "name", "email", "phone", "title", "language", "zone", "version"]
    names.append("folded")
    Contact.objects.of(whole.workspace_id).bulk_update(changed, names, batch_size=200)
    return {"created": len(fresh), "changed": len(changed)}
