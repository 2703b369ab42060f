"""Dates: instants as files spell them, in three calendars; what is ambiguous is asked, not guessed."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from leaddesk.tongue.reckoning import day_of
from leadpact.tables.formats import ascii_digits, local_time

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_TIME: Final = (
    r"(?:(?:[T ,]+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?"
    r" ?(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST: Final = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _TIME, re.ASCII
)
_YEAR_LAST: Final = re.compile(
    r"(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<year>\d{4}|\d{2})" + _TIME, re.ASCII
)
_EPOCH: Final = re.compile(r"\d{10}|\d{13}", re.ASCII)
_IN_WORDS: Final = tuple(
    f"{day}{clock}"
    for day in (
        "d Mon yyyy",
        "d Mon, yyyy",
        "d Month yyyy",
        "Mon d, yyyy",
        "Month d, yyyy",
        "d-Mon-yyyy",
    )
    for clock in ("", " h:mm", " h:mm:ss", " h:mm am", ", h:mm am")
)


class Moment(NamedTuple):
    """An instant as a fact tells it; `is_bare` where the file names neither an offset nor a zone."""

    told: str
    is_bare: bool


def is_ambiguous(values: Iterable[str]) -> bool:
    """Whether dates like 03/04/2026 could be read either way, by all that the column says."""
    orders = {order for value in values if (order := _order(value))}
    return orders == {"either"}


def usual_order(values: Iterable[str]) -> str:
    """The order of day and month that most of the values can only have; the day first in doubt."""
    orders = [order for value in values if (order := _order(value)) in {DAY_FIRST, MONTH_FIRST}]
    return max((DAY_FIRST, MONTH_FIRST), key=orders.count)


def _order(value: str) -> str:
    """ "dmy", "mdy", or "either"; empty for what is no such date."""
    found = _YEAR_LAST.fullmatch(_plain(value))
    if found is None:
        return ""
    one, two = int(found["one"]), int(found["two"])
    if one > 12 or (len(found["year"]) == 4 and int(found["year"]) > 2400):
        return DAY_FIRST
    if two > 12:
        return MONTH_FIRST
    return "either" if one != two else ""


@lru_cache(maxsize=50_000)
def moment_of(value: str, order: str, zone: str) -> Moment | None:
    """When a text says; days and months in `order`, bare times on the clocks of `zone`."""
    text = _plain(value)
    if _EPOCH.fullmatch(text):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return Moment(_utc(datetime.fromtimestamp(seconds, UTC)), is_bare=False)
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return _moment(found, int(found["month"]), int(found["day"]), zone)
    found = _YEAR_LAST.fullmatch(text)
    if found:
        one, two = int(found["one"]), int(found["two"])
        day, month = (one, two) if order == DAY_FIRST else (two, one)
        return _moment(found, month, day, zone)
    return _in_words(text, zone)


def _plain(value: str) -> str:
    return " ".join(ascii_digits(value).split())


def _moment(found: re.Match[str], month: int, day: int, zone: str) -> Moment | None:
    year = int(found["year"])
    try:
        there = _day(year + (2000 if len(found["year"]) == 2 else 0), month, day)
        if found["hour"] is None:
            return Moment(there.isoformat(), is_bare=False)
        clock = time(_hour(found), int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        return None
    local = datetime.combine(there, clock)
    if offset := found["offset"]:
        return Moment(_utc(local.replace(tzinfo=_offset(offset))), is_bare=False)
    return Moment(_utc(local.replace(tzinfo=ZoneInfo(zone))), is_bare=True)


def _day(year: int, month: int, day: int) -> date:
    """The day, whichever calendar its year is of."""
    if 1300 <= year < 1500:
        return day_of(year, month, day, "jalali")
    if 2400 <= year < 2700:
        return day_of(year, month, day, "buddhist")
    if not 1900 <= year < 2200:
        raise ValueError(year)
    return date(year, month, day)


def _hour(found: re.Match[str]) -> int:
    hour, half = int(found["hour"]), found["half"]
    return hour if not half else hour % 12 + (12 if half[0] in "pP" else 0)


def _offset(text: str) -> timezone:
    if text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _in_words(text: str, zone: str) -> Moment | None:
    local = local_time(text, _IN_WORDS)
    if local is None:
        return None
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=local.at)
    if local.date_only:
        return Moment(at.date().isoformat(), is_bare=False)
    return Moment(_utc(at.replace(tzinfo=ZoneInfo(zone))), is_bare=True)
