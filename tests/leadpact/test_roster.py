"""A roster beside the text: people, leave and other hours that judge without changing what was signed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.agreement.amend import hash_of
from leadpact.agreement.roster import Member, Roster, roster_problems, working
from leadpact.clock import Calendar, CalendarError, Clock
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.notices import notices
from leadpact.problem import Problem
from leadpact.program import Program
from leadpact.rulings import rulings
from tests.leadpact.judged_logs import ZONE, agreed, at, fact

OFFICE, LATE, FAR = "office", "late", "far"
DESKS = {
    OFFICE: {"open": {"mon-fri": ["09:00-17:00"]}, "holidays": {"dates": ["2026-06-03"]}},
    LATE: {"open": {"mon-fri": ["14:00-22:00"]}},
    FAR: {"zone": "Asia/Bangkok", "open": {"mon-fri": ["09:00-17:00"]}},
}
PEOPLE = {"ana": {}, "ben": {"calendar": LATE, "leave": ["2026-06-01/2026-06-01"]}}
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 6, day) for day in (1, 2, 3))
HANDED = fact("handed_over", "2026-06-01 16:00", owner="ana")


def agreement(within="2 working hours", **clauses):
    clause = {"after": "handed over", "do": "attempted", "within": within}
    clauses = {"calendars": DESKS, "people": PEOPLE} | clauses
    return agreed({"sales": {"first contact": clause}}, **clauses)


def log_of(*facts) -> Log:
    log, problems = Log.from_facts([{"lead": "L", **each} for each in facts], zone=ZONE)
    assert problems == []
    return log


def due(roster: Roster, *facts, within="2 working hours") -> str:
    """When the first contact is due, by the local wall clock."""
    program = Program([agreement(within)], roster)
    (row,) = judge(program, log_of(*facts), now=at("2026-06-01 16:00")).obligations.rows()
    return row["due_at"][:16].replace("T", " ")


def of_ana(**said) -> Roster:
    return Roster({"ana": Member(**said)})


@pytest.mark.parametrize(
    "roster, expected",
    [
        (Roster(), "2026-06-02 10:00"),
        (Roster(exceptions={OFFICE: {TUESDAY: ()}}), "2026-06-04 10:00"),
        (Roster(exceptions={OFFICE: {TUESDAY: ((720, 960),)}}), "2026-06-02 13:00"),
        (Roster(exceptions={OFFICE: {MONDAY: ((540, 1080),)}}), "2026-06-01 18:00"),
        (Roster(exceptions={LATE: {TUESDAY: ()}}), "2026-06-02 10:00"),
        (Roster(exceptions={"unheard of": {TUESDAY: ()}}), "2026-06-02 10:00"),
        (of_ana(leave=((TUESDAY, WEDNESDAY),)), "2026-06-04 10:00"),
        (of_ana(calendar=((None, LATE),)), "2026-06-01 18:00"),
        (of_ana(calendar=((TUESDAY, LATE),)), "2026-06-02 15:00"),
        (of_ana(calendar=((None, LATE), (TUESDAY, None))), "2026-06-01 18:00"),
        (of_ana(calendar=((TUESDAY, FAR),)), "2026-06-02 05:00"),
        (of_ana(calendar=((TUESDAY, "unheard of"),)), "2026-06-02 10:00"),
    ],
)
def test_an_open_promise_follows_the_roster(roster, expected):
    assert due(roster, HANDED) == expected


def test_a_closed_day_may_open_and_a_holiday_as_well():
    roster = Roster(
        exceptions={OFFICE: {WEDNESDAY: ((600, 660),), date(2026, 6, 6): ((540, 600),)}}
    )
    clock = Clock(working(agreement(), roster)[None])
    worked = [
        clock.between(at(f"2026-06-0{day}"), at(f"2026-06-0{day + 1}")) // 60_000_000
        for day in range(1, 8)
    ]
    assert worked == [480, 480, 60, 480, 480, 60, 0]


def test_leave_holds_whatever_hours_a_date_has():
    roster = Roster(
        {"ana": Member(leave=((TUESDAY, TUESDAY),))}, {OFFICE: {TUESDAY: ((540, 600),)}}
    )
    assert not working(agreement(), roster)["ana"].opens_on(TUESDAY)
    assert working(agreement(), roster)[None].opens_on(TUESDAY)


def test_leave_of_the_text_and_of_the_roster_are_united():
    roster = Roster({"ben": Member(leave=((WEDNESDAY, WEDNESDAY),))})
    ben = working(agreement(), roster)["ben"]
    assert [ben.opens_on(day) for day in (MONDAY, TUESDAY, WEDNESDAY)] == [False, True, False]


def test_whom_the_text_does_not_name_works_by_their_calendar_their_teams_or_the_first():
    text = agreement(teams={"night": {"calendar": LATE}})
    roster = Roster(
        {
            "zoe": Member(calendar=((None, FAR),)),
            "yan": Member(team="night"),
            "xia": Member(team="elsewhere"),
            "kim": Member(team="night", calendar=((None, OFFICE), (TUESDAY, None))),
        }
    )
    desks = working(text, roster)
    assert (desks["zoe"], desks["yan"], desks["xia"]) == (
        desks[f"calendar {FAR}"],
        desks[f"calendar {LATE}"],
        desks[None],
    )
    assert desks["kim"] == desks[None].followed_by([(TUESDAY, desks[f"calendar {LATE}"])])
    facts = [HANDED | {"owner": "zoe"}]
    assert (
        judge(Program([text], roster), log_of(*facts), now=at("2026-06-02")).strange[
            "owners not in the roster"
        ]
        == 0
    )


def test_an_empty_roster_changes_nothing():
    text = agreement()
    assert working(text, Roster()) == working(text)
    assert Program([text]).calendars == Program([text], Roster()).calendars


# Moving to another calendar.


def test_moving_to_another_zone_is_as_if_the_clocks_were_changed():
    desks = working(agreement())
    moved = Clock(desks[None].followed_by([(TUESDAY, desks[f"calendar {FAR}"])]))
    spans = moved.explain(at("2026-06-01 00:00"), at("2026-06-03 00:00"))
    assert [(str(one.opened_at), str(one.shut_at)) for one in spans] == [
        ("2026-06-01 09:00:00+02:00", "2026-06-01 17:00:00+02:00"),
        ("2026-06-02 04:00:00+02:00", "2026-06-02 12:00:00+02:00"),
    ]
    assert moved.nth_day(at("2026-06-01 10:00"), 1) == at("2026-06-02 05:00")
    assert moved.nth_day(at("2026-06-02 05:00"), 1) == at("2026-06-03 05:00")
    back = Clock(desks[f"calendar {FAR}"].followed_by([(TUESDAY, desks[None])]))
    assert back.between(at("2026-06-01 00:00"), at("2026-06-03 00:00")) // 60_000_000 == 960


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 40),
    st.sampled_from([OFFICE, LATE, FAR]),
    st.sampled_from([OFFICE, LATE, FAR]),
    st.lists(st.integers(0, 60 * 24 * 60), min_size=2, max_size=2, unique=True),
)
def test_away_from_the_day_of_moving_each_calendar_works_as_alone(days, one, other, minutes):
    desks = working(agreement())
    before, after = desks[f"calendar {one}"], desks[f"calendar {other}"]
    day = MONDAY + timedelta(days)
    moved = Clock(before.followed_by([(day, after)]))
    first, last = sorted(at("2026-05-25") + minute * 60_000_000 for minute in minutes)
    begins = at(day.isoformat()) - 24 * 3_600_000_000
    until, since = min(last, begins), max(first, begins + 72 * 3_600_000_000)
    if first < until:
        assert moved.between(first, until) == Clock(before).between(first, until)
    if since < last:
        assert moved.between(since, last) == Clock(after).between(since, last)


# What was signed, ruled and told stays.


def escalated(roster: Roster, now: str, given=()):
    text = agreement()
    found = judge(Program([text], roster), log_of(HANDED, *given), now=at(now))
    return rulings(found.obligations, found.stories)


def test_a_new_holiday_keeps_the_hash_and_the_keys_of_rulings_and_notices():
    without, with_ = Roster(), Roster(exceptions={OFFICE: {MONDAY - timedelta(7): ()}})
    one, other = (escalated(roster, "2026-06-05 09:00") for roster in (without, with_))
    assert [fact["source_id"] for fact in one.facts()] == [
        fact["source_id"] for fact in other.facts()
    ]
    assert [notice.key for notice in notices(one)] == [notice.key for notice in notices(other)]
    assert len(one) == 1
    versions = [Program([agreement()], roster).versions[0] for roster in (without, with_)]
    assert hash_of(versions[0].agreement) == hash_of(versions[1].agreement)


def test_a_new_holiday_moves_what_is_open_and_never_what_was_ruled():
    closed = Roster(exceptions={OFFICE: {TUESDAY: ()}})
    given = [*escalated(Roster(), "2026-06-02 12:00").facts()]
    assert [fact["verdict"] for fact in given] == ["broken"]
    again = escalated(closed, "2026-06-02 12:00", given)
    assert (len(again), len(again.gone)) == (0, 0)
    assert len(escalated(closed, "2026-06-02 12:00")) == 0
    assert [fact["verdict"] for fact in escalated(closed, "2026-06-05 09:00").facts()] == ["broken"]


def test_new_leave_never_moves_what_was_ruled():
    away = of_ana(leave=((TUESDAY, WEDNESDAY),))
    given = [*escalated(Roster(), "2026-06-02 12:00").facts()]
    assert len(escalated(away, "2026-06-02 12:00", given)) == 0
    assert len(escalated(away, "2026-06-02 12:00")) == 0


# What is wrong with a roster.


def test_everything_that_is_wrong_with_a_roster_is_told_at_once():
    roster = Roster(
        {
            "ana": Member(
                calendar=((None, "offce"), (TUESDAY, LATE), (TUESDAY, OFFICE)),
                leave=((TUESDAY, MONDAY),),
                weight=Decimal(-1),
            )
        },
        {
            "lat": {},
            OFFICE: {MONDAY: ((600, 660), (630, 700)), TUESDAY: ((600, 600),), WEDNESDAY: ()},
        },
    )
    assert roster_problems(agreement(), roster) == [
        Problem("exceptions.lat", 0, "There is no calendar 'lat'.", "Did you mean 'late'?"),
        Problem(
            "exceptions.office.2026-06-01",
            0,
            "The open ranges 10:00-11:00 and 10:30-11:40 overlap.",
            "Join or part them.",
        ),
        Problem(
            "exceptions.office.2026-06-02",
            0,
            "The open range 10:00-10:00 must last from one minute to 24 hours.",
            "Compare it with the reference.",
        ),
        Problem(
            "people.ana.calendar", 0, "There is no calendar 'offce'.", "Did you mean 'office'?"
        ),
        Problem(
            "people.ana.calendar",
            0,
            "Two calendars hold from the same day.",
            "Leave one of them out.",
        ),
        Problem(
            "people.ana.leave",
            0,
            "A leave can't end on 2026-06-01, before it starts on 2026-06-02.",
            "Swap them.",
        ),
        Problem(
            "people.ana.weight",
            0,
            "A weight can't be below zero.",
            "Write 0 for somebody who gets no leads.",
        ),
    ]


def test_whoever_or_whatever_never_works_within_the_term_is_told():
    text = agreement(term={"from": "2026-06-01", "to": "2026-06-02"})
    roster = Roster({"ana": Member()}, {OFFICE: {MONDAY: (), TUESDAY: ()}})
    assert [(problem.path, problem.problem) for problem in roster_problems(text, roster)] == [
        ("exceptions.office", "This calendar never opens within the term."),
        ("people.ana", "ana never works within the term."),
    ]
    moved = replace(roster, people={"ana": Member(calendar=((TUESDAY, LATE),))})
    assert [problem.path for problem in roster_problems(text, moved)] == ["exceptions.office"]
    assert roster_problems(text, Roster({"ana": Member(leave=((MONDAY, MONDAY),))})) == []
    assert roster_problems(agreement(), roster) == []


def test_an_exception_that_can_not_be_is_refused_by_the_calendar():
    week = (((540, 1020),),) * 7
    with pytest.raises(CalendarError, match="overlap"):
        Calendar("UTC", week).with_exceptions({MONDAY: ((540, 600), (570, 660))})
