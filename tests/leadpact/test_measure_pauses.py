"""Leads on pause are listed, with reason and by whom."""

from leadpact.measure import pauses
from tests.leadpact.judged_logs import ZONE, agreed, fact, judged

CONTACT = {"sales": {"contact": {"after": "handed over", "do": "attempted", "within": "1 day"}}}
HELD = {"pauses": {"reasons": ["on holiday"], "at most": "30 days"}}


def listed(facts, now="2026-06-10 10:00"):
    found = judged(agreed(CONTACT, **HELD), facts, now)
    return [pause.to_json(ZONE) for pause in pauses(found)]


def test_who_is_on_pause_is_listed_the_longest_first():
    facts = [
        fact("handed_over", "2026-06-02 09:00", "A", owner="ana"),
        fact("paused", "2026-06-03 09:00", "A", reason="on holiday", by="ana"),
        fact("handed_over", "2026-06-01 09:00", "B"),
        fact("paused", "2026-06-02 09:00", "B"),
        fact("paused", "2026-06-02 09:00", "C", reason="on holiday"),
        fact("resumed", "2026-06-04 09:00", "C"),
    ]
    assert listed(facts) == [
        {
            "lead": "B",
            "since": "2026-06-02T09:00:00+02:00",
            "reason": None,
            "by": None,
            "owner": None,
        },
        {
            "lead": "A",
            "since": "2026-06-03T09:00:00+02:00",
            "reason": "on holiday",
            "by": "ana",
            "owner": "ana",
        },
    ]


def test_a_pause_beyond_its_cap_or_for_no_agreed_reason_is_none():
    facts = [
        fact("paused", "2026-06-03 09:00", "A", reason="on holiday"),
        fact("paused", "2026-06-03 09:00", "B", reason="no time"),
    ]
    assert [pause["lead"] for pause in listed(facts)] == ["A"]
    assert listed(facts, "2026-07-03 09:01") == []
