"""The log as of a moment: future, unknown, corrected, merged and account facts."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.log import COPIED, Log


def micros(text):
    return int(datetime.fromisoformat(text + "+00:00").timestamp() * 1_000_000)


LATER = micros("2026-12-31 00:00")


def fact(lead, at, kind, **fields):
    return {"lead": lead, "occurred_at": f"2026-03-{at}Z", "kind": kind, **fields}


def log_of(*rows):
    log, problems = Log.from_facts(list(rows))
    assert problems == []
    return log


def story(log):
    return {
        key: [f"{form['occurred_at'][8:10]} {form['kind']}" for form in log.facts(_rows(log, key))]
        for key in log.keys
    }


def _rows(log, key):
    rows = log.lead_rows(key)
    return range(rows.start, rows.stop)


def test_a_log_to_which_nothing_applies_is_returned_as_it_is():
    log = log_of(fact("A", "01 10:00", "created"))
    assert log.as_of(LATER) is log
    assert log.as_of(LATER, known_at=LATER) is log


def test_what_is_to_come_is_left_out_and_counted():
    log = log_of(
        fact("A", "01 10:00", "created"),
        fact("A", "03 10:00", "won"),
        fact("B", "04 10:00", "created"),
    ).as_of(micros("2026-03-03 09:59"))
    assert story(log) == {"A": ["01 created"]}
    assert log.starts.tolist() == [0, 1]
    assert log.counts["future"] == 2


def test_now_itself_has_happened():
    log = log_of(fact("A", "03 10:00", "won"))
    assert len(log.as_of(micros("2026-03-03 10:00"))) == 1


def test_what_was_heard_later_was_not_known_then():
    log = log_of(
        fact("A", "01 10:00", "created"),
        fact("A", "02 10:00", "attempted", recorded_at="2026-03-05T10:00Z"),
    )
    then = log.as_of(LATER, known_at=micros("2026-03-04 10:00"))
    assert story(then) == {"A": ["01 created"]}
    assert then.counts["not yet known"] == 1
    assert len(log.as_of(LATER, known_at=micros("2026-03-05 10:00"))) == 2


def test_a_corrected_fact_is_taken_back_once_the_correction_is_there():
    log = log_of(
        fact("A", "01 10:00", "won", source_id="7"),
        fact("B", "01 10:00", "won", source_id="8"),
        fact("A", "03 10:00", "corrected", fact="7", source_id="9"),
        fact("A", "03 10:00", "corrected", fact="8", source_id="10"),  # another lead's fact stays
    )
    assert story(log.as_of(micros("2026-03-02 10:00"))) == {"A": ["01 won"], "B": ["01 won"]}
    after = log.as_of(LATER)
    assert story(after) == {"A": ["03 corrected", "03 corrected"], "B": ["01 won"]}
    assert after.counts["retracted"] == 1


def test_a_correction_can_be_taken_back_itself():
    log = log_of(
        fact("A", "01 10:00", "won", source_id="7"),
        fact("A", "02 10:00", "corrected", fact="7", source_id="8"),
        fact("A", "03 10:00", "corrected", fact="8", source_id="9"),
    )
    assert story(log.as_of(LATER)) == {"A": ["01 won", "03 corrected"]}


def test_without_source_ids_a_correction_names_the_digest_of_the_fact():
    rows = [fact("A", "01 10:00", "won"), fact("A", "02 10:00", "corrected", fact="?")]
    ids = log_of(*rows).source_ids.to_pylist()
    rows[1]["fact"] = ids[0]
    assert story(log_of(*rows).as_of(LATER)) == {"A": ["02 corrected"]}


def test_a_merged_lead_gives_copies_of_its_facts_to_the_survivor():
    log = log_of(
        fact("A", "01 10:00", "created", type="demo", industry="retail"),
        fact("A", "04 10:00", "attempted", by="ana"),
        fact("A", "05 10:00", "merged", into="B"),
        fact("B", "02 10:00", "created", type="chat"),
        fact("B", "06 10:00", "won"),
    )
    assert log.as_of(micros("2026-03-04 12:00")).counts.get("merged") is None
    merged = log.as_of(LATER)
    assert story(merged) == {
        "A": ["01 created", "04 attempted", "05 merged"],
        "B": ["01 created", "02 created", "04 attempted", "06 won"],
    }
    assert merged.counts["merged"] == 1
    rows = _rows(merged, "B")
    assert [merged.fields["merged_from"].of(row) for row in rows] == ["A", None, "A", None]
    assert [merged.fields["industry"].of(row) for row in rows] == ["retail", None, None, None]
    assert [bool(merged.flags[row] & COPIED) for row in rows] == [True, False, True, False]
    assert [merged.fields["merged_from"].of(row) for row in _rows(merged, "A")] == [None] * 3


def test_a_log_that_is_resolved_stays_so():
    log = log_of(
        fact("A", "01 10:00", "created", account="Acme", source_id="1"),
        fact("A", "05 10:00", "merged", into="B", source_id="2"),
        fact("B", "01 10:00", "created", source_id="0"),
        {
            "account": "Acme",
            "occurred_at": "2026-03-01T10:00Z",
            "kind": "replied",
            "source_id": "3",
        },
    )
    once = log.as_of(LATER)
    assert list(once.as_of(LATER).facts()) == list(once.facts())
    assert [form["source_id"] for form in once.facts(_rows(once, "B"))] == ["0", "1", "3"]


def test_chains_of_merges_end_at_the_last_survivor():
    log = log_of(
        fact("A", "01 10:00", "created"),
        fact("B", "02 10:00", "created"),
        fact("C", "03 10:00", "created"),
        fact("A", "04 10:00", "merged", into="B"),
        fact("B", "05 10:00", "merged", into="C"),
    ).as_of(LATER)
    assert story(log)["C"] == ["01 created", "02 created", "03 created"]
    assert story(log)["B"] == ["02 created", "05 merged"]


def test_merges_in_a_circle_or_into_nobody_copy_nothing_and_are_counted():
    log = log_of(
        fact("A", "04 10:00", "merged", into="B"),
        fact("B", "05 10:00", "merged", into="A"),
        fact("C", "05 10:00", "merged", into="C"),
        fact("D", "05 10:00", "merged", into="nobody"),
        fact("E", "05 10:00", "merged"),
    ).as_of(LATER)
    assert len(log) == 5
    nowhere = log_of(fact("E", "05 10:00", "merged")).as_of(LATER)
    assert nowhere.counts["merges without survivor"] == 1
    assert log.counts["merge cycles"] == 3
    assert log.counts["merges without survivor"] == 2


def test_facts_of_an_account_reach_all_its_leads():
    log = log_of(
        fact("A", "01 10:00", "created", account="Acme"),
        fact("B", "02 10:00", "created", account="Acme"),
        fact("C", "02 10:00", "created", account="Other"),
        {"account": "Acme", "occurred_at": "2026-03-03T10:00Z", "kind": "engaged", "what": "visit"},
        {"account": "Nobody", "occurred_at": "2026-03-03T10:00Z", "kind": "engaged"},
    )
    assert story(log) == {"A": ["01 created"], "B": ["02 created"], "C": ["02 created"]}
    fanned = log.as_of(LATER)
    assert story(fanned) == {
        "A": ["01 created", "03 engaged"],
        "B": ["02 created", "03 engaged"],
        "C": ["02 created"],
    }
    assert fanned.accounts is None
    assert fanned.counts["fanned out"] == 2
    assert fanned.counts["account facts without lead"] == 1
    assert fanned.fields["fanned_from"].of(1) == "Acme"
    assert fanned.codes[fanned.code[1]] == "visit"


def test_a_fact_of_an_account_reaches_a_merged_lead_once():
    log = log_of(
        fact("A", "01 10:00", "created", account="Acme"),
        fact("B", "02 10:00", "created", account="Acme"),
        fact("A", "03 10:00", "merged", into="B"),
        {"account": "Acme", "occurred_at": "2026-03-04T10:00Z", "kind": "replied"},
    ).as_of(LATER)
    assert story(log)["B"] == ["01 created", "02 created", "04 replied"]


def test_an_account_fact_to_come_is_counted_like_any_other():
    log = log_of(
        fact("A", "01 10:00", "created", account="Acme"),
        {"account": "Acme", "occurred_at": "2026-03-04T10:00Z", "kind": "replied"},
    ).as_of(micros("2026-03-03 00:00"))
    assert (len(log), log.counts["future"]) == (1, 1)


MERGES = st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDEX")), max_size=8)


@settings(max_examples=60, deadline=None)
@given(MERGES)
def test_merges_agree_with_following_them_one_by_one(pairs):
    rows = [fact(lead, "01 10:00", "created", note=lead) for lead in "ABCDE"]
    rows += [
        fact(loser, f"02 10:{minute:02}", "merged", into=survivor)
        for minute, (loser, survivor) in enumerate(pairs)
    ]
    into = {loser: survivor for loser, survivor in pairs if survivor != "X"}
    for loser, survivor in pairs:  # the last word counts
        into.pop(loser, None)
        if survivor != "X":
            into[loser] = survivor
    expected = {lead: [lead] for lead in "ABCDE"}
    for loser in into:
        seen, end = [loser], loser
        while end in into and into[end] not in seen:
            end = into[end]
            seen.append(end)
        if end not in into:
            expected[end].append(loser)
    log = log_of(*rows).as_of(LATER)
    got = {
        key: sorted(f["note"] for f in log.facts(_rows(log, key)) if f["kind"] == "created")
        for key in log.keys
    }
    assert got == {lead: sorted(notes) for lead, notes in expected.items()}


@pytest.mark.parametrize("now", [micros("2026-03-01 00:00"), LATER])
def test_the_order_within_a_lead_holds_after_everything(now):
    rows = [
        fact("ABCDE"[n % 5], f"{1 + n % 20:02} 10:00", "attempted", note=str(n)) for n in range(60)
    ]
    rows += [fact("A", "10 10:00", "merged", into="B"), fact("C", "11 10:00", "merged", into="B")]
    log = log_of(*rows).as_of(now)
    for key in log.keys:
        rows_of = log.lead_rows(key)
        assert (log.at[rows_of][1:] >= log.at[rows_of][:-1]).all()
