"""The tree keeps its own promises: no foreign addresses, reasons for dependencies, short rooms."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 50
# Written so that these patterns don't find themselves.
MACHINE = re.compile(r"/wor[k]/|/roo[t]/|/hom[e]/\w|/tm[p]/\w|/Use[r]s/\w")
REGISTRY = re.compile(
    r"p[y]pi\.o[r]g|p[y]thonhos[t]ed|regist[r]y\.npm[j]s|d[e]b\.debian", re.IGNORECASE
)
HEAVY = {
    "numba",
    "llvmlite",
    "pyarrow",
    "scipy",
    "holidays",
    "pydantic",
    "python_calamine",
    "vl_convert",
}


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    return [path for path in map(ROOT.joinpath, listed.rstrip("\0").split("\0")) if path.is_file()]


def texts():
    for path in tracked():
        try:
            yield path.relative_to(ROOT), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def test_no_registry_and_no_path_of_a_machine_is_named():
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if REGISTRY.search(line) or (path.suffix != ".lock" and MACHINE.search(line))
    ]
    assert found == []


def test_locks_hold_a_hash_for_every_package_and_no_address():
    for lock in (ROOT / "requirements.lock", ROOT / "requirements-dev.lock"):
        entries = [e for e in re.split(r"\n(?=\S)", lock.read_text("utf-8")) if "==" in e]
        assert entries
        assert [e for e in entries if "--hash=sha256:" not in e] == []
        assert "://" not in lock.read_text("utf-8")


def requirements():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {
        re.match(r"[\w.-]+", line).group().lower() for group in groups.values() for line in group
    }


def test_every_dependency_has_its_reason_and_every_reason_its_dependency():
    lines = (ROOT / "docs" / "dependencies.md").read_text("utf-8").splitlines()
    rows = [re.match(r"\| `([\w.-]+)` \| (.+) \|$", line) for line in lines]
    reasons = {row[1]: row[2] for row in rows if row}
    assert reasons.keys() == requirements()


def test_locks_hold_every_dependency_of_the_engine_and_the_desk():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = project["dependencies"] + project["optional-dependencies"]["desk"]
    locked = re.findall(
        r"^([\w-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE
    )
    assert {re.match(r"[\w.-]+", line).group().replace(".", "-") for line in lines} <= set(locked)


def test_the_lock_takes_the_long_supported_django_where_the_newest_does_not_run():
    locked = re.findall(
        r"^django==(\d+\.\d+)\S* ; (.+?) \\$",
        (ROOT / "requirements.lock").read_text("utf-8"),
        re.MULTILINE,
    )
    assert [condition for version, condition in locked if version == "5.2"] == [
        "python_full_version < '3.12'"
    ]
    assert [condition for version, condition in locked if version.startswith("6.")] == [
        "python_full_version >= '3.12'"
    ]


def test_the_changelog_names_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def sources():
    return [path for path in tracked("*.py") if "migrations" not in path.parts]


def test_files_and_functions_stay_short():
    long = []
    for path in sources():
        text = path.read_text("utf-8")
        name = path.relative_to(ROOT)
        if text.count("\n") > MOST_LINES:
            long.append(f"{name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = node.end_lineno - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    long.append(f"{name}:{node.lineno} {node.name}: {lines} lines")
    assert long == []


def test_nothing_is_left_unfinished_or_switched_off():
    marks = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|NotImplementedErro[r]|mark\.ski[p]\b|xfai[l])\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def imported_by(code):
    script = f"import sys\n{code}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(run.stdout.splitlines()[-1].split())


def test_the_package_imports_nothing_heavy():
    assert imported_by("import leadpact") & HEAVY == set()


@pytest.mark.parametrize("module", ["leadpact.words", "leadpact.problem"])
def test_the_ground_floor_imports_nothing_heavy(module):
    assert imported_by(f"import {module}") & HEAVY == set()


if (ROOT / "src/leadpact/cli.py").exists() or (ROOT / "src/leadpact/cli").exists():

    def test_help_imports_nothing_heavy():
        loaded = imported_by(
            "import contextlib, io\n"
            "from leadpact.cli import main\n"
            "sys.argv = ['leadpact', '--help']\n"
            "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
            "    main()\n"
        )
        assert "leadpact" in loaded
        assert loaded & HEAVY == set()


if (ROOT / "src/leaddesk/cli.py").exists() or (ROOT / "src/leaddesk/cli").exists():

    def test_desk_help_imports_nothing_heavy():
        loaded = imported_by(
            "import contextlib, io\n"
            "from leaddesk.cli import main\n"
            "sys.argv = ['leaddesk', '--help']\n"
            "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
            "    main()\n"
        )
        assert "leaddesk" in loaded
        assert loaded & (HEAVY | {"django", "ninja", "granian", "httpx", "psycopg"}) == set()
