"""The commands of the README, run as it shows them; and its links."""

import gzip
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
MAPPING = """
mapping: 1
system: our CRM
zone: Europe/Berlin
dates: [iso]
tables:
  deals:
    key: Id
    facts:
      - {kind: created, lead: Id, at: Created}
      - {kind: handed over, lead: Id, at: Created}
  calls:
    facts:
      - {kind: attempted, lead: Deal, at: Called, fields: {channel: {text: phone}}}
"""


def commands():
    blocks = re.findall(r"```\n(.*?)```", README, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix(".venv/bin/") for line in lines if "leadpact " in line]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    (folder / "mapping.yaml").write_text(MAPPING)
    (folder / "deals.csv").write_text("Id,Created\n1,2026-03-13 09:00\n")
    calls = "Deal,Called\n1,2026-03-13 09:30\n"
    (folder / "calls.csv.gz").write_bytes(gzip.compress(calls.encode()))
    shutil.copy(ROOT / "examples/northwind/draft.yaml", folder / "draft.yaml")
    return folder


def test_every_command_works_as_it_is_shown(desk):
    shown = commands()
    assert {line.split()[1] for line in shown} >= {"new", "check", "plan", "log", "judge", "report"}
    for line in shown:
        words = [sys.executable, "-m", "leadpact", *shlex.split(line)[1:]]
        run = subprocess.run(words, cwd=desk, capture_output=True, text=True, check=False)
        assert run.returncode == 0, f"{line}\n{run.stderr}"


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_command_of_the_desk_is_one():
    named = set(
        re.findall(r"leaddesk ([a-z]+)", "\n".join(re.findall(r"```\n(.*?)```", README, re.DOTALL)))
    )
    assert named >= {"up", "backup", "migrate", "doctor", "release"}
    for name in sorted(named):
        words = [sys.executable, "-m", "leaddesk", name, "--help"]
        assert subprocess.run(words, capture_output=True, check=False).returncode == 0, name
