"""Nurture measured, against figures that were worked out by hand."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from leadpact.agreement.load import load
from leadpact.clock import to_micros
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.measure.nurture import Lift, nurture

AGREEMENT, _PROBLEMS = load("""
leadpact: 1
agreement: Tracks
version: 1
valid from: 2025-01-01
between: {marketing: [mia], sales: [ana]}
definitions: {stages: [lead, mql, sal, sql, opportunity, customer]}
qualification: {interest: [{did: guide read, points: 10}, {did: complained, points: -4}]}
handoff: {when: mql}
nurture:
  re-engage: {steps: [{stage: awareness, send: guide, after: 3 days}], leave when: [mql]}
""")
DAY0 = datetime.fromisoformat("2026-01-01T09:00:00+00:00")
NOW = to_micros(DAY0 + timedelta(days=200))


def fact(day, lead, kind, **fields):
    when = (DAY0 + timedelta(days=day)).isoformat()
    return {"lead": lead, "kind": kind, "occurred_at": when, **fields}


def measured(*facts):
    log, problems = Log.from_facts(facts)
    assert problems == []
    return nurture(judge([AGREEMENT], log, now=NOW))


def counts(share):
    return share.numerator, share.denominator, share.immature


def test_coverage_of_returned_leads():
    facts = []
    for lead, to, day in (("a", "re-engage", 10), ("b", "elsewhere", 10), ("c", "elsewhere", 195)):
        facts += [fact(0, lead, "created"), fact(1, lead, "handed_over", owner="ana")]
        facts += [fact(day, lead, "returned", to=to)]
    facts += [fact(0, "d", "created"), fact(1, "d", "handed_over", owner="ana")]
    facts += [fact(10, "d", "returned", to="elsewhere")]
    facts += [fact(24, "d", "enrolled", track="re-engage")]  # on the last day: 14 days later
    # a at once, d in time, b never (no such track); c is too young to tell.
    assert counts(measured(*facts).coverage) == (2, 3, 1)


def test_recovery_and_rejections_of_later_passes():
    facts = []
    for lead in "abcd":
        facts += [fact(0, lead, "created"), fact(1, lead, "handed_over", owner="ana")]
        facts += [fact(15, lead, "returned", to="re-engage")]
    facts += [fact(194, "a", "moved", to="mql"), fact(196, "a", "rejected", reason="no")]
    facts += [fact(196, "b", "moved", to="mql")]  # 181 days later: too late
    facts += [fact(60, "c", "handed_over", owner="ana"), fact(61, "c", "accepted")]
    found = measured(*facts)
    assert counts(found.recovery) == (2, 4, 0)
    assert counts(found.rejected_again) == (1, 3, 0)
    assert found.recovery.share == Fraction(1, 2)
    assert found.recovery.interval.low == Decimal("0.150039")  # Wilson: 2 of 4


def test_enrolled_leads_against_others_from_the_same_landmark():
    leads = ("fast", "in-won", "in-cold", "out-won", "out-cold", "young", "gone", "late")
    facts = [fact(190 if lead == "young" else 0, lead, "created") for lead in leads]
    facts += [fact(2, "fast", "moved", to="mql")]  # before anybody could enrol it: in neither
    for lead in ("in-won", "in-cold", "gone"):
        facts.append(fact(5, lead, "enrolled", track="re-engage"))
    facts += [fact(30, "in-won", "moved", to="mql"), fact(40, "out-won", "moved", to="mql")]
    facts += [fact(6, "gone", "suppressed")]
    facts += [
        fact(60, "late", "enrolled", track="re-engage")
    ]  # after the landmark: with the others
    facts += [fact(105, "late", "moved", to="mql")]  # 91 days after the landmark: not in time
    found = measured(*facts)
    assert counts(found.enrolled) == (1, 2, 0)
    assert counts(found.others) == (1, 3, 0)


def test_interest_before_and_after():
    facts = []
    for lead in "abc":
        facts += [fact(0, lead, "created"), fact(1, lead, "engaged", what="guide read")]
        facts += [fact(5, lead, "enrolled", track="re-engage")]
    facts += [
        fact(6, "a", "engaged", what="guide read"),
        fact(7, "b", "engaged", what="complained"),
    ]
    facts += [fact(8, "c", "enrolled", track="re-engage", left="yes")]
    facts += [fact(9, "c", "engaged", what="guide read")]  # after it left: doesn't count
    found = measured(*facts).lift
    # before: 10, 10, 10; after: 20, 6, 10.
    assert found == Lift(3, 1, 1, Fraction(10), Fraction(12))
    assert found.to_json() == {"count": 3, "rose": 1, "fell": 1, "before": "10", "after": "12"}


def test_nothing_measured_is_told_as_nothing():
    found = measured(fact(199, "a", "created"))
    assert [counts(one) for one in found.shares] == [(0, 0, 0)] * 5
    assert found.to_json(["a"])["shares"][0]["share"] is None
