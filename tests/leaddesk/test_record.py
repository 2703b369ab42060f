"""Record: facts in, verdicts, index rows and notices out, in one transaction."""

import pytest

from leaddesk.book import audit, codec, logbook, rules
from leaddesk.book.models import Due, Entry, Fact, Lead, Notice, Unscoped
from leaddesk.book.record import Submission, record
from tests.leaddesk.desk import at, fact, handed_over, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lead_handed_over_owes_a_first_contact():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    lead = Lead.objects.of(own).get()
    assert (lead.key, lead.owner, lead.stage, lead.open) == ("L-1", "ana", "mql", 1)
    due = Due.objects.of(own).get(promise="first contact")
    assert (due.verdict, due.due_at, due.owner) == ("open", at("2026-03-12 14:00"), "ana")


def test_the_due_instant_itself_is_kept_and_the_breach_wakes_right_after():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-12 09:01"))
    due = at("2026-03-12 14:00")
    look_again(own, due)
    assert Due.objects.of(own).get().verdict == "open"
    assert Lead.objects.of(own).get().wake_at == due + 1
    look_again(own, due + 1)
    assert Due.objects.of(own).get().verdict == "broken"
    assert list(Notice.objects.of(own).filter(kind="broken").values_list("to", "lead")) == [
        ("ana", "L-1")
    ]


def look_again(own, now):
    keys = Lead.objects.of(own).values_list("key", flat=True)
    return record([Submission(own.pk, again=dict.fromkeys(keys))], now=now)[0]


def test_looking_again_changes_nothing():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-13 09:01"))
    before = (rows(Fact, own), rows(Due, own), rows(Lead, own), rows(Notice, own))
    answer = look_again(own, at("2026-03-13 09:01"))
    assert (answer.rulings, answer.notices) == (0, 0)
    assert (rows(Fact, own), rows(Due, own), rows(Lead, own), rows(Notice, own)) == before


def rows(model, own):
    return list(model.objects.of(own).order_by("id").values())


def test_a_fact_is_stored_once_and_a_differing_one_is_a_conflict():
    own = workspace()
    one = handed_over("L-1", "2026-03-12 09:00", source_id="1")
    assert take(own, one).outcomes == ["new"]
    assert take(own, one).outcomes == ["known"]
    assert take(own, {**one, "owner": "ben"}).outcomes == ["conflict"]
    assert take(own, one, {**one, "source_id": "2"}, one).outcomes == ["known", "new", "known"]
    assert Fact.objects.of(own).filter(kind=codec.facts.HANDED_OVER).count() == 2


def test_everything_is_written_or_nothing(monkeypatch):
    own = workspace()
    monkeypatch.setattr(audit, "note", None)  # the last of all writes
    with pytest.raises(TypeError):
        take(own, handed_over("L-1", "2026-03-12 09:00"))
    tables = (Fact, Lead, Due, Notice, Entry)
    assert [model.objects.of(own).count() for model in tables] == [0] * 5


def test_a_merged_lead_gives_its_facts_to_the_one_that_survives():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"))
    take(own, fact("L-2", "created", "2026-03-12 08:00"))
    take(own, fact("L-1", "merged", "2026-03-12 10:00", into="L-2"))
    take(own, fact("L-1", "attempted", "2026-03-12 10:30", by="ana", channel="phone"))
    found = {lead.key: (lead.standing, lead.into) for lead in Lead.objects.of(own)}
    assert found == {"L-1": ("merged", "L-2"), "L-2": ("open", "")}
    due = Due.objects.of(own).get(lead="L-2", promise="first contact")
    assert (due.verdict, due.answered_at) == ("kept", at("2026-03-12 10:30"))


def test_a_fact_about_an_account_reaches_its_leads():
    own = workspace()
    take(own, fact("L-1", "created", "2026-03-12 08:00", account="acme"))
    take(
        own,
        {
            "account": "acme",
            "kind": "described",
            "occurred_at": "2026-03-12T09:00:00+01:00",
            "industry": "food",
        },
    )
    assert Lead.objects.of(own).get().facts == 1  # that of the account is no own one
    circle = logbook.circle(own.pk, {"L-1"}, ())
    log = logbook.log_of(own.pk, circle, "Europe/Warsaw").as_of(at("2026-03-13"))
    assert "industry" in log.fields


def test_history_is_recorded_in_silence():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:00"), now=at("2026-03-20 09:00"), announce=False)
    assert Notice.objects.of(own).count() > 0
    assert not Notice.objects.of(own).filter(posted_at__isnull=True).exists()


def test_a_query_without_a_workspace_fails():
    for call in (Lead.objects.all, Lead.objects.count, Fact.objects.first):
        with pytest.raises(Unscoped):
            call()
    with pytest.raises(Unscoped):
        Lead.objects.of(None)


def test_nothing_agreed_still_keeps_the_log():
    own = workspace(text=None)
    take(own, handed_over("L-1", "2026-03-12 09:00"))
    assert rules.in_force(own.pk) == ()
    assert Lead.objects.of(own).get().standing == "open"
    assert Due.objects.of(own).count() == 0


def test_a_fact_of_the_coming_minutes_is_waited_for():
    own = workspace()
    take(own, handed_over("L-1", "2026-03-12 09:03"), now=at("2026-03-12 09:00"))
    lead = Lead.objects.of(own).get()
    assert (lead.standing, lead.wake_at, lead.is_settled) == ("", at("2026-03-12 09:03"), False)
    look_again(own, at("2026-03-12 09:03"))
    assert Lead.objects.of(own).get().standing == "open"
    assert Due.objects.of(own).get().due_at == at("2026-03-12 14:03")
