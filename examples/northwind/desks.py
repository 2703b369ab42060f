"""Desks: when the people of Northwind work. A few lines of plain Python, independent of the engine."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WARSAW, BANGKOK = ZoneInfo("Europe/Warsaw"), ZoneInfo("Asia/Bangkok")
OFFICE = ((time(9), time(12, 30)), (time(13, 30), time(17, 30)))
BANGKOK_HOURS = ((time(9), time(18)),)
POLISH = frozenset({date(2026, 1, 1), date(2026, 1, 6), date(2026, 4, 6)})
THAI = frozenset({date(2026, 1, 1), date(2026, 1, 2), date(2026, 3, 3), date(2026, 4, 6)})
BENS_LEAVE = frozenset(date(2026, 2, day) for day in range(2, 14))


@dataclass(frozen=True)
class Desk:
    """Open hours from Monday to Friday, on Saturday, and the days off."""

    zone: ZoneInfo
    hours: tuple[tuple[time, time], ...]
    off: frozenset[date]
    saturday: tuple[tuple[time, time], ...] = ()

    def spans(self, moment):
        """The open spans from a moment on, in UTC."""
        day = moment.astimezone(self.zone).date()
        while True:
            if day not in self.off:
                week = (
                    self.hours,
                    self.hours,
                    self.hours,
                    self.hours,
                    self.hours,
                    self.saturday,
                    (),
                )
                for opens, closes in week[day.weekday()]:
                    begin, end = (
                        datetime.combine(day, hour, self.zone).astimezone(UTC)
                        for hour in (opens, closes)
                    )
                    if end > moment:
                        yield max(begin, moment), end
            day += timedelta(1)

    def after(self, moment, minutes):
        """The moment at which so many working minutes have passed."""
        left = timedelta(minutes=minutes)
        for begin, end in self.spans(moment):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise AssertionError


DESKS = {
    "ana": Desk(WARSAW, OFFICE, POLISH),
    "ben": Desk(WARSAW, OFFICE, POLISH | BENS_LEAVE),
    "chai": Desk(BANGKOK, BANGKOK_HOURS, THAI),
    "sam": Desk(WARSAW, OFFICE, POLISH),
}
CHAT_DESK = Desk(WARSAW, ((time(8), time(18)),), POLISH, ((time(10), time(14)),))
