"""The people and companies that we sell to, as lists that somebody may see."""

from typing import Any

from django.db.models import Q, QuerySet

from leaddesk.book import merging, queries
from leaddesk.book.access import Actor, seen
from leaddesk.book.folding import sought
from leaddesk.book.models import Company, Contact, Lead, Merge
from leaddesk.book.registers import found
from leaddesk.book.search import companies_found, contacts_found


def companies(actor: Actor, text: str) -> QuerySet[Any]:
    """The companies that a text finds, all where it is empty; without those merged into others."""
    words = sought(text)
    if words:
        return companies_found(actor.workspace_id, words).filter(into="")
    return Company.objects.of(actor.workspace_id).filter(into="")


def company(actor: Actor, key: str) -> Company:
    """One company, also one that was merged into another. Raises `Absent`."""
    row: Company = found(Company, actor.workspace_id, "company", key=key)
    return row


def aliases(row: Company) -> list[str]:
    """The keys of the companies that were merged into one."""
    keys = {row.key}
    while True:
        rows = Company.objects.of(row.workspace_id).filter(into__in=keys).exclude(key__in=keys)
        more = {*rows.values_list("key", flat=True)}
        if not more:
            return sorted(keys - {row.key})
        keys |= more


def leads_of(actor: Actor, row: Company) -> QuerySet[Any]:
    """The leads of a company that somebody may see: by its contacts, and by the accounts of facts."""
    keys = [row.key, *aliases(row)]
    people = Contact.objects.of(actor.workspace_id).filter(company=row).values("lead")
    leads = seen(actor, Lead.objects.of(actor.workspace_id))
    return leads.filter(Q(account__in=keys) | Q(key__in=people))


def contacts(actor: Actor, text: str) -> QuerySet[Any]:
    """The contacts that a text finds, all where it is empty, as far as somebody may see them."""
    words = sought(text)
    rows = queries.contacts(actor).order_by()
    if words:
        return rows.filter(pk__in=contacts_found(actor.workspace_id, words).values("pk"))
    return rows


def merge_to_undo(actor: Actor, key: str, *, is_of_companies: bool = False) -> Merge | None:
    """The merge by which a lead or a company went, if somebody may undo it."""
    merge = merging.merge_of(actor.workspace_id, key, is_of_companies=is_of_companies)
    return merge if merge and merging.may_part(actor, merge) else None
