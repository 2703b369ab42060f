"""Desks: when the people of Northwind work. A few lines of plain Python, independent of the engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WARSAW, BANGKOK = ZoneInfo("Europe/Warsaw"), ZoneInfo("Asia/Bangkok")
Hours = tuple[tuple[time, time], ...]
OFFICE: Hours = ((time(9), time(12, 30)), (time(13, 30), time(17, 30)))
BANGKOK_HOURS: Hours = ((time(9), time(18)),)
CHAT_HOURS: Hours = ((time(8), time(18)),)
SATURDAY: Hours = ((time(10), time(14)),)


@dataclass(frozen=True)
class Desk:
    """Open hours from Monday to Friday, on Saturday, and the days off."""

    zone: ZoneInfo
    hours: Hours
    off: frozenset[date]
    saturday: Hours = ()

    def spans(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans from a moment on, in UTC."""
        week = (*5 * (self.hours,), self.saturday, ())
        day = moment.astimezone(self.zone).date()
        while True:
            for opens, closes in () if day in self.off else week[day.weekday()]:
                begin, end = (
                    datetime.combine(day, hour, self.zone).astimezone(UTC)
                    for hour in (opens, closes)
                )
                if end > moment:
                    yield max(begin, moment), end
            day += timedelta(1)

    def after(self, moment: datetime, minutes: float) -> datetime:
        """The moment at which so many working minutes have passed."""
        left = timedelta(minutes=minutes)
        for begin, end in self.spans(moment):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise AssertionError
