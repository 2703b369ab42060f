"""Where such systems go wrong: each pitfall with figures that show it."""

from fractions import Fraction

import pytest

from leadpact.measure import compliance, deliveries, ladder
from tests.leadpact.judged_logs import fact, many
from tests.leadpact.told import (
    FIRST_CONTACT,
    LADDER,
    due,
    judged,
    local,
    only,
    promising,
    rows,
    rungs,
    verdict,
    verdicts,
)

STAGES = "definitions: {stages: [lead, mql, sal, sql, opportunity, customer]}\n"
MQLS = STAGES + "promises: {marketing: {volume: {deliver: mql, amount: 10, tolerance: 100%}}}\n"


def delivered(*case, **moments):
    """How many MQLs March brought."""
    found = deliveries(judged(*case, **moments))
    return {one.period.name: one.actual for one in found}["2026-03"]


# Not yet due is not met.


def test_of_60_met_10_late_5_overdue_and_25_not_yet_due_80_percent_were_kept():
    told = [
        *many(75, "handed_over", "2026-03-09 09:00", prefix="due", step=1),
        *many(60, "attempted", "2026-03-09 10:00", prefix="due", step=1),
        *(
            {**one, "lead": f"due{60 + place:05}"}
            for place, one in enumerate(many(10, "attempted", "2026-03-10 10:00"))
        ),
        *many(25, "handed_over", "2026-03-10 12:00", prefix="young", step=1),
    ]
    line = compliance(judged(FIRST_CONTACT, told, "2026-03-10 12:30"))[0]
    assert (line.kept, line.broken, line.undecided) == (60, 15, 25)
    assert line.figure.value == Fraction(80, 100)


# Whose calendar: an owner in another zone takes over in mid-flight.


def test_an_owner_on_a_closed_desk_gets_the_rest_of_the_time_when_it_opens():
    clauses = """
calendars:
  warsaw: {open: {mon-fri: [09:00-17:00]}}
  new york: {zone: America/New_York, open: {mon-fri: [09:00-17:00]}}
people: {ana: {}, joe: {calendar: new york}}
"""
    told = """
        2026-03-16 09:00  handed_over  owner=ana
        2026-03-16 12:00  assigned     owner=joe
    """
    # Three hours are used in Warsaw; the fourth runs from 09:00 in New York, 14:00 in Warsaw.
    assert due(clauses + FIRST_CONTACT, told) == "2026-03-16 15:00"


# Reassignment.


def test_who_held_a_lead_for_five_minutes_is_not_charged_for_three_days():
    told = """
        2026-03-09 09:00  handed_over  owner=ana
        2026-03-12 09:00  assigned  owner=ben
        2026-03-12 09:05  assigned  owner=chai
    """
    row = only(FIRST_CONTACT, told, "2026-03-20 09:00")
    assert [
        (leg["owner"], leg["working_seconds"] // 60, leg["verdict"]) for leg in row["legs"]
    ] == [
        ("ana", 24 * 60, "broken"),
        ("ben", 5, None),
        ("chai", 8 * 60 * 6 - 5, None),
    ]


def test_reassigning_wipes_no_breach_of_the_team_nor_of_the_person():
    told = """
        2026-03-09 09:00  handed_over  owner=ana
        2026-03-09 16:00  assigned  owner=ben
        2026-03-09 16:05  attempted  by=ben
    """
    lines = compliance(judged(FIRST_CONTACT, told, "2026-03-20 09:00"))
    assert [(one.rep, one.kept, one.broken) for one in lines if one.by == "promise"] == [
        (None, 0, 1)
    ]
    assert [(one.rep, one.kept, one.broken) for one in lines if one.by == "rep"] == [("ana", 0, 1)]


# Duplicates and merges.


def test_after_a_merge_one_fewer_is_counted_and_the_old_report_can_be_asked_again():
    told = """
        2026-03-02 09:00  moved   lead=A to=mql
        2026-03-03 09:00  moved   lead=B to=mql
        2026-03-10 09:00  merged  lead=B into=A
    """
    assert delivered(MQLS, told, "2026-03-09 09:00") == 2
    assert delivered(MQLS, told, "2026-03-31 09:00") == 1
    assert delivered(MQLS, told, "2026-03-31 09:00", known_at="2026-03-09 09:00") == 2


def test_a_merged_lead_brings_its_source_and_its_attempts():
    told = """
        2026-03-09 09:00  created      lead=B type=demo
        2026-03-09 09:30  handed_over  lead=B
        2026-03-09 10:00  attempted    lead=B
        2026-03-09 11:00  created      lead=A type=chat
        2026-03-09 12:00  merged       lead=B into=A
    """
    found = judged(FIRST_CONTACT, told)
    assert [(row["lead"], row["verdict"]) for row in found.obligations.rows()] == [
        ("A", "kept"),
        ("B", "excused"),
    ]
    first, latest = found.stories.touches()
    words = [found.log.codes[found.log.code[row]] for row in (first[0], latest[0])]
    assert words == ["demo", "chat"]


# Coming back after nurture.


def test_workload_counts_passes_and_each_pass_needs_a_start_of_its_own():
    told = """
        2026-03-02 09:00  moved     to=mql
        2026-03-03 09:00  returned
        2026-03-05 09:00  engaged   what="guide downloaded"
        2026-03-16 09:00  moved     to=mql
    """
    assert delivered(MQLS, told, "2026-03-31 09:00") == 2
    before = "\n".join(told.splitlines()[:-2])
    assert delivered(MQLS, before, "2026-03-31 09:00") == 1


# Stages skipped, and moves that were wrong.


def test_a_lead_that_skips_to_a_deal_passed_the_stages_between():
    assert delivered(MQLS, "2026-03-02 09:00  converted", "2026-03-31 09:00") == 1


def test_an_entry_that_was_corrected_never_was():
    told = """
        2026-03-02 09:00  moved      to=mql source_id=7
        2026-03-03 09:00  corrected  fact=7
    """
    assert delivered(MQLS, told, "2026-03-31 09:00") == 0


def test_a_step_back_and_forth_again_enters_no_stage_twice():
    told = """
        2026-03-02 09:00  moved  to=mql
        2026-03-03 09:00  moved  to=lead
        2026-03-04 09:00  moved  to=mql
    """
    assert delivered(MQLS, told, "2026-03-31 09:00") == 1


# What an attempt is.


@pytest.mark.parametrize(
    "act",
    [
        "attempted  channel=email human=no",
        "attempted  channel=newsletter",
        "attempted  channel=note",
        "attempted  channel=email outcome=bounced",
        "attempted  channel=phone outcome='wrong number'",
        "attempted  channel=phone seconds=0",
        "scored  fit=3",
        "moved  to=sal",
    ],
)
def test_what_is_no_attempt_of_a_human_by_an_agreed_channel_counts_for_nothing(act):
    agreed = "definitions: {attempt: {by: [phone, email]}, stages: [lead, mql, sal, won]}\n"
    told = f"2026-03-09 09:00  handed_over\n2026-03-09 10:00  {act}"
    assert verdict(agreed + FIRST_CONTACT, told, "2026-03-20 09:00") == "broken"


@pytest.mark.parametrize("act", ["replied  channel=email", "engaged  what='meeting booked'"])
def test_the_buyers_own_reply_or_booking_stops_the_clock_though_nobody_tried(act):
    told = f"2026-03-09 09:00  handed_over\n2026-03-09 10:00  {act}"
    assert verdict(FIRST_CONTACT, told, "2026-03-20 09:00") == "kept"


# Late, backdated and future facts.


def test_a_fact_before_its_lead_arose_is_flagged():
    told = "2026-03-09 09:00  created\n2026-03-08 09:00  attempted"
    assert judged(FIRST_CONTACT, told).log.counts["facts before creation"] == 1


def test_a_reply_entered_next_day_does_not_move_yesterdays_report():
    told = """
        2026-03-09 09:00  handed_over
        2026-03-09 12:00  attempted  recorded_at=2026-03-10T09:00:00+01:00
    """
    yesterday = {"now": "2026-03-09 18:00", "known_at": "2026-03-09 18:00"}
    assert judged(FIRST_CONTACT, told, **yesterday).obligations.summary()["first contact"] == {
        "kept": 0,
        "broken": 1,
        "open": 0,
        "excused": 0,
        "waived": 0,
        "undeterminable": 0,
    }


# No time of day.


def test_a_conversion_date_cannot_decide_a_promise_of_hours():
    hourly = promising("{after: handed over, do: converted, within: 4 hours}")
    told = "2026-03-09 09:00  handed_over\n2026-03-09  converted"
    assert verdict(hourly, told, "2026-03-20 09:00") == "undeterminable"


# Disposals before the due time.


def test_a_rejection_before_the_due_time_removes_a_breach_and_stays_listed():
    told = "2026-03-09 09:00  handed_over\n2026-03-09 12:59  rejected  reason='wrong size'"
    found = judged(FIRST_CONTACT, told, "2026-03-20 09:00").obligations
    assert found.summary()["first contact"]["excused"] == 1
    assert [row["elapsed_seconds"] for row in found.rows()] == [239 * 60]


# A definition that changes in mid-period.


def test_each_pass_is_judged_by_the_version_at_its_own_handover():
    amended = "version: 2\nvalid from: 2026-03-10\n" + FIRST_CONTACT.replace("4 work", "1 work")
    told = """
        2026-03-09 09:00  handed_over
        2026-03-09 11:00  attempted
        2026-03-09 12:00  returned
        2026-03-11 09:00  handed_over
        2026-03-11 11:00  attempted
    """
    found = rows([FIRST_CONTACT, amended], told)
    assert [(row["pass"], row["version"], row["verdict"]) for row in found] == [
        (1, 1, "kept"),
        (2, 2, "broken"),
    ]


# A history that begins too late.


def test_an_export_that_begins_in_mid_story_is_marked_and_nothing_is_guessed():
    told = "2026-03-09 09:00  attempted\n2026-03-10 09:00  moved  to=sql"
    found = judged(STAGES + FIRST_CONTACT, told, "2026-03-20 09:00")
    assert found.obligations.rows() == []
    assert found.log.counts["leads without creation"] == 1


# Ends of clocks.


@pytest.mark.parametrize(
    "within, end",
    [
        ("168 hours", "2026-03-30 13:00"),
        ("7 days", "2026-03-30 12:00"),
        ("7 working days", "2026-04-01 12:00"),
    ],
)
def test_within_seven_days_says_which(within, end):  # summer time begins on the 29th
    clause = promising(f"{{after: handed over, do: attempted, within: {within}}}")
    assert due(clause, "2026-03-23 12:00  handed_over") == end


# Whoever must not be contacted.


def test_an_objection_stops_all_clocks_without_a_failure_and_keeps_the_counts():
    told = """
        2026-03-02 09:00  moved        to=mql
        2026-03-02 09:00  handed_over
        2026-03-02 10:00  suppressed   reason=objection
    """
    assert verdicts(FIRST_CONTACT, told, "2026-06-30 09:00") == ["excused"]
    assert delivered(MQLS, told, "2026-03-31 09:00") == 1


# The ladder of 3 by day 14, 5 by day 28, 7 by day 56.


def worked(*days, more=""):
    """A lead handed over on 1 June, tried on these days after; further facts."""
    tries = "".join(f"2026-06-{1 + day:02} 10:00  attempted\n" for day in days)
    return "2026-06-01 09:00  handed_over\n" + tries + more


@pytest.mark.parametrize(
    "told, now, found",
    [
        (worked(1), "2026-06-11 09:00", {3: "open", 5: "open", 7: "open"}),
        (worked(1, 2), "2026-06-15 09:00", {3: "open", 5: "open", 7: "open"}),
        (worked(1, 2), "2026-06-15 09:00:01", {3: "broken", 5: "open", 7: "open"}),
        (worked(1, 2, 15, 16, 17), "2026-06-29 09:00", {3: "broken", 5: "kept", 7: "open"}),
        (
            worked(1, more="2026-06-10 09:00  converted"),
            "2026-08-30 09:00",
            {3: "excused", 5: "excused", 7: "excused"},
        ),
        (
            worked(1, more="2026-06-10 09:00  returned"),
            "2026-08-30 09:00",
            {3: "excused", 5: "excused", 7: "excused"},
        ),
        (
            worked(1, more="2026-06-10 09:00  suppressed"),
            "2026-08-30 09:00",
            {3: "excused", 5: "excused", 7: "excused"},
        ),
        (worked(1, 2, 3, 4, 5, 6, 7), "2026-08-30 09:00", {3: "kept", 5: "kept", 7: "kept"}),
        (worked(1, 2, 3, 4, 5, 6), "2026-08-30 09:00", {3: "kept", 5: "kept", 7: "broken"}),
    ],
    ids=[
        "day 10 with 1",
        "day 14 with 2, not over yet",
        "day 14 over with 2",
        "day 28 with 5, the first rung missed",
        "converted on day 9",
        "returned on day 9",
        "asked for no contact on day 9",
        "7 in all, not 15",
        "6 in all",
    ],
)
def test_rungs_are_cumulative_and_each_stands_for_itself(told, now, found):
    assert rungs(LADDER, told, now) == found


def test_day_10_with_one_attempt_is_on_track_and_day_11_at_risk():
    warned = LADDER.replace("do: attempted", "do: attempted\n      warn at: 75%")
    for now, at_risk in (("2026-06-11 09:00", False), ("2026-06-12 09:00", True)):
        first = rows(warned, worked(1), now)[0]
        assert (first["rung"], first["at_risk"], first["verdict"]) == (3, at_risk, "open")


def test_rungs_that_do_not_apply_are_in_no_denominator():
    told = [
        *many(3, "handed_over", "2026-06-01 09:00"),
        fact("converted", "2026-06-10 09:00", "L00000"),
        *(fact("attempted", f"2026-06-0{day} 12:00", "L00001") for day in (2, 3, 4)),
    ]
    first = ladder(judged(LADDER, told, "2026-06-20 09:00"))[0]
    assert (first.times, first.kept, first.due, first.excused) == (3, 1, 2, 1)


def test_a_rung_shows_the_answer_that_completed_it():
    found = rows(LADDER, worked(1, 2, 3, 4, 5), "2026-06-20 09:00")
    assert [local(row["answered_at"]) for row in found] == [
        "2026-06-04 10:00",
        "2026-06-06 10:00",
        None,
    ]
