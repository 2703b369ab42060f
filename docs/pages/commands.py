"""The reference of the commands: their help as it is printed, and what they print as JSON."""

import contextlib
import json
import tempfile
from datetime import date
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from leadpact.agreement.new import new
from leadpact.cli.app import app

AGREEMENT = """\
leadpact: 1
agreement: New business
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana]}
currency: EUR
zone: Europe/Berlin
calendars: {office: {open: {mon-fri: [09:00-17:00]}}}
term: {from: 2026-03-01, to: 2026-03-31}
goal: {quota: {amount: 50000, per: month, owner: mia}}
definitions: {stages: [lead, mql, opportunity, customer]}
funnel: {website form: {mql to opportunity: 50%, win: 25%, order value: 2500}}
handoff: {when: mql}
promises:
  marketing:
    volume: {deliver: mql, amount: as planned, each: month, tolerance: 10%}
  sales:
    first contact: {after: handed over, do: attempted, within: 4 working hours, target: 90%}
    conversion: {ratio: opportunity of mql, at least: 20%, each: month}
cases:
  - it: counts working time only
    given: |
      2026-03-13 16:00  handed_over  owner=ana
      2026-03-16 10:00  attempted  by=ana channel=phone
    then: {first contact: kept, after: 2 working hours}
"""
LOG = """\
{"lead": "L-1", "occurred_at": "2026-03-13T15:00:00Z", "kind": "moved", "to": "mql"}
{"lead": "L-1", "occurred_at": "2026-03-13T15:00:00Z", "kind": "handed_over", "owner": "ana"}
{"lead": "L-1", "occurred_at": "2026-03-16T09:00:00Z", "kind": "attempted", "by": "ana", "channel": "phone"}
"""
VISITS = """\
{"lead": "L-1", "occurred_at": "2026-03-02T09:00:00Z", "kind": "created", "type": "website form", "employees": "40"}
{"lead": "L-1", "occurred_at": "2026-03-02T09:05:00Z", "kind": "engaged", "what": "guide downloaded"}
{"lead": "L-2", "occurred_at": "2026-03-03T10:00:00Z", "kind": "created", "type": "website form"}
"""
MODEL = """\
{
  "leadpact model": 1,
  "zone": "Europe/Berlin",
  "base": -11000,
  "features": [
    {"kind": "weekday", "name": "", "words": [], "cuts": [1, 2, 3, 4, 5, 6],
     "weights": [0, 500, 1200, 400, 0, -700, -900, -900], "leads": [10, 400, 420, 410, 390, 380, 90, 80]}
  ],
  "without": [],
  "calibration": {"by": "sigmoid", "sums": [-20000, 0], "chances": [119203, 500000]},
  "trained": {"first": 1735689600000000, "last": 1751328000000000, "leads": 2180, "won": 540},
  "calibrated": {"first": 1751328000000000, "last": 1756684800000000, "leads": 720, "won": 180},
  "matures_in": 5184000000000
}
"""
MAPPING = """\
mapping: 1
system: crm
zone: Europe/Berlin
dates: [iso]
tables:
  deals:
    key: id
    facts:
      - {kind: created, lead: id, at: made}
"""
FILES = {
    "agreement.yaml": AGREEMENT,
    "version-2.yaml": AGREEMENT.replace("4 working hours", "2 working hours"),
    "broken.yaml": AGREEMENT.replace("currency:", "curency:"),
    "log.jsonl": LOG,
    "visits.jsonl": VISITS,
    "minimal.yaml": new("minimal", "New business", date(2026, 1, 1)),
    "model.json": MODEL,
    "mapping.yaml": MAPPING,
    "deals.csv": "id,made\nA,2026-03-02 10:00\nB,soon\n",
    "leads.csv": "lead,since,country\nL-1,2026-03-12 09:00,DE\nL-2,2026-03-12 09:10,TH\n",
    "people.csv": "name,weight,territory,leave\nana,2,,\nchai,1,country: TH,2026-03-09/2026-03-13\n",
}
AT = ("--at", "2026-03-12T10:00+01:00")
GIVEN = (
    *("agreement.yaml", "log.jsonl", "visits.jsonl", "mapping.yaml", "deals.csv"),
    *("leads.csv", "people.csv"),
)
NOW = ("--now", "2026-03-31T18:00:00+02:00")

HEAD = """# Commands

Every command reads files and prints what it found; nothing else is changed, and nothing is sent
anywhere. This page is generated from the commands themselves.

| | |
|---|---|
| stdout | the data: text, or with `--json` one JSON object in UTF-8 and nothing else |
| stderr | messages: what is being done, notes, problems |
| `-` | as an input: standard input (once a command); as `-o -`: standard output |
| colour | only on a terminal; never with `NO_COLOR` or `TERM=dumb` |
| `-o FILE` | is written in one piece: whole, or not at all. The ending says the format. A file that is read by the same command is never overwritten, nor is any by `new` |
| INSTANT | `2026-03-31T18:00:00+02:00`; without an offset it is local time in the agreement's zone |
| `LEADPACT_UNCOMPILED=1` | runs the sweep as plain Python (slower) |
| `LEADPACT_TRACEBACK=1` | shows where a mistake of the program arose |

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed: a worked example comes out otherwise (`cases`), the disk is full, a reader left |
| 2 | wrong use, or problems in what was given; nothing was written |
| 130 | interrupted (Ctrl-C); nothing is left half-written |

## Problems
Whatever is wrong with a file or an option is told at once, each with its place and how to mend it.
`path` names the place in the author's words (or the option), `line` counts from 1 (0: none).
"""

SHAPES = {
    "report": "the parts of the report, under",
    "score": "the scores, under",
    "learn": "what was learned, how it did, on what grounds, and what is missing, under",
    "foretell": "the model, whether leads have changed, and each lead with chance and reasons, under",
    "replay": "both reports (`current` and `proposed`) and what differs, under",
}


def text() -> str:
    """The page."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, content in FILES.items():
            Path(name).write_text(content, "utf-8")
        parts = [HEAD, example("check", "broken.yaml")]
        parts += [f"\n## {name}\n{help_of(name)}{examples(name)}" for name in names()]
        return "".join(parts) + given()


def given():
    """The files that the examples read."""
    listed = "".join(f"`{name}`\n```\n{FILES[name]}```\n" for name in GIVEN)
    return (
        f"\n## The files of these examples\n{listed}"
        "`version-2.yaml` is `agreement.yaml` with a first contact within 2 working hours; "
        "`broken.yaml`\nhas a letter less in `currency`; `minimal.yaml` is what "
        "`leadpact new minimal` writes.\n"
    )


def names():
    """The commands in the order of the help."""
    return list(get_command(app).commands)


def printed(*arguments):
    """What a command prints on stdout."""
    return CliRunner().invoke(app, arguments).stdout


def help_of(name):
    """The help of a command as it is printed."""
    return f"```\n{printed(name, '--help').rstrip()}\n```\n"


def example(*arguments):
    """A command with --json, and what it prints."""
    return f"```\n$ leadpact {' '.join(arguments)} --json\n{printed(*arguments, '--json')}```\n"


def examples(name):
    """What the command prints as JSON, in full or in its parts."""
    judged = ("agreement.yaml", "log.jsonl", *NOW)
    commands = {
        "new": ["new"],
        "check": ["check", "minimal.yaml"],
        "diff": ["diff", "agreement.yaml", "version-2.yaml"],
        "cases": ["cases", "agreement.yaml"],
        "log": ["log", "mapping.yaml", "deals=deals.csv", "-o", "made.jsonl"],
        "judge": ["judge", *judged],
        "route": ["route", "agreement.yaml", "leads.csv", "--people", "people.csv", *AT],
        "score": ["score", "minimal.yaml", "visits.jsonl", "--at", "2026-04-01T11:05+02:00"],
    }
    if name == "score":
        return example(*commands[name]) + example(*commands[name], "--lead", "L-1")
    if name in commands:
        return example(*commands[name])
    if name == "explain":
        return shortened("explain", "agreement.yaml", lists=2)
    if name == "plan":
        return shortened("plan", "agreement.yaml", lists=1)
    if name == "schema":
        return "The schema is JSON with or without `--json`.\n"
    given = {
        "report": judged,
        "learn": judged,
        "foretell": ("agreement.yaml", "model.json", *judged[1:]),
        "replay": ("agreement.yaml", "version-2.yaml", *judged[1:]),
    }.get(name, judged)
    found = json.loads(printed(name, *given, "--json"))
    parts = ", ".join(f"`{key}`" for key in found)
    return f"As JSON: {SHAPES[name]} {parts}.\n"


def shortened(*arguments, lists):
    """A command with --json, and what it prints, with so many items of each list."""
    found = json.loads(printed(*arguments, "--json"))
    short = json.dumps(cut(found, lists), ensure_ascii=False, indent=2).replace('"…"', "…")
    return f"```\n$ leadpact {' '.join(arguments)} --json\n{short}\n```\n"


def cut(value, lists):
    """A value with so many items of each list, and a sign that there are more."""
    if isinstance(value, dict):
        return {key: cut(inner, lists) for key, inner in value.items()}
    if isinstance(value, list):
        return [cut(inner, lists) for inner in value[:lists]] + ["…"] * (len(value) > lists)
    return value
