"""Streams: the parts of the quota, and what the goal lacks to be planned for."""

from dataclasses import dataclass
from fractions import Fraction

from leadpact.agreement.model import Agreement
from leadpact.figure import percentage
from leadpact.problem import Problem
from leadpact.words import _


@dataclass(frozen=True, slots=True)
class Share:
    """A stream's part of the quota; `name` is None where the agreement has no streams."""

    name: str | None
    share: Fraction
    retention: bool


def streams(agreement: Agreement) -> tuple[list[Share], list[Problem]]:
    """The streams of the goal with their shares, and what the goal lacks."""
    goal = agreement.goal
    if goal is None or goal.quota is None:
        said = _("The plan has no quota to count back from.")
        return [Share(None, Fraction(1), False)], [
            Problem("goal.quota", 0, said, _("Write `quota: {amount: 500000, per: month}`."))
        ]
    problems = []
    if not goal.quota.amount or not goal.quota.marketing_share:
        path = "goal.quota.marketing share" if goal.quota.amount else "goal.quota.amount"
        said = _("Nothing is asked of marketing, so there is nothing to plan.")
        problems.append(Problem(path, 0, said, _("Write a number above 0.")))
    if not goal.streams:
        return [Share(None, Fraction(1), False)], problems
    shares = [Share(n, s.share, s.retention) for n, s in goal.streams.items()]
    if (total := sum((share.share for share in shares), Fraction(0))) != 1:
        said = _("The shares of the streams sum to {sum}, not 100%.")
        remedy = _("Change them so that they sum to 100%.")
        problems.append(Problem("goal.streams", 0, said.format(sum=percentage(total)), remedy))
    if all(share.retention for share in shares):
        said = _("Every stream is of existing customers, for which no leads are demanded.")
        problems.append(Problem("goal.streams", 0, said, _("Add a stream of new business.")))
    return shares, problems
