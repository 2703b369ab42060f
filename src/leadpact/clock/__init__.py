"""Clock: the only time arithmetic in the product.

Instants are whole microseconds since 1970 in UTC (`to_micros`, `to_datetime`), working times are
microseconds. A `Calendar` says when a desk is open, a `Clock` runs while it is, `dials` hand many
clocks to compiled loops, and `same_time`, `local_day`, `day_start` count calendar days in a zone.
"""

from leadpact.clock.calendar import ALWAYS, Calendar
from leadpact.clock.days import day_start, local_day, same_time
from leadpact.clock.dials import OUTSIDE, Dials, dials
from leadpact.clock.instants import to_datetime, to_micros
from leadpact.clock.proposals import proposed_holidays
from leadpact.clock.reading import (
    deadline,
    elapsed,
    instant,
    nth_working_day,
    opened,
    reading,
    same_local_time,
)
from leadpact.clock.working import Clock, Interval
from leadpact.clock.zones import (
    DAY,
    MINUTE,
    SECOND,
    CalendarError,
    zone_data_version,
    zone_named,
)

__all__ = [
    "ALWAYS",
    "DAY",
    "MINUTE",
    "OUTSIDE",
    "SECOND",
    "Calendar",
    "CalendarError",
    "Clock",
    "Dials",
    "Interval",
    "day_start",
    "deadline",
    "dials",
    "elapsed",
    "instant",
    "local_day",
    "nth_working_day",
    "opened",
    "proposed_holidays",
    "reading",
    "same_local_time",
    "same_time",
    "to_datetime",
    "to_micros",
    "zone_data_version",
    "zone_named",
]
