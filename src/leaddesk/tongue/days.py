"""Days: dates, months, weekdays and periods, in the reader's calendar."""

from datetime import date, datetime
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from leaddesk.tongue.digits import persian
from leaddesk.tongue.numbers import NOTHING
from leaddesk.tongue.periods import Period, month_of, quarter_of, year_of
from leaddesk.tongue.reckoning import era_mark, month_name, reckoned, weekday_name
from leaddesk.tongue.wishes import Wishes, wishes
from leadpact.clock import to_datetime
from leadpact.clock.zones import zone_named

_DAY = {"en": "{month} {day}, {year}"}
_WITH_WEEKDAY = {"th": "{weekday} {day}", "fr": "{weekday} {day}", "fa": "{weekday} {day}"}
_LONG_WITH_WEEKDAY = _WITH_WEEKDAY | {"th": "{weekday}ที่ {day}"}


def day(
    at: int | date | None, *, is_long: bool = False, with_weekday: bool = False
) -> SafeString | str:
    """A day as a `time` element: a date, or that of an instant (µs UTC) in the reader's zone."""
    if at is None:
        return NOTHING
    text = day_text(at, is_long=is_long, with_weekday=with_weekday)
    html = '<time datetime="{}" dir="{}">{}</time>'
    return format_html(html, local_day(at).isoformat(), wishes().direction, text)


def day_text(at: int | date, *, is_long: bool = False, with_weekday: bool = False) -> str:
    """A day as plain text: ``Nov 22, 2026``, or `is_long`, ``November 22, 2026``."""
    return _of_day(local_day(at), wishes(), is_long, with_weekday)


def local_day(at: int | date) -> date:
    """The date of an instant (µs UTC) in the reader's zone; dates stay what they are."""
    if isinstance(at, datetime):
        return at.astimezone(zone_named(wishes().zone)).date()
    return at if isinstance(at, date) else to_datetime(at, wishes().zone).date()


def month(first: date, *, is_short: bool = False) -> str:
    """A month with its year, by its first day.

    Where readers count by the Jalali calendar, the first of a Gregorian month still names that
    month: a period keeps its name. Any other day names the month of theirs that holds it.
    """
    usual = wishes().reckoning
    calendar = "gregorian" if usual == "jalali" and first.day == 1 else usual
    return _month(first, calendar, is_short=is_short)


def weekday(at: int | date, *, is_short: bool = False) -> str:
    """The weekday of a day, or of an instant (µs UTC) in the reader's zone."""
    return weekday_name(local_day(at).weekday(), wishes().language, is_short=is_short)


def period(first: date, last: date) -> str:
    """What a period is called: a month, a quarter or a year where it is one, a day, else its two ends."""
    asked = Period(first, last)
    for calendar in (wishes().reckoning, "gregorian", "jalali"):
        found = reckoned(first, calendar)
        year = _figures(_year(found.year, calendar, wishes().language))
        if asked == month_of(first, calendar):
            return _month(first, calendar)
        if asked == quarter_of(first, calendar):
            number = _figures(str((found.month + 2) // 3))
            return _("quarter %(number)s of %(year)s") % {"number": number, "year": year}
        if asked == year_of(first, calendar):
            return year
    if first == last:
        return day_text(first)
    return _("%(first)s to %(last)s") % {"first": day_text(first), "last": day_text(last)}


def _month(first: date, calendar: str, *, is_short: bool = False) -> str:
    found, language = reckoned(first, calendar), wishes().language
    name = month_name(found.month, calendar, language, is_short=is_short)
    return _figures(f"{name} {_year(found.year, calendar, language)}")


@lru_cache(maxsize=10_000)
def _of_day(which: date, how: Wishes, is_long: bool, with_weekday: bool) -> str:
    calendar, language = how.reckoning, how.language
    found = reckoned(which, calendar)
    name = month_name(found.month, calendar, language, is_short=not is_long)
    parts = {"day": found.day, "month": name, "year": _year(found.year, calendar, language)}
    text = _DAY.get(language, "{day} {month} {year}").format(**parts)
    if with_weekday:
        layouts = _LONG_WITH_WEEKDAY if is_long else _WITH_WEEKDAY
        called = weekday_name(which.weekday(), language, is_short=not is_long)
        text = layouts.get(language, "{weekday}, {day}").format(weekday=called, day=text)
    return persian(text) if how.is_persian_in_figures else text


def _year(year: int, calendar: str, language: str) -> str:
    mark = era_mark(calendar, language)
    if not mark:
        return str(year)
    return f"{mark} {year}" if language == "th" else f"{year} {mark}"


def _figures(text: str) -> str:
    return persian(text) if wishes().is_persian_in_figures else text
