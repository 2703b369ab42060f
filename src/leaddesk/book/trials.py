"""Trials of routing: who would get which of some leads now. Nothing is changed, nobody hears of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from leaddesk.book import routing, scoring
from leaddesk.book.access import Actor, of_seen, seen
from leaddesk.book.acquaintance import Refusers, known_of, refusers
from leaddesk.book.handing import axes
from leaddesk.book.models import Handoff, Lead
from leaddesk.book.record import judgement_of
from leaddesk.book.rights import NARROWED
from leaddesk.book.routing import Wanted
from leaddesk.book.rules import Rules, rules_of
from leadpact.handing import handoffs
from leadpact.route import Decision
from leadpact.score import scores

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
    return of_seen(actor, rows).order_by("at", "lead")


def seen_everything(actor: Actor) -> bool:
    """Whether somebody sees the leads of all."""
    return actor.role not in NARROWED


def trial(actor: Actor, keys: Sequence[str], now: int) -> Trial:
    """Who would get these leads now, as far as somebody may see them, whatever owner they have."""
    asked = [*dict.fromkeys(key for key in keys if key and "\x00" not in key)]
    rows = seen(actor, Lead.objects.of(actor.workspace_id)).filter(key__in=asked[:MOST])
    leads = {row.key: row for row in rows}
    rules = rules_of(actor.workspace_id)
    wanted = wanted_for(actor.workspace_id, rules, leads, now)
    decisions = routing.tried(actor.workspace_id, rules, wanted, now)
    unknown = [key for key in asked[:MOST] if key not in leads]
    return Trial(decisions, leads, unknown, max(len(asked) - MOST, 0))


def wanted_for(workspace: int, rules: Rules, leads: dict[str, Lead], now: int) -> list[Wanted]:
    """What is wanted for the leads, scored as of `now` as whoever is handed over is."""
    _rules, judgement = judgement_of(workspace, leads, now=now, rules=rules)
    log, agreed = judgement.log, scoring.agreed(rules, now)
    places = {key: place for place, key in enumerate(log.keys)}
    found = scores(agreed, scoring.shared(rules, log), now)
    before = refusers(handoffs(judgement.stories), log)
    since = _waiting_since(workspace, leads)
    wanted = []
    for key, row in leads.items():
        if (place := places.get(key)) is None:
            wanted.append(Wanted(key, row.pass_number, row.created_at or 0, row.account))
            continue
        fit, interest = int(found.fit[place]), int(found.interest[place])
        own = before.get(place, Refusers())
        wanted.append(
            Wanted(
                key,
                row.pass_number,
                since.get(key, row.created_at or 0),
                row.account,
                known_of(log, place) | axes(fit, interest),
                own.rejecters,
                interest,
                str(found.grade[place]),
                own.owners,
            )
        )
    return wanted


def _waiting_since(workspace: int, leads: Collection[str]) -> dict[str, int]:
    """Since when each lead waits for an owner."""
    rows = Handoff.objects.of(workspace).filter(lead__in=[*leads], state="waiting")
    return dict(rows.values_list("lead", "at"))
