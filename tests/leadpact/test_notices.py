"""Notices: who hears what and when, and the same only once."""

from fractions import Fraction

import pytest

from leadpact.notices import notices
from leadpact.rulings import rulings
from tests.leadpact.judged_logs import agreed, fact, judged

STEPS = [
    {"at": "50%", "to": "lead of sales"},
    {"at": "100%", "to": "manager"},
    {"at": "150%", "reassign": "yes"},
]


def contact(within="4 working hours"):
    return {
        "sales": {
            "first contact": {
                "after": "handed over",
                "do": "attempted",
                "within": within,
                "warn at": "75%",
                "escalate": STEPS,
            }
        }
    }


HANDED = fact("handed_over", "2026-06-01 09:00", owner="ana")


def heard(facts, now, agreement=None):
    judgement = judged(agreement or agreed(contact()), facts, now)
    return [*notices(rulings(judgement.obligations, judgement.stories))]


def short(found):
    return [(notice.kind, notice.to) for notice in found]


@pytest.mark.parametrize(
    "now, expected",
    [
        ("2026-06-01 10:59", []),
        ("2026-06-01 11:00", [("escalated", "lead of sales")]),
        ("2026-06-01 12:00", [("at risk", "ana"), ("escalated", "lead of sales")]),
        ("2026-06-01 13:00", [("at risk", "ana"), ("escalated", "lead of sales")]),
        (
            "2026-06-01 13:00:01",
            [("broken", "ana"), ("escalated", "lead of sales"), ("escalated", "manager")],
        ),
        (
            "2026-06-01 15:00",
            [
                ("broken", "ana"),
                ("escalated", "lead of sales"),
                ("escalated", "manager"),
                ("reassign", None),
            ],
        ),
    ],
)
def test_the_owner_is_warned_then_others_hear_as_the_time_is_used_up(now, expected):
    assert short(heard([HANDED], now)) == expected


@pytest.mark.parametrize(
    "within, half, whole",
    [
        ("4 hours", "2026-06-01 11:00", "2026-06-01 13:00:01"),
        ("2 days", "2026-06-02 09:00", "2026-06-03 09:00:01"),
        ("2 working days", "2026-06-02 09:00", "2026-06-03 09:00:01"),
    ],
)
def test_shares_are_of_the_promises_own_clock(within, half, whole):
    agreement = agreed(contact(within))
    assert ("escalated", "lead of sales") in short(heard([HANDED], half, agreement))
    assert ("escalated", "manager") not in short(heard([HANDED], half, agreement))
    assert ("escalated", "manager") in short(heard([HANDED], whole, agreement))


def test_a_pause_moves_the_escalation_of_elapsed_hours():
    facts = [
        HANDED,
        fact("paused", "2026-06-01 10:00"),
        fact("resumed", "2026-06-01 15:00"),
    ]
    agreement = agreed(contact("4 hours"))
    assert heard(facts, "2026-06-01 15:59", agreement) == []
    assert short(heard(facts, "2026-06-01 16:00", agreement)) == [("escalated", "lead of sales")]


def test_while_paused_nothing_escalates():
    facts = [HANDED, fact("paused", "2026-06-01 10:00")]
    for within in ("4 hours", "4 working hours", "2 days"):
        assert heard(facts, "2026-06-09 10:00", agreed(contact(within))) == []


def test_what_was_answered_does_not_escalate_however_late():
    late = fact("attempted", "2026-06-01 16:00", by="ana")
    assert short(heard([HANDED, late], "2026-06-02 10:00")) == [("broken", "ana")]


def test_a_ruling_that_was_given_is_not_heard_again_and_its_correction_is():
    judgement = judged(agreed(contact()), [HANDED], "2026-06-01 13:01")
    given = [*rulings(judgement.obligations, judgement.stories).facts()]
    assert "broken" not in dict(short(heard([HANDED, *given], "2026-06-01 13:02")))
    late = fact("attempted", "2026-06-01 10:00", recorded_at="2026-06-01 14:00")
    assert short(heard([HANDED, late, *given], "2026-06-01 14:00")) == [("corrected", "ana")]


def test_the_same_notice_has_the_same_key_and_another_another():
    first, second = heard([HANDED], "2026-06-01 15:00"), heard([HANDED], "2026-06-02 15:00")
    assert [notice.key for notice in first] == [notice.key for notice in second]
    assert len({notice.key for notice in first}) == len(first)


def test_a_lead_that_nobody_owns_is_told_to_nobody_and_escalates():
    found = heard([fact("handed_over", "2026-06-01 09:00")], "2026-06-01 13:01")
    assert short(found)[0] == ("broken", None)


def test_the_json_form_says_all_figures():
    form = heard([HANDED], "2026-06-01 13:00:01")[2].to_json()
    assert len(form.pop("key")) == 64
    assert form == {
        "kind": "escalated",
        "to": "manager",
        "lead": "L",
        "pass": 1,
        "promise": "first contact",
        "rung": None,
        "occurrence": 1,
        "owner": "ana",
        "verdict": "broken",
        "side": "sales",
        "version": 1,
        "started_at": "2026-06-01T07:00:00+00:00",
        "due_at": "2026-06-01T11:00:00+00:00",
        "answered_at": None,
        "unit": "working hours",
        "left_seconds": -1,
        "at": str(Fraction(1)),
    }


def test_a_notice_says_what_is_left_of_the_time_or_was_when_it_was_answered():
    risky = heard([HANDED], "2026-06-01 12:30")[0]
    assert (risky.kind, risky.left) == ("at risk", 30 * 60_000_000)
    late = heard([HANDED, fact("attempted", "2026-06-01 14:00", by="ana")], "2026-06-05 09:00")[0]
    assert (late.kind, late.left, late.to_json()["left_seconds"]) == (
        "broken",
        -3_600_000_000,
        -3600,
    )
    assert late.to_json()["answered_at"] == "2026-06-01T12:00:00+00:00"
    weekend = [HANDED | {"occurred_at": "2026-06-05 14:00"}]
    assert heard(weekend, "2026-06-08 10:30")[0].left == -30 * 60_000_000
