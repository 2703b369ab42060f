"""Leaks: attributes that tell the outcome because they are known only after it, found and named."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.learn.cases import Cases
from leadpact.learn.features import FEWEST, UNKNOWN, Bins, Seen
from leadpact.words import _

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

LATE = 0.5
"""An attribute that so many of its leads got only after they were handed over is left out."""
TELLING = 0.9
"""So well (AUC) nothing that is honestly known beforehand tells by itself who is won."""
SURE = 0.95
"""So large a share of won (or lost) among the leads that have an attribute is no coincidence."""
_EXPECTED = 20
_OF_CREATION = {"stream", "source", "campaign", "medium"}
"""Where a lead came from isn't filled in later; and some sources never win."""


class LeftOut(NamedTuple):
    """An attribute that isn't looked at: why (`after`, `filled`, `blank`, `value`, `tells`, `own`),
    and the figures.

    `share` is that of leads told later, that of the leads that were won, or the AUC; `leads` how
    many leads have it (or lack it, or have that `value`).
    """

    kind: str
    name: str
    why: str
    share: float
    leads: int
    value: str = ""

    def sentence(self) -> str:
        """The reason in words."""
        texts = {
            "after": _(
                "known only after the handoff for {share:.0%} of the {leads:,} leads that have it"
            ),
            "filled": _(
                "{share:.1%} of the {leads:,} leads that have it were won, unlike all others:"
                " it is filled in once the outcome is known"
            ),
            "blank": _(
                "only {share:.1%} of the {leads:,} leads without it were won: it is filled in as the"
                " outcome becomes known"
            ),
            "value": _(
                "only {share:.1%} of the {leads:,} leads with '{value}' were won: it is set once the"
                " outcome is known"
            ),
            "tells": _(
                "it alone tells who is won (AUC {share:.2f}, {leads:,} leads): too good to have been"
                " known beforehand"
            ),
            "own": _("nearly every one of its {leads:,} leads has a value of its own"),
        }
        return texts[self.why].format(share=self.share, leads=self.leads, value=self.value)


def late(seen: Seen, cases: Cases, name: str) -> LeftOut | None:
    """An attribute that most of its leads got only after the moment at which it would be needed."""
    sparse = seen.log.fields[name]
    told = seen.told[sparse.rows]
    ever = np.zeros(len(seen.log.leads), np.bool_)
    ever[seen.log.lead[sparse.rows[told]]] = True
    has = ever[cases.lead]
    before = seen.value("field", name)[0][cases.lead] != UNKNOWN
    count = int(has.sum())
    if count < FEWEST:
        return None
    share = float((has & ~before).sum()) / count
    return LeftOut("field", name, "after", round(share, 4), count) if share > LATE else None


def own(seen: Seen, cases: Cases, name: str) -> LeftOut | None:
    """An attribute that nearly every lead has a value of its own in."""
    values = seen.value("field", name)[0][cases.lead]
    values = values[values != UNKNOWN]
    if len(values) < FEWEST or len(np.unique(values)) * 2 <= len(values):
        return None
    return LeftOut("field", name, "own", 1.0, len(values))


def telling(bins: Bins, places: NDArray[np.int16], won: Bools) -> LeftOut | None:
    """A feature that separates who was won from who wasn't implausibly well."""
    counts = np.bincount(places, minlength=bins.count)
    wins = np.bincount(places[won], minlength=bins.count)
    found = _area(counts, wins)
    if found >= TELLING:
        return LeftOut(bins.kind, bins.name, "tells", round(found, 4), len(places))
    if bins.kind == "field" and bins.name not in _OF_CREATION:
        return _filled(bins, counts, wins) or _never(bins, counts, wins)
    return None


def _filled(bins: Bins, counts: Ints, wins: Ints) -> LeftOut | None:
    """An attribute that is filled in for those who were won, or for those who weren't."""
    known, known_won = int(counts[1:].sum()), int(wins[1:].sum())
    if not counts[0] or known < FEWEST:
        return None
    share, other = known_won / known, wins[0] / counts[0]
    base = wins.sum() / counts.sum()
    if (share >= SURE and other < SURE / 2) or _is_never(known_won, known, base):
        return LeftOut(bins.kind, bins.name, "filled", round(share, 4), known)
    return None


def _never(bins: Bins, counts: Ints, wins: Ints) -> LeftOut | None:
    """An attribute with a value (or none) with which nobody is won where many should have been."""
    base = wins.sum() / counts.sum()
    for place, (count, hits) in enumerate(zip(counts.tolist(), wins.tolist(), strict=True)):
        if _is_never(hits, count, base):
            share = round(hits / count, 4)
            value = bins.says(place) if place else ""
            return LeftOut(bins.kind, bins.name, "value" if place else "blank", share, count, value)
    return None


def _is_never(wins: int, count: int, base: float) -> bool:
    """Whether hardly one was won where many should have been."""
    expected = base * count
    return expected >= _EXPECTED and wins <= (1 - SURE) * expected


def _area(counts: Ints, wins: Ints) -> float:
    """The AUC of ranking leads by the share of won in their bin."""
    order = np.argsort(wins / np.maximum(counts, 1), kind="stable")
    won, lost = wins[order].astype(float), (counts - wins)[order].astype(float)
    below = np.concatenate([[0.0], np.cumsum(lost)[:-1]])
    pairs = float(won.sum() * lost.sum())
    return float((won * (below + lost / 2)).sum()) / pairs if pairs else 0.5
