"""Spans: lengths of time in words, and how far away an instant is."""

from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

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
    return _("just now") if passed < SECOND else _("%(span)s ago") % {"span": spoken_now(passed)}


def countdown(due: int | None, now: int | None = None) -> SafeString | str:
    """How long is left until an instant (µs UTC), or by how much it is over, as a `time` element."""
    if due is None:
        return NOTHING
    left = due - (now_of_reader() if now is None else now)
    text = _("%(span)s left") if left >= 0 else _("%(span)s late")
    html = '<time datetime="{}" dir="{}" data-countdown>{}</time>'
    said = text % {"span": spoken_now(abs(left))}
    return format_html(html, to_datetime(due).isoformat(), wishes().direction, said)


def spoken_now(length: int) -> str:
    """A length (µs) as a clock that runs tells it: it changes each minute, and in the last each second."""
    return _seconds(number(length // SECOND)) if length < MINUTE else _in_words(length)


def _in_words(length: int) -> str:
    """The two largest units, the smaller one left out where it is zero."""
    if length < HOUR:
        return pgettext("span", "%(n)s min") % {"n": number(length // MINUTE)}
    if length < DAY:
        hours, minutes = number(length // HOUR), number(length % HOUR // MINUTE)
        if length % HOUR < MINUTE:
            return pgettext("span", "%(n)s h") % {"n": hours}
        text = pgettext("span", "%(hours)s h %(minutes)s min")
        return text % {"hours": hours, "minutes": minutes}
    days, hours = number(length // DAY), number(length % DAY // HOUR)
    if length % DAY < HOUR:
        return pgettext("span", "%(n)s d") % {"n": days}
    return pgettext("span", "%(days)s d %(hours)s h") % {"days": days, "hours": hours}


def _seconds(shown: str) -> str:
    return pgettext("span", "%(n)s s") % {"n": shown}
