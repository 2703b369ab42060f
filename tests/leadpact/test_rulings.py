"""Rulings: said once, corrected where they turn out wrong, and the same however often."""

from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.judge import judge
from leadpact.log import Log
from leadpact.rulings import rulings
from tests.leadpact.judged_logs import ZONE, agreed, at, fact, judged

CONTACT = {
    "sales": {
        "first contact": {
            "after": "handed over",
            "do": "attempted",
            "within": "4 working hours",
            "unless": ["returned"],
        },
        "follow-up": {
            "after": "handed over",
            "do": "attempted",
            "ladder": [{"times": 2, "within": "7 days"}, {"times": 3, "within": "14 days"}],
        },
    }
}
HANDED = fact("handed_over", "2026-06-01 09:00", owner="ana")


def given_at(facts, now, agreements=None):
    judgement = judged(agreements or agreed(CONTACT), facts, now)
    return [*rulings(judgement.obligations, judgement.stories).facts()]


def short(facts):
    return [(f["promise"], f.get("rung"), f["verdict"], f.get("reason")) for f in facts]


def test_a_broken_promise_is_ruled_and_an_open_one_is_not():
    ruled = given_at([HANDED], "2026-06-01 13:00:01")
    assert short(ruled) == [("first contact", None, "broken", None)]
    assert ruled[0]["due_at"] == "2026-06-01T11:00:00+00:00"
    assert (ruled[0]["lead"], ruled[0]["pass"], ruled[0]["occurrence"]) == ("L", 1, 1)


def test_what_was_ruled_is_not_ruled_again():
    ruled = given_at([HANDED], "2026-06-01 13:00:01")
    assert given_at([HANDED, *ruled], "2026-06-02 13:00:01") == []


def test_a_late_fact_corrects_the_ruling():
    ruled = given_at([HANDED], "2026-06-01 13:00:01")
    late = fact("attempted", "2026-06-01 10:00", recorded_at="2026-06-02 10:00", by="ana")
    corrected = given_at([HANDED, late, *ruled], "2026-06-02 10:00")
    assert short(corrected) == [("first contact", None, "kept", "correction of broken")]
    assert corrected[0]["source_id"] != ruled[0]["source_id"]
    assert given_at([HANDED, late, *ruled, *corrected], "2026-06-02 11:00") == []


def test_a_holiday_declared_later_moves_no_ruling():
    ruled = given_at([HANDED], "2026-06-01 13:00:01")
    closed = {"open": {"mon-fri": ["09:00-17:00"]}, "holidays": {"dates": ["2026-06-01"]}}
    moved = agreed(CONTACT, calendars={"office": closed})
    assert given_at([HANDED, *ruled], "2026-06-01 14:00", moved) == []
    assert short(given_at([HANDED], "2026-06-01 14:00", moved)) == []


def test_what_is_open_again_is_ruled_open():
    ruled = given_at([HANDED], "2026-06-01 13:00:01")
    paused = fact("paused", "2026-06-01 10:00", recorded_at="2026-06-02 10:00")
    assert short(given_at([HANDED, paused, *ruled], "2026-06-02 10:00")) == [
        ("first contact", None, "open", "correction of broken")
    ]


def test_the_last_ruling_is_the_one_recorded_last():
    early = {**HANDED}
    said = {"promise": "first contact", "pass": 1, "occurrence": 1}
    facts = [
        early,
        fact("ruled", "2026-06-02 09:00", verdict="kept", recorded_at="2026-06-02 12:00", **said),
        fact("ruled", "2026-06-02 10:00", verdict="broken", recorded_at="2026-06-02 11:00", **said),
    ]
    assert short(given_at(facts, "2026-06-03 09:00")) == [
        ("first contact", None, "broken", "correction of kept")
    ]


def test_rungs_are_ruled_each_by_itself():
    attempts = [fact("attempted", f"2026-06-01 {hour}:00") for hour in (10, 11)]
    ruled = given_at([HANDED, *attempts], "2026-06-20 10:00")
    assert sorted(short(ruled), key=str) == [
        ("first contact", None, "kept", None),
        ("follow-up", 2, "kept", None),
        ("follow-up", 3, "broken", None),
    ]


def test_excuses_are_ruled():
    returned = fact("returned", "2026-06-01 10:00", to="re-engage")
    assert ("first contact", None, "excused", None) in short(
        given_at([HANDED, returned], "2026-06-01 11:00")
    )


def test_a_ruling_on_what_is_no_longer_owed_is_named():
    facts = [
        fact("created", "2026-06-01 09:00"),
        fact("ruled", "2026-06-02 09:00", promise="first contact", verdict="broken"),
    ]
    judgement = judged(agreed(CONTACT), facts, "2026-06-03 09:00")
    assert rulings(judgement.obligations, judgement.stories).gone.tolist() == [1]


def test_the_key_depends_on_the_text_of_the_agreement():
    other = agreed(CONTACT, currency="EUR")
    assert (
        given_at([HANDED], "2026-06-02 10:00")[0]["source_id"]
        != given_at([HANDED], "2026-06-02 10:00", other)[0]["source_id"]
    )


KINDS = ("handed_over", "attempted", "returned", "paused", "resumed", "converted", "rejected")


@st.composite
def logs(draw):
    return [
        fact(
            draw(st.sampled_from(KINDS)),
            f"2026-06-{draw(st.integers(1, 20)):02} {draw(st.integers(8, 18)):02}:00",
            draw(st.sampled_from("AB")),
            source_id=str(number),
        )
        for number in range(draw(st.integers(1, 12)))
    ]


@settings(max_examples=60, deadline=None)
@given(logs(), st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_giving_rulings_and_judging_again_yields_none(facts, days):
    agreement = agreed(CONTACT)
    for day in sorted(days):
        now = at("2026-06-01 12:00") + day * 86_400_000_000
        for _twice in range(2):
            log, problems = Log.from_facts(facts, zone=ZONE)
            assert problems == []
            judgement = judge([agreement], log, now=now)
            given = [*rulings(judgement.obligations, judgement.stories).facts()]
            assert len({one["source_id"] for one in given}) == len(given)
            assert not given or _twice == 0
            facts = [*facts, *given]


# A calendar that changes moves what is open, never what was ruled.
CLOSED = {"open": {"mon-fri": ["09:00-17:00"]}, "holidays": {"dates": ["2026-06-01"]}}
LATER = "2026-06-02 14:00"


def found_after_a_holiday(facts, now=LATER):
    """The first contact as it is judged once the first of June turns out to be a holiday."""
    judgement = judged(agreed(CONTACT, calendars={"office": CLOSED}), facts, now)
    (row,) = [one for one in judgement.obligations.rows() if one["promise"] == "first contact"]
    given = short(rulings(judgement.obligations, judgement.stories).facts())
    return row["verdict"], row["due_at"], [one for one in given if one[0] == "first contact"]


RULED_BROKEN = [HANDED, *given_at([HANDED], "2026-06-01 13:00:01")]
STANDS = ("broken", "2026-06-01T13:00:00+02:00", [])


def test_what_was_ruled_stands_with_its_due_instant():
    assert found_after_a_holiday([HANDED], "2026-06-02 12:00")[0] == "open"
    assert found_after_a_holiday(RULED_BROKEN, "2026-06-02 12:00") == STANDS


def test_what_happens_after_the_due_instant_leaves_a_ruling_standing():
    for kind in ("attempted", "paused", "rejected"):
        fields = {"by": "ana"} if kind == "attempted" else {}
        later = fact(kind, "2026-06-02 10:00", recorded_at="2026-06-02 10:00", **fields)
        assert found_after_a_holiday([*RULED_BROKEN, later]) == STANDS


def test_a_fact_from_before_the_due_instant_lets_it_be_judged_by_the_calendar_as_it_is_now():
    noted = fact("paused", "2026-06-01 09:30", recorded_at="2026-06-02 10:00")
    resumed = fact("resumed", "2026-06-01 09:31", recorded_at="2026-06-02 10:00")
    verdict, due, given = found_after_a_holiday([*RULED_BROKEN, noted, resumed], "2026-06-02 12:00")
    assert (verdict, due) == ("open", "2026-06-02T13:00:00+02:00")
    assert given == [("first contact", None, "open", "correction of broken")]


def test_a_waiver_and_another_version_count_whatever_was_ruled():
    waived = fact("waived", "2026-06-02 10:00", promise="first contact", by="mia", why="storm")
    assert found_after_a_holiday([*RULED_BROKEN, waived])[0] == "waived"
    other = [HANDED, {**RULED_BROKEN[1], "version": 7}]
    assert found_after_a_holiday(other, "2026-06-02 12:00")[0] == "open"


def test_who_held_the_lead_is_charged_as_was_ruled():
    given_on = fact("assigned", "2026-06-02 09:30", owner="ben", recorded_at="2026-06-02 09:30")
    judgement = judged(
        agreed(CONTACT, calendars={"office": CLOSED}), [*RULED_BROKEN, given_on], "2026-06-03 17:00"
    )
    (row,) = [one for one in judgement.obligations.rows() if one["promise"] == "first contact"]
    assert [(leg["owner"], leg["verdict"]) for leg in row["legs"]] == [
        ("ana", "broken"),
        ("ben", None),
    ]
