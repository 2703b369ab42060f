"""Lead follow-up: the cadence of a lead as a ladder, what comes next, and what would be too much."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from leaddesk.book.follow_up import Followed, followed_in
from leaddesk.book.models import Lead
from leaddesk.pages.card import Card
from leaddesk.pages.following import guard_sentences, next_words, state_words
from leaddesk.pages.telling import spoken
from leadpact.cadence import Touched

STATES = {
    "done": "good",
    "late": "warn",
    "skipped": "warn",
    "missed": "bad",
    "overdue": "bad",
}
_OTHERS = ("phone", "email")


class Rung(NamedTuple):
    """A planned touch as a rung: its channel, what became of it, when it was due and done."""

    touch: Touched
    channel: str
    said: str
    state: str


class Caution(NamedTuple):
    """What a try by a channel would be too much of now."""

    channel: str
    sentences: list[str]


def card(request: Any, row: Lead, now: int) -> Card | None:
    """The card of follow-up; None where the agreement says nothing of it."""
    if request.agreed.follow_up is None:
        return None
    zones = {row.key: request.contact.zone} if request.contact else {}
    found = followed_in(request.judged[1], [row.key], zones)
    if row.key not in found:
        return None
    own = found[row.key]
    words = state_words()
    told = {
        "own": own,
        "rungs": [
            Rung(one, spoken(one.channel), words[one.state], STATES.get(one.state, ""))
            for one in own.touches
        ],
        "next": _next(own, now),
        "warnings": [*_warnings(own, now)] if row.standing == "open" else [],
        "latest": [(at, spoken(channel) or _("no channel said")) for at, channel in own.latest],
    }
    return Card("parts/lead_follow_up.html", told)


def _next(own: Followed, now: int) -> SafeString | str:
    return next_words(own.next, now) if own.next else ""


def _warnings(own: Followed, now: int) -> Iterator[Caution]:
    """What the next touch, a call and an e-mail would be too much of, each that would."""
    planned = [own.next.channel] if own.next else []
    for channel in dict.fromkeys([*planned, *_OTHERS]):
        if warned := own.warned(channel, now):
            yield Caution(spoken(channel), guard_sentences(warned, now))
