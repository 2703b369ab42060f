"""Lead chance: how likely a lead is to be won by the model in use, and what speaks for and against it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from leaddesk.book import foretelling
from leaddesk.book.models import Lead
from leaddesk.pages.card import Card
from leaddesk.pages.prediction import times
from leaddesk.tongue import number, percent
from leadpact.learn import Model, named

_MOST = 5


class Ground(NamedTuple):
    """What is known of a lead, and by how much it changes the odds."""

    name: str
    says: str
    times: str
    is_for: bool


def card(request: Any, row: Lead, now: int) -> Card | None:
    """The chance of a lead with its reasons; None where no model is in use."""
    rules, judged = request.judged
    found = foretelling.chance_in(rules, judged.log, row.key, now)
    if found is None:
        return None
    chance, model, is_recorded = found
    grounds = [ground for one in chance.factors if (ground := _ground(model, one)) is not None]
    told = {
        "share": percent(chance.share),
        "number": number(chance.number),
        "is_recorded": is_recorded,
        "grounds": grounds[:_MOST],
    }
    return Card("parts/lead_chance.html", told)


def _ground(model: Model, told: Mapping[str, Any]) -> Ground | None:
    """One part of a chance in the reader's words; None for what the model doesn't know, or ignores."""
    kind, name, place, weight = (told.get(key) for key in ("kind", "name", "bin", "weight"))
    for feature in model.features:
        if (feature.kind, feature.name) == (kind, name):
            if not isinstance(place, int) or not isinstance(weight, int) or not weight:
                return None
            if not 0 <= place < feature.bins.count or abs(weight) > 10**6:
                return None
            says = feature.bins.says(place)
            return Ground(named(feature.kind, feature.name), says, times(weight), weight > 0)
    return None
