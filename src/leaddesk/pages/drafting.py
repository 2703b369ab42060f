"""Drafting: the text of a next version, and the numbers of promises that can be changed in place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from leaddesk.book.readings import reading_of
from leadpact.agreement.clause import rate_text
from leadpact.agreement.load import Reading
from leadpact.agreement.new import new
from leadpact.agreement.places import Places
from leadpact.agreement.promises import Ratio, Response, Volume
from leadpact.plan.months import month_after

_PLAIN = re.compile(
    r"[^\s,{}\[\]#:&*!|>'\"%@`\\\x00-\x1f\x7f-\x9f][^,{}\[\]#:\x00-\x1f\x7f-\x9f\n]{0,59}"
)
_FIRST = "minimal"


class Number(NamedTuple):
    """A number of a promise: what it is called, how it is written now, and its line."""

    id: str
    promise: str
    side: str
    what: str
    key: str
    value: str
    line: int


def next_version(text: str, today: date) -> str:
    """The text as the next version: its number one higher, valid from the next month."""
    agreement = reading_of(text).agreement
    if agreement is None:
        return text
    first = month_after(max(today, agreement.valid_from))
    text = _written(text, "version", str(agreement.version + 1))
    return _written(text, "valid from", first.isoformat())


def _written(text: str, key: str, value: str) -> str:
    """The text with another value for a key at its top; only the value itself is changed."""
    return re.sub(rf"(?im)^({key}[ \t]*:[ \t]*)[^\s#]+", rf"\g<1>{value}", text, count=1)


def first_version(name: str, today: date) -> str:
    """A short agreement to begin with."""
    return new(_FIRST, " ".join(name.split())[:100] or _("Our agreement"), month_after(today))


def numbers(text: str) -> list[Number]:
    """The numbers of promises that stand in the text so that they can be changed by themselves."""
    lines = text.splitlines()
    return [
        one
        for one in _numbers(reading_of(text))
        if len(_pattern(one).findall(_line(lines, one.line))) == 1
    ]


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _pattern(one: Number) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w ])(\s*{re.escape(one.key)}\s*:\s*)({re.escape(one.value)})(?=\s*(?:[,}}#]|$))"
    )


def _numbers(reading: Reading) -> Iterator[Number]:
    if reading.agreement is None:
        return
    places = Places(reading.lines)
    for name, (side, clause) in reading.agreement.promised().items():
        for key, what, value in _of(clause):
            path = ("promises", side, name, key)
            yield Number(f"{side}.{name}.{key}", name, side, what, key, value, places.line(path))


def _of(clause: Any) -> Iterator[tuple[str, str, str]]:
    """Key, meaning and value of each number of a promise."""
    if isinstance(clause, Response):
        if clause.within is not None:
            yield "within", _("within"), str(clause.within)
        yield from _shares(clause, {"target": _("target")})
    elif isinstance(clause, Volume):
        if not isinstance(clause.amount, str):
            yield "amount", _("amount"), f"{clause.amount:f}"
        yield from _shares(clause, {"tolerance": _("tolerance")})
    elif isinstance(clause, Ratio):
        yield from _shares(clause, {"at least": _("at least"), "at most": _("at most")})


def _shares(clause: Any, keys: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for key, what in keys.items():
        share = getattr(clause, key.replace(" ", "_"))
        if share:
            yield key, what, rate_text(share)


class Changed(NamedTuple):
    """A text with other numbers in it; `unfit` names the values that couldn't be written."""

    text: str
    unfit: Mapping[str, str]


def changed(text: str, wanted: Mapping[str, str]) -> Changed:
    """The text with the numbers that are wanted by their id; others stay as they are."""
    unfit = {}
    lines = text.splitlines(keepends=True)
    for one in numbers(text):
        value = " ".join(wanted.get(one.id, one.value).split())
        if value == one.value:
            continue
        if not _PLAIN.fullmatch(value):
            unfit[one.id] = value
            continue
        place = one.line - 1
        lines[place] = _pattern(one).sub(lambda m, v=value: m[1] + v, lines[place])
    return Changed("".join(lines), unfit)
