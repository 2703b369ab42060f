"""Undoing: an import taken back, but for what people have worked on since.

Facts are never changed; those that an import brought are removed as if it had never been, and the
audit log says so. Leads that were there before are judged again by what they had.
"""

import json
from collections.abc import Collection, Sequence
from typing import Any

from leaddesk.book import audit, database, logbook
from leaddesk.book.imported import CHANGED, NEW, SYSTEM, facts_of
from leaddesk.book.models import Company, Contact, Due, Fact, Import, ImportRow, Lead, Notice
from leaddesk.book.record import judged
from leaddesk.book.rules import rules_of
from leadpact.facts import RULED
from leadpact.rulings import SYSTEM as DESK

UNDONE, KEPT = "undone", "kept"
_RESTORED = ("name", "email", "phone", "title", "language", "zone")


def undone(whole: Import, rows: Sequence[ImportRow], now: int) -> dict[str, int]:
    """Take some rows of an import back, in the present transaction; how many leads were removed,
    restored and kept."""
    working = [row for row in rows if row.outcome in {NEW, CHANGED}]
    leads = [row.lead for row in working]
    contacts = {one.lead: one for one in _of(Contact, whole, lead__in=leads)}
    touched = _touched(whole, working, contacts)
    for row in working:
        row.outcome = KEPT if row.lead in touched else UNDONE
    free = [row for row in working if row.lead not in touched]
    facts_of(whole, [row.lead for row in free]).delete()
    removed = _remove(whole, [row.lead for row in free if _is_new(row)])
    _restore(whole, [row for row in free if not _is_new(row)], contacts, now)
    counts = {
        "removed": len(removed),
        "restored": len(free) - len(removed),
        "kept": len(working) - len(free),
    }
    if free:
        note = audit.Note(whole.person, "took facts back", f"import {whole.key}", counts)
        audit.note(whole.workspace_id, [note], now)
    return counts


def _of(model: Any, whole: Import, **chosen: Any) -> Any:
    return model.objects.of(whole.workspace_id).filter(**chosen)


def _is_new(row: ImportRow) -> bool:
    return "made" in json.loads(row.changes or "{}").get("lead", ())


def _touched(whole: Import, rows: Sequence[ImportRow], contacts: dict[str, Contact]) -> set[str]:
    """The leads that people, programs or later imports have touched since."""
    leads = [row.lead for row in rows]
    touched = {
        row.lead
        for row in rows
        if row.lead not in contacts or contacts[row.lead].version != row.version
    }
    since = _of(Fact, whole, lead__in=leads, recorded_at__gte=whole.began_at)
    since = since.exclude(system=SYSTEM, request=whole.key).exclude(kind=RULED).exclude(system=DESK)
    touched |= {*since.values_list("lead", flat=True)}
    touched |= {*_of(Lead, whole, into__in=leads).values_list("into", flat=True)}
    return touched


def _remove(whole: Import, leads: Collection[str]) -> Collection[str]:
    """Remove leads that were not there before: with them goes what the desk ruled of them."""
    _of(Fact, whole, lead__in=leads).delete()
    _of(Notice, whole, lead__in=leads, posted_at__isnull=True).delete()
    _of(Due, whole, lead__in=leads).delete()
    _of(Lead, whole, key__in=leads).delete()
    _of(Contact, whole, lead__in=leads).delete()
    return leads


def _restore(
    whole: Import, rows: Sequence[ImportRow], contacts: dict[str, Contact], now: int
) -> None:
    """Give leads that were there before what they had, and judge them again."""
    keys = {
        old
        for row in rows
        for name, (old, _new) in json.loads(row.changes).items()
        if name == "company"
    }
    companies = {one.key: one for one in _of(Company, whole, key__in=keys)}
    for row in rows:
        changes, contact = json.loads(row.changes), contacts[row.lead]
        if "contact" in changes:
            contact.delete()
            continue
        old = {name: changes[name][0] for name in _RESTORED if name in changes}
        if "company" in changes:
            old["company"] = companies.get(changes["company"][0])
        if old:
            for name, value in old.items():
                setattr(contact, name, value)
            values = {"folded": contact.searched(), "version": contact.version + 1}
            _of(Contact, whole, pk=contact.pk).update(**old, **values)
    leads = [row.lead for row in rows]
    left = {*_of(Fact, whole, lead__in=leads).values_list("lead", flat=True)}
    gone = [lead for lead in leads if lead not in left]
    _of(Due, whole, lead__in=gone).delete()
    _of(Lead, whole, key__in=gone).delete()
    if left:
        rules = rules_of(whole.workspace_id)
        circle = logbook.circle(whole.workspace_id, left, companies=rules.joins_companies)
        judged(whole.workspace_id, rules, circle, now, announce=False)


def remove_companies(whole: Import) -> int:
    """Remove the companies that an import made and nobody has; how many they were."""

    def remove() -> int:
        sql = """DELETE FROM book_company WHERE workspace_id = %s AND version = 1
            AND created_at >= %s AND key IN (
                SELECT company FROM book_importrow WHERE whole_id = %s AND company <> '')
            AND NOT EXISTS (SELECT 1 FROM book_contact c WHERE c.company_id = book_company.id)
            AND NOT EXISTS (SELECT 1 FROM book_fact f WHERE f.workspace_id = book_company.workspace_id
                AND f.account <> '' AND f.account = book_company.key)
            RETURNING id"""
        return len(database.rows(sql, [whole.workspace_id, whole.began_at, whole.pk]))

    return database.in_transaction(remove)
