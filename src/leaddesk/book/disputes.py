"""Disputes: until when a rejection can be contested, who settles that, and which wait for too long.

The times run on the calendar that is nobody's in particular, by the version of the agreement in force.
"""

from collections.abc import Sequence

import numpy as np
from django.utils.translation import gettext as _

from leaddesk.book.access import Actor
from leaddesk.book.choices import in_force_by
from leaddesk.book.models import Handoff, Person
from leaddesk.book.refusal import Refused
from leaddesk.book.rights import RIGHTS
from leaddesk.book.rules import Rules
from leadpact import facts, handing
from leadpact.agreement.handoff import Arbitration
from leadpact.problem import Problem
from leadpact.units import Span

SETTLES = "settle disputes"
_ADMIN = "admin"
MOST = 1_000
"""More disputes than this are not looked at."""


def arbitration(rules: Rules, now: int) -> Arbitration | None:
    """What is agreed of disputes."""
    handoff = in_force_by(rules, now).handoff
    return handoff.arbitration if handoff else None


def settlers(workspace: int, agreed: Arbitration | None) -> frozenset[str]:
    """Those who may settle disputes: of the people whom the agreement names those who work here, or
    else by right."""
    named = frozenset(map(facts.key, agreed.by if agreed else ()))
    roles = RIGHTS["record facts" if named else SETTLES].roles
    people = Person.objects.of(workspace).filter(is_active=True, role__in=roles)
    able = frozenset(map(facts.key, people.values_list("key", flat=True)))
    return able & named if named else able


def may_settle(
    actor: Actor, agreed: Arbitration | None, able: frozenset[str] | None = None
) -> bool:
    """Whether somebody may settle disputes, those that are no business of theirs. Where nobody works
    here any more of those whom the agreement names, an admin may. `able` are the `settlers`, where
    they are at hand."""
    if agreed is None or not agreed.by:
        return actor.may(SETTLES)
    if not actor.may("record facts"):
        return False
    if facts.key(actor.person) in map(facts.key, agreed.by):
        return True
    if actor.role != _ADMIN:
        return False
    return not (settlers(actor.workspace_id, agreed) if able is None else able)


def took_part(person: str, dispute: Handoff) -> bool:
    """Whether somebody contested or rejected this themselves."""
    return facts.key(person) in _parties(dispute)


def _parties(dispute: Handoff) -> set[str]:
    return {facts.key(dispute.disputed_by), facts.key(dispute.decided_by or dispute.owner)}


def others(able: frozenset[str], dispute: Handoff) -> frozenset[str]:
    """Those of the people who can settle disputes who took no part in this one."""
    return able - _parties(dispute)


def is_barred(
    actor: Actor, agreed: Arbitration | None, able: frozenset[str], dispute: Handoff
) -> bool:
    """Whether somebody must leave this dispute to others: they took part in it, and one of those who
    are `able` to settle it didn't. Where nobody else is, an admin decides, or whom the agreement names."""
    if not took_part(actor.person, dispute):
        return False
    if others(able, dispute):
        return True
    return actor.role != _ADMIN and not (agreed is not None and agreed.by)


def part_taken() -> Problem:
    """What is said to whoever would settle a dispute of their own."""
    said = _("You contested or rejected this lead yourself.")
    return Problem("", 0, said, _("Leave the decision to somebody else who may settle disputes."))


def until(rules: Rules, span: Span | None, since: Sequence[int], now: int) -> list[int | None]:
    """Until when each of several times lasts that began then (µs); None: no limit is agreed."""
    if span is None or not since:
        return [None] * len(since)
    version = [one.agreement for one in rules.program.versions].index(in_force_by(rules, now))
    found = handing.after(rules.program, version, np.array(since, np.int64), span)
    return [*found.tolist()]


def contested_until(rules: Rules, rejected: Handoff, now: int) -> int | None:
    """Until when a rejection can be contested; None: as long as one likes."""
    agreed = arbitration(rules, now)
    span = agreed.contest_within if agreed else None
    return until(rules, span, [rejected.decided_at or rejected.at], now)[0]


def must_be_in_time(rules: Rules, rejected: Handoff, now: int) -> None:
    """Raises `Refused` where the time to contest a rejection is over."""
    end = contested_until(rules, rejected, now)
    if end is not None and now > end:
        raise Refused([too_late()])


def too_late() -> Problem:
    """What is said to whoever contests too late."""
    said = _("The time to contest this rejection is over.")
    return Problem("", 0, said, _("Wait until the lead shows interest again; it is offered anew."))


def settled_until(rules: Rules, rows: Sequence[Handoff], now: int) -> list[int | None]:
    """Until when each of these disputes is to be settled, by the agreement."""
    agreed = arbitration(rules, now)
    span = agreed.within if agreed else None
    return until(rules, span, [one.disputed_at or one.at for one in rows], now)


def late(rules: Rules, now: int) -> int:
    """How many open disputes should have been settled by now."""
    agreed = arbitration(rules, now)
    if agreed is None or agreed.within is None:
        return 0
    rows = [*Handoff.objects.of(rules.workspace).filter(dispute="open")[:MOST]]
    ends = settled_until(rules, rows, now)
    return sum(end is not None and end < now for end in ends)


def must_settle(actor: Actor, dispute: Handoff, agreed: Arbitration | None) -> None:
    """Raises `Refused` where somebody must leave this dispute to others."""
    if is_barred(actor, agreed, settlers(actor.workspace_id, agreed), dispute):
        raise Refused([part_taken()])
