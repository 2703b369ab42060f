"""Instants: moments on the reader's clock, and on the clock of somebody elsewhere."""

from datetime import datetime, time

from babel.dates import get_timezone_location
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from leaddesk.tongue.days import day_text, weekday
from leaddesk.tongue.digits import persian
from leaddesk.tongue.numbers import NOTHING
from leaddesk.tongue.wishes import wishes
from leadpact.clock import to_datetime
from leadpact.clock.zones import zone_named

_CLOCK = {"fr": "{:%H}\u00a0h\u00a0{:%M}", "id": "{:%H}.{:%M}"}
_PLAIN_CLOCK = "{:%H}:{:%M}"
_JOINED = {"en": "{}, {}", "fr": "{}, {}", "fa": "{}، {}"}


def instant(at: int | datetime | None, zone: str = "") -> SafeString | str:
    """Day and time of an instant (µs UTC) as a `time` element, in the reader's zone or another."""
    if at is None:
        return NOTHING
    there = _local(at, zone)
    return _element(there, instant_text(at, zone))


def instant_text(at: int | datetime, zone: str = "", *, with_weekday: bool = False) -> str:
    """Day and time of an instant (µs UTC) as plain text: ``Nov 22, 2026, 14:05``."""
    there = _local(at, zone)
    joined = _JOINED.get(wishes().language, "{} {}")
    return joined.format(day_text(there.date(), with_weekday=with_weekday), _clock(there.time()))


def clocktime(at: int | datetime | time | None, zone: str = "") -> SafeString | str:
    """The time of day, without seconds: of an instant (µs UTC) in the reader's zone, or as given."""
    if at is None:
        return NOTHING
    if isinstance(at, time):
        html = '<time datetime="{}" dir="{}">{}</time>'
        return format_html(html, f"{at:%H:%M}", wishes().direction, _clock(at))
    there = _local(at, zone)
    return _element(there, _clock(there.time()))


def local_time(at: int | datetime, zone: str) -> str:
    """The time of day in another zone: ``14:20 in Bangkok``, with its weekday if that differs."""
    there, here = _local(at, zone), _local(at, "")
    words = {"time": _clock(there.time()), "place": _place(zone)}
    if there.date() == here.date():
        return _("%(time)s in %(place)s") % words
    words["weekday"] = weekday(there.date())
    return _("%(weekday)s, %(time)s in %(place)s") % words


def _local(at: int | datetime, zone: str) -> datetime:
    zone = zone or wishes().zone
    there = at if isinstance(at, datetime) else to_datetime(at)
    return there.astimezone(zone_named(zone))


def _element(there: datetime, text: str) -> SafeString:
    """With seconds and the offset of the zone for whoever points at it."""
    html = '<time datetime="{}" dir="{}" title="{}">{}</time>'
    written = there.isoformat()
    exact = f"{there:%Y-%m-%d %H:%M:%S} {there.tzinfo} (UTC{written[-6:]})"
    return format_html(html, written, wishes().direction, exact, text)


def _clock(at: time) -> str:
    text = _CLOCK.get(wishes().language, _PLAIN_CLOCK).format(at, at)
    return persian(text) if wishes().is_persian_in_figures else text


def _place(zone: str) -> str:
    """The city of a zone in the reader's language."""
    name = get_timezone_location(zone_named(zone), locale=wishes().language, return_city=True)
    return name.rpartition("/")[2].replace("_", " ")
