"""The board: everything that the figures of a report count, as columns of equal length.

It is drawn from a judgement, packed into the database, and read by pages: a figure and the rows
behind it are taken from the same columns by the same condition, so that they can't differ.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.promises import Ratio, Response, Volume
from leadpact.clock import local_day
from leadpact.measure import Evidence
from leadpact.measure.acceptance import decisions_of
from leadpact.measure.deliveries import entries_of
from leadpact.measure.misses import CAUSES, causes_of
from leadpact.measure.owed import owed_of
from leadpact.measure.rates import cohorts_of
from leadpact.program import columns as col
from leadpact.program.columns import NEVER

Column = NDArray[Any]
Table = Mapping[str, Column]

ARRIVED, MISSING, IMMATURE, UNSAID = range(4)
"""What became of a row of a cohort."""
ACCEPTED, REJECTED, SILENT, WAITING = range(4)
"""What was said of a handover."""


@dataclass(frozen=True, eq=False)
class Board:
    """Columns by table and name; codes in them are places in `words`, -1 for none.

    `leads` are the keys of the leads that columns named ``lead`` index. Instants are µs UTC, `NEVER`
    where something never happened.
    """

    as_of: int
    zone: str
    words: Mapping[str, Sequence[str]]
    tables: Mapping[str, Table]
    leads: Any

    def code(self, kind: str, word: str) -> int:
        """The code of a word of a kind; -2, which no row has, where there is none."""
        return self._codes.get((kind, word), -2)

    @cached_property
    def _codes(self) -> dict[tuple[str, str], int]:
        return {(kind, w): n for kind, words in self.words.items() for n, w in enumerate(words)}

    def keys(self, places: Column) -> list[str]:
        """The keys of some leads."""
        import pyarrow as pa

        keys: list[str] = self.leads.take(pa.array(places)).to_pylist()
        return keys


def board_of(found: Evidence) -> Board:
    """The board of the evidence of a judgement."""
    promised = {name: clause for v in found.program.versions for name, (_side, clause)
                in v.agreement.promised().items()}  # fmt: skip
    words: dict[str, list[str]] = {
        "promise": list(promised),
        "person": list(found.log.people),
        "type": list(found.lead_type[1]),
        "source": list(found.known("source")[1]),
        "campaign": list(found.known("campaign")[1]),
        "reason": list(found.log.codes),
        "cause": list(CAUSES),
    }
    tables = {
        "obligations": _obligations(found, words["promise"]),
        "legs": _legs(found),
        "entries": _entries(found, words["promise"]),
        "cohorts": _cohorts(found, words["promise"]),
        "handovers": _handovers(found),
        **_efforts(found, words),
    }
    return Board(found.now, found.zone, words, tables, found.log.leads)


def _efforts(found: Evidence, words: dict[str, list[str]]) -> dict[str, Table]:
    from leaddesk.book.effort import tables_of

    return tables_of(found, words)


def _obligations(found: Evidence, promises: Sequence[str]) -> Table:
    owed = owed_of(found)
    groups = [*found.program.groups]
    place = found.place[owed.column(col.O_ROW)] if len(owed) else owed.group
    standing = found.stories.passes[place, col.S_STANDING] if len(owed) else owed.group
    return {
        "lead": owed.found.obligations.lead[owed.places].astype(np.int32),
        "promise": _mapped(owed.group, [promises.index(name) for name in groups]),
        "rung": owed.rung.astype(np.int32),
        "pass": owed.column(col.O_PASS).astype(np.int32),
        "start": owed.column(col.O_START),
        "day": _day(owed.column(col.O_START), found.zone),
        "due_day": _day(owed.column(col.O_DUE), found.zone),
        "due": owed.column(col.O_DUE),
        "answered": owed.column(col.O_ANSWER),
        "worked": owed.column(col.O_WORKED),
        "took": owed.column(col.O_END) - owed.column(col.O_START),
        "dated": owed.column(col.O_DATED).astype(np.int8),
        "verdict": owed.verdict.astype(np.int8),
        "owner": owed.column(col.O_OWNER).astype(np.int32),
        "type": owed.lead_type.astype(np.int32),
        "cause": np.where(owed.verdict == col.BROKEN, causes_of(owed), -1).astype(np.int8),
        "is_in": (standing == col.IN).astype(np.int8),
    }


def _mapped(codes: Column, to: Sequence[int]) -> Column:
    table: Column = np.array([*to, -1], np.int32)
    return table[codes]


def _legs(found: Evidence) -> Table:
    legs = owed_of(found).legs
    return {
        "row": legs.obligation.astype(np.int32),
        "owner": legs.owner.astype(np.int32),
        "verdict": legs.verdict.astype(np.int8),
    }


def _entries(found: Evidence, promises: Sequence[str]) -> Table:
    parts = [
        (version, promises.index(name), entries_of(found, version, name))
        for version, agreed in enumerate(found.program.versions)
        for name, (_side, clause) in agreed.agreement.promised().items()
        if isinstance(clause, Volume)
    ]
    return _stacked(
        [
            {
                "lead": found.pass_lead[entries.passes],
                "at": found.log.at[entries.rows],
                "day": _day(found.log.at[entries.rows], found.zone),
                "owner": entries.owners,
                **_told(found, entries.rows),
                "promise": np.full(len(entries.rows), promise),
                "version": np.full(len(entries.rows), _number(found, version)),
            }
            for version, promise, entries in parts
        ],
        ("lead", "at", "day", "owner", "type", "source", "campaign", "promise", "version"),
    )


def _number(found: Evidence, version: int) -> int:
    return found.program.versions[version].agreement.version


def _told(found: Evidence, rows: Column) -> dict[str, Column]:
    """What was known of lead type, source and campaign at some rows."""
    known = {name: found.known(name)[0] for name in ("type", "source", "campaign")}
    return {name: codes[rows] if len(codes) else rows for name, codes in known.items()}


def _cohorts(found: Evidence, promises: Sequence[str]) -> Table:
    parts = [
        (version, promises.index(name), cohorts_of(found, version, name))
        for version, agreed in enumerate(found.program.versions)
        for name, (_side, clause) in agreed.agreement.promised().items()
        if isinstance(clause, Ratio)
    ]
    return _stacked(
        [
            {
                "lead": own.leads,
                "at": own.at,
                "day": _day(own.at, found.zone),
                "owner": own.owners,
                "state": np.select(
                    [own.immature, own.undecided, own.arrived],
                    [IMMATURE, UNSAID, ARRIVED],
                    MISSING,
                ),
                "promise": np.full(len(own.at), promise),
                "version": np.full(len(own.at), _number(found, version)),
            }
            for version, promise, own in parts
        ],
        ("lead", "at", "day", "owner", "state", "promise", "version"),
    )


def _stacked(parts: Sequence[Table], names: Sequence[str]) -> Table:
    empty = np.zeros(0, np.int64)
    return {
        name: np.concatenate([empty, *(part[name] for part in parts)]).astype(
            np.int64 if name == "at" else np.int32
        )
        for name in names
    }


def _day(at: Column, zone: str) -> Column:
    """The local day of each instant, as days since 1970; -1 where it never comes."""
    known = at != NEVER
    days = np.asarray(local_day(np.where(known, at, 0), zone)) if len(at) else at
    return np.where(known, days, -1).astype(np.int32)


def _handovers(found: Evidence) -> Table:
    said = decisions_of(found)
    rows = found.handed[said.passes]
    at = found.log.at[rows] if len(found.log) else rows
    codes = found.log.code[said.word] if len(found.log) else said.word
    state = np.select(
        [said.accepted, said.rejected, said.silent], [ACCEPTED, REJECTED, SILENT], WAITING
    )
    return {
        "lead": found.pass_lead[said.passes].astype(np.int32),
        "pass": found.stories.passes[said.passes, col.S_PASS].astype(np.int32),
        "at": at,
        "day": _day(at, found.zone),
        "owner": found.first_owner[said.passes].astype(np.int32),
        "state": state.astype(np.int8),
        "returned": said.returned.astype(np.int8),
        "reason": np.where(said.rejected, codes, -1).astype(np.int32),
        **{name: codes.astype(np.int32) for name, codes in _told(found, rows).items()},
    }


def kind_of(clause: Response | Volume | Ratio) -> str:
    """What kind of promise a clause is: response, volume or ratio."""
    return {Response: "response", Volume: "volume", Ratio: "ratio"}[type(clause)]


def packed(table: Table) -> bytes:
    """A table as compressed bytes."""
    import pyarrow as pa

    whole = pa.table({name: pa.array(column) for name, column in table.items()})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(sink, whole.schema, options=options) as writer:
        writer.write_table(whole)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def unpacked(body: bytes) -> Any:
    """The Arrow table in some bytes."""
    import pyarrow as pa

    return pa.ipc.open_file(pa.py_buffer(bytes(body))).read_all()


def columns_of(table: Any) -> Table:
    """The columns of an Arrow table."""
    return {
        name: column.combine_chunks().to_numpy(zero_copy_only=False)
        if column.num_chunks != 1
        else column.chunk(0).to_numpy(zero_copy_only=False)
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


def parts_of(board: Board) -> dict[str, bytes]:
    """A board as compressed bytes, table by table."""
    import pyarrow as pa

    head = {"as_of": board.as_of, "zone": board.zone, "words": board.words}
    return {
        **{name: packed(table) for name, table in board.tables.items()},
        "leads": packed({"key": board.leads}),
        "head": packed({"head": pa.array([json.dumps(head, ensure_ascii=False)])}),
    }


def board_in(parts: Mapping[str, bytes]) -> Board:
    """The board that was made into these parts."""
    read = {name: unpacked(body) for name, body in parts.items()}
    head = json.loads(read.pop("head").column("head")[0].as_py())
    leads = read.pop("leads").column("key").combine_chunks()
    tables = {name: columns_of(table) for name, table in read.items()}
    return Board(head["as_of"], head["zone"], head["words"], tables, leads)
