"""Doctor: a sound desk has no findings; each fault is found, with how to mend it."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from leaddesk.book import audit, moment, rules
from leaddesk.book.models import (
    AgreementVersion,
    Attempt,
    Block,
    Channel,
    Delivery,
    Due,
    Entry,
    Fact,
    Installation,
    Lead,
    Pulse,
)
from leaddesk.operation import doctor
from leaddesk.operation.doctor import Finding
from tests.leaddesk.desk import at, fact, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 10:00")


@pytest.fixture
def own():
    """A desk with which nothing is wrong."""
    own = workspace()
    take(
        own,
        *(handed_over(f"L-{n}", "2026-03-12 09:00") for n in range(4)),
        fact("L-1", "attempted", "2026-03-12 09:30", by="ana", channel="phone"),
        fact("L-3", "merged", "2026-03-12 09:40", into="L-2"),
        now=NOW,
    )
    audit.seal(own.pk, NOW)
    Channel.objects.of(own).create(
        workspace=own, key="chn_email", kind="email", name="E-mail", created_at=NOW
    )
    Pulse.objects.create(worker="one", started_at=NOW, seen_at=NOW)
    Installation.objects.update_or_create(pk=1, defaults={"created_at": 1, "backup_at": NOW})
    return own


def found(full=True, now=NOW):
    with moment.standing_at(clock):
        return [one for one in doctor.examine(now, full=full) if one.state != doctor.OK]


def clock():
    """The database's own clock, so that no skew shows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
            return cursor.fetchone()[0]
    return NOW


@pytest.mark.parametrize("full", [False, True])
def test_a_sound_desk_is_told_to_be_sound(own, full):
    with moment.standing_at(clock):
        every = [*doctor.examine(NOW, full=full)]
    assert [one for one in every if one.state != "ok"] == []
    assert [one.check for one in every] == list(doctor.CHECKS)
    assert doctor.is_sound(every)


def test_an_empty_desk_lacks_a_worker_and_a_backup():
    assert found() == [
        Finding("workers", "wrong", "No worker was ever seen.", "leaddesk worker"),
        Finding("backups", "note", "No backup was ever taken.", "leaddesk backup"),
    ]


def test_an_altered_audit_entry(own):
    Entry.objects.of(own).filter(act="recorded facts").update(actor="mallory")
    (one,) = found()
    assert (one.check, one.state) == ("audit log", "wrong")
    assert one.what == f"{own.slug}: block 1: an entry was altered, added or removed."


def sealed_twice(own):
    take(own, handed_over("L-8", "2026-03-12 09:00"), now=NOW)
    audit.seal(own.pk, NOW)
    return [*Block.objects.of(own).order_by("number")]


def test_a_chain_that_was_made_anew_without_the_key(own):
    first, second = sealed_twice(own)
    Entry.objects.of(own).filter(block=second).update(actor="somebody else")
    entries = [*Entry.objects.of(own).filter(block=second).order_by("id")]
    anew = sha256(first.hash.encode())
    for one in entries:
        told = (one.id, one.at, one.actor, one.act, one.subject, one.detail, one.request)
        anew.update(json.dumps(told).encode())
    Block.objects.of(own).filter(pk=second.pk).update(hash=anew.hexdigest())
    assert [*audit.faults(own.pk)] == ["block 2: an entry was altered, added or removed"]


def test_another_key_is_told_in_one_sentence(own, settings):
    sealed_twice(own)
    settings.SECRET_KEY = "another key"
    assert [*audit.faults(own.pk)] == [
        "no block fits LEADDESK_SECRET_KEY: it isn't the key that they were sealed with"
    ]


def test_each_block_is_told_to_the_log(own, caplog):
    with caplog.at_level("INFO", logger="leaddesk.book.audit"):
        _first, second = sealed_twice(own)
    (line,) = caplog.records
    assert (line.audit_workspace, line.audit_block, line.audit_hash) == (own.pk, 2, second.hash)


def test_an_edited_index_row(own):
    Lead.objects.of(own).filter(key="L-1").update(owner="ben", open=7)
    (one,) = found()
    assert one == Finding(
        "indexes",
        "wrong",
        f'{own.slug}: lead L-1: owner is "ben" and should be "ana", open is 7 and should be 0.',
        f"leaddesk rebuild {own.slug}",
    )


def test_an_edited_obligation(own):
    Due.objects.of(own).filter(lead="L-0").update(verdict="kept")
    (one,) = found()
    assert one.what == f"{own.slug}: lead L-0: its obligations are others."


def test_an_obligation_that_was_deleted(own):
    Due.objects.of(own).filter(lead="L-0").delete()
    assert [one.check for one in found()] == ["indexes"]


def test_missing_and_strange_rows(own):
    Lead.objects.of(own).filter(key="L-0").delete()
    Lead.objects.of(own).create(workspace=own, key="L-7", rules=rules.rules_of(own.pk).count)
    assert [one.what for one in found()] == [
        f"{own.slug}: lead L-0: it has facts and no row.",
        f"{own.slug}: lead L-7: it has a row and no facts.",
    ]


def test_a_lead_that_a_worker_has_still_to_look_at_is_no_fault(own):
    wake = Lead.objects.of(own).get(key="L-0").wake_at
    Pulse.objects.update(seen_at=wake)
    assert found(now=wake + 1) == []


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"body": "{"}, "Expecting"),
        ({"body": '{"owner": ["ana"]}'}, "a list or an object"),
        ({"kind": 99}, "out of range"),
        ({"lead": ""}, "lead"),
    ],
)
def test_a_fact_that_cannot_be_read(own, changes, said):
    chosen = Fact.objects.of(own).filter(lead="L-0", system="tests")
    name = chosen.get().source_id
    chosen.update(**changes)
    (one,) = [one for one in found() if one.check == "facts"]
    assert one.what.startswith(f"{own.slug}: fact tests/{name} can't be read: ")
    assert said in one.what
    assert f"tests/{name}" in one.mend
    assert "restore" not in one.mend


def mail(own, **fields):
    usual = {"kind": "email", "name": "Mail", "created_at": NOW}
    return Channel.objects.of(own).create(workspace=own, key=f"mail{own.pk}", **(usual | fields))


def delivery(own, channel, **fields):
    usual = {"kind": "broken", "body": "{}", "cause_at": NOW, "created_at": NOW, "next_at": NOW}
    return Delivery.objects.of(own).create(
        workspace=own, key="k", channel=channel, **(usual | fields)
    )


def test_leases_that_nobody_takes_up(own):
    delivery(own, mail(own), state="leased", lease_until=NOW - 61 * moment.SECOND)
    Lead.objects.of(own).filter(key="L-0").update(
        lease_until=NOW - 61 * moment.SECOND, wake_at=NOW - 62 * moment.SECOND
    )
    assert [one.what for one in found()] == [
        "1 leads are held by a worker that is gone.",
        "1 messages are held by a worker that is gone.",
    ]


def test_a_lease_of_the_present_is_no_fault(own):
    delivery(own, mail(own), state="leased", lease_until=NOW - 59 * moment.SECOND)
    assert found() == []


def test_channels_that_are_off_and_messages_given_up(own):
    hook = mail(own, is_active=False, off_because="The receiver answered 410.")
    delivery(own, hook, state="dead")
    assert [one.what for one in found()] == [
        f"{own.slug}: channel {hook.key} was switched off: The receiver answered 410.",
        f"{own.slug}: 1 messages by {hook.key} were given up.",
    ]


def test_a_channel_that_people_switched_off_is_no_fault(own):
    mail(own, is_active=False)
    assert found() == []


def test_a_workspace_that_nobody_hears_or_that_judges_nothing(own):
    Channel.objects.of(own).delete()
    AgreementVersion.objects.of(own).update(state="withdrawn")
    told = [one for one in found() if one.check in {"agreements", "channels"}]
    assert [(one.state, one.what) for one in told] == [
        ("note", f"{own.slug}: no agreement is in force: nothing is judged."),
        ("note", f"{own.slug}: no channel: 0 notices reached nobody."),
    ]


def test_a_row_that_points_into_another_workspace(own):
    other = workspace()
    sent = delivery(own, mail(other))
    Attempt.objects.of(own).create(workspace=other, delivery=sent, number=1, began_at=NOW)
    assert [one.what for one in found()] == [
        "1 rows of Attempt point into another workspace (delivery).",
        "1 rows of Delivery point into another workspace (channel).",
    ]


def test_a_worker_that_is_gone_and_a_backup_that_is_old(own):
    later = NOW + 61 * moment.SECOND
    assert [one.what for one in found(now=later)] == ["The last worker was seen 61 s ago."]
    Installation.objects.update(backup_at=NOW - 9 * moment.DAY, held_since=NOW)
    assert found() == [
        Finding(
            "backups",
            "note",
            "Nothing is sent since 2026-03-12 09:00 UTC: a backup was restored.",
            "leaddesk release (or leaddesk release --drop)",
        ),
        Finding("backups", "note", "The last backup is 9 days old.", "leaddesk backup"),
    ]
    assert doctor.is_sound(found())


def test_facts_from_the_future_show_a_clock_that_was_set_back(own):
    Pulse.objects.update(seen_at=NOW - 6 * moment.MINUTE)
    assert "clock" in [one.check for one in found(now=NOW - 6 * moment.MINUTE)]


def test_a_clock_that_differs_from_the_databases(own):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no clock of its own")
    with moment.standing_at(lambda: clock() - 2_500_000):
        told = [one for one in doctor.examine(NOW) if one.state != "ok"]
    assert [one.check for one in told] == ["clock"]
    assert told[0].what.startswith("The database's clock differs by +2.5 s")


def test_tables_that_are_missing():
    recorder = MigrationRecorder(connection)
    _app, last = max(one for one in recorder.applied_migrations() if one[0] == "book")
    recorder.record_unapplied("book", last)
    try:
        (one,) = found()
        assert (one.check, one.mend) == ("database", "leaddesk migrate")
    finally:
        recorder.record_applied("book", last)


def test_findings_can_be_told_as_json(own):
    Lead.objects.of(own).filter(key="L-1").update(owner="ben")
    told = json.loads(json.dumps([vars(one) for one in found()]))
    assert told[0]["mend"] == f"leaddesk rebuild {own.slug}"


def test_an_allowed_address_that_is_none(own, settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, webhook_allow=("10.0.0.0/8", "http://x/"))
    (finding,) = doctor.examine(NOW, full=False, only="settings")
    assert finding.what == (
        "LEADDESK_WEBHOOK_ALLOW: 'http://x/': This is no host, address or network."
    )
