"""Spoken: instants and spans as pages say them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from leaddesk.book.moment import DAY, MINUTE, SECOND

_HOUR = 60 * MINUTE


def instant(at: int, zone: str) -> SafeString:
    """An instant (µs UTC) on the wall clock of a zone, as a `time` element."""
    there = datetime.fromtimestamp(at // SECOND, UTC).astimezone(ZoneInfo(zone))
    plain = f"{there:%Y-%m-%d %H:%M:%S}"
    html = '<time datetime="{}"><bdi dir="ltr">{}</bdi></time>'
    return format_html(html, there.isoformat(), f"{plain} {there:%Z}")


def span(length: int) -> str:
    """A span (µs) in its largest unit, cut to the whole; below ten seconds with a decimal."""
    length = max(length, 0)
    if length < 10 * SECOND:
        return _("%(n)s s") % {"n": f"{length // (SECOND // 10) / 10:.1f}"}
    for unit, text in ((DAY, _("%(n)s d")), (_HOUR, _("%(n)s h")), (MINUTE, _("%(n)s min"))):
        if length >= 2 * unit:
            return text % {"n": length // unit}
    return _("%(n)s s") % {"n": length // SECOND}
