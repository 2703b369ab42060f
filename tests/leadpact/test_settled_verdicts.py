"""What is settled about verdicts: in time, excused, days without a time, one instant, attempts."""

import pytest

from tests.leadpact.told import (
    FIRST_CONTACT,
    due,
    judged,
    local,
    only,
    promising,
    rows,
    verdict,
    verdicts,
)

HANDED = "2026-03-09 09:00  handed_over  owner=ana\n"  # a Monday; due at 13:00
WITHIN_7_DAYS = promising("{after: handed over, do: attempted, within: 7 days}")

# In time.


@pytest.mark.parametrize(
    "answered, found",
    [
        ("2026-03-09 12:59:59.999999", "kept"),
        ("2026-03-09 13:00", "kept"),
        ("2026-03-09 13:00:00.000001", "broken"),
    ],
)
def test_an_answer_at_the_exact_due_instant_is_in_time(answered, found):
    assert verdict(FIRST_CONTACT, HANDED + f"{answered}  attempted") == found


@pytest.mark.parametrize(
    "now, found",
    [
        ("2026-03-09 12:59", "open"),
        ("2026-03-09 13:00", "open"),
        ("2026-03-09 13:00:00.000001", "broken"),
    ],
)
def test_what_is_not_yet_due_is_neither_and_then_broken_without_any_fact(now, found):
    assert verdict(FIRST_CONTACT, HANDED, now) == found


def test_a_late_answer_stays_broken_and_visible():
    late = HANDED + "2026-03-10 10:00  attempted\n2026-03-10 11:00  attempted"
    row = only(FIRST_CONTACT, late, "2026-03-20 09:00")
    assert (row["verdict"], local(row["answered_at"])) == ("broken", "2026-03-10 10:00")
    assert row["working_seconds"] == 9 * 3600


def test_working_seconds_of_an_open_obligation_run_to_now():
    row = only(FIRST_CONTACT, HANDED, "2026-03-09 11:30")
    assert (row["working_seconds"], row["elapsed_seconds"]) == (9000, 9000)
    row = only(FIRST_CONTACT, HANDED, "2026-03-10 10:00")
    assert (row["working_seconds"], row["elapsed_seconds"]) == (9 * 3600, 25 * 3600)


def test_a_trigger_that_comes_twice_in_a_pass_starts_once():
    again = HANDED + "2026-03-09 12:00  handed_over  owner=ana"
    row = only(FIRST_CONTACT, again, "2026-03-09 14:00")
    assert (local(row["started_at"]), row["occurrence"], row["verdict"]) == (
        "2026-03-09 09:00",
        1,
        "broken",
    )
    assert judged(FIRST_CONTACT, again, "2026-03-09 14:00").repeated == 1


def test_each_time_opts_into_repeats_that_are_numbered():
    clause = "{after: demo requested, do: attempted, within: 4 working hours, each time: yes}"
    asked = """
        2026-03-09 09:00  engaged  what="demo requested"
        2026-03-09 10:00  attempted
        2026-03-10 09:00  engaged  what="demo requested"
        2026-03-10 10:00  engaged  what="demo requested"
    """
    found = rows(promising(clause), asked, "2026-03-10 13:30")
    assert [(row["occurrence"], row["verdict"]) for row in found] == [
        (1, "kept"),
        (2, "broken"),
        (3, "open"),
    ]


# Excuses.


@pytest.mark.parametrize(
    "disposal", ["rejected", "disqualified", "suppressed", "converted", "merged  into=other"]
)
def test_a_disposal_in_time_excuses_and_stays_listed(disposal):
    told = HANDED + f"2026-03-09 13:00  {disposal}\n2026-03-09 08:00  created  lead=other"
    clause = promising("{after: handed over, do: attempted, within: 4 working hours}")
    found = judged(clause, told, "2026-03-20 09:00").obligations
    own = [row for row in found.rows() if row["lead"] == "lead"]
    assert [(row["verdict"], local(row["due_at"])) for row in own] == [
        ("excused", "2026-03-09 13:00")
    ]
    assert found.summary()["contact"]["excused"] == 1


@pytest.mark.parametrize("disposal", ["rejected", "disqualified", "suppressed", "converted"])
def test_a_late_disposal_excuses_nothing(disposal):
    told = HANDED + f"2026-03-09 13:00:00.000001  {disposal}"
    assert verdict(FIRST_CONTACT, told, "2026-03-20 09:00") == "broken"


def test_the_promise_names_further_excuses():
    told = HANDED + "2026-03-09 11:00  returned  to=re-engage"
    assert verdict(FIRST_CONTACT, told, "2026-03-20 09:00") == "excused"
    without = promising("{after: handed over, do: attempted, within: 4 working hours}")
    assert verdict(without, told, "2026-03-20 09:00") == "broken"


def test_a_manager_may_waive_what_is_broken_but_not_what_was_kept():
    waived = 'waived  promise="first contact" by=mia why="fair"'
    told = HANDED + f"2026-03-12 09:00  {waived}"
    assert verdict(FIRST_CONTACT, told) == "waived"
    assert verdict(FIRST_CONTACT, told + "\n2026-03-09 10:00  attempted") == "kept"


# Days without a time.


@pytest.mark.parametrize(
    "answered, found",
    [("2026-03-08", "kept"), ("2026-03-09", "undeterminable"), ("2026-03-10", "broken")],
)
def test_a_day_is_judged_if_the_whole_of_it_falls_on_one_side_of_the_due_instant(answered, found):
    told = f"2026-03-02 09:00  handed_over\n{answered}  attempted"
    assert verdict(WITHIN_7_DAYS, told, "2026-03-20 09:00") == found


@pytest.mark.parametrize(
    "answered, found",
    [("2026-03-09", "undeterminable"), ("2026-03-10", "broken"), ("2026-03-12", "broken")],
)
def test_a_day_cannot_decide_a_promise_of_hours_but_a_later_day_does(answered, found):
    assert verdict(FIRST_CONTACT, HANDED + f"{answered}  attempted", "2026-03-20 09:00") == found


@pytest.mark.parametrize(
    "answered, found",
    [
        ("2026-03-08 23:59:59.999999", "kept"),
        ("2026-03-09 00:00", "kept"),
        ("2026-03-09 10:00", "undeterminable"),
        ("2026-03-10 00:00", "broken"),
        ("2026-03-08", "kept"),
        ("2026-03-09", "undeterminable"),
        ("2026-03-10", "broken"),
    ],
)
def test_a_start_without_a_time_is_anywhere_in_its_day(answered, found):
    told = f"2026-03-02  handed_over\n{answered}  attempted"
    assert verdict(WITHIN_7_DAYS, told, "2026-03-20 09:00") == found


@pytest.mark.parametrize(
    "now, found",
    [
        ("2026-03-09 00:00", "open"),
        ("2026-03-09 12:00", "undeterminable"),
        ("2026-03-09 23:59:59.999999", "undeterminable"),
        ("2026-03-10 00:00", "broken"),
    ],
)
def test_an_unanswered_start_without_a_time_is_open_then_unsure_then_broken(now, found):
    assert verdict(WITHIN_7_DAYS, "2026-03-02  handed_over", now) == found


def test_what_began_without_a_time_shows_its_day_and_no_seconds():
    row = only(WITHIN_7_DAYS, "2026-03-02  handed_over\n2026-03-04  attempted", "2026-03-20 09:00")
    shown = ("started_at", "answered_at", "working_seconds", "elapsed_seconds", "verdict")
    assert [row[name] for name in shown] == ["2026-03-02", "2026-03-04", None, None, "kept"]


def test_legs_without_a_time_show_their_days_and_no_seconds():
    told = "2026-03-02  handed_over  owner=ana\n2026-03-03 10:00  assigned  owner=ben\n"
    row = only(WITHIN_7_DAYS, told + "2026-03-04  attempted", "2026-03-20 09:00")
    assert [list(leg.values()) for leg in row["legs"]] == [
        ["ana", "2026-03-02", "2026-03-03T10:00:00+01:00", None, None],
        ["ben", "2026-03-03T10:00:00+01:00", "2026-03-04", None, "kept"],
    ]


def test_the_day_is_that_of_the_agreements_zone():
    bangkok = "zone: Asia/Bangkok\n" + promising(
        "{after: handed over, do: attempted, within: 24 hours}"
    )
    told = "2026-03-02 00:00+07:00  handed_over\n{answered}  attempted"
    assert verdict(bangkok, told.format(answered="2026-03-02"), "2026-03-20 09:00") == "kept"
    assert verdict(bangkok, told.format(answered="2026-03-03"), "2026-03-20 09:00") == (
        "undeterminable"
    )


def test_an_excuse_without_a_time_may_come_too_late():
    told = HANDED + "{day}  returned"
    assert verdict(FIRST_CONTACT, told.format(day="2026-03-09"), "2026-03-20 09:00") == (
        "undeterminable"
    )
    assert verdict(WITHIN_7_DAYS, told.format(day="2026-03-10"), "2026-03-20 09:00") == "broken"
    unless = promising("{after: handed over, do: attempted, within: 7 days, unless: returned}")
    assert verdict(unless, told.format(day="2026-03-10"), "2026-03-20 09:00") == "excused"


# At one instant.


@pytest.mark.parametrize(
    "facts, found",
    [
        (("attempted", "handed_over"), "kept"),
        (("rejected", "attempted", "handed_over"), "kept"),
        (("returned", "attempted", "handed_over"), "kept"),
        (("paused", "attempted", "handed_over"), "kept"),
        (("paused", "rejected", "handed_over"), "excused"),
        (("suppressed", "attempted", "handed_over"), "kept"),
        (("suppressed", "handed_over"), "excused"),
        (("paused", "handed_over"), "open"),
    ],
)
def test_at_one_instant_starts_come_before_answers_excuses_pauses_and_ends(facts, found):
    told = "\n".join(f"2026-03-09 09:00  {fact}" for fact in facts)
    assert verdict(FIRST_CONTACT, told, "2026-03-20 09:00") == found


def test_at_one_instant_a_pause_ends_before_another_begins():
    told = HANDED + "2026-03-09 10:00  paused\n2026-03-09 12:00  paused\n2026-03-09 12:00  resumed"
    assert due(FIRST_CONTACT, told, "2026-03-09 15:00") is None
    assert due(FIRST_CONTACT, told + "\n2026-03-09 16:00  resumed", "2026-03-09 16:00") == (
        "2026-03-10 11:00"
    )


def test_within_a_step_the_source_id_decides():
    both = "2026-03-09 10:00  assigned  owner={}\n2026-03-09 10:00  assigned  owner={}"
    named = HANDED + both.format("chai source_id=z", "ben source_id=a")
    assert only(FIRST_CONTACT, named)["owner"] == "chai"
    assert only(FIRST_CONTACT, HANDED + both.format("chai", "ben"))["owner"] == "ben"


# Attempts.

AGREED = "definitions: {attempt: {by: [phone, email]}}\n"


@pytest.mark.parametrize(
    "fields, counts",
    [
        ("channel=phone by=ana", True),
        ("channel=email", True),
        ("channel=phone outcome='no answer' seconds=12", True),
        ("", True),
        ("channel=email human=no", False),
        ("channel=phone direction=inbound", False),
        ("channel=email outcome=bounced", False),
        ("channel=phone outcome='wrong number'", False),
        ("channel=note", False),
        ("channel=sms", False),
        ("channel=phone seconds=0", False),
    ],
)
def test_an_attempt_is_human_outbound_and_by_an_agreed_channel(fields, counts):
    told = HANDED + f"2026-03-09 10:00  attempted  {fields}"
    found = verdict(AGREED + FIRST_CONTACT, told, "2026-03-10 09:00")
    assert found == ("kept" if counts else "broken")


def test_a_call_of_zero_seconds_counts_where_the_agreement_says_so():
    dials = "definitions: {attempt: {dial tries count: yes}}\n" + FIRST_CONTACT
    told = HANDED + "2026-03-09 10:00  attempted  channel=phone seconds=0"
    assert verdict(dials, told, "2026-03-10 09:00") == "kept"


@pytest.mark.parametrize("act", ["moved  to=sal", "accepted  by=ana", "described  status=called"])
def test_a_change_of_status_is_no_first_contact(act):
    told = HANDED + f"2026-03-09 10:00  {act}"
    assert verdict(FIRST_CONTACT, told, "2026-03-10 09:00") == "broken"


def test_an_attempt_before_the_handover_does_not_count():
    told = "2026-03-09 08:00  created\n2026-03-09 08:30  attempted\n" + HANDED
    assert verdicts(FIRST_CONTACT, told, "2026-03-10 09:00") == ["broken"]
