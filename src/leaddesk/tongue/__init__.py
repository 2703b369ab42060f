"""The tongue: the one place where numbers, money, instants, days and spans become text.

It speaks as the reader wishes (`Wishes`): their language, zone, calendar and digits. Whoever serves a
reader says so once with `speak` or `speaking`; everything said afterwards follows.
"""

from leaddesk.tongue.catalogues import is_spoken
from leaddesk.tongue.days import day, day_text, local_day, month, period, weekday
from leaddesk.tongue.entry import (
    examples,
    is_by_other_calendar,
    read_day,
    read_moment,
    read_year,
    written_day,
    written_moment,
    written_year,
)
from leaddesk.tongue.instants import clocktime, instant, instant_text, local_time
from leaddesk.tongue.isolation import in_line, isolated
from leaddesk.tongue.numbers import money, number, percent
from leaddesk.tongue.periods import (
    Period,
    is_weekend,
    month_of,
    months_of,
    quarter_of,
    week_of,
    year_of,
)
from leaddesk.tongue.reading import Unread, read_number
from leaddesk.tongue.saying import listed, said
from leaddesk.tongue.spans import ago, countdown, span, spoken_now
from leaddesk.tongue.wishes import (
    CALENDARS,
    DIGITS,
    Wishes,
    speak,
    speaking,
    usual_calendar,
    wishes,
)

__all__ = [
    "CALENDARS",
    "DIGITS",
    "Period",
    "Unread",
    "Wishes",
    "ago",
    "clocktime",
    "countdown",
    "day",
    "day_text",
    "examples",
    "in_line",
    "instant",
    "instant_text",
    "is_by_other_calendar",
    "is_spoken",
    "is_weekend",
    "isolated",
    "listed",
    "local_day",
    "local_time",
    "money",
    "month",
    "month_of",
    "months_of",
    "number",
    "percent",
    "period",
    "quarter_of",
    "read_day",
    "read_moment",
    "read_number",
    "read_year",
    "said",
    "span",
    "speak",
    "speaking",
    "spoken_now",
    "usual_calendar",
    "week_of",
    "weekday",
    "wishes",
    "written_day",
    "written_moment",
    "written_year",
    "year_of",
]
