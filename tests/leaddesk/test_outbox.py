"""The outbox: what is queued is sent, once in effect, and told again where it wasn't taken."""

import pytest

from leaddesk.book import moment
from leaddesk.book.models import Channel, Delivery, Notice, Person
from leaddesk.post import planning
from leaddesk.post.exchange import Reach
from leaddesk.post.sending import send_due
from tests.leaddesk.desk import at, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_breach_reaches_a_webhook_and_its_owner(unused_tcp_port_factory=None):
    own = workspace()
    Person.objects.of(own).create(
        workspace=own, key="ana", name="Ana", email="ana@example.com", created_at=1
    )
    hook = Channel.objects.of(own).create(
        workspace=own, key="hook", kind="webhook", name="Hook", created_at=1,
        settings={"url": "http://127.0.0.1:9/"},
        secrets={"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    )  # fmt: skip
    now = at("2026-03-12 14:30")
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=now)
    waiting = Notice.objects.of(own).filter(posted_at__isnull=True).count()
    assert planning.plan(now) == waiting > 0
    assert planning.plan(now) == 0
    deliveries = Delivery.objects.of(own).filter(channel=hook)
    assert deliveries.count() == waiting
    assert send_due(now, Reach(allow=("127.0.0.1",), seconds=1)) == waiting
    assert {(one.state, one.attempts) for one in deliveries} == {("pending", 1)}
    assert all(one.next_at > now for one in deliveries)
    assert moment.now() > 0
