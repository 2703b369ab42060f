"""Bulk: one act on many leads: proposed and shown first, then done in parts, and undone for a while.

What is proposed keeps the leads that it is meant for. Each is looked at again when its turn comes:
who has changed meanwhile, and doesn't fit any more, is left as it is and counted.
"""

from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.access import Actor, actor_of
from leaddesk.book.acts import SYSTEM
from leaddesk.book.bulk_plan import ACTS, fates_of, items_of, seen_of, values_of
from leaddesk.book.fields import plain_text
from leaddesk.book.intake import Handed, take
from leaddesk.book.models import BulkAct, Fact, Person
from leaddesk.book.moment import DAY, SECOND
from leaddesk.book.narrowing import is_narrowed, others
from leaddesk.book.refusal import Absent, Forbidden, refused
from leaddesk.book.registers import found
from leadpact import facts
from leadpact.clock import to_datetime

MOST = 10_000
"""So many leads one act takes at most."""
AT_ONCE = 1_000
"""So many are done while somebody waits for the page; more are left to the worker."""
BATCH = 500
UNDO_FOR = 7 * DAY
LEASE = 30 * SECOND
_FORGOTTEN = DAY
State = BulkAct.State


def propose(
    actor: Actor, act: str, given: Mapping[str, str], leads: Sequence[str], now: int
) -> BulkAct:
    """An act that is shown before it is done. Raises `Refused`, `Forbidden`."""
    if act not in ACTS:
        raise refused("act", _("There is no such act."), _("Choose one from the list."))
    actor.must("record facts")
    actor.must(ACTS[act].right)
    values = values_of(actor.workspace_id, act, given, now)
    if not leads:
        raise refused("leads", _("No lead is chosen."), _("Choose at least one."))
    if len(leads) > MOST:
        said = _("These are more than %(most)s leads.") % {"most": f"{MOST:,}"}
        raise refused("leads", said, _("Narrow the list down, and do it in parts."))
    shown = seen_of(actor, leads)
    bulk = BulkAct(
        workspace_id=actor.workspace_id,
        key=f"bulk-{token_hex(8)}",
        act=act,
        person=actor.person,
        fields=values,
        leads=[key for key in dict.fromkeys(leads) if key in shown],
        created_at=now,
    )

    def keep() -> None:
        old = Q(state=State.PROPOSED, created_at__lt=now - _FORGOTTEN)
        BulkAct.objects.of(actor.workspace_id).filter(old).delete()
        bulk.save()

    database.in_transaction(keep)
    return bulk


def confirm(actor: Actor, key: str, now: int) -> BulkAct:
    """Do what was proposed; of more than `AT_ONCE` leads the worker does it. Twice is once.

    Raises `Forbidden`, `Absent`.
    """
    bulk = bulk_act(actor, key)
    actor.must(ACTS[bulk.act].right)
    if bulk.person != actor.person:
        raise Forbidden("record facts")

    def begin() -> None:
        own = BulkAct.objects.of(actor.workspace_id).filter(pk=bulk.pk, state=State.PROPOSED)
        if own.update(state=State.RUNNING):
            told = {"what": bulk.act, "leads": len(bulk.leads), **bulk.fields}
            audit.note(actor.workspace_id, [actor.note("acted in bulk", key, **told)], now)

    database.in_transaction(begin)
    return _at_once(bulk, now)


def undo(actor: Actor, key: str, now: int) -> BulkAct:
    """Take back exactly the facts that an act recorded, but for leads that are others' by now.

    From then on `left` counts those. Raises `Refused`, `Forbidden`, `Absent`.
    """
    bulk = bulk_act(actor, key)
    actor.must("record facts")
    if bulk.person != actor.person:
        actor.must("reassign leads")
    if bulk.state == State.DONE and now > bulk.done_at + UNDO_FOR:
        said = _("It was done more than seven days ago.")
        raise refused("", said, _("Change the leads by another act."))

    def begin() -> None:
        own = BulkAct.objects.of(actor.workspace_id).filter(pk=bulk.pk, state=State.DONE)
        if own.update(state=State.UNDOING, place=0, left={}, undone_by=actor.person):
            told = {"what": bulk.act, "leads": bulk.changed}
            audit.note(actor.workspace_id, [actor.note("undid in bulk", key, **told)], now)

    database.in_transaction(begin)
    return _at_once(bulk, now)


def _at_once(bulk: BulkAct, now: int) -> BulkAct:
    bulk.refresh_from_db()
    while len(bulk.leads) <= AT_ONCE and _claimed(bulk, now):
        step(bulk, now)
    return bulk


def bulk_act(actor: Actor, key: str) -> BulkAct:
    """An act on many leads: one's own, or anybody's for those who lead. Raises `Absent`."""
    bulk: BulkAct = found(BulkAct, actor.workspace_id, "act", key=key)
    if bulk.person != actor.person and not actor.may("reassign leads"):
        raise Absent(f"act {plain_text(key)}")
    return bulk


def recent(actor: Actor, most: int = 20) -> list[BulkAct]:
    """What was done to many leads lately, as far as one may see it."""
    rows = BulkAct.objects.of(actor.workspace_id).exclude(state=State.PROPOSED).defer("leads")
    if not actor.may("reassign leads"):
        rows = rows.filter(person=actor.person)
    return [*rows.order_by("-created_at", "-id")[:most]]


def go_on(now: int) -> bool:
    """Do one part of what the worker was left; whether there was any."""
    under_way = BulkAct.across.filter(state__in=("running", "undoing")).defer("leads")
    free = under_way.filter(Q(lease_until=None) | Q(lease_until__lt=now)).order_by("created_at")
    for bulk in free[:1]:
        if _claimed(bulk, now):
            step(bulk, now)
            return True
    return False


def _claimed(bulk: BulkAct, now: int) -> bool:
    """Keep others from the next part for a while; False where there is none, or somebody does it."""
    own = BulkAct.objects.of(bulk.workspace_id).filter(pk=bulk.pk)
    free = own.filter(state__in=("running", "undoing"))
    free = free.filter(Q(lease_until=None) | Q(lease_until__lt=now))
    if not database.in_transaction(lambda: free.update(lease_until=now + LEASE)):
        return False
    bulk.refresh_from_db()
    return True


def step(bulk: BulkAct, now: int) -> None:
    """Do, or undo, the next `BATCH` of its leads, and keep how far it is."""
    places = range(bulk.place, min(bulk.place + BATCH, len(bulk.leads)))
    work = _do if bulk.state == State.RUNNING else _undo

    def go() -> None:
        changed, left = work(bulk, places, now)
        over = places.stop >= len(bulk.leads)
        told: dict[str, Any] = {"place": places.stop, "lease_until": None}
        for reason, count in left.items():
            bulk.left[reason] = bulk.left.get(reason, 0) + count
        told["left"] = bulk.left
        if bulk.state == State.RUNNING:
            told["changed"] = F("changed") + changed
            told |= {"state": State.DONE, "done_at": now} if over else {}
        elif over:
            told |= {"state": State.UNDONE, "undone_at": now}
        BulkAct.objects.of(bulk.workspace_id).filter(pk=bulk.pk).update(**told)

    database.in_transaction(go)
    bulk.refresh_from_db()


def _do(bulk: BulkAct, places: range, now: int) -> tuple[int, dict[str, int]]:
    """Record the facts of some leads; how many changed, and how many were left for each reason."""
    actor = _still(bulk, bulk.person, ACTS[bulk.act].right)
    if actor is None:
        return 0, {"forbidden": len(places)}
    fates = [*fates_of(actor, bulk, places, now)]
    left: dict[str, int] = {}
    items = []
    for place, fate in zip(places, fates, strict=True):
        if fate.left:
            left[fate.left] = left.get(fate.left, 0) + 1
        items += [*items_of(bulk, fate, place, now)]
    refusals = _recorded(bulk, actor, items, now)
    if refusals:
        left["refused"] = len(refusals)
    changed = {str(item["lead"]) for item in items} - refusals
    return len(changed), left


def _still(bulk: BulkAct, key: str, right: str) -> Actor | None:
    """Whoever asked for a part, unless they may not have it done any more."""
    person = Person.objects.of(bulk.workspace_id).filter(key=key, is_active=True).first()
    actor = actor_of(person) if person else None
    return actor if actor and actor.may(right) else None


def _recorded(bulk: BulkAct, actor: Actor, items: Sequence[Any], now: int) -> set[str]:
    """Record facts; the leads of those that were refused."""
    if not items:
        return set()
    narrowed = actor if is_narrowed(actor) else None
    handed = Handed(
        *(bulk.workspace_id, items, SYSTEM, actor.person, bulk.key),
        narrowed=narrowed,
        speaker=actor,
    )
    taken = take([handed], now=now)[0]
    outcomes = zip(items, taken.outcomes, strict=True)
    return {str(item["lead"]) for item, outcome in outcomes if outcome not in {"new", "known"}}


def _undo(bulk: BulkAct, places: range, now: int) -> tuple[int, dict[str, int]]:
    """Take back what the act recorded for some leads, and nothing else."""
    is_own = bulk.undone_by == bulk.person
    actor = _still(bulk, bulk.undone_by, "record facts" if is_own else "reassign leads")
    if actor is None:
        return 0, {"forbidden": len(places)}
    keys = {bulk.leads[place] for place in places}
    database.lock(bulk.workspace_id, keys)
    own = Fact.objects.of(bulk.workspace_id).filter(lead__in=keys, system=SYSTEM)
    own = own.filter(source_id__startswith=f"{bulk.key}:").exclude(kind=facts.CORRECTED)
    told = [*own.order_by("id").values_list("lead", "source_id")]
    beyond = others(actor, {lead for lead, _source_id in told})
    items = [
        {
            "lead": lead,
            "kind": "corrected",
            "fact": source_id,
            "by": bulk.undone_by,
            "occurred_at": to_datetime(now).isoformat(),
            "system": SYSTEM,
            "source_id": f"{source_id}:undone",
        }
        for lead, source_id in told
        if lead not in beyond
    ]
    if items:
        handed = Handed(bulk.workspace_id, items, SYSTEM, bulk.undone_by, bulk.key)
        take([handed], now=now)
    return len(items), {"hidden": len(beyond)} if beyond else {}
