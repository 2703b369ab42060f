"""The scene of a fault test: leads that are due, a receiver who has to hear of it, what it heard."""

import json
from collections import Counter
from datetime import timedelta

from leaddesk.book import wake
from leaddesk.book.models import Channel, Delivery, Notice
from leaddesk.book.moment import SECOND
from leaddesk.post import planning
from leaddesk.post.exchange import Reach
from leaddesk.post.sending import send_due
from leadpact.clock import to_datetime
from tests.leaddesk.desk import ZONE, at, handed_over, person, take, workspace
from tests.leaddesk.receivers import answer

BEFORE = at("2026-03-12 13:59")
DUE = at("2026-03-12 14:00")
"""When the first contact of a lead is due that was handed over at nine."""
LATER = at("2026-03-12 14:30")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HERE = Reach(allow=("127.0.0.1",), seconds=2)


def desk_with(count, apart=0):
    """A workspace where so many leads of Ana's are due, one every so many µs from `DUE` on."""
    own = workspace()
    person(own, "ana", email="ana@example.com")
    nine = to_datetime(at("2026-03-12 09:00")).astimezone(ZONE)
    leads = [
        handed_over(
            f"L-{n:03}",
            (nine + timedelta(microseconds=n * apart)).isoformat(),
            source_id=f"L-{n:03}",
        )
        for n in range(count)
    ]
    take(own, *leads, now=at("2026-03-12 09:01"))
    return own


def hook(own, port, **fields):
    """A webhook of a workspace to a receiver on this machine; it takes what is broken."""
    plain = {"key": "hook", "kind": "webhook", "name": "Hook", "created_at": 1}
    plain |= {"events": ["broken"], "secrets": {"secret": SECRET}}
    plain |= {"settings": {"url": f"http://127.0.0.1:{port}/"}}
    return Channel.objects.of(own).create(workspace=own, **(plain | fields))


def fine(_request):
    """The answer of a receiver that takes everything."""
    return answer(204)


def heard(receiver):
    """The key of each message that came, repeats included."""
    return [request.headers["webhook-id"] for request in receiver.got]


def broken_leads(receiver):
    """How often each lead was said to be broken."""
    told = [json.loads(request.body)["data"] for request in receiver.got]
    return Counter(one["lead"] for data in told for one in data.get("notices") or [data["notice"]])


def finish(now):
    """Do all that is to be done at an instant, as workers do that nothing happens to."""
    for _turn in range(50):
        if not (wake.woken(now) or planning.plan(now) or send_due(now, HERE)):
            return
    raise AssertionError("the work never ends")


def after_every_lease(now):
    """An instant at which whatever a dead worker held is free again."""
    from leaddesk.book import outbox

    return now + max(wake.LEASE, outbox.LEASE) + SECOND


def unsent(own, now):
    """What still waits to be told although its time has come; for a desk at rest it is nothing."""
    waiting = Delivery.objects.of(own).filter(state__in=("pending", "leased"), next_at__lte=now)
    unposted = Notice.objects.of(own).filter(posted_at__isnull=True)
    return [f"{one.key}: was never sent" for one in [*waiting, *unposted]]
