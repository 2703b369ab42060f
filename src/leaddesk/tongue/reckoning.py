"""Reckoning: a day in the Gregorian, the Jalali and the Buddhist calendar, and the names of months."""

from datetime import date
from typing import NamedTuple

from babel import Locale
from persiantools.jdatetime import JalaliDate

BUDDHIST_ERA = 543
"""Years by which the Buddhist era is ahead of the common one."""
_JALALI_LATIN = (
    *("Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar"),
    *("Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"),
)
_JALALI_MONTHS = {
    "fa": (
        *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
        *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
    ),
    "fr": (
        *("farvardin", "ordibehecht", "khordâd", "tir", "mordâd", "chahrivar"),
        *("mehr", "âbân", "âzar", "dey", "bahman", "esfand"),
    ),
    "th": (
        *("ฟาร์วาร์ดิน", "ออร์ดิเบเฮชต์", "คอร์แดด", "เตอร์", "มอร์แดด", "ชาหริวาร์"),
        *("เมฮร์", "อะบาน", "อะซาร์", "เดย์", "บาฮ์มาน", "เอสฟานด์"),
    ),
}


class Reckoned(NamedTuple):
    """A day as a calendar counts it."""

    year: int
    month: int
    day: int


def reckoned(day: date, calendar: str) -> Reckoned:
    """A day in a calendar."""
    if calendar == "jalali":
        jalali = JalaliDate(day)
        return Reckoned(jalali.year, jalali.month, jalali.day)
    ahead = BUDDHIST_ERA if calendar == "buddhist" else 0
    return Reckoned(day.year + ahead, day.month, day.day)


def day_of(year: int, month: int, day: int, calendar: str) -> date:
    """The day that a calendar calls so. Raises `ValueError` where it has no such day."""
    if calendar == "jalali":
        found: date = JalaliDate(year, month, day).to_gregorian()
        return found
    return date(year - (BUDDHIST_ERA if calendar == "buddhist" else 0), month, day)


def month_name(month: int, calendar: str, language: str, *, is_short: bool = False) -> str:
    """What a month is called; names of the Jalali calendar have no short form."""
    if calendar == "jalali":
        return _JALALI_MONTHS.get(language, _JALALI_LATIN)[month - 1]
    width = "abbreviated" if is_short else "wide"
    return str(Locale.parse(language).months["format"][width][month])


def weekday_name(weekday: int, language: str, *, is_short: bool = False) -> str:
    """What a weekday is called, Monday being 0."""
    width = "abbreviated" if is_short else "wide"
    return str(Locale.parse(language).days["format"][width][weekday])


def era_mark(calendar: str, language: str) -> str:
    """What must stand with a year that its readers wouldn't expect; empty where it is usual."""
    if calendar == "buddhist" and language != "th":
        return "BE"
    return "ค.ศ." if calendar == "gregorian" and language == "th" else ""
