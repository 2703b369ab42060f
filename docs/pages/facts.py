"""The page of all facts, from the table of their kinds."""

from leadpact.facts import reference


def text() -> str:
    """The page."""
    return reference()
