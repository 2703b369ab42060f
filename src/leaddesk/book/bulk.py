"""Bulk: one act on many leads: proposed and shown first, then done in parts, and undone for a while.

What is proposed keeps the leads that it is meant for. Each is looked at again when its turn comes:
who has changed meanwhile, and doesn't fit any more, is left as it is and counted.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, NamedTuple

from django.db.models import F, Q
from django.utils.translation import gettext as _

from leaddesk.book import audit, database
from leaddesk.book.access import Actor, actor_of, seen
from leaddesk.book.acts import SYSTEM
from leaddesk.book.choices import choices, in_force, receivers
from leaddesk.book.codec import incoming
from leaddesk.book.fields import Unfit, plain_text, read_text
from leaddesk.book.intake import Handed, take
from leaddesk.book.models import BulkAct, Due, Fact, Lead, Person
from leaddesk.book.moment import DAY, SECOND
from leaddesk.book.narrowing import grabbed, is_narrowed
from leaddesk.book.refusal import Absent, Forbidden, refused
from leaddesk.book.registers import found
from leadpact import facts
from leadpact.agreement.promises import Response
from leadpact.clock import to_datetime
from leadpact.facts import word

MOST = 10_000
"""So many leads one act takes at most."""
AT_ONCE = 1_000
"""So many are done while somebody waits for the page; more are left to the worker."""
BATCH = 500
UNDO_FOR = 7 * DAY
LEASE = 30 * SECOND
LONGEST_REASON = 300
_SHOWN = 20
_FORGOTTEN = DAY
State = BulkAct.State


class Act(NamedTuple):
    """An act that many leads can have: the fact it records, its fields, the right it needs, and
    the standings of leads that it fits."""

    kind: str
    fields: tuple[str, ...]
    right: str
    fits: frozenset[str]


_OPEN = frozenset({"open", ""})
ACTS: Mapping[str, Act] = {
    "reassign": Act("assigned", ("owner", "why"), "reassign leads", _OPEN),
    "pause": Act("paused", ("reason",), "record facts", _OPEN),
    "resume": Act("resumed", (), "record facts", _OPEN),
    "return": Act("returned", ("track",), "record facts", _OPEN),
    "disqualify": Act("disqualified", ("reason",), "record facts", _OPEN | {"out"}),
    "waive": Act("waived", ("promise", "why"), "waive promises", _OPEN),
}
"""Every act that many leads can have, by its name."""


class Fate(NamedTuple):
    """What becomes of a lead: nothing where `left` says why ("closed", "same", "no promise", "hidden",
    "taken"), else from `before` to `after`, by so many facts (their fields)."""

    lead: str
    left: str
    before: str = ""
    after: str = ""
    facts: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Plan:
    """What an act would do: how many leads change, how many are left for each reason, the first of
    both."""

    changes: int
    left: Mapping[str, int]
    first: Sequence[Fate] = ()
    first_left: Sequence[Fate] = field(default=())


def propose(
    actor: Actor, act: str, given: Mapping[str, str], leads: Sequence[str], now: int
) -> BulkAct:
    """An act that is shown before it is done. Raises `Refused`, `Forbidden`."""
    if act not in ACTS:
        raise refused("act", _("There is no such act."), _("Choose one from the list."))
    actor.must("record facts")
    actor.must(ACTS[act].right)
    values = _values(actor.workspace_id, act, given, now)
    if not leads:
        raise refused("leads", _("No lead is chosen."), _("Choose at least one."))
    if len(leads) > MOST:
        said = _("These are more than %(most)s leads.") % {"most": f"{MOST:,}"}
        raise refused("leads", said, _("Narrow the list down, and do it in parts."))
    visible = _visible(actor, leads)
    bulk = BulkAct(
        workspace_id=actor.workspace_id,
        key=f"bulk-{token_hex(8)}",
        act=act,
        person=actor.person,
        fields=values,
        leads=[key for key in dict.fromkeys(leads) if key in visible],
        created_at=now,
    )

    def keep() -> None:
        old = Q(state=State.PROPOSED, created_at__lt=now - _FORGOTTEN)
        BulkAct.objects.of(actor.workspace_id).filter(old).delete()
        bulk.save()

    database.in_transaction(keep)
    return bulk


def _visible(actor: Actor, leads: Sequence[str]) -> set[str]:
    rows = seen(actor, Lead.objects.of(actor.workspace_id)).filter(key__in=[*leads])
    return {*rows.values_list("key", flat=True)}


def _values(workspace: int, act: str, given: Mapping[str, str], now: int) -> dict[str, str]:
    """The fields of an act as they are stored. Raises `Refused`."""
    offered = choices(workspace, now)
    lists: Mapping[str, Callable[[], Sequence[str]]] = {
        "owner": lambda: [one.key for one in receivers(workspace)],
        "track": lambda: offered.tracks,
        "promise": lambda: promises(workspace, now),
        "reason": lambda: offered.pauses if act == "pause" else offered.disqualifications,
    }
    return {
        name: _one_of(name, given.get(name, ""), lists[name]())
        if name in lists
        else _why(name, given.get(name, ""))
        for name in ACTS[act].fields
    }


def promises(workspace: int, now: int) -> list[str]:
    """The promises to respond of the agreement in force."""
    sides = in_force(workspace, now).promises.values()
    found = [name for side in sides for name, one in side.items() if isinstance(one, Response)]
    return list(dict.fromkeys(found))


def _one_of(name: str, value: str, offered: Sequence[str]) -> str:
    for one in offered:
        if value and word(one) == word(value):
            return one
    said = _("'{value}' isn't among what can be chosen.").format(value=plain_text(value))
    if not value:
        said = _("Nothing is chosen.")
    raise refused(name, said, _("Choose one from the list."))


def _why(name: str, value: str) -> str:
    try:
        text: str = read_text(LONGEST_REASON)(value)
    except Unfit as error:
        raise refused(name, *error.args) from None
    if not text:
        raise refused(name, _("There is no reason."), _("Say why in a few words."))
    return text


def plan(actor: Actor, bulk: BulkAct, now: int) -> Plan:
    """What an act that was proposed would do now."""
    fates = [*_fates(actor, bulk, range(len(bulk.leads)), now)]
    left: dict[str, int] = {}
    for one in fates:
        if one.left:
            left[one.left] = left.get(one.left, 0) + 1
    changes = [one for one in fates if not one.left]
    beyond = [one for one in fates if one.left]
    return Plan(len(changes), left, changes[:_SHOWN], beyond[:_SHOWN])


def _fates(actor: Actor, bulk: BulkAct, places: range, now: int) -> Iterator[Fate]:
    """What becomes of some of its leads as they stand now."""
    keys = [bulk.leads[place] for place in places]
    rows = seen(actor, Lead.objects.of(bulk.workspace_id)).filter(key__in=keys)
    columns = ("key", "standing", "owner", "is_paused", "pass_number")
    leads = {row["key"]: row for row in rows.values(*columns)}
    owed = _owed(bulk, keys) if bulk.act == "waive" else {}
    fates = [_fate(bulk, key, leads.get(key), owed.get(key, ())) for key in keys]
    taken = _grabbed(actor, bulk, fates, now)
    for one in fates:
        yield Fate(one.lead, "taken") if one.lead in taken else one


def _fate(
    bulk: BulkAct, key: str, lead: Mapping[str, Any] | None, owed: Sequence[tuple[int, int, int]]
) -> Fate:
    act, said = ACTS[bulk.act], bulk.fields
    if lead is None:
        return Fate(key, "hidden")
    if lead["standing"] not in act.fits:
        return Fate(key, "closed", lead["standing"])
    plain: dict[str, Any] = {"kind": act.kind, "by": bulk.person}
    if bulk.act == "reassign":
        same, before, after = lead["owner"] == said["owner"], lead["owner"], said["owner"]
        plain |= said
    elif bulk.act == "pause":
        same, before, after = lead["is_paused"], "running", "paused"
        plain |= said
    elif bulk.act == "resume":
        same, before, after = not lead["is_paused"], "paused", "running"
    elif bulk.act == "return":
        same, before, after = False, lead["standing"], said["track"]
        plain |= {"to": said["track"]}
    elif bulk.act == "disqualify":
        same, before, after = False, lead["standing"], "disqualified"
        plain |= said
    else:
        return _waived(key, lead, said, plain, owed)
    return Fate(key, "same", before) if same else Fate(key, "", before, after, (plain,))


def _waived(
    key: str,
    lead: Mapping[str, Any],
    said: Mapping[str, str],
    plain: Mapping[str, Any],
    owed: Sequence[tuple[int, int, int]],
) -> Fate:
    """The fate of a lead whose open obligations of one promise are let go."""
    told = [
        {**plain, **said, "pass": number, "occurrence": occurrence}
        | ({} if rung < 0 else {"rung": rung})
        for number, occurrence, rung in owed
        if number == lead["pass_number"]
    ]
    if not told:
        return Fate(key, "no promise")
    return Fate(key, "", "open", "waived", tuple(told))


def _owed(bulk: BulkAct, keys: Sequence[str]) -> dict[str, list[tuple[int, int, int]]]:
    """By lead, what is open of the promise, or late and unanswered: pass, occurrence, rung."""
    rows = Due.objects.of(bulk.workspace_id).filter(lead__in=keys)
    rows = rows.filter(promise=bulk.fields["promise"], answered_at=None)
    found: dict[str, list[tuple[int, int, int]]] = {}
    listed = rows.filter(verdict__in=("open", "broken")).order_by("id")
    for lead, *which in listed.values_list("lead", "pass_number", "occurrence", "rung"):
        found.setdefault(lead, []).append((which[0], which[1], which[2]))
    return found


def _grabbed(actor: Actor, bulk: BulkAct, fates: Sequence[Fate], now: int) -> set[str]:
    """The leads that somebody would take from others, which they may not."""
    if bulk.act != "reassign" or not is_narrowed(actor):
        return set()
    items = [item for one in fates if not one.left for item in _items(bulk, one, 0, now)]
    rows = incoming(items, zone="UTC", now=now, system=SYSTEM).rows
    return {rows[place].lead for place, _problem in grabbed(actor, rows)}


def _items(bulk: BulkAct, fate: Fate, place: int, now: int) -> Iterator[dict[str, Any]]:
    """The facts by which a lead, the one at a `place` of the act, is changed."""
    for number, told in enumerate(fate.facts):
        yield {
            **told,
            "lead": fate.lead,
            "occurred_at": to_datetime(now).isoformat(),
            "system": SYSTEM,
            "source_id": f"{bulk.key}:{place}" + (f".{number}" if number else ""),
        }


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
    """Take back exactly the facts that an act recorded. Raises `Refused`, `Forbidden`, `Absent`."""
    bulk = bulk_act(actor, key)
    actor.must("record facts")
    if bulk.person != actor.person:
        actor.must("reassign leads")
    if bulk.state == State.DONE and now > bulk.done_at + UNDO_FOR:
        said = _("It was done more than seven days ago.")
        raise refused("", said, _("Change the leads by another act."))

    def begin() -> None:
        own = BulkAct.objects.of(actor.workspace_id).filter(pk=bulk.pk, state=State.DONE)
        if own.update(state=State.UNDOING, place=0, undone_by=actor.person):
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
        if bulk.state == State.RUNNING:
            for reason, count in left.items():
                bulk.left[reason] = bulk.left.get(reason, 0) + count
            told |= {"changed": F("changed") + changed, "left": bulk.left}
            told |= {"state": State.DONE, "done_at": now} if over else {}
        elif over:
            told |= {"state": State.UNDONE, "undone_at": now}
        BulkAct.objects.of(bulk.workspace_id).filter(pk=bulk.pk).update(**told)

    database.in_transaction(go)
    bulk.refresh_from_db()


def _do(bulk: BulkAct, places: range, now: int) -> tuple[int, dict[str, int]]:
    """Record the facts of some leads; how many changed, and how many were left for each reason."""
    person = Person.objects.of(bulk.workspace_id).filter(key=bulk.person, is_active=True).first()
    if person is None or not actor_of(person).may(ACTS[bulk.act].right):
        return 0, {"forbidden": len(places)}
    actor = actor_of(person)
    fates = [*_fates(actor, bulk, places, now)]
    left: dict[str, int] = {}
    items = []
    for place, fate in zip(places, fates, strict=True):
        if fate.left:
            left[fate.left] = left.get(fate.left, 0) + 1
        items += [*_items(bulk, fate, place, now)]
    refusals = _recorded(bulk, actor, items, now)
    if refusals:
        left["refused"] = len(refusals)
    changed = {str(item["lead"]) for item in items} - refusals
    return len(changed), left


def _recorded(bulk: BulkAct, actor: Actor, items: Sequence[Any], now: int) -> set[str]:
    """Record facts; the leads of those that were refused."""
    if not items:
        return set()
    narrowed = actor if is_narrowed(actor) else None
    handed = Handed(bulk.workspace_id, items, SYSTEM, actor.person, bulk.key, narrowed=narrowed)
    taken = take([handed], now=now)[0]
    outcomes = zip(items, taken.outcomes, strict=True)
    return {str(item["lead"]) for item, outcome in outcomes if outcome not in {"new", "known"}}


def _undo(bulk: BulkAct, places: range, now: int) -> tuple[int, dict[str, int]]:
    """Take back what the act recorded for some leads, and nothing else."""
    rows = Fact.objects.of(bulk.workspace_id).filter(lead__in=[bulk.leads[n] for n in places])
    own = rows.filter(system=SYSTEM, source_id__startswith=f"{bulk.key}:")
    told = own.exclude(kind=facts.CORRECTED).order_by("id").values_list("lead", "source_id")
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
    ]
    if items:
        handed = Handed(bulk.workspace_id, items, SYSTEM, bulk.undone_by, bulk.key)
        take([handed], now=now)
    return len(items), {}
