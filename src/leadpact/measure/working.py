"""Working: how the time of one obligation was counted, step by step."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from leadpact.agreement.roster import calendars_of
from leadpact.clock import Clock, day_start, local_day, same_time, to_micros
from leadpact.facts import PAUSED, RESUMED
from leadpact.log import DATE_ONLY, Log
from leadpact.measure.judged import Judged
from leadpact.program import Version
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.promises import seconds, written


class Stop(NamedTuple):
    """A time in which clocks stood still (µs UTC): why, and by whom."""

    since: int
    until: int
    reason: str | None
    by: str | None


def obligation_working(judged: Judged, place: int) -> dict[str, Any]:
    """The working of the obligation at a place, in JSON form.

    What it says of itself (see `Obligations.rows`), and beside it what was allowed (`within`, in
    `unit`), what is left of that, and the `pauses` within its time. Each leg lists the `intervals`
    of open time that were counted, with the calendar; their seconds sum to its `working_seconds`.
    Where a date has no time nothing is counted, and there are none.
    """
    owed = judged.obligations
    (told,) = owed.rows(np.array([place]))
    line = owed.table[place].tolist()
    row = owed.program.rows[line[col.O_PROMISE]]
    stops = [*_stops(judged, line)]
    left = owed.left(place)
    legs = zip(told["legs"], owed.legs_of(place), strict=True)
    zone = owed.program.versions[row.version].agreement.zone
    return {
        **told,
        "ended_at": written(line[col.O_END], zone),
        "within": str(row.span),
        "unit": row.span.unit,
        "left_seconds": None if left is None else seconds(left),
        "legs": [
            {**leg, "intervals": [*_intervals(judged, line, own, stops)]} for leg, own in legs
        ],
        "pauses": [_pause(stop, zone) for stop in stops],
    }


def _pause(stop: Stop, zone: str) -> dict[str, Any]:
    return {
        "from": written(stop.since, zone),
        "to": written(stop.until, zone),
        "reason": stop.reason,
        "by": stop.by,
    }


def _intervals(
    judged: Judged, line: list[int], leg: list[int], stops: list[Stop]
) -> Iterator[dict[str, Any]]:
    """The open time of a leg that was counted, with the calendar that says so."""
    if line[col.O_DATED]:
        return
    program, owner, number = judged.program, leg[col.L_OWNER], line[col.O_PROMISE]
    person = judged.log.people[owner] if owner >= 0 else None
    row = program.rows[number]
    calendar = program.calendars[program.clock_of(number, person)]
    agreement = program.versions[row.version].agreement
    names = calendars_of(agreement, person, program.roster)
    zones = [calendar.zone, *(other.zone for _day, other in calendar.later)]
    for first, last in _running(leg[col.L_FROM], leg[col.L_TO], stops):
        for found in Clock(calendar).explain(first, last):
            held = calendar.held_at(to_micros(found.opened_at))
            yield {
                "from": written(to_micros(found.opened_at), zones[held]),
                "to": written(to_micros(found.shut_at), zones[held]),
                "calendar": row.clause.calendar or names[held][1],
                "working_seconds": seconds(found.worked),
            }


def _running(first: int, last: int, stops: list[Stop]) -> Iterator[tuple[int, int]]:
    """The parts of a time in which no clock stood still."""
    for stop in stops:
        if first < stop.since:
            yield first, min(stop.since, last)
        first = max(first, stop.until)
    if first < last:
        yield first, last


def _stops(judged: Judged, line: list[int]) -> Iterator[Stop]:
    """The pauses within the time of an obligation, cut to it."""
    begins, ends = line[col.O_START], line[col.O_END]
    for stop in _pauses(judged, line):
        if stop.until > begins and stop.since < ends:
            yield stop._replace(since=max(stop.since, begins), until=min(stop.until, ends))


def _pauses(judged: Judged, line: list[int]) -> Iterator[Stop]:
    """Every pause of the pass of an obligation, in order; the last one may still last."""
    log, stories = judged.log, judged.stories
    first, last = (int(start) for start in log.starts[line[col.O_LEAD] :][:2])
    rows = first + np.flatnonzero(
        np.isin(log.kind[first:last], (PAUSED, RESUMED))
        & (stories.pass_of[first:last] == line[col.O_PASS])
        & ~stories.unexpected[first:last]
    )
    moments = _moments(log, rows)
    # At one instant clocks run again before others stop.
    order = np.lexsort((log.kind[rows] == PAUSED, moments))
    stop: Stop | None = None
    for at, row in zip(moments[order].tolist(), rows[order].tolist(), strict=True):
        if stop is not None and (log.kind[row] == RESUMED or stop.until <= at):
            yield stop._replace(until=min(stop.until, at))
            stop = None
        if stop is None and log.kind[row] == PAUSED:
            stop = _stop(judged, row, at)
    if stop is not None:
        yield stop


def _moments(log: Log, rows: np.ndarray[Any, np.dtype[np.int64]]) -> Any:
    """When these facts count; those without a time at the end of their day."""
    ends = np.asarray(day_start(local_day(log.at[rows], log.zone) + 1, log.zone)) - 1
    return np.where(log.flags[rows] & DATE_ONLY, ends, log.at[rows])


def _stop(judged: Judged, row: int, at: int) -> Stop:
    log = judged.log
    code, who = int(log.code[row]), int(log.who[row])
    return Stop(
        at,
        _capped(_in_force(judged.program.versions, at), at),
        log.codes[code] if code >= 0 else None,
        log.people[who] if who >= 0 else None,
    )


def _in_force(versions: tuple[Version, ...], at: int) -> Version:
    return [*versions[:1], *(v for v in versions if v.begins <= at)][-1]


def _capped(version: Version, at: int) -> int:
    """When a pause that begins then ends by itself."""
    cap = version.agreement.pauses.at_most
    if cap is None:
        return NEVER
    return at + cap.micros if cap.micros else same_time(at, cap.days, version.agreement.zone)
