"""Score: fit and interest of leads by the rules of an agreement, equal to the sum of their factors."""

from leadpact.score.colleagues import MOST_TOGETHER, expires
from leadpact.score.conditions import HUNDREDTHS
from leadpact.score.factors import factors
from leadpact.score.result import Explained, Factor, Rises, Scores
from leadpact.score.scoring import grades, rises, scores
from leadpact.score.spoken import points_text, said

__all__ = [
    "HUNDREDTHS",
    "MOST_TOGETHER",
    "Explained",
    "Factor",
    "Rises",
    "Scores",
    "expires",
    "factors",
    "grades",
    "points_text",
    "rises",
    "said",
    "scores",
]
