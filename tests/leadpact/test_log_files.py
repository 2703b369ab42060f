"""Logs in files: JSON lines, CSV and Parquet, whole and broken."""

import gzip
import io
import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from bench.logs import synthetic
from leadpact.log import Log, read_log
from leadpact.log.ledger import read_ledger, write_ledger
from leadpact.log.parquet_reading import row_groups
from leadpact.log.parquet_writing import write_parquet
from leadpact.log.texts import unpacked
from leadpact.log.writing import replacing, write_csv, write_jsonl, write_log

WARSAW = "Europe/Warsaw"
LINE = b'{"lead": "A", "occurred_at": "2026-03-13 12:00", "kind": "won", "amount": 12.5}\n'
HEAD = b"lead,occurred_at,kind,amount\n"


def read(data, **options):
    return read_log(io.BytesIO(data), zone=WARSAW, **options)


def problems_of(data, **options):
    log, problems = read(data, **options)
    assert log is None
    assert problems
    assert all(problem.remedy for problem in problems)
    return [f"{problem.line}: {problem.problem}" for problem in problems]


@pytest.mark.parametrize(
    "data",
    [
        LINE,
        LINE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + LINE,
        b"\n\n" + LINE + b"\n",
        LINE.rstrip(),
        gzip.compress(LINE),
        LINE.replace(b"12.5", b'"12.50"'),
        HEAD + b"A,2026-03-13 12:00,won,12.50\n",
        HEAD + b"A,2026-03-13 12:00,won,12.50",
        HEAD.replace(b"\n", b"\r\n") + b'"A","2026-03-13 12:00",Won,12.5\r\n\r\n',
        b"\xef\xbb\xbf" + HEAD + b"A,2026-03-13 12:00,won,12.5\n",
        (HEAD + b"A,2026-03-13 12:00,won,12.5\n").replace(b",", b";"),
        (HEAD + b"A,2026-03-13 12:00,won,12.5\n").replace(b",", b"\t"),
        HEAD.replace(b"occurred_at", b"Occurred At") + b"A,2026-03-13 12:00,won,12.5\n",
        gzip.compress(HEAD + b"A,2026-03-13 12:00,won,12.50\n"),
    ],
)
def test_the_same_fact_in_many_spellings(data):
    log, problems = read(data, name="log")
    assert problems == []
    assert list(log.facts()) == [
        {
            "lead": "A",
            "occurred_at": "2026-03-13T11:00:00Z",
            "kind": "won",
            "amount": log_number("12.5"),
            "system": "log",
        }
    ]


def log_number(text):
    from decimal import Decimal

    return Decimal(text)


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", HEAD, gzip.compress(b"")])
def test_an_empty_file_is_an_empty_log(data):
    log, problems = read(data)
    assert problems == []
    assert len(log) == 0


@pytest.mark.parametrize(
    "data, expected",
    [
        (LINE + b'{"lead": "A"\n' + LINE, ["2: The line is not JSON"]),
        (LINE + b"[1]\n", ["2: The line is no JSON object."]),
        (LINE + b'{"lead": "\\ud800", "kind": "won"}\n', ["2: The line holds half a character"]),
        (LINE + b'{"lead": "\\u0000", "kind": "won"}\n', ["2: The line holds a NUL character."]),
        (LINE + b'{"lead": NaN}\n', ["2: The line is not JSON: NaN is no number"]),
        (LINE + b'{"amount": 1' + b"0" * 5000 + b"}\n", ["2: The line is not JSON"]),
        (b"{" + b'"a":{' * 100_000 + b"\n" + LINE, ["1: The line is "]),
        (LINE + b'{"lead": "\xff"}\n', ["2: The line is not UTF-8 (byte 0xFF at place 11)."]),
        (LINE + b"\xed\xa0\x80\n", ["2: The line is not UTF-8"]),
        (LINE + LINE.replace(b"A", b"\0"), ["2: The line holds a NUL byte."]),
        (LINE.decode().encode("utf-16"), ["1: The file is UTF-16, not UTF-8."]),
        (HEAD + b"A,2026-03-13 12:00,won\n", ["2: The row has 3 fields, the header has 4."]),
        (b"lead,kind\nA,won\n", ["0: The column 'occurred_at' is missing."]),
        (
            b"lead,kind,Kind,occurred_at\nA,won,won,2026-03-13\n",
            ["1: The column 'kind' stands twice"],
        ),
        (HEAD + b'A,"2026-03-13,won,1\nB,2026-03-13,won,1\n', ["2: "]),
        (b"\x1f\x8bnonsense", ["0: The gzip file is damaged"]),
        (gzip.compress(LINE * 1000)[:-20], ["0: The gzip file is "]),
        (
            b"".join(b'{"a%d": 1}\n' % n for n in range(1_001)),
            ["0: The facts have 1,001 different fields"],
        ),
        (b"PAR1nonsense", ["0: The Parquet file can't be read"]),
        (b'[{"lead": "A"}]', ["1: The line is no JSON object."]),
    ],
)
def test_a_broken_file_ends_in_problems_with_their_lines(data, expected):
    told = problems_of(data)
    assert len(told) >= len(expected)
    for begin, problem in zip(expected, told, strict=False):
        assert problem.startswith(begin)


def test_a_field_of_a_megabyte_is_a_plain_problem():
    huge = b"x" * 1_000_000
    assert problems_of(HEAD + b"A,2026-03-13,won,1\n" + huge + b",2026-03-13,won,1\n") == [
        "3: The field holds 1,000,000 bytes; at most 100,000 are read."
    ]


def test_lines_are_counted_with_the_breaks_inside_quotes():
    data = b'lead,occurred_at,kind,note\nA,2026-03-13,won,"a\nb\nc"\n\nB,2026-03-13,wonn,x\nC,1\n'
    assert [told.split(":")[0] for told in problems_of(data)] == ["6", "7"]


def test_lenient_reading_leaves_the_wrong_facts_out():
    log, problems = read(LINE + LINE.replace(b"won", b"wonn"), lenient=True)
    assert len(log) == 1
    assert [problem.line for problem in problems] == [2]


def test_a_path_that_is_no_file_is_a_problem(tmp_path):
    for path in (tmp_path / "nothing.jsonl", tmp_path):
        log, problems = read_log(path, zone=WARSAW)
        assert log is None
        assert "can't be read" in problems[0].problem


def test_an_unknown_zone_is_a_problem():
    assert read_log(io.BytesIO(LINE), zone="Mars")[1][0].problem == "'Mars' is no time zone."


RICH = [
    {"lead": 'ä,"1"', "occurred_at": "2026-03-13", "kind": "created", "type": "chat", "note": "a\nb"},
    {"lead": "B", "occurred_at": "2026-03-13 12:00:00.25", "kind": "attempted", "by": "ana"},
    {"lead": "B", "occurred_at": "2026-03-13 13:00", "kind": "attempted", "seconds": "0", "human": "no"},
    {"lead": "B", "occurred_at": "2026-03-13 14:00", "kind": "attempted", "direction": "inbound"},
    {"lead": "B", "occurred_at": "2026-03-13 15:00", "kind": "won", "amount": "-12.3456"},
    {"lead": "B", "occurred_at": "2026-03-13 16:00", "kind": "won", "recorded_at": "2026-03-14 10:00"},
    {"lead": "B", "occurred_at": "2026-03-13 17:00", "kind": "accepted", "silent": "yes"},
    {"lead": "B", "occurred_at": "2026-03-13 18:00", "kind": "returned", "to": "re-engage",
     "not_before": "2026-04-13", "reason": "no_time", "source_id": "7", "system": "crm"},
    {"lead": "สมชาย", "occurred_at": "2026-03-13 18:00", "kind": "handed_over", "owner": "ana", "by": "mia"},
    {"account": "Acme", "occurred_at": "2026-03-13 18:00", "kind": "engaged", "what": "visit"},
]  # fmt: skip


def same(one, other):
    for name in ("starts", "at", "recorded_at", "kind", "amount", "flags"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert list(one.facts()) == list(other.facts())
    if one.accounts is not None:
        same(one.accounts, other.accounts)


@pytest.mark.parametrize("name", ["log.jsonl", "log.csv", "log.parquet"])
def test_what_is_written_is_read_again(tmp_path, name):
    log, problems = Log.from_facts(RICH, WARSAW)
    assert problems == []
    write_log(log, tmp_path / name)
    again, problems = read_log(tmp_path / name, zone=WARSAW)
    assert problems == []
    same(log, again)
    first = (tmp_path / name).read_bytes()
    write_log(again, tmp_path / name)
    assert (tmp_path / name).read_bytes() == first


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


def test_values_of_json_may_be_lists_and_objects():
    line = {"lead": "A", "occurred_at": "2026-03-13", "kind": "handed_over", "Owner": "ana"}
    line |= {"missing": ["phone", None, 3], "packet": {"pages": [1, "\u00e4"]}, "owner": None}
    log, problems = read(json.dumps(line).encode())
    assert problems == []
    assert log.fields["missing"].words == ("phone, , 3",)
    assert log.fields["packet"].words == ('{"pages": [1, "ä"]}',)
    assert log.people == ("ana",)
    nul = {**line, "packet": {"pages": ["a\x00"]}}
    assert problems_of(json.dumps(nul).encode()) == ["1: The line holds a NUL character."]


def test_a_parquet_file_with_a_column_twice_is_a_problem(tmp_path):
    table = pa.table([["A"], ["B"]], names=["lead", "Lead"])
    parquet.write_table(table, tmp_path / "log.parquet")
    log, problems = read_log(tmp_path / "log.parquet", zone=WARSAW)
    assert (log, [problem.path for problem in problems]) == (None, ["lead"])
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 cut")
    assert [p.path for p in read_ledger(tmp_path / "cut.parquet")[1]] == [""]
    assert "can't be read" in read_ledger(tmp_path / "none.csv")[1][0].problem


def test_a_file_may_not_unpack_to_too_much():
    assert unpacked(gzip.compress(b"x" * 3_000), most=2_000).problem == (
        "The file holds more than 2,000 bytes."
    )
    assert unpacked(b"x" * 3_000, most=2_000).problem == "The file holds more than 2,000 bytes."
    assert unpacked(gzip.compress(b"ab") + gzip.compress(b"c")) == b"abc"


def test_a_row_beyond_the_block_is_read_and_a_quote_that_stays_open_told():
    note = '"' + "x\n" * 40_000 + '"'
    rows = "".join(f"A{n},2026-03-13,won,{note}\n" for n in range(80))
    log, problems = read(f"lead,occurred_at,kind,note\n{rows}".encode())
    assert (problems, len(log)) == ([], 80)
    text = b'lead,occurred_at,kind,note\nA,2026-03-13,won,"x\nB,2026-03-13,won,y\n'
    assert problems_of(text) == ["2: A quote opens here and is never closed."]


@pytest.mark.parametrize("name", ["log.jsonl", "log.csv", "log.parquet"])
def test_an_empty_log_is_written_and_read_again(tmp_path, name):
    log, _problems = Log.from_facts([])
    write_log(log, tmp_path / name)
    again, problems = read_log(tmp_path / name, zone="UTC")
    assert (len(again), problems) == (0, [])


def test_jsonl_is_one_plain_object_a_line(tmp_path):
    log, _problems = Log.from_facts(RICH[1:2], WARSAW)
    write_jsonl(log, tmp_path / "log.jsonl")
    assert json.loads((tmp_path / "log.jsonl").read_text()) == {
        "lead": "B",
        "occurred_at": "2026-03-13T11:00:00.250000Z",
        "kind": "attempted",
        "by": "ana",
        "system": "log",
    }


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
        ("B", "won", log_number("1.25")),
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


def test_a_file_is_whole_or_not_there(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        interrupted_at(path)
    assert path.read_text() == "before"
    assert [left.name for left in tmp_path.iterdir()] == ["log.jsonl"]


def interrupted_at(path):
    with replacing(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_cells_of_a_csv_keep_their_breaks_and_quotes(tmp_path):
    log, _problems = Log.from_facts(RICH[:1], WARSAW)
    write_csv(log, tmp_path / "log.csv")
    again, _problems = read_log(tmp_path / "log.csv", zone=WARSAW)
    assert (again.keys, again.fields["note"].words) == (['ä,"1"'], ("a\nb",))


LEDGER = b"""day,source,campaign,measure,amount,lead_type
2026-03-13,Google,spring,Spend,12.34,chat
2026-03-13,Google,,clicks,7,
"""


@pytest.mark.parametrize("name", ["ledger.csv", "ledger.jsonl", "ledger.parquet"])
def test_a_ledger_is_read_and_written(tmp_path, name):
    (tmp_path / "in.csv").write_bytes(LEDGER)
    ledger, problems = read_ledger(tmp_path / "in.csv")
    assert problems == []
    write_ledger(ledger, tmp_path / name)
    again, problems = read_ledger(tmp_path / name)
    assert problems == []
    for one in (ledger, again):
        assert one.day.tolist() == [20_525, 20_525]
        assert one.amount.tolist() == [123_400, 70_000]
        assert [one.measure.words[code] for code in one.measure.codes] == ["spend", "clicks"]
        assert [code >= 0 for code in one.campaign.codes] == [True, False]
        assert one.source.words == ("Google",)
        assert one.lead_type.words == ("chat",)


@pytest.mark.parametrize(
    "line, column",
    [
        (b"13.03.2026,G,s,spend,1,", "day"),
        (b"2026-03-13 12:00,G,s,spend,1,", "day"),
        (b"2026-03-13,G,s,,1,", "measure"),
        (b"2026-03-13,G,s,spend,,", "amount"),
        (b"2026-03-13,G,s,spend,1.00001,", "amount"),
    ],
)
def test_a_wrong_line_of_a_ledger_is_refused(line, column):
    ledger, problems = read_ledger(io.BytesIO(LEDGER + line + b"\n"))
    assert ledger is None
    assert [(problem.path, problem.line) for problem in problems] == [(column, 4)]


def test_a_ledger_without_its_columns_is_refused():
    ledger, problems = read_ledger(io.BytesIO(b"day,spend\n2026-03-13,3\n"))
    assert ledger is None
    assert [problem.path for problem in problems] == ["measure", "amount"]
