"""Conversion: exported tables and a mapping -> a log, a ledger, and every row that was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import numpy as np

from leadpact.log.columns import Log
from leadpact.log.entries import Entries, log_of
from leadpact.log.ledger import Ledger, ledger_of
from leadpact.problem import Path as Place
from leadpact.problem import Problem, did_you_mean, line_of, spoken
from leadpact.tables.frames import split
from leadpact.tables.mapping import Table, TableMapping, read_mapping
from leadpact.tables.refused import Refused, RefusedRow
from leadpact.tables.rules import Told, entries_of_ledger, facts_of, sections
from leadpact.tables.sources import Reading, Source, folded, source
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class TableNote:
    """What became of one table: how it was read, and how many rows told how much."""

    table: str
    encoding: str  # or `xlsx`
    separator: str  # or the name of the sheet
    rows: int
    facts: int
    ledger_lines: int
    refused_rows: int
    silent_rows: int  # that told nothing, as the mapping has it
    columns_unused: tuple[str, ...]
    keys_shared: int  # keys of a joined table that stand in several rows; the first counts


@dataclass(frozen=True, eq=False)
class Conversion:
    """The outcome of a conversion. Problems leave it without a log; refused rows don't."""

    log: Log | None
    ledger: Ledger | None
    refused: tuple[RefusedRow, ...]
    refused_count: int
    notes: tuple[TableNote, ...]
    problems: list[Problem]


def convert(
    mapping_text: str | bytes,
    files: Mapping[str, str | Path | bytes],
    *,
    on_refused: Literal["report", "stop"] = "report",
) -> Conversion:
    """The log and the ledger that exported tables tell by a mapping (YAML).

    `files` gives the file of each table: CSV, also gzipped, or XLSX. With `on_refused="stop"` a
    single refused row leaves the outcome without a log.
    """
    mapping, lines, problems = read_mapping(mapping_text)
    if mapping is None:
        return _failed(problems)
    refused = Refused()
    sources, problems = _sources(mapping, files, refused)
    problems += _missing_columns(mapping, sources, lines)
    if problems:
        return _failed(problems)
    told = [
        part
        for name in mapping.tables
        if name in sources
        for part in facts_of(mapping, name, sources, refused)
    ]
    log = _log(mapping, told, refused)
    ledger, spent = _ledger(mapping, sources, refused)
    stop = on_refused == "stop" and bool(refused.rows())
    notes = tuple(_note(mapping, name, sources, told, spent, refused) for name in sources)
    count = sum(note.refused_rows for note in notes)
    return Conversion(
        None if stop else log, None if stop else ledger, refused.rows(), count, notes, []
    )


def _failed(problems: list[Problem]) -> Conversion:
    return Conversion(None, None, (), 0, (), problems)


def _sources(
    mapping: TableMapping, files: Mapping[str, str | Path | bytes], refused: Refused
) -> tuple[dict[str, Source], list[Problem]]:
    problems = [
        Problem(
            name,
            0,
            _("The mapping knows no table '{name}'.").format(name=name),
            did_you_mean(name, mapping.tables),
        )
        for name in files
        if name not in mapping.tables
    ]
    sources: dict[str, Source] = {}
    for name, table in mapping.tables.items():
        if name in files:
            found, wrong = source(files[name], Reading(**table.read.model_dump()))
            if found is None:
                problems += [one._replace(path=f"{name} {one.path}".strip()) for one in wrong]
            else:
                sources[name] = found
                for one in wrong:
                    refused.add_row(RefusedRow(name, one.line, one.path, one.problem, one.remedy))
        elif not table.optional:
            what = _("The table '{name}' is missing.").format(name=name)
            problems.append(
                Problem(name, 0, what, _("Name its file: {name}=FILE.").format(name=name))
            )
    return sources, problems


def _missing_columns(
    mapping: TableMapping, sources: Mapping[str, Source], lines: Mapping[Place, int]
) -> list[Problem]:
    problems: dict[Problem, None] = {}
    for name in sources:
        table = mapping.tables[name]
        for path, column in _columns_used(table):
            alias, own = split(column, table.joins)
            where = (
                table.joins[alias].table
                if alias and folded(column) not in sources[name].columns
                else name
            )
            if (
                where not in sources
                or folded(own if where != name else column) in sources[where].columns
            ):
                continue
            whole = ("tables", name, *path)
            known = [one for one in sources[where].names if one.strip()]
            what = _("The table '{table}' has no column '{column}'.").format(
                table=where, column=own
            )
            problems[
                Problem(spoken(whole), line_of(lines, whole), what, did_you_mean(own, known))
            ] = None
    return list(problems)


def _columns_used(table: Table) -> list[tuple[Place, str]]:
    used: list[tuple[Place, str]] = [(("key",), table.key)] if table.key else []
    for alias, join in table.joins.items():
        for other, own in join.where.items():
            used.append((("joins", alias, "where"), own))
            used.append((("joins", alias, "where", other), f"{alias}.{other}"))
    for path, cells, when in sections(table):
        used += [
            ((*path, where), column) for where, cell in cells.items() for column in cell.columns()
        ]
        for column, test in when.items():
            used.append(((*path, "when", column), column))
            orders = (test.before, test.at_or_before, test.at_or_after, test.after)
            used += [
                ((*path, "when", column), other)
                for order in orders
                if order is not None
                for other in order.columns()
            ]
    return used


def _log(mapping: TableMapping, told: list[Told], refused: Refused) -> Log:
    """The log of all facts that were told; those that the log refuses go back to their rows."""
    columns = _under_each_other([part.columns for part in told])
    count = sum(len(part) for part in told)
    entries = Entries(columns, np.arange(1, count + 1))
    zone = ZoneInfo(mapping.zone)
    log, problems = log_of(entries, zone=zone, name=mapping.system, lenient=True)
    ends = np.cumsum([len(part) for part in told])
    for problem in problems:
        if problem.line:
            place = int(np.searchsorted(ends, problem.line - 1, side="right"))
            part = told[place]
            row = int(part.rows[problem.line - 1 - (ends[place] - len(part))])
            refused.add_row(
                RefusedRow(part.table, row, problem.path, problem.problem, problem.remedy)
            )
    if log is None:
        raise AssertionError
    return log.counting(
        repeated_local_times=sum(part.repeated for part in told),
        skipped_local_times=sum(part.skipped for part in told),
    )


def _under_each_other(parts: list[Mapping[str, pa.Array]]) -> dict[str, pa.Array]:
    """Columns of several parts, end to end; null where a part lacks one."""
    import pyarrow as pa

    if not parts:
        return {}
    tables = [pa.table(dict(part)) for part in parts]
    table = pa.concat_tables(tables, promote_options="default")
    return {name: table.column(name).combine_chunks() for name in table.column_names}


def _ledger(
    mapping: TableMapping, sources: Mapping[str, Source], refused: Refused
) -> tuple[Ledger | None, list[Told]]:
    told = [
        part
        for name in mapping.tables
        if name in sources
        for part in entries_of_ledger(mapping, name, sources, refused)
    ]
    if not any(table.ledger for table in mapping.tables.values()):
        return None, []
    columns = _under_each_other([part.columns for part in told])
    count = sum(len(part) for part in told)
    ledger, _problems = ledger_of(columns, np.arange(1, count + 1), lenient=True)
    return ledger, told


def _note(
    mapping: TableMapping,
    name: str,
    sources: Mapping[str, Source],
    told: list[Told],
    spent: list[Told],
    refused: Refused,
) -> TableNote:
    found = sources[name]
    own = [part for part in told if part.table == name]
    lines = [part for part in spent if part.table == name]
    heard = {row for part in (*own, *lines) for row in np.unique(part.rows).tolist()}
    wrong = refused.of(name)
    used = {folded(split(column, {})[1]) for _path, column in _columns_used(mapping.tables[name])}
    for other in mapping.tables.values():
        for alias, join in other.joins.items():
            if join.table == name:
                pairs = [split(column, {alias: join}) for _path, column in _columns_used(other)]
                used |= {folded(column) for prefix, column in pairs if prefix == alias}
    return TableNote(
        table=name,
        encoding=found.encoding,
        separator=found.separator,
        rows=len(found),
        facts=sum(len(part) for part in own),
        ledger_lines=sum(len(part) for part in lines),
        refused_rows=len(wrong),
        silent_rows=len(set(found.rows.tolist()) - heard - wrong),
        columns_unused=tuple(one for one in found.names if one.strip() and folded(one) not in used),
        keys_shared=max((part.shared for part in own), default=0),
    )
