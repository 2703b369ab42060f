"""Handoffs: the record of every lead that was given to sales, drawn from its facts."""

from collections.abc import Mapping

from leaddesk.book.handing import Waiting
from leaddesk.book.rules import Rules
from leadpact.judge import Judgement


def write(
    workspace: int, rules: Rules, judgement: Judgement, waiting: Mapping[str, Waiting]
) -> None:
    """Rewrite the index of handoffs of the leads that were judged; rows that stay the same are left."""
    del workspace, rules, judgement, waiting
