"""Inputs: agreements, logs and moments, from files or from standard input."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from leadpact.cli.output import patience, refuse, refuse_use
from leadpact.problem import Problem
from leadpact.words import _

if TYPE_CHECKING:
    from leadpact.agreement.model import Agreement
    from leadpact.log import Log
    from leadpact.log.ledger import Ledger


def text_of(path: str) -> bytes:
    """The bytes of a text, or of standard input for ``-``; not much more than may be read."""
    from leadpact.agreement.load import MOST_READ

    if path == "-":
        return sys.stdin.buffer.read(MOST_READ)
    try:
        with Path(path).open("rb") as file:
            return file.read(MOST_READ)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        said = _("It can't be read: {why}.").format(why=why)
        refuse([Problem(path, 0, said, _("Check the name and the rights of the file."))])


def is_folder(path: str) -> bool:
    """Whether a path names a folder, of versions of an agreement."""
    return path != "-" and os.path.isdir(path)  # noqa: PTH112  (pathlib raises for long names)


def once(*paths: str | None) -> None:
    """Refuse to read standard input twice."""
    if paths.count("-") > 1:
        refuse_use("-", _("Standard input can be read only once."), _("Name a file instead."))


def agreements_of(path: str, text: bytes | None = None) -> "tuple[Agreement, ...]":
    """The versions in a file, a folder or standard input; with problems the command ends.

    `text` is that of the file, where it was read already.
    """
    from leadpact.agreement.load import load_versions

    if text is None and not is_folder(path):
        text = text_of(path)
    versions, problems = load_versions(Path(path) if text is None else text)
    if problems:
        refuse(problems, path)
    return versions


def log_of(path: str, zone: str) -> "Log":
    """The log in a file or standard input; with problems the command ends."""
    from leadpact.log import read_log

    with patience(_("Reading {path} …").format(path=path)):
        if path == "-":
            log, problems = read_log(sys.stdin.buffer, zone=zone, name="stdin")
        else:
            log, problems = read_log(path, zone=zone)
    if log is None:
        refuse(problems, path)
    return log


def ledger_of(path: str | None) -> "Ledger | None":
    """The ledger in a file, if one is named; with problems the command ends."""
    from leadpact.log.ledger import read_ledger

    if path is None:
        return None
    ledger, problems = read_ledger(sys.stdin.buffer if path == "-" else path)
    if ledger is None:
        refuse(problems, path)
    return ledger


def moment_of(text: str | None, zone: str, option: str) -> int | None:
    """An instant (µs UTC) written with an offset, or as local time in the agreement's zone."""
    from leadpact.clock import to_micros

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= len("2026-03-31"):
            raise ValueError(text)
        if not 1970 < moment.year <= 2199:
            raise ValueError(text)
    except ValueError:
        refuse_use(
            option,
            _("'{text}' is not an instant.").format(text=text),
            _("Write date and time, such as 2026-03-31T18:00+02:00, of the years 1971 to 2199."),
        )
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))


def now_of(text: str | None, zone: str) -> int:
    """The moment to judge at: as written, else this moment."""
    from leadpact.clock import to_micros

    written = moment_of(text, zone, "--now")
    return to_micros(datetime.now(UTC)) if written is None else written
