"""What is settled about passes and ladders: who comes back has clocks of their own."""

import pytest

from tests.leadpact.told import FIRST_CONTACT, LADDER, judged, local, promising, rows, rungs

ONCE = promising("{after: handed over, do: attempted, within: 4 working hours}")
RETURNED = """
    2026-03-02 08:00  created  type="website form"
    2026-03-02 09:00  handed_over  owner=ana
    2026-03-02 10:00  attempted
    2026-03-03 09:00  returned  to=re-engage
    2026-03-04 09:00  engaged  what="guide downloaded"
    2026-03-05 09:00  attempted
"""
STAGES = "definitions: {stages: [lead, mql, sal, sql, opportunity, customer]}\n"


def story(*case, **moments):
    (found,) = judged(*case, **moments).stories.rows()
    return found


def test_the_first_pass_opens_with_the_lead_whatever_comes_first():
    found = judged(ONCE, "2026-03-02 08:00  scored  fit=3\n2026-03-02 09:00  created")
    assert found.stories.rows()[0]["pass"] == 1
    assert found.stories.pass_of.tolist() == [1, 1]


def test_facts_between_two_passes_belong_to_the_pass_to_come():
    found = judged(ONCE, RETURNED + "2026-03-06 09:00  handed_over  owner=ben")
    assert found.stories.pass_of.tolist() == [1, 1, 1, 1, 2, 2, 2]
    between = judged(ONCE, RETURNED)
    assert between.stories.rows()[0] == {
        "lead": "lead",
        "pass": 2,
        "standing": "out",
        "stage": "lead",
        "owner": None,
        "paused": False,
    }


@pytest.mark.parametrize("returns", ["handed_over", "moved  to=mql", "moved  to=sql"])
def test_the_next_pass_opens_at_a_handover_or_a_qualification_after_a_return(returns):
    found = story(STAGES + ONCE, RETURNED + f"2026-03-06 09:00  {returns}")
    assert (found["pass"], found["standing"]) == (2, "open")


@pytest.mark.parametrize("act", ["moved  to=lead", "attempted", "replied", "assigned  owner=ben"])
def test_nothing_less_opens_the_next_pass(act):
    assert story(STAGES + ONCE, RETURNED + f"2026-03-06 09:00  {act}")["standing"] == "out"


@pytest.mark.parametrize(
    "leaving, standing",
    [("rejected", "out"), ("disqualified", "disqualified"), ("lost", "lost"), ("returned", "out")],
)
def test_a_pass_is_left_by_rejection_disqualification_loss_and_return(leaving, standing):
    told = f"2026-03-02 09:00  handed_over\n2026-03-03 09:00  {leaving}"
    assert story(ONCE, told)["standing"] == standing
    again = story(ONCE, told + "\n2026-03-09 09:00  handed_over")
    assert (again["pass"], again["standing"]) == (2, "open")


def test_who_comes_back_has_a_new_clock_and_the_first_one_stays():
    told = RETURNED + "2026-03-09 09:00  handed_over  owner=ben\n2026-03-09 15:00  attempted"
    found = rows(ONCE, told, "2026-03-20 09:00")
    assert [
        (row["pass"], local(row["started_at"]), local(row["answered_at"]), row["verdict"])
        for row in found
    ] == [
        (1, "2026-03-02 09:00", "2026-03-02 10:00", "kept"),
        (2, "2026-03-09 09:00", "2026-03-09 15:00", "broken"),
    ]
    assert [row["owner"] for row in found] == ["ana", "ben"]


def test_what_was_open_when_the_pass_was_left_breaks_and_no_later_pass_answers_it():
    told = """
        2026-03-02 09:00  handed_over  owner=ana
        2026-03-02 10:00  returned
        2026-03-02 11:00  handed_over  owner=ben
        2026-03-02 12:00  attempted
    """
    found = rows(ONCE, told, "2026-03-20 09:00")
    assert [(row["pass"], row["verdict"]) for row in found] == [(1, "broken"), (2, "kept")]


def test_attempts_start_anew_with_each_pass():
    attempts = "\n".join(f"2026-03-0{day} 09:00  attempted" for day in (2, 3, 4, 5))
    told = f"2026-03-01 09:00  handed_over\n{attempts}\n2026-03-06 09:00  returned\n"
    again = told + "2026-03-09 09:00  handed_over\n2026-03-10 09:00  attempted"
    found = rows(LADDER, again, "2026-06-30 09:00")
    assert [(row["pass"], row["rung"], row["verdict"]) for row in found] == [
        (1, 3, "kept"),
        (1, 5, "excused"),
        (1, 7, "excused"),
        (2, 3, "broken"),
        (2, 5, "broken"),
        (2, 7, "broken"),
    ]


def test_dates_of_the_first_pass_are_never_overwritten():
    told = RETURNED + "2026-03-06 09:00  moved  to=mql"
    found = judged(STAGES + ONCE, told)
    assert found.stories.entered_at("mql").tolist() == [
        found.log.at[1],  # the handover, which stands for the stage of handoff
        found.log.at[6],
    ]


def test_skipped_stages_are_passed_at_the_same_instant():
    found = judged(STAGES + ONCE, "2026-03-02 08:00  created\n2026-03-02 09:00  converted")
    at = [
        found.stories.entered_at(stage).tolist() for stage in ("mql", "sal", "sql", "opportunity")
    ]
    assert at == [[found.log.at[1]]] * 4


def test_a_move_backwards_is_no_entry_and_is_listed():
    told = "2026-03-02 08:00  moved  to=sql\n2026-03-02 09:00  moved  to=mql"
    found = judged(STAGES + ONCE, told)
    assert found.stories.rows()[0]["stage"] == "sql"
    assert found.stories.unexpected.tolist() == [False, True]


@pytest.mark.parametrize("end", ["suppressed", "merged  into=other"])
def test_nothing_changes_a_lead_that_is_gone_for_good(end):
    told = f"""
        2026-03-02 09:00  created  lead=other
        2026-03-02 09:00  handed_over  owner=ana
        2026-03-02 10:00  {end}
        2026-03-03 09:00  handed_over  owner=ben
        2026-03-03 10:00  moved  to=sql
    """
    found = judged(STAGES + ONCE, told, "2026-03-20 09:00")
    own = found.log.lead_rows("lead")
    assert [r["verdict"] for r in found.obligations.rows() if r["lead"] == "lead"] == ["excused"]
    assert found.stories.unexpected[own].tolist() == [False, False, True, True]


# Ladders.


def test_a_ladder_is_one_obligation_for_each_rung_and_counts_are_cumulative():
    told = "2026-03-02 09:00  handed_over\n" + "\n".join(
        f"2026-03-{day:02} 10:00  attempted" for day in (3, 4, 5, 17, 18)
    )
    found = rows(LADDER, told, "2026-03-20 09:00")
    assert [
        (row["promise"], row["rung"], local(row["due_at"]), local(row["answered_at"]))
        for row in found
    ] == [
        ("follow-up", 3, "2026-03-16 09:00", "2026-03-05 10:00"),
        ("follow-up", 5, "2026-03-30 09:00", "2026-03-18 10:00"),
        ("follow-up", 7, "2026-04-27 09:00", None),
    ]
    assert [row["verdict"] for row in found] == ["kept", "kept", "open"]


def test_a_promise_without_a_ladder_has_no_rung():
    (row,) = rows(FIRST_CONTACT, "2026-03-02 09:00  handed_over")
    assert row["rung"] is None


@pytest.mark.parametrize("leaving", ["returned", "rejected", "disqualified", "lost"])
def test_leaving_the_pass_excuses_the_open_rungs_and_only_these(leaving):
    bare = promising(
        "{after: handed over, do: attempted,"
        " ladder: [{times: 1, within: 1 day}, {times: 2, within: 14 days}]}"
    )
    told = f"2026-03-02 09:00  handed_over\n2026-03-05 09:00  {leaving}"
    assert rungs(bare, told, "2026-06-30 09:00") == {1: "broken", 2: "excused"}


@pytest.mark.parametrize("settled", ["replied", "engaged  what='meeting booked'"])
def test_the_buyers_own_answer_settles_a_first_contact_but_climbs_no_ladder(settled):
    told = f"2026-03-02 09:00  handed_over\n2026-03-02 10:00  {settled}"
    assert [r["verdict"] for r in rows(FIRST_CONTACT, told, "2026-03-20 09:00")] == ["kept"]
    assert rungs(LADDER, told, "2026-03-20 09:00") == {3: "broken", 5: "open", 7: "open"}


def test_a_buyer_who_writes_again_still_waits_for_the_call_back():
    call_back = promising("{after: replied, do: attempted, within: 2 hours, each time: yes}")
    told = "2026-03-02 09:00  replied\n2026-03-02 10:00  replied\n2026-03-02 11:30  attempted"
    found = [
        (r["answered_at"][11:16], r["verdict"]) for r in rows(call_back, told, "2026-03-20 09:00")
    ]
    assert found == [("11:30", "broken"), ("11:30", "kept")]
