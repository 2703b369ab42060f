"""Giving leads out from two tables: who gets which and why, from any kind of file, or why not."""

import csv
import io
import json
import re
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.leadpact.commands import files, problems_of, typed, typed_json
from tests.leadpact.test_tables_sources import cell, minimal_workbook

PAGE = (Path(__file__).parents[2] / "docs" / "routing.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"`(\S+?)`\n```\w*\n(.*?)```", PAGE, re.DOTALL))
AGREEMENT = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
AT = ("--at", "2026-03-12T10:00")
GIVEN = ("route", "agreement.yaml", "leads.csv", "--people", "people.csv", *AT)


@pytest.fixture(autouse=True)
def desk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("agreement.yaml").write_text(AGREEMENT, "utf-8")
    for name in ("leads.csv", "people.csv"):
        Path(name).write_text(BLOCKS[name], "utf-8")
    return tmp_path


def owners(told):
    return {row["lead"]: row["owner"] for row in told["leads"]}


def test_the_example_prints_what_the_page_shows():
    shown = re.search(r"\$ leadpact (route .*?)\n(.*?)```", PAGE, re.DOTALL)
    found = typed(*shown[1].split())
    assert (found.exit_code, found.stdout) == (0, shown[2])


def test_each_lead_says_its_owner_rule_pool_limits_and_who_was_passed_over():
    told = typed_json(*GIVEN)
    assert owners(told) == {"L-1": "ana", "L-2": "ben", "L-3": None, "L-4": "ana", "L-5": "lea"}
    assert told["leads"][1] == {
        "lead": "L-2",
        "owner": "ben",
        "rule": "weight",
        "pool": "team inbound",
        "territory": None,
        "among": 3,
        "next": "lea",
        "owed": "0.500000",
        "minimum": None,
        "account_owner": None,
        "limits": [{"limit": "4 per day", "used": 4}, {"limit": "250 per month", "used": 1}],
        "passed_over": [],
        "more_passed_over": 0,
        "retry_at": None,
    }
    away = {"person": "chai", "why": "leave", "until": "2026-03-16T03:00:00+01:00", "limit": None}
    assert told["leads"][2]["passed_over"] == [away]
    assert told["waiting"] == [{"why": ["leave"], "leads": 1, "retry_at": away["until"]}]
    (ben,) = (one for one in told["people"] if one["person"] == "ben")
    assert (ben["leads"], ben["share"], ben["by_weight"]) == (1, "0.25", "0.75")
    assert ben["full"] == ["4 per day"]
    assert typed_json(*GIVEN) == told


def test_turns_go_on_where_an_earlier_run_ended(desk):
    one = "lead\nL-1\n"
    whole = "lead\nL-1\nL-2\nL-3\nL-4\nL-5\nL-6\n"
    (desk / "people.csv").write_text("name,weight,team\nana,2,inbound\nben,1,inbound\n")
    (desk / "leads.csv").write_text(whole)
    at_once = [*owners(typed_json(*GIVEN)).values()]
    (desk / "leads.csv").write_text(one)
    single, more = [], ()
    for _n in range(6):
        found = typed(*GIVEN, *more, "--json")
        single += owners(json.loads(found.stdout)).values()
        (desk / "last.json").write_text(found.stdout)
        more = ("--after", "last.json")
    assert single == at_once
    assert at_once.count("ana") == 4


@pytest.mark.parametrize("given", ["1e999", "-1", "0.5", "null"])
def test_turns_that_nobody_told_are_refused(desk, given):
    (desk / "last.json").write_text(
        f'{{"turns": {{"weight: everyone": {{"ana": {{"owed": "0", "given": {given}}}}}}}}}'
    )
    (one,) = problems_of(*GIVEN, "--after", "last.json")
    assert one["problem"] == "There are no turns in it."


def test_weights_of_zero_are_named_where_nobody_else_is_there(desk):
    (desk / "people.csv").write_text("name,weight,team\nana,0,inbound\nben,0,inbound\n")
    (desk / "leads.csv").write_text("lead\nL-1\n")
    told = typed_json(*GIVEN)
    assert told["waiting"] == [{"why": ["no weight"], "leads": 1, "retry_at": None}]
    passed = [(one["person"], one["why"]) for one in told["leads"][0]["passed_over"]]
    assert passed == [("ana", "no weight"), ("ben", "no weight")]


def tables():
    rows = [*csv.reader(io.StringIO(BLOCKS["leads.csv"]))]
    head, *body = rows
    told = [{name: text or None for name, text in zip(head, row, strict=True)} for row in body]
    sheet = "".join(
        f'<row r="{n}">{"".join(cell(f"{chr(65 + k)}{n}", text) for k, text in enumerate(row))}</row>'
        for n, row in enumerate(rows, 1)
    )
    columns = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(told), columns)
    lines = "".join(json.dumps(one) + "\n" for one in told)
    semicolons = "\r\n".join(";".join(row) for row in rows)
    return {
        "leads.jsonl": lines.encode(),
        "leads.xlsx": minimal_workbook(sheet),
        "leads.parquet": columns.getvalue(),
        "semicolons.csv": semicolons.encode("utf-16"),
    }


@pytest.mark.parametrize("name", tables())
def test_any_kind_of_table_is_read_alike(desk, name):
    (desk / name).write_bytes(tables()[name])
    assert typed_json("route", "agreement.yaml", name, *GIVEN[3:]) == typed_json(*GIVEN)
    given = (*GIVEN[:2], "-", *GIVEN[3:])
    assert typed_json(*given, given=tables()[name]) == typed_json(*GIVEN)


@pytest.mark.parametrize("name", ["o.csv", "o.jsonl", "o.parquet"])
def test_owners_are_written_to_a_file(desk, name):
    found = typed_json(*GIVEN, "-o", name)
    assert found["leads"] == []
    if name == "o.csv":
        rows = [*csv.DictReader((desk / name).read_text("utf-8").splitlines())]
    elif name == "o.jsonl":
        rows = [*map(json.loads, (desk / name).read_text("utf-8").splitlines())]
    else:
        rows = parquet.read_table(desk / name).to_pylist()
    assert [row["lead"] for row in rows] == ["L-1", "L-2", "L-3", "L-4", "L-5"]
    assert rows[1]["limits"] == "4 of 4 per day; 1 of 250 per month"
    assert rows[2]["passed_over"] == "chai (leave, until 2026-03-16T03:00:00+01:00)"


def test_without_a_table_of_people_they_are_those_agreed():
    told = typed_json("route", "agreement.yaml", "leads.csv", *AT)
    assert {one["person"] for one in told["people"]} == {"ana", "ben", "chai"}


def test_what_is_wrong_with_all_tables_is_told_together(desk):
    (desk / "people.csv").write_text(
        "name,wieght,zone,hours,at most,territory,open,from,to\n"
        "ana,2,Mars/Olympus,,20,did: x,-1,2026-12-01,2026-01-01\n"
        'ana,1,,fri 9-5,"20 per day; 30 per day",a: [,x,,\n'
        ",1,,,,,,,\n"
    )
    (desk / "leads.csv").write_text(
        "lead,since,interest\nL-1,soon,high\nL-1,2026-03-12,1\n,2026-03-12,\n"
    )
    before = files(desk)
    told = {(one["path"], one["line"]) for one in problems_of(*GIVEN, "-o", "o.csv")}
    people = {("wieght", 0), ("zone", 2), ("at most", 2), ("territory", 2), ("open", 2), ("to", 2)}
    people |= {("hours", 3), ("at most", 3), ("territory", 3), ("open", 3), ("name", 3)}
    leads = {("since", 2), ("interest", 2), ("lead", 3), ("lead", 4)}
    assert told == {
        *((f"people.csv: {path}", line) for path, line in people | {("name", 4)}),
        *((f"leads.csv: {path}", line) for path, line in leads),
    }
    assert files(desk) == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("agreement.yaml", "none.csv"), "can't be read"),
        (("agreement.yaml", "people.csv"), "no column `lead`"),
        (("agreement.yaml", "leads.csv", "--people", "leads.csv"), "no column `name`"),
        (("agreement.yaml", "leads.csv", "--after", "leads.csv"), "There are no turns in it."),
        (("agreement.yaml", "leads.csv", "--at", "noon"), "'noon' is not an instant."),
        (("agreement.yaml", "leads.csv", "-o", "leads.csv"), "leads.csv is what is read here."),
        (("agreement.yaml", "-", "--people", "-"), "Standard input can be read only once."),
    ],
    ids=str,
)
def test_wrong_use_is_told(given, said):
    assert any(said in one["problem"] for one in problems_of("route", *given, given=b""))
