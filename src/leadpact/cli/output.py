"""Output: problems, JSON and plain tables, and patience where something takes long."""

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import typer

from leadpact.problem import Problem
from leadpact.words import _, ngettext

DONE, FAILED, WRONG = 0, 1, 2


def say(text: str = "") -> None:
    """Print a line of data."""
    typer.echo(text)


def tell(text: str) -> None:
    """Print a message for the person who waits."""
    typer.echo(text, err=True)


def say_json(value: Any) -> None:
    """Print JSON; letters of every script stay letters."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def stop(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise typer.Exit(code)


def refuse(problems: Sequence[Problem], *, as_json: bool, name: str = "") -> NoReturn:
    """Show every problem with its place and remedy, and end with exit code 2."""
    show(problems, as_json=as_json, name=name)
    stop(WRONG)


def show(problems: Sequence[Problem], *, as_json: bool, name: str = "") -> None:
    """Show problems: as JSON on stdout, or as lines on stderr."""
    if as_json:
        say_json({"problems": [problem.as_dict() for problem in problems]})
        return
    before = f"{name}: " if name else ""
    for problem in problems:
        tell(f"{before}{problem}")
    count = len(problems)
    tell(ngettext("{n} problem.", "{n} problems.", count).format(n=count))


def refuse_use(problem: str, remedy: str) -> NoReturn:
    """A wrong option or argument: say what is wrong and how to mend it; exit code 2."""
    tell(f"{problem} {remedy}")
    stop(WRONG)


@contextmanager
def patience(text: str) -> Iterator[None]:
    """Say what is going on, if it takes longer than a second."""
    timer = threading.Timer(1.0, tell, [text])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows under their headings in columns; numbers stand to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(line[k]) for line in [list(head), *cells]) for k in range(len(head))]
    right = [all(not isinstance(row[k], str) for row in rows) for k in range(len(head))]

    def line(texts: Sequence[str]) -> str:
        parts = (
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(texts, widths, right, strict=True)
        )
        return "  ".join(parts).rstrip()

    return "\n".join([line(head), line(["-" * width for width in widths]), *map(line, cells)])


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def write_whole(path: Path, text: str) -> None:
    """Write a file in one piece: whatever happens, it is there whole or not at all."""
    from leadpact.log.writing import replacing

    with replacing(path) as file:
        file.write(text.encode())


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


__all__ = ["_"]
