"""Cadence: which touch of a lead comes next, how the planned ones were kept, and what is too much.

`cadences` follows every handed-over pass of a judged log through its cadence; `violations` and
`allowed_from` tell what the guard of an agreement says of a further attempt.
"""

from leadpact.cadence.guard import CALLS, Tried, Violation, allowed_from, violations
from leadpact.cadence.keeping import Cadences, Touched, cadences
from leadpact.cadence.walk import STATES

__all__ = [
    "CALLS",
    "STATES",
    "Cadences",
    "Touched",
    "Tried",
    "Violation",
    "allowed_from",
    "cadences",
    "violations",
]
