"""Meanings: what a figure is called, what it means and how it is said, in the reader's language."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.book.counting import ALL, Figure, Key
from leaddesk.book.spans import span_of
from leaddesk.tongue import number, percent, period
from leadpact.measure.definitions import DEFINITIONS


def meaning(found: Figure) -> str:
    """What a figure means, in a sentence."""
    own = {
        "missed": _("Promises that were broken, by when they began."),
        "open": _("Promises that are not due yet and wait for their answer."),
        "late": _("Promises past their due time that still wait for an answer."),
        "answered": _("Promises that were answered within these lengths of time."),
        "rate": _(
            "Of what entered in the period and had the time it needs, the share that arrived."
        ),
        "rejected": _("Handovers that sales rejected."),
        "handed": _("Leads that were handed over to sales."),
        "adherence": _(
            "Planned touches that were done by their channel and in time ÷ those that were due; the"
            " next touch of a lead, not due yet, is not decided."
        ),
        "behind": _("Leads whose next planned touch is past due."),
        "stale": _(
            "Handed-over leads still in the funnel for 7 days and more without any attempt."
        ),
        "over": _(
            "Leads with an attempt that the guard warns of ÷ leads with at least one attempt."
        ),
        "reasoned": _("Leads that were let go for an agreed reason ÷ leads that were let go."),
    }
    return own.get(found.definition) or DEFINITIONS[found.definition]()


def title(key: Key, names: Mapping[str, str], zone: str) -> str:
    """What a figure is called."""
    said = {
        "kept": _("Kept: %(promise)s"),
        "due": _("Kept of what was due: %(promise)s"),
        "missed": _("Missed: %(promise)s"),
        "open": _("Open: %(promise)s"),
        "late": _("Late: %(promise)s"),
        "answered": _("Answered: %(promise)s"),
        "delivered": _("Delivered: %(promise)s"),
        "rate": _("Reached: %(promise)s"),
        "accepted": _("Accepted by sales"),
        "rejected": _("Rejected by sales"),
        "handed": _("Handed over to sales"),
        "adherence": _("Touches as planned"),
        "behind": _("Behind the cadence"),
        "over": _("Too much contact"),
        "abandoned": _("Given back too early"),
        "unworked": _("Without any attempt"),
        "stale": _("Without any attempt for 7 days"),
        "covered": _("Tried at least once"),
        "reasoned": _("Let go with a reason"),
    }[key.family]
    whole = said % {"promise": _("all promises") if key.promise == ALL else key.promise}
    parts = [whole, when(key.period, zone)]
    if key.cut:
        parts.append(part(key, names))
    return " · ".join(parts)


def when(text: str, zone: str) -> str:
    """A period in words."""
    span = span_of(text, zone)
    if span is not None:
        return period(span.first, span.last)
    return _("now") if text == "now" else _("of all time")


def part(key: Key, names: Mapping[str, str]) -> str:
    """The part that a key cuts out, in words."""
    if key.cut == "rep":
        return names.get(key.word, key.word) or _("nobody")
    if key.cut == "time":
        return _("never answered") if key.word == "never" else _("by the time that it took")
    if key.cut == "age":
        return _("for 7 days and longer") if key.word == "old" else _("for less than 7 days")
    if key.cut == "rung":
        return _("%(number)s tries") % {"number": number(int(key.word))}
    return cause(key.word) if key.cut == "cause" else key.word or _("not given")


def cause(word: str) -> str:
    """Why a promise was broken, as the engine sees it."""
    said = {
        "nobody owned it": _("nobody owned it"),
        "assigned too late": _("assigned too late"),
        "never answered": _("never answered"),
        "answered late": _("answered late"),
    }
    return said.get(word, word)


def value(found: Figure) -> str:
    """A figure as it is shown large."""
    return percent(found.value) if found.is_share else number(found.hits)


def counted(found: Figure) -> str:
    """What a figure was counted from, and what isn't decided."""
    parts = []
    if found.is_share:
        said = _("%(part)s of %(whole)s")
        parts.append(said % {"part": number(found.hits), "whole": number(found.counted)})
    if found.undecided:
        waits = ngettext("%(count)s not decided", "%(count)s not decided", found.undecided)
        parts.append(waits % {"count": number(found.undecided)})
    if found.is_share and not found.enough:
        parts.append(_("too few to judge"))
    return " · ".join(parts)


def interval(found: Figure) -> str:
    """Where a share may truly lie."""
    if found.interval is None:
        return ""
    low, high = percent(found.interval.low, 0), percent(found.interval.high, 0)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def address(key: Key, part: str = "") -> str:
    """The page that opens a figure; where a part of its rows is said, at that part."""
    path = reverse("figure", args=[str(key)])
    return f"{path}?part={part}" if part else path


def length(text: str) -> str:
    """A length of time as an agreement says it (``14 days``), in the reader's words."""
    digits, _space, unit = text.partition(" ")
    if not (digits.isascii() and digits.isdigit()):
        return text
    count = int(digits)
    said = {
        "minutes": ngettext("%(count)s minute", "%(count)s minutes", count),
        "hours": ngettext("%(count)s hour", "%(count)s hours", count),
        "days": ngettext("%(count)s day", "%(count)s days", count),
        "weeks": ngettext("%(count)s week", "%(count)s weeks", count),
        "working hours": ngettext("%(count)s working hour", "%(count)s working hours", count),
        "working days": ngettext("%(count)s working day", "%(count)s working days", count),
    }
    known = said.get(unit if unit.endswith("s") else f"{unit}s")
    return text if known is None else known % {"count": number(count)}
