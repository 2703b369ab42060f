"""Handoff words: what handoffs, their packets and their disputes are called and told as."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from leaddesk.book.handoffs import packet_of
from leaddesk.book.models import Handoff
from leaddesk.pages.telling import spoken
from leaddesk.tongue import number
from leadpact.clock import to_micros
from leadpact.handing import COLLEAGUE

STATES: Mapping[str, Any] = {
    "waiting": pgettext_lazy("handoff", "waiting for an owner"),
    "offered": pgettext_lazy("handoff", "offered"),
    "accepted": pgettext_lazy("handoff", "accepted"),
    "silent": pgettext_lazy("handoff", "accepted in silence"),
    "rejected": pgettext_lazy("handoff", "rejected"),
    "returned": pgettext_lazy("handoff", "given back"),
    "ended": pgettext_lazy("handoff", "ended"),
}
LOOKS = {
    "waiting": "warn",
    "offered": "",
    "accepted": "good",
    "silent": "warn",
    "rejected": "bad",
    "returned": "",
    "ended": "quiet",
}
"""How the badge of a state looks."""
DISPUTES: Mapping[str, Any] = {
    "open": pgettext_lazy("dispute", "contested"),
    "upheld": pgettext_lazy("dispute", "the rejection stands"),
    "overturned": pgettext_lazy("dispute", "the rejection was wrong"),
}
_OVERTURNED = gettext_lazy("its rejection was found wrong")


class Thing(NamedTuple):
    """A field of a packet: its name, its value in lines; whether it is missing or kept apart."""

    name: str
    lines: list[tuple[str, int | None]]
    is_missing: bool = False
    is_personal: bool = False


def apart(text: str) -> str:
    """What people or the agreement wrote, so that its direction turns no sentence around it."""
    return format_html("<bdi>{}</bdi>", text) if text else ""


def trigger(text: str) -> str:
    """What handed a lead over."""
    if text == "rejection overturned":
        return str(_OVERTURNED)
    by, _colon, what = text.partition(": ")
    if what and by == COLLEAGUE:
        return _("a colleague’s interest: %(what)s") % {"what": spoken(what)}
    return spoken(text)


def points(hundredths: int | None) -> str:
    """Hundredths of a point as points."""
    return "" if hundredths is None else number(round(hundredths / 100, 1))


def things(one: Handoff) -> Iterator[Thing]:
    """What was handed over, field by field, and what was agreed and is missing."""
    for name, value in packet_of(one).items():
        if value is True:
            yield Thing(spoken(name), [], is_personal=True)
        elif isinstance(value, list):
            yield Thing(spoken(name), [_done(each) for each in value])
        elif isinstance(value, dict):
            yield Thing(spoken(name), [*_score(value)])
        else:
            yield Thing(spoken(name), [(str(value), None)])
    for name in missing(one):
        yield Thing(spoken(name), [], is_missing=True)


def missing(one: Handoff) -> list[str]:
    """The agreed fields that a packet lacks."""
    return [name.strip() for name in one.missing.split(",") if name.strip()]


def _done(each: Any) -> tuple[str, int | None]:
    if not isinstance(each, dict):
        return str(each), None
    what = spoken(str(each.get("what", "")))
    beside = [str(each[name]) for name in ("campaign", "source") if each.get(name)]
    text = _("%(what)s (%(beside)s)") % {"what": what, "beside": ", ".join(beside)}
    return (text if beside else what), _at(str(each.get("at", "")))


def _at(text: str) -> int | None:
    from datetime import datetime

    try:
        return to_micros(datetime.fromisoformat(text))
    except ValueError:
        return None


def _score(value: Mapping[str, Any]) -> Iterator[tuple[str, int | None]]:
    told = {"fit": value.get("fit", ""), "interest": value.get("interest", "")}
    yield _("Fit %(fit)s, interest %(interest)s") % told, None
    for one in value.get("factors", []):
        if isinstance(one, dict) and one.get("points"):
            name = spoken(str(one.get("name") or one.get("axis", "")))
            yield f"{name}: {points(int(one['points']))}", None


def said(body: str) -> Mapping[str, Any]:
    """The fields of a fact."""
    found: dict[str, Any] = json.loads(body)
    return found
