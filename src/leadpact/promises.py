"""Promises: what the sweep found, in words: the obligations of response promises."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadpact.clock import SECOND, elapsed, to_datetime
from leadpact.facts import WAIVED, word
from leadpact.log import Log
from leadpact.program import Program, Row
from leadpact.program import columns as col
from leadpact.program.columns import NEVER, VERDICTS

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Obligations:
    """Every obligation that a log gave rise to, as columns, in order of lead and start.

    `tables` have a row for each (the columns are named in `program.columns`), share by share of
    the log; `changes` the legs of those that changed hands. Instants and times are µs.
    """

    program: Program
    log: Log
    now: int
    tables: Sequence[Ints]
    changes: Sequence[Ints]

    def __len__(self) -> int:
        return sum(len(part) for part in self.tables)

    def column(self, number: int) -> Ints:
        """One column of the table, `program.columns.O_…`."""
        return np.concatenate([part[:, number] for part in self.tables])

    @cached_property
    def table(self) -> Ints:
        """All rows with all columns."""
        return self.tables[0] if len(self.tables) == 1 else np.concatenate(self.tables)

    @cached_property
    def legs(self) -> Ints:
        """The legs of obligations that changed hands, in order of the obligations."""
        before = np.cumsum([0, *(len(part) for part in self.tables)])
        legs = np.concatenate(self.changes)
        shift = np.repeat(before[:-1], [len(part) for part in self.changes])
        legs[:, col.L_OBLIGATION] += shift
        return legs[np.argsort(legs[:, col.L_OBLIGATION], kind="stable")]

    @cached_property
    def promise(self) -> Ints:
        """The row of `program.rows` of each."""
        return self.column(col.O_PROMISE)

    @cached_property
    def lead(self) -> Ints:
        """The number of the lead of each, in the log."""
        return self.column(col.O_LEAD)

    @cached_property
    def verdict(self) -> Ints:
        """The verdict of each, by its number in `VERDICTS`."""
        return self.column(col.O_VERDICT)

    @cached_property
    def owner(self) -> Ints:
        """The last owner of each (a number in `log.people`), -1 for none."""
        return self.column(col.O_OWNER)

    def of(self, promise: str) -> NDArray[np.bool_]:
        """Which obligations stem from the promise of that name."""
        wanted = np.array([row.promise == promise for row in self.program.rows], bool)
        return wanted[self.promise] if len(wanted) else np.zeros(len(self), bool)

    def summary(self) -> dict[str, dict[str, int]]:
        """By promise, how many obligations have each verdict (all rungs together)."""
        names = list(self.program.groups)
        group = self.program.promises[:, col.P_GROUP][self.promise] if len(self) else self.promise
        shape = (len(names), len(VERDICTS))
        counts = np.bincount(group * len(VERDICTS) + self.verdict, minlength=shape[0] * shape[1])
        table = counts.reshape(shape).tolist()
        return {
            name: dict(zip(VERDICTS, row, strict=True))
            for name, row in zip(names, table, strict=True)
        }

    def waived(self, pass_of: NDArray[np.int32]) -> "Obligations":
        """The same with the verdicts that managers let go, by the `waived` facts of the log."""
        rows = np.flatnonzero(self.log.kind == WAIVED)
        if not len(rows) or not len(self):
            return self
        hit = np.zeros(len(self), bool)
        named = [self._named(rows, field) for field in ("rung", "occurrence")]
        at_pass = self._named(rows, "pass")
        passes = np.where(at_pass >= 0, at_pass, pass_of[rows])
        for rung, occurrence in ((False, False), (True, False), (False, True), (True, True)):
            chosen = ((named[0] >= 0) == rung) & ((named[1] >= 0) == occurrence)
            if chosen.any():
                wanted = [self.log.lead[rows].astype(np.int64), self._group(rows), passes]
                own = [
                    self.lead,
                    self.program.promises[self.promise, col.P_GROUP],
                    self.column(col.O_PASS),
                ]
                if rung:
                    wanted.append(named[0])
                    own.append(self.program.promises[self.promise, col.P_RUNG])
                if occurrence:
                    wanted.append(named[1])
                    own.append(self.column(col.O_OCCURRENCE))
                hit |= _among(own, [part[chosen] for part in wanted])
        open_to = np.isin(self.verdict, [col.OPEN, col.BROKEN, col.UNDETERMINABLE])
        table = self.table.copy()
        table[hit & open_to, col.O_VERDICT] = col.WAIVED
        table[hit & open_to, col.O_WAKE] = NEVER
        table[hit & open_to, col.O_AT_RISK] = 0
        return replace(self, tables=(table,), changes=(self.legs,))

    def _group(self, rows: Ints) -> Ints:
        groups = {word(name): number for name, number in self.program.groups.items()}
        table = np.array([*(groups.get(name, -1) for name in self.log.codes), -1], np.int64)
        return table[self.log.code[rows]]

    def _named(self, rows: Ints, field: str) -> Ints:
        """A number that some of these facts name, -1 elsewhere."""
        sparse = self.log.fields.get(field)
        if sparse is None:
            return np.full(len(rows), -1, np.int64)
        values = [int(text) if text.isdecimal() and len(text) < 10 else -1 for text in sparse.words]
        return np.array([*values, -1], np.int64)[sparse.dense(len(self.log))[rows]]

    def rows(self, which: Ints | None = None) -> list[dict[str, Any]]:
        """The obligations (or those at the given places) in their JSON form."""
        places = np.arange(len(self)) if which is None else which
        return [self._row(int(place)) for place in places]

    def _row(self, place: int) -> dict[str, Any]:
        line = self.table[place].tolist()
        row = self.program.rows[line[col.O_PROMISE]]
        return {
            "promise": row.promise,
            "rung": row.rung,
            "occurrence": line[col.O_OCCURRENCE],
            "lead": self.log.keys[line[col.O_LEAD]],
            "pass": line[col.O_PASS],
            "owner": self._person(line[col.O_OWNER]),
            "legs": [*self._legs(place, line, row)],
            "started_at": self._instant(row, line[col.O_START], dated=line[col.O_DATED] & 1),
            "due_at": self._instant(row, line[col.O_DUE]),
            "answered_at": self._instant(row, line[col.O_ANSWER], dated=line[col.O_DATED] & 2),
            "verdict": VERDICTS[line[col.O_VERDICT]],
            "working_seconds": None if line[col.O_DATED] else seconds(line[col.O_WORKED]),
            "elapsed_seconds": None
            if line[col.O_DATED]
            else seconds(line[col.O_END] - line[col.O_START]),
            "version": self.program.versions[row.version].agreement.version,
            "side": row.side,
            "at_risk": bool(line[col.O_AT_RISK]),
        }

    def left(self, place: int) -> int | None:
        """The time of its own kind (µs) that is left of one until it is due, or was at its answer.

        Below zero it is what has passed since. None where no time runs: while it is paused, or
        where a date without a time leaves it open.
        """
        line = self.table[place].tolist()
        due, answer = line[col.O_DUE], line[col.O_ANSWER]
        moment = self.now if answer == NEVER else answer
        if due == NEVER or line[col.O_DATED]:
            return None
        number = line[col.O_PROMISE]
        if self.program.promises[number, col.P_MODE] != col.WORKING:
            return int(due - moment)
        clock = self.program.clock_of(number, self._person(line[col.O_OWNER]))
        tables = self.program.dials(min(int(self.log.at.min()), self.now), self.now)
        return int(elapsed(tables, clock, moment, due))

    def urgent(self, most: int) -> list[dict[str, Any]]:
        """The open obligations that are due soonest, in their JSON form."""
        running = np.flatnonzero((self.verdict == col.OPEN) & (self.column(col.O_DUE) != NEVER))
        soonest = np.argsort(self.column(col.O_DUE)[running], kind="stable")[:most]
        return self.rows(running[soonest])

    def longest_missed(self, most: int) -> list[tuple[dict[str, Any], int]]:
        """The broken obligations that took longest beyond their due time, in their JSON form, each
        with that time: µs of wall-clock time to the answer, or to now."""
        broken = np.flatnonzero(self.verdict == col.BROKEN)
        answer = self.column(col.O_ANSWER)[broken]
        late = np.where(answer == NEVER, self.now, answer) - self.column(col.O_DUE)[broken]
        longest = np.argsort(-late, kind="stable")[:most]
        return list(zip(self.rows(broken[longest]), late[longest].tolist(), strict=True))

    def to_arrow(self) -> Any:
        """All obligations as a table for files: instants are timestamps, legs are left out."""
        import pyarrow as pa

        def moment(number: int) -> Any:
            instants = self.column(number)
            return pa.array(instants, pa.timestamp("us", "UTC"), mask=instants == NEVER)

        def named(codes: Ints, words: Sequence[Any], kind: Any = None) -> Any:
            """Words by their number; none below zero."""
            indices = pa.array(codes, pa.int32(), mask=codes < 0)
            return pa.array(list(words), kind or pa.string()).take(indices)

        rows, dated = self.program.rows, self.column(col.O_DATED) != 0
        lasted = self.column(col.O_END) - self.column(col.O_START)
        versions = [self.program.versions[row.version].agreement.version for row in rows]
        return pa.table(
            {
                "promise": named(self.promise, [row.promise for row in rows]),
                "rung": named(self.promise, [row.rung for row in rows], pa.int32()),
                "occurrence": self.column(col.O_OCCURRENCE),
                "lead": self.log.leads.take(pa.array(self.lead)),
                "pass": self.column(col.O_PASS),
                "owner": named(self.owner, self.log.people),
                "started_at": moment(col.O_START),
                "due_at": moment(col.O_DUE),
                "answered_at": moment(col.O_ANSWER),
                "verdict": named(self.verdict, VERDICTS),
                "working_seconds": pa.array(self.column(col.O_WORKED) / SECOND, mask=dated),
                "elapsed_seconds": pa.array(lasted / SECOND, mask=dated),
                "version": named(self.promise, versions, pa.int32()),
                "side": named(self.promise, [row.side for row in rows]),
                "at_risk": self.column(col.O_AT_RISK) != 0,
            }
        )

    def _legs(self, place: int, line: list[int], row: Row) -> Iterator[dict[str, Any]]:
        dated, legs = line[col.O_DATED], self.legs_of(place)
        for number, leg in enumerate(legs):
            verdict = leg[col.L_VERDICT]
            if line[col.O_VERDICT] in (col.WAIVED, col.EXCUSED, col.UNDETERMINABLE):
                verdict = col.NO_VERDICT
            begins, ends = number == 0 and dated & 1, number == len(legs) - 1 and dated & 2
            yield {
                "owner": self._person(leg[col.L_OWNER]),
                "from": self._instant(row, leg[col.L_FROM], dated=begins),
                "to": self._instant(row, leg[col.L_TO], dated=ends),
                "working_seconds": None if dated else seconds(leg[col.L_WORKED]),
                "verdict": None if verdict == col.NO_VERDICT else VERDICTS[verdict],
            }

    def legs_of(self, place: int) -> list[list[int]]:
        """The legs of one obligation (columns `program.columns.L_…`).

        One that never changed hands is its own only leg.
        """
        line = self.table[place].tolist()
        if line[col.O_LEGS]:
            first, last = np.searchsorted(self.legs[:, col.L_OBLIGATION], [place, place + 1])
            legs: list[list[int]] = self.legs[first:last].tolist()
            return legs
        owner = line[col.O_OWNER]
        verdict = line[col.O_VERDICT] if owner >= 0 else col.NO_VERDICT
        start, end = line[col.O_START], line[col.O_END]
        return [[place, owner, start, end, line[col.O_WORKED], verdict]]

    def _person(self, number: int) -> str | None:
        return self.log.people[number] if number >= 0 else None

    def _instant(self, row: Row, instant: int, *, dated: int = 0) -> str | None:
        zone = self.program.versions[row.version].agreement.zone
        return written(instant, zone, dated=bool(dated))


def written(instant: int, zone: str, *, dated: bool = False) -> str | None:
    """An instant in RFC 3339 with the zone's offset, or only its date; None for never."""
    if instant == NEVER:
        return None
    moment = to_datetime(instant, zone)
    return moment.date().isoformat() if dated else moment.isoformat()


def seconds(micros: int) -> int | float:
    """µs as seconds: whole where they are, else with their fraction."""
    whole, rest = divmod(micros, SECOND)
    return micros / SECOND if rest else whole


def _among(own: Sequence[Ints], wanted: Sequence[Ints]) -> NDArray[np.bool_]:
    """Which rows of the columns `own` stand among the rows of the columns `wanted`."""
    whole = np.concatenate([np.column_stack(own), np.column_stack(wanted)])
    _, codes = np.unique(whole, axis=0, return_inverse=True)
    codes = codes.ravel()
    return np.isin(codes[: len(own[0])], codes[len(own[0]) :])
