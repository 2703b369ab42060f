"""Bad input, end to end: problems with place and remedy, exit code 2, soon, and nothing written."""

import gzip
import io
import json
import os
import time
import zipfile

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.leadpact.commands import (
    DEALS,
    LOG,
    MAPPING,
    MINIMAL,
    NOW,
    files,
    problems_of,
    ran,
    typed,
    typed_json,
)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text(MINIMAL, "utf-8")
    (tmp_path / "log.jsonl").write_text(LOG, "utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, "utf-8")
    (tmp_path / "deals.csv").write_text(DEALS, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edited(old, new):
    assert old in MINIMAL
    return MINIMAL.replace(old, new)


AGREEMENTS = {
    "broken YAML": ("a: [b", 1, "The YAML is broken here"),
    "wrong type": (edited("version: 1", "version: {}"), 4, "version"),
    "unknown key": (edited("currency:", "curency:"), 7, "Did you mean 'currency'?"),
    "circular definitions": (
        edited("  lead: a person", "  person: a lead\n  lead: a person"),
        22,
        "defined by each other: lead, person",
    ),
    "empty definitions": (
        edited("  lead: a person who left an address and agreed to be contacted", "  lead:"),
        21,
        "definitions.lead",
    ),
    "10 MB": ("x: " + "a" * 10_000_000, 0, "bytes"),
    "10,000 levels": ("x: " + "[" * 10_000 + "]" * 10_000, 1, "levels deep"),
    "10,000 indented levels": ("- " * 10_000, 1, "levels deep"),
    "an alias bomb": ("a: &a [x]\nb: [*a, *a]", 1, "aliases"),
    "unknown zone": (edited("zone: UTC", "zone: Mars/Olympus"), 8, "Mars/Olympus"),
    "unknown country": (
        edited("holidays: {dates: []}", "holidays: {country: XX, dates: []}"),
        10,
        "XX",
    ),
    "a rate above 1": (edited("win: 25%", "win: 125%"), None, "125%"),
    "a rate below 0": (edited("win: 25%", "win: -1%"), None, "-1%"),
    "a calendar that never opens": (
        edited("mon-fri: [09:00-12:30, 13:30-17:30]", ""),
        10,
        "calendars.office",
    ),
    "NUL bytes": ("a: b\nc: \0", 2, "unacceptable"),
    "another encoding": (b"a: b\nc: \xff", 2, "not UTF-8"),
    "nothing": ("", 0, "Nothing stands here"),
    "a list": ("[a]", 1, "A list stands here"),
    "a spreadsheet": (b"PK\x03\x04" + b"\x00" * 100, None, ""),
}


@pytest.mark.parametrize("name", AGREEMENTS)
def test_an_agreement_that_can_not_be_used(desk, name):
    text, line, said = AGREEMENTS[name]
    content = text if isinstance(text, bytes) else text.encode()
    (desk / "bad.yaml").write_bytes(content)
    before = files(desk)
    began = time.process_time()
    found = problems_of("check", "bad.yaml")
    assert time.process_time() - began < 5
    told = [f"{one['path']} {one['problem']} {one['remedy']}" for one in found]
    assert any(said in text for text in told), told
    if line is not None:
        assert line in [one["line"] for one in found]
    for command in (
        ("explain", "bad.yaml"),
        ("cases", "bad.yaml"),
        ("plan", "bad.yaml"),
        ("diff", "a.yaml", "bad.yaml"),
        ("judge", "bad.yaml", "log.jsonl", "--now", NOW, "-o", "o.csv"),
        ("report", "bad.yaml", "log.jsonl", "--now", NOW, "-o", "r.html"),
        ("replay", "a.yaml", "bad.yaml", "log.jsonl", "--now", NOW),
    ):
        assert problems_of(*command)
    assert problems_of("check", "-", given=content)
    assert files(desk) == before


FACT = '{"lead": "L", "occurred_at": "2026-03-02T09:00:00Z", "kind": "created"}\n'
HEAD = "lead,occurred_at,kind\n"


def truncated():
    file = io.BytesIO()
    rows = 1_000
    table = {"lead": ["L"] * rows, "occurred_at": ["2026-03-02"] * rows, "kind": ["won"] * rows}
    parquet.write_table(pa.table(table), file)
    return file.getvalue()[:-50]


LOGS = {
    "unknown kinds": (FACT + FACT.replace("created", "bougth"), 2, "bougth"),
    "bad instants": (FACT + FACT.replace("2026-03-02T09:00:00Z", "yesterday"), 2, "yesterday"),
    "impossible days": (FACT.replace("03-02", "02-30"), 1, "2026-02-30"),
    "missing columns": ("lead,kind\nL,won\n", None, "occurred_at"),
    "mixed encodings": (
        HEAD.encode() + b"Stra\xc3\x9fe,2026-03-02,won\nStra\xdfe,2026-03-02,won\n",
        3,
        "not UTF-8",
    ),
    "truncated Parquet": (truncated(), 0, "Parquet file can't be read"),
    "NUL bytes": (HEAD + "L\0,2026-03-02,won\n", 2, "NUL"),
    "NUL bytes as JSON": (FACT.replace('"L"', '"L\\u0000"'), 1, "NUL"),
    "a CSV field of 1 MB": (HEAD + "L" * 1_000_000 + ",2026-03-02,won\n", 2, "1,000,000 bytes"),
    "ragged rows": (HEAD + "L,2026-03-02\n", 2, "2 fields"),
    "an open quote": (HEAD + '"L,2026-03-02,won\nL,2026-03-02,won\n', None, "quote"),
    "no JSON": (FACT + "{nonsense\n", 2, "not JSON"),
    "deep JSON": ("[" * 100_000, 1, ""),
    "UTF-16": (HEAD.encode("utf-16"), 1, "UTF-16"),
    "a gzip cut short": (gzip.compress(FACT.encode() * 100)[:-9], 0, "cut short"),
    "a spreadsheet": (b"PK\x03\x04" + b"\x00" * 100, None, ""),
    "not a log": ("hello\nworld\n", None, ""),
}


@pytest.mark.parametrize("name", LOGS)
def test_a_log_that_can_not_be_used(desk, name):
    text, line, said = LOGS[name]
    content = text if isinstance(text, bytes) else text.encode()
    (desk / "bad.log").write_bytes(content)
    before = files(desk)
    began = time.process_time()
    found = problems_of("judge", "a.yaml", "bad.log", "--now", NOW, "-o", "o.csv")
    assert time.process_time() - began < 5
    told = [f"{one['path']} {one['problem']} {one['remedy']}" for one in found]
    assert any(said in text for text in told), told
    if line is not None:
        assert line in [one["line"] for one in found]
    assert problems_of("judge", "a.yaml", "-", "--now", NOW, given=content)
    assert problems_of("report", "a.yaml", "bad.log", "--now", NOW, "-o", "r.html")
    assert problems_of("replay", "a.yaml", "a.yaml", "bad.log", "--now", NOW)
    assert files(desk) == before


def test_thousands_of_problems_are_told_shortly_as_text_and_all_as_json(desk):
    (desk / "bad.log").write_text(FACT.replace("created", "bougth") * 900, "utf-8")
    found = typed("judge", "a.yaml", "bad.log", "--now", NOW)
    assert len(found.stderr.splitlines()) == 51
    assert found.stderr.endswith("900 problems. The first 50 are shown; --json lists all.\n")
    assert len(problems_of("judge", "a.yaml", "bad.log", "--now", NOW)) == 900


def zip_bomb():
    """A workbook of a few hundred kilobytes that unpacks to more than a gigabyte."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _part in range(1_100):
                sheet.write(b" " * 2**20)
    return file.getvalue()


TABLES = {
    "a workbook that unpacks to gigabytes": (zip_bomb, "unpacks to"),
    "a workbook cut short": (lambda: b"PK\x03\x04" + b"\x00" * 1_000, "damaged"),
    "NUL bytes": (lambda: DEALS.replace("ana", "a\0na").encode(), "NUL"),
    "missing columns": (lambda: b"id,when\n1,2026-03-02 10:00\n", "made"),
    "nothing": (lambda: b"", "empty"),
    "a gzip cut short": (lambda: gzip.compress(DEALS.encode())[:-9], "cut short"),
}


@pytest.mark.parametrize("name", TABLES)
def test_an_export_that_can_not_be_used(desk, name):
    content, said = TABLES[name]
    (desk / "bad").write_bytes(content())
    before = files(desk)
    began = time.process_time()
    given = ("log", "mapping.yaml", "deals=bad", "-o", "o.parquet", "--refused", "r.csv")
    found = problems_of(*given)
    assert time.process_time() - began < 5
    assert any(said in one["problem"] for one in found), found
    assert files(desk) == before


@pytest.mark.parametrize(
    "text",
    ["", "[", "- a", "mapping: 1", MAPPING.replace("kind: created", "kind: createdd"), "a: &a b"],
)
def test_a_mapping_that_can_not_be_used(desk, text):
    (desk / "bad.yaml").write_text(text, "utf-8")
    before = files(desk)
    assert problems_of("log", "bad.yaml", "deals=deals.csv", "-o", "o.csv")
    assert files(desk) == before


NOWHERE = {
    "no file": "nowhere.yaml",
    "no folder": "nowhere/a.yaml",
    "a name too long": "a" * 5_000,
    "a file as a folder": "a.yaml/a.yaml",
}


@pytest.mark.parametrize("name", NOWHERE)
@pytest.mark.usefixtures("desk")
def test_files_that_are_not_there(name):
    path = NOWHERE[name]
    for command in (
        ("check", path),
        ("explain", path),
        ("cases", path),
        ("plan", path),
        ("diff", path, "a.yaml"),
        ("judge", path, "log.jsonl"),
        ("judge", "a.yaml", path),
        ("report", "a.yaml", "log.jsonl", "--ledger", path),
        ("replay", "a.yaml", path, "log.jsonl"),
        ("log", path, "deals=deals.csv", "-o", "o.csv"),
        ("log", "mapping.yaml", f"deals={path}", "-o", "o.csv"),
    ):
        found = problems_of(*command)
        assert len(found) == 1, command
        assert path[:20] in found[0]["path"] + found[0]["problem"], command


@pytest.mark.usefixtures("desk")
def test_a_folder_is_no_log_no_table_and_no_mapping(tmp_path):
    (tmp_path / "folder").mkdir()
    for command in (
        ("check", "folder"),
        ("judge", "a.yaml", "folder"),
        ("report", "a.yaml", "log.jsonl", "--ledger", "folder"),
        ("log", "folder", "deals=deals.csv", "-o", "o.csv"),
        ("log", "mapping.yaml", "deals=folder", "-o", "o.csv"),
    ):
        assert len(problems_of(*command)) == 1


def test_files_that_can_not_be_read(desk):
    for command in (
        ("check", "closed"),
        ("judge", "a.yaml", "closed"),
        ("log", "closed", "deals=deals.csv", "-o", "o.csv"),
        ("log", "mapping.yaml", "deals=closed", "-o", "o.csv"),
    ):
        (desk / "closed").unlink(missing_ok=True)
        if os.geteuid():
            (desk / "closed").touch(0)
        else:  # root may read every file but this one, which always fails
            (desk / "closed").symlink_to("/proc/self/mem")
        found = problems_of(*command)
        assert len(found) == 1
        assert "can't be read" in found[0]["problem"]


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("judge", "a.yaml", "log.jsonl", "--now", "soon"), "--now"),
        (("judge", "a.yaml", "log.jsonl", "--now", "2026-03-31"), "--now"),
        (("judge", "a.yaml", "log.jsonl", "--now", "2026-02-30T10:00"), "--now"),
        (("judge", "a.yaml", "log.jsonl", "--now", "0001-01-01T00:00"), "--now"),
        (("judge", "a.yaml", "log.jsonl", "--now", "9999-12-31T23:59"), "--now"),
        (("judge", "a.yaml", "log.jsonl", "--known-at", ""), "--known-at"),
        (("score", "a.yaml", "log.jsonl", "--at", "soon"), "--at"),
        (("score", "a.yaml", "log.jsonl", "--lead", "L-99"), "--lead"),
        (("score", "-", "-"), "-"),
        (("report", "a.yaml", "log.jsonl", "--now", "1e9"), "--now"),
        (("replay", "a.yaml", "a.yaml", "log.jsonl", "--now", "-5"), "--now"),
        (("plan", "a.yaml", "--since", "nonsense"), "--since"),
        (("plan", "a.yaml", "--since", "1900-01-01"), "--since"),
        (("plan", "a.yaml", "--confidence", "150%"), "--confidence"),
        (("plan", "a.yaml", "--confidence", "0%"), "--confidence"),
        (("plan", "a.yaml", "--rounding", "down"), "--rounding"),
        (("new", "minimal", "--start", "31.01.2026"), "--start"),
        (("new", "minimal", "--name", " "), "--name"),
        (("new", "nothing"), "TEMPLATE"),
        (("new", "minimal", "--ask"), "--ask"),
        (("log", "mapping.yaml", "deals", "-o", "o.csv"), "NAME=FILE"),
        (("log", "mapping.yaml", "a=b", "a=c", "-o", "o.csv"), "NAME=FILE"),
        (("judge", "-", "-"), "-"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_value_names_its_option(desk, command, option):
    before = files(desk)
    assert [one["path"] for one in problems_of(*command)] == [option]
    assert files(desk) == before


@pytest.mark.parametrize(
    ("command", "endings"),
    [
        (("judge", "a.yaml", "log.jsonl", "-o"), ".csv"),
        (("report", "a.yaml", "log.jsonl", "-o"), ".html"),
        (("log", "mapping.yaml", "deals=deals.csv", "-o"), ".csv"),
        (("log", "mapping.yaml", "deals=deals.csv", "-o", "o.csv", "--ledger"), ".csv"),
        (("log", "mapping.yaml", "deals=deals.csv", "-o", "o.csv", "--refused"), ".csv"),
        (("new", "minimal", "-o"), ".yaml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_places_that_can_not_be_written_to_are_refused_before_the_work(desk, command, endings):
    (desk / "folder").mkdir()
    before = files(desk)
    for place in ("nowhere/o" + endings, "folder", "o.pdf", "a.yaml"):
        found = problems_of(*command, place)
        assert [one["path"] for one in found] == [
            command[-1] if command[-1] != "-o" else "--output"
        ]
    assert files(desk) == before
    assert (desk / "a.yaml").read_text("utf-8") == MINIMAL


@pytest.mark.usefixtures("desk")
def test_what_is_read_is_never_written_over():
    for command in (
        ("judge", "a.yaml", "log.jsonl", "-o", "./log.jsonl"),
        ("log", "mapping.yaml", "deals=deals.csv", "-o", "deals.csv"),
        ("log", "mapping.yaml", "deals=deals.csv", "-o", "x.csv", "--refused", "deals.csv"),
        ("log", "mapping.yaml", "deals=deals.csv", "-o", "x.csv", "--refused", "./x.csv"),
    ):
        assert len(problems_of(*command)) == 1


def test_a_lead_with_100_000_facts_is_unusual_and_fast(desk):
    first = '{"lead": "L", "occurred_at": "2026-01-02T08:00:00Z", "kind": "handed_over"}\n'
    tries = "".join(
        json.dumps(
            {
                "lead": "L",
                "occurred_at": f"2026-0{1 + n % 3}-1{n % 9}T10:{n % 60:02}:{n // 60 % 60:02}Z",
                "kind": "attempted",
                "by": "ana",
                "channel": "phone",
                "source_id": str(n),
            }
        )
        + "\n"
        for n in range(100_000)
    )
    (desk / "long.jsonl").write_text(first + tries, "utf-8")
    typed_json("judge", "a.yaml", "log.jsonl", "--now", NOW)
    began = time.process_time()
    found = typed_json("judge", "a.yaml", "long.jsonl", "--now", NOW)
    assert time.process_time() - began < 5
    assert found["counts"]["read"] == 100_001
    assert len(found["obligations"]) == 3


@pytest.mark.usefixtures("desk")
def test_a_process_refuses_without_a_traceback():
    for command in (
        ("check", "nowhere.yaml"),
        ("judge", "a.yaml", "deals.csv", "--now", NOW),
        ("log", "mapping.yaml", "deals=a.yaml", "-o", "o.csv"),
    ):
        found = ran(*command)
        assert (found.returncode, found.stdout) == (2, b"")
        assert found.stderr
        assert b"Traceback" not in found.stderr
        assert b"mistake of the program" not in found.stderr
