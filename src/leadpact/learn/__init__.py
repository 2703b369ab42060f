"""Learn: the chance of a lead to be won, learned from what became of earlier ones.

Training needs scikit-learn (extra `learn`); a model that was trained is read and used without it.
"""

from leadpact.learn.drift import Drift, drift
from leadpact.learn.foretelling import Foretold, Reason, foretold, named
from leadpact.learn.leaks import LeftOut
from leadpact.learn.model import Model, read_model
from leadpact.learn.training import FEWEST_LEADS, FEWEST_WON, Learned, Shortfall, learn
from leadpact.learn.validation import Validation

__all__ = [
    "FEWEST_LEADS",
    "FEWEST_WON",
    "Drift",
    "Foretold",
    "Learned",
    "LeftOut",
    "Model",
    "Reason",
    "Shortfall",
    "Validation",
    "drift",
    "foretold",
    "learn",
    "named",
    "read_model",
]
