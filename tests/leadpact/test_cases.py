"""Cases: the worked examples of an agreement, run."""

import pytest

from leadpact.agreement.load import read
from leadpact.cases import cases
from tests.leadpact.judged_logs import agreed
from tests.leadpact.test_rulings import CONTACT

LUNCH = """\
leadpact: 1
agreement: Northwind
version: 1
valid from: 2026-01-01
zone: Europe/Warsaw
calendars:
  office: {open: {mon-fri: [09:00-12:30, 13:30-17:30]}}
promises:
  sales:
    first contact: {after: handed over, do: attempted, within: 4 working hours}
cases:
  - it: does not count the lunch break
    given: |
      2026-03-13 12:00  handed_over
      2026-03-13 14:00  attempted  by=ana channel=phone
    then: {first contact: kept, after: 1 working hour}
  - it: was wrong about the lunch break
    given: |
      2026-03-13 12:00  handed_over
      2026-03-13 14:00  attempted
    then: {first contact: broken, after: 2 working hours}
"""


def test_a_case_says_what_came_out_and_where_it_stands():
    reading = read(LUNCH)
    results, problems = cases(reading.agreement, reading.lines)
    assert problems == []
    assert [(r.passed, r.path, r.line) for r in results] == [
        (True, "cases.1", 12),
        (False, "cases.2", 17),
    ]
    assert results[1].differences == (
        "first contact is kept, not broken.",
        "It took 1 h 0 min of working time, not 2 working hours.",
    )
    assert results[1].to_json()["it"] == "was wrong about the lunch break"


HANDED = "2026-06-01 09:00 handed_over owner=ana\n"


def outcome(given, then, **case):
    agreement = agreed(CONTACT, cases=[{"it": "runs", "given": given, "then": then, **case}])
    results, problems = cases(agreement)
    return results[0].differences if results else problems


@pytest.mark.parametrize(
    "given, then, case",
    [
        (HANDED, {"first contact": "open"}, {}),
        (HANDED, {"first contact": "broken"}, {"now": "2026-06-01 13:01"}),
        (HANDED + "2026-06-02 attempted", {"first contact": "broken"}, {}),
        (
            HANDED + "2026-06-02 10:00 attempted\n2026-06-03 10:00 attempted",
            {"follow-up 2": "kept", "follow-up 3": "open"},
            {},
        ),
        (HANDED + "2026-06-01 10:00 attempted", {"first contact": "kept", "after": "1 hour"}, {}),
        (HANDED + "2026-06-03 09:00 attempted", {"first contact": "broken", "after": "2 days"}, {}),
        (
            HANDED + "2026-06-08 09:00 attempted",
            {"first contact": "broken", "after": "5 working days"},
            {},
        ),
    ],
)
def test_cases_that_hold(given, then, case):
    assert outcome(given, then, **case) == ()


def test_a_ladder_without_a_rung_means_all_of_them():
    facts = HANDED + "2026-06-02 10:00 attempted\n2026-06-03 10:00 attempted"
    assert outcome(facts, {"follow-up": "kept"}) == ("follow-up is open, not kept.",)


def test_a_promise_that_never_began_is_a_difference():
    assert outcome("2026-06-01 09:00 created", {"first contact": "kept"}) == (
        "first contact never began.",
    )


@pytest.mark.parametrize(
    "given, then, said",
    [
        ("yesterday handed_over", {"first contact": "kept"}, "'yesterday handed_over' is no fact."),
        (HANDED, {"first contact": "fine"}, "'fine' is no verdict."),
        (HANDED, {"second contact": "kept"}, "There is no promise 'second contact'."),
        ("2026-02-30 09:00 handed_over", {"first contact": "kept"}, None),
    ],
)
def test_a_case_that_cannot_be_run_is_a_problem(given, then, said):
    (problem,) = outcome(given, then)
    assert problem.path == "cases.1"
    assert said is None or problem.problem == said
