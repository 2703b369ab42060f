"""Reading: numbers and days as people type them, in any of the digits that are used here."""

import re
from datetime import date
from decimal import Decimal

from babel.numbers import get_decimal_symbol, get_group_symbol
from django.utils.translation import gettext as _

from leaddesk.tongue.digits import latin
from leaddesk.tongue.reckoning import day_of
from leaddesk.tongue.wishes import wishes

_LONGEST = 60
_SPACES = re.compile(r"[\s\u200e\u200f\u061c]")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_DAY_FIRST_IN = frozenset({"fr", "id", "th"})
_OLDEST, _NEWEST = 1700, 2300
"""Gregorian years in use; those of the Jalali calendar are smaller, those of the Buddhist era larger."""
_SIGNS = str.maketrans({"٬": ",", "٫": ".", "،": ",", "−": "-", "’": "'"})


class Unread(ValueError):
    """A text that is no number or no day; says so in words."""


def read_number(text: str) -> Decimal:
    """The number in a text, with separators of the reader's language or of none. Raises `Unread`."""
    plain = _SPACES.sub("", latin(text[: _LONGEST + 1])).translate(_SIGNS)
    group, point = _separators()
    grouped = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(point)}\d+)?"
    if re.fullmatch(f"[-+]?{grouped}", plain):
        plain = plain.replace(group, "").replace(point, ".")
    elif re.fullmatch(rf"[-+]?\d+(?:{re.escape(point)}\d+)?", plain):
        plain = plain.replace(point, ".")
    if len(text) > _LONGEST or not re.fullmatch(r"[-+]?\d+(?:\.\d+)?", plain):
        raise Unread(_("This is no number."))
    return Decimal(plain)


def read_day(text: str) -> date:
    """The day in a text: ISO always, else as the reader's calendar writes it. Raises `Unread`."""
    plain = _SPACES.sub("", latin(text[: _LONGEST + 1]))
    try:
        if found := _ISO.fullmatch(plain) or _YEAR_FIRST.fullmatch(plain):
            year, month, day = map(int, found.groups())
            return _day(year, month, day)
        if wishes().language in _DAY_FIRST_IN and (found := _DAY_FIRST.fullmatch(plain)):
            day, month, year = map(int, found.groups())
            return _day(year, month, day)
    except ValueError:
        raise Unread(_("There is no such day.")) from None
    raise Unread(_("This is no day. Write it like 2026-03-31."))


def _separators() -> tuple[str, str]:
    """Between groups and before decimals; spaces between groups are gone already."""
    language = wishes().language
    if language == "fa":
        return ",", "."
    group, point = get_group_symbol(language), get_decimal_symbol(language)
    return ("\u202f" if group.isspace() else group), point


def _day(year: int, month: int, day: int) -> date:
    """A day of the reader's calendar where its year can't be a Gregorian one."""
    calendar = wishes().reckoning if not _OLDEST <= year <= _NEWEST else "gregorian"
    found = day_of(year, month, day, calendar)
    if not _OLDEST <= found.year <= _NEWEST:
        raise ValueError(year)
    return found
