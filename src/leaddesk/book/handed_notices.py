"""Handed notices: whoever gets a lead hears of it once, with what they are told about it."""

import json
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaddesk.book import database
from leaddesk.book.models import Notice
from leadpact.agreement.model import Agreement
from leadpact.clock import to_datetime
from leadpact.handing import Handoffs, Limits
from leadpact.handing.handoffs import OFFERED
from leadpact.program.columns import NEVER

KIND = "handed over"
"""The kind of these notices."""
_COLUMNS = ("workspace", "key", "kind", "to", "lead", "body", "cause_at", "created_at", "posted_at")


def queue(
    workspace: int,
    given: Handoffs,
    limits: Limits,
    counts: NDArray[np.bool_],
    agreed: Agreement,
    now: int,
) -> None:
    """Queue a notice for each handoff that waits for a decision and that nobody has heard of."""
    chosen = np.flatnonzero(counts & (given.state == OFFERED) & (given.owner >= 0)).tolist()
    if not chosen:
        return
    means = [*agreed.handoff.notify] if agreed.handoff else []
    bodies = [_body(given, limits, n, means) for n in chosen]
    rows = [
        (
            *(workspace, one["key"], KIND, one["to"], one["lead"]),
            json.dumps(one, ensure_ascii=False),
            *(min(int(given.log.at[given.given[n]]), now), now, None),
        )
        for n, one in zip(chosen, bodies, strict=True)
    ]
    database.insert(Notice, _COLUMNS, [*zip(*rows, strict=True)], unique=("workspace", "key"))


def _body(given: Handoffs, limits: Limits, place: int, means: list[str]) -> dict[str, Any]:
    """What the owner hears of a handoff, in figures."""
    log, row = given.log, int(given.given[place])
    lead, owner = log.keys[int(given.lead[place])], log.people[int(given.owner[place])]
    until = int(limits.until[place])
    told = {name: _said(given, name, row) for name in ("trigger", "packet", "missing")}
    return {
        "kind": KIND,
        "to": owner,
        "lead": lead,
        "pass": int(given.pass_[place]),
        "promise": "handoff",
        "owner": owner,
        "side": "sales",
        "started_at": to_datetime(int(log.at[row])).isoformat(),
        "due_at": None if until == NEVER else to_datetime(until).isoformat(),
        "trigger": told["trigger"],
        "packet": json.loads(told["packet"]) if told["packet"] else {},
        "missing": [one.strip() for one in told["missing"].split(",") if one.strip()],
        "by": means,
        "key": _key(lead, int(given.pass_[place])),
    }


def _said(given: Handoffs, name: str, row: int) -> str:
    sparse = given.log.fields.get(name)
    return (sparse.of(row) or "") if sparse else ""


def _key(lead: str, pass_: int) -> str:
    marks = json.dumps([KIND, lead, pass_], ensure_ascii=True)
    return f"handed-{blake2b(marks.encode(), digest_size=16).hexdigest()}"
