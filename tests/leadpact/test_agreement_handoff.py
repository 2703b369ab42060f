"""What an agreement says of handing over, as sentences, and what is wrong with it."""

import pytest

from leadpact.agreement.explain import explain
from leadpact.agreement.load import load

TEXT = """\
leadpact: 1
agreement: handing
version: 1
valid from: 2026-01-01
between: {marketing: [mia, jon], sales: [ana]}
qualification:
  interest: [{did: demo requested, points: 60}]
  qualifies as mql: {interest: {at least: 60}}
handoff:
  when: mql
  at once: [demo requested]
  arbitration: {by: [mia, ana], within: 5 days}
"""


def test_what_hands_over_at_once_and_who_settles_is_said():
    agreement, problems = load(TEXT)
    assert problems == []
    said = {one.path: one.text for one in explain(agreement)}
    assert "demo requested" in said["handoff.at once"]
    assert "settled by mia and ana within 5 days" in said["handoff.arbitration"]


@pytest.mark.parametrize(
    ("arbiters", "problem"),
    [
        ("[mia, anna]", "'anna' is nobody of this agreement."),
        ("[mia, mia]", "'mia' is named twice."),
    ],
)
def test_arbiters_are_known_and_named_once(arbiters, problem):
    agreement, problems = load(TEXT.replace("[mia, ana]", arbiters))
    assert agreement is None
    assert [one.problem for one in problems] == [problem]
    assert problems[0].path == "handoff.arbitration.by.2"


BACK = """\
  return: {after: 3 attempts without answer, to: re-engage, by itself: {after: 5 working days%s}}
nurture:
  re-engage: {steps: [{stage: awareness, send: guide, after: 3 days}], leave when: [mql]}
"""


def read(text):
    """What is said of an agreement, by path; what is wrong with it, in words."""
    agreement, problems = load(text)
    said = {one.path: one.text for one in explain(agreement)} if agreement else {}
    return said, [(one.path, one.problem) for one in problems]


def test_a_return_by_itself_is_said():
    said, problems = read(TEXT + BACK % ", warn after: 4 working days")
    assert problems == []
    assert said["handoff.return.by itself"] == (
        "A lead that was tried as often goes back by itself after 5 working days of silence, for the"
        " reason no answer; an answer stops it, and whoever has it is warned after 4 working days."
    )


REASONS = "follow up: {reasons: [no budget, unreachable]}\n"


@pytest.mark.parametrize(
    ("more", "after", "problem"),
    [
        ("", ", warn after: 5 working days", "The warning comes no sooner than the return."),
        (REASONS, "", "The return by itself names no reason, and reasons were agreed."),
        (REASONS, ", reason: unreachible", "'unreachible' is none of the agreed reasons."),
        (REASONS, ", reason: unreachable", None),
    ],
)
def test_a_return_by_itself_can_happen_as_said(more, after, problem):
    found = [said for _path, said in read(TEXT + BACK % after + more)[1]]
    assert found == ([problem] if problem else [])


def test_the_track_of_a_return_is_known_and_a_time_isnt_over_at_once():
    wrong = (TEXT + BACK % "").replace("to: re-engage", "to: reengage").replace("5 work", "0 work")
    paths = {path for path, _problem in read(wrong)[1]}
    assert paths == {"handoff.return.to", "handoff.return.by itself.after"}


@pytest.mark.parametrize(
    ("arbitration", "said"),
    [
        ("{within: 5 days}", "What marketing contests of a rejection is settled within 5 days."),
        ("{contest within: 8 working hours}", None),
    ],
)
def test_arbiters_can_be_left_to_the_right(arbitration, said):
    text = TEXT.replace("{by: [mia, ana], within: 5 days}", arbitration)
    found, problems = read(text)
    assert problems == []
    assert found.get("handoff.arbitration") == said
    if said is None:
        told = found["handoff.arbitration.contest within"]
        assert told == "Marketing may contest a rejection within 8 working hours."
    assert read(text.replace("5 days", "0 days").replace("8 work", "0 work"))[1] != []
