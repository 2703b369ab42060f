"""Help: an example first, narrow, and there at once; typing errors are met with the near word."""

import subprocess
import sys

import pytest
from typer.main import get_command

from leadpact.cli.app import app
from tests.leadpact.commands import ran, typed

NAMES = [
    "new",
    "check",
    "explain",
    "diff",
    "schema",
    "cases",
    "log",
    "plan",
    "judge",
    "score",
    "route",
    "report",
    "replay",
    "learn",
    "foretell",
]
HEAVY = {"numba", "pyarrow", "pydantic", "scipy", "rich", "numpy", "holidays", "ruamel"}


def test_these_are_the_commands():
    assert list(get_command(app).commands) == NAMES


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("name", NAMES)
def test_help_begins_with_an_example_and_is_narrow(name, flag):
    found = typed(name, flag)
    assert (found.exit_code, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    assert lines[0].startswith(f"  leadpact {name}")
    assert f"Usage: leadpact {name}" in found.stdout
    assert "--json" in found.stdout
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", NAMES)
def test_every_option_and_argument_is_explained(name):
    with get_command(app).make_context("leadpact", [name, "-h"], resilient_parsing=True) as above:
        command = get_command(app).commands[name]
        for parameter in command.get_params(above):
            assert parameter.help, parameter.name
            assert parameter.name == "help" or parameter.help in " ".join(
                typed(name, "-h").stdout.split()
            )


def test_the_help_of_all_is_narrow_and_names_each_command():
    found = typed("--help")
    assert found.stdout.startswith("  leadpact new")
    assert max(map(len, found.stdout.splitlines())) <= 80
    assert all(f"\n  {name} " in found.stdout for name in NAMES)


def test_without_arguments_there_is_a_short_help():
    found = ran()
    assert (found.returncode, found.stdout) == (2, b"")
    assert b"leadpact check agreement.yaml" in found.stderr


def test_the_version_is_told():
    from leadpact import __version__

    assert typed("--version").stdout == f"leadpact {__version__}\n"
    assert ran("--version", command=(sys.executable, "-m", "leadpact")).stdout == (
        f"leadpact {__version__}\n".encode()
    )


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("chek", "a.yaml"), "Did you mean 'check'"),
        (("check", "a.yaml", "--jsn"), "--json"),
        (("judge", "a.yaml", "l.csv", "--know-at", "x"), "--known-at"),
        (("new", "minimla"), "Did you mean 'minimal'?"),
        (("plan", "a.yaml", "--rounding", "once at end"), "Did you mean 'once at the end'?"),
        (("log", "m.yaml", "deals", "-o", "x.csv"), "Write NAME=FILE, such as deals=deals.csv."),
        (("judge", "a.yaml"), "LOG"),
        (("log", "m.yaml", "a=b"), "--output"),
        (("check",), "AGREEMENT"),
        (("check", "a.yaml", "b.yaml"), "b.yaml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_ends_with_2_and_says_what_was_meant(arguments, near):
    found = ran(*arguments)
    assert (found.returncode, found.stdout) == (2, b"")
    assert near in found.stderr.decode()
    assert "Traceback" not in found.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--help"], set()),
        (["--version"], set()),
        (["judge", "--help"], {"pydantic"}),  # the parser reads arguments with it
        (["chek"], {"pydantic"}),
    ],
    ids=str,
)
def test_help_starts_without_heavy_imports(arguments, allowed):
    script = (
        "import sys\n"
        "from leadpact.cli import main\n"
        f"sys.argv = ['leadpact', *{arguments!r}]\n"
        "try:\n    main()\n"
        "finally:\n    print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    loaded = set(found.stderr.decode().splitlines()[-1].split())
    assert "typer" in loaded
    assert loaded & HEAVY <= allowed
