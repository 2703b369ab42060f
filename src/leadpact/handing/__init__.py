"""Handing: which leads are offered to sales, with what, and what became of every handoff.

Pure: who gets a lead, and what is recorded, is the desk's.
"""

from leadpact.handing.exhausted import Exhausted, exhausted
from leadpact.handing.handoffs import STATES, Handoffs, handoffs
from leadpact.handing.lapses import Lapses, lapses, unfounded
from leadpact.handing.moves import MOVES, Move, Situation, diagram, goals, places, refusal
from leadpact.handing.offers import Offers, offers
from leadpact.handing.packet import Packet, packet
from leadpact.handing.qualified import COLLEAGUE, Qualified, qualified
from leadpact.handing.silence import Limits, acceptance, limits
from leadpact.handing.spans import after

__all__ = [
    "COLLEAGUE",
    "MOVES",
    "STATES",
    "Exhausted",
    "Handoffs",
    "Lapses",
    "Limits",
    "Move",
    "Offers",
    "Packet",
    "Qualified",
    "Situation",
    "acceptance",
    "after",
    "diagram",
    "exhausted",
    "goals",
    "handoffs",
    "lapses",
    "limits",
    "offers",
    "packet",
    "places",
    "qualified",
    "refusal",
    "unfounded",
]
