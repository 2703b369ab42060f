"""Spans: lengths of time in words, and how far away an instant is."""

from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from leaddesk.tongue.numbers import NOTHING, number
from leaddesk.tongue.wishes import now_of_reader, wishes
from leadpact.clock import to_datetime
from leadpact.units import DAY, HOUR, MINUTE, SECOND


def span(length: int | None) -> str:
    """A length (µs), cut to the whole: ``1 h 12 min``, ``2 d 4 h``; below ten seconds a decimal."""
    if length is None:
        return NOTHING
    length = max(length, 0)
    if length < 10 * SECOND:
        return _seconds(number(Decimal(length // (SECOND // 10)) / 10, 1))
    return _seconds(number(length // SECOND)) if length < 2 * MINUTE else _in_words(length)


def ago(at: int | None, now: int | None = None) -> str:
    """How long ago an instant (µs UTC) was: ``4 min ago``; ``never`` where there was none."""
    if at is None:
        return _("never")
    passed = (now_of_reader() if now is None else now) - at
    return _("just now") if passed < SECOND else _("… ago").replace("…", spoken_now(passed))


def countdown(due: int | None, now: int | None = None) -> SafeString | str:
    """How long is left until an instant (µs UTC), or by how much it is over, as a `time` element.

    Its attributes hold the words by which a script keeps it right.
    """
    if due is None:
        return NOTHING
    length = due - (now_of_reader() if now is None else now)
    left, late = _("… left"), _("… late")
    html = '<time datetime="{}" dir="{}" data-countdown data-left="{}" data-late="{}">{}</time>'
    said = (left if length >= 0 else late).replace("…", spoken_now(abs(length)))
    at = to_datetime(due).isoformat()
    return format_html(html, at, wishes().direction, left, late, said)


def spoken_now(length: int) -> str:
    """A length (µs) as a clock that runs tells it: it changes each minute, and in the last each second."""
    return _seconds(number(length // SECOND)) if length < MINUTE else _in_words(length)


def _in_words(length: int) -> str:
    """The two largest units, the smaller one left out where it is zero; scripts word it alike."""
    if length < HOUR:
        return _minutes(length)
    if length < DAY:
        return _both(_hours(length), length % HOUR >= MINUTE and _minutes(length % HOUR))
    days = _("… d").replace("…", number(length // DAY))
    return _both(days, length % DAY >= HOUR and _hours(length % DAY))


def _both(large: str, small: str | bool) -> str:
    return f"{large} {small}" if small else large


def _hours(length: int) -> str:
    return _("… h").replace("…", number(length // HOUR))


def _minutes(length: int) -> str:
    return _("… min").replace("…", number(length // MINUTE))


def _seconds(shown: str) -> str:
    return _("… s").replace("…", shown)
