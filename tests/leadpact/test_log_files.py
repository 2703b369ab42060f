"""Logs in files: JSON lines, CSV and Parquet, whole and broken."""

import gzip
import io
import json
from decimal import Decimal

import pytest

from leadpact.log import Log, read_log
from leadpact.log.ledger import read_ledger, write_ledger
from leadpact.log.texts import unpacked
from leadpact.log.writing import replacing, write_csv, write_jsonl, write_log
from tests.leadpact.reference.rich_log import RICH, WARSAW, same

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
        gzip.compress(LINE, mtime=0),
        LINE.replace(b"12.5", b'"12.50"'),
        HEAD + b"A,2026-03-13 12:00,won,12.50\n",
        HEAD + b"A,2026-03-13 12:00,won,12.50",
        HEAD.replace(b"\n", b"\r\n") + b'"A","2026-03-13 12:00",Won,12.5\r\n\r\n',
        b"\xef\xbb\xbf" + HEAD + b"A,2026-03-13 12:00,won,12.5\n",
        (HEAD + b"A,2026-03-13 12:00,won,12.5\n").replace(b",", b";"),
        (HEAD + b"A,2026-03-13 12:00,won,12.5\n").replace(b",", b"\t"),
        HEAD.replace(b"occurred_at", b"Occurred At") + b"A,2026-03-13 12:00,won,12.5\n",
        gzip.compress(HEAD + b"A,2026-03-13 12:00,won,12.50\n", mtime=0),
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
            "amount": Decimal("12.5"),
            "system": "log",
        }
    ]


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", HEAD, gzip.compress(b"", mtime=0)])
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
        (gzip.compress(LINE * 1000, mtime=0)[:-20], ["0: The gzip file is "]),
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


def test_a_file_may_not_unpack_to_too_much():
    assert unpacked(gzip.compress(b"x" * 3_000, mtime=0), most=2_000).problem == (
        "The file holds more than 2,000 bytes."
    )
    assert unpacked(b"x" * 3_000, most=2_000).problem == "The file holds more than 2,000 bytes."
    assert unpacked(gzip.compress(b"ab", mtime=0) + gzip.compress(b"c")) == b"abc"


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
