"""Reading: numbers as people type them, in any of the digits that are used here."""

import re
from decimal import Decimal

from babel.numbers import get_decimal_symbol, get_group_symbol
from django.utils.translation import gettext as _

from leaddesk.tongue.digits import latin
from leaddesk.tongue.wishes import wishes

_LONGEST = 60
_SPACES = re.compile(r"[\s\u200e\u200f\u061c]")
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


def _separators() -> tuple[str, str]:
    """Between groups and before decimals; spaces between groups are gone already."""
    language = wishes().language
    if language == "fa":
        return ",", "."
    group, point = get_group_symbol(language), get_decimal_symbol(language)
    return ("\u202f" if group.isspace() else group), point
