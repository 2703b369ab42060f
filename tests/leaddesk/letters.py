"""Letters: notices and deliveries as the tests of the post speak of them."""

import json
from itertools import count

from leaddesk.book.models import Channel, Delivery, Notice
from leaddesk.post import planning
from leadpact.clock import to_datetime

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_numbers = count(1)


def channel(own, kind="email", **fields):
    """A way out of a workspace, named for its kind unless said."""
    plain = {"key": kind, "kind": kind, "name": kind.title(), "created_at": 1}
    return Channel.objects.of(own).create(workspace=own, **(plain | fields))


def notice(own, kind, when, *, to="", owner="ana", lead=None, found_at=None, **fields):
    """A notice that `record` queued at an instant, of a first contact that was due then."""
    n = next(_numbers)
    lead = lead or f"L-{n}"
    due = to_datetime(when).isoformat()
    body = {
        "kind": kind,
        "to": to or None,
        "lead": lead,
        "pass": 1,
        "promise": "first contact",
        "rung": None,
        "occurrence": 1,
        "owner": owner or None,
        "verdict": "broken",
        "side": "sales",
        "version": 1,
        "started_at": due,
        "due_at": due,
        "answered_at": None,
        "unit": "working hours",
        "left_seconds": 0,
        "at": None,
        "key": f"k{n}",
    }
    return Notice.objects.of(own).create(
        workspace=own,
        key=f"k{n}",
        kind=kind,
        to=to,
        lead=lead,
        body=json.dumps(body | fields),
        cause_at=when,
        created_at=found_at or when,
    )


def told(own, **wanted):
    """Every delivery: to whom, in what state, when, and of which leads it tells."""
    rows = Delivery.objects.of(own).filter(**wanted).order_by("pk")
    return [
        (one.to, one.state, one.next_at, [told["lead"] for told in json.loads(one.body)["notices"]])
        for one in rows
    ]


def plan_all(now):
    """Plan until nothing waits; how many notices that were."""
    total = 0
    while count := planning.plan(now):
        total += count
    return total
