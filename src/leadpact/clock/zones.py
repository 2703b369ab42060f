"""Zones: what the clock on the wall shows in a place, and when it was set forward or back.

Zone data come from the package `tzdata` alone, never from the machine, so that results are the
same everywhere. Between two changes of its offset a zone is a straight line; the arrays here hold
those lines, so that whole columns turn into instants at once.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from importlib import import_module, resources
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from leadpact.problem import meant
from leadpact.words import _

Instants: TypeAlias = NDArray[np.int64]

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
FIRST_YEAR, LAST_YEAR = 1900, 2199

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR = 2**61
# No zone keeps an offset for less than 6.9 days between 1900 and 2199, so no change hides between
# two looks (a test walks through all zones).
_LOOK = 5 * 86_400


class CalendarError(ValueError):
    """A calendar, zone or country that can't be used, in a sentence for its author."""


class Zone(ZoneInfo):
    """A zone of the package `tzdata`; unlike other zones read from a file it can be copied."""

    def __reduce__(self) -> tuple[Callable[[str], tzinfo], tuple[str]]:
        return zone_named, (self.key,)


@cache
def zone_named(name: str) -> Zone:
    """The zone with an IANA name. Raises `CalendarError` with the near name for an unknown one."""
    if name not in _names():
        said = _("There is no zone '{name}'. {remedy}")
        raise CalendarError(said.format(name=name, remedy=_near(name)))
    with (resources.files("tzdata") / "zoneinfo").joinpath(*name.split("/")).open("rb") as data:
        return Zone.from_file(data, key=name)


def zone_data_version() -> str:
    """The release of the IANA zone data in use, such as ``2026a``."""
    return str(import_module("tzdata").IANA_VERSION)


class Offsets(NamedTuple):
    """The straight lines of a zone: from `at[k]` (µs UTC) on, the wall shows `offset[k]` more.

    `ends` is the wall time that a line, or one before it, reaches at most; `starts` the one from
    which it, or one after it, begins at least. Both only rise, so that they can be searched.
    """

    at: Instants
    offset: Instants
    ends: Instants
    starts: Instants

    def wall(self, instants: Instants) -> Instants:
        """What the wall shows: local µs since 1970-01-01T00:00 local."""
        return instants + self.offset[np.searchsorted(self.at, instants, "right") - 1]

    def opening(self, wall: Instants) -> Instants:
        """The first instant at which the wall shows this time or later.

        A time that is skipped becomes the instant of the jump, one that occurs twice its first.
        """
        line = np.searchsorted(self.ends, wall, "right")
        instants: Instants = np.maximum(self.at[line], wall - self.offset[line])
        return instants

    def closing(self, wall: Instants) -> Instants:
        """The last instant before which the wall shows an earlier time.

        A time that is skipped becomes the instant of the jump, one that occurs twice its second.
        """
        line = np.searchsorted(self.starts, wall, "left") - 1
        next_at = np.append(self.at, _FAR)[line + 1]
        instants: Instants = np.minimum(next_at, wall - self.offset[line])
        return instants

    def shifted(self, wall: Instants) -> Instants:
        """The first instant at which the wall shows this time.

        A time that is skipped is read with the offset before the gap: later by the gap's length.
        """
        line = np.searchsorted(self.ends, wall, "right")
        instants = wall - self.offset[line]
        skipped = instants < self.at[line]
        return np.where(skipped, wall - self.offset[line - skipped], instants)


def offsets(zone: str, first_year: int, last_year: int) -> Offsets:
    """The lines of a zone in these years (within 1900 to 2199); outside them the nearest holds."""
    first, last = (min(max(year, FIRST_YEAR), LAST_YEAR) for year in (first_year, last_year))
    return _offsets(zone, first, last)


def years_of(instants: Instants) -> tuple[int, int]:
    """Two years that surely enclose the instants, rounded to decades so that tables are reused."""
    ends = (int(instants.min()), int(instants.max())) if instants.size else (0, 0)
    first, last = (1970 + int(end // (365.2425 * DAY)) for end in ends)
    return (first - 1) // 10 * 10, (last + 1) // 10 * 10 + 9


@lru_cache(maxsize=512)
def _offsets(zone: str, first_year: int, last_year: int) -> Offsets:
    before = _offset(zone_named(zone), _new_year(first_year))
    changes = [c for year in range(first_year, last_year + 1) for c in _changes(zone, year)]
    at = np.array([-_FAR, *(c[0] * SECOND for c in changes)], np.int64)
    offset = np.array([before * SECOND, *(c[1] * SECOND for c in changes)], np.int64)
    return _lines(at, offset)


def followed(one: Offsets, other: Offsets, at: int) -> Offsets:
    """The lines of one zone until an instant, and those of another one from then on."""
    before, after = one.at < at, other.at > at
    held = np.searchsorted(other.at, at, "right") - 1
    return _lines(
        np.concatenate([one.at[before], [at], other.at[after]]),
        np.concatenate([one.offset[before], [other.offset[held]], other.offset[after]]),
    )


def _lines(at: Instants, offset: Instants) -> Offsets:
    ends = np.append(at[1:] + offset[:-1], 2 * _FAR)
    starts = at + offset
    return Offsets(
        at,
        offset,
        np.maximum.accumulate(ends),
        np.minimum.accumulate(starts[::-1])[::-1],
    )


@cache
def _changes(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """The seconds since 1970 of a year at which the offset changes, each with the new offset."""
    place = zone_named(zone)
    found = []
    low, end = _new_year(year), _new_year(year + 1)
    offset = _offset(place, low)
    while low < end:
        high = min(low + _LOOK, end)
        if (new := _offset(place, high)) != offset:
            found.append((_bisected(place, low, high, offset), new))
        low, offset = high, new
    return tuple(found)


def _bisected(place: ZoneInfo, low: int, high: int, offset: int) -> int:
    """The second in ``(low, high]`` from which the offset is another one."""
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(place, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(place: ZoneInfo, second: int) -> int:
    moment = (_EPOCH + timedelta(seconds=second)).astimezone(place)
    local = moment.utcoffset() or timedelta()
    return local.days * 86_400 + local.seconds


def _new_year(year: int) -> int:
    return (datetime(year, 1, 1, tzinfo=UTC) - _EPOCH).days * 86_400


@cache
def _names() -> frozenset[str]:
    return frozenset((resources.files("tzdata") / "zones").read_text("utf-8").split())


def _near(name: str) -> str:
    known = {
        spelling.casefold(): zone for zone in sorted(_names()) for spelling in _spellings(zone)
    }
    if near := meant(name.replace(" ", "_"), known):
        return _("Did you mean '{name}'?").format(name=known[near])
    return _("Write the name of an IANA zone, such as Europe/Warsaw or UTC.")


def _spellings(zone: str) -> tuple[str, str]:
    return zone, zone.rpartition("/")[2]
