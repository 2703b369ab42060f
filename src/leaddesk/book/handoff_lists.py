"""Handoff lists: the records of handoffs that somebody may see, counted, by page, and in dispute."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, QuerySet

from leaddesk.book.access import Actor, seen
from leaddesk.book.fields import plain_text
from leaddesk.book.models import Fact, Handoff, Lead
from leaddesk.book.models.handing import DECIDED, LACKING, PACKED, SILENT
from leaddesk.book.moment import DAY
from leaddesk.book.paging import Order, Page, page_of, read
from leaddesk.book.refusal import Absent
from leaddesk.book.rights import NARROWED
from leadpact.agreement.model import Agreement
from leadpact.facts import DISPUTED

STATES = tuple(state.value for state in Handoff.State)
ORDER = Order("at", is_falling=True, key="id")
SIZE, _LATELY = 50, 2_000
SPANS = {"30": 30, "90": 90, "365": 365, "all": None}
"""How many days back the counts reach."""


@dataclass(frozen=True)
class Wanted:
    """Which handoffs: their state ("" any), owner, trigger, lack of agreed fields, days back."""

    state: str = ""
    owner: str = ""
    trigger: str = ""
    incomplete: bool = False
    span: str = "90"


class Counts(NamedTuple):
    """How many handoffs there are by state, and what became of those that were decided on.

    `accepted` are those that somebody accepted, whatever came of them later; `silent` were accepted
    by nobody's word. `contested` are rejections in dispute, `overturned` those found wrong.
    """

    by_state: Mapping[str, int]
    accepted: int
    rejected: int
    silent: int
    overturned: int
    contested: int
    packets: int
    complete: int

    @property
    def undecided(self) -> int:
        """Offered, and nobody said anything yet."""
        return self.by_state.get("offered", 0)

    @property
    def acceptance(self) -> Fraction | None:
        """Accepted ÷ decided by somebody's word."""
        return _share(self.accepted, self.accepted + self.rejected)

    @property
    def rejection(self) -> Fraction | None:
        """Rejected ÷ decided by somebody's word."""
        return _share(self.rejected, self.accepted + self.rejected)

    @property
    def completeness(self) -> Fraction | None:
        """Packets with all agreed fields ÷ packets."""
        return _share(self.complete, self.packets)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def of(actor: Actor) -> QuerySet[Any]:
    """The handoffs that somebody may see."""
    actor.must("read leads")
    return seen(actor, Handoff.objects.of(actor.workspace_id))


def wanted_rows(actor: Actor, wanted: Wanted, now: int, *, counted: bool = False) -> Any:
    """The handoffs that meet the conditions; where they are `counted`, in any state."""
    rows = of(actor)
    days = SPANS.get(wanted.span, 90)
    if days is not None and counted and not wanted.owner:
        # Not by the index of times: the one that holds all that is counted is read as a whole.
        since = ExpressionWrapper(F("at") + 0, output_field=BigIntegerField())
        rows = rows.alias(since=since).filter(since__gte=now - days * DAY)
    elif days is not None:
        rows = rows.filter(at__gte=now - days * DAY)
    if wanted.owner:
        rows = rows.filter(owner=wanted.owner)
    if wanted.trigger:
        rows = rows.filter(trigger=wanted.trigger)
    if wanted.incomplete:  # the greatest part of the sum
        rows = rows.alias(lacks=F("tally") + 0).filter(lacks__gte=LACKING)
    if wanted.state and not counted:
        rows = rows.filter(state=wanted.state)
    return rows


def page(actor: Actor, wanted: Wanted, place: str, now: int, size: int = SIZE) -> Page:
    """A page of the list, the latest first."""
    return page_of(wanted_rows(actor, wanted, now), ORDER, read(ORDER, place), size)


def counts(actor: Actor, wanted: Wanted, now: int) -> Counts:
    """What the handoffs that meet the conditions, but of any state, come to."""
    rows = wanted_rows(actor, wanted, now, counted=True)
    told = rows.values_list("state", "dispute", "tally").annotate(n=Count("*")).order_by()
    by_state, total = dict.fromkeys(STATES, 0), Counter[str]()
    for state, dispute, tally, count in told:
        by_state[state] = by_state.get(state, 0) + count
        if tally & DECIDED and state not in {"rejected", "ended"}:
            total["silent" if tally & SILENT else "accepted"] += count
        if dispute:
            total[dispute] += count
        if tally & (PACKED | LACKING):
            total["packets"] += count
            total["complete"] += 0 if tally & LACKING else count
    return Counts(
        by_state,
        total["accepted"],
        by_state["rejected"],
        total["silent"],
        total["overturned"],
        total["open"],
        total["packets"],
        total["complete"],
    )


def one(actor: Actor, lead: str, number: int) -> tuple[Handoff, list[Handoff]]:
    """The record of one pass of a lead, and those of all its passes in order. Raises `Absent`."""
    known = [] if "\x00" in lead else [*of(actor).filter(lead=lead).order_by("pass_number")]
    found = next((row for row in known if row.pass_number == number), None)
    if found is None:
        raise Absent(f"handoff {number} of {plain_text(lead)}")
    return found, known


def is_seen(actor: Actor, lead: str) -> bool:
    """Whether somebody may see the page of a lead: who rejected it doesn't own it any longer."""
    if actor.role not in NARROWED:
        return True
    return bool(seen(actor, Lead.objects.of(actor.workspace_id)).filter(key=lead).exists())


def latest_of(actor: Actor, lead: str, most: int) -> list[Handoff]:
    """The records of the last handoffs of a lead, the latest first."""
    rows = Handoff.objects.of(actor.workspace_id).filter(lead=lead).order_by("-pass_number")
    return [*rows[:most]]


class Pending(NamedTuple):
    """What sales can say of a lead that it was given: until when it decides (0: no limit), None where
    it has decided; whether it was tried in vain as often as it takes to give it back."""

    decide_by: int | None
    may_return: bool


def pending(workspace: int, leads: Sequence[str], agreed: Agreement) -> dict[str, Pending]:
    """What sales can say, by an agreement, of those of these leads that it was given and still has."""
    handoff = agreed.handoff
    most = handoff.return_.attempts if handoff and handoff.return_ else None
    rows = Handoff.objects.of(workspace).filter(
        lead__in=leads, state__in=("offered", "accepted", "silent"), left_at__isnull=True
    )
    told = rows.order_by("pass_number").values_list("lead", "state", "accept_by", "attempts")
    return {
        lead: Pending(
            (accept_by or 0) if state == "offered" else None, most is not None and tries >= most
        )
        for lead, state, accept_by, tries in told
    }


def disputes(actor: Actor, *, is_open: bool) -> QuerySet[Any]:
    """The rejections that are contested, those that wait longest first; or those that are settled."""
    rows = of(actor).exclude(dispute="")
    if is_open:
        return rows.filter(dispute="open").order_by("disputed_at", "id")
    return rows.exclude(dispute="open").order_by("-settled_at", "-id")


def words_of(actor: Actor, leads: list[str]) -> dict[str, list[Fact]]:
    """What was said in the disputes of these leads, in order, by lead."""
    found: dict[str, list[Fact]] = {}
    rows = Fact.objects.of(actor.workspace_id).filter(lead__in=leads, kind=DISPUTED)
    for row in rows.order_by("occurred_at", "id"):
        found.setdefault(row.lead, []).append(row)
    return found


def triggers(actor: Actor) -> list[str]:
    """What handed leads over in this workspace of late."""
    rows = Handoff.objects.of(actor.workspace_id).order_by("-at", "-id")
    return sorted({one for one in rows.values_list("trigger", flat=True)[:_LATELY] if one})[:50]
