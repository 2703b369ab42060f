"""Isolation: lines of plain text that run as their language does, whatever name they begin with.

A program that shows plain text takes the direction of a line from its first letter, so that a Persian
sentence about Ana would run from the left; and a number after a name in other letters changes its
place. An isolated name does neither.
"""

import re

from django.utils.translation import get_language_bidi

_FIRST, _LAST = "\u2068", "\u2069"
_FROM_LEFT = "\u2066"
_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LEFT = "A-Za-z\u00c0-\u024f\u0370-\u052f\u0e00-\u0e7f"


def _runs(letters: str) -> re.Pattern[str]:
    """Addresses of the web and what is isolated already, or (as a group) names in these letters."""
    word = rf"[{letters}][{letters}\w.@&'’/+-]*"
    return re.compile(
        rf"{_FIRST}[^{_LAST}]*{_LAST}|\S+://\S+|({word}(?:[ .&'’-]+{word})*)", re.ASCII
    )


_NAMES = {True: _runs(_LEFT), False: _runs(_RIGHT)}
_WORDS = {True: re.compile(f"[{_RIGHT}]"), False: re.compile(f"[{_LEFT}]")}


def isolated(text: str) -> str:
    """Figures that run from the left, as days and hours do, so that no sentence turns them."""
    return f"{_FROM_LEFT}{text}{_LAST}" if get_language_bidi() else text


def in_line(text: str) -> str:
    """A line with the names in it isolated, where it begins with one or a number follows one.

    A line without a letter of the language that is spoken is left as it is.
    """
    is_rtl = get_language_bidi()
    if not _WORDS[is_rtl].search(text):
        return text
    first = re.search(f"[{_LEFT}{_RIGHT}]", text)

    def isolated(found: re.Match[str]) -> str:
        begins = first is not None and found.start() == first.start()
        needed = begins or re.match(r"\W{0,2}\d", text[found.end() :])
        return f"{_FIRST}{found[1]}{_LAST}" if found[1] and needed else found[0]

    return _NAMES[is_rtl].sub(isolated, text)
