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
