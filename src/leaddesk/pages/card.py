"""Card: a part of the page of a lead that one of the rooms adds to it."""

from typing import Any, NamedTuple


class Card(NamedTuple):
    """A part of the page of a lead: its template and what it shows there (as `card`)."""

    template: str
    told: Any
