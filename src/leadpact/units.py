"""Units that agreements speak: rates, money, spans of time, dates, periods; all exact.

Each reader takes the author's text and returns an exact value, or raises `Misread` with what is
wrong and what to write instead. Nothing here passes through a binary float.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Literal

from leadpact.problem import meant
from leadpact.words import ngettext

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

MONEY_SCALE = 10_000
"""Amounts in columns are whole ten-thousandths of the currency unit: exact for every currency."""

MOST_POINTS = 1_000_000
"""No rule of a score gives more points, or takes more."""

SpanUnit = Literal["hours", "working hours", "days", "working days"]
Period = Literal["day", "week", "month", "quarter", "year"]

YES = frozenset({"yes", "true", "y", "on"})
NO = frozenset({"no", "false", "n", "off"})


class Misread(ValueError):
    """A text that is not in the expected unit; says what is wrong and how to mend it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True)
class Span:
    """A length of time as the author wrote it.

    `hours` elapse and `working hours` run on a clock (both in `micros`, µs); `days` and
    `working days` are counted as whole local days (in `days`).
    """

    unit: SpanUnit
    micros: int
    days: int
    text: str

    def __str__(self) -> str:
        return self.text

    def __format__(self, _spec: str) -> str:
        """In a sentence: in the language in use (`str` gives it as it was written)."""
        return _spoken(self.text)


_SPAN = re.compile(
    r"(?P<amount>\d{1,9}(?:\.\d{1,9})?)\s*(?P<working>working |business )?\s*"
    r"(?P<unit>seconds?|minutes?|mins?|hours?|days?|weeks?)",
    re.IGNORECASE,
)
_MICROS = {"second": SECOND, "minute": MINUTE, "min": MINUTE, "hour": HOUR}


def span(text: str) -> Span:
    """A span such as ``4 working hours``, ``90 minutes``, ``14 days``, ``2 working days``."""
    words = " ".join(str(text).split())
    match = _SPAN.fullmatch(words)
    if match is None:
        raise Misread(
            f"'{words}' is not a length of time.",
            "Write a number and a unit: 4 working hours, 90 minutes, 14 days, 2 working days, 8 weeks.",
        )
    amount = Fraction(match["amount"])
    unit = match["unit"].lower().rstrip("s")
    working = match["working"] is not None
    if unit in _MICROS:
        return Span(
            "working hours" if working else "hours", _whole(amount * _MICROS[unit], words), 0, words
        )
    if unit == "week" and working:
        raise Misread(f"'{words}' is not clear.", "Write the number of working days.")
    days = _whole(amount * (7 if unit == "week" else 1), words)
    return Span("working days" if working else "days", 0, days, words)


def _spoken(words: str) -> str:
    match = _SPAN.fullmatch(words)
    if match is None or not match["amount"].isdigit():
        return words
    count, unit = int(match["amount"]), match["unit"].lower().rstrip("s").removesuffix("ute")
    said = {
        "second": ngettext("{n} second", "{n} seconds", count),
        "min": ngettext("{n} minute", "{n} minutes", count),
        "hour": ngettext("{n} hour", "{n} hours", count),
        "day": ngettext("{n} day", "{n} days", count),
        "week": ngettext("{n} week", "{n} weeks", count),
        "working min": ngettext("{n} working minute", "{n} working minutes", count),
        "working hour": ngettext("{n} working hour", "{n} working hours", count),
        "working day": ngettext("{n} working day", "{n} working days", count),
    }
    return said.get(f"working {unit}" if match["working"] else unit, words).format(n=count)


def _whole(value: Fraction, words: str) -> int:
    if value.denominator != 1:
        raise Misread(f"'{words}' is not a whole number of units.", "Write it in a smaller unit.")
    if value > 200 * 366 * DAY:
        raise Misread(f"'{words}' is longer than any agreement.", "Write a shorter time.")
    return int(value)


def rate(text: str) -> Fraction:
    """A share from 0 to 1, written ``34%``, ``0.34`` or ``1/3``."""
    words = "".join(str(text).split())
    value = _ratio(words)
    if not 0 <= value <= 1:
        percentage = 1 < value <= 100 and not words.endswith("%")
        remedy = f"Write {words}% if you meant {words} percent." if percentage else ""
        raise Misread(
            f"{words} is not between 0 and 1.", remedy or "Write a share such as 34% or 0.34."
        )
    return value


def percent(text: str) -> Fraction:
    """A percentage that may pass 100 %, such as an escalation at ``150%``."""
    words = "".join(str(text).split())
    value = _ratio(words)
    if value < 0:
        raise Misread(f"{words} is below zero.", "Write a percentage such as 75%.")
    return value


_NUMBER = re.compile(r"\d{1,15}(\.\d{1,12})?")


def _ratio(words: str) -> Fraction:
    try:
        if words.endswith("%") and _NUMBER.fullmatch(words[:-1]):
            return Fraction(words[:-1]) / 100
        if "/" in words:
            above, below = words.split("/", 1)
            if above.isascii() and below.isascii() and above.isdigit() and below.isdigit():
                return Fraction(int(above), int(below))
        if _NUMBER.fullmatch(words.removeprefix("-")):
            return Fraction(words)
    except (ZeroDivisionError, ValueError):
        pass
    raise Misread(f"'{words}' is not a rate.", "Write a share such as 34%, 0.34 or 1/3.")


def number(text: str) -> Decimal:
    """An exact number; thousands may be parted by commas or underscores (``500,000``)."""
    words = str(text).strip()
    plain = words.replace("_", "")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        if not re.fullmatch(r"-?\d{1,18}(\.\d{1,12})?", plain):
            raise InvalidOperation
        return Decimal(plain)
    except InvalidOperation:
        raise Misread(
            f"'{words}' is not a number.", "Write digits such as 500000 or 128.50."
        ) from None


def amount(text: str) -> Decimal:
    """A number that is not below zero (money, or a count)."""
    value = number(text)
    if value < 0:
        raise Misread(f"{value} is below zero.", "Write zero or more.")
    return value


def count(text: str) -> int:
    """A whole number, zero or more."""
    value = number(text)
    if value != value.to_integral_value() or value < 0:
        raise Misread(f"'{text}' is not a whole number of zero or more.", "Write digits only.")
    return int(value)


def points(text: str) -> int:
    """A whole number that may be negative (score points)."""
    value = number(text)
    if value != value.to_integral_value():
        raise Misread(f"'{text}' is not a whole number.", "Write whole points, such as 20 or -10.")
    if abs(value) > MOST_POINTS:
        raise Misread(
            f"{value} are more points than any score has.",
            f"Write at most {MOST_POINTS:,}.",
        )
    return int(value)


def day(text: str) -> date:
    """A calendar date, written ``2026-01-31``."""
    words = str(text).strip()
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
            raise ValueError(words)
        found = date.fromisoformat(words)
    except ValueError:
        raise Misread(
            f"'{words}' is not a date.", "Write year-month-day, such as 2026-01-31."
        ) from None
    if not 1970 <= found.year <= 2200:
        raise Misread(f"The year {found.year} is out of range.", "Use a year from 1970 to 2200.")
    return found


def days_off(text: str) -> tuple[date, date]:
    """An inclusive range of days, ``2026-02-02/2026-02-13``, or one day."""
    first, slash, last = str(text).partition("/")
    begin = day(first)
    end = day(last) if slash else begin
    if end < begin:
        raise Misread(
            f"'{text}' ends before it begins.", "Write the first day, a slash, the last day."
        )
    return begin, end


def yes_or_no(text: str) -> bool:
    """``yes`` or ``no`` (also true and false)."""
    words = str(text).strip().lower()
    if words in YES:
        return True
    if words in NO:
        return False
    raise Misread(f"'{text}' is neither yes nor no.", "Write yes or no.")


_PERIODS = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
_ADVERBS = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}


def period(text: str) -> str:
    """A period: day, week, month, quarter or year (daily, weekly … are understood)."""
    words = str(text).strip().lower()
    if found := _PERIODS.get(words) or _ADVERBS.get(words):
        return found
    near = meant(words, [*_PERIODS, *_ADVERBS])
    raise Misread(f"'{text}' is not a period.", f"Did you mean {near}?" if near else "Write month.")


def scaled(value: Decimal) -> int:
    """Money as whole ten-thousandths of its unit; refuses what would not be exact."""
    units = value * MONEY_SCALE
    if units != units.to_integral_value():
        raise Misread(f"{value} has more than four decimals.", "Round it to four decimals.")
    return int(units)


def rounded(value: Fraction | Decimal, places: int = 2) -> Decimal:
    """A value rounded half up to `places` decimals, for showing."""
    if isinstance(value, Fraction):
        quantum = 10**places
        doubled = value * quantum * 2
        whole = (abs(doubled.numerator) // doubled.denominator + 1) // 2
        signed = whole if value >= 0 else -whole
        return Decimal(signed).scaleb(-places)
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
