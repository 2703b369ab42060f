"""Acquaintance: what is known of a lead when it is handed over, and who turned it down before."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from leaddesk.book.models import Contact
from leadpact.facts import CREATED, DESCRIBED
from leadpact.handing import Handoffs
from leadpact.handing.handoffs import REJECTED_
from leadpact.log import Log

_PERSONAL = ("name", "email", "phone", "title", "language")


def known_of(log: Log, lead: int) -> dict[str, str]:
    """What is known of a lead (by its place in the log): the latest word of each attribute."""
    first, last = int(log.starts[lead]), int(log.starts[lead + 1])
    found: dict[str, str] = {}
    for name, sparse in log.fields.items():
        begin, end = np.searchsorted(sparse.rows, [first, last])
        for place in range(int(begin), int(end)):
            if log.kind[sparse.rows[place]] in (CREATED, DESCRIBED):
                found[name] = sparse.words[int(sparse.codes[place])]
    created = [row for row in range(first, last) if log.kind[row] == CREATED]
    if created and log.code[created[-1]] >= 0:
        found["type"] = log.codes[log.code[created[-1]]]
    return found


class Refusers(NamedTuple):
    """Who rejected a lead: it never goes straight back to one of them; and who owned it when somebody
    else did: it goes back to one of them only where nobody else can take it."""

    rejecters: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()


def refusers(given: Handoffs, log: Log) -> dict[int, Refusers]:
    """By lead, who rejected it in any of its passes; the owner, where it isn't said who did."""
    said: dict[int, set[str]] = {}
    had: dict[int, set[str]] = {}
    for n in np.flatnonzero(given.state == REJECTED_).tolist():
        lead, owner, who = int(given.lead[n]), int(given.owner[n]), int(log.who[given.decided[n]])
        for found, one in ((said, owner if who < 0 else who), (had, owner)):
            found.setdefault(lead, set()).update([log.people[one]] if one >= 0 else [])
    return {
        lead: Refusers(frozenset(said[lead]), frozenset(had[lead] - said[lead])) for lead in said
    }


def personal(workspace: int, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Which personal fields are known of the contact behind each lead."""
    rows = Contact.objects.of(workspace).filter(lead__in=keys).values("lead", *_PERSONAL)
    return {row["lead"]: tuple(name for name in _PERSONAL if row[name]) for row in rows}
