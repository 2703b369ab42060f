"""Values: what each fact says beside whom and when, typed as its kind asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from leadpact import facts
from leadpact.facts import Field, Type
from leadpact.log.columns import (
    FAILED,
    INBOUND,
    MONEY_SCALE,
    NONE,
    NOT_HUMAN,
    SILENT,
    Codes,
    Ints,
    Sparse,
)
from leadpact.log.instants import instants
from leadpact.log.refusals import Refusals
from leadpact.problem import did_you_mean
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa

YES: Final = frozenset({"yes", "true", "1", "y"})
NO: Final = frozenset({"no", "false", "0", "n"})
FAILURES: Final = frozenset({"bounced", "wrong number", "failed"})
DIRECTIONS: Final = frozenset({"inbound", "outbound"})
_ENVELOPE: Final = frozenset(field.name for field in facts.ENVELOPE)
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_LARGEST: Final = 2**62

_Pieces: TypeAlias = list[tuple[Ints, Codes, list[str]]]


def codes_of(column: pa.Array, reading: Callable[[str], str]) -> tuple[Codes, list[str]]:
    """A column as codes (-1 for none) of distinct words, each word passed through `reading`."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        if not pa.types.is_string(column.type):
            column = column.cast(pa.string())
        column = column.dictionary_encode()
    codes = column.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
    read = [reading("" if word is None else str(word)) for word in column.dictionary.to_pylist()]
    words: dict[str, int] = {}
    again = [words.setdefault(word, len(words)) if word else -1 for word in read]
    if again == list(range(len(read))):
        return codes, read
    return np.array([*again, -1], np.int32)[codes], list(words)


class Values:
    """The columns of a log that hold what was said: code, who, amount, flags and other fields."""

    def __init__(
        self, columns: Mapping[str, pa.Array], kind: Codes, refusals: Refusals, zone: ZoneInfo
    ) -> None:
        self.kind, self.refusals, self.zone = kind, refusals, zone
        count = len(kind)
        self.code: Codes = np.full(count, -1, np.int32)
        self.who: Codes = np.full(count, -1, np.int32)
        self.amount: Ints = np.full(count, NONE, np.int64)
        self.flags = np.zeros(count, np.uint8)
        self.counts: dict[str, int] = {}
        self._codes: dict[str, int] = {}
        self._people: dict[str, int] = {}
        self._fields: dict[str, _Pieces] = {}
        self.system = columns.get("system", _nothing(count))
        self._kinds = np.flatnonzero(
            np.bincount(kind[kind >= 0], minlength=len(facts.KINDS))
        ).tolist()
        for name, column in columns.items():
            if name not in _ENVELOPE and column.null_count < count:
                self._read(name, column)

    @property
    def codes(self) -> tuple[str, ...]:
        """The distinct subjects."""
        return tuple(self._codes)

    @property
    def people(self) -> tuple[str, ...]:
        """The distinct people."""
        return tuple(self._people)

    @property
    def fields(self) -> dict[str, Sparse]:
        """Every other field, by name."""
        return {name: _joined(pieces) for name, pieces in self._fields.items()}

    def _read(self, name: str, column: pa.Array) -> None:
        present = ~np.asarray(column.is_null())
        for field, kinds in self._roles(name).items():
            rows = np.flatnonzero(present & np.isin(self.kind, kinds))
            if len(rows):
                self._read_field(name, field, rows, column)

    def _roles(self, name: str) -> dict[Field | None, list[int]]:
        roles: dict[Field | None, list[int]] = {}
        for kind in self._kinds:
            roles.setdefault(facts.field_of(kind, name), []).append(kind)
        return roles

    def _read_field(self, name: str, field: Field | None, rows: Ints, column: pa.Array) -> None:
        import pyarrow as pa

        if field is None:
            self._unknown(name, rows, column)
        elif field.name in facts.PERSONAL:
            self._count("personal_data_left_out", len(rows))
        elif field.role == "amount":
            self._numbers(field, rows, column.take(pa.array(rows)))
        elif field.type is Type.INSTANT:
            self._moments(field, rows, column.take(pa.array(rows)))
        else:
            reading = facts.word if field.type in (Type.WORD, Type.YES_NO) else str.strip
            codes, words = codes_of(column.take(pa.array(rows)), reading)
            self._words(field, rows[codes >= 0], codes[codes >= 0], words)

    def _unknown(self, name: str, rows: Ints, column: pa.Array) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        if name == "account":
            rows = rows[:0]  # said beside the lead it belongs to: known from `created`
        elif name == "source":
            places = np.zeros(len(self.kind), np.bool_)
            places[rows] = True
            text = column.cast(pa.string())
            self.system = pc.coalesce(
                self.system.cast(pa.string()), pc.if_else(pa.array(places), text, None)
            )
            rows = rows[:0]
        self._count("unknown_fields", len(rows))
        self._count(f"unknown_field:_{name}", len(rows))

    def _words(self, field: Field, rows: Ints, codes: Codes, words: list[str]) -> None:
        if field.type is Type.YES_NO:
            self._yes_no(field, rows, codes, words)
        elif field.name == "direction" and (self.kind[rows] == facts.ATTEMPTED).all():
            self._direction(field, rows, codes, words)
        elif field.role == "person":
            self.who[rows] = np.where(
                self.who[rows] < 0, _shared(self._people, words)[codes], self.who[rows]
            )
        elif field.role == "subject":
            self.code[rows] = _shared(self._codes, words)[codes]
            if field.name == "type":
                self._keep(field.name, rows, codes, words)
        else:
            if field.name == "outcome":
                self._failures(rows, codes, words)
            self._keep(field.name, rows, codes, words)

    def _keep(self, name: str, rows: Ints, codes: Codes, words: list[str]) -> None:
        self._fields.setdefault(name, []).append((rows, codes, words))

    def _yes_no(self, field: Field, rows: Ints, codes: Codes, words: list[str]) -> None:
        strange = [code for code, word in enumerate(words) if word not in YES | NO]
        for code in strange:
            self.refusals.add(
                rows[codes == code],
                field.name,
                _("'{word}' is neither yes nor no.").format(word=words[code]),
                _("Write yes or no."),
            )
        said = np.array([word in YES for word in words], np.bool_)[codes]
        if field.name == "human":
            self.flags[rows[~said]] |= NOT_HUMAN
        elif field.name == "silent":
            self.flags[rows[said]] |= SILENT
        else:
            self._keep(field.name, rows, said.astype(np.int32), ["no", "yes"])

    def _direction(self, field: Field, rows: Ints, codes: Codes, words: list[str]) -> None:
        for code, word in enumerate(words):
            if word not in DIRECTIONS:
                self.refusals.add(
                    rows[codes == code],
                    field.name,
                    _("'{word}' is no direction.").format(word=word),
                    did_you_mean(word, DIRECTIONS),
                )
        inbound = np.array([word == "inbound" for word in words], np.bool_)
        self.flags[rows[inbound[codes]]] |= INBOUND

    def _failures(self, rows: Ints, codes: Codes, words: list[str]) -> None:
        failed = np.array([word in FAILURES for word in words], np.bool_)
        tried = self.kind[rows] == facts.ATTEMPTED
        self.flags[rows[failed[codes] & tried]] |= FAILED

    def _numbers(self, field: Field, rows: Ints, column: pa.Array) -> None:
        codes, words = codes_of(column, str.strip)
        rows, codes = rows[codes >= 0], codes[codes >= 0]
        scaled = [scaled_number(word) for word in words]
        for code, number in enumerate(scaled):
            if number is None:
                self.refusals.add(
                    rows[codes == code],
                    field.name,
                    _("'{word}' is no number with at most 4 decimals.").format(
                        word=words[code][:60]
                    ),
                    _("Write it like 2900.00, without sign of currency or separators."),
                )
        numbers = np.array([0 if number is None else number for number in scaled], np.int64)[codes]
        self.amount[rows] = numbers
        if field.type is Type.SECONDS:
            self.flags[rows[numbers <= 0]] |= SILENT
            self._count("negative_durations", int((numbers < 0).sum()))

    def _moments(self, field: Field, rows: Ints, column: pa.Array) -> None:
        found = instants(column, self.zone)
        for row in rows[found.bad].tolist():
            self.refusals.add(
                np.array([row]),
                field.name,
                _("This is no instant."),
                _("Write it like 2026-03-13T12:00:00+01:00."),
            )
        good = ~found.bad & ~found.missing
        codes, words = codes_of(_written(found.at[good]), str.strip)
        self._keep(field.name, rows[good], codes, words)

    def _count(self, name: str, count: int) -> None:
        if count:
            self.counts[name] = self.counts.get(name, 0) + count


def scaled_number(text: str) -> int | None:
    """A number of at most four decimals in ten-thousandths; None where the text is none."""
    if not _NUMBER.fullmatch(text):
        return None
    with localcontext() as exact:
        exact.prec = 60
        number = Decimal(text) * MONEY_SCALE
        if abs(number) >= _LARGEST or number != number.to_integral_value():
            return None
    return int(number)


def _written(at: Ints) -> pa.Array:
    """Instants as text: 2026-03-13T12:00:00Z, with a fraction of six digits where there is one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    stamps = pa.array(at).cast(pa.timestamp("us"))
    texts = pc.replace_substring(stamps.cast(pa.string()), " ", "T")
    return pc.binary_join_element_wise(pc.replace_substring(texts, ".000000", ""), "Z", "")


def _nothing(count: int) -> pa.Array:
    import pyarrow as pa

    return pa.nulls(count, pa.string())


def _shared(words: dict[str, int], more: Iterable[str]) -> Codes:
    """The codes of some words in a dictionary that grows by them."""
    return np.array([words.setdefault(word, len(words)) for word in more], np.int32)


def _joined(pieces: _Pieces) -> Sparse:
    """The pieces of one field, of different kinds of fact, as one."""
    words: dict[str, int] = {}
    rows = np.concatenate([rows for rows, _codes, _words in pieces])
    codes = np.concatenate([_shared(words, more)[codes] for _rows, codes, more in pieces])
    order = np.argsort(rows, kind="stable")
    return Sparse(rows[order], codes[order].astype(np.int32), tuple(words))
