"""Measure: what a judgement says in figures, each with its definition and its grounds."""

from leadpact.measure.deliveries import Delivery, Pace, deliveries
from leadpact.measure.figures import Grounds, Interval, Measured, wilson
from leadpact.measure.judged import Evidence, Judged, evidence
from leadpact.measure.rates import Rate, rates

__all__ = [
    "Delivery",
    "Evidence",
    "Grounds",
    "Interval",
    "Judged",
    "Measured",
    "Pace",
    "Rate",
    "deliveries",
    "evidence",
    "rates",
    "wilson",
]
