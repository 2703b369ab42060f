"""Days: local dates as whole numbers, and the same time on another date."""

from typing import overload

import numpy as np
from numpy.typing import NDArray

from leadpact.clock.zones import DAY, Instants, offsets, years_of


@overload
def same_time(t: int, days: int, zone: str) -> int: ...
@overload
def same_time(t: Instants, days: int | NDArray[np.int64], zone: str) -> Instants: ...
@overload
def same_time(t: int, days: NDArray[np.int64], zone: str) -> Instants: ...
def same_time(t: int | Instants, days: int | Instants, zone: str) -> int | Instants:
    """The instant at which the wall in `zone` shows the time of `t` again, `days` dates later.

    A local time that is skipped there moves forward by the length of the gap; one that occurs
    twice is its first occurrence; zero days later is `t` itself. Scalars or arrays, µs UTC.
    """
    start, count = (np.asarray(value, np.int64) for value in (t, days))
    target = start + count * DAY
    lines = offsets(zone, *years_of(np.append(start, target)))
    later = lines.shifted(lines.wall(start) + count * DAY)
    return _like(np.where(count == 0, start, later), t, days)


@overload
def local_day(t: int, zone: str) -> int: ...
@overload
def local_day(t: Instants, zone: str) -> Instants: ...
def local_day(t: int | Instants, zone: str) -> int | Instants:
    """The local date of an instant, as days since 1970-01-01."""
    instants = np.asarray(t, np.int64)
    return _like(offsets(zone, *years_of(instants)).wall(instants) // DAY, t)


@overload
def day_start(day: int, zone: str) -> int: ...
@overload
def day_start(day: Instants, zone: str) -> Instants: ...
def day_start(day: int | Instants, zone: str) -> int | Instants:
    """The first instant of a local date (days since 1970-01-01), where midnight is skipped too."""
    wall = np.asarray(day, np.int64) * DAY
    return _like(offsets(zone, *years_of(wall)).opening(wall), day)


def _like(result: Instants, *given: int | Instants) -> int | Instants:
    """The result as an array if any argument was one, else as an int."""
    return result if any(isinstance(value, np.ndarray) for value in given) else int(result)
