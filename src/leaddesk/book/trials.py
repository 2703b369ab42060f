"""Trials of routing: who would get which of some leads now. Nothing is changed, nobody hears of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from leaddesk.book import logbook, routing
from leaddesk.book.access import Actor, seen
from leaddesk.book.acquaintance import known_of
from leaddesk.book.models import Handoff, Lead
from leaddesk.book.rights import NARROWED
from leaddesk.book.routing import Wanted
from leaddesk.book.rules import Rules, rules_of
from leadpact.route import Decision

MOST = 500
"""So many leads are tried at once."""


@dataclass(frozen=True)
class Trial:
    """Who would get the leads, in the order in which they would be given out; which of those that were
    asked for somebody may not see, or aren't there; and how many were too many."""

    decisions: Sequence[Decision]
    leads: dict[str, Lead]
    unknown: Sequence[str]
    beyond: int


def waiting(actor: Actor) -> QuerySet[Handoff]:
    """The leads that wait for an owner and that somebody may see, who waits longest first."""
    rows: QuerySet[Handoff] = Handoff.objects.of(actor.workspace_id).filter(state="waiting")
    if not seen_everything(actor):
        own = seen(actor, Lead.objects.of(actor.workspace_id)).values("key")
        rows = rows.filter(lead__in=own)
    return rows.order_by("at", "lead")


def seen_everything(actor: Actor) -> bool:
    """Whether somebody sees the leads of all."""
    return actor.role not in NARROWED


def trial(actor: Actor, keys: Sequence[str], now: int) -> Trial:
    """Who would get these leads now, as far as somebody may see them, whatever owner they have."""
    asked = [*dict.fromkeys(key for key in keys if key and "\x00" not in key)]
    rows = seen(actor, Lead.objects.of(actor.workspace_id)).filter(key__in=asked[:MOST])
    leads = {row.key: row for row in rows}
    rules = rules_of(actor.workspace_id)
    wanted = _wanted(actor.workspace_id, rules, leads)
    decisions = routing.tried(actor.workspace_id, rules, wanted, now)
    unknown = [key for key in asked[:MOST] if key not in leads]
    return Trial(decisions, leads, unknown, max(len(asked) - MOST, 0))


def _wanted(workspace: int, rules: Rules, leads: dict[str, Lead]) -> list[Wanted]:
    log = logbook.log_of(workspace, logbook.Circle(sorted(leads), {}), rules.zone)
    places = {key: place for place, key in enumerate(log.keys)}
    rejecters, since = _handed(workspace, leads)
    found = []
    for key, row in leads.items():
        known = known_of(log, places[key]) if key in places else {}
        known |= {"fit": _points(row.fit), "interest": _points(row.interest)}
        found.append(
            Wanted(
                key,
                row.pass_number,
                since.get(key, row.created_at or 0),
                row.account,
                known,
                frozenset(rejecters.get(key, ())),
                row.interest or 0,
                row.grade,
            )
        )
    return found


def _points(hundredths: int | None) -> str:
    return f"{(hundredths or 0) // 100}"


def _handed(workspace: int, leads: Collection[str]) -> tuple[dict[str, set[str]], dict[str, int]]:
    """Who rejected each lead before, and since when it waits."""
    rows = Handoff.objects.of(workspace).filter(
        lead__in=[*leads], state__in=("rejected", "waiting")
    )
    rejecters: dict[str, set[str]] = {}
    since: dict[str, int] = {}
    for lead, state, at, owner, by in rows.values_list(
        "lead", "state", "at", "owner", "decided_by"
    ):
        if state == "waiting":
            since[lead] = at
        else:
            rejecters.setdefault(lead, set()).update({owner, by} - {""})
    return rejecters, since
