"""Deciding: who may speak for sales about a lead that it was offered, and who settles disputes.

What people say by acts is checked there; what they say by facts is checked here, as it comes in.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.book import disputes
from leaddesk.book.access import Actor
from leaddesk.book.choices import in_force
from leaddesk.book.codec import Row
from leaddesk.book.fields import plain_text
from leaddesk.book.models import Fact, Handoff, Lead, Person
from leaddesk.book.refusal import Refused
from leaddesk.book.rules import Rules, rules_of
from leadpact import facts
from leadpact.handing.handoffs import DISPUTES, OVERTURNED, SUBJECT, UPHELD
from leadpact.problem import Problem
from leadpact.score.conditions import SCORES, points_of

OUTCOMES = (DISPUTES[UPHELD], DISPUTES[OVERTURNED])
"""How a dispute can end: the rejection stands, or it was wrong."""
SPOKEN = frozenset({facts.ACCEPTED, facts.REJECTED, facts.RETURNED})
"""The facts by which sales decides on a lead."""
GUARDED: Mapping[int, str] = {
    facts.WAIVED: "waive promises",
    facts.ASSIGNED: "reassign leads",
    facts.HANDED_OVER: "reassign leads",
    facts.SUPPRESSED: "reassign leads",
    facts.SCORED: "override scores",
    facts.DISPUTED: "settle disputes",
}
"""What takes more than recording to take it back, unless it is one's own."""
BY_HAND, RELEASED = "by hand", "released"
"""The model of a score that somebody set, and what it says of an axis that is the rules' again."""
_GIVEN = frozenset({facts.ASSIGNED, facts.HANDED_OVER})
_SALES = frozenset({"admin", "sales lead"})
_CLOSED = frozenset({Handoff.State.OFFERED.value, Handoff.State.SILENT.value})


def may_decide(actor: Actor, owner: str) -> bool:
    """Whether somebody may accept, reject and give back a lead of this owner: the owner, who is of
    their team, and who leads sales; of a lead that nobody owns, any rep."""
    return actor.may("record facts") and owner in deciders(actor, [owner])


def must_decide(actor: Actor, lead: Lead) -> None:
    """Raises `Refused` where sales decides on this lead, and this one isn't those of sales who may."""
    if not may_decide(actor, lead.owner):
        raise Refused([not_theirs(lead.key)])


def for_sales(actor: Actor, fit: Callable[[Lead], None]) -> Callable[[Lead], None]:
    """What refuses a step of sales, also where it isn't this one's to make."""

    def fits(lead: Lead) -> None:
        must_decide(actor, lead)
        fit(lead)

    return fits


def deciders(actor: Actor, owners: Iterable[str]) -> set[str]:
    """Those of some owners for whom somebody may decide."""
    wanted = {*owners}
    if actor.role in _SALES:
        return wanted
    found = {actor.person} | ({""} if actor.role == "rep" else set())
    if wanted - found:
        people = Person.objects.of(actor.workspace_id)
        team = people.filter(key=actor.person).exclude(team="").values("team")
        found |= {*people.filter(team__in=team, key__in=wanted).values_list("key", flat=True)}
    return wanted & found


def not_theirs(lead: str) -> Problem:
    """What is said to whoever would decide on a lead of somebody else."""
    said = _("The lead '{lead}' belongs to somebody else.").format(lead=plain_text(lead))
    remedy = _("Ask its owner, or who leads your team, to give it to you.")
    return Problem("owner", 0, said, remedy)


def spoken(actor: Actor, rows: Sequence[Row], now: int) -> dict[int, Problem]:
    """The rows, by place, that somebody may not record, or that don't count when people say them.

    Programs of an admin tell what was decided elsewhere, when it was, and by whom.
    """
    found = dict(_forged(rows)) | dict(_disputed(actor, rows, now))
    if actor.role != "admin":
        found |= dict(_refused_late(actor, rows, now)) | dict(_of_others(actor, rows))
        found |= dict(_taken_back(actor, rows))
    return found


def signed(actor: Actor, row: Row) -> Row:
    """A dispute with who says so: whoever hands it in, unless an admin names somebody."""
    body = _body(row)
    if not _is_dispute(row) or (actor.role == "admin" and body.get("by")):
        return row
    told = json.dumps(
        body | {"by": actor.person}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return row._replace(body=told)


def _forged(rows: Sequence[Row]) -> Iterator[tuple[int, Problem]]:
    """Scores under the name of the rules of this desk, which freeze what a handoff was for; and those
    by hand that are no points."""
    for place, row in enumerate(rows):
        body = _body(row) if row.kind == facts.SCORED else {}
        model = facts.word(str(body.get("model") or ""))
        if model.startswith("rules"):
            said = _("'{name}' is this desk itself.").format(name=plain_text(model))
            yield place, Problem("model", 0, said, _("Leave it out."))
        for axis in SCORES if model == BY_HAND else ():
            text = str(body.get(axis) or "0")
            if facts.word(text) != RELEASED and points_of(text) is None:
                said = _("'{value}' isn't a number of points.").format(value=plain_text(text))
                yield place, Problem(axis, 0, said, _("Write points such as 40, -20 or 12.5."))


def _disputed(actor: Actor, rows: Sequence[Row], now: int) -> Iterator[tuple[int, Problem]]:
    places = [place for place, row in enumerate(rows) if _is_dispute(row)]
    if not places:
        return
    rules = rules_of(actor.workspace_id)
    agreed = disputes.arbitration(rules, now)
    able = disputes.settlers(actor.workspace_id, agreed)
    last = _last(actor.workspace_id, {rows[place].lead for place in places})
    for place in places:
        body, handoff = _body(rows[place]), last.get(rows[place].lead)
        if not body.get("outcome"):
            may = actor.may("contest rejections")
            if (
                may
                and actor.role != "admin"
                and handoff is not None
                and _too_late(rules, handoff, now)
            ):
                yield place, disputes.too_late()
        else:
            who = str(body.get("by") or actor.person)
            speaker = Actor(actor.workspace_id, who, actor.role, actor.scopes)
            may = disputes.may_settle(speaker, agreed, able)
            if may and handoff is not None and disputes.is_barred(speaker, agreed, able, handoff):
                yield place, disputes.part_taken()
        if not may:
            said = _("Your role in this workspace doesn't cover it.")
            yield place, Problem("outcome", 0, said, _("Ask who leads your team."))


def _too_late(rules: Rules, rejected: Handoff, now: int) -> bool:
    end = disputes.contested_until(rules, rejected, now)
    return rejected.state == Handoff.State.REJECTED and end is not None and now > end


def _refused_late(actor: Actor, rows: Sequence[Row], now: int) -> Iterator[tuple[int, Problem]]:
    """Rejections for a reason that wasn't agreed, or heard when silence had counted as yes."""
    places = [place for place, row in enumerate(rows) if row.kind == facts.REJECTED]
    if not places:
        return
    handoff = in_force(actor.workspace_id, now).handoff
    agreed = {facts.word(one) for one in handoff.reasons_to_reject} if handoff else set()
    last = _last(actor.workspace_id, {rows[place].lead for place in places})
    for place in places:
        row, known = rows[place], last.get(rows[place].lead)
        if agreed and facts.word(str(_body(row).get("reason") or "")) not in agreed:
            said = _("That isn't one of the agreed reasons.")
            yield place, Problem("reason", 0, said, _("Choose one from the list."))
        elif known is not None and _is_over(known, row, now):
            said = _("The time to reject this lead is over: silence counted as yes.")
            remedy = _("Give it back into a track, or disqualify it.")
            yield place, Problem("occurred_at", 0, said, remedy)


def _is_over(known: Handoff, row: Row, now: int) -> bool:
    """Whether a rejection that is heard now comes too late, whenever it is said to have happened."""
    if known.accept_by is None or now <= known.accept_by:
        return False
    before = known.decided_at is not None and row.occurred_at < known.decided_at
    return known.state in _CLOSED or before


def _of_others(actor: Actor, rows: Sequence[Row]) -> Iterator[tuple[int, Problem]]:
    """Decisions on leads of others, by who owns each when it is decided on."""
    keys = {row.lead for row in rows if row.kind in SPOKEN}
    if not keys:
        return
    leads = Lead.objects.of(actor.workspace_id).filter(key__in=keys)
    owners: dict[str, str] = dict(leads.values_list("key", "owner"))
    wanted: dict[int, str] = {}
    for place, row in enumerate(rows):
        if row.kind in _GIVEN and row.lead in keys:
            body = _body(row)
            owners[row.lead] = str(body.get("owner") or body.get("to") or "")
        elif row.kind in SPOKEN:
            wanted[place] = owners.get(row.lead, "")
    theirs = deciders(actor, wanted.values())
    for place, owner in wanted.items():
        if owner not in theirs:
            yield place, not_theirs(rows[place].lead)


def _taken_back(actor: Actor, rows: Sequence[Row]) -> Iterator[tuple[int, Problem]]:
    """Corrections of what others said, where saying it, or deciding so, isn't this one's."""
    wanted = {n: str(_body(row).get("fact") or "") for n, row in enumerate(rows)
              if row.kind == facts.CORRECTED}  # fmt: skip
    if not wanted:
        return
    keys = {rows[place].lead for place in wanted}
    known = Fact.objects.of(actor.workspace_id).filter(lead__in=keys, source_id__in=wanted.values())
    told = {(one.lead, one.source_id): one for one in known}
    leads = Lead.objects.of(actor.workspace_id).filter(key__in=keys)
    owners: dict[str, str] = dict(leads.values_list("key", "owner"))
    theirs = deciders(actor, owners.values())
    for place, source_id in wanted.items():
        one = told.get((rows[place].lead, source_id))
        if one is None or json.loads(one.body).get("by") == actor.person:
            continue
        right = GUARDED.get(one.kind)
        not_own = one.kind in SPOKEN and owners.get(one.lead, "") not in theirs
        if (right is not None and not actor.may(right)) or not_own:
            said = _("Your role in this workspace doesn't cover it.")
            yield place, Problem("fact", 0, said, _("Ask who leads your team."))


def _last(workspace: int, leads: Iterable[str]) -> Mapping[str, Handoff]:
    """The last handoff of each of some leads."""
    rows = Handoff.objects.of(workspace).filter(lead__in={*leads}).order_by("pass_number")
    return {row.lead: row for row in rows}


def _is_dispute(row: Row) -> bool:
    return (
        row.kind == facts.DISPUTED and facts.word(str(_body(row).get("promise") or "")) == SUBJECT
    )


def _body(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.body)
    return found
