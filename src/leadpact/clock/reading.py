"""Reading: the compiled arithmetic of clocks, over the tables of `Dials`.

All instants and working times are µs. `c` is the number of a clock; below zero it means elapsed
time, whose reading is the instant itself. `OUTSIDE` comes back for what lies beyond the tables.
"""

from leadpact.clock.dials import (
    AFTER,
    BEFORE,
    BUCKET,
    DATE,
    DAY_DATE,
    DAY_SPAN,
    DAYS,
    DAYS_END,
    FROM,
    HOURS,
    LINE_AT,
    LINE_END,
    LINE_OFFSET,
    OPENS,
    OUTSIDE,
    RANKS,
    READ_FROM,
    READ_UNTIL,
    SHUTS,
    UNTIL,
    WORKS,
    Dials,
)
from leadpact.clock.zones import DAY
from leadpact.compiled import compiled


@compiled
def reading(d: Dials, c: int, t: int) -> int:
    """The working time of clock `c` at `t`, since an origin of its own in these tables."""
    if c < 0:
        return t
    if t < d.clocks[c, FROM] or t >= d.clocks[c, UNTIL]:
        return OUTSIDE
    span = span_at(d, c, t)
    return int(d.spans[span, BEFORE] + max(0, t - d.spans[span, OPENS]))


@compiled
def instant(d: Dials, c: int, w: int) -> int:
    """The earliest instant at which clock `c` reads `w`."""
    if c < 0:
        return w
    start = d.clocks[c, READ_FROM]
    # Where the reading of the first instant was reached, the tables can't tell.
    if w <= start or w > d.clocks[c, READ_UNTIL]:
        return OUTSIDE
    span = d.works[d.clocks[c, WORKS] + ((w - start) >> BUCKET)]
    while d.spans[span, AFTER] < w:
        span += 1
    return int(d.spans[span, OPENS] + (w - d.spans[span, BEFORE]))


@compiled
def deadline(d: Dials, c: int, t: int, working: int) -> int:
    """The instant at which `working` µs of clock `c` have passed since `t`; `t` itself for none."""
    if working == 0:
        return t
    start = reading(d, c, t)
    return OUTSIDE if start == OUTSIDE else instant(d, c, start + working)


@compiled
def elapsed(d: Dials, c: int, a: int, b: int) -> int:
    """The working time of clock `c` from `a` to `b`, below zero where `b` is earlier."""
    first, last = reading(d, c, a), reading(d, c, b)
    return OUTSIDE if max(first, last) == OUTSIDE else last - first


@compiled
def opened(d: Dials, c: int, t: int) -> int:
    """1 where clock `c` runs at `t`, else 0; it runs when it opens, not when it shuts."""
    if c < 0:
        return 1
    if t < d.clocks[c, FROM] or t >= d.clocks[c, UNTIL]:
        return OUTSIDE
    return int(t >= d.spans[span_at(d, c, t), OPENS])


@compiled
def nth_working_day(d: Dials, c: int, t: int, n: int) -> int:
    """The same local time on the `n`-th working day of clock `c` after the local day of `t`.

    Where the clock stands then: its opening, its reopening in a break, or its last closing.
    """
    if n <= 0:
        return t
    if c < 0:
        return t + n * DAY
    if t < d.clocks[c, FROM] or t >= d.clocks[c, UNTIL]:
        return OUTSIDE
    zone = len(d.zones) - 1 - len(d.clocks) + c
    wall = t + d.lines[_line_at(d, zone, t), LINE_OFFSET]
    date = wall // DAY
    rank = d.ranks[d.clocks[c, RANKS] + date - d.clocks[c, DATE]]
    day = d.clocks[c, DAYS] + rank + n - 1
    if day >= d.clocks[c, DAYS_END]:
        return OUTSIDE
    return _within(d, day, _instant_of(d, zone, wall + (d.days[day, DAY_DATE] - date) * DAY))


@compiled
def same_local_time(d: Dials, z: int, t: int, days: int) -> int:
    """The instant at which zone `z` shows the local time of `t` again, `days` dates later.

    As `same_time`: a skipped time moves past the gap, one that occurs twice is its first.
    """
    if days == 0:
        return t
    begins, ends = d.clocks[0, FROM], d.clocks[0, UNTIL]
    if not (begins <= t < ends and begins <= t + days * DAY < ends):
        return OUTSIDE
    return _instant_of(d, z, t + d.lines[_line_at(d, z, t), LINE_OFFSET] + days * DAY)


@compiled
def span_at(d: Dials, c: int, t: int) -> int:
    """The number of the first span of clock `c` that shuts after `t`, which the tables cover."""
    span = d.hours[d.clocks[c, HOURS] + ((t - d.clocks[c, FROM]) >> BUCKET)]
    while d.spans[span, SHUTS] <= t:
        span += 1
    return int(span)


@compiled
def _within(d: Dials, day: int, t: int) -> int:
    """`t`, or the nearest instant at which the clock runs on the working day in row `day`."""
    span, behind = d.days[day, DAY_SPAN], d.days[day + 1, DAY_SPAN]
    # A shift of the evening before may still last.
    if span > 0 and d.spans[span - 1, OPENS] <= t <= d.spans[span - 1, SHUTS]:
        return t
    while span < behind:
        if t <= d.spans[span, SHUTS]:
            return int(max(t, d.spans[span, OPENS]))
        span += 1
    return int(d.spans[behind - 1, SHUTS])


@compiled
def _line_at(d: Dials, z: int, t: int) -> int:
    """The row of `lines` that holds in zone `z` at `t`."""
    low, high = d.zones[z], d.zones[z + 1]
    while high - low > 1:
        middle = (low + high) // 2
        if d.lines[middle, LINE_AT] <= t:
            low = middle
        else:
            high = middle
    return int(low)


@compiled
def _instant_of(d: Dials, z: int, wall: int) -> int:
    """The first instant at which zone `z` shows this time; past the gap where it never does."""
    low, high = d.zones[z], d.zones[z + 1] - 1
    while low < high:
        middle = (low + high) // 2
        if d.lines[middle, LINE_END] <= wall:
            low = middle + 1
        else:
            high = middle
    if wall - d.lines[low, LINE_OFFSET] < d.lines[low, LINE_AT]:
        low -= 1
    return int(wall - d.lines[low, LINE_OFFSET])
