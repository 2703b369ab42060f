"""Output: data on stdout, messages on stderr, problems on either; patience where it takes long."""

import json
import re
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, NoReturn

import typer

from leadpact.problem import Problem
from leadpact.words import _, ngettext

DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130

MOST_SHOWN = 50
"""So many problems are shown as lines; JSON has them all."""
_BLOCK = 2_000
# Controls of the terminal, and marks that turn the direction of everything after them.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Refused(Exception):
    """What the user gave can't be used: every problem of the file or option called `name`."""

    def __init__(self, problems: Sequence[Problem], name: str = "") -> None:
        super().__init__(name)
        self.problems = problems
        self.name = name


def refuse(problems: Sequence[Problem], name: str = "") -> NoReturn:
    """End the command with these problems of a file, and exit code 2."""
    raise Refused(problems, name)


def refuse_use(option: str, problem: str, remedy: str) -> NoReturn:
    """End the command because of a wrong option or argument, with exit code 2."""
    raise Refused([Problem(option, 0, problem, remedy)])


def stop(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise typer.Exit(code)


def printable(text: str) -> str:
    """A text without signs that would steer the terminal: these are spelt out."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say(text: str = "") -> None:
    """Print a line of data."""
    typer.echo(printable(text))


def tell(text: str) -> None:
    """Print a message for the person who waits."""
    typer.echo(printable(text), err=True)


def show(problems: Sequence[Problem], *, as_json: bool, name: str = "") -> None:
    """Show problems: as JSON on stdout, or as lines on stderr."""
    if as_json:
        say_json({"problems": [problem.as_dict() for problem in problems]})
        return
    before = f"{name}: " if name else ""
    for problem in problems[:MOST_SHOWN]:
        tell(f"{before}{problem}")
    count = len(problems)
    counted = ngettext("{n:,} problem.", "{n:,} problems.", count).format(n=count)
    if count > MOST_SHOWN:
        counted += " " + _("The first {n} are shown; --json lists all.").format(n=MOST_SHOWN)
    if name:
        tell(counted)


def say_json(value: Mapping[str, Any]) -> None:
    """Print an object as JSON; each item of its lists, which may be iterators, on its own line."""
    out = sys.stdout
    for place, (name, inner) in enumerate(value.items()):
        out.write((",\n  " if place else "{\n  ") + _json(name) + ": ")
        if isinstance(inner, (list, tuple, Iterator)):
            _write_items(iter(inner))
        else:
            out.write(json.dumps(inner, ensure_ascii=False, indent=2).replace("\n", "\n  "))
    out.write("\n}\n" if value else "{}\n")
    out.flush()


def _write_items(items: Iterator[Any]) -> None:
    before = "["
    while block := list(islice(items, _BLOCK)):
        sys.stdout.write(before + ",".join(f"\n    {_json(item)}" for item in block))
        before = ","
    sys.stdout.write("[]" if before == "[" else "\n  ]")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def patience(text: str) -> Iterator[None]:
    """Say what is going on if it takes longer than a second, and on a terminal how long already."""
    done = threading.Event()
    waiting = threading.Thread(target=_wait, args=(text, done), daemon=True)
    waiting.start()
    try:
        yield
    finally:
        done.set()
        waiting.join(1)


def _wait(text: str, done: threading.Event) -> None:
    if done.wait(1):
        return
    tell(text)
    passed = 1
    while sys.stderr.isatty() and not done.wait(10):
        passed += 10
        tell(_("… {n} seconds so far").format(n=passed))


def one_of(words: Iterable[str]) -> str:
    """Words in a row, the last after *or*: ``.csv, .jsonl or .parquet``."""
    *first, last = words
    return _("{first} or {last}").format(first=", ".join(first), last=last) if first else last
