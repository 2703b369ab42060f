"""The log as columns: what each fact says, in what order, and what is strange about it."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact import facts
from leadpact.log import (
    DATE_ONLY,
    FAILED,
    INBOUND,
    MONEY_SCALE,
    NONE,
    NOT_HUMAN,
    SILENT,
    Log,
)


def micros(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def log_of(*rows, zone="Europe/Warsaw"):
    log, problems = Log.from_facts(list(rows), zone)
    assert problems == []
    return log


def fact(lead, at, kind, **fields):
    return {"lead": lead, "occurred_at": at, "kind": kind, **fields}


def test_facts_become_columns_sorted_by_lead_and_time():
    log = log_of(
        fact("B", "2026-03-13 14:00", "attempted", channel="Voice_Message", by="ana", seconds=90),
        fact("B", "2026-03-13T12:00:00+01:00", "handed over", owner="ana", by="mia"),
        fact("A", "2026-03-14", "won", amount="1234.5", by="ben"),
        fact("A", "2026-03-12T10:00Z", "created", type="Website_Form", employees=12),
    )
    assert log.keys == ["A", "B"]
    assert log.starts.tolist() == [0, 2, 4]
    assert [facts.KINDS[kind].name for kind in log.kind] == [
        "created",
        "won",
        "handed_over",
        "attempted",
    ]
    assert log.at.tolist() == [
        micros("2026-03-12 10:00"),
        micros("2026-03-13 23:00"),  # the first instant of 14 March in Warsaw
        micros("2026-03-13 11:00"),
        micros("2026-03-13 13:00"),
    ]
    assert log.flags.tolist() == [0, DATE_ONLY, 0, 0]
    assert [log.codes[code] if code >= 0 else None for code in log.code] == [
        "website form",
        None,
        None,
        "voice message",
    ]
    assert [log.people[who] if who >= 0 else None for who in log.who] == [None, "ben", "ana", "ana"]
    assert log.amount.tolist() == [NONE, 12_345_000, NONE, 90 * MONEY_SCALE]
    assert {
        name: (f.rows.tolist(), [f.words[c] for c in f.codes]) for name, f in log.fields.items()
    } == {
        "type": ([0], ["website form"]),
        "employees": ([0], ["12"]),
        "by": ([2], ["mia"]),
    }
    assert log.lead_rows("B") == slice(2, 4)
    assert log.lead_rows("C") == slice(0, 0)
    assert log.lead.tolist() == [0, 0, 1, 1]
    assert log.fields["by"].dense(4).tolist() == [-1, -1, 0, -1]


@pytest.mark.parametrize(
    "fields, flags",
    [
        ({}, 0),
        ({"human": "no"}, NOT_HUMAN),
        ({"human": True}, 0),
        ({"direction": "Inbound"}, INBOUND),
        ({"seconds": 0}, SILENT),
        ({"duration": -30}, SILENT),
        ({"outcome": "wrong_number"}, FAILED),
        ({"outcome": "bounced", "human": False}, FAILED | NOT_HUMAN),
    ],
)
def test_an_attempt_says_by_flags_what_may_keep_it_from_counting(fields, flags):
    assert log_of(fact("A", "2026-03-13 12:00", "attempted", **fields)).flags.tolist() == [flags]


def test_silence_is_a_flag_of_an_acceptance():
    log = log_of(fact("A", "2026-03-13 12:00", "accepted", silent="yes"))
    assert log.flags.tolist() == [SILENT]


def test_instants_and_answers_in_other_fields_are_kept_plainly():
    log = log_of(
        fact("A", "2026-03-13 12:00", "returned", to="re-engage", not_before="2026-04-13 10:00"),
        fact("A", "2026-03-13 13:00", "enrolled", track="re-engage", left=True),
    )
    assert log.fields["not_before"].of(0) == "2026-04-13T08:00:00Z"
    assert log.fields["left"].of(1) == "yes"
    returned = fact("A", "2026-03-13 12:00", "returned", not_before="soon")
    _log, (problem,) = Log.from_facts([returned])
    assert (problem.path, problem.problem) == ("not_before", "This is no instant.")


def test_negative_durations_survive_and_are_counted():
    log = log_of(fact("A", "2026-03-13 12:00", "attempted", seconds="-12.5"))
    assert log.amount.tolist() == [-125_000]
    assert log.counts["negative durations"] == 1


def test_what_is_unknown_or_personal_is_left_out_and_counted():
    log = log_of(
        fact("A", "2026-03-13 12:00", "created", email="a@example.org", industry="retail"),
        fact("A", "2026-03-13 13:00", "won", colour="red"),
    )
    assert sorted(log.fields) == ["industry"]
    assert log.counts["personal data left out"] == 1
    assert log.counts["unknown fields"] == 1
    assert log.counts["unknown field: colour"] == 1


def test_the_source_of_a_lead_is_no_system_but_of_other_facts_it_is():
    log = log_of(
        fact("A", "2026-03-13 12:00", "created", source="paid search"),
        fact("A", "2026-03-13 13:00", "won", source="crm", source_id="7"),
        fact("A", "2026-03-13 14:00", "replied", system="mail"),
    )
    assert [log.fields["source"].of(row) for row in range(3)] == ["paid search", None, None]
    assert [log.systems[code] for code in log.source] == ["log", "crm", "mail"]


def test_duplicates_are_dropped_and_conflicting_ones_counted_apart():
    log = log_of(
        fact("A", "2026-03-13 12:00", "won", amount=1, source_id="7"),
        fact("A", "2026-03-13 12:00", "won", amount=1, source_id="7"),
        fact("A", "2026-03-13 12:00", "won", amount=3, source_id="8", recorded_at="2026-03-15"),
        fact("A", "2026-03-13 12:00", "won", amount=2, source_id="8", recorded_at="2026-03-14"),
        fact("A", "2026-03-13 12:00", "won", amount=1, source_id="7", system="other"),
    )
    assert sorted(log.amount.tolist()) == [1 * MONEY_SCALE, 1 * MONEY_SCALE, 2 * MONEY_SCALE]
    assert log.counts["duplicates"] == 1
    assert log.counts["conflicting duplicates"] == 1


def test_without_source_ids_equal_facts_are_one():
    log = log_of(
        fact("A", "2026-03-13 12:00", "attempted", channel="phone", note="x"),
        fact("A", "2026-03-13 12:00", "attempted", channel="email", note="x"),
        fact("A", "2026-03-13 12:00", "attempted", channel="phone", note="x"),
        fact("A", "2026-03-13 12:00", "attempted", channel="phone", note="y"),
    )
    assert len(log) == 3
    assert log.counts["duplicates"] == 1
    assert log.source_ids is None


def test_at_one_instant_facts_stand_by_their_source_id():
    log = log_of(
        fact("A", "2026-03-13 12:00", "won", source_id="b"),
        fact("A", "2026-03-13 12:00", "lost", source_id="a"),
    )
    assert log.source_ids.to_pylist() == ["a", "b"]


def test_truncated_history_and_facts_before_their_lead_are_counted():
    log = log_of(
        fact("A", "2026-03-13 12:00", "created"),
        fact("A", "2026-03-13 11:59", "attempted"),
        fact("A", "2026-03-13", "lost"),  # may be later that day
        fact("A", "2026-03-12", "replied"),
        fact("B", "2026-03-13", "won"),
    )
    assert log.counts["facts before creation"] == 2
    assert log.counts["leads without creation"] == 1


def test_a_log_of_nothing_is_a_log():
    log = log_of()
    assert (len(log), log.keys, log.starts.tolist()) == (0, [], [0])
    assert len(log.as_of(micros("2026-03-13 12:00"))) == 0


@pytest.mark.parametrize(
    "fields, where, what",
    [
        ({"kind": "atempted"}, "kind", "'atempted' is no kind of fact. Did you mean 'attempted'?"),
        ({"kind": None}, "kind", "The fact has no kind. Name its kind."),
        ({"lead": " "}, "lead", "The fact names no lead."),
        ({"occurred_at": None}, "occurred_at", "The fact has no instant."),
        ({"occurred_at": "2026-02-30"}, "occurred_at", "'2026-02-30' is no instant from 1970"),
        ({"occurred_at": "1700000000"}, "occurred_at", "'1700000000' is no instant"),
        ({"occurred_at": "2201-01-01"}, "occurred_at", "is no instant from 1970 to 2200"),
        ({"occurred_at": "1969-12-31"}, "occurred_at", "is no instant from 1970 to 2200"),
        ({"occurred_at": "2026-03-13 24:00"}, "occurred_at", "is no instant"),
        ({"seconds": "x"}, "seconds", "'x' is no number with at most 4 decimals."),
        ({"seconds": "1.00001"}, "seconds", "is no number with at most 4 decimals."),
        ({"seconds": "NaN"}, "seconds", "is no number"),
        ({"seconds": "1e40"}, "seconds", "is no number"),
        ({"human": "maybe"}, "human", "'maybe' is neither yes nor no."),
        ({"direction": "up"}, "direction", "'up' is no direction."),
        ({"form": "2"}, "form", "Facts of form '2' aren't known here."),
    ],
)
def test_a_fact_that_is_wrong_is_refused_with_its_line_and_a_remedy(fields, where, what):
    good = fact("A", "2026-03-13 12:00", "attempted")
    log, problems = Log.from_facts([good, {**good, **fields}], "Europe/Warsaw")
    (problem,) = problems
    assert (problem.path, problem.line) == (where, 2)
    assert what in f"{problem.problem} {problem.remedy}"
    assert problem.remedy
    assert len(log) == 1
    assert log.counts["refused"] == 1


def test_all_problems_are_counted_and_the_first_thousand_told():
    rows = [fact("A", "2026-03-13 12:00", "atempted") for _ in range(1_500)]
    _log, problems = Log.from_facts(rows)
    assert len(problems) == 1_001
    assert [problem.line for problem in problems[:3]] == [1, 2, 3]
    assert problems[-1].problem == "There are 500 more problems."


FACTS = st.lists(
    st.builds(
        lambda lead, minute, kind, number: {
            "lead": lead,
            "occurred_at": f"2026-03-13 12:{minute:02}",
            "kind": kind,
            "by": "ana",
            "source_id": str(number),
        },
        st.sampled_from("ABC"),
        st.integers(0, 9),
        st.sampled_from(["won", "attempted", "paused", "resumed"]),
        st.integers(0, 40),
    ),
    max_size=25,
    unique_by=lambda row: row["source_id"],
)


@settings(max_examples=60, deadline=None)
@given(FACTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(rows, chance):
    mixed = rows.copy()
    chance.shuffle(mixed)
    one, other = log_of(*rows), log_of(*mixed)
    assert list(one.facts()) == list(other.facts())


@settings(max_examples=40, deadline=None)
@given(FACTS)
def test_telling_everything_twice_changes_nothing(rows):
    once, twice = log_of(*rows), log_of(*rows, *rows)
    assert list(once.facts()) == list(twice.facts())
    assert twice.counts.get("duplicates", 0) == len(rows)


def test_leads_of_any_script_keep_the_order_of_their_code_points():
    keys = ["ä", "Z", "สมชาย", "علی", "a", "😀"]
    log = log_of(*(fact(key, "2026-03-13 12:00", "won") for key in keys))
    assert log.keys == sorted(keys)
    assert [log.lead_rows(key) for key in log.keys] == [slice(n, n + 1) for n in range(6)]
    assert np.diff(log.starts).tolist() == [1] * 6
