"""The reference itself, pinned to cases worked by hand."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from leadpact.agreement.model import Agreement
from tests.leadpact.reference.judge_slowly import Judged, judge_slowly
from tests.leadpact.reference.slow_clock import Desk, instant, moment, week_of
from tests.leadpact.reference.worked import CONTACT, FOLLOW_UP, agreement, told

NINE_TO_FIVE = week_of({"mon-fri": ("09:00-17:00",)})
HOUR = 3_600_000_000


def judged(agreements: Agreement | list[Agreement], text: str, now: str) -> Judged:
    versions = agreements if isinstance(agreements, list) else [agreements]
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Europe/Warsaw"))
    return judge_slowly(versions, told(text), at)


def verdicts(agreements: Agreement | list[Agreement], text: str, now: str) -> list[str]:
    return [row["verdict"] for row in judged(agreements, text, now).obligations]


def warsaw(at: datetime | None) -> str | None:
    return at and at.astimezone(ZoneInfo("Europe/Warsaw")).strftime("%Y-%m-%d %H:%M:%S")


def local(text: str, zone: str) -> int:
    return instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


@pytest.mark.parametrize(
    "zone, start, hours, due, holidays",
    [
        ("America/New_York", "2026-03-06 16:30", 2, "2026-03-09 10:30", ()),
        ("America/New_York", "2026-03-13 16:30", 2, "2026-03-16 10:30", ()),
        ("America/New_York", "2026-10-30 16:30", 2, "2026-11-02 10:30", ()),
        ("Europe/Warsaw", "2026-03-27 16:30", 2, "2026-03-30 10:30", ()),
        ("Asia/Bangkok", "2026-03-06 16:30", 2, "2026-03-09 10:30", ()),
        ("America/New_York", "2026-03-10 07:00", 1, "2026-03-10 10:00", ()),
        ("America/New_York", "2026-03-08 12:00", 1, "2026-03-09 10:00", ()),
        ("America/New_York", "2026-03-10 17:00", 0.5, "2026-03-11 09:30", ()),
        ("America/New_York", "2026-03-10 16:00", 1, "2026-03-10 17:00", ()),
        ("America/New_York", "2026-07-02 16:00", 2, "2026-07-06 10:00", ("2026-07-03",)),
        ("America/New_York", "2026-03-13 16:00", 4, "2026-03-16 12:00", ()),
        ("Europe/London", "2026-03-10 11:00", 8, "2026-03-11 11:00", ()),
    ],
)
def test_working_hours(zone, start, hours, due, holidays):
    closed = frozenset(datetime.fromisoformat(day).date() for day in holidays)
    desk = Desk(zone, NINE_TO_FIVE, closed)
    assert moment(desk.after(local(start, zone), int(hours * HOUR))) == moment(local(due, zone))
    assert desk.worked(local(start, zone), local(due, zone)) == hours * HOUR


def test_a_night_shift_is_as_long_as_its_night():
    desk = Desk("America/New_York", week_of({"mon-sun": ("22:00-06:00",)}))
    for evening, morning, hours in (
        ("2026-03-07 12:00", "2026-03-08 12:00", 7),
        ("2026-10-31 12:00", "2026-11-01 12:00", 9),
    ):
        length = desk.worked(*(local(t, "America/New_York") for t in (evening, morning)))
        assert length == hours * HOUR


def test_a_shift_that_opens_in_the_missing_hour_opens_at_the_jump():
    desk = Desk("America/New_York", week_of({"mon-sun": ("02:30-04:00",)}))
    start = local("2026-03-08 00:00", "America/New_York")
    assert desk.after(start, 1) == local("2026-03-08 03:00", "America/New_York") + 1


@pytest.mark.parametrize(
    "start, days, due",
    [
        ("2026-03-13 15:00", 1, "2026-03-16 15:00"),
        ("2026-03-14 15:00", 1, "2026-03-16 15:00"),
        ("2026-03-13 07:00", 2, "2026-03-17 09:00"),
        ("2026-03-13 19:00", 2, "2026-03-17 17:00"),
    ],
)
def test_working_days(start, days, due):
    zone = "Europe/Warsaw"
    assert Desk(zone, NINE_TO_FIVE).nth_working_day(local(start, zone), days) == local(due, zone)


def attempts(*days: int) -> str:
    march = (f"2026-03-{day:02} 10:00 attempted channel=phone" for day in days)
    return "\n".join(["2026-03-01 10:00 handed_over owner=ana", *march])


@pytest.mark.parametrize(
    "facts, now, expected",
    [
        (attempts(5), "2026-03-11 10:00", ["open", "open", "open"]),
        (attempts(5, 6), "2026-03-15 10:00", ["open", "open", "open"]),
        (attempts(5, 6), "2026-03-15 10:00:00.000001", ["broken", "open", "open"]),
        (attempts(5, 6, 20, 21, 29), "2026-03-29 10:00", ["broken", "kept", "open"]),
        (attempts(5) + "\n2026-03-10 10:00 converted", "2026-06-01", ["excused"] * 3),
        (attempts(5) + "\n2026-03-10 10:00 returned", "2026-06-01", ["excused"] * 3),
        (attempts(5) + "\n2026-03-10 10:00 suppressed", "2026-06-01", ["excused"] * 3),
    ],
)
def test_a_ladder_counts_all_attempts(facts, now, expected):
    found = judged(agreement(FOLLOW_UP), facts, now).obligations
    assert [row["verdict"] for row in found] == expected
    assert [row["rung"] for row in found] == [3, 5, 7]


def test_due_at_the_exact_instant_is_kept():
    facts = "2026-03-10 09:00 handed_over\n2026-03-10 13:00 attempted channel=phone"
    row = judged(agreement({"contact": CONTACT}), facts, "2026-03-12").obligations[0]
    assert (row["verdict"], row["working_seconds"]) == ("kept", 4 * 3600)
    late = facts.replace("13:00 ", "13:00:00.000001 ")
    row = judged(agreement({"contact": CONTACT}), late, "2026-03-12").obligations[0]
    assert (row["verdict"], warsaw(row["due_at"])) == ("broken", "2026-03-10 13:00:00")


def test_open_until_due_and_broken_the_microsecond_after():
    facts = "2026-03-10 09:00 handed_over"
    contact = agreement({"contact": CONTACT})
    assert verdicts(contact, facts, "2026-03-10 13:00") == ["open"]
    assert verdicts(contact, facts, "2026-03-10 13:00:00.000001") == ["broken"]
    assert warsaw(judged(contact, facts, "2026-03-10 10:00").wake_at) == "2026-03-10 13:00:00"
    wake = judged(contact, facts, "2026-03-10 13:00").wake_at
    assert wake == datetime(2026, 3, 10, 12, 0, 0, 1, UTC)


def test_seven_days_are_days_of_the_wall():
    worked = agreement({"worked": CONTACT | {"within": "7 days"}})
    row = judged(worked, "2026-03-26 10:00 handed_over", "2026-03-27").obligations[0]
    assert warsaw(row["due_at"]) == "2026-04-02 10:00:00"
    elapsed = agreement({"worked": CONTACT | {"within": "168 hours"}})
    row = judged(elapsed, "2026-03-26 10:00 handed_over", "2026-03-27").obligations[0]
    assert warsaw(row["due_at"]) == "2026-04-02 11:00:00"


def test_reassignment_keeps_the_lead_clock_and_starts_a_leg():
    facts = """
    2026-03-09 09:00 handed_over
    2026-03-09 11:00 assigned owner=ana
    2026-03-10 10:00 assigned owner=ben
    2026-03-10 10:05 attempted channel=phone
    """
    row = judged(agreement({"contact": CONTACT}), facts, "2026-03-12").obligations[0]
    assert (row["verdict"], row["owner"]) == ("broken", "ben")
    legs = [(o, warsaw(a), w, v) for o, a, _, w, v in row["legs"]]
    assert legs == [
        (None, "2026-03-09 09:00:00", 2 * 3600, None),
        ("ana", "2026-03-09 11:00:00", 7 * 3600, "broken"),
        ("ben", "2026-03-10 10:00:00", 300, None),  # it began after the lead's due time
    ]


@pytest.mark.parametrize(
    "attempt, counts",
    [
        ("channel=phone", True),
        ("by=ana", True),
        ("channel=status_click", False),
        ("channel=phone human=no", False),
        ("channel=phone direction=inbound", False),
        ("channel=email outcome=bounced", False),
        ("channel=phone outcome=wrong_number", False),
        ("channel=phone seconds=0", False),
        ("channel=phone seconds=1", True),
    ],
)
def test_what_an_attempt_is(attempt, counts):
    agreed = agreement({"contact": CONTACT}, definitions={"attempt": {"by": ["phone", "email"]}})
    facts = f"2026-03-10 09:00 handed_over\n2026-03-10 10:00 attempted {attempt}"
    assert verdicts(agreed, facts, "2026-03-10 12:00") == ["kept" if counts else "open"]


def test_what_the_buyer_does_settles_a_first_contact_but_no_ladder():
    facts = "2026-03-10 09:00 handed_over\n2026-03-10 10:00 {}"
    for answer in ("replied", "engaged what=meeting_booked"):
        both = agreement({"contact": CONTACT} | FOLLOW_UP)
        assert verdicts(both, facts.format(answer), "2026-03-11") == ["kept", *["open"] * 3]


def test_attempts_before_the_handoff_dont_count():
    facts = "2026-03-10 09:00 attempted channel=phone\n2026-03-10 10:00 handed_over"
    assert verdicts(agreement({"contact": CONTACT}), facts, "2026-03-10 11:00") == ["open"]


@pytest.mark.parametrize(
    "within, facts, now, expected",
    [
        ("4 hours", "2026-03-10 09:00 handed_over\n2026-03-10 attempted", "2026-03-12", "undeterminable"),
        ("4 hours", "2026-03-10 09:00 handed_over\n2026-03-11 attempted", "2026-03-12", "broken"),
        ("2 days", "2026-03-10 09:00 handed_over\n2026-03-11 attempted", "2026-03-12", "kept"),
        ("2 days", "2026-03-10 09:00 handed_over\n2026-03-12 attempted", "2026-03-20", "undeterminable"),
        ("2 days", "2026-03-10 handed_over\n2026-03-11 23:59 attempted", "2026-03-20", "kept"),
        ("2 days", "2026-03-10 handed_over\n2026-03-12 00:01 attempted", "2026-03-20", "undeterminable"),
        ("2 days", "2026-03-10 handed_over\n2026-03-13 00:01 attempted", "2026-03-20", "broken"),
        ("2 days", "2026-03-10 handed_over", "2026-03-12", "open"),
        ("2 days", "2026-03-10 handed_over", "2026-03-12 12:00", "undeterminable"),
        ("2 days", "2026-03-10 handed_over", "2026-03-13", "broken"),
        ("2 days", "2026-03-10 09:00 handed_over\n2026-03-12 rejected", "2026-03-13", "undeterminable"),
        ("2 days", "2026-03-10 09:00 handed_over\n2026-03-11 rejected", "2026-03-13", "excused"),
    ],
)  # fmt: skip
def test_dates_without_time(within, facts, now, expected):
    assert verdicts(agreement({"contact": CONTACT | {"within": within}}), facts, now) == [expected]


@pytest.mark.parametrize(
    "kind", ["rejected", "disqualified", "suppressed", "converted", "merged into=M"]
)
def test_an_early_disposal_is_excused_and_listed_a_late_one_broken(kind):
    contact = agreement({"contact": CONTACT})
    for at, verdict in (("13:00", "excused"), ("13:01", "broken")):
        facts = f"2026-03-10 09:00 handed_over\n2026-03-10 {at} {kind}"
        merged_away = kind.startswith("merged")
        expected = "excused" if merged_away else verdict
        assert verdicts(contact, facts, "2026-03-12") == [expected]


def test_a_pause_gives_back_working_time():
    facts = """
    2026-03-13 16:00 handed_over
    2026-03-13 16:30 paused
    2026-03-16 10:00 resumed
    """
    contact = agreement({"contact": CONTACT})
    row = judged(contact, facts, "2026-03-16 11:00").obligations[0]
    assert warsaw(row["due_at"]) == "2026-03-16 13:30:00"
    assert (row["working_seconds"], row["elapsed_seconds"]) == (5400, 67 * 3600)
    assert judged(contact, facts, "2026-03-15 11:00").obligations[0]["due_at"] is None


def test_pauses_are_capped_and_need_an_agreed_reason():
    pauses = {"reasons": ["asked to wait"], "at most": "2 days"}
    contact = agreement({"contact": CONTACT | {"within": "24 hours"}}, pauses=pauses)
    facts = "2026-03-10 09:00 handed_over\n2026-03-10 10:00 paused reason={}"
    found = judged(contact, facts.format("asked_to_wait"), "2026-03-11 10:00")
    assert warsaw(found.wake_at) == "2026-03-12 10:00:00"
    row = judged(contact, facts.format("asked_to_wait"), "2026-03-13").obligations[0]
    assert warsaw(row["due_at"]) == "2026-03-13 09:00:00"
    found = judged(contact, facts.format("raining"), "2026-03-11 09:00")
    assert warsaw(found.obligations[0]["due_at"]) == "2026-03-11 09:00:00"
    assert found.leads["L"]["unexpected"] == ["001"]


def test_the_rest_runs_on_the_new_owners_calendar():
    calendars = {
        "office": {"open": {"mon-fri": ["09:00-17:00"]}},
        "bangkok": {"zone": "Asia/Bangkok", "open": {"mon-fri": ["09:00-18:00"]}},
    }
    people = {"ana": {"calendar": "office"}, "chai": {"calendar": "bangkok"}}
    contact = agreement({"contact": CONTACT}, calendars=calendars, people=people)
    facts = """
    2026-03-10 16:00 handed_over owner=ana
    2026-03-10 17:00 assigned owner=chai
    """
    row = judged(contact, facts, "2026-03-10 18:00").obligations[0]
    assert row["due_at"] == datetime(2026, 3, 11, 5, 0, tzinfo=UTC)  # 12:00 in Bangkok


def test_the_version_in_force_at_the_start_judges():
    first = agreement({"contact": CONTACT})
    second = {"version": "2", "valid_from": "2026-03-11"}
    slower = {"contact": CONTACT | {"within": "8 working hours"}}
    facts = "2026-03-10 16:00 handed_over"
    kept = [first, agreement(slower, **second)]
    rows = judged(kept, facts, "2026-03-11 12:30").obligations
    assert [(row["version"], row["verdict"]) for row in rows] == [(1, "broken")]
    restarted = [first, agreement(slower, **second, open_promises="restart")]
    rows = judged(restarted, facts, "2026-03-11 12:30").obligations
    assert [(row["version"], row["verdict"]) for row in rows] == [(1, "excused"), (2, "open")]
    assert warsaw(rows[1]["due_at"]) == "2026-03-11 17:00:00"
    assert warsaw(judged(restarted, facts, "2026-03-10 17:00").wake_at) == "2026-03-11 00:00:00"


def test_passes():
    facts = """
    2026-03-10 09:00 handed_over owner=ana
    2026-03-10 09:30 handed_over owner=ben
    2026-03-10 10:00 returned
    2026-03-10 11:00 attempted channel=phone
    2026-03-12 09:00 handed_over
    2026-03-12 10:00 attempted channel=phone
    """
    rows = judged(agreement({"contact": CONTACT}), facts, "2026-03-13").obligations
    assert [(r["pass"], r["verdict"], r["owner"]) for r in rows] == [
        (1, "broken", "ben"),
        (2, "kept", None),
    ]


def test_each_time_starts_another_occurrence():
    each = agreement({"contact": CONTACT | {"each time": "yes"}})
    facts = """
    2026-03-10 09:00 handed_over
    2026-03-10 10:00 attempted channel=phone
    2026-03-10 11:00 handed_over
    """
    rows = judged(each, facts, "2026-03-10 12:00").obligations
    assert [(row["occurrence"], row["verdict"]) for row in rows] == [(1, "kept"), (2, "open")]


def test_a_waiver_lets_one_promise_go():
    facts = "2026-03-10 09:00 handed_over\n2026-03-11 09:00 waived promise={}"
    contact = agreement({"contact": CONTACT})
    assert verdicts(contact, facts.format("contact"), "2026-03-12") == ["waived"]
    assert verdicts(contact, facts.format("contact pass=2"), "2026-03-12") == ["broken"]
    assert verdicts(contact, facts.format("other"), "2026-03-12") == ["broken"]


def test_what_came_late_was_future_or_taken_back():
    contact = agreement({"contact": CONTACT})
    facts = told("2026-03-10 09:00 handed_over\n2026-03-10 10:00 attempted channel=phone")
    facts[1]["recorded_at"] = "2026-03-12T00:00:00+01:00"
    now = datetime(2026, 3, 11, tzinfo=UTC)
    assert judge_slowly([contact], facts, now).obligations[0]["verdict"] == "kept"
    assert judge_slowly([contact], facts, now, now).obligations[0]["verdict"] == "broken"
    early = judge_slowly([contact], facts, datetime(2026, 3, 10, 8, 30, tzinfo=UTC))
    assert early.obligations[0]["verdict"] == "open"
    assert warsaw(early.wake_at) == "2026-03-10 10:00:00"
    taken_back = {"lead": "L", "kind": "corrected", "fact": "001", "source_id": "002"}
    facts.append(taken_back | {"occurred_at": "2026-03-10T12:00:00+01:00"})
    assert judge_slowly([contact], facts, now).obligations[0]["verdict"] == "broken"


def test_a_merge_excuses_one_lead_and_keeps_the_earliest_start_on_the_other():
    contact = agreement({"contact": CONTACT})
    facts = told(
        """
        2026-03-10 09:00 handed_over lead=A
        2026-03-10 11:00 handed_over lead=B
        2026-03-10 12:00 merged lead=A into=B
        2026-03-10 12:30 attempted lead=B channel=phone
        """
    )
    rows = judge_slowly([contact], facts, datetime(2026, 3, 11, tzinfo=UTC)).obligations
    assert [(r["lead"], r["verdict"], r["working_seconds"]) for r in rows] == [
        ("A", "excused", 3 * 3600),
        ("B", "kept", 3.5 * 3600),
    ]


def test_at_one_instant_starts_come_before_answers_and_leaving_last():
    facts = """
    2026-03-10 09:00 returned
    2026-03-10 09:00 attempted channel=phone
    2026-03-10 09:00 handed_over
    """
    assert verdicts(agreement({"contact": CONTACT}), facts, "2026-03-12") == ["kept"]


def test_duplicates_are_one_fact():
    facts = told("2026-03-10 09:00 handed_over\n2026-03-10 10:00 attempted channel=phone")
    thrice = agreement({"thrice": CONTACT | {"times": "2"}})
    rows = judge_slowly([thrice], [*facts, facts[1]], datetime(2026, 3, 10, 11, tzinfo=UTC))
    assert [row["verdict"] for row in rows.obligations] == ["open"]


def test_skipped_stages_are_passed_at_the_same_instant():
    staged = agreement({"accept": {"after": "mql", "do": "sql", "within": "2 days"}})
    facts = "2026-03-10 09:00 moved to=mql\n2026-03-10 10:00 moved to=opportunity"
    assert verdicts(staged, facts, "2026-03-10 11:00") == ["kept"]
