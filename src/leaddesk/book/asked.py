"""Asked: who acts on which lead, and whether a colleague has just done the same."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from leaddesk.book.access import Actor
from leaddesk.book.codec import NAMES
from leaddesk.book.models import Fact
from leaddesk.book.moment import MINUTE
from leadpact import facts
from leadpact.facts import word

_SAME_TRY = 10 * MINUTE
"""Two tries of the same kind further apart than this are two."""


_BESIDE = {"by", "why", "seconds", "amount"}
"""Fields in which two people who record the same may differ."""


@dataclass(frozen=True)
class Asked:
    """Who acts on which lead. `token` is of the form or the key that was pressed, `seen` the last
    fact of the lead that they saw (None: unknown), `at` when they did it (None: now)."""

    actor: Actor
    lead: str
    token: str
    now: int
    seen: int | None = None
    at: int | None = None
    note: str = ""


class Same(NamedTuple):
    """A colleague's fact that says the same: who recorded it, and how long before (µs)."""

    by: str
    before: int


@dataclass(frozen=True)
class Done:
    """What came of an act: "new", "known" (it was recorded before) or "equal" (a colleague did it).

    `facts` are the source ids that take it back.
    """

    outcome: str
    facts: tuple[str, ...] = ()
    same: Same | None = None


def corrected(rows: Any) -> set[str]:
    """The source ids of those facts of a lead that were taken back."""
    bodies = rows.filter(kind=facts.CORRECTED).values_list("body", flat=True)
    return {str(json.loads(body).get("fact", "")) for body in bodies}


def facts_of(asked: Asked) -> Any:
    """The facts of the lead."""
    return Fact.objects.of(asked.actor.workspace_id).filter(lead=asked.lead)


def same_of(asked: Asked, kind: str, fields: Mapping[str, Any]) -> Same | None:
    """What a colleague recorded of the lead since it was seen, if it says the same."""
    if asked.seen is None:
        return None
    rows = facts_of(asked).filter(kind=NAMES.index(kind), id__gt=asked.seen)
    back = corrected(facts_of(asked)) if rows else set()
    at = asked.now if asked.at is None else asked.at
    for row in rows.order_by("-id"):
        body = json.loads(row.body)
        near = kind not in {"attempted", "replied"} or abs(at - row.occurred_at) <= _SAME_TRY
        others = body.get("by") != asked.actor.person and row.source_id not in back
        if near and others and _core(body) == _core(fields):
            return Same(str(body.get("by") or ""), max(asked.now - row.recorded_at, 0))
    return None


def _core(body: Mapping[str, Any]) -> dict[str, str]:
    return {name: word(str(value)) for name, value in body.items() if name not in _BESIDE}
