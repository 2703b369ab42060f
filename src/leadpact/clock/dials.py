"""Dials: the tables of many clocks as plain arrays, for compiled loops.

An open range becomes a *span*: instants at which it opens and shuts, and the working time before
and after it. To read a clock is to find the span of an instant, to set one is to find the span of
a working time. Both look in a table with one entry for each 2**32 µs (71.6 minutes) and walk on
from there, so the cost depends neither on how long ago something was nor on the number of spans.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.clock.calendar import ALWAYS, Calendar, Day
from leadpact.clock.zones import (
    DAY,
    FIRST_YEAR,
    LAST_YEAR,
    MINUTE,
    Instants,
    Offsets,
    followed,
    offsets,
)

OUTSIDE = int(np.iinfo(np.int64).max)
"""What compiled functions give for an instant, or a working time, beyond the tables."""

BUCKET = 32
"""Instants and working times are looked up by buckets of ``2**BUCKET`` µs."""

# The columns of `Dials.clocks`.
FROM, UNTIL, READ_FROM, READ_UNTIL, HOURS, WORKS, DATE, RANKS, DAYS, DAYS_END = range(10)
# The columns of `Dials.spans`, `Dials.days` and `Dials.lines`.
OPENS, SHUTS, BEFORE, AFTER = range(4)
DAY_DATE, DAY_SPAN = range(2)
LINE_AT, LINE_OFFSET, LINE_END = range(3)

_Table = NDArray[np.int64]
_Index = NDArray[np.int32]

_NEVER = 2**62
_EPOCH = date(1970, 1, 1).toordinal()


class Dials(NamedTuple):
    """The tables of many clocks, concatenated; built by `dials`, read by `reading` and others.

    `clocks` has a row for each: the instants that it covers, its readings there, and where its
    part of the other arrays begins. `spans` (opens, shuts, working µs before and after it) ends
    for each clock with one that never comes; `hours` and `works` hold, for each bucket of instants
    and of working time, the first span that may count. `ranks` holds, for each local date, how
    many working days came up to it, `days` each working day and its first span. `zones` says where
    the `lines` of each zone begin (see `Offsets`).
    """

    clocks: _Table
    spans: _Table
    hours: _Index
    works: _Index
    ranks: _Index
    days: _Table
    zones: _Table
    lines: _Table


def dials(calendars: Sequence[Calendar], zones: Sequence[str], first: int, last: int) -> Dials:
    """Tables that cover the instants `first` to `last` (µs UTC), a year before, and two after.

    Clock `c` is ``calendars[c]``; zone `z` is ``zones[z]``, and ``len(zones) + c`` is the zone of
    clock `c`. Compiled functions give `OUTSIDE` for what lies beyond the tables, which never go
    beyond the years 1900 to 2199.
    """
    return dials_of_years(tuple(calendars), tuple(zones), _year(first) - 1, _year(last) + 2)


@lru_cache(maxsize=16)
def dials_of_years(
    calendars: tuple[Calendar, ...], zones: tuple[str, ...], first_year: int, last_year: int
) -> Dials:
    """The same for whole years in UTC, kept for the next who asks."""
    first, last = (min(max(year, FIRST_YEAR), LAST_YEAR) for year in (first_year, last_year))
    # The first clock tells what the tables cover, so there is one even if nobody asks it.
    calendars = calendars or (ALWAYS,)
    faces = [_face(calendar, first, last) for calendar in calendars]
    places = [offsets(zone, first - 1, last + 1) for zone in zones]
    places += [_offsets(calendar, first, last) for calendar in calendars]
    lines = [np.column_stack((found.at, found.offset, found.ends)) for found in places]
    begin = {name: _begins([getattr(face, name) for face in faces]) for name in _Face._fields}
    clocks = np.stack([face.clock for face in faces])
    clocks[:, [HOURS, WORKS, RANKS, DAYS]] = np.column_stack(
        [begin[name][:-1] for name in ("hours", "works", "ranks", "days")]
    )
    clocks[:, DAYS_END] += clocks[:, DAYS]
    first_span = begin["spans"].astype(np.int32)
    placed = list(zip(faces, first_span, strict=False))
    return Dials(
        clocks=clocks,
        spans=np.concatenate([face.spans for face in faces]),
        hours=np.concatenate([f.hours + n for f, n in placed]),
        works=np.concatenate([f.works + n for f, n in placed]),
        ranks=np.concatenate([face.ranks for face in faces]),
        days=np.concatenate([f.days + np.array([0, n]) for f, n in placed]),
        zones=_begins(lines),
        lines=np.concatenate(lines),
    )


def _begins(parts: list[NDArray[Any]]) -> _Table:
    """Where each part begins when they stand one after the other; at last, where they end."""
    return np.cumsum([0, *(len(part) for part in parts)])


class _Face(NamedTuple):
    """The tables of one clock, counted from its own first row."""

    clock: _Table
    spans: _Table
    hours: _Index
    works: _Index
    ranks: _Index
    days: _Table


@lru_cache(maxsize=256)
def _face(calendar: Calendar, first_year: int, last_year: int) -> _Face:
    begins, ends = _new_year(first_year), _new_year(last_year + 1)
    # A span that opens on an earlier date may last into the first hour, in any zone.
    dates = np.arange(begins // DAY - 3, ends // DAY + 3)
    span_dates, spans = _spans(calendar, dates, first_year, last_year)
    working, first_span = np.unique(span_dates, return_index=True)
    read_from, read_until = _read(spans, begins), _read(spans, ends)
    clock = [begins, ends, read_from, read_until, 0, 0, dates[0], 0, 0, len(working)]
    return _Face(
        np.array(clock, np.int64),
        spans,
        _index(-((begins - spans[:-1, SHUTS]) >> BUCKET), ends - begins),
        _index(((spans[:-1, AFTER] - read_from) >> BUCKET) + 1, read_until - read_from),
        np.cumsum(np.bincount(working - dates[0], minlength=len(dates)), dtype=np.int32),
        np.vstack((np.column_stack((working, first_span)), [[_NEVER, len(span_dates)]])),
    )


def _spans(
    calendar: Calendar, dates: Instants, first_year: int, last_year: int
) -> tuple[Instants, _Table]:
    """The dates on which spans open, and the spans with one behind them that never comes."""
    day, opens, shuts = _walls(calendar, dates)
    lines = _offsets(calendar, first_year, last_year)
    opens, shuts = lines.opening(opens), lines.closing(shuts)
    # Where the clock is set back, a range may open before the one before it has shut.
    latest = np.maximum.accumulate(shuts)
    opens[1:] = np.maximum(opens[1:], latest[:-1])
    kept = shuts > opens
    opens, shuts = opens[kept], shuts[kept]
    after = np.cumsum(shuts - opens)
    spans = np.column_stack((opens, shuts, after - (shuts - opens), after))
    total = after[-1] if after.size else 0
    return day[kept], np.vstack((spans, [[_NEVER, _NEVER, total, _NEVER]]))


def _walls(calendar: Calendar, dates: Instants) -> tuple[Instants, Instants, Instants]:
    """The date, opening and closing time on the wall of each range on the dates that count."""
    days, kind = _kinds(calendar, dates)
    counts = np.array([len(day) for day in days])
    ranges = np.array([r for day in days for r in day], np.int64).reshape(-1, 2)
    repeated = counts[kind]
    day = np.repeat(dates, repeated)
    # The n-th range of a date stands n places behind the first one of its kind.
    nth = np.arange(len(day)) - np.repeat(np.cumsum(repeated) - repeated, repeated)
    row = np.repeat((np.cumsum(counts) - counts)[kind], repeated) + nth
    return day, day * DAY + ranges[row, 0] * MINUTE, day * DAY + ranges[row, 1] * MINUTE


def _kinds(calendar: Calendar, dates: Instants) -> tuple[list[Day], Instants]:
    """The days that a calendar knows (the first of them is closed), and which each date is."""
    days: list[Day] = [()]
    kind = np.zeros(len(dates), np.int64)
    for first, hours in ((date.min, calendar), *calendar.later):
        own = len(days) + (dates + 3) % 7  # 1970-01-01 was a Thursday
        own[np.isin(dates, [_number(day) for day in hours.holidays])] = 0
        days += hours.week
        for day, ranges in hours.exceptions:
            own[dates == _number(day)] = len(days)
            days.append(ranges)
        kind = np.where(dates >= _number(first), own, kind)
    for first, last in calendar.leave:
        begin, end = np.searchsorted(dates, [_number(first), _number(last) + 1])
        kind[begin:end] = 0
    return days, kind


def _index(buckets: Instants, length: int) -> _Index:
    """For each bucket of `length` µs, how many of the spans (given by bucket) lie before it."""
    size = (length >> BUCKET) + 2
    counts = np.bincount(np.clip(buckets, 0, size), minlength=size)
    return np.cumsum(counts[:size], dtype=np.int32)


def _read(spans: _Table, instant: int) -> int:
    """What the clock reads at an instant, where no index is there yet."""
    span = spans[np.searchsorted(spans[:, SHUTS], instant, "right")]
    return int(span[BEFORE] + max(0, instant - span[OPENS]))


def _offsets(calendar: Calendar, first_year: int, last_year: int) -> Offsets:
    """The lines of a calendar's zone, and of those that follow it."""
    lines = offsets(calendar.zone, first_year - 1, last_year + 1)
    for day, other in calendar.later:
        after = offsets(other.zone, first_year - 1, last_year + 1)
        begins = int(after.opening(np.array([_number(day) * DAY]))[0])
        lines = followed(lines, after, begins)
    return lines


def _year(instant: int) -> int:
    return int(np.datetime64(int(instant), "us").astype("datetime64[Y]").astype(np.int64)) + 1970


def _new_year(year: int) -> int:
    return _number(date(year, 1, 1)) * DAY


def _number(day: date) -> int:
    """A date as days since 1970-01-01."""
    return day.toordinal() - _EPOCH
