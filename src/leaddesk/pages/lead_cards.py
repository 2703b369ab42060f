"""Lead cards: what the rooms of scoring, handoff, nurture and follow-up add to the page of a lead."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from leaddesk.book.models import Lead


class Card(NamedTuple):
    """A part of the page of a lead: its template and what it shows there (as `card`)."""

    template: str
    told: Any


CARDS: Sequence[Callable[[Any, Lead, int], Card | None]] = ()
"""Each yields its card for a request, a lead and an instant, or None where it has nothing to say."""


def cards(request: Any, row: Lead, now: int) -> Iterator[Card]:
    """The cards of a lead, in their order."""
    for make in CARDS:
        card = make(request, row, now)
        if card is not None:
            yield card
