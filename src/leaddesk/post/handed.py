"""Handed: what the owner of a lead is told when it is handed over: why, until when, and the packet."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leaddesk.book.handed_notices import KIND
from leaddesk.post.exchange import printable
from leaddesk.tongue import instant_text
from leadpact.handing import COLLEAGUE

__all__ = ["KIND", "lines"]
_LONGEST, _MOST = 200, 12


def lines(one: Mapping[str, Any]) -> Iterator[str]:
    """What is told of a handoff, line by line; what is personal stands on the desk alone."""
    if trigger := str(one.get("trigger") or ""):
        yield _("What handed it over: %s") % _short(_in_words(trigger))
    if one.get("due_at"):
        until = instant_text(datetime.fromisoformat(one["due_at"]), with_weekday=True)
        yield _("Accept or reject it until %s. Silence counts as yes.") % until
    packet = one.get("packet")
    if isinstance(packet, Mapping):
        for name, value in [*packet.items()][:_MOST]:
            if told := _told(value):
                yield f"{_short(str(name))}: {told}"
    if missing := one.get("missing"):
        yield _("Agreed, but missing: %s") % _short(", ".join(str(name) for name in missing))


def _in_words(trigger: str) -> str:
    by, _colon, what = trigger.partition(": ")
    return _("a colleague’s interest: %(what)s") % {"what": what} if by == COLLEAGUE else trigger


def _told(value: Any) -> str:
    """A field of the packet in one line; "" for what isn't told here."""
    if isinstance(value, Mapping):
        scores = {"fit": value.get("fit", ""), "interest": value.get("interest", "")}
        return _short(_("fit %(fit)s, interest %(interest)s") % scores)
    if isinstance(value, list):
        done = [str(each.get("what", "")) for each in value if isinstance(each, Mapping)]
        return _short(", ".join(dict.fromkeys(done)))
    return _short(value) if isinstance(value, str) else ""


def _short(text: str) -> str:
    line = " ".join(printable(text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
