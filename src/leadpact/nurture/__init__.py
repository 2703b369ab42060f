"""Nurture: who is in which track, which offer comes next and when, and what ended it.

A lead enters a track by `returned {to}` or by `enrolled {track}`, and is in one track at a time:
entering another leaves the first. To say by `enrolled` that it is in the track that it is in
changes nothing; `returned` begins it anew. The first step is due its `after` from that, each other one its
`after` from when the step before was sent (or left out), told by `enrolled {track, step}`.

While sales works on the lead (from its handover until the pass is left) a track with `pause with
sales` sends nothing, and the wait for its next step begins anew when sales lets go: nobody gets a
mail of marketing right after the last word of sales.

A track is left by whatever its `leave when` names, by a suppression, a merge, a won deal or
a disqualification, by `enrolled {track, left}`, by another track, or with its last step; then the track of its `then` follows.
It is judged by the version in force when the lead entered; working time runs on that version's
first calendar. Everything is reckoned in columns: few leads and many take the same way.
"""

from leadpact.nurture.enrolments import Enrolments, due_at, enrolments
from leadpact.nurture.entering import Entry, Points, begins, entering
from leadpact.nurture.inheriting import Inheritance, inheritances, path
from leadpact.nurture.tracks import BY_HAND, LAST_STEP, OTHER_TRACK, Place

__all__ = [
    "BY_HAND",
    "LAST_STEP",
    "OTHER_TRACK",
    "Enrolments",
    "Entry",
    "Inheritance",
    "Place",
    "Points",
    "begins",
    "due_at",
    "enrolments",
    "entering",
    "inheritances",
    "path",
]
