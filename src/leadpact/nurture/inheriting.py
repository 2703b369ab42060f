"""Inheriting: a lead that was merged into another was in a track; may the one that stays go on with it?"""

from bisect import bisect_left
from typing import NamedTuple

import numpy as np

from leadpact.facts import KINDS, MERGED
from leadpact.nurture.enrolments import Enrolments
from leadpact.nurture.entering import barred
from leadpact.nurture.selling import with_sales
from leadpact.nurture.tracks import Place, in_force
from leadpact.program import columns as col
from leadpact.story import Stories

OTHER, GONE, SELLING, BEFORE, NO_TRACK, NO_STEP = (
    *("in a track", "not to be contacted", "with sales"),
    *("left it before", "no such track", "no step is left"),
)
"""Why the lead that stays doesn't go on with a track."""


class Inheritance(NamedTuple):
    """An enrolment (its place among the known) that ended by a merge, the lead that stays, the fact
    that merged them, and why the track doesn't go on for it; "" where it does."""

    enrolment: int
    lead: int
    row: int
    refused: str


def inheritances(stories: Stories, known: Enrolments, now: int) -> list[Inheritance]:
    """Every enrolment that ended by a merge, the latest first, and what becomes of it at `now`."""
    if not len(known):
        return []
    ended = np.flatnonzero(known.why == known.reasons.index(KINDS[MERGED].name))
    if not len(ended):
        return []
    number = int(in_force(stories.program, np.array([now]))[0])
    tracks = stories.program.versions[number].agreement.nurture
    freed, selling = with_sales(stories, np.arange(len(stories.table)))
    del freed
    found = []
    for n in sorted(ended.tolist(), key=lambda one: (-int(known.at[one]), one)):
        lead = survivor(stories, int(known.lead[n]))
        if lead < 0:
            continue
        place = known.places[int(known.place[n])]._replace(version=number)
        place = place._replace(track=tracks.get(place.name))
        refused = _refused(stories, known, n, lead, place, bool(selling[lead]))
        found.append(Inheritance(n, lead, int(known.left_row[n]), refused))
    return found


def survivor(stories: Stories, lead: int) -> int:
    """The lead (its place) in which a merged one lives on; -1 where it leads nowhere."""
    return path(stories, lead)[-1]


def path(stories: Stories, lead: int) -> list[int]:
    """The leads (their places) through which a merged one came to live on, itself first; with -1 at
    the end where that leads nowhere."""
    log = stories.log
    into = log.fields.get("into")
    found = [lead]
    while into is not None and stories.table[lead, col.T_STANDING] == col.MERGED:
        rows = np.arange(int(log.starts[lead]), int(log.starts[lead + 1]))
        rows = rows[log.kind[rows] == MERGED]
        lead = _place(log.keys, into.of(int(rows[-1])) or "") if len(rows) else -1
        if lead < 0 or lead in found:
            return [*found, -1]
        found.append(lead)
    return found


def _place(keys: list[str], key: str) -> int:
    found = bisect_left(keys, key)
    return found if found < len(keys) and keys[found] == key else -1


def _refused(
    stories: Stories, known: Enrolments, n: int, lead: int, place: Place, is_selling: bool
) -> str:
    if place.track is None:
        return NO_TRACK
    if known.step[n] >= len(place.track.steps):
        return NO_STEP
    if stories.table[lead, col.T_STANDING] not in (col.IN, col.OUT, col.LOST):
        return GONE
    if known.current[lead] >= 0:
        return OTHER
    if is_selling and place.track.pause_with_sales:
        return SELLING
    names = np.array([one.name == place.name for one in known.places], np.bool_)
    if (names[known.place] & (known.lead == lead)).any():
        return BEFORE
    last = int(barred(stories, known, place)[lead])
    over = last >= len(stories.log) or (last >= 0 and stories.log.at[last] >= known.at[n])
    return BEFORE if over else ""
