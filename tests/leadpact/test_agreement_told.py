"""Worked examples: facts as an author tells them, one a line."""

import pytest

from leadpact.agreement.model import Case
from leadpact.agreement.told import expected, facts_of
from leadpact.units import Misread
from tests.leadpact.agreements import agreed


def case(given, **then):
    return Case(it="shows something", given=given, then=then or {"after": "1 hour"})


def test_facts_of_a_case():
    given = """
      2026-03-13 12:00  handed_over  owner=ana
      2026-03-13T14:00:30+01:00  Handed Over  to="ana maria"

      2026-03-14  engaged  what='demo requested'  lead=L-2
    """
    assert facts_of(case(given)) == [
        {
            "lead": "lead",
            "source_id": "1",
            "occurred_at": "2026-03-13 12:00",
            "kind": "handed_over",
            "owner": "ana",
        },
        {
            "lead": "lead",
            "source_id": "2",
            "occurred_at": "2026-03-13 14:00:30+01:00",
            "kind": "handed_over",
            "to": "ana maria",
        },
        {
            "lead": "L-2",
            "source_id": "3",
            "occurred_at": "2026-03-14",
            "kind": "engaged",
            "what": "demo requested",
        },
    ]


@pytest.mark.parametrize(
    "line",
    [
        "handed_over",
        "2026-03-13 handed",
        "Fri 12:00 won",
        "2026-03-13 12:00 won by",
        "2026-03-13 won =x",
    ],
)
def test_lines_that_are_no_facts(line):
    with pytest.raises(Misread):
        facts_of(case(line))


def test_what_must_follow():
    agreement = agreed()
    assert expected(agreement, agreement.cases[0]) == {
        ("first contact", None): "kept",
        ("follow-up", 3): "open",
    }
