"""Logs in Parquet: written sorted, read as columns; files of others are sorted."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from bench.logs import synthetic
from leadpact.log import Log, read_log
from leadpact.log.ledger import read_ledger
from leadpact.log.parquet_reading import row_groups
from leadpact.log.parquet_writing import write_parquet
from leadpact.log.writing import write_log
from tests.leadpact.reference.rich_log import RICH, WARSAW, same


def test_flags_dates_and_systems_survive_the_short_way_through_parquet(tmp_path):
    log, _problems = Log.from_facts(RICH[:-1], WARSAW)
    assert log.systems == ("crm", "log")
    write_parquet(log, tmp_path / "log.parquet", group=2)
    (first, *_rest) = parts = list(row_groups(tmp_path / "log.parquet", WARSAW))
    assert [len(part) for part in parts] == [7, 2]
    assert first.systems == log.systems
    again, _problems = read_log(tmp_path / "log.parquet", zone=WARSAW)
    same(log, again)
    assert again.counts == log.counts
    with (tmp_path / "log.parquet").open("rb") as stream:
        whole, _problems = read_log(stream, zone=WARSAW)
    same(log, whole)


def test_amounts_of_accounts_and_leads_stand_in_one_column(tmp_path):
    rows = [
        {"lead": "A", "occurred_at": "2026-03-13 12:00", "kind": "won", "amount": 3},
        {"account": "Acme", "occurred_at": "2026-03-13 12:00", "kind": "won", "amount": "0.5"},
    ]
    log, _problems = Log.from_facts(rows, WARSAW)
    write_parquet(log, tmp_path / "log.parquet")
    again, problems = read_log(tmp_path / "log.parquet", zone=WARSAW)
    assert problems == []
    same(log, again)


def test_parts_that_do_not_follow_each_other_are_sorted_anew(tmp_path):
    write_parquet(synthetic(2_000, 7), tmp_path / "log.parquet", group=500)
    file = parquet.ParquetFile(tmp_path / "log.parquet")
    with parquet.ParquetWriter(tmp_path / "back.parquet", file.schema_arrow) as writer:
        for group in reversed(range(file.num_row_groups)):
            writer.write_table(file.read_row_group(group))
    again, problems = read_log(tmp_path / "back.parquet", zone=WARSAW)
    assert problems == []
    assert again.at.tolist() == synthetic(2_000, 7).at.tolist()


def test_a_parquet_file_with_a_column_twice_is_a_problem(tmp_path):
    table = pa.table([["A"], ["B"]], names=["lead", "Lead"])
    parquet.write_table(table, tmp_path / "log.parquet")
    log, problems = read_log(tmp_path / "log.parquet", zone=WARSAW)
    assert (log, [problem.path for problem in problems]) == (None, ["lead"])
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 cut")
    assert [p.path for p in read_ledger(tmp_path / "cut.parquet")[1]] == [""]
    assert "can't be read" in read_ledger(tmp_path / "none.csv")[1][0].problem


def test_dates_without_time_are_days_of_the_zone_in_which_they_are_read(tmp_path):
    log, _problems = Log.from_facts(RICH[:1], WARSAW)
    for name in ("log.jsonl", "log.parquet"):
        write_log(log, tmp_path / name)
        again, problems = read_log(tmp_path / name, zone="America/New_York")
        assert problems == []
        assert [form["occurred_at"] for form in again.facts()] == ["2026-03-13"]
        assert again.at.tolist() == [log.at[0] + 5 * 3_600_000_000]


def test_a_large_log_survives_parquet_in_groups_of_whole_leads(tmp_path):
    log = synthetic(20_000, 7)
    write_parquet(log, tmp_path / "log.parquet", group=3_000)
    again, problems = read_log(tmp_path / "log.parquet", zone=WARSAW)
    assert problems == []
    same(log, again)
    parts = list(row_groups(tmp_path / "log.parquet", WARSAW))
    assert len(parts) > 5
    assert [key for part in parts for key in part.keys] == log.keys
    assert {part.codes for part in parts} == {log.codes}
    assert {part.people for part in parts} == {log.people}


def test_parquet_of_others_is_read_and_sorted(tmp_path):
    table = pa.table(
        {
            "Lead": ["B", "A", "A"],
            "occurred_at": pa.array([3, 2, 1], pa.timestamp("s", "UTC")),
            "kind": pa.array(["won", "won", "attempted"]).dictionary_encode(),
            "amount": pa.array([1.25, 2, None]),
            "seconds": pa.array([None, None, 30], pa.int16()),
            "human": pa.array([None, None, False]),
            "missing": [["a", "b"], None, None],
        }
    )
    parquet.write_table(table, tmp_path / "log.parquet")
    log, problems = read_log(tmp_path / "log.parquet", zone=WARSAW)
    assert problems == []
    assert [(f["lead"], f["kind"], f.get("amount", f.get("seconds"))) for f in log.facts()] == [
        ("A", "attempted", 30),
        ("A", "won", 2),
        ("B", "won", Decimal("1.25")),
    ]
    assert log.counts["unknown fields"] == 1


def test_a_parquet_file_that_lies_about_its_order_is_sorted(tmp_path):
    log = synthetic(200, 7)
    write_parquet(log, tmp_path / "log.parquet")
    table = parquet.read_table(tmp_path / "log.parquet")
    mixed = table.take(np.random.default_rng(1).permutation(table.num_rows))
    parquet.write_table(mixed, tmp_path / "mixed.parquet")
    assert b"leadpact" in mixed.schema.metadata
    again, problems = read_log(tmp_path / "mixed.parquet", zone=WARSAW)
    assert problems == []
    assert again.at.tolist() == log.at.tolist()
    assert again.keys == log.keys


def test_a_truncated_parquet_file_is_a_problem(tmp_path):
    write_parquet(synthetic(2_000, 7), tmp_path / "log.parquet")
    whole = (tmp_path / "log.parquet").read_bytes()
    for size in (5, 1_000, len(whole) - 1):
        (tmp_path / "cut.parquet").write_bytes(whole[:size])
        log, problems = read_log(tmp_path / "cut.parquet", zone=WARSAW)
        assert log is None
        assert problems[0].problem.startswith("The Parquet file can't be read")
    damaged = whole[:200] + b"\xff" * 400 + whole[600:]
    (tmp_path / "cut.parquet").write_bytes(damaged)
    log, problems = read_log(tmp_path / "cut.parquet", zone=WARSAW)
    assert (log is None) == bool(problems)


def test_a_wrong_row_of_parquet_is_told_by_its_number(tmp_path):
    table = pa.table(
        {"lead": ["A", "B"], "kind": ["won", "wonn"], "occurred_at": ["2026-03-13"] * 2}
    )
    parquet.write_table(table, tmp_path / "log.parquet")
    log, problems = read_log(tmp_path / "log.parquet", zone=WARSAW)
    assert log is None
    assert [(problem.path, problem.line) for problem in problems] == [("kind", 2)]
