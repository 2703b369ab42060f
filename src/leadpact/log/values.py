"""Values: what each fact says beside whom and when, typed as its kind asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

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
    words = as_words(column)
    indices = words.indices.fill_null(-1) if words.indices.null_count else words.indices
    codes = indices.to_numpy(zero_copy_only=False)
    again, distinct = _read_words(words, reading)
    return codes if again is None else again[codes], distinct


def as_words(column: pa.Array) -> pa.DictionaryArray:
    """A column of any plain type as text, each distinct text once."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        words = pa.dictionary(pa.int32(), pa.string())
        return column if column.type == words else column.cast(words)
    return (
        column if pa.types.is_string(column.type) else column.cast(pa.string())
    ).dictionary_encode()


def _read_words(
    column: pa.DictionaryArray, reading: Callable[[str], str]
) -> tuple[Codes | None, list[str]]:
    """What `reading` makes of the distinct words; the new code of each old one if they differ."""
    read = [reading(word or "") for word in column.dictionary.to_pylist()]
    words: dict[str, int] = {}
    again = [words.setdefault(word, len(words)) if word else -1 for word in read]
    if again == list(range(len(read))):
        return None, read
    return np.array([*again, -1], np.int32), list(words)


def _used(codes: Codes, words: list[str]) -> tuple[Codes, list[str]]:
    """Codes and words without the words that other kinds of fact use in the same column."""
    used = np.zeros(len(words), np.bool_)
    used[codes] = True
    if used.all():
        return codes, words
    fresh = np.cumsum(used, dtype=np.int32) - 1
    return fresh[codes], [word for word, wanted in zip(words, used.tolist(), strict=True) if wanted]


def filled(column: pa.Array) -> Ints:
    """The rows of a column that aren't null."""
    if not column.null_count:
        return np.arange(len(column))
    validity = column.buffers()[0]
    stop = column.offset + len(column)
    bits = np.unpackbits(np.frombuffer(validity, np.uint8), count=stop, bitorder="little")
    return np.flatnonzero(bits[column.offset :].view(np.bool_))


class Values:
    """The columns of a log that hold what was said: code, who, amount, flags and other fields."""

    def __init__(
        self,
        columns: Mapping[str, pa.Array],
        kind: Codes,
        refusals: Refusals,
        zone: ZoneInfo,
        shared: tuple[Sequence[str], Sequence[str]] = ((), ()),
    ) -> None:
        self.kind, self.refusals, self.zone = kind, refusals, zone
        count = len(kind)
        self.code: Codes = np.full(count, -1, np.int32)
        self.who: Codes = np.full(count, -1, np.int32)
        self.amount: Ints = np.full(count, NONE, np.int64)
        self.flags = np.zeros(count, np.uint8)
        self.counts: dict[str, int] = {}
        self._codes = {word: code for code, word in enumerate(shared[0])}
        self._people = {word: code for code, word in enumerate(shared[1])}
        self._fields: dict[str, _Pieces] = {}
        self.system = columns.get("system", _nothing(count))
        present = np.bincount(kind[kind >= 0], minlength=len(facts.KINDS))
        self._kinds = tuple(np.flatnonzero(present).tolist())
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
        rows = filled(column)
        roles = _roles(name, self._kinds)
        if len(roles) == 1:
            self._read_field(name, next(iter(roles)), rows, column)
            return
        kinds = self.kind[rows]
        for field, chosen in roles.items():
            wanted = np.zeros(len(facts.KINDS) + 1, np.bool_)
            wanted[chosen] = True
            some = rows[wanted[kinds]]
            if len(some):
                self._read_field(name, field, some, column)

    def _read_field(self, name: str, field: Field | None, rows: Ints, column: pa.Array) -> None:
        import pyarrow as pa

        if field is None:
            self._unknown(name, rows, column)
        elif field.name in facts.PERSONAL:
            self._count("personal_data_left_out", len(rows))
        elif field.role == "amount":
            self._numbers(field, rows, column)
        elif field.type is Type.INSTANT:
            self._moments(field, rows, column.take(pa.array(rows)))
        else:
            reading = facts.word if field.type in (Type.WORD, Type.YES_NO) else str.strip
            words = as_words(column)
            again, distinct = _read_words(words, reading)
            codes = _integers(words.indices, np.int32)[rows]
            codes = codes if again is None else again[codes]
            if again is not None and (codes < 0).any():
                rows, codes = rows[codes >= 0], codes[codes >= 0]
            self._words(field, rows, *_used(codes, distinct))

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
        numbers = _plain_numbers(column)
        if numbers is None:
            rows, scaled = self._spoken_numbers(field, rows, column)
        else:
            scaled = numbers[rows]
        self.amount[rows] = scaled
        if field.type is Type.SECONDS:
            self.flags[rows[scaled <= 0]] |= SILENT
            self._count("negative_durations", int((scaled < 0).sum()))

    def _spoken_numbers(self, field: Field, rows: Ints, column: pa.Array) -> tuple[Ints, Ints]:
        import pyarrow as pa

        codes, words = codes_of(column.take(pa.array(rows)), str.strip)
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
        return rows, np.array([0 if one is None else one for one in scaled], np.int64)[codes]

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
        codes, words = codes_of(written(found.at[good]), str.strip)
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


def _plain_numbers(column: pa.Array) -> Ints | None:
    """A column of whole numbers or short decimals in ten-thousandths; None for any other."""
    import pyarrow as pa

    if pa.types.is_integer(column.type) and column.type.bit_width <= 32:
        return _integers(column.cast(pa.int64()), np.int64) * MONEY_SCALE
    if column.type == pa.int64():
        whole = _integers(column, np.int64)
        small = abs(whole) < _LARGEST // MONEY_SCALE
        return whole * MONEY_SCALE if small[filled(column)].all() else None
    if column.type == exact():
        halves = _integers(column, np.int64, 2)
        return halves[:, 0]
    return None


def exact() -> pa.DataType:
    """The type of amounts with a fraction in Parquet: four decimals, room for every whole number."""
    import pyarrow as pa

    return pa.decimal128(23, 4)


def _integers(column: pa.Array, dtype: Any, width: int = 1) -> NDArray[Any]:
    """The numbers in a column as they lie in memory; what lies under a null means nothing."""
    start, stop = column.offset * width, (column.offset + len(column)) * width
    numbers: NDArray[Any] = np.frombuffer(column.buffers()[1], dtype)[start:stop]
    return numbers if width == 1 else numbers.reshape(-1, width)


def written(at: Ints) -> pa.Array:
    """Instants as text: 2026-03-13T12:00:00Z, with a fraction of six digits where there is one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    stamps = pa.array(at).cast(pa.timestamp("us"))
    texts = pc.replace_substring(stamps.cast(pa.string()), " ", "T")
    return pc.binary_join_element_wise(pc.replace_substring(texts, ".000000", ""), "Z", "")


@lru_cache(maxsize=4096)
def _roles(name: str, kinds: tuple[int, ...]) -> Mapping[Field | None, Sequence[int]]:
    """What a column of that name is to facts of these kinds."""
    roles: dict[Field | None, list[int]] = {}
    for kind in kinds:
        roles.setdefault(facts.field_of(kind, name), []).append(kind)
    return roles


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
