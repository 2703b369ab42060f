"""Tuning: what other rules of points would have made of the leads of the last quarter. Keeps nothing."""

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from leaddesk.book.models import AgreementVersion
from leaddesk.book.quarter import Quarter, quarter, unheard
from leaddesk.book.rules import rules_of
from leaddesk.book.scoring import agreed
from leadpact.agreement.model import Agreement
from leadpact.facts import WON
from leadpact.log import Log
from leadpact.measure.points import Bools, Compared, Place, Share, having, parts, qualifying

MOST_PARTS = 60
"""So many clauses are tried by themselves at most."""
OF = ("was", "would", "more", "fewer")
"""The lists behind the figures of a difference."""


class Alone(NamedTuple):
    """What one change would have made by itself."""

    place: Place
    more: Share
    fewer: Share


class Difference(NamedTuple):
    """Who of a quarter qualifies as `stage` by the rules in force (`was`) and by others (`would`).

    `alone` has the changes, each by itself; `unheard` the fields that no lead has ever had.
    """

    quarter: Quarter
    stage: str
    was: Share
    would: Share
    more: Share
    fewer: Share
    alone: list[Alone]
    unheard: list[str]


def text_of(workspace: int, now: int) -> str | None:
    """The text of the version that scores leads now; None where nothing is agreed."""
    number = agreed(rules_of(workspace), now).version
    rows = AgreementVersion.objects.of(workspace).filter(state=AgreementVersion.State.IN_FORCE)
    text: str | None = rows.filter(number=number).values_list("text", flat=True).first()
    return text


def stages(agreement: Agreement) -> list[str]:
    """The stages for which an agreement has a rule; the one at which leads are handed over first."""
    clause, handoff = agreement.qualification, agreement.handoff
    named = [*clause.qualifies] if clause else []
    if handoff is not None and handoff.when in named:
        named = [handoff.when, *(one for one in named if one != handoff.when)]
    return named


def difference(
    workspace: int, before: Agreement, after: Agreement, stage: str, now: int
) -> Difference:
    """What the rules of `after` would have made of the last quarter, beside those of `before`."""
    found = quarter(workspace, now)
    listed = [*parts(before, after)][:MOST_PARTS]
    whole = _compared(found, before, after, stage)
    alone = []
    for part in listed:
        one = whole  # which the only change there is makes by itself
        if len(listed) > 1:
            flagged = qualifying(part.agreement, found.log, stage) & found.among
            one = Compared(whole.was, flagged, whole.won)
        alone.append(Alone(part.place, one.share(one.more), one.share(one.fewer)))
    was, would, more, fewer = (whole.share(getattr(whole, of)) for of in OF)
    return Difference(found, stage, was, would, more, fewer, alone, unheard(found, after))


def flags(
    found: Quarter, before: Agreement, after: Agreement, stage: str, of: str, place: Place | None
) -> Bools:
    """The leads behind a figure: of the whole difference, or of the change of one clause alone."""
    tried = after
    if place is not None:
        tried = next((one.agreement for one in parts(before, after) if one.place == place), before)
    leads: Bools = getattr(_compared(found, before, tried, stage), of)
    return leads


def _compared(found: Quarter, before: Agreement, after: Agreement, stage: str) -> Compared:
    """Who of a quarter qualifies by the rules in force, which is worked out once, and by others."""
    was = _in_force(found, before, stage) & found.among
    would = was
    if after.qualification != before.qualification:
        would = qualifying(after, found.log, stage) & found.among
    return Compared(was, would, having(found.log, WON) & found.among)


_known: OrderedDict[tuple[int, int, str], tuple[Log, Agreement, Bools]] = OrderedDict()
_guard = Lock()


def _in_force(found: Quarter, agreement: Agreement, stage: str) -> Bools:
    """Who qualifies by the rules in force; kept as long as the quarter that was read is."""
    key = (id(found.log), id(agreement), stage)  # neither goes while it is kept here
    with _guard:
        known = _known.get(key)
    if known is not None:
        return known[2]
    flags = qualifying(agreement, found.log, stage)
    with _guard:
        _known[key] = (found.log, agreement, flags)
        while len(_known) > _MOST_KEPT:
            _known.popitem(last=False)
    return flags


_MOST_KEPT = 8
