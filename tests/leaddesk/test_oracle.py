"""The oracle itself: it finds nothing on a desk that lived for months, and sees each harm."""

from datetime import datetime

import pytest

from leaddesk.book import wake
from leaddesk.book.models import Delivery, Due, Entry, Fact, Lead, Mute, Notice, Person
from leaddesk.sample import workspace as sample
from leaddesk.sample.desks import WARSAW
from leadpact.clock import to_micros
from leadpact.facts import RULED
from tests.leaddesk import oracle
from tests.leaddesk.desk import at, handed_over, take, workspace
from tests.leaddesk.receivers import receiver
from tests.leaddesk.scene import LATER, desk_with, fine, finish, hook

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-31 18:00")
MADE = to_micros(datetime(2026, 11, 23, 15, 30, tzinfo=WARSAW))
LONG = to_micros(datetime(2026, 11, 25, 10, 30, tzinfo=WARSAW))
"""A morning on which no lead waits for somebody: who waits depends on what was given out before."""


@pytest.mark.slow
def test_a_company_of_a_thousand_leads_stands_as_a_slow_reading_of_its_log_says():
    own = sample.made(MADE)
    sample.tell(LONG)
    while wake.woken(LONG):
        pass
    assert Lead.objects.of(own).count() > 500
    assert oracle.judged_wrongly(own, LONG) == oracle.unlike_its_log(own, LONG) == []
    assert oracle.unheeded(own, LONG) == oracle.early(own) == oracle.unnoted(own) == []
    assert oracle.mistimed(own, LONG) == oracle.miscounted(own) == oracle.said_twice(own) == []
    assert oracle.altered(own, LONG) == oracle.told_wrongly(LONG) == []


HARM = [
    ("lost", lambda own: Fact.objects.of(own).filter(source_id="L-000").delete()),
    ("unheeded", lambda own: Lead.objects.of(own).update(wake_at=1)),
    ("early", lambda own: Fact.objects.of(own).filter(kind=RULED).update(occurred_at=1)),
    ("early", lambda own: Notice.objects.of(own).update(created_at=1)),
    ("early", lambda own: Delivery.objects.of(own).update(done_at=1)),
    ("unnoted", lambda own: Entry.objects.of(own).filter(act="gave rulings").delete()),
    ("judged_wrongly", lambda own: Due.objects.of(own).update(due_at=1)),
    ("judged_wrongly", lambda own: Due.objects.of(own).filter(lead="L-001").delete()),
    ("across_workspaces", lambda own: Delivery.objects.of(own).update(workspace=workspace())),
    ("unsound_deliveries", lambda own: Delivery.objects.of(own).update(done_at=None)),
    ("unsound_deliveries", lambda own: Delivery.objects.of(own).update(attempts=0)),
    ("unlike_its_log", lambda own: Lead.objects.of(own).update(owner="mallory")),
    ("unlike_its_log", lambda own: Fact.objects.of(own).filter(kind=RULED).delete()),
    ("unlike_its_log", lambda own: Notice.objects.of(own).filter(lead="L-001").delete()),
    ("unlike_in_another_order", lambda own: Due.objects.of(own).update(verdict="kept")),
    ("altered", lambda own: Entry.objects.of(own).update(actor="mallory")),
    ("miscounted", lambda own: Lead.objects.of(own).update(broken=7)),
    ("still_leased", lambda own: Lead.objects.of(own).update(wake_at=1, lease_until=1)),
    ("still_leased", lambda own: Delivery.objects.of(own).update(state="leased", lease_until=1)),
    ("unwanted", lambda own: Mute.objects.of(own).create(workspace=own, person="ana", until=2**60)),
    ("unwanted", lambda own: Person.objects.of(own).update(is_active=False)),
]


@pytest.mark.parametrize(
    "look, harm", HARM, ids=[f"{n}-{look}" for n, (look, _) in enumerate(HARM)]
)
def test_the_oracle_sees_each_harm(look, harm):
    own = desk_with(3)
    with receiver(fine) as far:
        hook(own, far.port)
        finish(LATER)
    Delivery.objects.of(own).filter(lead="L-002").update(to="ana")
    known = [f"L-{n:03}" for n in range(3)]
    assert oracle.faults(own, now=LATER, acknowledged=known) == []
    harm(own)
    seen = {
        "lost": (own, known),
        "across_workspaces": (),
        "still_leased": (LATER,),
        "unlike_in_another_order": (own, LATER, 1),
    }
    takes_now = ("unheeded", "judged_wrongly", "unlike_its_log", "altered")
    plain = (own, LATER) if look in takes_now else (own,)
    assert getattr(oracle, look)(*seen.get(look, plain)) != []


def test_the_oracle_sees_a_verdict_that_is_given_twice_and_a_secret_that_is_told():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=NOW)
    ruling = Fact.objects.of(own).get(kind=RULED)
    ruling.pk, ruling.source_id = None, "again"
    ruling.save()
    assert len(oracle.said_twice(own)) == 1
    assert oracle.repeated(["a", "b", "a"], most=0) == ["a: came 1 times more"]
    assert oracle.repeated(["a", "b", "a"], most=1) == []
    assert oracle.leaked("Bearer ld_secret", ["ld_secret"]) != []
