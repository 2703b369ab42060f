"""Inputs: agreements, logs and moments, from files or from standard input."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from leadpact.cli.output import FAILED, patience, refuse, refuse_use, stop, tell
from leadpact.words import _

if TYPE_CHECKING:
    from leadpact.agreement.load import Reading
    from leadpact.agreement.model import Agreement
    from leadpact.log import Log
    from leadpact.log.ledger import Ledger


def text_of(path: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        tell(_("{path} can't be read: {why}.").format(path=path, why=error.strerror))
        stop(FAILED if Path(path).exists() else 2)


def reading_of(path: str) -> "Reading":
    """One agreement as far as it can be read, with all its problems."""
    from leadpact.agreement.check import examine

    return examine(text_of(path))


def agreements_of(path: str, *, as_json: bool) -> "tuple[Agreement, ...]":
    """The versions in a file, a folder or standard input; with problems the command ends."""
    from leadpact.agreement.load import load_versions

    source = text_of(path) if path == "-" else Path(path)
    versions, problems = load_versions(source)
    if problems:
        refuse(problems, as_json=as_json, name=path)
    return versions


def log_of(path: str, zone: str, *, as_json: bool) -> "Log":
    """The log in a file or standard input; with problems the command ends."""
    from leadpact.log import read_log

    with patience(_("Reading {path} …").format(path=path)):
        if path == "-":
            log, problems = read_log(sys.stdin.buffer, zone=zone, name="stdin")
        else:
            log, problems = read_log(path, zone=zone)
    if log is None:
        refuse(problems, as_json=as_json, name=path)
    return log


def ledger_of(path: str | None, *, as_json: bool) -> "Ledger | None":
    """The ledger in a file, if one is named; with problems the command ends."""
    from leadpact.log.ledger import read_ledger

    if path is None:
        return None
    ledger, problems = read_ledger(path)
    if ledger is None:
        refuse(problems, as_json=as_json, name=path)
    return ledger


def moment_of(text: str | None, zone: str, option: str) -> int | None:
    """An instant (µs UTC) written with an offset, or as local time in the agreement's zone."""
    from leadpact.clock import to_micros

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if len(text.strip()) <= len("2026-03-31"):
            raise ValueError(text)
        if not 1970 <= moment.year <= 2199:
            raise ValueError(text)
    except ValueError:
        refuse_use(
            _("{option} {text} is not an instant.").format(option=option, text=text),
            _("Write date and time, such as 2026-03-31T18:00+02:00."),
        )
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))


def now_of(text: str | None, zone: str) -> int:
    """The moment to judge at: as written, else this moment."""
    from leadpact.clock import to_micros

    written = moment_of(text, zone, "--now")
    return to_micros(datetime.now(UTC)) if written is None else written
