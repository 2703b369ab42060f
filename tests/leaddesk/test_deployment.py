"""Deployment: image, services, units and their page say the same and name what exists."""

import json
import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from ruamel.yaml import YAML

from leaddesk import environment, safety
from leaddesk.cli import keeping, running
from leaddesk.operation import doctor
from leaddesk.pages import vitals

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
COMMANDS = {one.__name__: one for group in (keeping, running) for one in group.COMMANDS}
COMPOSE = YAML(typ="safe").load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
UNITS = sorted((ROOT / "deploy").glob("*.service"))


def accepted(words):
    """Whether the command line takes these words (their values aside)."""
    name, *options = words
    assert name in COMMANDS, words
    from typer.main import get_command

    from leaddesk.cli.app import app

    get_command(app).commands[name].make_context(name, options, resilient_parsing=False)


# The image


def instructions():
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [line.split(maxsplit=1) for line in lines]


def arguments(name):
    return [rest for one, rest in instructions() if one == name]


def test_the_image_is_built_apart_from_what_runs():
    assert [rest.partition(" AS ")[2] for rest in arguments("FROM")] == ["build", ""]
    assert {rest.split()[0] for rest in arguments("FROM")} == {"python:3.13-slim-trixie"}
    last = max(n for n, (name, _rest) in enumerate(instructions()) if name == "FROM")
    runtime = [rest for name, rest in instructions()[last:] if name in {"COPY", "RUN"}]
    assert not any("pip" in rest or "gcc" in rest for rest in runtime)


def test_the_image_installs_what_is_locked_with_hashes():
    runs = " ".join(arguments("RUN"))
    assert "pip install --require-hashes -r requirements.lock" in runs
    assert "pip install --no-deps ." in runs


def test_the_image_runs_as_nobody_special_and_in_production():
    assert arguments("USER") == ["10001:10001"]
    assert "LEADDESK_MODE=production" in " ".join(arguments("ENV"))


def test_the_image_starts_a_command_that_exists():
    assert arguments("ENTRYPOINT") == ['["leaddesk"]']
    accepted(json.loads(arguments("CMD")[0]))


def test_what_the_image_copies_is_there_and_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for rest in arguments("COPY"):
        if rest.startswith("--from"):
            continue
        *sources, _target = rest.split()
        for source in sources:
            assert (ROOT / source).exists()
            assert f"!{source}" in ignored


def test_the_healthcheck_is_valid_python():
    *_start, python, option, script = SERVICES["web"]["healthcheck"]["test"]
    assert (python, option) == ("python", "-c")
    compile(script, "healthcheck", "exec")
    assert 'http://127.0.0.1:8000/healthz"' in script


# The services


def test_the_services_are_the_database_and_the_desk():
    assert set(SERVICES) == {"database", "migrate", "web", "worker"}
    for name in ("migrate", "web", "worker"):
        accepted(SERVICES[name]["command"])
    accepted(SERVICES["worker"]["healthcheck"]["test"][2:])
    assert SERVICES["worker"]["healthcheck"]["test"][-1] in doctor.CHECKS


def test_the_desk_starts_when_its_tables_are_there():
    for name in ("web", "worker"):
        waits = SERVICES[name]["depends_on"]
        assert waits["database"]["condition"] == "service_healthy"
        assert waits["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["restart"] == "no"
    assert "healthcheck" in SERVICES["database"]


def test_services_have_no_rights_they_do_not_need_and_no_secret_of_their_own():
    for name in ("migrate", "web", "worker"):
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["env_file"] == ["leaddesk.env"]
        assert {one.split(":")[0] for one in service["volumes"]} <= set(COMPOSE["volumes"])
        database = environment.database_of(service["environment"]["DATABASE_URL"], ROOT)
        assert database["PASSWORD"] == ""
        assert database["USER"] == SERVICES["database"]["environment"]["POSTGRES_USER"]
        assert database["NAME"] == SERVICES["database"]["environment"]["POSTGRES_DB"]
        assert database["HOST"] == "database"
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_the_documented_secrets_are_safe_ones(tmp_path):
    (script,) = re.findall(r"```\n(word=.*?chmod 600 leaddesk.env\n)", PAGE, re.DOTALL)
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine")
    subprocess.run(["sh", "-eu", "-c", script], cwd=tmp_path, check=True)
    file = tmp_path / "leaddesk.env"
    assert file.stat().st_mode & 0o777 == 0o600
    told = dict(line.split("=", 1) for line in file.read_text().splitlines())
    assert told["POSTGRES_PASSWORD"] == told["PGPASSWORD"]
    url = SERVICES["web"]["environment"]["DATABASE_URL"]
    given = environment.read({**told, "LEADDESK_MODE": "production", "DATABASE_URL": url})
    assert safety.faults(given) == []


# The units


def unit(path):
    found = RawConfigParser(strict=False)
    found.optionxform = str
    found.read_string(path.read_text("utf-8"))
    return found


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_units_start_commands_that_exist(path):
    service = unit(path)["Service"]
    started = [service[name] for name in ("ExecStartPre", "ExecStart") if name in service]
    for line in started:
        words = shlex.split(line)
        if words[0] == "/bin/sh":
            words = shlex.split(words[2].replace("$$(date +%%a)", "Sun"))
        assert words[0] == "/opt/leaddesk/bin/leaddesk"
        accepted(words[1:])


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_systemd_takes_the_units(path, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd on this machine")
    for one in (ROOT / "deploy").iterdir():
        text = one.read_text("utf-8").replace("/opt/leaddesk/bin/leaddesk", "/bin/true")
        (tmp_path / one.name).write_text(text)
    copy = tmp_path / path.name
    ended = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout.splitlines()[-1]


def test_a_desk_that_refuses_to_start_is_not_started_again():
    for name in ("web", "worker"):
        service = unit(ROOT / "deploy" / f"leaddesk-{name}.service")["Service"]
        assert service["RestartPreventExitStatus"] == str(safety.REFUSED)


# The page


def table(head):
    _before, _head, rest = PAGE.partition(head)
    lines = rest.splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


def names(rows):
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row[0])]


def test_the_page_has_every_setting_and_no_other():
    source = Path(environment.__file__).read_text("utf-8")
    known = set(re.findall(r'variables\.get\(\s*"(\w+)"', source))
    assert set(names(table("| variable | without it | what it is |"))) == known


def test_the_defaults_are_as_the_page_says(tmp_path):
    told = {row[0].strip("`"): row[1].strip("`") for row in table("| variable | without it |")}
    found = environment.read({"LEADDESK_HOME": str(tmp_path)})
    assert (found.mode, found.url) == (told["LEADDESK_MODE"], told["LEADDESK_URL"])
    assert Path(environment.read({"LEADDESK_SECRET_KEY": "x"}).home).name == told["LEADDESK_HOME"]
    assert found.behind_proxy is False
    assert (found.mail, found.metrics_token, found.webhook_allow) == ("", "", ())


def test_the_page_has_every_check_of_the_doctor():
    assert names(table("| check | it finds | mend |")) == list(doctor.CHECKS)


@pytest.mark.django_db
def test_the_page_names_metrics_that_exist():
    registry = CollectorRegistry()
    registry.register(vitals._Figures())
    registry.register(vitals._requests)
    source = Path(vitals.__file__).read_text("utf-8")
    always = {family.name for family in registry.collect()}
    sometimes = {f"leaddesk_{one}_age_seconds" for one in re.findall(r'\("(\w+)", "[SA]', source)}
    named = set(re.findall(r"`(leaddesk_\w+)`", PAGE))
    assert {one.removesuffix("_total") for one in named} <= always | sometimes


def test_every_command_on_the_page_exists():
    fenced = "\n".join(re.findall(r"```\n(.*?)```", PAGE, re.DOTALL))
    quoted = " \n".join(re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", PAGE)).replace("\n", " ")
    found = re.findall(r"(?<![-/\w.])(?:\S*bin/)?leaddesk ([a-z]+)", f"{fenced}\n{quoted}")
    assert len(found) > 10
    assert set(found) <= set(COMMANDS)


def test_the_page_names_files_that_exist():
    for path in re.findall(r"`((?:deploy|docs|src)/[\w./-]*)`", PAGE):
        assert (ROOT / path).exists(), path
