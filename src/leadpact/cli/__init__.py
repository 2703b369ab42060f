"""The command line: files in, text or JSON out; data on stdout, messages on stderr."""

import _thread
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

INTERRUPTED = 130
MISTAKE = (
    "this is a mistake of the program: {error}. Please report it, with what the command prints when"
    " LEADPACT_TRACEBACK=1 is set."
)


def main() -> None:
    """Run `leadpact`; ends the process with 0, 1 (failed), 2 (wrong use or problems), or 130."""
    code = 1
    swallowed = _heed_interrupts()
    try:
        code = _run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        _drop_output()
    except OSError as error:
        print(f"leadpact: {error.strerror or error}.", file=sys.stderr)
        _drop_output()
    except Exception as error:
        if swallowed:
            code = INTERRUPTED
        elif os.environ.get("LEADPACT_TRACEBACK"):
            raise
        else:
            print(f"leadpact: {MISTAKE.format(error=repr(error))}", file=sys.stderr)
    if code == INTERRUPTED:
        os._exit(code)  # what was begun is cleaned up; threads that still compute aren't awaited
    sys.exit(code)


def _heed_interrupts() -> list[object]:
    """Raise an interrupt again that C code swallowed, as the compiler does; those so far."""
    swallowed: list[object] = []
    usual = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            swallowed.append(unraisable.exc_type)
            _soon(_thread.interrupt_main)  # at once it would be swallowed in here as well
        else:
            usual(unraisable)

    sys.unraisablehook = hook
    return swallowed


def _soon(work: Callable[[], None]) -> None:
    from threading import Timer

    timer = Timer(0.01, work)
    timer.daemon = True
    timer.start()


def _run() -> int:
    """The exit code of the command that was asked for."""
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        # What a terminal's encoding lacks is spelt out; files and pipes are UTF-8 everywhere.
        if isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
    from leadpact.cli.app import app

    try:
        app(prog_name="leadpact")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0


def _open_closed() -> None:
    """Give a stream that the caller closed (``>&-``) a place to go."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115


def _drop_output() -> None:
    """Nobody reads any more, or the disk is full: let the interpreter flush into nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
