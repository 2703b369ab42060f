"""Cadence: which touch comes next, how the planned ones were kept, what is too much of them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.agreement.check import check
from leadpact.agreement.explain import explain
from leadpact.agreement.load import load
from leadpact.cadence import STATES, Tried, allowed_from, cadences, violations
from leadpact.clock import ALWAYS, Clock, to_datetime, to_micros
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.units import HOUR

ZONE = "Europe/Warsaw"
TEXT = """\
leadpact: 1
agreement: Following up
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana, ben]}
zone: Europe/Warsaw
calendars: {office: {open: {mon-fri: [09:00-17:00]}}}
pauses: {reasons: [asked to wait], at most: 30 days}
handoff: {when: mql, return: {after: 3 attempts without answer, to: re-engage}}
nurture: {re-engage: {steps: [{stage: awareness, send: guide, after: 3 days}]}}
promises:
  sales:
    follow-up:
      after: handed over
      do: attempted
      ladder: [{times: 3, within: 14 days}, {times: 5, within: 28 days}, {times: 7, within: 56 days}]
      unless: [converted, returned, suppressed]
follow up:
  cadences:
    demo:
      for: {lead type: demo}
      steps:
        - {do: phone, after: 2 working hours}
        - {do: email, after: 1 day}
        - {do: wait, after: 2 days}
        - {do: phone, after: 1 working day}
    everybody else: {steps: [{do: email, after: 3 days}]}
  guard: {at most: [2 per day, 9 per pass], apart: 1 hour, hours: 08:00-20:00}
"""


def at(text):
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)))


def fact(kind, when, lead="L", **fields):
    return {"lead": lead, "kind": kind, "occurred_at": when, **fields}


def tried(when, channel="phone", **fields):
    return fact("attempted", when, channel=channel, seconds="60", **fields)


def agreed(text=TEXT):
    agreement, problems = load(text)
    assert problems == []
    return agreement


def followed(*facts, now, text=TEXT):
    log, problems = Log.from_facts(facts, zone=ZONE)
    assert problems == []
    return cadences(judge([agreed(text)], log, now=at(now)))


BEGUN = (
    fact("created", "2026-03-02 09:00", type="demo"),
    fact("handed_over", "2026-03-02 16:00", owner="ana"),
)


def told(found, place=0):
    return [
        (one.step, one.channel, one.state, one.due and f"{to_datetime(one.due, ZONE):%d %H:%M}")
        for one in found.touched(place)
    ]


def test_each_touch_is_counted_from_the_one_before_as_it_happened():
    found = followed(*BEGUN, tried("2026-03-03 09:30"), now="2026-03-03 12:00")
    assert told(found) == [
        (1, "phone", "done", "03 10:00"),
        (2, "email", "coming", "04 09:30"),
        (4, "phone", "planned", "09 09:30"),
    ]
    late = followed(*BEGUN, tried("2026-03-03 10:30"), now="2026-03-03 12:00")
    assert told(late)[:2] == [(1, "phone", "late", "03 10:00"), (2, "email", "coming", "04 10:30")]


def test_done_exactly_when_due_is_in_time():
    found = followed(*BEGUN, tried("2026-03-03 10:00"), now="2026-03-03 10:00")
    assert told(found)[0] == (1, "phone", "done", "03 10:00")
    assert followed(*BEGUN, now="2026-03-03 10:00").touched(0)[0].state == "coming"
    assert followed(*BEGUN, now="2026-03-03 10:01").touched(0)[0].state == "overdue"


def test_another_channel_before_the_touch_is_due_is_beside_the_plan():
    found = followed(*BEGUN, tried("2026-03-03 09:30", "email"), now="2026-03-03 09:40")
    assert told(found)[0] == (1, "phone", "coming", "03 10:00")
    assert found.attempts.tolist() == [1]


def test_a_touch_past_due_is_skipped_by_a_later_one():
    found = followed(*BEGUN, tried("2026-03-03 11:00", "email"), now="2026-03-03 12:00")
    assert told(found) == [
        (1, "phone", "skipped", "03 10:00"),
        (2, "email", "done", "04 10:00"),
        (4, "phone", "coming", "06 11:00"),
    ]
    assert tuple(found.kept()) == (1, 2, 1)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("returned", {"to": "re-engage"}),
        ("replied", {"channel": "email"}),
        ("converted", {}),
        ("suppressed", {"reason": "opt-out"}),
        ("engaged", {"what": "meeting booked"}),
    ],
)
def test_what_is_not_due_when_the_lead_leaves_is_no_failure(kind, fields):
    left = fact(kind, "2026-03-03 09:45", **fields)
    found = followed(*BEGUN, left, now="2026-04-01 12:00")
    assert [state for _n, _c, state, _due in told(found)] == ["excused"] * 3
    assert tuple(found.kept()) == (0, 0, 0)
    missed = followed(*BEGUN, {**left, "occurred_at": "2026-03-03 10:30"}, now="2026-04-01 12:00")
    assert told(missed)[0][2] == "missed"


def test_a_pause_gives_its_time_back():
    paused = (fact("paused", "2026-03-03 09:30", reason="asked to wait"),)
    found = followed(*BEGUN, *paused, now="2026-03-04 09:00")
    assert told(found)[0] == (1, "phone", "coming", None)
    resumed = (*paused, fact("resumed", "2026-03-05 12:00"))
    assert told(followed(*BEGUN, *resumed, now="2026-03-05 12:10"))[0][3] == "05 12:30"


def test_working_time_is_that_of_the_calendar():
    friday = fact("handed_over", "2026-03-06 16:30", owner="ana")
    found = followed(BEGUN[0], friday, now="2026-03-06 17:00")
    assert told(found)[0][3] == "09 10:30"


def test_the_first_cadence_that_fits_is_the_leads_own():
    other = fact("created", "2026-03-02 09:00", type="chat")
    assert told(followed(other, BEGUN[1], now="2026-03-02 17:00")) == [
        (1, "email", "coming", "05 16:00")
    ]


def test_what_does_not_count_as_an_attempt_does_no_touch():
    machine = tried("2026-03-03 09:30", human="no")
    found = followed(*BEGUN, machine, now="2026-03-03 09:40")
    assert (told(found)[0][2], found.attempts.tolist()) == ("coming", [0])


def test_each_pass_has_a_cadence_of_its_own():
    again = (
        fact("returned", "2026-03-05 09:00", to="re-engage"),
        fact("handed_over", "2026-04-01 09:00", owner="ben"),
    )
    found = followed(*BEGUN, *again, now="2026-04-01 09:30")
    assert told(found, 0)[0][2] == "missed"
    assert told(found, 1)[0] == (1, "phone", "coming", "01 11:00")
    assert found.next_at().tolist() == [at("2026-04-01 11:00")]
    assert (found.returned.tolist(), found.early.tolist()) == ([True, False], [True, False])


def test_too_many_and_too_close_are_found_for_all_leads_at_once():
    calm = [{**one, "lead": "calm"} for one in (*BEGUN, tried("2026-03-03 09:30"))]
    close = [tried("2026-03-03 09:30"), tried("2026-03-03 10:29")]
    assert followed(*calm, *BEGUN, *close, now="2026-03-04 12:00").beyond.tolist() == [True, False]
    apart = [tried("2026-03-03 09:30"), tried("2026-03-03 10:30")]
    assert followed(*BEGUN, *apart, now="2026-03-04 12:00").beyond.tolist() == [False]
    third = [*apart, tried("2026-03-03 16:30")]
    assert followed(*BEGUN, *third, now="2026-03-04 12:00").beyond.tolist() == [True]


def test_without_follow_up_nothing_is_planned():
    log, _problems = Log.from_facts([*BEGUN], zone=ZONE)
    plain = agreed(TEXT[: TEXT.index("follow up:")])
    assert cadences(judge([plain], log, now=at("2026-03-03 12:00"))) is None


LADDER = [
    (1, "2026-03-12 09:00", ["open", "open", "open"]),
    (2, "2026-03-17 09:00", ["broken", "open", "open"]),
    (5, "2026-04-01 09:00", ["broken", "kept", "open"]),
]


@pytest.mark.parametrize(("tries", "now", "verdicts"), LADDER)
def test_the_ladder_stands_beside_the_cadence(tries, now, verdicts):
    days = [3, 4, 18, 19, 20][:tries]
    log, _problems = Log.from_facts(
        [*BEGUN, *(tried(f"2026-03-{day:02} 09:30") for day in days)], zone=ZONE
    )
    judgement = judge([agreed()], log, now=at(now))
    assert [row["verdict"] for row in judgement.obligations.rows()] == verdicts
    assert cadences(judgement).attempts.tolist() == [tries]


GUARD = agreed().follow_up.guard


def guarded(now, *before, channel="phone", zone=ZONE, of_pass=0):
    known = Tried([at(one) for one in before], of_pass, zone, Clock(ALWAYS))
    found = violations(GUARD, known, channel, at(now))
    fine = allowed_from(GUARD, known, channel, at(now))
    return [(v.code, v.period, v.limit, v.found) for v in found], (
        None if fine is None else f"{to_datetime(fine, ZONE):%d %H:%M}"
    )


def test_the_guard_tells_what_would_be_too_much_and_when_it_is_fine():
    day = ("2026-03-03 09:30", "2026-03-03 10:30")
    assert guarded("2026-03-03 10:30", "2026-03-03 09:30") == ([], "03 10:30")
    assert guarded("2026-03-03 10:00", "2026-03-03 09:30") == (
        [("apart", "", HOUR, HOUR // 2)],
        "03 10:30",
    )
    assert guarded("2026-03-03 12:00", *day) == ([("at most", "day", 2, 2)], "04 08:00")
    assert guarded("2026-03-03 12:00", *day, channel="email")[1] == "04 00:00"


def test_hours_are_those_of_the_person_called():
    assert guarded("2026-03-03 09:00", zone="Asia/Bangkok") == ([], "03 09:00")
    assert guarded("2026-03-03 14:00", zone="Asia/Bangkok") == ([("hours", "", 0, 0)], "04 02:00")
    assert guarded("2026-03-03 14:00", zone="Asia/Bangkok", channel="email")[0] == []
    assert guarded("2026-03-03 20:00")[1] == "04 08:00"
    assert guarded("2026-03-29 01:30")[1] == "29 08:00"


def test_the_limit_of_a_pass_is_not_lifted_by_waiting():
    nine = [f"2026-03-{day:02} 09:30" for day in range(2, 11)]
    assert guarded("2026-03-12 09:00", *nine) == ([("at most", "pass", 9, 9)], None)
    assert guarded("2026-03-12 09:00", *nine, of_pass=3) == ([], "12 09:00")


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ("{do: email, after: 1 day}", "{do: fax, after: 1 day}", "steps.2.do", "'fax' is no chann"),
        ("{steps: [{do: email, after: 3 days}]}", "{steps: [{do: wait, after: 3 days}]}",
         "everybody else.steps", "only waits"),
        ("      for: {lead type: demo}\n", "", "everybody else", "can never apply"),
        ("hours: 08:00-20:00", "hours: 26:00-20:00", "guard.hours", "no time of day"),
        ("hours: 08:00-20:00", "hours: 08:00-08:00", "guard.hours", "no time of day"),
        ("apart: 1 hour", "apart: 0 hours", "guard.apart", "no time"),
        ("2 per day", "0 per day", "at most.1", "No attempt at all"),
        ("2 per day", "two a day", "at most.1", "no limit of attempts"),
        ("  guard:", "  keep in touch: {customer: 90 days}\n  guard:", "keep in touch.customer",
         "Nobody is called 'customer'"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_named_with_its_place(old, new, path, said):
    text = TEXT.replace("pauses:", "definitions: {attempt: {by: [phone, email]}}\npauses:").replace(
        old, new
    )
    _agreement, problems = load(text)
    assert [(path in one.path, said in one.problem, one.line > 0) for one in problems] == [
        (True, True, True)
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("9 per pass", "6 per pass",
         "'follow-up' asks for 7 attempts; the guard allows 6 in a pass."),
        ("9 per pass", "1 per month",
         "'follow-up' asks for 3 attempts in 14 days; with 1 per month the guard allows at most 2."),
        ("apart: 1 hour", "apart: 10 days",
         "'follow-up' asks for 3 attempts in 14 days; 10 days apart, at most 2 fit."),
        ("{do: email, after: 1 day}", "{do: email, after: 30 minutes}",
         "This touch is due 30 minutes after the one before it; the guard wants 1 hour."),
    ],
)  # fmt: skip
def test_a_guard_that_forbids_what_is_promised_is_named(old, new, said):
    found = [one.problem for one in check(agreed(TEXT.replace(old, new)), {})]
    assert said in found
    assert said not in [one.problem for one in check(agreed(), {})]


def test_each_part_of_follow_up_is_a_sentence():
    texts = {one.path: one.text for one in explain(agreed()) if one.path.startswith("follow up")}
    assert [*texts.values()][:5] == [
        "The cadence 'demo' is for leads of which lead type is demo.",
        "Try by phone, at the latest 2 working hours after the handover.",
        "Try by email, at the latest 1 day after the attempt before.",
        "Wait: 2 days.",
        "Try by phone, at the latest 1 working day after the attempt before.",
    ]
    assert "Who tries more than 2 times in a day is warned." in texts.values()


HOURS = st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["phone", "email"])), max_size=8)


@settings(max_examples=25, deadline=None)
@given(HOURS, st.integers(0, 600))
def test_touches_of_one_lead_are_the_same_among_many(hours, later):
    begins = at("2026-03-02 16:00")
    zone = ZoneInfo(ZONE)

    def text(micros):
        return to_datetime(micros, "UTC").astimezone(zone).replace(tzinfo=None).isoformat(" ")

    own = [tried(text(begins + hour * HOUR), channel) for hour, channel in hours]
    now = text(begins + later * HOUR)
    alone = followed(*BEGUN, *own, now=now)
    others = [{**one, "lead": f"{n}"} for n in range(3) for one in (*BEGUN, *own[n:])]
    many = followed(*others, *BEGUN, *own, now=now)
    place = int(many.pass_of_lead[-1])
    assert many.touched(place) == alone.touched(0)
    states = [one.state for one in alone.touched(0)]
    kept = alone.kept()
    assert 0 <= kept.done <= kept.due <= len(states)
    assert set(states) <= {*STATES}
    done = [one.at for one in alone.touched(0) if one.at is not None]
    assert done == sorted(done)
    assert len(done) <= alone.attempts[0]
    assert np.sum(alone.touches[:, 1] == STATES.index("coming")) <= 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 24 * 20), max_size=12, unique=True), st.integers(0, 24 * 20))
def test_what_the_guard_allows_later_violates_nothing(hours, now):
    begins = at("2026-03-02 00:00")
    known = Tried([begins + hour * HOUR for hour in sorted(hours)], 0, ZONE, Clock(ALWAYS))
    instant = begins + now * HOUR
    fine = allowed_from(GUARD, known, "phone", instant)
    assert (fine == instant) == (violations(GUARD, known, "phone", instant) == [])
    if fine is not None and not any(instant < one <= fine for one in known.at):
        assert violations(GUARD, known, "phone", fine) == []
