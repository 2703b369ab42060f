"""Cells: the values that rules ask for, read from the columns of a frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from leadpact.log.columns import Bools, Ints
from leadpact.log.instants import EARLIEST, LATEST, utc
from leadpact.tables.formats import ascii_digits, local_time, number, seconds
from leadpact.tables.frames import Frame
from leadpact.tables.mapping import Cell, Condition, Table, TableMapping
from leadpact.tables.refused import Refused
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Times:
    """Instants (µs UTC) of some rows; `missing` where there is none."""

    at: Ints
    date_only: Bools
    missing: Bools


class Cells:
    """Reads values for one table of a mapping; what can't be read goes to `refused`."""

    def __init__(self, mapping: TableMapping, name: str, refused: Refused) -> None:
        self.mapping, self.name, self.refused = mapping, name, refused
        self.table: Table = mapping.tables[name]
        self.repeated = self.skipped = 0

    def text(self, frame: Frame, cell: Cell) -> pa.Array:
        """The value of a cell as text; null where it is blank."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if cell.text is not None:
            return pa.array([cell.text] * len(frame), pa.string())
        blanks = pa.array([*self.mapping_blanks, *cell.blank], pa.string())
        columns = []
        for name in cell.columns():
            column = frame.column(name)
            columns.append(pc.if_else(pc.is_in(column, blanks), None, column))
        values = pc.coalesce(*columns)
        if cell.values or cell.all_others is not None:
            values = self._mapped(frame, cell, values)
        return values if cell.if_blank is None else pc.fill_null(values, cell.if_blank)

    @property
    def mapping_blanks(self) -> tuple[str, ...]:
        """The words that mean nothing in this table."""
        return self.table.blank

    def _mapped(self, frame: Frame, cell: Cell, values: pa.Array) -> pa.Array:
        known = {" ".join(key.casefold().split()): value for key, value in cell.values.items()}
        strange: set[str] = set()

        def told(word: str) -> str | None:
            key = " ".join(word.casefold().split())
            if key in known:
                return known[key]
            if cell.all_others is not None:
                return cell.all_others
            if cell.otherwise == "refuse":
                strange.add(word)
            return word if cell.otherwise == "keep" else None

        mapped = _by_word(values, told)
        if strange:
            remedy = _("Add it to `values` of the mapping.")
            self._refuse_words(frame, cell, values, strange, _("'{word}' isn't mapped."), remedy)
        return mapped

    def times(self, frame: Frame, cell: Cell) -> Times:
        """The value of a cell as instants, by the forms of dates that hold for it."""
        values = self.text(frame, cell)
        words = values.dictionary_encode()
        forms = cell.dates or self.table.dates or self.mapping.dates
        if frame.source.encoding == "xlsx":
            forms = (*forms, "iso")
        zone = ZoneInfo(cell.zone or self.table.zone or self.mapping.zone)
        at, date_only, known = self._instants(words.dictionary.to_pylist(), forms, zone)
        codes = words.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        missing = ~np.append(known, False)[codes]
        strange = set(np.array(words.dictionary.to_pylist(), object)[~known].tolist())
        if strange:
            what = _("'{word}' is no date in the forms {forms}.").replace(
                "{forms}", "; ".join(forms)
            )
            self._refuse_words(frame, cell, values, strange, what, _("Add its form to `dates`."))
        return Times(np.append(at, 0)[codes], np.append(date_only, False)[codes], missing)

    def _instants(
        self, words: Sequence[str], forms: Sequence[str], zone: ZoneInfo
    ) -> tuple[Ints, Bools, Bools]:
        found = [local_time(" ".join(ascii_digits(word).split()), forms) for word in words]
        known = np.array([one is not None for one in found], np.bool_)
        date_only = np.array([one is not None and one.date_only for one in found], np.bool_)
        local = np.array([0 if one is None else one.at for one in found], np.int64)
        shift = np.array([0 if one is None else one.offset or 0 for one in found], np.int64)
        bare = np.array([one is not None and one.offset is None for one in found], np.bool_)
        known &= (local >= EARLIEST) & (local < LATEST)
        at = local - shift
        rows = np.flatnonzero(bare & known)
        if len(rows):
            at[rows], twice, never = utc(local[rows], zone)
            self.repeated += int((twice & ~date_only[rows]).sum())
            self.skipped += int((never & ~date_only[rows]).sum())
        return at, date_only, known

    def numbers(self, frame: Frame, cell: Cell) -> pa.Array:
        """The value of a cell as a plain number, still as text; durations in seconds."""
        sample = cell.numbers or self.table.numbers or self.mapping.numbers
        values = self.text(frame, cell)
        strange: set[str] = set()

        def told(word: str) -> str | None:
            bare = ascii_digits(word)
            way = cell.duration
            value = number(bare, sample) if way is None else seconds(bare, way, sample)
            if value is None:
                strange.add(word)
                return None
            return f"{value:f}"

        plain = _by_word(values, told)
        if strange:
            form = cell.duration or sample
            what = _("'{word}' is no number in the form {form}.").replace("{form}", form)
            self._refuse_words(
                frame, cell, values, strange, what, _("Declare its form in `numbers`.")
            )
        return plain

    def holds(self, frame: Frame, column: str, test: Condition) -> Bools:
        """On which rows a test holds."""
        values = self.text(frame, Cell(column=column))
        holds = np.ones(len(frame), np.bool_)
        if test.is_:
            holds &= _is_one(values, test.is_)
        if test.not_:
            holds &= ~_is_one(values, test.not_)
        if test.blank is not None:
            holds &= np.asarray(values.is_null()) == test.blank
        orders: tuple[tuple[Cell | None, Callable[[Any, Any], Bools]], ...] = (
            (test.before, np.less),
            (test.at_or_before, np.less_equal),
            (test.at_or_after, np.greater_equal),
            (test.after, np.greater),
        )
        for cell, order in orders:
            if cell is not None:
                one, other = self.times(frame, Cell(column=column)), self.times(frame, cell)
                holds &= order(one.at, other.at) & ~one.missing & ~other.missing
        return holds

    def _refuse_words(
        self, frame: Frame, cell: Cell, values: pa.Array, words: set[str], what: str, remedy: str
    ) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        bad = np.flatnonzero(np.asarray(pc.is_in(values, pa.array(sorted(words), pa.string()))))
        texts = [
            what.replace("{word}", word[:60]) for word in values.take(pa.array(bad)).to_pylist()
        ]
        self.refused.add(self.name, frame, bad, " / ".join(cell.columns()), texts, remedy)


def _by_word(values: pa.Array, told: Callable[[str], str | None]) -> pa.Array:
    """A column with each distinct word replaced by what is told of it."""
    import pyarrow as pa

    words = values.dictionary_encode()
    fresh = pa.array([told(word) for word in words.dictionary.to_pylist()], pa.string())
    return fresh.take(words.indices)


def _is_one(values: pa.Array, words: Sequence[str]) -> Bools:
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array([" ".join(word.casefold().split()) for word in words], pa.string())
    folded = _by_word(values, lambda word: " ".join(word.casefold().split()))
    return np.asarray(pc.is_in(folded, wanted))
