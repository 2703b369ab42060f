"""Speed: medians and nearest ranks, shares with never, and whose the delay was."""

from fractions import Fraction

import numpy as np

from leadpact.measure.speed import speeds, times
from leadpact.units import HOUR, MINUTE
from tests.leadpact.judged_logs import agreed, fact, judged

MINUTES = np.array([2, 3, 4, 5, 8, 12, 20, 45, 90, 2880]) * MINUTE
CONTACT = {
    "sales": {
        "first contact": {"after": "handed over", "do": "attempted", "within": "4 working hours"}
    }
}


def test_the_mean_of_ten_answers_is_306_9_the_median_10_and_p90_90_minutes():
    found = times(MINUTES)
    assert found.mean / MINUTE == Fraction("306.9")
    assert found.median == 10 * MINUTE
    assert (found.p75, found.p90) == (45 * MINUTE, 90 * MINUTE)


def test_never_stays_in_the_shares_and_out_of_the_averages():
    found = times(MINUTES, never=10)
    assert found.median == 10 * MINUTE
    assert found.shares == tuple(Fraction(n, 20) for n in (4, 8, 1, 1, 10))


def test_an_hour_exactly_is_within_the_hour():
    assert times(np.array([HOUR])).within == (0, 1, 1)


def test_the_bars_add_up_to_the_answers():
    assert sum(times(MINUTES).bars) == 10


def test_nothing_has_no_times():
    found = times(np.zeros(0, np.int64))
    assert (found.median, found.p90, found.mean, found.shares) == (None, None, None, None)
    assert found.to_json()["shares"]["never"] is None


def test_the_systems_delay_is_not_the_peoples():
    facts = [
        fact("created", "2026-06-01 08:30", type="demo"),
        fact("handed_over", "2026-06-01 09:00"),
        fact("assigned", "2026-06-01 09:30", owner="ana"),
        fact("attempted", "2026-06-01 09:35", by="ana"),
    ]
    (speed,) = speeds(judged(agreed(CONTACT), facts, "2026-06-02 09:00"))
    assert speed.buyer.median == 65 * MINUTE
    assert speed.buyer_working.median == 35 * MINUTE
    assert speed.system.median == 60 * MINUTE
    assert (speed.human.median, speed.human_working.median) == (5 * MINUTE, 5 * MINUTE)
    assert (speed.wall.median, speed.working.median) == (35 * MINUTE, 35 * MINUTE)


def test_the_night_counts_on_the_wall_and_not_at_work():
    facts = [
        fact("handed_over", "2026-06-01 16:30", owner="ana"),
        fact("attempted", "2026-06-02 09:30", by="ana"),
    ]
    (speed,) = speeds(judged(agreed(CONTACT), facts, "2026-06-03 09:00"))
    assert (speed.working.median, speed.wall.median) == (HOUR, 17 * HOUR)


def test_what_is_not_due_is_undecided_and_what_is_overdue_never():
    facts = [
        fact("handed_over", "2026-06-01 09:00", "A", owner="ana"),
        fact("handed_over", "2026-06-02 12:00", "B", owner="ana"),
        fact("handed_over", "2026-06-02 12:00", "C", owner="ben"),
        fact("attempted", "2026-06-02", "C", by="ben"),
    ]
    (speed,) = speeds(judged(agreed(CONTACT), facts, "2026-06-02 23:59:59.999999"))
    assert (speed.working.never, speed.working.undecided, speed.working.count) == (2, 1, 0)


def test_speeds_by_rep_are_those_of_the_last_owner():
    facts = [
        fact("handed_over", "2026-06-01 09:00", "A", owner="ana"),
        fact("attempted", "2026-06-01 09:10", "A", by="ana"),
        fact("handed_over", "2026-06-01 09:00", "B", owner="ben"),
        fact("attempted", "2026-06-01 09:20", "B", by="ben"),
    ]
    found = speeds(judged(agreed(CONTACT), facts, "2026-06-03 09:00"), by="rep")
    assert [(s.rep, s.working.median) for s in found] == [
        ("ana", 10 * MINUTE),
        ("ben", 20 * MINUTE),
    ]
    assert found[0].to_json()["working"]["median"] == "600"
