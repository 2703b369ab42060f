"""The Northwind example: it uses the whole language, and its quarter is always the same."""

import hashlib
import json
import os
import runpy
import subprocess
import sys
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from leadpact.agreement.amend import difference
from leadpact.agreement.check import examine, notes
from leadpact.agreement.clause import Clause
from leadpact.agreement.conditions import All, Any_, Bounds, Did, Is, Not
from leadpact.agreement.model import Agreement
from leadpact.cases import cases
from leadpact.clock import to_micros
from leadpact.facts import KINDS, PERSONAL
from leadpact.judge import judge
from leadpact.log import read_log
from leadpact.log.ledger import read_ledger
from leadpact.program import columns as col
from leadpact.rulings import rulings

ROOT = Path(__file__).parents[2]
NORTHWIND = ROOT / "examples" / "northwind"
PLAIN = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "120"}
NOW = to_micros(datetime(2026, 3, 31, 18, tzinfo=ZoneInfo("Europe/Warsaw")))
# By verdict, in that order.
VERDICTS = ("kept", "broken", "open", "excused", "waived", "undeterminable")
COUNTS = {
    "duplicates": 24,
    "conflicting duplicates": 2,
    "read": 10958,
    "dates without time": 9,
    "skipped local times": 1,
    "unknown fields": 16,
    "unknown field: utm term": 16,
    "future": 6,
    "retracted": 5,
    "merged": 15,
    "fanned out": 5,
}
SUMMARY = {
    "first contact": (610, 108, 3, 37, 5, 3),
    "chat answered": (62, 25, 0, 1, 0, 2),
    "demo arranged": (37, 31, 3, 14, 0, 0),
    "decision": (651, 91, 3, 21, 0, 0),
    "follow-up": (308, 129, 228, 1633, 0, 0),
    "worked": (679, 16, 4, 67, 0, 0),
    "call back": (49, 7, 0, 0, 0, 0),
    "two tries": (205, 57, 20, 105, 0, 0),
    "welcome": (35, 1, 1, 0, 0, 0),
}
CORRECTED = {"kept": 7, "undeterminable": 1}
LEDGER = 870


@cache
def read(name="agreement.yaml"):
    return examine((NORTHWIND / name).read_bytes())


def generate(folder, *more, seed="0"):
    command = [sys.executable, NORTHWIND / "generate.py", "-o", folder, *more]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
    return folder


@pytest.fixture(scope="module")
def quarter(tmp_path_factory):
    return generate(tmp_path_factory.mktemp("northwind"))


@pytest.fixture(scope="module")
def facts(quarter):
    return [json.loads(line) for line in (quarter / "log.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def log(quarter):
    found, problems = read_log(quarter / "log.jsonl", zone="Europe/Warsaw")
    assert problems == []
    return found


@pytest.fixture(scope="module")
def judgement(log):
    return judge([read().agreement], log, now=NOW)


@pytest.mark.parametrize("name", ["agreement.yaml", "draft.yaml"])
def test_nothing_is_missing_and_every_example_comes_out(name):
    found = read(name)
    assert found.problems == []
    assert notes(found.agreement, found.lines) == []
    results, problems = cases(found.agreement)
    assert problems == []
    assert [result.differences for result in results if not result.passed] == []


def clauses(value):
    """Every clause within a value."""
    if isinstance(value, Clause):
        yield value
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for inside in value:
            yield from clauses(inside)


def test_the_agreement_and_its_draft_use_every_clause_of_the_language():
    used = {}
    for clause in (*clauses(read().agreement), *clauses(read("draft.yaml").agreement)):
        used.setdefault(type(clause), set()).update(clause.model_fields_set)
    known = set(Clause.__subclasses__())
    known |= {deeper for clause in known for deeper in clause.__subclasses__()}
    bases = {clause for clause in known if clause.__subclasses__()}
    unused = {
        clause.__name__: sorted(set(clause.model_fields) - used.get(clause, set()))
        for clause in known - bases
    }
    assert {name: fields for name, fields in unused.items() if fields} == {}
    assert {All, Any_, Bounds, Did, Is, Not} <= used.keys()
    assert set(Agreement.model_fields) - read().agreement.model_fields_set == {"why"}


def test_the_draft_changes_what_its_comment_says():
    changed = [
        change.path
        for change in difference(read().agreement, read("draft.yaml").agreement)
        if not change.path.startswith("cases")
    ]
    assert changed == [
        "version",
        "valid from",
        "open promises",
        "why",
        "handoff.route.at most",
        "handoff.arbitration.contest within",
        "handoff.return.by itself",
        "mailing.catch up within",
        "follow up.guard.hours",
        "promises.sales.first contact.within",
        "promises.sales.first contact.target",
        "promises.sales.worked.within",
        "lessons.3",
    ]


def test_the_quarter_is_the_same_on_every_machine(quarter, tmp_path):
    again = generate(tmp_path, seed="1")
    for name in ("log.jsonl", "ledger.csv"):
        assert (again / name).read_bytes() == (quarter / name).read_bytes()
    digest = hashlib.sha256((quarter / "log.jsonl").read_bytes()).hexdigest()
    assert digest[:16] == "1dfa1d3eef23b954"


def test_the_log_holds_what_real_logs_hold(facts, log, judgement):
    kinds = Counter(fact["kind"] for fact in facts)
    assert set(kinds) == {kind.name for kind in KINDS}
    assert judgement.log.counts == COUNTS
    scripts = {"a": 0, "ก": 0, "ا": 0}
    for key in log.keys:
        for first in scripts:
            scripts[first] += any(ord(first) <= ord(sign) < ord(first) + 64 for sign in key)
    assert min(scripts.values()) > 100
    attributes = {name for fact in facts for name in fact}
    assert not attributes & PERSONAL
    late = [f for f in facts if "recorded_at" in f and f["kind"] == "attempted"]
    assert len(late) > 50
    assert {fact["stream"] for fact in facts if "stream" in fact} == {"shops", "brands"}
    assert len({fact["type"] for fact in facts if "type" in fact}) == 6


def test_the_verdicts_of_the_quarter_stay(judgement):
    found = {
        name: tuple(counts[verdict] for verdict in VERDICTS)
        for name, counts in judgement.obligations.summary().items()
    }
    assert found == SUMMARY


def test_late_calls_correct_what_was_announced(judgement):
    given = rulings(judgement.obligations, judgement.stories)
    now = judgement.obligations.verdict[given.places[given.correcting]]
    assert Counter(col.VERDICTS[verdict] for verdict in now) == CORRECTED
    assert len(given.gone) == 0


def test_nothing_of_later_days_is_told(tmp_path):
    folder = generate(tmp_path, "--until", "2026-01-31")
    lines = (folder / "log.jsonl").read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    known = [fact.get("recorded_at", fact["occurred_at"]) for fact in told]
    evening = datetime(2026, 1, 31, 18, tzinfo=ZoneInfo("Europe/Warsaw"))
    assert max(datetime.fromisoformat(when) for when in known if "T" in when) <= evening
    assert max(when[:10] for when in known) == "2026-01-31"
    assert len(lines) > 2000


def test_the_ledger_is_readable(quarter):
    ledger, problems = read_ledger(quarter / "ledger.csv")
    assert problems == []
    assert set(ledger.measure.words) == {"spend", "visitors"}
    assert len(ledger) == LEDGER


def test_the_demo_shows_commands_that_exist():
    demo = runpy.run_path(str(NORTHWIND / "demo.py"))
    for _what, (program, name, *rest) in (*demo["STEPS"], *demo["NEXT"]):
        command = [sys.executable, "-m", "leadpact", name, "--help"]
        if program == "python":
            command = [sys.executable, name, "--help"]
        told = subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=ROOT, env=os.environ | PLAIN
        ).stdout
        assert [part for part in rest if str(part).startswith("-") and str(part) not in told] == []
        assert all((ROOT / part).exists() for part in rest if str(part).endswith(".yaml"))
