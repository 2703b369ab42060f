"""Mail hours: when a mail may reach somebody by the agreement, on the receiver's own clock."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leadpact.agreement import phrases
from leadpact.agreement.calendars import open_hours, weekdays
from leadpact.agreement.mailing import Mailing
from leadpact.clock import to_datetime, to_micros

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_A_WEEK = 8


def open_at(mailing: Mailing | None, at: int, zone: str) -> int:
    """The first instant from `at` on (µs UTC) that lies in the agreed hours of an agreed day."""
    if mailing is None or (mailing.hours is None and not mailing.days):
        return at
    days = {day for text in mailing.days for day in weekdays(text)} or {*range(7)}
    begin, end = open_hours(mailing.hours)[0] if mailing.hours else (0, 24 * 60)
    today = to_datetime(at).astimezone(ZoneInfo(zone)).date()
    # From the day before: hours may go on past midnight.
    for ahead in range(-1, _A_WEEK + 1):
        day = today + timedelta(days=ahead)
        if day.weekday() not in days:
            continue
        opens, closes = _on(day, begin, zone), _on(day, end, zone)
        if at < closes:
            return max(at, opens)
    raise AssertionError(days)


def _on(day: date, minutes: int, zone: str) -> int:
    """So many minutes past midnight of a local day, as its clocks show them."""
    later, left = divmod(minutes, 24 * 60)
    at = time(*divmod(left, 60))
    return to_micros(datetime.combine(day + timedelta(days=later), at, ZoneInfo(zone)))


def free_at(mailing: Mailing | None, sent: Sequence[int], at: int, zone: str) -> int | None:
    """The first instant from `at` on at which one more mail is within the agreed number.

    `sent` has when this person got the latest ones, the latest first. None where the agreement lets
    no mail out at all.
    """
    if mailing is None or mailing.at_most is None:
        return at
    most = phrases.quantity(mailing.at_most)
    if most.number < 1:
        return None
    if len(sent) < most.number:
        return at
    return max(at, _after(sent[most.number - 1], most.period, zone))


def most_in_a_row(mailing: Mailing | None) -> int:
    """How many earlier mails `free_at` asks for."""
    if mailing is None or mailing.at_most is None:
        return 0
    return phrases.quantity(mailing.at_most).number


def _after(at: int, period: str, zone: str) -> int:
    """The same local time a period later; in a shorter month its last day."""
    local = to_datetime(at).astimezone(ZoneInfo(zone))
    if period in _DAYS:
        return to_micros(_moved(local, local.date() + timedelta(days=_DAYS[period]), zone))
    months = local.year * 12 + local.month - 1 + _MONTHS[period]
    year, month = divmod(months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return to_micros(_moved(local, date(year, month + 1, day), zone))


def _moved(local: datetime, day: date, zone: str) -> datetime:
    return datetime.combine(day, local.time(), ZoneInfo(zone))
