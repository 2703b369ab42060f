"""What people expect of an SLA, and where other tools failed them; and the life of a lead."""

import pytest

from leadpact.program import columns as col
from tests.leadpact.told import (
    FIRST_CONTACT,
    at,
    due,
    facts,
    judged,
    local,
    only,
    promising,
    rows,
    verdict,
    verdicts,
)

HANDED = "2026-03-09 09:00  handed_over  owner=ana\n"  # due at 13:00
STAGES = "definitions: {stages: [visitor, lead, mql, sal, sql, opportunity, customer]}\n"


def open_at(hours, within, holidays=""):
    """A desk that is open on weekdays, and one promise."""
    office = f"calendars: {{office: {{open: {{mon-fri: [{hours}]}}, holidays: {{dates: [{holidays}]}}}}}}\n"
    return office + promising(f"{{after: handed over, do: attempted, within: {within}}}")


@pytest.mark.parametrize(
    "hours, within, start, end",
    [
        ("09:00-18:00", "60 working minutes", "2026-03-14 15:00", "2026-03-16 10:00"),
        ("09:00-18:00", "60 working minutes", "2026-03-14 20:00", "2026-03-16 10:00"),
        ("09:00-18:00", "60 working minutes", "2026-03-15 08:00", "2026-03-16 10:00"),
        ("09:00-18:00", "60 working minutes", "2026-03-13 17:30", "2026-03-16 09:30"),
        ("09:00-17:00", "8 working hours", "2026-03-13 17:00", "2026-03-16 17:00"),
        ("08:00-17:00", "4 working hours", "2026-03-13 16:00", "2026-03-16 11:00"),
        ("09:00-12:00, 13:30-18:00", "30 working minutes", "2026-03-16 11:45", "2026-03-16 13:45"),
    ],
)
def test_a_promise_runs_on_open_hours(hours, within, start, end):
    assert due(open_at(hours, within), f"{start}  handed_over") == end


def test_a_promise_that_begins_on_a_holiday_is_due_on_the_next_working_day():
    clauses = open_at("09:00-18:00", "60 working minutes", holidays="2026-03-13")
    assert due(clauses, "2026-03-13 11:00  handed_over") == "2026-03-16 10:00"


def test_a_breach_appears_without_anyone_saving_or_opening_the_lead():
    assert verdict(FIRST_CONTACT, HANDED, "2026-03-09 13:00") == "open"
    assert judged(FIRST_CONTACT, HANDED, "2026-03-09 12:00").wake_at == at("2026-03-09 13:00")
    after = at("2026-03-09 13:00") + 1
    assert judged(FIRST_CONTACT, HANDED, "2026-03-09 13:00").wake_at == after
    assert verdict(FIRST_CONTACT, HANDED, "2026-03-09 13:00:00.000001") == "broken"


def test_a_reply_in_time_that_arrives_after_the_due_time_is_in_time():
    noon = FIRST_CONTACT.replace("4 working", "3 working")
    told = HANDED + "2026-03-09 11:59  attempted  recorded_at=2026-03-09T12:02:00+01:00"
    assert verdict(noon, told, "2026-03-09 12:02") == "kept"
    assert verdict(noon, told, "2026-03-09 12:02", known_at="2026-03-09 12:01") == "broken"


def test_the_first_reply_is_the_earliest_that_happened_and_not_that_arrived():
    told = HANDED.replace("09:00", "08:00")
    told += "2026-03-09 10:00  attempted  recorded_at=2026-03-09T10:01:00+01:00\n"
    told += "2026-03-09 09:00  attempted  recorded_at=2026-03-09T11:00:00+01:00\n"
    assert local(only(FIRST_CONTACT, told)["answered_at"]) == "2026-03-09 09:00"


def test_lists_counts_and_single_leads_agree_at_the_same_instant():
    told = HANDED + "2026-03-09 09:00  handed_over  lead=B\n2026-03-09 12:00  attempted  lead=B"
    for now in ("2026-03-09 11:00", "2026-03-09 13:00", "2026-03-09 13:00:00.000001"):
        found = judged(FIRST_CONTACT, told, now).obligations
        listed = [row["verdict"] for row in found.rows()]
        counted = found.summary()["first contact"]
        assert {name: listed.count(name) for name in counted} == counted
        assert [row["verdict"] for row in found.urgent(9)] == ["open"] * counted["open"]
        assert len(found.of("first contact")) == len(listed) == 2


@pytest.mark.parametrize("act", ["attempted  channel=email human=no", "moved  to=sal", "accepted"])
def test_automatic_mail_and_a_status_click_are_no_response(act):
    told = HANDED + f"2026-03-09 09:01  {act}"
    assert verdict(STAGES + FIRST_CONTACT, told, "2026-03-20 09:00") == "broken"


def test_a_late_first_reply_stays_breached_and_visible():
    told = HANDED + "2026-03-09 13:30  attempted"
    row = only(FIRST_CONTACT, told, "2026-12-31 09:00")
    assert (row["verdict"], local(row["answered_at"])) == ("broken", "2026-03-09 13:30")


def test_a_new_target_leaves_running_and_closed_clocks_alone_unless_asked():
    told = HANDED + "2026-03-09 12:00  attempted\n2026-03-09 15:00  handed_over  lead=open"
    shorter = "version: 2\nvalid from: 2026-03-10\n" + FIRST_CONTACT.replace("4 work", "1 work")
    assert rows([FIRST_CONTACT, shorter], told) == rows(FIRST_CONTACT, told)
    asked = rows([FIRST_CONTACT, "open promises: restart\n" + shorter], told, "2026-03-20 09:00")
    assert [(row["lead"], row["version"], row["verdict"]) for row in asked] == [
        ("lead", 1, "kept"),
        ("open", 1, "excused"),
        ("open", 2, "broken"),
    ]


def test_a_lead_that_was_closed_by_mistake_returns_to_where_it_was():
    told = """
        2026-03-09 09:00  handed_over   owner=ana
        2026-03-09 10:00  moved         to=sql
        2026-03-10 09:00  disqualified  source_id=7
    """
    closed = judged(STAGES + FIRST_CONTACT, told).stories.rows()[0]
    assert (closed["standing"], closed["owner"]) == ("disqualified", None)
    told += "2026-03-11 09:00  corrected  fact=7"
    assert judged(STAGES + FIRST_CONTACT, told).stories.rows()[0] == {
        "lead": "lead",
        "pass": 1,
        "standing": "open",
        "stage": "sql",
        "owner": "ana",
        "paused": False,
    }


def test_the_second_clock_of_a_reopened_lead_is_counted_apart():
    told = (
        HANDED
        + """
        2026-03-09 12:00  attempted
        2026-03-10 09:00  returned
        2026-03-16 09:00  handed_over  owner=ben
    """
    )
    found = judged(FIRST_CONTACT, told, "2026-03-16 13:01").obligations
    assert [(row["pass"], row["verdict"]) for row in found.rows()] == [(1, "kept"), (2, "broken")]
    summary = found.summary()["first contact"]
    assert (summary["kept"], summary["broken"]) == (1, 1)


def test_reading_the_same_file_twice_changes_nothing():
    told = HANDED + "2026-03-09 12:00  attempted"
    once = judged(FIRST_CONTACT, told)
    twice = judged(FIRST_CONTACT, 2 * facts(told))
    assert once.obligations.rows() == twice.obligations.rows()


# The life of a lead, step by step, and what each step does to the clocks.

LIFE = STAGES + (
    "promises: {sales: {accept: {after: mql, do: accepted, within: 8 working hours},"
    " contact: {after: mql, do: attempted, within: 4 working hours}}}\n"
)
MQL = "2026-03-09 08:00  created\n2026-03-09 09:00  moved  to=mql\n"


@pytest.mark.parametrize(
    "act, standing, stage, accept, contact",
    [
        ("accepted", "open", "sal", "kept", "open"),
        ("rejected  reason='wrong size'", "out", "lead", "excused", "excused"),
        ("assigned  owner=ben", "open", "mql", "open", "open"),
        ("attempted", "open", "mql", "open", "kept"),
        ("moved  to=sql", "open", "sql", "open", "open"),
        ("disqualified", "disqualified", "lead", "excused", "excused"),
        ("converted  amount=2000", "open", "opportunity", "excused", "excused"),
        ("won  amount=2000", "won", "customer", "excused", "excused"),
        ("suppressed", "suppressed", "mql", "excused", "excused"),
        ("returned  to=re-engage", "out", "lead", "open", "open"),
        ("lost", "lost", "lead", "open", "open"),
    ],
)
def test_each_step_of_a_lead_does_to_the_clocks_what_was_agreed(
    act, standing, stage, accept, contact
):
    found = judged(LIFE, MQL + f"2026-03-09 10:00  {act}", "2026-03-09 12:00")
    story = found.stories.rows()[0]
    assert (story["standing"], story["stage"]) == (standing, stage)
    verdicts_ = {row["promise"]: row["verdict"] for row in found.obligations.rows()}
    assert verdicts_ == {"accept": accept, "contact": contact}


def test_the_customers_second_deal_opens_no_pass_and_enters_no_stage_again():
    told = MQL + "2026-03-10 09:00  won\n2026-03-11 09:00  converted"
    found = judged(LIFE, told)
    assert len(found.stories.passes) == 1
    assert found.stories.entered_at("opportunity").tolist() == [at("2026-03-10 09:00")]


def test_after_a_win_a_handover_opens_the_next_pass():
    told = MQL + "2026-03-10 09:00  won\n2026-06-01 09:00  handed_over"
    found = judged(LIFE, told)
    assert found.stories.passes[:, col.S_PASS].tolist() == [1, 2]
    assert found.stories.rows()[0]["stage"] == "mql"


def test_a_promise_to_the_customer_starts_with_the_win():
    welcome = promising("{after: won, do: welcomed, within: 2 working days}")
    told = MQL + "2026-03-10 09:00  won\n2026-03-11 09:00  engaged  what=welcomed"
    assert verdicts(STAGES + welcome, told) == ["kept"]
