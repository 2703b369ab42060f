"""Reading: a log from facts in memory, or from a file of JSON lines, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from leadpact.log.columns import Log
from leadpact.log.entries import Entries, log_of
from leadpact.log.instants import zone_of
from leadpact.log.lines import columns_of, entries_of_lines
from leadpact.log.separated import entries_of_csv
from leadpact.log.texts import plain, unpacked
from leadpact.problem import Problem
from leadpact.words import _

Format: TypeAlias = Literal["jsonl", "csv", "parquet"]

_MAGIC = b"PAR1"


def read_log(
    source: str | Path | BinaryIO,
    *,
    zone: str,
    name: str | None = None,
    format: Format | None = None,  # noqa: A002  (the word that users know)
    lenient: bool = False,
) -> tuple[Log | None, list[Problem]]:
    """The log in a file or stream, and everything that is wrong with it.

    JSON lines, CSV (both also gzipped) or Parquet, told by its content unless `format` says it.
    Bare local times are of `zone`. With a problem there is no log, unless `lenient`: then the facts
    with problems are left out.
    """
    where = zone_of(zone)
    if isinstance(where, Problem):
        return None, [where]
    content = content_of(source, format)
    if isinstance(content, Problem):
        return None, [content]
    told = name or (Path(source).name if isinstance(source, (str, Path)) else "stream")
    if isinstance(content, Path) or format == "parquet" or content[:4] == _MAGIC:
        from leadpact.log.parquet_reading import log_of_parquet

        return log_of_parquet(content, zone=where, name=told, lenient=lenient)
    entries, problems = entries_of(content, format)
    if entries is None:
        return None, problems
    log, more = log_of(entries, zone=where, name=told, lenient=lenient)
    problems = sorted([*problems, *more], key=lambda problem: (not problem.line, problem.line))
    return (None if problems and not lenient else log), problems


def from_facts(
    facts: Sequence[Mapping[str, Any]], zone: str, name: str
) -> tuple[Log, list[Problem]]:
    """A log of facts in their JSON form; facts with problems are left out."""
    where = zone_of(zone)
    if isinstance(where, Problem):
        raise ValueError(where.problem)  # noqa: TRY004  (the value of `zone` is wrong, not its type)
    entries = Entries(columns_of(facts), np.arange(1, len(facts) + 1))
    log, problems = log_of(entries, zone=where, name=name, lenient=True)
    return _empty(where) if log is None else log, problems


def _empty(zone: ZoneInfo) -> Log:
    log, _problems = log_of(Entries({}, np.zeros(0, np.int64)), zone=zone, name="", lenient=True)
    if log is None:
        raise AssertionError
    return log


def content_of(
    source: str | Path | BinaryIO, format_: Format | None = None
) -> bytes | Path | Problem:
    """The bytes of a file or stream; the path alone where it is a Parquet file."""
    if not isinstance(source, (str, Path)):
        return source.read()
    try:
        with Path(source).open("rb") as file:
            head = file.read(len(_MAGIC))
            if format_ == "parquet" or (format_ is None and head == _MAGIC):
                return Path(source)
            return head + file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        what = _("'{path}' can't be read: {reason}.").format(path=source, reason=reason)
        return Problem("", 0, what, _("Check the path of the file."))


def entries_of(
    content: bytes | Path, format_: Format | None = None
) -> tuple[Entries | None, list[Problem]]:
    """The rows of a file as entries, and the problems of those that can't be read."""
    if isinstance(content, Path) or format_ == "parquet" or content[:4] == _MAGIC:
        from leadpact.log.parquet_reading import entries_of_parquet

        return entries_of_parquet(content)
    data = unpacked(content)
    if isinstance(data, Problem):
        return None, [data]
    text, problems = plain(data)
    if problems:
        return None, problems
    lines = format_ == "jsonl" or (format_ is None and text.lstrip()[:1] in (b"{", b"["))
    return entries_of_lines(text) if lines else entries_of_csv(text)
