"""Fields: how what people enter into a register is read, each field by its own reader.

A reader takes what was handed in and yields what is stored, or raises `Unfit` with what is wrong
and how to mend it.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import date, time
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from leaddesk.book.refusal import Refused
from leadpact.problem import Problem, did_you_mean

Reader = Callable[[Any], Any]
_MOST_SHOWN = 60
# They turn what follows around: a name could pass for another one.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DOMAIN = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])"
)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


class Unfit(ValueError):
    """A value that can't be taken: what is wrong, and how to mend it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)


class Field(NamedTuple):
    """A field of a register: its reader, and whether a new row must have it."""

    read: Reader
    is_needed: bool = False


def taken_fields(
    fields: Mapping[str, Field], given: Mapping[str, Any], *, whole: bool
) -> dict[str, Any]:
    """What was given, as it is stored; `whole` where a new row is made. Raises `Refused`."""
    found: dict[str, Any] = {}
    problems = []
    for name, value in given.items():
        field = fields.get(name)
        if field is None:
            said = _("There is no field '{name}'.").format(name=plain_text(name))
            problems.append(Problem(plain_text(name), 0, said, did_you_mean(str(name), fields)))
            continue
        try:
            found[name] = field.read(value)
        except Unfit as error:
            problems.append(Problem(name, 0, *error.args))
    for name, field in fields.items():
        if field.is_needed and (found.get(name) == "" or (whole and name not in given)):
            said = _("The field '{name}' is empty.").format(name=name)
            problems.append(Problem(name, 0, said, _("Fill it in.")))
    if problems:
        raise Refused(problems)
    return found


def plain_text(value: Any) -> str:
    """A value as a message can repeat it: short, and without characters that do things."""
    text = str(value)[:_MOST_SHOWN].encode("utf-8", "replace").decode()
    return "".join("?" if _does_things(character) else character for character in text)


def _does_things(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in {"Cc", "Cs"}


def read_text(most: int) -> Reader:
    """A reader of one line of text with at most so many characters; None is the empty text."""

    def read(value: Any) -> str:
        text = "" if value is None else value
        if not isinstance(text, str):
            raise Unfit(_("This is no text."), _("Write it as text."))
        if len(text) > most:
            said = _("The value is longer than {most} characters.").format(most=most)
            raise Unfit(said, _("Shorten it."))
        if any(_does_things(character) for character in text):
            said = _("The value holds a character that can't be seen.")
            raise Unfit(said, _("Remove line breaks, control characters and half characters."))
        return text.strip()

    return read


def read_email(value: Any) -> str:
    """An e-mail address."""
    text: str = read_text(254)(value)
    try:
        if text:
            validate_email(text)
    except ValidationError:
        said = _("'{text}' is no e-mail address.").format(text=plain_text(text))
        raise Unfit(said, _("Write it like name@company.com.")) from None
    return text


def read_domain(value: Any) -> str:
    """The domain of a company; an address of its web site is cut to it."""
    text: str = read_text(300)(value).lower()
    text = text.partition("://")[2] or text
    text = text.partition("/")[0].removeprefix("www.")
    if text and not _DOMAIN.fullmatch(text):
        said = _("'{text}' is no domain.").format(text=plain_text(text))
        raise Unfit(said, _("Write it like company.com."))
    return text


def read_zone(value: Any) -> str:
    """The name of a time zone."""
    text: str = read_text(64)(value)
    if text and text not in available_timezones():
        said = _("There is no time zone '{text}'.").format(text=text)
        raise Unfit(said, _("Write it like Europe/Warsaw."))
    return text


def read_language(value: Any) -> str:
    """The code of a language that the desk knows."""
    return read_one_of([code for code, _name in settings.LANGUAGES])(value)


def read_country(value: Any) -> str:
    """The two letters of a country."""
    text: str = read_text(2)(value).upper()
    if text and not (len(text) == 2 and text.isascii() and text.isalpha()):
        said = _("'{text}' is no code of a country.").format(text=text)
        raise Unfit(said, _("Write two letters, like PL."))
    return text


def read_one_of(words: Collection[str]) -> Reader:
    """A reader of one of some words, or of nothing."""

    def read(value: Any) -> str:
        text: str = read_text(100)(value)
        if text and text not in words:
            said = _("'{text}' isn't known here.").format(text=plain_text(text))
            raise Unfit(said, did_you_mean(text, words))
        return text

    return read


def read_day(value: Any) -> date:
    """A date, written 2026-03-31."""
    if isinstance(value, date):
        return value
    text = read_text(10)(value)
    try:
        return date.fromisoformat(text)
    except ValueError:
        said = _("'{text}' is no date.").format(text=text)
        raise Unfit(said, _("Write it like 2026-03-31.")) from None


def read_time(value: Any) -> time | None:
    """A time of day, written 17:30; None for none."""
    if value is None or isinstance(value, time):
        return value
    text = read_text(8)(value)
    if text and not _TIME.fullmatch(text):
        said = _("'{text}' is no time of day.").format(text=text)
        raise Unfit(said, _("Write it like 17:30."))
    return time.fromisoformat(text) if text else None


def read_flag(value: Any) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise Unfit(_("This is neither true nor false."), _("Write true or false."))
    return value
