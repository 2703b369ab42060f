"""Tracks: what is to be told of nurture: who is in which track, what was sent, how they left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Min, Q, QuerySet

from leaddesk.book.access import Actor, of_seen, seen_keys
from leaddesk.book.choices import in_force
from leaddesk.book.models import Enrolment, Mailing, Offer, Workspace
from leaddesk.book.narrowing import is_narrowed
from leadpact.agreement.handoff import Step, Track

MOST = 200
"""So many tracks are told at most; of names that nobody agreed on there could be any number."""


class Sent(NamedTuple):
    """The mails of a step: how many were sent, wait, or were left out or failed."""

    sent: int = 0
    waiting: int = 0
    left_out: int = 0


class Planned(NamedTuple):
    """A step of a track: its number from 1, what it sends when, whether that has a text, its mails."""

    number: int
    step: Step
    has_text: bool
    mails: Sent


@dataclass(frozen=True)
class Told:
    """A track: its clause (None: the agreement in force has no such track), its steps and who is in it.

    `next_at` is when the next step of anybody is due; `exits` counts why leads left it.
    """

    name: str
    clause: Track | None
    steps: Sequence[Planned] = ()
    within: int = 0
    paused: int = 0
    ever: int = 0
    next_at: int | None = None
    exits: Mapping[str, int] = field(default_factory=dict)

    @property
    def lacking(self) -> list[str]:
        """The offers that have no text yet."""
        return list(dict.fromkeys(one.step.send for one in self.steps if not one.has_text))


def enrolments(actor: Actor) -> QuerySet[Enrolment]:
    """The enrolments of the leads that somebody may see."""
    return of_seen(actor, Enrolment.objects.of(actor.workspace_id))


def told(actor: Actor, now: int, only: str | None = None) -> list[Told]:
    """Every track of the agreement in force, then those of others in which leads are or were."""
    actor.must("read leads")
    workspace = actor.workspace_id
    agreed = in_force(workspace, now).nurture
    numbers, exits = _counted(actor, only)
    mails, texts = _mails(actor, only), _with_text(workspace)
    names = [only] if only is not None else list(dict.fromkeys([*agreed, *numbers]))
    return [
        Told(
            name,
            agreed.get(name),
            _planned(name, agreed.get(name), mails, texts),
            exits=exits.get(name, {}),
            **numbers.get(name, {}),
        )
        for name in names
        if name in agreed or name in numbers
    ]


def _counted(
    actor: Actor, only: str | None
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, int]]]:
    """By track how many leads are and ever were in it and when something is due, and why others left;
    counted in one go."""
    rows = _narrowed(actor, Enrolment.objects.of(actor.workspace_id))
    rows = rows if only is None else rows.filter(track=only)
    told = rows.annotate(is_in=Q(left_at=None)).values("track", "is_in", "is_paused", "left_why")
    counted = told.annotate(n=Count("id"), next=Min("next_at"))
    numbers: dict[str, dict[str, Any]] = {}
    exits: dict[str, dict[str, int]] = {}
    for one in counted.order_by("track", "-n", "left_why"):
        track, count, why = one["track"], one["n"], one["left_why"]
        if track not in numbers and len(numbers) == MOST:
            continue
        own = numbers.setdefault(track, {"ever": 0, "within": 0, "paused": 0, "next_at": None})
        own["ever"] += count
        own["next_at"] = min((n for n in (own["next_at"], one["next"]) if n), default=None)
        if one["is_in"]:
            own["within"] += count
            own["paused"] += count if one["is_paused"] else 0
        else:
            of_track = exits.setdefault(track, {})
            of_track[why] = of_track.get(why, 0) + count
    ordered = {
        track: dict(sorted(of.items(), key=lambda item: (-item[1], item[0])))
        for track, of in exits.items()
    }
    return numbers, ordered


def _narrowed(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows about leads that somebody may see, where all of them are counted."""
    return rows.filter(lead__in=seen_keys(actor)) if is_narrowed(actor) else rows


def _planned(
    name: str, clause: Track | None, mails: Mapping[tuple[str, int], Sent], texts: set[str]
) -> list[Planned]:
    steps = clause.steps if clause is not None else ()
    return [
        Planned(n + 1, step, step.send in texts, mails.get((name, n), Sent()))
        for n, step in enumerate(steps)
    ]


def _mails(actor: Actor, only: str | None) -> dict[tuple[str, int], Sent]:
    rows = _narrowed(actor, Mailing.objects.of(actor.workspace_id))
    if only is not None:
        rows = rows.filter(track=only)
    state = Mailing.State
    counted = rows.values("track", "step").annotate(
        sent=Count("id", filter=Q(state=state.SENT)),
        waiting=Count("id", filter=Q(state=state.WAITING)),
        left_out=Count("id", filter=Q(state__in=(state.LEFT_OUT, state.FAILED))),
    )
    return {
        (one["track"], one["step"]): Sent(one["sent"], one["waiting"], one["left_out"])
        for one in counted.order_by()
    }


def _with_text(workspace: int) -> set[str]:
    """The offers that have a text in some language."""
    rows = Offer.objects.of(workspace).values_list("key", "texts")
    return {key for key, texts in rows if texts}


def coming(actor: Actor, most: int) -> list[Enrolment]:
    """Whose next step is due next."""
    rows = enrolments(actor).filter(left_at=None, next_at__isnull=False)
    return [*rows.order_by("next_at", "lead")[:most]]


def of_lead(workspace: int, lead: str, most: int) -> list[Enrolment]:
    """The latest enrolments of a lead, the latest first."""
    rows = Enrolment.objects.of(workspace).filter(lead=lead).order_by("-entered_at", "-id")
    return [*rows[:most]]


class Runs(NamedTuple):
    """Since when the desk sends steps by itself (None: it doesn't), and what it lacks for that."""

    since: int | None
    lacks_sender: bool
    lacks_postal: bool


def runs(workspace: int) -> Runs:
    """Whether the desk sends the steps of tracks by itself."""
    own: Any = Workspace.objects.only("nurtures_since", "mail_from", "postal_address").get(
        pk=workspace
    )
    return Runs(own.nurtures_since, not own.mail_from, not own.postal_address)
