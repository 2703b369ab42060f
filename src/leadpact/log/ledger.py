"""The ledger: what was spent, seen and clicked, by day, source and campaign; no facts of leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from leadpact import facts
from leadpact.log.columns import Bools, Codes, Ints
from leadpact.log.forms import number
from leadpact.log.instants import DAY, instants
from leadpact.log.reading import content_of, entries_of
from leadpact.log.refusals import Refusals
from leadpact.log.values import codes_of, exact, scaled_number
from leadpact.problem import Problem
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Column:
    """Words of a ledger as codes; -1 for none."""

    codes: Codes
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ledger:
    """Amounts as columns: `day` counts from 1970-01-01, `amount` is in ten-thousandths.

    The measures are free words: spend, visitors, impressions, clicks …
    """

    day: NDArray[np.int32]
    source: Column
    campaign: Column
    lead_type: Column
    measure: Column
    amount: Ints

    def __len__(self) -> int:
        return len(self.day)


def ledger_of(
    columns: Mapping[str, pa.Array], lines: Ints, *, lenient: bool = False
) -> tuple[Ledger | None, list[Problem]]:
    """The ledger of columns of text, and every problem of theirs.

    With a problem there is no ledger, unless `lenient`: then the lines with problems are left out.
    """
    import pyarrow as pa

    missing = [name for name in ("day", "measure", "amount") if len(lines) and name not in columns]
    if missing:
        return None, [_missing(name, columns) for name in missing]
    refusals = Refusals(lines)
    empty = pa.nulls(len(lines), pa.string())
    day = _days(columns.get("day", empty), refusals)
    amount = _amounts(columns.get("amount", empty), refusals)
    measure = _words(columns.get("measure", empty), facts.word)
    without = np.flatnonzero(measure.codes < 0)
    refusals.add(without, "measure", _("The line has no measure."), _("Write spend, clicks …"))
    problems = refusals.problems()
    if problems and not lenient:
        return None, problems
    keep = ~refusals.bad
    rest = {name: _words(columns.get(name, empty), str.strip) for name in ("source", "campaign")}
    kind = _words(columns.get("lead_type", empty), facts.word)
    return Ledger(
        day=day[keep].astype(np.int32),
        source=_kept(rest["source"], keep),
        campaign=_kept(rest["campaign"], keep),
        lead_type=_kept(kind, keep),
        measure=_kept(measure, keep),
        amount=amount[keep],
    ), problems


def _missing(name: str, columns: Mapping[str, pa.Array]) -> Problem:
    what = _("The column '{name}' is missing.").format(name=name)
    names = ", ".join(sorted(columns))
    return Problem(name, 0, what, _("The columns are: {names}.").format(names=names))


def _kept(column: Column, keep: Bools) -> Column:
    return Column(column.codes[keep], column.words)


def _words(column: pa.Array, reading: Callable[[str], str]) -> Column:
    codes, words = codes_of(column, reading)
    return Column(codes, tuple(words))


def _days(column: pa.Array, refusals: Refusals) -> Ints:
    found = instants(column, ZoneInfo("UTC"))
    bad = np.flatnonzero(found.bad | found.missing | (~found.date_only & (found.at % DAY != 0)))
    refusals.add(bad, "day", _("The line has no day."), _("Write it like 2026-03-13."))
    return found.at // DAY


def _amounts(column: pa.Array, refusals: Refusals) -> Ints:
    codes, words = codes_of(column, str.strip)
    scaled = [scaled_number(word) for word in words]
    known = np.array([one is not None for one in scaled] + [False], np.bool_)
    bad = np.flatnonzero(~known[codes])
    remedy = _("Write it like 2900.00, without sign of currency or separators.")
    refusals.add(bad, "amount", _("The line has no amount with at most 4 decimals."), remedy)
    return np.array([one or 0 for one in scaled] + [0], np.int64)[codes]


def read_ledger(source: str | Path | BinaryIO) -> tuple[Ledger | None, list[Problem]]:
    """The ledger in a file or stream: JSON lines, CSV (both also gzipped) or Parquet."""
    content = content_of(source)
    if isinstance(content, Problem):
        return None, [content]
    entries, problems = entries_of(content)
    if entries is None or problems:
        return None, problems
    return ledger_of(entries.columns, entries.lines)


def write_ledger(ledger: Ledger, path: str | Path) -> None:
    """Write a ledger in the format that the name asks for: .parquet, .csv, else JSON lines."""
    from leadpact.log.writing import write_table

    write_table(_table(ledger), path)


def _table(ledger: Ledger) -> pa.Table:
    """The ledger under the names of its columns, all text but the days and amounts."""
    import pyarrow as pa

    columns = {
        "day": pa.array(ledger.day, pa.int32()).cast(pa.date32()),
        "source": _dictionary(ledger.source),
        "campaign": _dictionary(ledger.campaign),
        "lead_type": _dictionary(ledger.lead_type),
        "measure": _dictionary(ledger.measure),
        "amount": pa.array([number(one) for one in ledger.amount.tolist()], exact()),
    }
    return pa.table(
        {name: column for name, column in columns.items() if column.null_count < len(column)}
    )


def _dictionary(column: Column) -> pa.DictionaryArray:
    import pyarrow as pa

    codes = pa.array(column.codes, mask=column.codes < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(column.words, pa.string()))
