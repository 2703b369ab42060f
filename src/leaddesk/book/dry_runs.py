"""Dry runs: any list of leads tried on the route, kept with what it came to for a day.

The list is taken down at once; the leads are then scored and given out in steps, by whoever asked for
a while, then by a worker. Nothing else is changed, and nobody hears of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from secrets import token_hex
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leaddesk.book import database, leases, moment
from leaddesk.book.access import Actor, of_seen, seen
from leaddesk.book.fields import plain_text
from leaddesk.book.leases import LEASE
from leaddesk.book.models import DryRun, DryRunFate, DryRunLead, Lead
from leaddesk.book.moment import DAY
from leaddesk.book.refusal import Absent, refused

KEPT = DAY
"""So long what a dry run came to is kept."""
MOST = 1_000_000
"""So many leads are tried in one dry run."""
MOST_UNDER_WAY = 5
"""So many dry runs of one person are under way at once."""
MOST_NAMED = 20
"""So many keys that aren't there are named; the others are counted."""
_AT_ONCE, _DELETED_AT_ONCE = 5_000, 20_000
State = DryRun.State
JOBS = (State.SCORING, State.GIVING)
_NEW = {"rank": 0, "since": 0, "interest": 0, "want": ""}


class Superseded(Exception):
    """Somebody else holds this dry run by now."""


def of_keys(actor: Actor, keys: Iterable[str], what: str, name: str, now: int) -> DryRun:
    """A dry run of leads by their keys, as far as somebody may see them. Raises `Refused`, also where
    that is none of those that were asked for."""
    _must_have_room(actor)
    asked = iter(dict.fromkeys(key[:200] for key in keys if key and "\x00" not in key))
    found: list[str] = []
    unknown: list[str] = []
    while share := [*islice(asked, _AT_ONCE)]:
        rows = seen(actor, Lead.objects.of(actor.workspace_id)).filter(key__in=share)
        known = {*rows.values_list("key", flat=True)}
        unknown += [key for key in share if key not in known]
        found += known
    if unknown and not found:
        path = "file" if what == "file" else "leads"
        raise refused(path, _("You may see none of these leads."), "")
    told = {"unknown": unknown[:MOST_NAMED], "unknown_count": len(unknown)}
    return _taken_down(_begun(actor, what, name, now), sorted(found), len(found), told)


def of_leads(actor: Actor, leads: QuerySet[Any], what: str, name: str, now: int) -> DryRun:
    """A dry run of the leads of a query, which holds only what somebody may see. Raises `Refused`."""
    _must_have_room(actor)
    keys = [*leads.order_by("key").values_list("key", flat=True)[:MOST]]
    count = leads.count() if len(keys) == MOST else len(keys)
    return _taken_down(_begun(actor, what, name, now), sorted(keys), count, {})


def _must_have_room(actor: Actor) -> None:
    actor.must("read leads")
    if listed(actor).filter(state__in=JOBS).count() >= MOST_UNDER_WAY:
        said = _("Several of your dry runs are still under way.")
        raise refused("", said, _("Wait until one of them has ended."))


def _begun(actor: Actor, what: str, name: str, now: int) -> DryRun:
    """A dry run that counts as failed until its leads are taken down."""
    whole: DryRun = DryRun.objects.of(actor.workspace_id).create(
        workspace_id=actor.workspace_id,
        key=token_hex(8),
        person=actor.person,
        what=what,
        name=plain_text(name)[:200],
        at=now,
        until=now + KEPT,
        state=State.FAILED,
    )
    return whole


def _taken_down(run: DryRun, keys: Sequence[str], asked: int, told: Mapping[str, Any]) -> DryRun:
    """The dry run with its leads. They are written in shares, so that others write in between."""
    run.total = min(len(keys), MOST)
    for first in range(0, run.total, _AT_ONCE):
        _store(run, first, keys[first : min(first + _AT_ONCE, MOST)])
    run.tally = {"unknown": [], "unknown_count": 0, "beyond": asked - run.total, **told}
    run.state, run.lease_until = State.SCORING, moment.now() + LEASE
    run.save(update_fields=["total", "tally", "state", "lease_until"])
    return run


def _store(run: DryRun, before: int, keys: Sequence[str]) -> None:
    names = ("workspace", "run", "number", "lead", *_NEW)
    rows = [
        (run.workspace_id, run.pk, number, key, *_NEW.values())
        for number, key in enumerate(keys, before + 1)
    ]
    columns = [*zip(*rows, strict=True)]
    database.in_transaction(lambda: database.insert(DryRunLead, names, columns))


def found(actor: Actor, key: str) -> DryRun:
    """A dry run of somebody's own. Raises `Absent`, `Forbidden`."""
    actor.must("read leads")
    run: DryRun | None = listed(actor).filter(key=key[:40]).first()
    if run is None:
        raise Absent(f"dry run {plain_text(key)}")
    return run


def listed(actor: Actor) -> QuerySet[Any]:
    """Somebody's dry runs that are still kept, the newest first."""
    actor.must("read leads")
    rows = DryRun.objects.of(actor.workspace_id).filter(person=actor.person)
    return rows.order_by("-at", "-id")


def fates(actor: Actor, run: DryRun, owner: str | None = None, why: str = "") -> QuerySet[Any]:
    """Who would get which lead, as far as somebody may still see them, in the order in which they would
    be given out; of all, those of one owner, or those that wait ("") for some reasons."""
    rows: QuerySet[Any] = of_seen(actor, DryRunFate.objects.of(run.workspace_id).filter(run=run))
    if owner is not None:
        rows = rows.filter(owner=owner)
    if why:
        rows = rows.filter(why=why)
    return rows.order_by("number")


def claim(now: int) -> DryRun | None:
    """Take the oldest dry run that nobody holds."""
    found: DryRun | None = leases.claimed(DryRun.across.filter(state__in=JOBS), now)
    return found


def go_on(run: DryRun, now: int, **fields: Any) -> None:
    """Note how far it is. Raises `Superseded` where somebody else holds it by now."""
    fields |= {
        "lease_until": None if fields.get("state") in {State.DONE, State.FAILED} else now + LEASE
    }
    rows = DryRun.across.filter(pk=run.pk, fence=run.fence, state=run.state)
    if not rows.update(**fields):
        raise Superseded
    for name, value in fields.items():
        setattr(run, name, value)


def fail(run: DryRun) -> None:
    """End a dry run that can't go on."""
    rows = DryRun.across.filter(pk=run.pk, fence=run.fence)
    rows.update(state=State.FAILED, lease_until=None)
    run.refresh_from_db()


def forget(now: int) -> int:
    """Delete dry runs that were kept long enough; how many."""
    over = [*DryRun.across.filter(until__lt=now)[:20]]
    for run in over:
        for model in (DryRunLead, DryRunFate):
            empty(model, run)
        run.delete()
    return len(over)


def empty(model: Any, run: DryRun) -> None:
    """Delete the rows of a dry run, some at a time, so that others write in between."""
    rows = model.objects.of(run.workspace_id).filter(run=run)
    for first in range(0, run.total, _DELETED_AT_ONCE):
        rows.filter(number__gt=first, number__lte=first + _DELETED_AT_ONCE).delete()
