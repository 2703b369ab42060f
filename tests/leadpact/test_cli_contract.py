"""What scripts rely on: shapes of JSON, data on stdout, messages on stderr, exit codes."""

import csv
import json

import pytest
from pyarrow import parquet

from docs.pages.commands import MODEL
from tests.leadpact.commands import (
    DEALS,
    LOG,
    MAPPING,
    MINIMAL,
    NOW,
    files,
    ran,
    typed,
    typed_json,
)

OBLIGATION = [
    "promise",
    "rung",
    "occurrence",
    "lead",
    "pass",
    "owner",
    "legs",
    "started_at",
    "due_at",
    "answered_at",
    "verdict",
    "working_seconds",
    "elapsed_seconds",
    "version",
]
VERDICTS = ["kept", "broken", "open", "excused", "waived", "undeterminable"]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with an agreement, a draft, a log, a mapping and an export, to work in."""
    texts = {
        "a.yaml": MINIMAL,
        "draft.yaml": MINIMAL.replace("8 working hours", "1 working hour"),
        "log.jsonl": LOG,
        "model.json": MODEL,
        "mapping.yaml": MAPPING,
        "deals.csv": DEALS,
        "leads.csv": "lead\nL-1\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows_of(path):
    return [*csv.DictReader(path.read_text("utf-8").splitlines())]


COMMANDS = [
    ("new",),
    ("new", "minimal"),
    ("check", "a.yaml"),
    ("explain", "a.yaml"),
    ("diff", "a.yaml", "draft.yaml"),
    ("schema",),
    ("cases", "a.yaml"),
    ("log", "mapping.yaml", "deals=deals.csv", "-o", "made.jsonl"),
    ("plan", "a.yaml"),
    ("judge", "a.yaml", "log.jsonl", "--now", NOW),
    ("score", "a.yaml", "log.jsonl", "--at", NOW),
    ("score", "a.yaml", "log.jsonl", "--at", NOW, "--lead", "L-1"),
    ("route", "a.yaml", "leads.csv", "--at", NOW),
    ("report", "a.yaml", "log.jsonl", "--now", NOW),
    ("replay", "a.yaml", "draft.yaml", "log.jsonl", "--now", NOW),
    ("foretell", "a.yaml", "model.json", "log.jsonl", "--now", NOW),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.usefixtures("desk")
def test_every_command_says_it_plainly_or_as_json(command):
    plain = typed(*command)
    assert plain.exit_code == 0, plain.stderr
    assert plain.stdout or plain.stderr
    assert typed_json(*command)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.usefixtures("desk")
def test_stdout_of_a_process_holds_the_data_alone(command):
    found = ran(*command, "--json")
    assert found.returncode == 0, found.stderr
    assert isinstance(json.loads(found.stdout), dict)
    assert b"Traceback" not in found.stderr


@pytest.mark.usefixtures("desk")
def test_check_lists_problems_in_one_shape(desk):
    assert typed_json("check", "a.yaml") == {"problems": []}
    (desk / "a.yaml").write_text(MINIMAL + "promise: {}\n", "utf-8")
    line = MINIMAL.count("\n") + 1
    found = typed("check", "a.yaml", "--json")
    assert (found.exit_code, found.stderr) == (2, "")
    assert json.loads(found.stdout) == {
        "problems": [
            {
                "path": "promise",
                "line": line,
                "problem": "'promise' is not known here.",
                "remedy": "Did you mean 'promises'?",
            }
        ]
    }
    plain = typed("check", "a.yaml")
    said = f"a.yaml: line {line}: promise: 'promise' is not known here."
    assert plain.stdout == ""
    assert plain.stderr == f"{said} Did you mean 'promises'?\n1 problem.\n"


@pytest.mark.usefixtures("desk")
def test_a_worked_example_that_comes_out_otherwise_is_a_problem_of_the_agreement(desk):
    case = """
cases:
  - it: calls within the hour
    given: |
      2026-03-13 09:00  handed_over  owner=ana
      2026-03-13 10:00  attempted  by=ana channel=phone
    then: {first contact: broken}
"""
    (desk / "a.yaml").write_text(MINIMAL + case, "utf-8")
    found = typed_json("check", "a.yaml", code=2)["problems"]
    assert [(one["path"], one["line"]) for one in found] == [("cases.1", MINIMAL.count("\n") + 3)]
    assert found[0]["problem"] == (
        "The case 'calls within the hour' comes out otherwise: first contact is kept, not broken."
    )
    assert typed_json("cases", "a.yaml", code=1)["cases"] == [
        {
            "it": "calls within the hour",
            "path": "cases.1",
            "line": MINIMAL.count("\n") + 3,
            "passed": False,
            "differences": ["first contact is kept, not broken."],
        }
    ]
    assert typed("cases", "a.yaml").exit_code == 1
    (desk / "a.yaml").write_text(MINIMAL + case.replace("broken", "kept"), "utf-8")
    assert typed("cases", "a.yaml").exit_code == 0
    assert "its case passes" in typed("check", "a.yaml").stdout


@pytest.mark.usefixtures("desk")
def test_judge_tells_obligations_periods_a_summary_and_when_to_look_again():
    found = typed_json("judge", "a.yaml", "log.jsonl", "--now", NOW)
    keys = ["now", "obligations", "deliveries", "rates", "summary", "rulings", "wake_at", "counts"]
    assert list(found) == keys
    assert list(found["obligations"][0])[: len(OBLIGATION)] == OBLIGATION
    assert list(found["summary"]) == ["first contact", "follow-up"]
    assert all(list(line) == VERDICTS for line in found["summary"].values())
    assert found["summary"]["first contact"] == dict(zip(VERDICTS, [1, 1, 1, 0, 0, 0], strict=True))
    assert found["now"] == "2026-03-31T16:00:00+00:00"
    assert found["wake_at"] == "2026-04-01T12:30:00+00:00"
    assert found["obligations"][0] == {
        "promise": "first contact",
        "rung": None,
        "occurrence": 1,
        "lead": "L-1",
        "pass": 1,
        "owner": "ana",
        "legs": [
            {
                "owner": "ana",
                "from": "2026-03-13T09:00:00+00:00",
                "to": "2026-03-13T10:30:00+00:00",
                "working_seconds": 5400,
                "verdict": "kept",
            }
        ],
        "started_at": "2026-03-13T09:00:00+00:00",
        "due_at": "2026-03-16T09:30:00+00:00",
        "answered_at": "2026-03-13T10:30:00+00:00",
        "verdict": "kept",
        "working_seconds": 5400,
        "elapsed_seconds": 5400,
        "version": 1,
        "side": "sales",
        "at_risk": False,
    }


@pytest.mark.usefixtures("desk")
def test_known_at_leaves_out_what_was_recorded_later(desk):
    late = '{"lead": "L-9", "occurred_at": "2026-03-02T09:00:00Z", "kind": "handed_over", "recorded_at": "2026-03-30T00:00:00Z"}\n'
    (desk / "log.jsonl").write_text(LOG + late, "utf-8")
    known = ("judge", "a.yaml", "log.jsonl", "--now", NOW)
    leads = {row["lead"] for row in typed_json(*known)["obligations"]}
    before = typed_json(*known, "--known-at", "2026-03-29T12:00+02:00")["obligations"]
    assert leads - {row["lead"] for row in before} >= {"L-9"}


@pytest.mark.parametrize("name", ["o.parquet", "o.csv", "o.jsonl"])
@pytest.mark.usefixtures("desk")
def test_judge_writes_large_results_into_a_file(desk, name):
    found = typed_json("judge", "a.yaml", "log.jsonl", "--now", NOW, "-o", name)
    assert found["obligations"] == []
    rows = {
        "o.parquet": lambda: parquet.read_table(desk / name).to_pylist(),
        "o.csv": lambda: rows_of(desk / name),
        "o.jsonl": lambda: [*map(json.loads, (desk / name).read_text("utf-8").splitlines())],
    }[name]()
    assert len(rows) == 9
    assert {row["lead"] for row in rows} == {"L-1", "ตลาด น้ำใส", "خانه‌ی سپید"}
    plain = typed("judge", "a.yaml", "log.jsonl", "--now", NOW, "-o", name)
    assert plain.stderr.endswith(f"Wrote 9 obligations to {name}.\n")


@pytest.mark.usefixtures("desk")
def test_unsigned_text_is_judged_and_that_is_said(desk):
    said = "The text is judged as it stands, unsigned; mia, ana, ben are to sign."
    judged = ("a.yaml", "log.jsonl", "--now", NOW)
    for command in (("judge", *judged), ("report", *judged), ("replay", "a.yaml", *judged)):
        assert said in typed(*command).stderr
    text = MINIMAL[: MINIMAL.index("to be signed by")]
    (desk / "a.yaml").write_text(text, "utf-8")
    assert "unsigned" not in typed("judge", *judged).stderr


@pytest.mark.usefixtures("desk")
def test_plan_has_a_row_for_each_stream_lead_type_and_month():
    found = typed_json("plan", "a.yaml", "--confidence", "80%")
    assert [(row["lead_type"], row["month"]) for row in found["rows"][:2]] == [
        ("website form", "2026-01"),
        ("website form", "2026-02"),
    ]
    row = found["rows"][0]
    assert row["deals"] == 20
    assert row["stages"] == {"mql": 447, "sql": 134, "opportunity": 80, "customer": 20}
    assert {"value_per_lead", "chain", "rounding"} <= row.keys()
    since = typed_json("plan", "a.yaml", "--since", "2026-06-01")
    assert since["rows"][0]["month"] == "2026-06"


@pytest.mark.usefixtures("desk")
def test_log_tells_what_became_of_every_table():
    given = ("log", "mapping.yaml", "deals=deals.csv", "-o", "l.parquet", "--ledger", "s.csv")
    found = typed_json(*given)
    assert (found["log"], found["facts"], found["leads"]) == ("l.parquet", 4, 2)
    assert (found["refused_rows"], found["refused"], found["problems"]) == (0, [], [])
    assert [table["rows"] for table in found["tables"]] == [2]
    assert typed_json("judge", "a.yaml", "l.parquet", "--now", NOW)["counts"]["read"] == 4


@pytest.mark.usefixtures("desk")
def test_refused_rows_are_told_and_with_strict_nothing_is_written(desk):
    (desk / "deals.csv").write_text(DEALS + "C,soon,ben,1\n", "utf-8")
    before = files(desk)
    strict = ("log", "mapping.yaml", "deals=deals.csv", "-o", "l.csv", "--strict")
    found = typed_json(*strict, code=2)["problems"]
    assert {(one["path"], one["line"]) for one in found} == {("deals.made", 4)}
    assert files(desk) == before
    mild = ("log", "mapping.yaml", "deals=deals.csv", "-o", "l.csv", "--refused", "r.csv")
    assert typed_json(*mild)["refused_rows"] == 1
    assert "deals, row 4: made:" in typed(*mild).stderr
    rows = rows_of(desk / "r.csv")
    assert {(row["table"], row["row"], row["column"]) for row in rows} == {("deals", "4", "made")}
    (desk / "deals.csv").write_text("id,made,owner,costs\nC,soon,ben,x\n", "utf-8")
    before = files(desk)
    assert typed("log", "mapping.yaml", "deals=deals.csv", "-o", "none.csv").exit_code == 2
    assert files(desk) == before


@pytest.mark.usefixtures("desk")
def test_standard_input_stands_in_for_one_file(desk):
    assert typed_json("check", "-", given=MINIMAL) == {"problems": []}
    judged = ("judge", "a.yaml", "-", "--now", NOW)
    assert typed_json(*judged, given=LOG) == typed_json(*judged[:2], "log.jsonl", *judged[3:])
    assert typed_json("judge", "-", "log.jsonl", "--now", NOW, given=MINIMAL)["obligations"]
    assert typed_json("diff", "a.yaml", "-", given=MINIMAL) == {"changes": []}
    piped = ran("log", "mapping.yaml", "deals=-", "-o", "-", given=DEALS.encode())
    assert [json.loads(line)["lead"] for line in piped.stdout.splitlines()] == ["A", "A", "B", "B"]
    judged = ran("judge", desk / "a.yaml", "-", "--now", NOW, "--json", given=piped.stdout)
    assert json.loads(judged.stdout)["counts"]["read"] == 4


@pytest.mark.usefixtures("desk")
def test_a_folder_holds_the_versions_of_an_agreement(desk):
    folder = desk / "versions"
    folder.mkdir()
    second = MINIMAL.replace("version: 1", "version: 2").replace(
        "valid from: 2026-01-01", "valid from: 2026-03-10"
    )
    (folder / "1.yaml").write_text(MINIMAL, "utf-8")
    (folder / "2.yaml").write_text(second.replace("8 working hours", "1 working hour"), "utf-8")
    found = typed_json("judge", folder, "log.jsonl", "--now", NOW)
    assert {row["lead"]: row["version"] for row in found["obligations"]} == {
        "L-1": 2,
        "ตลาด น้ำใส": 1,
        "خانه‌ی سپید": 2,
    }
    assert typed("check", folder).stdout.count("no problems") == 2
    (folder / "2.yaml").write_text(MINIMAL, "utf-8")
    assert [one["path"] for one in typed_json("check", folder, code=2)["problems"]] == [
        "2.yaml: version"
    ]


@pytest.mark.usefixtures("desk")
def test_report_writes_one_page_or_json(desk):
    given = ("report", "a.yaml", "log.jsonl", "--now", NOW)
    typed("log", "mapping.yaml", "deals=deals.csv", "-o", "l.csv", "--ledger", "s.csv")
    assert "Wrote r.html." in typed(*given, "--ledger", "s.csv", "-o", "r.html").stderr
    assert (desk / "r.html").read_text("utf-8").lower().startswith("<!doctype html>")
    assert typed(*given, "-o", "r.json").stdout == ""
    assert json.loads((desk / "r.json").read_text("utf-8")) == typed_json(*given)


@pytest.mark.usefixtures("desk")
def test_new_prints_writes_and_lists(desk):
    assert typed("new", "minimal", "--name", "New business", "--start", "2026-01-01").stdout == (
        MINIMAL
    )
    assert set(typed_json("new")["templates"]) == {"agency", "hubspot", "minimal", "packhelp"}
    wrote = typed("new", "hubspot", "-o", "h.yaml")
    assert (wrote.stdout, wrote.stderr) == ("", "Wrote h.yaml. Next: leadpact check h.yaml\n")
    assert typed_json("check", "h.yaml") == {"problems": []}
    again = typed("new", "hubspot", "-o", "h.yaml")
    assert (again.exit_code, "h.yaml exists already." in again.stderr) == (2, True)
