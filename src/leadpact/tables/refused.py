"""Refused rows: which rows of an export told no fact, why, and what would mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from leadpact.log.columns import Ints
from leadpact.tables.frames import Frame

MOST: Final = 10_000
"""So many refused rows are listed one by one; all are counted."""


class RefusedRow(NamedTuple):
    """One row that was refused, as a person finds it in the file; `row` counts from 1."""

    table: str
    row: int
    column: str
    reason: str
    remedy: str

    def as_dict(self) -> dict[str, str | int]:
        """The refused row in its JSON form."""
        return self._asdict()


class Refused:
    """Collects refused rows, each reason once."""

    def __init__(self) -> None:
        self._found: dict[RefusedRow, None] = {}
        self._rows: dict[str, set[int]] = {}

    def add(
        self,
        table: str,
        frame: Frame,
        places: Ints,
        column: str,
        reason: str | Sequence[str],
        remedy: str,
    ) -> None:
        """Refuse the rows at some places of a frame, for one reason or one reason each."""
        rows = frame.source.rows[frame.rows[places]].tolist()
        reasons = [reason] * len(rows) if isinstance(reason, str) else reason
        for row, why in zip(rows, reasons, strict=True):
            self.add_row(RefusedRow(table, row, column, why, remedy))

    def add_row(self, row: RefusedRow) -> None:
        """Refuse one row."""
        self._rows.setdefault(row.table, set()).add(row.row)
        if len(self._found) < MOST:
            self._found.setdefault(row)

    def rows(self) -> tuple[RefusedRow, ...]:
        """The refused rows by table and row, at most `MOST`."""
        return tuple(sorted(self._found))

    def of(self, table: str) -> set[int]:
        """The numbers of the refused rows of one table."""
        return self._rows.get(table, set())
