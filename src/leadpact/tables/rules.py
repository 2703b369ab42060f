"""Rules: what each row of a table tells, as columns of entries for a log or a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadpact import facts
from leadpact.facts import Type
from leadpact.log.columns import Bools, Ints
from leadpact.log.values import written
from leadpact.problem import Path
from leadpact.tables.cells import Cells, Times
from leadpact.tables.frames import Frame, joined, split
from leadpact.tables.mapping import Cell, FactRule, LedgerRule, Table, TableMapping, When
from leadpact.tables.refused import Refused
from leadpact.tables.sources import Source
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Told:
    """What one rule made of one table: columns of entries, and the row that told each."""

    table: str
    columns: Mapping[str, pa.Array]
    rows: Ints
    shared: int = 0
    repeated: int = 0
    skipped: int = 0

    def __len__(self) -> int:
        return len(self.rows)


def sections(table: Table) -> Iterator[tuple[Path, dict[str, Cell], When]]:
    """Each rule of a table: its place, its cells by where they stand, its conditions."""
    for number, rule in enumerate(table.facts):
        cells = {"lead": rule.lead, "account": rule.account, "at": rule.at}
        some = {name: cell for name, cell in cells.items() if cell is not None}
        if rule.recorded_at is not None:
            some["recorded at"] = rule.recorded_at
        yield ("facts", number), some | dict(rule.fields), rule.when
    for number, entry in enumerate(table.ledger):
        words = {"source": entry.source, "campaign": entry.campaign, "lead type": entry.lead_type}
        some = {name: cell for name, cell in words.items() if cell is not None}
        yield ("ledger", number), {"day": entry.day} | some | dict(entry.measures), entry.when


def facts_of(
    mapping: TableMapping, name: str, sources: Mapping[str, Source], refused: Refused
) -> Iterator[Told]:
    """What the fact rules of one table tell."""
    table = mapping.tables[name]
    kinds: dict[str, int] = {}
    for rule, (_path, cells, when) in zip(table.facts, sections(table), strict=False):
        kind = facts.key(rule.kind)
        kinds[kind] = kinds.get(kind, 0) + 1
        reader = Cells(mapping, name, refused)
        frame, shared = _frame(reader, sources, table, cells, when)
        label = kind if kinds[kind] == 1 else f"{kind} {kinds[kind]}"
        yield _told(reader, frame, rule, label, shared)


def _frame(
    reader: Cells,
    sources: Mapping[str, Source],
    table: Table,
    cells: Mapping[str, Cell],
    when: When,
) -> tuple[Frame, int]:
    """The rows on which a rule speaks, beside the partners that it asks for."""
    found = sources[reader.name]
    frame = Frame(found, np.arange(len(found)))
    needed = _aliases(cells, when, table)
    own = {column: test for column, test in when.items() if not _mentions(column, test, needed)}
    frame = _where(reader, frame, own)
    shared = 0
    for alias in needed:
        join = table.joins[alias]
        if join.table not in sources:
            return frame.only(np.zeros(len(frame), np.bool_)), 0
        frame, twice = joined(frame, alias, join, sources[join.table])
        shared += twice
        alone = frame.partners[alias][1] < 0
        if join.otherwise == "refuse":
            columns = " / ".join(join.where.values())
            what = _("No row of '{table}' belongs to this one.").format(table=join.table)
            remedy = _("Export both tables at the same time, or say `otherwise: leave out`.")
            reader.refused.add(reader.name, frame, np.flatnonzero(alone), columns, what, remedy)
        if join.otherwise != "blank":
            frame = frame.only(~alone)
    return _where(reader, frame, {c: test for c, test in when.items() if c not in own}), shared


def _aliases(cells: Mapping[str, Cell], when: When, table: Table) -> list[str]:
    columns = [column for cell in cells.values() for column in cell.columns()]
    for column, test in when.items():
        columns.append(column)
        orders = (test.before, test.at_or_before, test.at_or_after, test.after)
        columns += [other for order in orders if order is not None for other in order.columns()]
    used = {split(column, table.joins)[0] for column in columns}
    return [alias for alias in table.joins if alias in used]


def _mentions(column: str, test: object, aliases: list[str]) -> bool:
    names = dict.fromkeys(aliases)
    orders = [getattr(test, name) for name in ("before", "at_or_before", "at_or_after", "after")]
    columns = [column, *(one for order in orders if order is not None for one in order.columns())]
    return any(split(one, names)[0] for one in columns)


def _where(reader: Cells, frame: Frame, when: When) -> Frame:
    for column, test in when.items():
        frame = frame.only(reader.holds(frame, column, test))
    return frame


def _told(reader: Cells, frame: Frame, rule: FactRule, label: str, shared: int) -> Told:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = facts.key(rule.kind)
    times = reader.times(frame, rule.at)
    columns: dict[str, pa.Array] = {}
    good = _dated(reader, frame, rule.at, times)
    for name, cell in (("lead", rule.lead), ("account", rule.account)):
        if cell is not None:
            columns[name] = reader.text(frame, cell)
            good &= _named(reader, frame, cell, columns[name])
    stamp = pa.timestamp("us", "UTC")
    columns["kind"] = pa.array([kind] * len(frame), pa.string())
    columns["occurred_at"] = pa.array(times.at).cast(stamp)
    columns["date_only"] = pc.if_else(pa.array(times.date_only), "yes", None)
    if rule.recorded_at is not None:
        known = reader.times(frame, rule.recorded_at)
        columns["recorded_at"] = pa.array(known.at, mask=known.missing).cast(stamp)
    for name, cell in rule.fields.items():
        columns[facts.key(name)] = _field(reader, frame, kind, name, cell)
    columns.setdefault(
        "source_id",
        _source_ids(reader, frame, label, columns.get("lead")),
    )
    keep = pa.array(good)
    rows = frame.source.rows[frame.rows[good]]
    kept = {name: pc.filter(column, keep) for name, column in columns.items()}
    return Told(reader.name, kept, rows, shared, reader.repeated, reader.skipped)


def _dated(reader: Cells, frame: Frame, cell: Cell, times: Times) -> Bools:
    """Which rows have a time; those whose cell is blank are refused here, the others already are."""
    blank = np.asarray(reader.text(frame, cell).is_null())
    what = _("The fact has no time: the cell is blank.")
    remedy = _("Leave such rows out with `when: {{COLUMN: {{blank: no}}}}`, or fill it.").format()
    reader.refused.add(
        reader.name, frame, np.flatnonzero(blank), " / ".join(cell.columns()), what, remedy
    )
    return ~times.missing


def _named(reader: Cells, frame: Frame, cell: Cell, keys: pa.Array) -> Bools:
    blank = np.asarray(keys.is_null())
    what = _("The fact names no lead: the cell is blank.")
    columns = " / ".join(cell.columns())
    reader.refused.add(
        reader.name, frame, np.flatnonzero(blank), columns, what, _("Fill in the key of the lead.")
    )
    return ~blank


def _field(reader: Cells, frame: Frame, kind: str, name: str, cell: Cell) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    field = facts.field_of(facts.CODES[kind], facts.key(name))
    type_ = Type.TEXT if field is None else field.type
    if cell.text is None and (type_ in (Type.MONEY, Type.SECONDS) or cell.numbers or cell.duration):
        return reader.numbers(frame, cell)
    if cell.text is None and (type_ is Type.INSTANT or cell.dates):
        times = reader.times(frame, cell)
        return pc.if_else(pa.array(times.missing), None, written(times.at))
    return reader.text(frame, cell)


def _source_ids(reader: Cells, frame: Frame, label: str, lead: pa.Array | None) -> pa.Array:
    """Ids that are the same for each import: table, key of the row, kind, and lead if several."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if reader.table.key is None:
        return pa.nulls(len(frame), pa.string())
    key = frame.column(reader.table.key)
    ids = pc.binary_join_element_wise(reader.name, key, label, "/")
    several = any(reader.table.joins[alias].every for alias in frame.partners)
    if not several or lead is None:
        return ids
    return pc.binary_join_element_wise(ids, lead, "/")


def entries_of_ledger(
    mapping: TableMapping, name: str, sources: Mapping[str, Source], refused: Refused
) -> Iterator[Told]:
    """What the ledger rules of one table tell, a line a measure."""
    table = mapping.tables[name]
    places = list(sections(table))[len(table.facts) :]
    for rule, (_path, cells, when) in zip(table.ledger, places, strict=True):
        reader = Cells(mapping, name, refused)
        frame, _shared = _frame(reader, sources, table, cells, when)
        yield from _lines(reader, frame, rule)


def _lines(reader: Cells, frame: Frame, rule: LedgerRule) -> Iterator[Told]:
    import pyarrow as pa
    import pyarrow.compute as pc

    times = reader.times(frame, rule.day)
    dated = _dated(reader, frame, rule.day, times)
    days = _local_days(reader, rule.day, times)
    words = {"source": rule.source, "campaign": rule.campaign, "lead_type": rule.lead_type}
    common = {name: reader.text(frame, cell) for name, cell in words.items() if cell is not None}
    for measure, cell in rule.measures.items():
        amounts = reader.numbers(frame, cell)
        good = pc.and_(pa.array(dated), amounts.is_valid())
        columns = common | {
            "day": days,
            "measure": pa.array([measure] * len(frame), pa.string()),
            "amount": amounts,
        }
        rows = frame.source.rows[frame.rows[np.asarray(good)]]
        kept = {name: pc.filter(column, good) for name, column in columns.items()}
        yield Told(reader.name, kept, rows, 0, reader.repeated, reader.skipped)


def _local_days(reader: Cells, cell: Cell, times: Times) -> pa.Array:
    """The local date of each time."""
    import pyarrow as pa

    from leadpact.log.forms import local_date

    zone = cell.zone or reader.table.zone or reader.mapping.zone
    distinct, codes = np.unique(times.at, return_inverse=True)
    dates = pa.array([local_date(at, zone) for at in distinct.tolist()], pa.string())
    return dates.take(pa.array(codes))
