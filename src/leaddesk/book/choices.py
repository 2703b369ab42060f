"""Choices: what can be said of a lead in the words of the agreement that is in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

from leaddesk.book.models import Due, Lead, Person, Role
from leaddesk.book.rules import Rules, rules_of
from leadpact.agreement.contacting import FollowUp
from leadpact.agreement.model import Agreement

CHANNELS = ("phone", "email", "video", "voice message")
OUTCOMES = ("reached", "no answer", "voicemail", "busy", "wrong number", "replied")
"""What comes of trying to reach somebody, in the order of the keys 1 to 6."""
_PAUSES = ("asked to wait", "on holiday")
_NO_LEAD = ("not a fit", "no need", "no budget", "duplicate", "unreachable", "other")
_LOST = ("price", "timing", "competitor", "no decision", "other")
_SUPPRESSED = ("opt-out", "objection", "legal hold")
_RECEIVES = (Role.REP.value, Role.MARKETER.value, Role.SALES_LEAD.value, Role.ADMIN.value)


@dataclass(frozen=True)
class Choices:
    """The words that fit: agreed ones first, the usual ones where nothing is agreed. Giving a lead back
    takes one of `returns`, where there are any."""

    channels: tuple[str, ...]
    outcomes: tuple[str, ...]
    pauses: tuple[str, ...]
    rejections: tuple[str, ...]
    disqualifications: tuple[str, ...]
    tracks: tuple[str, ...]
    stages: tuple[str, ...]
    losses: tuple[str, ...] = _LOST
    suppressions: tuple[str, ...] = _SUPPRESSED
    returns: tuple[str, ...] = ()


def in_force(workspace: int, now: int) -> Agreement:
    """The version of the agreement that judges what begins at `now`."""
    return in_force_by(rules_of(workspace), now)


def in_force_by(rules: Rules, now: int) -> Agreement:
    """The version in force, where the rules are at hand."""
    versions = rules.program.versions
    begun = [version for version in versions if version.begins <= now]
    return (begun or [*versions])[-1].agreement


def choices(workspace: int, now: int) -> Choices:
    """What can be said in a workspace at `now`."""
    return choices_of(in_force(workspace, now))


def choices_of(agreed: Agreement) -> Choices:
    """What can be said in the words of an agreement."""
    handoff, follow_up = agreed.handoff, agreed.follow_up
    reasons = follow_up.reasons if follow_up else ()
    rejections = handoff.reasons_to_reject if handoff else ()
    returns = (handoff.return_.to,) if handoff and handoff.return_ else ()
    return Choices(
        channels=_once([*agreed.definitions.attempt.by, *CHANNELS]),
        outcomes=_once([*follow_up.outcomes, "replied"]) if _says(follow_up) else OUTCOMES,
        pauses=agreed.pauses.reasons or _PAUSES,
        rejections=rejections or _NO_LEAD,
        disqualifications=reasons or _once([*rejections, *_NO_LEAD]),
        tracks=_once([*returns, *agreed.nurture]),
        stages=agreed.stages,
        losses=reasons or _LOST,
        returns=reasons,
    )


def _says(follow_up: FollowUp | None) -> TypeGuard[FollowUp]:
    return follow_up is not None and bool(follow_up.outcomes)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def open_promises(lead: Lead) -> list[Due]:
    """What can be let go: what is open for a lead, or late and unanswered, the most urgent first."""
    rows = Due.objects.of(lead.workspace_id).filter(lead=lead.key, pass_number=lead.pass_number)
    return [*rows.filter(verdict__in=("open", "broken"), answered_at=None).order_by("due_at", "id")]


def receivers(workspace: int) -> list[Person]:
    """Whom a lead can be given to, by name."""
    return [*filter(receives, Person.objects.of(workspace).order_by("name", "key"))]


def receives(person: Person) -> bool:
    """Whether a lead can be given to somebody."""
    return person.is_active and person.role in _RECEIVES
