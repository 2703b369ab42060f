"""Streams: pipes that close, disks that are full, keys that interrupt, terminals that ask."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.leadpact.commands import LEADPACT, LOG, MAPPING, MINIMAL, NOW, files, ran

ESCAPE = b"\x1b"
FULL = Path("/dev/full")
PLAIN = {"TERM": "xterm-256color", "COLUMNS": "100"}


@pytest.fixture
def desk(tmp_path):
    unsigned = MINIMAL[: MINIMAL.index("to be signed by")]
    (tmp_path / "a.yaml").write_text(unsigned, "utf-8")
    (tmp_path / "log.jsonl").write_text(LOG, "utf-8")
    return tmp_path


def on_a_terminal(*arguments, cwd, answers=(), env=None, ending=None):
    """A command on a terminal: what was shown, and its exit code.

    `answers` are typed at its questions; at the next one `ending` is done to the command and the
    terminal.
    """
    terminal, inner = pty.openpty()
    command = subprocess.Popen(
        [LEADPACT, *arguments],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        cwd=cwd,
        env={**os.environ, **PLAIN, **(env or {})},
    )
    os.close(inner)
    shown, left = b"", [*answers]
    while heard := _heard(terminal):
        shown += heard
        if shown.endswith(b"> ") and left:
            os.write(terminal, left.pop(0).encode() + b"\n")
        elif shown.endswith(b"> ") and ending is not None:
            ending(command, terminal)
    os.close(terminal)
    return shown, command.wait(60)


def _heard(terminal):
    """What is shown next; nothing at the end, which Linux tells as an error."""
    try:
        return os.read(terminal, 65_536) if select.select([terminal], [], [], 60)[0] else b""
    except OSError:
        return b""


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "a.yaml"),
        ("judge", "a.yaml", "log.jsonl", "--now", NOW),
        ("report", "a.yaml", "log.jsonl", "--now", NOW),
        ("check", "nowhere.yaml"),
    ],
    ids=" ".join,
)
def test_pipes_and_terminals_without_colour_get_no_escape_codes(desk, arguments):
    piped = ran(*arguments, cwd=desk)
    assert ESCAPE not in piped.stdout + piped.stderr
    shown, _code = on_a_terminal(*arguments, cwd=desk, env={"NO_COLOR": "1"})
    assert ESCAPE not in shown
    shown, _code = on_a_terminal(*arguments, cwd=desk, env={"TERM": "dumb"})
    assert ESCAPE not in shown


def test_names_in_a_log_can_not_steer_the_terminal(desk):
    fact = {"lead": "\x1b[2J\u202eL", "occurred_at": "2026-03-02T09:00:00Z", "kind": "handed_over"}
    (desk / "log.jsonl").write_text(json.dumps(fact) + "\n", "utf-8")
    for command in ("judge", "report"):
        given = (command, "a.yaml", "log.jsonl", "--now", NOW)
        assert ESCAPE + b"[2J" not in ran(*given, cwd=desk).stdout
        shown, code = on_a_terminal(*given, cwd=desk)
        assert code == 0
        assert ESCAPE + b"[2J" not in shown
        assert "\u202e".encode() not in shown


def test_a_reader_that_leaves_is_no_accident(desk):
    many = "".join(LOG.replace("L-1", f"L-{n}") for n in range(2_000))
    (desk / "log.jsonl").write_text(many, "utf-8")
    for arguments in (
        ["explain", "a.yaml"],
        ["judge", "a.yaml", "log.jsonl", "--now", NOW, "--json"],
    ):
        command = subprocess.Popen(
            [LEADPACT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=desk
        )
        with command:
            assert command.stdout.readline()
            command.stdout.close()
            said = command.stderr.read()
        told = [line for line in said.decode().splitlines() if not line.endswith(" …")]
        assert [line for line in told if not line.startswith("Judging …")] == []


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_told_with_exit_code_1(desk):
    for arguments in (["explain", "a.yaml"], ["plan", "a.yaml", "--json"], ["schema"]):
        with FULL.open("wb") as full:
            found = subprocess.run(
                [LEADPACT, *arguments], stdout=full, stderr=subprocess.PIPE, cwd=desk, check=False
            )
        assert found.returncode == 1
        assert found.stderr.decode() == (
            "leadpact: No space left on device. Nothing was written.\n"
        )
    for name in ("judge", "report"):
        given = (name, "a.yaml", "log.jsonl", "--now", NOW, "-o", FULL)
        found = ran(*given, cwd=desk)
        assert (found.returncode, b"No space left" in found.stderr) == (1, True)
    assert FULL.is_char_device()


def test_a_pipe_is_written_to_and_not_replaced(desk):
    pipe = desk / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        found = ran("judge", "a.yaml", "log.jsonl", "--now", NOW, "-o", "pipe", cwd=desk)
        heard = reader.stdout.read()
    assert found.returncode == 0
    assert pipe.is_fifo()
    assert len(heard.splitlines()) == 9


def test_a_link_stays_a_link(desk):
    (desk / "real.csv").write_text("old", "utf-8")
    (desk / "link.csv").symlink_to("real.csv")
    ran("judge", "a.yaml", "log.jsonl", "--now", NOW, "-o", "link.csv", cwd=desk)
    assert (desk / "link.csv").is_symlink()
    assert (desk / "real.csv").read_text("utf-8").startswith('"promise",')


def test_streams_that_are_closed_are_no_mistake(desk):
    for closing in (">&-", "2>&-", "<&-"):
        found = ran("-c", f"'{LEADPACT}' explain a.yaml {closing}", cwd=desk, command=("sh",))
        assert (found.returncode, found.stderr) == (0, b"")


def test_other_encodings_of_the_terminal_do_not_end_the_command(desk):
    found = ran(
        "judge", "a.yaml", "log.jsonl", "--now", NOW, cwd=desk, env={"PYTHONIOENCODING": "ascii"}
    )
    assert found.returncode == 0
    assert "ตลาด น้ำใส" in found.stdout.decode()


def interrupted(*arguments, cwd, after):
    """A command that gets Ctrl-C after so many seconds: exit code, seconds it took, stderr."""
    command = subprocess.Popen(
        [LEADPACT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd
    )
    time.sleep(after)
    assert command.poll() is None, "it was over before it could be interrupted"
    began = time.monotonic()
    command.send_signal(signal.SIGINT)
    _out, said = command.communicate(timeout=60)
    return command.returncode, time.monotonic() - began, said.decode()


@pytest.mark.parametrize("after", [0.6, 1.2])
def test_interrupting_leaves_nothing_half_written(desk, after):
    rows = "".join(f"L{n},2026-03-{1 + n % 28:02} 10:00,ana,1\n" for n in range(600_000))
    (desk / "deals.csv").write_text("id,made,owner,costs\n" + rows, "utf-8")
    (desk / "mapping.yaml").write_text(MAPPING, "utf-8")
    before = files(desk)
    given = ("log", "mapping.yaml", "deals=deals.csv", "-o", "made.parquet")
    code, seconds, said = interrupted(*given, cwd=desk, after=after)
    assert (code, "Traceback" in said) == (130, False)
    assert seconds < 5  # a second or so, on a machine that does nothing else
    assert files(desk) == before


def test_interrupting_does_not_wait_for_the_compiler(desk, tmp_path):
    env = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    command = subprocess.Popen(
        [LEADPACT, "judge", "a.yaml", "log.jsonl", "--now", NOW],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=desk,
        env={**os.environ, **env},
    )
    assert command.stderr.readline().startswith("Judging …".encode())
    began = time.monotonic()
    command.send_signal(signal.SIGINT)
    out, said = command.communicate(timeout=60)
    assert (command.returncode, out, said) == (130, b"", b"")
    assert time.monotonic() - began < 5


def test_questions_are_asked_on_a_terminal(desk):
    answers = ["Harbour lights", "soon", "2026-01-01", "mia", "ana", "Europe/Nowhere", "UTC"]
    shown, code = on_a_terminal(
        "new", "--ask", "-o", "new.yaml", cwd=desk, answers=answers + [""] * 40
    )
    assert code == 0
    text = shown.decode()
    assert text.count("From which day is it in force?") == 2
    assert "'soon' is not a date." in text
    assert text.count("In which time zone do they work?") == 2
    assert re.search(r"\d+ lines have a blank left\.", text)
    assert "Next: leadpact check new.yaml" in text
    written = (desk / "new.yaml").read_text("utf-8")
    assert "agreement: Harbour lights" in written
    assert "sales: [ana]" in written


def test_questions_may_be_left_early_or_interrupted(desk):
    def leaves(_command, terminal):
        os.write(terminal, b"\x04")

    def interrupts(command, _terminal):
        command.send_signal(signal.SIGINT)

    shown, code = on_a_terminal(
        "new", "--ask", "-o", "new.yaml", cwd=desk, answers=["Early"], ending=leaves
    )
    assert (code, b"Wrote new.yaml" in shown) == (0, True)
    shown, code = on_a_terminal("new", "--ask", "-o", "b.yaml", cwd=desk, ending=interrupts)
    assert (code, b"Traceback" in shown, files(desk)) == (
        130,
        False,
        ["a.yaml", "log.jsonl", "new.yaml"],
    )


def test_answers_may_come_from_a_pipe(desk):
    found = ran("new", "--ask", "--name", "Piped", given=b"2026-02-01\nmia\n", cwd=desk)
    assert found.returncode == 0
    assert b"agreement: Piped\n" in found.stdout
    assert b"valid from: 2026-02-01\n" in found.stdout
    wrong = ran("new", "--ask", given=b"Piped\nsoon\n", cwd=desk)
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert b"'soon' is not a date." in wrong.stderr
