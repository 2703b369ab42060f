"""Entry: days and times as people type them: by their own calendar, in any digits, or as ISO 8601 has them."""

import re
from datetime import date, datetime, time

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.tongue.days import local_day, month
from leaddesk.tongue.digits import latin, persian
from leaddesk.tongue.isolation import isolated
from leaddesk.tongue.numbers import number
from leaddesk.tongue.periods import Period, month_of, year_of
from leaddesk.tongue.reading import Unread
from leaddesk.tongue.reckoning import day_of, reckoned
from leaddesk.tongue.wishes import now_of_reader, wishes
from leadpact.clock.zones import zone_named

_LONGEST = 60
_MARKS = re.compile(r"[\u200e\u200f\u061c\u2066-\u2069]")
_SPACES = re.compile(r"\s")
_YEAR_FIRST = re.compile(r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.)(\d{1,2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.)(\d{4})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{1,2}", re.ASCII)
_CLOCK = re.compile(
    r"(\d{1,2})([:.])(\d{2})(?:\2(\d{2}))?(Z|[+-]\d{2}:?\d{2})?", re.ASCII | re.IGNORECASE
)
_AT = re.compile(r"\s*([^\sT]+)(?:T|\s+)(\S+)\s*")
_DAY_FIRST_IN = frozenset({"fr", "id", "th"})
_OLDEST, _NEWEST = 1700, 2300
"""Gregorian years in use; those of the Jalali calendar are smaller, those of the Buddhist era larger."""
_SAMPLE = date(2026, 3, 31)


def read_day(text: str) -> date:
    """The day in a text: ISO always, else as the reader's calendar writes it. Raises `Unread`.

    A year tells its calendar: one of 1700 to 2300 is Gregorian, any other is of the reader's calendar.
    """
    plain = _SPACES.sub("", _MARKS.sub("", latin(text[: _LONGEST + 1])))
    if found := _YEAR_FIRST.fullmatch(plain):
        year, name, day = _parts(found)
        return _day(year, name, day)
    if found := _YEAR_LAST.fullmatch(plain):
        day, name, year = _parts(found)
        if not (_is_day_first() or not _is_gregorian(year)):
            said = _("The day could be the month here. Write the year first: %s.")
            raise Unread(said % isolated(written_day()))
        return _day(year, name, day)
    if _SHORT_YEAR.fullmatch(plain):
        raise Unread(_("The year needs four digits. Write it like %s.") % isolated(written_day()))
    raise Unread(_("This is no day. Write it like %s.") % examples())


def read_moment(text: str) -> datetime:
    """The day and time in a text, on the reader's clock unless it names an offset. Raises `Unread`."""
    plain = _MARKS.sub("", latin(text[: _LONGEST + 1]))
    found = _AT.fullmatch(plain)
    day = read_day(found[1] if found else plain)
    clock = _clock(found[2]) if found else time()
    if clock is None:
        said = _("This is no time of day. Write it like %s.")
        raise Unread(said % isolated(written_moment(day)))
    return datetime.combine(day, clock, clock.tzinfo or zone_named(wishes().zone))


def _clock(text: str) -> time | None:
    """The time of day in a text, with colons or dots: ``14:05``, ``9.30``, ``14:05:30+02:00``."""
    if (found := _CLOCK.fullmatch(text)) is None:
        return None
    hour, _mark, minute, second, offset = found.groups("")
    try:
        return time.fromisoformat(f"{hour:0>2}:{minute}:{second or '00'}{offset.upper()}")
    except ValueError:
        return None


def read_year(text: str) -> Period:
    """The year in a text, by the reader's calendar or the Gregorian one. Raises `Unread`."""
    plain = _SPACES.sub("", _MARKS.sub("", latin(text[: _LONGEST + 1])))
    if not _YEAR.fullmatch(plain):
        raise Unread(_("The year needs four digits. Write it like %s.") % written_year())
    calendar = "gregorian" if _is_gregorian(int(plain)) else wishes().reckoning
    return year_of(_day(int(plain), 1, 1), calendar)


def written_year(year: Period | None = None) -> str:
    """A year (this one unless said) as the reader would type it."""
    first = year_of(_today()).first if year is None else year.first
    is_own = year is None or year == year_of(first)
    return _figures(str(reckoned(first, wishes().reckoning if is_own else "gregorian").year))


def written_day(day: date | None = None) -> str:
    """A day (today unless said) as the reader would type it: ``1405/09/02``, ``2/12/2569``, or ISO."""
    day = _today() if day is None else day
    found = reckoned(day, wishes().reckoning)
    if wishes().reckoning == "jalali":
        return _figures(f"{found.year}/{found.month:02}/{found.day:02}")
    if wishes().reckoning == "buddhist":
        return _figures(f"{found.day}/{found.month}/{found.year}")
    return day.isoformat()


def written_moment(day: date | None = None) -> str:
    """Five past two of a day (today unless said) as the reader would type it."""
    return f"{written_day(day)} {_figures('14:05')}"


def examples() -> str:
    """Today as the reader would type it, by their calendar and as ISO has it."""
    own, iso = isolated(written_day()), isolated(_today().isoformat())
    if own == iso:
        return iso
    return _("%(own)s or %(iso)s") % {"own": own, "iso": iso}


def is_by_other_calendar() -> bool:
    """Whether the reader's days are none that a browser's own field for dates knows."""
    return wishes().reckoning != "gregorian"


def _today() -> date:
    try:
        return local_day(now_of_reader())
    except LookupError:
        return _SAMPLE


def _parts(found: re.Match[str]) -> tuple[int, int, int]:
    first, middle, last = [int(part) for part in found.groups() if part is not None]
    return first, middle, last


def _is_day_first() -> bool:
    return wishes().language in _DAY_FIRST_IN


def _is_gregorian(year: int) -> bool:
    return _OLDEST <= year <= _NEWEST


def _day(year: int, number_of_month: int, day: int) -> date:
    """A day of the Gregorian calendar or the reader's, by its year."""
    calendar = "gregorian" if _is_gregorian(year) else wishes().reckoning
    if not 1 <= number_of_month <= 12:
        raise Unread(
            _("A year has 12 months; there is no month %s.") % _figures(str(number_of_month))
        )
    try:
        first = day_of(year, number_of_month, 1, calendar)
    except ValueError:
        raise Unread(_far(year)) from None
    if not _is_gregorian(first.year):
        raise Unread(_far(year))
    last = reckoned(month_of(first, calendar).last, calendar).day
    if not 1 <= day <= last:
        said = ngettext("%(month)s has %(n)s day.", "%(month)s has %(n)s days.", last)
        raise Unread(said % {"month": month(first), "n": number(last)})
    return day_of(year, number_of_month, day, calendar)


def _far(year: int) -> str:
    said = _("The year %(year)s is none of your calendar. Today is %(today)s.")
    return said % {"year": _figures(str(year)), "today": examples()}


def _figures(text: str) -> str:
    return persian(text) if wishes().is_persian_in_figures else text
