"""The commands as tests use them: in this process, or as a process of their own."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from leadpact.agreement.new import new
from leadpact.cli.app import app

LEADPACT = Path(sys.executable).with_name("leadpact")
NOW = "2026-03-31T18:00:00+02:00"
MINIMAL = new("minimal", "New business", date(2026, 1, 1))
LOG = """\
{"lead": "L-1", "occurred_at": "2026-03-13T08:00:00Z", "kind": "created"}
{"lead": "L-1", "occurred_at": "2026-03-13T09:00:00Z", "kind": "handed_over", "owner": "ana"}
{"lead": "L-1", "occurred_at": "2026-03-13T10:30:00Z", "kind": "attempted", "by": "ana", "channel": "phone"}
{"lead": "ตลาด น้ำใส", "occurred_at": "2026-03-02T09:00:00Z", "kind": "handed_over", "owner": "ben"}
{"lead": "خانه‌ی سپید", "occurred_at": "2026-03-31T15:00:00Z", "kind": "handed_over", "owner": "ben"}
"""
MAPPING = """\
mapping: 1
system: crm
zone: Europe/Berlin
dates: [yyyy-mm-dd hh:mm]
numbers: 1234.56
tables:
  deals:
    key: id
    facts:
      - {kind: created, lead: id, at: made}
      - {kind: handed over, lead: id, at: made, fields: {owner: owner}}
    ledger:
      - {day: made, measures: {spend: costs}}
"""
DEALS = "id,made,owner,costs\nA,2026-03-02 10:00,ana,12.50\nB,2026-03-03 11:00,ben,3\n"


def typed(*arguments, given=None):
    """A command in this process: its exit code, stdout and stderr. Exceptions come through."""
    found = CliRunner().invoke(app, [str(a) for a in arguments], input=given)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def typed_json(*arguments, given=None, code=0):
    """What a command prints with --json; its exit code must be `code`."""
    found = typed(*arguments, "--json", given=given)
    assert found.exit_code == code, found.stderr
    return json.loads(found.stdout)


def ran(*arguments, given=None, env=None, cwd=None, command=(str(LEADPACT),), seconds=120):
    """A command as a process of its own; `given` are the bytes of its standard input."""
    return subprocess.run(
        [*command, *(str(a) for a in arguments)],
        input=given,
        capture_output=True,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        timeout=seconds,
        check=False,
    )


def problems_of(*arguments, given=None):
    """The problems that a refused command lists as JSON; as text it lists the same on stderr."""
    found = typed_json(*arguments, given=given, code=2)
    assert found.keys() == {"problems"}
    assert found["problems"]
    for problem in found["problems"]:
        assert problem.keys() == {"path", "line", "problem", "remedy"}
        assert problem["problem"]
        assert problem["remedy"]
    plain = typed(*arguments, given=given)
    assert (plain.exit_code, plain.stdout) == (2, "")
    assert plain.stderr
    return found["problems"]


def files(folder):
    """Everything in a folder by name, hidden files too."""
    return sorted(path.name for path in folder.iterdir())
