"""Follow-up: which touch of a lead comes next, and what an attempt would be too much of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from leaddesk.book import audit
from leaddesk.book.asked import Asked
from leaddesk.book.choices import in_force
from leaddesk.book.models import Contact
from leaddesk.book.record import judgement_of
from leaddesk.book.refusal import Refused
from leadpact.agreement.contacting import Guard
from leadpact.cadence import Cadences, Touched, Tried, Violation, allowed_from, cadences, violations
from leadpact.clock import Clock
from leadpact.judge import Judgement
from leadpact.problem import Problem
from leadpact.program.columns import S_OWNER

_WAITING = ("coming", "overdue")


class Asks(Refused):
    """The guard of the agreement asks whether to go on: nothing is recorded until one says so."""

    def __init__(self, found: Sequence[Violation], fine_at: int | None, zone: str) -> None:
        super().__init__([Problem("", 0, one.code, "") for one in found])
        self.found = found
        self.fine_at = fine_at
        self.zone = zone


class Warned(NamedTuple):
    """What an attempt by a channel would violate now, and from when on it would be fine (µs UTC; None:
    not in this pass); `zone` is that of the person."""

    found: Sequence[Violation]
    fine_at: int | None
    zone: str


@dataclass(frozen=True)
class Followed:
    """A lead as its cadence and the guard see it: its planned touches, and what was tried.

    `attempts` are those after the handover of the open pass that count; `latest` are the last ones
    (µs UTC) with their channel, newest first.
    """

    cadence: str
    touches: Sequence[Touched]
    attempts: int
    latest: Sequence[tuple[int, str]]
    guard: Guard | None
    tried: Tried

    @property
    def next(self) -> Touched | None:
        """The touch that comes next; None where none is planned any more."""
        return next((one for one in self.touches if one.state in _WAITING), None)

    def warned(self, channel: str, now: int) -> Warned | None:
        """What an attempt by a channel would violate; None where it is fine."""
        if self.guard is None:
            return None
        found = violations(self.guard, self.tried, channel, now)
        if not found:
            return None
        fine_at = allowed_from(self.guard, self.tried, channel, now)
        return Warned(found, fine_at, self.tried.zone)


def followed(workspace: int, keys: Sequence[str], now: int) -> Mapping[str, Followed]:
    """How these leads are followed up; of none where the agreement in force says nothing of it."""
    if not keys or in_force(workspace, now).follow_up is None:
        return {}
    _rules, judgement = judgement_of(workspace, keys, now=now)
    return followed_in(judgement, keys, zones_of(workspace, keys))


def zones_of(workspace: int, keys: Sequence[str]) -> Mapping[str, str]:
    """The time zones of the people behind these leads, where they are known."""
    rows = Contact.objects.of(workspace).filter(lead__in=keys).exclude(zone="")
    return dict(rows.values_list("lead", "zone"))


def followed_in(
    judgement: Judgement, keys: Sequence[str], zones: Mapping[str, str]
) -> Mapping[str, Followed]:
    """How these leads of a judgement are followed up, by the zones of those people that are known."""
    found = cadences(judgement)
    if found is None:
        return {}
    places = dict(zip(judgement.log.keys, found.pass_of_lead.tolist(), strict=True))
    return {
        key: _followed(judgement, found, places[key], zones.get(key, ""))
        for key in keys
        if places.get(key, -1) >= 0
    }


def _followed(judgement: Judgement, found: Cadences, place: int, zone: str) -> Followed:
    program, now = judgement.program, judgement.now
    version = [n for n, one in enumerate(program.versions) if one.begins <= now or n == 0][-1]
    agreed = program.versions[version].agreement
    tries, earlier = found.tried(place)
    owner = int(judgement.stories.passes[place, S_OWNER])
    dial = program.dial(version, judgement.log.people[owner] if owner >= 0 else None)
    clock = Clock(program.calendars[dial])
    named = found.cadence[place]
    return Followed(
        cadence=found.named[named][1] if named >= 0 else "",
        touches=found.touched(place),
        attempts=int(found.attempts[place]),
        latest=tries[:-6:-1],
        guard=agreed.follow_up.guard if agreed.follow_up else None,
        tried=Tried([at for at, _channel in tries], earlier, zone or agreed.zone, clock),
    )


def asked_twice(asked: Asked, channel: str, *, anyway: bool) -> None:
    """Let the guard ask before an attempt that would be too much; who says so goes on, and it is noted.

    Raises `Asks` where nobody has said so yet.
    """
    workspace = asked.actor.workspace_id
    agreed = in_force(workspace, asked.now).follow_up
    if agreed is None or agreed.guard is None:
        return
    at = asked.now if asked.at is None else asked.at
    own = followed(workspace, [asked.lead], asked.now).get(asked.lead)
    warned = own.warned(channel, at) if own else None
    if warned is None:
        return
    if not anyway:
        raise Asks(warned.found, warned.fine_at, warned.zone)
    told = {"channel": channel, "would be": [one.code for one in warned.found]}
    noted = asked.actor.note("went on against the guard", f"lead {asked.lead}", **told)
    audit.note(workspace, [noted], asked.now)
