"""The shelf: the log of a workspace in memory, to which only facts that are new are added."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from leaddesk.book import database
from leaddesk.book.codec import Row, columns_of_rows, log_of_columns
from leaddesk.book.logbook import COLUMNS
from leadpact.log import Log

SURE_AFTER = 120.0
"""Seconds after which no transaction can still bring a fact with a lower number than one that was
read: longer than any transaction lasts."""
SURE_BEHIND = 250_000
"""Facts with numbers so far below the highest are surely all there, too."""
AT_ONCE = 20_000
"""Rows that are read and turned into columns in one go."""
MOST_PARTS = 100
"""So many parts are held at most before they become one."""


class _Part(NamedTuple):
    """Facts as columns: their highest number, and when (on the monotonic clock) they were read."""

    last: int
    read_at: float
    columns: Any


class Shelf:
    """The facts of a workspace as columns: those that are surely all there, then the newest ones.

    Facts are only ever added. Where some were removed, everything is read afresh; where one came
    with a lower number than others that were read before, only the newest are.
    """

    def __init__(self, workspace: int) -> None:
        self.workspace = workspace
        self.forget()

    def forget(self) -> None:
        """Hold nothing, so that everything is read afresh."""
        self.sure: list[_Part] = []
        self.newest: list[_Part] = []
        self._drawn: tuple[Any, Log] | None = None

    @property
    def last(self) -> int:
        """The highest number of a fact that is held."""
        return max((part.last for part in (*self.sure, *self.newest)), default=0)

    def __len__(self) -> int:
        return _held(self.sure) + _held(self.newest)

    def log(self, zone: str) -> Log:
        """The log as the database has it now. `zone` is that of the agreement."""
        until = self.sure[-1].last if self.sure else 0
        if self._count(0, until) != _held(self.sure):
            self.forget()
        elif self._count(until, self.last) != _held(self.newest):
            self.newest, self._drawn = [], None
        self.newest += self._read(self.last)
        self._settle()
        state = (len(self), self.last, zone)
        if self._drawn is None or self._drawn[0] != state:
            self._drawn = (state, self._log(zone))
        return self._drawn[1]

    def _count(self, after: int, last: int) -> int:
        sql = "SELECT count(*) FROM book_fact WHERE workspace_id = %s AND id > %s AND id <= %s"
        ((count,),) = database.rows(sql, [self.workspace, after, last])
        return int(count)

    def _read(self, after: int) -> Iterator[_Part]:
        """The facts with higher numbers."""
        import pyarrow as pa

        sql = f"""SELECT id, {COLUMNS} FROM book_fact
                  WHERE workspace_id = %s AND id > %s ORDER BY id LIMIT {AT_ONCE}"""
        while found := database.rows(sql, [self.workspace, after]):
            after = found[-1][0]
            columns = columns_of_rows([Row._make(row[1:]) for row in found])
            yield _Part(after, time.monotonic(), pa.table(columns))
            if len(found) < AT_ONCE:
                return

    def _settle(self) -> None:
        """Hold what is surely complete by now among the sure."""
        moment, far = time.monotonic() - SURE_AFTER, self.last - SURE_BEHIND
        while self.newest and (self.newest[0].read_at < moment or self.newest[0].last < far):
            self.sure.append(self.newest.pop(0))
        if len(self.sure) > MOST_PARTS:
            self.sure = [_Part(self.sure[-1].last, moment, _together(self.sure))]

    def _log(self, zone: str) -> Log:
        parts = [*self.sure, *self.newest]
        if not parts:
            return log_of_columns({}, zone)
        whole = _together(parts)
        return log_of_columns(
            {
                name: column.chunk(0)
                for name, column in zip(whole.column_names, whole.columns, strict=True)
            },
            zone,
        )


def _held(parts: Sequence[_Part]) -> int:
    return sum(len(part.columns) for part in parts)


def _together(parts: Sequence[_Part]) -> Any:
    import pyarrow as pa

    tables = [part.columns for part in parts]
    return pa.concat_tables(tables, promote_options="default").combine_chunks()
