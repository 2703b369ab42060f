"""Lead cards: what the rooms of scoring, handoff, nurture and follow-up add to the page of a lead."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from leaddesk.book.models import Lead
from leaddesk.pages import handoff, lead_chance, lead_follow_up, lead_nurture, lead_score, mails
from leaddesk.pages.card import Card

CARDS: Sequence[Callable[[Any, Lead, int], Card | None]] = (
    lead_score.card,
    handoff.card,
    lead_chance.card,
    lead_follow_up.card,
    lead_nurture.card,
    mails.card,
)
"""Each yields its card for a request, a lead and an instant, or None where it has nothing to say."""


def cards(request: Any, row: Lead, now: int) -> Iterator[Card]:
    """The cards of a lead, in their order."""
    for make in CARDS:
        card = make(request, row, now)
        if card is not None:
            yield card
