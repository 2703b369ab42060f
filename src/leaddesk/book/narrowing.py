"""Narrowing: which facts somebody may not record who sees the leads of their own team only.

A fact can give a lead to somebody. So whoever may not see a lead may say nothing about it either, and
nobody of them takes one that belongs to somebody else.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from leaddesk.book.access import Actor, seen
from leaddesk.book.codec import Row
from leaddesk.book.deciding import BY_HAND, not_theirs
from leaddesk.book.fields import plain_text
from leaddesk.book.models import Lead
from leaddesk.book.rights import NARROWED
from leadpact import facts
from leadpact.problem import Problem

_GIVEN = {facts.ASSIGNED, facts.HANDED_OVER}


def is_narrowed(actor: Actor) -> bool:
    """Whether somebody sees some leads only."""
    return actor.role in NARROWED


def others(actor: Actor, keys: Collection[str]) -> set[str]:
    """Those of some leads that belong to somebody whose leads this one may not see.

    Without those that nobody owns: whoever let a lead go may still take that back.
    """
    leads = Lead.objects.of(actor.workspace_id).filter(key__in=keys).exclude(owner="")
    theirs = seen(actor, leads).values("pk")
    return {*leads.exclude(pk__in=theirs).values_list("key", flat=True)}


def hidden(actor: Actor, rows: Sequence[Row]) -> dict[int, Problem]:
    """The rows, by place, that are about leads which this one may not see. New leads are nobody's."""
    accounts = {row.account for row in rows if not row.lead}
    keys = {key for row in rows for key in _leads(row)}
    leads = Lead.objects.of(actor.workspace_id)
    theirs = seen(actor, leads).values("pk")
    beyond = {*leads.filter(key__in=keys).exclude(pk__in=theirs).values_list("key", flat=True)}
    if accounts:
        others = leads.filter(account__in=accounts).exclude(pk__in=theirs)
        accounts = {*others.values_list("account", flat=True)}
    return {
        place: _absent(row)
        for place, row in enumerate(rows)
        if not beyond.isdisjoint(_leads(row)) or (not row.lead and row.account in accounts)
    }


def grabbed(actor: Actor, rows: Sequence[Row]) -> Iterator[tuple[int, Problem]]:
    """The rows, by place, by which this one would take a lead of somebody else."""
    own = facts.key(actor.person)
    taken = {
        place: row.lead
        for place, row in enumerate(rows)
        if row.kind in _GIVEN and own in map(facts.key, _receivers(row))
    }
    owners = _owners(actor.workspace_id, taken.values()) if taken else {}
    for place, lead in taken.items():
        if owners.get(lead, actor.person) != actor.person:
            yield place, not_theirs(lead)


def overridden(actor: Actor, rows: Sequence[Row]) -> Iterator[tuple[int, Problem]]:
    """The rows, by place, by which this one would set a score by hand without the right to."""
    if actor.may("override scores"):
        return
    for place, row in enumerate(rows):
        model = json.loads(row.body).get("model") if row.kind == facts.SCORED else None
        if model and facts.word(str(model)) == BY_HAND:
            said = _("Your role doesn't cover setting scores by hand.")
            yield place, Problem("model", 0, said, _("Ask who leads your team."))


def _owners(workspace: int, leads: Iterable[str]) -> Mapping[str, str]:
    rows = Lead.objects.of(workspace).filter(key__in={*leads})
    return dict(rows.values_list("key", "owner"))


def _leads(row: Row) -> set[str]:
    into = json.loads(row.body).get("into") if row.kind == facts.MERGED else None
    return {key for key in (row.lead, str(into or "")) if key}


def _receivers(row: Row) -> list[str]:
    body = json.loads(row.body)
    return [str(body[name]) for name in ("owner", "to") if body.get(name)]


def _absent(row: Row) -> Problem:
    said = _("There is no lead '{lead}' that you may see.")
    remedy = _("A rep records facts about the leads of their own team, and about new ones.")
    return Problem("lead", 0, said.format(lead=plain_text(row.lead or row.account)), remedy)
