"""Formats: how an export spells dates, numbers and durations; declared, never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from leadpact.words import _

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  (local, until it meets a zone)
_MICRO: Final = timedelta(microseconds=1)
_TOKENS: Final = re.compile(r"yyyy|yy|Month|Mon|mm|m|dd|d|hh|h|ss|fff|am|zz", re.ASCII)
_PATTERNS: Final = {
    "yyyy": r"(?P<year>\d{4})",
    "yy": r"(?P<short>\d{2})",
    "Month": r"(?P<name>[^\W\d_]+)",
    "Mon": r"(?P<name>[^\W\d_]{3,4})\.?",
    "dd": r"(?P<day>\d{2})",
    "d": r"(?P<day>\d{1,2})",
    "hh": r"(?P<hour>\d{2})",
    "h": r"(?P<hour>\d{1,2})",
    "ss": r"(?P<second>\d{2})",
    "fff": r"(?P<part>\d{1,9})",
    "am": r"(?P<half>[AaPp]\.?[Mm]\.?)",
    "zz": r"(?P<offset>Z|[+-]\d\d:?\d\d)",
}


class Local(NamedTuple):
    """A time as it was written: µs since 1970 on that clock, and its offset from UTC if told."""

    at: int
    date_only: bool
    offset: int | None


DateReader: TypeAlias = Callable[[str], Local | None]


@lru_cache(maxsize=256)
def date_reader(form: str) -> DateReader:
    """The reader of a date form like ``dd.mm.yyyy hh:mm``; ValueError for one that is none.

    `yyyy` `yy` `mm` `m` `Mon` `Month` `dd` `d` `hh` `h` `mm` (minutes, after hours) `ss` `fff` `am` `zz`; all
    else stands for itself. `iso` reads ISO 8601, `excel` the day numbers of a spreadsheet.
    """
    if form == "iso":
        return _iso
    if form == "excel":
        return _excel
    pattern = re.compile(_pattern(form))
    groups = pattern.groupindex
    if not (
        {"year", "short"} & set(groups) and {"month", "name"} & set(groups) and "day" in groups
    ):
        raise ValueError(_("a date needs a year, a month and a day"))

    def read(text: str) -> Local | None:
        match = pattern.fullmatch(text)
        return None if match is None else _local({k: v for k, v in match.groupdict().items() if v})

    return read


def _pattern(form: str) -> str:
    parts: list[str] = []
    end, hours = 0, False
    for token in _TOKENS.finditer(form):
        parts.append(_literal(form[end : token.start()]))
        name, end = token.group(), token.end()
        hours |= name in {"hh", "h"}
        if name in {"mm", "m"}:
            width = r"\d{2}" if name == "mm" else r"\d{1,2}"
            parts.append(f"(?P<{'minute' if hours else 'month'}>{width})")
        else:
            parts.append(_PATTERNS[name])
    parts.append(_literal(form[end:]))
    try:
        re.compile(pattern := "".join(parts))
    except re.error as error:
        raise ValueError(_("a part of it stands twice")) from error
    return pattern


def _literal(text: str) -> str:
    return re.sub(r"(\\ )+|\s+", r"\\s+", re.escape(text))


def _local(parts: dict[str, str]) -> Local | None:
    year = int(parts["year"]) if "year" in parts else 2000 + int(parts["short"])
    month = _month(parts["name"]) if "name" in parts else int(parts["month"])
    hour = int(parts.get("hour", 0))
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    part = int(parts.get("part", "0")[:6].ljust(6, "0"))
    try:
        moment = datetime(  # noqa: DTZ001
            year,
            month,
            int(parts["day"]),
            hour,
            int(parts.get("minute", 0)),
            int(parts.get("second", 0)),
            part,
        )
    except ValueError:
        return None
    return Local((moment - _EPOCH) // _MICRO, "hour" not in parts, _offset(parts.get("offset")))


def _month(name: str) -> int:
    """The number of an English month by its name or its first letters; 0 if it is none."""
    found = [n for n, month in enumerate(MONTHS, 1) if month.startswith(name.casefold())]
    if name.casefold() == "sept":
        return 9
    return found[0] if len(found) == 1 and len(name) >= 3 else 0


def _offset(text: str | None) -> int | None:
    if text is None:
        return None
    if text in "Zz":
        return 0
    sign = -1 if text[0] == "-" else 1
    return sign * (int(text[1:3]) * 60 + int(text[-2:])) * 60_000_000


def _iso(text: str) -> Local | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    shift = moment.utcoffset()
    local = moment.replace(tzinfo=None)
    date_only = len(text) <= 10 and ":" not in text and "T" not in text
    return Local((local - _EPOCH) // _MICRO, date_only, None if shift is None else shift // _MICRO)


def _excel(text: str) -> Local | None:
    """Days since 30 December 1899, as a spreadsheet counts them; a whole number is a date."""
    try:
        days = Decimal(text)
    except InvalidOperation:
        return None
    if not days.is_finite() or not 1 <= days < 110_000:
        return None
    micros = int((days - 25_569) * 86_400_000_000)
    return Local(
        (micros + 500_000) // 1_000_000 * 1_000_000, days == days.to_integral_value(), None
    )


def local_time(text: str, forms: Sequence[str]) -> Local | None:
    """What a text says in the first of some date forms that fits it; None if none does."""
    for form in forms:
        if (found := date_reader(form)(text)) is not None:
            return found
    return None


class NumberForm(NamedTuple):
    """How numbers are written: the decimal sign, the sign between thousands, short suffixes."""

    decimal: str
    thousands: str
    short: bool


_SAMPLES: Final = {
    "1234.56": NumberForm(".", "", False),
    "1234,56": NumberForm(",", "", False),
    "1,234.56": NumberForm(".", ",", False),
    "1.234,56": NumberForm(",", ".", False),
    "1 234,56": NumberForm(",", " ", False),
    "1 234.56": NumberForm(".", " ", False),
    "1'234.56": NumberForm(".", "'", False),
    "1,234.56K": NumberForm(".", ",", True),
    "1.234,56K": NumberForm(",", ".", True),
}
NUMBERS: Final = tuple(_SAMPLES)
"""The samples that declare a number form."""
_SHORT: Final = {"k": 1_000, "m": 1_000_000, "b": 1_000_000_000}


def number(text: str, sample: str) -> Decimal | None:
    """The number that a text says in the form of a sample; None if it says none.

    Signs of currency and spaces around it don't matter; parentheses mean below zero.
    """
    form = _SAMPLES[sample]
    bare = "".join(sign for sign in text if unicodedata.category(sign) != "Sc").strip()
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare.strip("()").replace("\u2212", "-").strip()
    factor = 1
    if form.short and bare[-1:].casefold() in _SHORT:
        factor, bare = _SHORT[bare[-1].casefold()], bare[:-1].strip()
    match = _number_pattern(form).fullmatch(
        re.sub(r"[\s\u2019]", lambda m: "'" if m[0] == "\u2019" else " ", bare)
    )
    if match is None:
        return None
    whole = re.sub(r"\D", "", match["whole"])
    value = Decimal(f"{match['sign'] or ''}{whole}.{match['part'] or '0'}") * factor
    return -value if negative else value


@lru_cache
def _number_pattern(form: NumberForm) -> re.Pattern[str]:
    grouped = rf"\d{{1,3}}(?:{re.escape(form.thousands)}\d{{3}})+|" if form.thousands else ""
    return re.compile(
        rf"(?P<sign>[+-])? ?(?P<whole>{grouped}\d+)(?:{re.escape(form.decimal)}(?P<part>\d+))?",
        re.ASCII,
    )


DURATIONS: Final = {"seconds": 1, "minutes": 60, "hours": 3600, "clock": 0}
"""The ways a duration is written: a number of units, or `clock` for ``4 days, 22:47:14``."""
_CLOCK: Final = re.compile(
    r"(?:(?P<days>-?\d+) days?,? )?(?P<sign>-)?(?P<hours>\d+):(?P<minutes>\d\d)(?::(?P<seconds>\d\d)(?:\.\d+)?)?",
    re.ASCII,
)


def seconds(text: str, way: str, sample: str) -> Decimal | None:
    """A duration in seconds; may be negative; None for a text that says none."""
    if way != "clock":
        value = number(text, sample)
        return None if value is None else value * DURATIONS[way]
    match = _CLOCK.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    clock = int(match["hours"]) * 3600 + int(match["minutes"]) * 60 + int(match["seconds"] or 0)
    total = int(match["days"] or 0) * 86_400 + clock
    return Decimal(-total if match["sign"] else total)


def ascii_digits(text: str) -> str:
    """`text` with the digits of any script as 0 to 9, and without marks of direction."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        for sign in text
        if sign not in "\u200e\u200f\u061c"
    )
