"""What an act on many leads would do: its fields, and what becomes of each lead."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from leaddesk.book.access import Actor, seen
from leaddesk.book.acts import SYSTEM
from leaddesk.book.choices import Choices, choices, in_force, receivers
from leaddesk.book.codec import incoming
from leaddesk.book.deciding import deciders
from leaddesk.book.fields import Unfit, plain_text, read_text
from leaddesk.book.models import BulkAct, Due, Enrolment, Handoff, Lead
from leaddesk.book.narrowing import grabbed, is_narrowed
from leaddesk.book.refusal import refused
from leadpact.agreement.promises import Response
from leadpact.clock import to_datetime
from leadpact.facts import word

LONGEST_REASON = 300


_SHOWN = 20


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
    "enrol": Act("enrolled", ("track", "why"), "enrol leads", _OPEN | {"out", "lost", "won"}),
    "disqualify": Act("disqualified", ("reason",), "record facts", _OPEN | {"out"}),
    "waive": Act("waived", ("promise", "why"), "waive promises", _OPEN),
}
"""Every act that many leads can have, by its name."""


class Fate(NamedTuple):
    """What becomes of a lead: nothing where `left` says why ("closed", "same", "no promise", "hidden",
    "taken", "not with sales", "not theirs"), else from `before` to `after`, by so many facts (their fields)."""

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


def seen_of(actor: Actor, leads: Sequence[str]) -> set[str]:
    """Those of some leads that somebody may see."""
    rows = seen(actor, Lead.objects.of(actor.workspace_id)).filter(key__in=[*leads])
    return {*rows.values_list("key", flat=True)}


def values_of(workspace: int, act: str, given: Mapping[str, str], now: int) -> dict[str, str]:
    """The fields of an act as they are stored. Raises `Refused`."""
    offered = choices(workspace, now)
    lists: Mapping[str, Callable[[], Sequence[str]]] = {
        "owner": lambda: [one.key for one in receivers(workspace)],
        "track": lambda: tracks_of(workspace, offered, act, now),
        "promise": lambda: promises(workspace, now),
        "reason": lambda: reasons_of(offered, act),
    }
    return {
        name: _one_of(name, given.get(name, ""), lists[name]())
        if name in lists
        else _why(name, given.get(name, ""))
        for name in fields_of(offered, act)
    }


def fields_of(offered: Choices, act: str) -> tuple[str, ...]:
    """The fields of an act; giving back takes a reason, one of the agreed where there are any."""
    more = ("reason" if offered.returns else "why",) if act == "return" else ()
    return (*ACTS[act].fields, *more)


def reasons_of(offered: Choices, act: str) -> Sequence[str]:
    """The reasons that an act can have."""
    return {"pause": offered.pauses, "return": offered.returns}.get(act, offered.disqualifications)


def tracks_of(workspace: int, offered: Choices, act: str, now: int) -> Sequence[str]:
    """The tracks that an act can name: into one that wasn't agreed on nobody is enrolled."""
    return [*in_force(workspace, now).nurture] if act == "enrol" else offered.tracks


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
    fates = [*fates_of(actor, bulk, range(len(bulk.leads)), now)]
    left: dict[str, int] = {}
    for one in fates:
        if one.left:
            left[one.left] = left.get(one.left, 0) + 1
    changes = [one for one in fates if not one.left]
    beyond = [one for one in fates if one.left]
    return Plan(len(changes), left, changes[:_SHOWN], beyond[:_SHOWN])


def fates_of(actor: Actor, bulk: BulkAct, places: range, now: int) -> Iterator[Fate]:
    """What becomes of some of its leads as they stand now."""
    keys = [bulk.leads[place] for place in places]
    rows = seen(actor, Lead.objects.of(bulk.workspace_id)).filter(key__in=keys)
    columns = ("key", "standing", "stage", "owner", "is_paused", "pass_number")
    leads = {row["key"]: row for row in rows.values(*columns)}
    if bulk.act == "enrol":
        _note_tracks(bulk, leads)
    if bulk.act == "return":
        _note_bars(actor, bulk, leads, now)
    owed = _owed(bulk, keys) if bulk.act == "waive" else {}
    fates = [_fate(bulk, key, leads.get(key), owed.get(key, ())) for key in keys]
    taken = _grabbed(actor, bulk, fates, now)
    for one in fates:
        yield Fate(one.lead, "taken") if one.lead in taken else one


def _note_tracks(bulk: BulkAct, leads: Mapping[str, dict[str, Any]]) -> None:
    """Note with each lead the nurture track that it is in, "" for none."""
    for one in leads.values():
        one["track"] = ""
    rows = Enrolment.objects.of(bulk.workspace_id).filter(lead__in=[*leads], left_at=None)
    for lead, track in rows.order_by("entered_at").values_list("lead", "track"):
        leads[lead]["track"] = track


def _note_bars(actor: Actor, bulk: BulkAct, leads: Mapping[str, dict[str, Any]], now: int) -> None:
    """Note with each lead why it can't be given back: sales hasn't it, or it is for others to say."""
    agreed = in_force(bulk.workspace_id, now).stages
    deal = agreed.index(_DEAL) if _DEAL in agreed else len(agreed)
    rows = Handoff.objects.of(bulk.workspace_id).filter(
        lead__in=[*leads], state__in=("offered", "accepted", "silent"), left_at=None
    )
    with_sales = {*rows.values_list("lead", flat=True)}
    theirs = deciders(actor, [one["owner"] for one in leads.values()])
    for key, one in leads.items():
        has_deal = one["stage"] in agreed[deal:]
        one["bar"] = "not with sales" if key not in with_sales or has_deal else ""
        one["bar"] = one["bar"] or ("not theirs" if one["owner"] not in theirs else "")


_DEAL = "opportunity"
"""The stage from which on a lead isn't given back."""


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
        if lead["bar"]:
            return Fate(key, lead["bar"], lead["standing"])
        same, before, after = False, lead["standing"], said["track"]
        plain |= {"to": said["track"], "reason": said.get("reason") or said["why"]}
    elif bulk.act == "enrol":
        before, after = lead["track"], said["track"]
        same = word(before) == word(after)
        plain |= said
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
    items = [item for one in fates if not one.left for item in items_of(bulk, one, 0, now)]
    rows = incoming(items, zone="UTC", now=now, system=SYSTEM).rows
    return {rows[place].lead for place, _problem in grabbed(actor, rows)}


def items_of(bulk: BulkAct, fate: Fate, place: int, now: int) -> Iterator[dict[str, Any]]:
    """The facts by which a lead, the one at a `place` of the act, is changed."""
    for number, told in enumerate(fate.facts):
        yield {
            **told,
            "lead": fate.lead,
            "occurred_at": to_datetime(now).isoformat(),
            "system": SYSTEM,
            "source_id": f"{bulk.key}:{place}" + (f".{number}" if number else ""),
        }
