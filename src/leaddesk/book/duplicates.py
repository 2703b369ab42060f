"""Duplicates: who is in the registers already under the same address, number, domain or name."""

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from django.db.models import Q, Value
from django.db.models.functions import Length, StrIndex

from leaddesk.book.access import Actor, seen
from leaddesk.book.domains import domains_of
from leaddesk.book.folding import LEAST_NUMBER, TAIL, digits, folded
from leaddesk.book.models import Company, Contact, Lead
from leaddesk.book.search import companies_found

ALIKE = 0.88
"""Two names of which so much is the same are alike."""
_SHORTER = ALIKE / (2 - ALIKE)
"""A name that is shorter than this share of another one can't be alike."""
_MARKS = 4
"""Folding a name takes away, or adds, about so many signs at most."""
_MOST = 20
_MOST_WORDS = 3
_MOST_COMPARED = 200


class Alike(NamedTuple):
    """A row that may be the same, and why: "email", "phone", "domain" or "name"."""

    row: Any
    why: str


def contacts_alike(actor: Actor, given: Mapping[str, str], but: str = "") -> list[Alike]:
    """The contacts who may be the person that is described, without that of one lead (`but`).

    Contacts of leads that the actor may not see are told too: else two people work on one person.
    """
    workspace = actor.workspace_id
    email, number = folded(given.get("email", "")), digits(given.get("phone", ""))
    name = folded(given.get("name", ""))
    tail = number[-TAIL:] if len(number) >= LEAST_NUMBER else ""
    rows = Contact.objects.of(workspace).exclude(lead=but).select_related("company")
    same = Q()
    for name_of, word in (("mail", email), ("number", tail)):
        if word:
            rows = rows.alias(**{name_of: StrIndex("folded", Value(word))})
            same |= Q(**{f"{name_of}__gt": 0})
    known = [*rows.filter(same)[:_MOST]] if same else []
    if len(name) > 2:
        known += _namesakes(workspace, name, but)
    found: dict[str, Alike] = {}
    for row in known:
        for why in ("email", "phone", "name"):
            if row.lead not in found and _is_so(why, row, email, tail, name):
                found[row.lead] = Alike(row, why)
    return [*found.values()][: 2 * _MOST]


def _namesakes(workspace: int, name: str, but: str) -> list[Contact]:
    """Contacts whose name may be written a little differently: they have one word of it, and are
    about as long. Where too many have one word, those who have all of them come first."""
    rows = Contact.objects.of(workspace).exclude(lead=but)
    rows = rows.alias(size=Length("name")).filter(
        size__gte=int(len(name) * _SHORTER) - _MARKS, size__lte=int(len(name) / _SHORTER) + _MARKS
    )
    words = sorted(set(name.split()), key=len, reverse=True)[:_MOST_WORDS]
    for number, word in enumerate(words):
        rows = rows.alias(**{f"at{number}": StrIndex("folded", Value(word))})
    every = Q(**{f"at{number}__gt": 0 for number in range(len(words))})
    some = Q(*((f"at{number}__gt", 0) for number in range(len(words))), _connector=Q.OR)
    rows = rows.select_related("company")
    found = [*rows.filter(some)[:_MOST_COMPARED]]
    if len(found) == _MOST_COMPARED:
        found = [*rows.filter(every)[:_MOST_COMPARED], *found]
    return found


def _is_so(why: str, row: Contact, email: str, number: str, name: str) -> bool:
    """Whether what a search found really is the same."""
    if why == "email":
        return bool(email) and folded(row.email) == email
    if why == "phone":
        return bool(number) and digits(row.phone)[-TAIL:] == number
    return _are_alike(folded(row.name), name)


def _are_alike(one: str, other: str) -> bool:
    plain = (" ".join(sorted(one.split())), " ".join(sorted(other.split())))
    return bool(one and other) and SequenceMatcher(None, *plain).ratio() >= ALIKE


def companies_alike(actor: Actor, given: Mapping[str, str], but: str = "") -> list[Alike]:
    """The companies that may be the one that is described, without the one with a key (`but`)."""
    rows = Company.objects.of(actor.workspace_id).exclude(key=but).filter(into="")
    domains = [*domains_of(f"@{given['domain'].strip().lower()}")] if given.get("domain") else []
    found = {row.key: Alike(row, "domain") for row in rows.filter(domain__in=domains)[:_MOST]}
    name = folded(given.get("name", ""))
    if name:
        alike = companies_found(actor.workspace_id, name.split()[:2]).exclude(key=but)
        for row in alike.filter(into="")[:_MOST]:
            if row.key not in found and _are_alike(folded(row.name), name):
                found[row.key] = Alike(row, "name")
    return [*found.values()]


def leads_of(actor: Actor, contacts: list[Alike]) -> dict[str, Lead]:
    """The leads of contacts that the actor may see, by their keys."""
    rows = seen(actor, Lead.objects.of(actor.workspace_id))
    keys = [one.row.lead for one in contacts]
    return {row.key: row for row in rows.filter(Q(key__in=keys))}
