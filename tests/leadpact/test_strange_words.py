"""Words in a log that no clause knows are counted, so that a slip doesn't vanish."""

from tests.leadpact.judged_logs import agreed, fact, judged

CONTACT = {"sales": {"contact": {"after": "handed over", "do": "attempted", "within": "1 day"}}}


def test_slips_of_the_pen_are_counted():
    facts = [
        fact("handed_over", "2026-06-02 09:00", owner="thom"),
        fact("assigned", "2026-06-02 10:00", owner="ana"),
        fact("moved", "2026-06-02 11:00", to="mqll"),
        fact("moved", "2026-06-02 12:00", to="sql"),
        fact("waived", "2026-06-02 13:00", promise="contacts", by="ana"),
        fact("waived", "2026-06-02 14:00", promise="Contact", by="ana"),
    ]
    assert judged(agreed(CONTACT), facts, "2026-06-10 10:00").strange == {
        "unknown stages": 1,
        "unknown promises": 1,
        "owners not in the roster": 1,
    }
