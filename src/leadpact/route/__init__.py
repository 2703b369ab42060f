"""Route: who gets which lead, fairly, under hours, leave and caps; each decision says why.

A `Rota` is who can be given leads at an instant, and what is owed to whom. It gives leads out one
after the other: the best first, each to one person, or to nobody with the reason and the time to
try again. It reads nothing but what it was given.
"""

from leadpact.route.choosing import Rota
from leadpact.route.credit import Turn
from leadpact.route.deciding import Decision, Passed, Want, read
from leadpact.route.limits import CapUse, Tally, begins, ends
from leadpact.route.people import Known, Rep, reps
from leadpact.route.pools import Pool, holds

__all__ = [
    "CapUse",
    "Decision",
    "Known",
    "Passed",
    "Pool",
    "Rep",
    "Rota",
    "Tally",
    "Turn",
    "Want",
    "begins",
    "ends",
    "holds",
    "read",
    "reps",
]
