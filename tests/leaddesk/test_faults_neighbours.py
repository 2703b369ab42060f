"""Faults of one workspace: whatever is broken in it, its neighbours hear of everything in time."""

import pytest

from leaddesk.book import moment, rules
from leaddesk.book.models import AgreementVersion, Channel, Delivery, Fact, Notice, Person
from leaddesk.worker import Keeping, Posting, Waking, Worker
from tests.leaddesk import oracle
from tests.leaddesk.receivers import receiver
from tests.leaddesk.scene import BEFORE, HERE, LATER, broken_leads, desk_with, fine, hook, unsent

pytestmark = pytest.mark.django_db(transaction=True)


def no_agreement(own):
    AgreementVersion.objects.of(own).update(text="leadpact: 1")
    rules.changed(own.pk)


def no_zone(own):
    hook(own, 1, key="mail", kind="email", events=[])
    Person.objects.of(own).update(zone="Nowhere/At all", digest_at="14:20")


HARM = {
    "an agreement that can't be read": no_agreement,
    "facts that can't be read": lambda own: Fact.objects.of(own).update(body="{"),
    "people in no zone": no_zone,
    "a notice that can't be read": lambda own: Notice.objects.of(own).create(
        workspace=own, key="x", kind="broken", lead="L-000", body="{", cause_at=1, created_at=1
    ),
    "a message that can't be read": lambda own: Delivery.objects.of(own).create(
        workspace=own, key="x", kind="broken", body="{", cause_at=1, created_at=1, next_at=1,
        channel=Channel.objects.of(own).get(),
    ),
    "a channel of no kind": lambda own: Channel.objects.of(own).update(kind="telegraph"),
    "secrets that sign nothing": lambda own: Channel.objects.of(own).update(secrets={}),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_what_is_broken_in_one_workspace_delays_no_other(harm, settings, caplog):
    sick, own = desk_with(3), desk_with(3)
    settings.ENVIRONMENT = settings.ENVIRONMENT.__class__(
        **{**vars(settings.ENVIRONMENT), "webhook_allow": HERE.allow}
    )
    with receiver(fine) as far, receiver(fine) as theirs:
        hook(own, far.port)
        hook(sick, theirs.port)
        HARM[harm](sick)
        with moment.standing_at(LATER):
            work_through()
    assert broken_leads(far) == {f"L-{n:03}": 1 for n in range(3)}
    assert unsent(own, LATER) == []
    assert oracle.altered(own, LATER) == oracle.unlike_its_log(own, LATER) == []


def work_through():
    """What a worker does in its turns, each of which may fail."""
    worker = Worker("one")
    duties = [Waking(worker), Posting(worker), Keeping(worker)]
    for _turn in range(12):
        for duty in duties:
            try:
                duty.turn()
            except Exception:  # noqa: BLE001  (the worker goes on after a turn that failed)
                continue
    duties[1].end()


def test_nothing_is_woken_before_its_time_by_the_trouble_of_others():
    sick, own = desk_with(1), desk_with(1)
    no_agreement(sick)
    with moment.standing_at(BEFORE):
        work_through()
    assert not Notice.objects.of(own).filter(kind="broken").exists()
