"""What is settled about clocks: whose they are, how spans run, legs, pauses, two clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from leadpact.measure import compliance
from tests.leadpact.told import (
    FIRST_CONTACT,
    at,
    due,
    held,
    judged,
    local,
    only,
    promising,
    rows,
    verdict,
)

# Which clock. Every desk here opens for two hours at an hour of its own.

DESKS = """
calendars:
  first: {open: {mon-fri: [09:00-11:00]}}
  team's: {open: {mon-fri: [11:00-13:00]}}
  own: {open: {mon-fri: [13:00-15:00]}}
  promise's: {open: {mon-fri: [15:00-17:00]}}
teams:
  inbound: {calendar: team's}
people:
  ana: {team: inbound, calendar: own}
  ben: {team: inbound}
  chai: {}
"""
AN_HOUR = "{after: handed over, do: attempted, within: 1 working hour}"


@pytest.mark.parametrize(
    "owner, hour",
    [("owner=ana", "14:00"), ("owner=ben", "12:00"), ("owner=chai", "10:00"), ("", "10:00")],
)
def test_the_clock_is_the_owners_else_the_teams_else_the_agreements_first(owner, hour):
    told = f"2026-03-09 08:00  handed_over  {owner}"
    assert due(DESKS + promising(AN_HOUR), told) == f"2026-03-09 {hour}"


@pytest.mark.parametrize("owner", ["ana", "ben", "chai"])
def test_a_calendar_that_the_promise_names_comes_before_all_others(owner):
    clause = "{after: handed over, do: attempted, within: 1 working hour, calendar: promise's}"
    told = f"2026-03-09 08:00  handed_over  owner={owner}"
    assert due(DESKS + promising(clause), told) == "2026-03-09 16:00"


def test_the_owner_is_whoever_owns_the_lead_when_the_promise_begins():
    told = """
        2026-03-09 07:00  assigned  owner=ana
        2026-03-09 08:00  handed_over
        2026-03-09 10:00  assigned  owner=chai
    """
    before = "\n".join(told.splitlines()[:-2])
    assert due(DESKS + promising(AN_HOUR), before) == "2026-03-09 14:00"
    assert due(DESKS + promising(AN_HOUR), told) == "2026-03-09 11:00"


def test_a_leave_closes_the_owners_clock_and_nobody_elses():
    away = "people: {ana: {leave: [2026-03-09/2026-03-10]}, ben: {}}\n" + FIRST_CONTACT
    told = "2026-03-09 09:00  handed_over  owner={}"
    assert due(away, told.format("ana")) == "2026-03-11 13:00"
    assert due(away, told.format("ben")) == "2026-03-09 13:00"


def test_whoever_has_not_come_yet_or_has_left_is_off():
    dated = "people: {ana: {from: 2026-03-11}, ben: {to: 2026-03-09}}\n" + FIRST_CONTACT
    told = "2026-03-09 15:00  handed_over  owner={}"
    assert due(dated, told.format("ana")) == "2026-03-11 13:00"
    assert due(dated, told.format("ben")) is None


# How spans run: hours elapse, working hours run on the clock, days keep the local time.


@pytest.mark.parametrize(
    "within, start, end",
    [
        ("4 hours", "2026-03-13 16:00", "2026-03-13 20:00"),
        ("90 minutes", "2026-03-13 16:00", "2026-03-13 17:30"),
        ("24 hours", "2026-03-28 12:00", "2026-03-29 13:00"),
        ("1 day", "2026-03-28 12:00", "2026-03-29 12:00"),
        ("14 days", "2026-03-28 12:00", "2026-04-11 12:00"),
        ("8 weeks", "2026-03-09 10:00", "2026-05-04 10:00"),
        ("4 working hours", "2026-03-13 16:00", "2026-03-16 12:00"),
        ("8 working hours", "2026-03-13 09:00", "2026-03-13 17:00"),
        ("2 working hours", "2026-03-27 16:30", "2026-03-30 10:30"),
        ("2 working days", "2026-03-13 10:00", "2026-03-17 10:00"),
        ("1 working day", "2026-03-14 20:00", "2026-03-16 17:00"),
        ("1 working day", "2026-03-10 07:00", "2026-03-11 09:00"),
    ],
)
def test_a_span_ends_when_its_unit_says(within, start, end):
    clause = promising(f"{{after: handed over, do: attempted, within: {within}}}")
    assert due(clause, f"{start}  handed_over") == end


def test_days_are_those_of_the_agreements_zone_whatever_the_owners():
    clauses = (
        "zone: America/New_York\ncalendars: {bangkok: {zone: Asia/Bangkok, open: {sat: always}}}\n"
    )
    promise = promising("{after: handed over, do: attempted, within: 1 day}")
    told = "2026-03-07 12:00  handed_over  owner=ana"  # the clocks change on the 8th
    assert only(clauses + promise, told)["due_at"] == "2026-03-08T12:00:00-04:00"


# Two clocks and legs.


def test_the_time_before_anybody_owned_the_lead_is_the_systems_and_no_reps():
    told = """
        2026-03-09 09:00  handed_over
        2026-03-09 12:30  assigned  owner=ana
        2026-03-09 13:30  attempted
    """
    row = only(FIRST_CONTACT, told, "2026-03-20 09:00")
    assert (row["verdict"], local(row["due_at"])) == ("broken", "2026-03-09 13:00")
    assert held(row) == [
        (None, "2026-03-09 09:00", "2026-03-09 12:30", 3.5, None),
        ("ana", "2026-03-09 12:30", "2026-03-09 13:30", 1, "kept"),
    ]


def test_reassigning_closes_a_leg_and_never_the_leads_clock():
    told = """
        2026-03-09 09:00  handed_over  owner=ana
        2026-03-12 09:00  assigned  owner=ben
        2026-03-12 09:05  attempted  by=ben
    """
    clause = promising("{after: handed over, do: attempted, within: 24 hours}")
    row = only(clause, told, "2026-03-20 09:00")
    assert (row["verdict"], local(row["started_at"]), row["owner"]) == (
        "broken",
        "2026-03-09 09:00",
        "ben",
    )
    assert [(leg["owner"], leg["verdict"]) for leg in row["legs"]] == [
        ("ana", "broken"),
        ("ben", None),
    ]


def test_whoever_hands_a_lead_on_in_time_is_not_charged_and_the_next_has_a_full_span():
    told = """
        2026-03-09 09:00  handed_over  owner=ana
        2026-03-09 12:55  assigned  owner=ben
    """
    row = only(FIRST_CONTACT, told, "2026-03-09 16:54")
    assert row["verdict"] == "broken"
    assert [leg["verdict"] for leg in row["legs"]] == [None, "open"]
    row = only(FIRST_CONTACT, told + "2026-03-09 16:55  attempted", "2026-03-20 09:00")
    assert [leg["verdict"] for leg in row["legs"]] == [None, "kept"]
    row = only(FIRST_CONTACT, told, "2026-03-09 16:55:00.000001")
    assert [leg["verdict"] for leg in row["legs"]] == [None, "broken"]


def test_a_lead_assigned_after_its_due_time_is_charged_to_nobody():
    told = """
        2026-03-09 09:00  handed_over
        2026-03-09 13:30  assigned  owner=ana
    """
    found = judged(FIRST_CONTACT, told, "2026-03-20 09:00")
    (row,) = found.obligations.rows()
    assert (row["verdict"], [leg["verdict"] for leg in row["legs"]]) == ("broken", [None, None])
    lines = {line.by: line for line in compliance(found)}
    assert lines["promise"].broken == 1
    assert "rep" not in lines


def test_someone_looks_again_when_the_last_owners_own_time_runs_out():
    told = "2026-03-09 09:00  handed_over  owner=ana\n2026-03-09 12:00  assigned  owner=ben"
    assert judged(FIRST_CONTACT, told, "2026-03-09 13:30").wake_at == at("2026-03-09 16:00")


# Owners on other clocks.

TWO_ZONES = """
calendars:
  office: {open: {mon-fri: [09:00-17:00]}}
  bangkok: {zone: Asia/Bangkok, open: {mon-fri: [09:00-18:00]}}
people: {ana: {}, chai: {calendar: bangkok}}
"""


def test_when_the_owner_changes_the_time_used_stays_and_the_rest_runs_on_the_new_clock():
    told = """
        2026-03-09 16:00  handed_over  owner=ana
        2026-03-09 20:00  assigned  owner=chai
    """
    row = only(TWO_ZONES + FIRST_CONTACT, told)
    # One hour is used in Warsaw; the other three run in Bangkok, from 09:00, six hours ahead.
    assert local(row["due_at"]) == "2026-03-10 06:00"
    assert held(row)[0] == ("ana", "2026-03-09 16:00", "2026-03-09 20:00", 1, None)


def test_working_time_of_legs_is_counted_each_on_its_own_clock():
    told = """
        2026-03-09 16:00  handed_over  owner=ana
        2026-03-09 20:00  assigned  owner=chai
        2026-03-10 05:00  attempted
    """
    row = only(TWO_ZONES + FIRST_CONTACT, told)
    assert [leg["working_seconds"] for leg in row["legs"]] == [3600, 2 * 3600]
    assert row["working_seconds"] == 3 * 3600


# Pauses.


def test_a_pause_gives_back_the_working_time_it_took():
    told = """
        2026-03-09 09:00  handed_over  owner=ana
        2026-03-09 11:00  paused
        2026-03-10 10:00  resumed
    """
    assert due(FIRST_CONTACT, told) == "2026-03-10 12:00"
    row = only(FIRST_CONTACT, told + "2026-03-10 12:00  attempted")
    assert (row["verdict"], row["working_seconds"], row["elapsed_seconds"]) == (
        "kept",
        4 * 3600,
        27 * 3600,
    )


def test_while_paused_nothing_is_due_and_nothing_breaks():
    told = "2026-03-09 09:00  handed_over\n2026-03-09 11:00  paused"
    row = only(FIRST_CONTACT, told, "2026-03-20 09:00")
    assert (row["due_at"], row["verdict"], row["working_seconds"]) == (None, "open", 2 * 3600)


@pytest.mark.parametrize(
    "within, end",
    [("24 hours", "2026-03-12 14:00"), ("3 days", "2026-03-14 14:00")],
)
def test_spans_that_elapse_are_moved_by_what_elapsed_in_the_pause(within, end):
    told = """
        2026-03-09 09:00  handed_over
        2026-03-09 11:00  paused
        2026-03-11 16:00  resumed
    """
    clause = promising(f"{{after: handed over, do: attempted, within: {within}}}")
    assert due(clause, told) == end


def test_a_pause_ends_by_itself_at_its_cap_and_someone_looks_again_then():
    capped = "pauses: {at most: 2 days}\n" + FIRST_CONTACT
    told = "2026-03-09 09:00  handed_over\n2026-03-09 11:00  paused"
    assert judged(capped, told, "2026-03-10 09:00").wake_at == at("2026-03-11 11:00")
    assert due(capped, told, "2026-03-11 11:00") == "2026-03-11 13:00"
    assert verdict(capped, told, "2026-03-11 13:01") == "broken"


def test_a_pause_for_a_reason_that_is_not_agreed_stops_nothing_and_is_listed():
    agreed_reasons = "pauses: {reasons: [asked to wait]}\n" + FIRST_CONTACT
    told = "2026-03-09 09:00  handed_over\n2026-03-09 11:00  paused  reason={}"
    busy = judged(agreed_reasons, told.format("busy"), "2026-03-09 13:01")
    assert [row["verdict"] for row in busy.obligations.rows()] == ["broken"]
    assert busy.stories.unexpected.tolist() == [False, True]
    waiting = judged(agreed_reasons, told.format("'asked to wait'"), "2026-03-09 13:01")
    assert [row["verdict"] for row in waiting.obligations.rows()] == ["open"]


def test_a_warning_comes_when_its_share_of_working_time_is_used():
    warned = promising("{after: handed over, do: attempted, within: 4 working hours, warn at: 75%}")
    told = "2026-03-13 15:00  handed_over"
    seen = judged(warned, told, "2026-03-13 15:00")
    assert seen.wake_at == at("2026-03-16 10:00")
    assert only(warned, told, "2026-03-16 09:59:59")["at_risk"] is False
    assert only(warned, told, "2026-03-16 10:00")["at_risk"] is True
    assert judged(warned, told, "2026-03-16 10:00").wake_at == at("2026-03-16 11:00")


# A lead that changes hands very often.


def changing_hands(times, kinds):
    """A lead on which these happen in turn, a minute apart, with two owners in turn."""
    begin = datetime(2026, 3, 9, 8, tzinfo=UTC)
    return [
        {
            "lead": "L",
            "occurred_at": (begin + timedelta(minutes=minute)).isoformat(),
            "source_id": f"{minute:06}",
            **kinds[minute % len(kinds)],
        }
        | ({"owner": "ab"[minute // len(kinds) % 2]})
        for minute in range(times)
    ]


def test_no_leg_is_lost_however_many_there_are():
    clause = promising("{after: demo requested, do: attempted, within: 1 day, each time: yes}")
    kinds = ({"kind": "engaged", "what": "demo requested"}, {"kind": "assigned"})
    found = rows(clause, changing_hands(80, kinds), "2026-03-20 09:00")
    # The first began before anybody owned the lead, the others just before another took it.
    assert [len(row["legs"]) for row in found] == [41 - place for place in range(40)]
    assert all(row["legs"][-1]["owner"] == "b" for row in found)


def test_a_lead_may_be_handed_over_a_hundred_thousand_times():
    told = changing_hands(100_000, ({"kind": "handed_over"},))
    row = only(FIRST_CONTACT, told, "2026-12-31 09:00")
    assert (row["verdict"], len(row["legs"])) == ("broken", 100_000)
