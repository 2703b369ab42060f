"""What is settled about versions, holidays and rulings: what is open moves, what was said stays."""

import pytest

from leadpact.agreement.amend import hash_of
from leadpact.agreement.load import load_versions
from leadpact.judge import judge
from leadpact.rulings import rulings
from tests.leadpact.told import (
    FIRST_CONTACT,
    agreed,
    at,
    due,
    facts,
    held,
    judged,
    local,
    log_of,
    only,
    promising,
    rows,
    verdict,
)

FOUR_HOURS = "{after: handed over, do: attempted, within: 4 working hours}"
ONE_HOUR = "{after: handed over, do: attempted, within: 1 working hour}"
FIRST = promising(FOUR_HOURS)
SECOND = "version: 2\nvalid from: 2026-03-10\n" + promising(ONE_HOUR)
RESTARTING = "open promises: restart\n" + SECOND
AFTERNOON = "2026-03-09 15:00  handed_over  owner=ana\n"


def test_the_version_in_force_at_the_start_judges_and_is_named():
    told = """
        2026-03-09 09:00  handed_over  lead=A
        2026-03-10 09:00  handed_over  lead=B
    """
    found = rows([FIRST, SECOND], told, "2026-03-20 09:00")
    assert [(row["lead"], row["version"], local(row["due_at"])) for row in found] == [
        ("A", 1, "2026-03-09 13:00"),
        ("B", 2, "2026-03-10 10:00"),
    ]


@pytest.mark.parametrize(
    "start, version", [("2026-03-09 23:59:59.999999", 1), ("2026-03-10 00:00", 2)]
)
def test_a_version_is_in_force_from_the_local_midnight_of_its_day(start, version):
    assert only([FIRST, SECOND], f"{start}  handed_over")["version"] == version


def test_what_begins_before_the_first_version_is_not_judged_and_counted():
    found = judged(FIRST, "2025-12-31 12:00  handed_over", "2026-03-09 09:00")
    assert (found.obligations.rows(), found.unbound) == ([], 1)


def test_an_amendment_leaves_running_and_closed_clocks_alone_unless_asked():
    told = "2026-03-02 09:00  handed_over lead=A\n2026-03-02 10:00  attempted lead=A\n" + AFTERNOON
    alone = rows(FIRST, told, "2026-03-20 09:00")
    assert rows([FIRST, SECOND], told, "2026-03-20 09:00") == alone
    assert [(row["version"], local(row["due_at"])) for row in alone] == [
        (1, "2026-03-02 13:00"),
        (1, "2026-03-10 11:00"),
    ]


def test_an_amendment_keeps_the_time_that_was_used_and_paused():
    told = AFTERNOON + "2026-03-09 16:00  paused\n2026-03-10 10:00  resumed"
    row = only([FIRST, SECOND], told, "2026-03-10 10:00")
    assert (local(row["due_at"]), row["working_seconds"]) == ("2026-03-10 13:00", 3600)


def test_an_amendment_may_restart_what_is_open_at_its_midnight():
    found = rows([FIRST, RESTARTING], AFTERNOON, "2026-03-20 09:00")
    assert [
        (row["version"], local(row["started_at"]), local(row["due_at"]), row["verdict"])
        for row in found
    ] == [
        (1, "2026-03-09 15:00", "2026-03-10 11:00", "excused"),
        (2, "2026-03-10 00:00", "2026-03-10 10:00", "broken"),
    ]


@pytest.mark.parametrize("ended", ["2026-03-09 16:00  attempted", "2026-03-09 16:00  rejected"])
def test_a_restart_leaves_what_is_closed_alone(ended):
    assert [row["version"] for row in rows([FIRST, RESTARTING], AFTERNOON + ended)] == [1]


def test_a_restart_leaves_what_is_broken_alone():
    told = "2026-03-09 09:00  handed_over"
    found = rows([FIRST, RESTARTING], told, "2026-03-20 09:00")
    assert [(row["version"], row["verdict"]) for row in found] == [(1, "broken")]


def test_a_renewed_promise_starts_once_a_pass_whatever_the_version():
    told = AFTERNOON + "2026-03-11 09:00  handed_over"
    assert [row["version"] for row in rows([FIRST, SECOND], told)] == [1]


def test_versions_are_a_file_or_a_folder_of_files(tmp_path):
    head = "leadpact: 1\nagreement: Northwind\nzone: Europe/Warsaw\n"
    first = head + "version: 1\nvalid from: 2026-01-01\n" + FIRST
    (tmp_path / "b.yaml").write_text(first)
    (tmp_path / "a.yaml").write_text(head + SECOND)
    versions, problems = load_versions(tmp_path)
    assert ([v.version for v in versions], problems) == ([1, 2], [])
    alone, problems = load_versions(tmp_path / "b.yaml")
    assert ([v.version for v in alone], problems) == ([1], [])
    found = judge(versions, log_of("2026-03-10 09:00  handed_over"), now=at("2026-03-10 09:00"))
    assert found.obligations.rows()[0]["version"] == 2


def test_each_version_brings_its_own_people_and_calendars():
    morning = "calendars: {office: {open: {mon-fri: [09:00-10:00]}}}\n"
    told = "2026-03-09 08:00  handed_over  lead=A\n2026-03-10 08:00  handed_over  lead=B"
    found = rows([morning + FIRST, SECOND], told, "2026-03-20 09:00")
    assert [local(row["due_at"]) for row in found] == ["2026-03-12 10:00", "2026-03-10 10:00"]


# Holidays and leave.

CLOSED = "calendars: {office: {open: {mon-fri: [09:00-17:00]}, holidays: {dates: [2026-03-10]}}}\n"


def test_a_new_holiday_moves_what_is_still_open():
    assert due(FIRST_CONTACT, AFTERNOON) == "2026-03-10 11:00"
    assert due(CLOSED + FIRST_CONTACT, AFTERNOON) == "2026-03-11 11:00"
    assert verdict(CLOSED + FIRST_CONTACT, AFTERNOON, "2026-03-10 18:00") == "open"


def test_a_new_leave_moves_what_is_still_open():
    away = "people: {ana: {leave: [2026-03-10/2026-03-12]}}\n" + FIRST_CONTACT
    assert due(away, AFTERNOON) == "2026-03-13 11:00"


def test_a_holiday_counts_by_its_listed_date_and_not_by_the_name_of_the_country():
    proposed = "calendars: {office: {open: {mon-fri: [09:00-17:00]}, holidays: {country: PL, dates: []}}}\n"
    assert due(proposed + FIRST_CONTACT, "2026-01-06 09:00  handed_over") == "2026-01-06 13:00"


# Rulings: what was announced.


def ruled(clauses, told, now):
    found = judged(clauses, told, now)
    return [*rulings(found.obligations, found.stories).facts()]


def test_a_verdict_is_announced_once():
    broken = "2026-03-09 09:00  handed_over"
    (said,) = ruled(FIRST_CONTACT, broken, "2026-03-09 13:00:00.000001")
    assert (said["promise"], said["verdict"]) == ("first contact", "broken")
    assert ruled(FIRST_CONTACT, [*facts(broken), said], "2026-03-20 09:00") == []


def test_a_fact_that_comes_late_corrects_a_ruling_visibly():
    told = facts("2026-03-09 09:00  handed_over")
    (said,) = ruled(FIRST_CONTACT, told, "2026-03-09 13:01")
    late = facts("2026-03-09 12:00  attempted  source_id=x recorded_at='2026-03-10T09:00:00+01:00'")
    (corrected,) = ruled(FIRST_CONTACT, [*told, *late, said], "2026-03-10 09:00")
    assert (corrected["verdict"], corrected["reason"]) == ("kept", "correction of broken")


def test_the_same_act_has_the_same_key_whenever_it_is_done():
    told = "2026-03-09 09:00  handed_over"
    one = ruled(FIRST_CONTACT, told, "2026-03-09 13:01")[0]["source_id"]
    assert ruled(FIRST_CONTACT, told, "2026-03-20 09:00")[0]["source_id"] == one
    assert (
        ruled(FIRST_CONTACT, "2026-03-09 08:00  handed_over lead=B", "2026-03-20 09:00")[0][
            "source_id"
        ]
        != one
    )


def test_what_was_known_then_can_still_be_asked():
    told = """
        2026-03-09 09:00  handed_over  owner=ana
        2026-03-09 12:00  attempted  recorded_at=2026-03-10T09:00:00+01:00
    """
    then = judged(FIRST_CONTACT, told, "2026-03-20 09:00", known_at="2026-03-09 18:00")
    assert [row["verdict"] for row in then.obligations.rows()] == ["broken"]
    assert then.log.counts["not yet known"] == 1
    assert verdict(FIRST_CONTACT, told, "2026-03-20 09:00", known_at="2026-03-10 09:00") == "kept"


def test_legs_are_kept_through_an_amendment():
    told = AFTERNOON + "2026-03-10 10:00  assigned  owner=ben"
    row = only([FIRST, SECOND], told, "2026-03-10 10:30")
    assert held(row) == [
        ("ana", "2026-03-09 15:00", "2026-03-10 10:00", 3, None),
        ("ben", "2026-03-10 10:00", "2026-03-10 10:30", 0.5, "open"),
    ]


def test_holidays_are_part_of_what_is_signed_and_layout_is_not():
    assert hash_of(agreed(FIRST)) != hash_of(agreed(CLOSED + FIRST))
    assert hash_of(agreed(FIRST)) == hash_of(agreed(FIRST.replace("{sales", "{ sales")))
