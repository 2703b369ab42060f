"""Search: the leads, companies and people that a text finds, however it is spelled.

Every word of the text must be found, in any order: in a name, an address, the digits of a phone
number, the name or the domain of the company, or the key of the lead. Whoever may not read contacts
finds keys alone.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower, StrIndex

from leaddesk.book.access import Actor
from leaddesk.book.folding import sought
from leaddesk.book.models import Company, Contact, Lead

MOST_LISTED = 1_000
"""What finds more leads than this is left to the list to look for, row by row."""
MOST_TEXT = 200
"""Of a longer text the first so many characters are looked for."""


def leads_found(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those of some leads that a text finds; all of them where it says nothing."""
    words = sought(text[:MOST_TEXT])
    if not words:
        return rows
    workspace = actor.workspace_id
    by_key = _keys(workspace, words)
    if not actor.may("read contacts"):
        return rows.filter(key__in=by_key)
    of_contacts = contacts_found(workspace, words)
    keys = {*by_key[:MOST_LISTED], *_of_companies(workspace, words)}
    keys |= {*of_contacts.values_list("lead", flat=True)[: MOST_LISTED + 1]}
    if len(keys) <= MOST_LISTED:
        return rows.filter(key__in=keys)
    return rows.filter(Exists(of_contacts.filter(lead=OuterRef("key"))) | Q(key__in=by_key))


def contacts_found(workspace: int, words: list[str]) -> QuerySet[Any]:
    """The contacts in whom, or in whose company, every word is found."""
    rows = Contact.objects.of(workspace)
    for number, word in enumerate(words):
        companies = Company.objects.of(workspace).alias(at=_place("folded", word))
        of_company = Q(company__in=companies.filter(at__gt=0).values("pk"))
        rows = rows.alias(**{f"at{number}": _place("folded", word)})
        rows = rows.filter(Q(**{f"at{number}__gt": 0}) | of_company)
    return rows


def companies_found(workspace: int, words: list[str]) -> QuerySet[Any]:
    """The companies in which every word is found."""
    rows = Company.objects.of(workspace)
    for number, word in enumerate(words):
        rows = rows.alias(**{f"at{number}": _place("folded", word)})
        rows = rows.filter(**{f"at{number}__gt": 0})
    return rows


def _keys(workspace: int, words: list[str]) -> list[str]:
    """The leads whose key holds every word, up to the most that are listed."""
    rows = Lead.objects.of(workspace).alias(plain=Lower("key"))
    for number, word in enumerate(words):
        rows = rows.alias(**{f"at{number}": StrIndex("plain", Value(word))})
        rows = rows.filter(**{f"at{number}__gt": 0})
    return [*rows.values_list("key", flat=True)[:MOST_LISTED]]


def _of_companies(workspace: int, words: list[str]) -> list[str]:
    """The leads whose account is a company that is found."""
    accounts = companies_found(workspace, words).values_list("key", flat=True)[:MOST_LISTED]
    rows = Lead.objects.of(workspace).filter(account__in=[*accounts]).exclude(account="")
    return [*rows.values_list("key", flat=True)[: MOST_LISTED + 1]]


def _place(column: str, word: str) -> StrIndex:
    return StrIndex(column, Value(word))
