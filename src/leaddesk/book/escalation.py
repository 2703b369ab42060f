"""Escalation: what happens of itself when nobody acts."""

from collections.abc import Iterator, Sequence

from leaddesk.book.codec import Row
from leaddesk.book.rules import Rules
from leadpact.judge import Judgement
from leadpact.notices import Notice


def reassigned(
    workspace: int, rules: Rules, judgement: Judgement, said: Sequence[Notice], now: int
) -> Iterator[Row]:
    """The facts by which leads change hands because their owners were too late."""
    yield from ()
