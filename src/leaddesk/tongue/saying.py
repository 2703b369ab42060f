"""Saying: a sentence of the engine as it stands on a page, in the direction and digits of the reader."""

import re
from collections.abc import Iterable

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi

from leaddesk.tongue.digits import persian
from leaddesk.tongue.wishes import wishes

_FIGURES = re.compile(
    r"(?<![A-Za-z] )(?<![\w&#.,:@/-])[+\-−]?\d[\d.,:/–-]*(?<![.,:/–-])%?(?![\w@])"
)
_MARKS = str.maketrans({",": "٬", ".": "٫", "%": "٪"})


def said(text: str) -> SafeString:
    """A sentence whose words are the agreement's and whose grammar is the reader's.

    It runs as the page does even where it begins with a name in other letters, and its numbers, days
    and times keep their order. A number behind a Latin word belongs to that name and stays as it is.
    """
    whole = conditional_escape(text)
    if not get_language_bidi():
        return format_html("<bdi>{}</bdi>", whole)
    inner = _FIGURES.sub(_figures, whole)
    return mark_safe(f'<bdi dir="rtl">{inner}</bdi>')  # noqa: S308  (escaped above)


def listed(parts: Iterable[object]) -> SafeString:
    """Parts one after the other as the page runs, whatever letters the first one begins with."""
    runs = "rtl" if get_language_bidi() else "ltr"
    each = format_html_join(", ", "<bdi>{}</bdi>", ((part,) for part in parts))
    return format_html('<bdi dir="{}">{}</bdi>', runs, each)


def _figures(found: re.Match[str]) -> str:
    text = found[0]
    if wishes().is_persian_in_figures:
        text = persian(text if ":" in text or text.count("-") > 1 else text.translate(_MARKS))
    return f'<bdi dir="ltr">{text}</bdi>'
