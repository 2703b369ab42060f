"""The clause `mailing`: what is wrong with it, and its sentences."""

import pytest

from leadpact.agreement.explain import explain
from leadpact.agreement.load import load

TEXT = """\
leadpact: 1
agreement: Mails
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana]}
zone: Europe/Warsaw
mailing: %s
"""


@pytest.mark.parametrize(
    ("clause", "path", "problem"),
    [
        ("{at most: 0 per week}", "mailing.at most", "No mail at all is allowed in a week."),
        ("{hours: 25:00-26:00}", "mailing.hours", "'25:00-26:00' is no range of hours."),
        ("{hours: 09:00-09:00}", "mailing.hours", "'09:00-09:00' is no range of hours."),
        ("{days: [mon-fri, funday]}", "mailing.days.2", "'funday' is no day of the week."),
    ],
)
def test_what_lets_no_mail_out_is_named_before_anybody_signs(clause, path, problem):
    agreement, problems = load(TEXT % clause)
    assert agreement is None
    assert [(one.path, one.problem, bool(one.remedy)) for one in problems] == [
        (path, problem, True)
    ]


CLAUSE = "{at most: 2 per week, hours: 09:00-18:00, days: mon-fri, catch up within: 3 days}"


def test_each_part_is_a_sentence():
    agreement, _problems = load(TEXT % CLAUSE)
    said = [one.text for one in explain(agreement) if one.path.startswith("mailing")]
    assert said == [
        "Nobody gets more than 2 mails per week, of all tracks together.",
        "Mail goes out from 09:00 to 18:00 on the clock of its receiver.",
        "Mail goes out on these days: mon-fri.",
        (
            "A mail that a lead missed while it was out of its track for a while goes out at most 3 days"
            " after its time."
        ),
    ]
