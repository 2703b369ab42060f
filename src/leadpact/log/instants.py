"""Instants: times as they stand in files, turned into µs since 1970 in UTC, a column at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from leadpact.log.columns import Bools, Ints
from leadpact.problem import Problem
from leadpact.words import _

if TYPE_CHECKING:
    import pyarrow as pa

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
DAY: Final = 86_400 * SECOND
EARLIEST: Final = 0
"""1970-01-01 00:00 UTC."""
LATEST: Final = 84_371 * DAY
"""2201-01-01 00:00 UTC; instants lie before it."""

_SHAPE: Final = re.compile(
    rb"0000-00-00(?:[Tt ](?P<hour>00):00(?::(?P<second>00)(?:[.,](?P<part>0+))?)?"
    rb" ?(?P<offset>[Zz]|(?P<sign>[+-])00(?::?(?P<minutes>00))?)?)?"
)


@dataclass(frozen=True, eq=False)
class Instants:
    """A column of instants; `missing` and `bad` mark the rows that have none."""

    at: Ints
    date_only: Bools
    missing: Bools
    bad: Bools
    repeated: int  # local times that a clock shows twice
    skipped: int  # local times that a clock never shows


def zone_of(name: str) -> ZoneInfo | Problem:
    """The time zone of that name, or what is wrong with it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return Problem(
            "zone",
            0,
            _("'{name}' is no time zone.").format(name=name),
            _("Write e.g. Europe/Warsaw."),
        )


def instants(column: pa.Array, zone: ZoneInfo) -> Instants:
    """A column of text, timestamps or dates as instants; bare local times are of `zone`."""
    import pyarrow as pa

    kind = column.type
    missing = np.asarray(column.is_null())
    if pa.types.is_dictionary(kind):
        return _spread(instants(column.dictionary, zone), column)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _of_text(column, missing, zone)
    if pa.types.is_timestamp(kind):
        at = _numbers(column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64()))
        date_only = np.zeros(len(at), np.bool_)
        return _placed(at, date_only, missing, np.full(len(at), kind.tz is None), zone)
    if pa.types.is_date(kind):
        at = _numbers(column.cast(pa.timestamp("us")).cast(pa.int64()))
        return _placed(at, ~missing, missing, ~missing, zone)
    nothing = np.zeros(len(column), np.int64)
    return Instants(nothing, np.zeros(len(column), np.bool_), missing, ~missing, 0, 0)


def _numbers(column: pa.Array) -> Ints:
    numbers: Ints = column.fill_null(0).to_numpy(zero_copy_only=False)
    return numbers


def _spread(words: Instants, column: pa.DictionaryArray) -> Instants:
    """Instants of a dictionary's words, laid out over the rows that use them."""
    import pyarrow as pa

    codes = column.indices
    missing = np.asarray(codes.is_null())
    places = codes.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    if not len(words.at):
        nothing = np.zeros(len(missing), np.bool_)
        return Instants(np.zeros(len(missing), np.int64), nothing, missing, nothing, 0, 0)
    return Instants(
        words.at[places],
        words.date_only[places] & ~missing,
        missing | words.missing[places],
        words.bad[places] & ~missing,
        words.repeated,
        words.skipped,
    )


def _placed(at: Ints, date_only: Bools, missing: Bools, local: Bools, zone: ZoneInfo) -> Instants:
    """Local times moved to UTC, and years before 1970 or after 2200 marked as bad."""
    bad = ~missing & ((at < EARLIEST - DAY) | (at >= LATEST + DAY))
    at = np.where(bad | missing, 0, at)
    rows = np.flatnonzero(local & ~bad & ~missing)
    repeated = skipped = 0
    if len(rows):
        at[rows], twice, never = utc(at[rows], zone)
        times = ~date_only[rows]
        repeated, skipped = int((twice & times).sum()), int((never & times).sum())
    bad |= ~missing & ((at < EARLIEST - DAY) | (at >= LATEST + DAY))
    return Instants(at, date_only, missing, bad, repeated, skipped)


def utc(local: Ints, zone: ZoneInfo) -> tuple[Ints, Bools, Bools]:
    """Local times (µs) as instants in UTC, which of them a clock shows twice, and which never.

    Of two the first is meant; one that is skipped is moved by the length of the gap.
    """
    twice = np.zeros(len(local), np.bool_)
    never = np.zeros(len(local), np.bool_)
    days = local // DAY
    first = int(days.min())
    present = np.zeros(int(days.max()) - first + 1, np.bool_)
    present[days - first] = True
    opening = np.zeros(len(present), np.int64)
    steady = np.ones(len(present), np.bool_)
    for place in np.flatnonzero(present).tolist():
        opening[place] = _offset((first + place) * DAY, zone, 0)
        steady[place] = opening[place] == _offset((first + place + 1) * DAY, zone, 0)
    at = local - opening[days - first]
    rows = np.flatnonzero(~steady[days - first])
    if len(rows):
        minutes, where = np.unique(local[rows] // MINUTE, return_inverse=True)
        early = np.array([_offset(m * MINUTE, zone, 0) for m in minutes.tolist()], np.int64)
        late = np.array([_offset(m * MINUTE, zone, 1) for m in minutes.tolist()], np.int64)
        at[rows] = local[rows] - early[where]
        twice[rows] = (early > late)[where]
        never[rows] = (early < late)[where]
    return at, twice, never


_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  (local, until it meets a zone)


def _offset(local: int, zone: ZoneInfo, fold: int) -> int:
    moment = (_EPOCH + timedelta(microseconds=local)).replace(tzinfo=zone, fold=fold)
    offset = moment.utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * SECOND)


def _of_text(column: pa.Array, missing: Bools, zone: ZoneInfo) -> Instants:
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(column).cast(pa.large_string())
    parsed = _Parsed(len(texts))
    bytes_ = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    bounds = np.frombuffer(texts.buffers()[1], np.int64)
    bounds = bounds[texts.offset : texts.offset + len(texts) + 1]
    begins, lengths = bounds[:-1], np.diff(bounds)
    missing = missing | (lengths == 0)
    for length in np.unique(lengths[~missing]).tolist():
        if 10 <= length <= 45:
            rows = np.flatnonzero((lengths == length) & ~missing)
            parsed.read(rows, bytes_[begins[rows, None] + np.arange(length)])
    bad = ~missing & ~parsed.known
    placed = _placed(parsed.at, parsed.date_only, missing | bad, parsed.local, zone)
    return Instants(
        placed.at, placed.date_only, missing, bad | placed.bad, placed.repeated, placed.skipped
    )


class _Parsed:
    """Texts of one length at a time, read by their shape: the text with every digit as 0."""

    def __init__(self, count: int) -> None:
        self.at: Ints = np.zeros(count, np.int64)
        self.date_only: Bools = np.zeros(count, np.bool_)
        self.local: Bools = np.zeros(count, np.bool_)
        self.known: Bools = np.zeros(count, np.bool_)

    def read(self, rows: Ints, letters: NDArray[np.uint8]) -> None:
        digits = (letters >= ord("0")) & (letters <= ord("9"))
        shapes = np.where(digits, ord("0"), letters).astype(np.uint8)
        rest = np.arange(len(rows))
        for _attempt in range(50):
            if not len(rest):
                return
            shape = shapes[rest[0]]
            alike = (shapes[rest] == shape).all(axis=1)
            if match := _SHAPE.fullmatch(shape.tobytes()):
                self._read_alike(rows[rest[alike]], letters[rest[alike]], match)
            rest = rest[~alike]

    def _read_alike(self, rows: Ints, letters: NDArray[np.uint8], match: re.Match[bytes]) -> None:
        day, valid = _days(letters)
        at = day * DAY
        if match["hour"]:
            hour, minute = _number(letters, 11, 13), _number(letters, 14, 16)
            valid &= (hour < 24) & (minute < 60)
            at += hour * 60 * MINUTE + minute * MINUTE
        if match["second"]:
            second = _number(letters, 17, 19)
            valid &= second < 60
            at += second * SECOND
        if match["part"]:
            start = match.start("part")
            stop = min(match.end("part"), start + 6)
            at += _number(letters, start, stop) * 10 ** (6 - (stop - start))
        if match["sign"]:
            at -= _shift(letters, match, valid)
        self.at[rows] = at
        self.known[rows] = valid
        self.date_only[rows] = not match["hour"]
        self.local[rows] = not match["offset"]


def _shift(letters: NDArray[np.uint8], match: re.Match[bytes], valid: Bools) -> Ints:
    """The offset from UTC that each text names; `valid` loses those that are none."""
    start = match.start("sign")
    hours = _number(letters, start + 1, start + 3)
    minutes = _number(letters, *match.span("minutes")) if match["minutes"] else np.zeros_like(hours)
    valid &= (hours < 24) & (minutes < 60)
    sign = np.where(letters[:, start] == ord("-"), -1, 1)
    shift: Ints = sign * (hours * 60 + minutes) * MINUTE
    return shift


def _days(letters: NDArray[np.uint8]) -> tuple[Ints, Bools]:
    """Days since 1970 of texts that begin with a date, and whether that day exists."""
    year, month, day = _number(letters, 0, 4), _number(letters, 5, 7), _number(letters, 8, 10)
    valid = (year >= 1970) & (year <= 2200) & (month >= 1) & (month <= 12)
    months = np.where(valid, (year - 1970) * 12 + month - 1, 0)
    first = _first_of(months)
    valid &= (day >= 1) & (day <= _first_of(months + 1) - first)
    return np.where(valid, first + day - 1, 0), valid


def _first_of(months: Ints) -> Ints:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _number(letters: NDArray[np.uint8], start: int, stop: int) -> Ints:
    """The number that stands between two places, at most six digits of each row."""
    weights = _WEIGHTS[6 - (stop - start) :]
    number: Ints = letters[:, start:stop] @ weights - ord("0") * int(weights.sum())
    return number


_WEIGHTS: Final = 10 ** np.arange(5, -1, -1, dtype=np.int64)
