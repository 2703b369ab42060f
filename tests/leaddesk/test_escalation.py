"""Escalation: who hears of it when an owner is too late, and who gets the lead next."""

import json

import pytest

from leaddesk.book import codec, rules, wake
from leaddesk.book.models import AgreementVersion, Due, Fact, Lead, Leave, Notice
from tests.leaddesk.desk import AGREEMENT, at, fact, handed_over, person, take, workspace

pytestmark = pytest.mark.django_db(transaction=True)
CREW = """
  ana: {team: inbound}
  ben: {team: inbound}
  cleo: {team: inbound}
  dora: {team: outbound}
"""
SIDES = "between: {marketing: [mia], sales: [ana, ben, cleo, dora]}"
WIDER = AGREEMENT.replace("\n  ana: {team: inbound}\n  ben: {team: inbound}\n", CREW).replace(
    "between: {marketing: [mia], sales: [ana, ben]}", SIDES
)
LADDER = "escalate: [{at: 100%, to: manager}, {at: 150%, reassign: yes}]"
HANDED = "2026-03-12 09:00"
TOO_LATE = at("2026-03-12 16:00") + 1  # six of the four working hours


def desk(text=WIDER):
    return workspace(text)


def handed(own, *leads, owner="ana"):
    take(own, *(handed_over(lead, HANDED, owner) for lead in leads), now=at("2026-03-12 09:01"))


def wait_until(now):
    while wake.woken(now):
        pass


def owners(own):
    return dict(Lead.objects.of(own).order_by("key").values_list("key", "owner"))


def heard(own, kind):
    found = Notice.objects.of(own).filter(kind=kind).order_by("lead", "id")
    return [(one.lead, one.to) for one in found]


def assigned(own):
    """The facts by which leads changed hands of themselves."""
    found = Fact.objects.of(own).filter(kind=codec.facts.ASSIGNED, system="leadpact")
    return found.order_by("occurred_at", "lead")


def test_the_ladder_tells_the_manager_and_then_gives_the_lead_to_somebody_else():
    own = desk()
    handed(own, "L-1")
    wait_until(at("2026-03-12 14:00") + 1)
    assert (heard(own, "escalated"), heard(own, "reassign")) == ([("L-1", "manager")], [])
    wait_until(at("2026-03-12 16:00") - 1)
    assert owners(own) == {"L-1": "ana"}
    wait_until(TOO_LATE)
    assert owners(own) == {"L-1": "ben"}
    assert heard(own, "reassign") == [("L-1", "ben")]


def test_the_fact_says_why_and_stems_from_the_notice():
    own = desk()
    handed(own, "L-1")
    wait_until(TOO_LATE)
    one = assigned(own).get()
    notice = Notice.objects.of(own).get(kind="reassign")
    assert (one.source_id, one.occurred_at) == (notice.key, TOO_LATE)
    told = json.loads(one.body)
    assert json.loads(told.pop("route")) == {
        "pool": "team inbound",
        "rule": "load",
        "among": 2,
        "owner": "ben",
        "next": "cleo",
    }
    assert told == {
        "owner": "ben",
        "reason": "escalated",
        "why": "first contact: 150% of the time passed without an answer",
    }


def test_the_lead_keeps_its_clock_and_its_breach():
    own = desk()
    handed(own, "L-1")
    wait_until(TOO_LATE)
    due = Due.objects.of(own).get()
    assert (due.verdict, due.started_at, due.owner) == ("broken", at(HANDED), "ben")


def test_looking_again_gives_the_lead_to_nobody_else():
    own = desk()
    handed(own, "L-1")
    wait_until(TOO_LATE)
    rules.changed(own.pk)
    wait_until(at("2026-03-20 09:00"))
    assert owners(own) == {"L-1": "ben"}
    assert assigned(own).count() == 1


def test_many_leads_at_once_are_spread_evenly_and_always_the_same_way():
    found = []
    for _time in range(2):
        own = desk()
        handed(own, *(f"L-{n}" for n in range(9)))
        wait_until(TOO_LATE)
        found.append(owners(own))
    assert found[0] == found[1]
    assert sorted(found[0].values()) == ["ben"] * 5 + ["cleo"] * 4


def test_who_owes_least_is_next():
    own = desk()
    handed(own, "B-1", "B-2", owner="ben")
    take(own, fact("B-1", "attempted", "2026-03-12 10:00", by="ben", channel="phone"), now=TOO_LATE)
    take(own, handed_over("B-3", "2026-03-12 15:00", "ben"), now=at("2026-03-12 15:01"))
    handed(own, "L-1")
    wait_until(TOO_LATE)
    assert owners(own)["L-1"] == "cleo"


def test_somebody_on_leave_gets_no_lead():
    own = desk(WIDER.replace("ben: {", "ben: {leave: [2026-03-09/2026-03-13], "))
    handed(own, "L-1")
    wait_until(TOO_LATE)
    assert owners(own) == {"L-1": "cleo"}


def test_leave_of_the_register_counts_like_that_of_the_agreement():
    own = desk()
    for key in ("ana", "ben", "cleo"):
        person(own, key, team="inbound", side="sales")
    Leave.objects.of(own).create(workspace=own, person="ben", first="2026-03-09", last="2026-03-13")
    rules.changed(own.pk)
    handed(own, "L-1")
    wait_until(TOO_LATE)
    assert owners(own) == {"L-1": "cleo"}


def test_who_is_at_work_goes_before_who_is_not():
    night = "calendars:\n  night: {open: {mon-fri: [17:00-23:00]}}\n"
    text = WIDER.replace("calendars:\n", night).replace("ben: {", "ben: {calendar: night, ")
    text = text.replace("team: inbound}", "team: inbound, calendar: office}", 1)
    text = text.replace("cleo: {team", "cleo: {calendar: office, team")
    own = desk(text)
    handed(own, "L-1")
    wait_until(TOO_LATE)
    assert owners(own) == {"L-1": "cleo"}


def test_who_left_or_only_looks_on_gets_no_lead():
    own = desk()
    person(own, "ben", team="inbound", side="sales", is_active=False)
    person(own, "abe", team="inbound", side="sales", role="viewer")
    handed(own, "L-1")
    wait_until(TOO_LATE)
    assert owners(own) == {"L-1": "cleo"}


def test_where_the_team_has_nobody_the_side_takes_over():
    own = desk(WIDER.replace("inbound", "solo", 1))
    handed(own, "L-1")
    wait_until(TOO_LATE)
    assert owners(own) == {"L-1": "ben"}


def test_where_nobody_can_take_it_the_manager_hears_of_it():
    own = desk(WIDER.replace("[ana, ben, cleo, dora]", "[ana]").replace(CREW, "\n  ana: {}\n"))
    handed(own, "L-1")
    wait_until(TOO_LATE)
    assert owners(own) == {"L-1": "ana"}
    assert heard(own, "reassign") == [("L-1", "manager")]
    assert assigned(own).count() == 0


def test_two_promises_that_ask_at_one_moment_move_the_lead_once():
    second = (
        WIDER
        + f"    second: {{after: handed over, do: replied, within: 4 working hours, {LADDER}}}\n"
    )
    own = desk(second)
    handed(own, "L-1")
    wait_until(TOO_LATE)
    assert heard(own, "reassign") == [("L-1", "ben"), ("L-1", "ben")]
    assert assigned(own).count() == 1


def test_a_lead_changes_hands_three_times_at_most_and_never_returns():
    shares = ", ".join(f"{{at: {share}%, reassign: yes}}" for share in (150, 200, 250, 300))
    text = WIDER.replace(LADDER, f"escalate: [{shares}]").replace(
        "dora: {team: outbound}", "dora: {team: inbound}\n  eve: {team: inbound}"
    )
    own = desk(text)
    handed(own, "L-1")
    for when in ("2026-03-12 16:00", "2026-03-13 10:00", "2026-03-13 13:00", "2026-03-13 16:00"):
        wait_until(at(when) + 1)
    given = [json.loads(one.body)["owner"] for one in assigned(own)]
    assert given == ["ben", "cleo", "dora"]
    assert [to for _lead, to in heard(own, "reassign")] == ["ben", "cleo", "dora", "manager"]


def test_history_moves_no_lead():
    own = desk()
    take(own, handed_over("L-1", HANDED), now=at("2026-03-20 09:00"), announce=False)
    wait_until(at("2026-03-21 09:00"))
    rules.changed(own.pk)
    wait_until(at("2026-03-22 09:00"))
    assert owners(own) == {"L-1": "ana"}
    assert not Notice.objects.of(own).filter(posted_at=None).exists()


def test_a_lead_that_was_returned_meanwhile_goes_to_nobody():
    own = desk()
    handed(own, "L-1")
    wait_until(at("2026-03-12 14:00") + 1)
    take(own, fact("L-1", "returned", "2026-03-12 15:00", by="ana"), now=at("2026-03-12 15:01"))
    wait_until(TOO_LATE)
    assert (owners(own), assigned(own).count()) == ({"L-1": ""}, 0)


def test_a_longer_time_in_a_new_version_calls_the_ladder_off():
    own = desk()
    handed(own, "L-1")
    AgreementVersion.objects.of(own).update(
        text=WIDER.replace("4 working hours", "8 working hours")
    )
    rules.changed(own.pk)
    wait_until(TOO_LATE)
    assert (owners(own), heard(own, "escalated")) == ({"L-1": "ana"}, [])
