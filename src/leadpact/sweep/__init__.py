"""Sweep: the one compiled loop: log and program and now give stories and obligations."""

from leadpact.program.columns import NEVER, STANDINGS, VERDICTS, Facts, Output, Rules
from leadpact.sweep.bounds import Bounds, bounds
from leadpact.sweep.walk import sweep

__all__ = [
    "NEVER",
    "STANDINGS",
    "VERDICTS",
    "Bounds",
    "Facts",
    "Output",
    "Rules",
    "bounds",
    "sweep",
]
