"""Nurture: who is in which track, what comes next and when, and what ended it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.agreement.load import load
from leadpact.clock import to_datetime, to_micros
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.nurture import enrolments, entering
from leadpact.nurture.enrolments import MOST_DONE
from leadpact.program.columns import NEVER

ZONE = "Europe/Warsaw"
TEXT = """
leadpact: 1
agreement: Tracks
version: 1
valid from: 2026-01-01
zone: Europe/Warsaw
between: {marketing: [mia], sales: [ana]}
calendars:
  office: {zone: Europe/Warsaw, open: {mon-fri: [09:00-17:00]}, holidays: {dates: [2026-04-06]}}
people: {ana: {calendar: office}}
definitions: {stages: [lead, mql, sal, sql, opportunity, customer]}
handoff: {when: mql, return: {after: 7 attempts without answer, to: re-engage}}
nurture:
  re-engage:
    steps:
      - {stage: awareness, send: guide, after: 3 days}
      - {stage: consideration, send: case study, after: 4 working hours}
      - {stage: decision, send: consultation, after: 2 working days}
    leave when: [mql, replied, unsubscribed]
    then: long term
  long term:
    steps: [{stage: awareness, send: letter, after: 36 hours}]
    leave when: [guide downloaded]
    pause with sales: yes
  field:
    steps: [{stage: awareness, send: display, after: 1 day}]
    enter when: {all: [{industry: [retail, food]}, {did: guide downloaded}]}
    leave when: [mql, replied]
  loud:
    steps: [{stage: awareness, send: shout, after: 1 day}]
    pause with sales: no
"""
AGREEMENT, PROBLEMS = load(TEXT)
END = "2026-12-01 12:00"


def at(text):
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)))


def local(instant):
    return None if instant == NEVER else to_datetime(int(instant), ZONE).strftime("%Y-%m-%d %H:%M")


def fact(when, kind, lead="L", **fields):
    moment = datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(ZONE)).isoformat()
    return {"lead": lead, "kind": kind, "occurred_at": moment, **fields}


def known(facts, now=END):
    log, problems = Log.from_facts(facts, ZONE)
    assert problems == []
    found = judge([AGREEMENT], log, now=at(now))
    return found.stories, enrolments(found.stories)


def told(facts, now=END):
    """Each enrolment: its track, next step, when that is due, and why it was left (with when)."""
    _stories, found = known(facts, now)
    return [
        (
            found.places[place].name,
            step,
            local(due),
            found.reasons[why] if why >= 0 else None,
            local(left),
        )
        for place, step, due, why, left in zip(
            found.place.tolist(),
            found.step.tolist(),
            found.next_at.tolist(),
            found.why.tolist(),
            found.left_at.tolist(),
            strict=True,
        )
    ]


def came_back(when="2026-03-20 10:00"):
    return [
        fact("2026-03-01 09:00", "created", type="website form"),
        fact("2026-03-02 09:00", "handed_over", owner="ana"),
        fact(when, "returned", to="re-engage"),
    ]


def test_the_agreement_of_these_tests_loads():
    assert PROBLEMS == []


def test_days_keep_the_local_time_over_the_change_of_clocks():
    # Poland moves its clocks on 2026-03-29: three days are 71 hours here.
    facts = came_back("2026-03-27 10:00")
    assert told(facts) == [("re-engage", 0, "2026-03-30 10:00", None, None)]
    _stories, found = known(facts)
    assert int(found.next_at[0] - found.at[0]) == 71 * 3_600_000_000


def test_each_step_counts_from_when_the_one_before_was_sent():
    facts = [*came_back(), fact("2026-03-23 15:00", "enrolled", track="re-engage", step="0")]
    # Monday 15:00: two hours are left that day, the other two run on Tuesday from nine.
    assert told(facts) == [("re-engage", 1, "2026-03-24 11:00", None, None)]


def test_working_days_leave_out_weekends_and_holidays():
    facts = [
        *came_back(),
        fact("2026-03-23 15:00", "enrolled", track="re-engage", step="0"),
        fact("2026-04-03 11:00", "enrolled", track="re-engage", step="1"),
    ]
    # Friday; Monday the 6th is a holiday: the second working day is Wednesday.
    assert told(facts) == [("re-engage", 2, "2026-04-08 11:00", None, None)]


def test_the_last_step_ends_the_track_and_another_follows():
    facts = [
        *came_back(),
        fact("2026-03-23 15:00", "enrolled", track="re-engage", step="0"),
        fact("2026-03-24 11:00", "enrolled", track="re-engage", step="1"),
        fact("2026-03-26 11:00", "enrolled", track="re-engage", step="2"),
    ]
    _stories, found = known(facts)
    assert told(facts) == [("re-engage", 3, None, "last step", "2026-03-26 11:00")]
    assert found.following() == [(0, "long term")]


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        ({"kind": "moved", "to": "mql"}, "mql"),
        ({"kind": "moved", "to": "sql"}, "mql"),
        ({"kind": "replied"}, "replied"),
        ({"kind": "engaged", "what": "unsubscribed"}, "unsubscribed"),
        ({"kind": "suppressed"}, "suppressed"),
        ({"kind": "won"}, "won"),
        ({"kind": "disqualified", "reason": "no fit"}, "disqualified"),
        ({"kind": "merged", "into": "other"}, "merged"),
        ({"kind": "enrolled", "track": "re-engage", "left": "yes"}, "by hand"),
        ({"kind": "enrolled", "track": "re-engage", "left": "yes", "reason": "replied"}, "replied"),
        ({"kind": "enrolled", "track": "long term"}, "another track"),
        ({"kind": "engaged", "what": "guide downloaded"}, None),
        ({"kind": "enrolled", "track": "long term", "left": "yes"}, None),
        ({"kind": "attempted", "channel": "phone"}, None),
    ],
)
def test_what_ends_a_track(ending, why):
    facts = [
        *came_back(),
        fact("2026-03-21 10:00", **ending),
        fact("2026-02-01 10:00", "created", lead="other"),
    ]
    left = [one[3:] for one in told(facts) if one[0] == "re-engage"]
    assert left == [(why, "2026-03-21 10:00" if why else None)]


def test_what_ended_an_earlier_stay_does_not_end_a_later_one():
    facts = [
        *came_back(),
        fact("2026-03-21 10:00", "replied"),
        fact("2026-04-20 10:00", "enrolled", track="re-engage", by="mia"),
    ]
    assert told(facts) == [
        ("re-engage", 0, None, "replied", "2026-03-21 10:00"),
        ("re-engage", 0, "2026-04-23 10:00", None, None),
    ]


def test_nothing_is_due_while_sales_works_on_the_lead():
    facts = [
        fact("2026-03-01 09:00", "created"),
        fact("2026-03-01 10:00", "enrolled", track="long term"),
        fact("2026-03-02 09:00", "handed_over", owner="ana"),
    ]
    stories, found = known(facts)
    assert told(facts) == [("long term", 0, None, None, None)]
    assert (found.is_paused.tolist(), found.wakes.tolist()) == ([True], [NEVER])
    assert len(stories.table) == 1
    # Sales lets go: the wait for the next step begins anew.
    facts.append(fact("2026-03-10 09:00", "rejected", reason="wrong size"))
    assert told(facts) == [("long term", 0, "2026-03-11 21:00", None, None)]


def test_a_track_may_go_on_beside_sales():
    facts = [
        fact("2026-03-01 09:00", "created"),
        fact("2026-03-02 09:00", "handed_over", owner="ana"),
        fact("2026-03-02 10:00", "enrolled", track="loud"),
    ]
    assert told(facts) == [("loud", 0, "2026-03-03 10:00", None, None)]


def test_a_track_that_nobody_agreed_on_sends_nothing_and_is_shown():
    facts = [*came_back(), fact("2026-03-22 10:00", "enrolled", track="elsewhere")]
    assert told(facts)[1] == ("elsewhere", 0, None, None, None)


def test_facts_of_a_merged_lead_enrol_only_itself():
    facts = [
        *came_back(),
        fact("2026-03-25 10:00", "merged", into="other"),
        fact("2026-02-01 10:00", "created", lead="other"),
    ]
    stories, found = known(facts)
    leads = [stories.log.keys[n] for n in found.lead.tolist()]
    assert (leads, [found.reasons[n] for n in found.why.tolist()]) == (["L"], ["merged"])


def entered(facts, now=END):
    stories, found = known(facts, now)
    rows = entering(stories, found, at(now))
    return [(stories.log.keys[one.lead], one.track, local(stories.log.at[one.row])) for one in rows]


FIELD = [
    fact("2026-03-01 09:00", "created", industry="Retail"),
    fact("2026-03-02 09:00", "engaged", what="guide downloaded"),
]


def test_who_enters_by_rule_and_since_when():
    assert entered(FIELD) == [("L", "field", "2026-03-02 09:00")]
    assert entered(FIELD[:1]) == []


@pytest.mark.parametrize(
    "bar",
    [
        [fact("2026-03-03 09:00", "moved", to="mql")],
        [fact("2026-03-03 09:00", "replied")],
        [fact("2026-03-03 09:00", "handed_over", owner="ana")],
        [fact("2026-03-03 09:00", "suppressed")],
        [fact("2026-03-03 09:00", "disqualified")],
        [fact("2026-03-03 09:00", "enrolled", track="long term")],
        [
            fact("2026-03-03 09:00", "enrolled", track="field"),
            fact("2026-03-04 09:00", "enrolled", track="field", left="yes"),
        ],
    ],
)
def test_who_does_not_enter_by_rule(bar):
    assert entered([*FIELD, *bar]) == []


def test_a_rule_counts_again_once_it_ceased_to_hold():
    facts = [
        *FIELD,
        fact("2026-03-03 09:00", "replied"),
        fact("2026-03-05 09:00", "described", industry="steel"),
        fact("2026-03-06 09:00", "described", industry="food"),
    ]
    assert entered(facts) == [("L", "field", "2026-03-06 09:00")]


def test_a_lead_that_sales_lets_go_enters_then():
    facts = [
        fact("2026-02-01 09:00", "created"),
        fact("2026-02-02 09:00", "handed_over", owner="ana"),
        fact("2026-02-03 09:00", "described", industry="food"),
        fact("2026-02-04 09:00", "engaged", what="guide downloaded"),
        fact("2026-02-05 09:00", "lost", reason="price"),
    ]
    assert entered(facts) == [("L", "field", "2026-02-05 09:00")]


def test_to_be_enrolled_where_one_is_changes_nothing():
    repeated = fact("2026-03-24 09:00", "enrolled", track="re-engage", by="mia")
    facts = [
        *came_back(),
        fact("2026-03-20 12:00", "enrolled", track="re-engage", by="mia"),
        fact("2026-03-23 15:00", "enrolled", track="re-engage", step="0"),
        repeated,
    ]
    assert told(facts) == [("re-engage", 1, "2026-03-24 11:00", None, None)]
    facts.append(fact("2026-03-25 09:00", "enrolled", track="re-engage", left="yes"))
    facts.append(fact("2026-03-26 09:00", "enrolled", track="re-engage"))
    assert [one[3] for one in told(facts)] == ["by hand", None]
    # Given back once more it begins anew.
    facts.append(fact("2026-03-27 09:00", "returned", to="re-engage"))
    facts.insert(3, fact("2026-03-26 10:00", "handed_over", owner="ana"))
    assert [one[3] for one in told(facts)] == ["by hand", "mql", None]


def test_a_track_that_ended_is_entered_again_however_often_it_was_repeated():
    days = ("2026-03-02", "2026-03-03", "2026-03-04")
    facts = [fact("2026-03-01 09:00", "created")]
    facts += [fact(f"{day} 09:00", "enrolled", track="long term") for day in days]
    facts.append(fact("2026-03-05 09:00", "enrolled", track="long term", step="letter"))
    facts.append(fact("2026-03-06 09:00", "enrolled", track="long term"))
    assert [(one[1], one[3]) for one in told(facts)] == [(1, "last step"), (0, None)]


KINDS = st.sampled_from(
    [
        ("returned", {"to": "re-engage"}),
        ("enrolled", {"track": "long term"}),
        ("enrolled", {"track": "re-engage", "step": "0"}),
        ("enrolled", {"track": "re-engage", "left": "yes"}),
        ("handed_over", {"owner": "ana"}),
        ("replied", {}),
        ("moved", {"to": "mql"}),
        ("rejected", {"reason": "wrong size"}),
        ("suppressed", {}),
    ]
)
LIVES = st.lists(st.lists(KINDS, max_size=9), min_size=1, max_size=4)


def life(lead, kinds):
    begin = datetime.fromisoformat("2026-03-01 09:00")
    told = [fact(begin.isoformat(), "created", lead=lead)]
    for n, (kind, fields) in enumerate(kinds, 1):
        told.append(fact((begin + timedelta(days=n)).isoformat(), kind, lead=lead, **fields))
    return told


@settings(max_examples=40)
@given(LIVES)
def test_many_leads_are_told_as_each_alone_and_one_track_at_a_time(lives):
    alone = [row for n, kinds in enumerate(lives) for row in told(life(f"L{n}", kinds))]
    together = [one for n, kinds in enumerate(lives) for one in life(f"L{n}", kinds)]
    assert told(together) == alone
    _stories, found = known(together)
    inside = found.lead[found.is_in]
    assert len(inside) == len(np.unique(inside))
    assert not (found.is_paused & ~found.is_in).any()
    assert (found.left_at >= found.at).all()


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_the_track_that_follows_begins_with_the_last_step(order):
    facts = [
        *came_back(),
        fact("2026-03-23 15:00", "enrolled", track="re-engage", step="guide"),
        fact("2026-03-24 11:00", "enrolled", track="re-engage", step="case study"),
        {**fact("2026-03-26 11:00", "enrolled", track="re-engage", step="consultation"),
         "source_id": order[0]},
        {**fact("2026-03-26 11:00", "enrolled", track="long term"), "source_id": order[1]},
        fact("2026-03-26 11:00", "enrolled", track="re-engage", left="yes", reason="last step"),
    ]  # fmt: skip
    assert told(facts) == [
        ("re-engage", 3, None, "last step", "2026-03-26 11:00"),
        ("long term", 0, "2026-03-27 23:00", None, None),
    ]
    facts.append(fact("2026-03-27 11:00", "enrolled", track="long term", left="yes"))
    assert told(facts)[1] == ("long term", 0, None, "by hand", "2026-03-27 11:00")


def test_attributes_named_like_the_fields_of_other_facts_mean_nothing():
    named = dict.fromkeys(("since", "done", "not_before", "due_at", "answered_at"), "last year")
    first, *others = came_back()
    own = fact("2026-03-20 10:00", "enrolled", lead="M", track="field", since="2026-03-19T10:00Z")
    stories, found = known([first | named, *others, own])
    assert [local(due) for due in found.next_at] == ["2026-03-23 10:00", "2026-03-20 11:00"]
    assert stories.recycled(at(END)).tolist() == [NEVER, NEVER]


@pytest.mark.parametrize(
    ("done", "stay"),
    [
        ("2", ("re-engage", 2, "2026-03-24 10:00", None, None)),
        ("3", ("re-engage", 3, None, "last step", "2026-03-20 10:00")),
        ("9" * 5_000, ("re-engage", MOST_DONE, None, "last step", "2026-03-20 10:00")),
        ("٣", ("re-engage", 0, "2026-03-23 10:00", None, None)),
    ],
)
def test_a_track_that_begins_with_no_step_left_is_over_at_once(done, stay):
    facts = came_back()[:2]
    entry = fact("2026-03-20 10:00", "enrolled", track="re-engage", done=done)
    assert told([*facts, fact("2026-03-19 09:00", "rejected"), entry]) == [stay]
