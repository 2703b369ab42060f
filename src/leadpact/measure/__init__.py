"""Measure: what a judgement says in figures, each with its definition and its grounds."""

from leadpact.measure.acceptance import Acceptance, acceptance
from leadpact.measure.budget import Budget, budgets
from leadpact.measure.compliance import Compliance, compliance
from leadpact.measure.course import Course, courses
from leadpact.measure.deliveries import Delivery, Pace, deliveries
from leadpact.measure.effort import Effort, effort, efforts
from leadpact.measure.figures import Grounds, Interval, Measured, wilson
from leadpact.measure.funnel import Count, Step, counts, kaplan_meier, period_rate, steps
from leadpact.measure.grounds import rows_of
from leadpact.measure.judged import Evidence, Judged, evidence
from leadpact.measure.ladder import Rung, ladder
from leadpact.measure.misses import Miss, Misses, misses
from leadpact.measure.money import (
    Cost,
    Deals,
    Mix,
    Revenue,
    costs,
    deals,
    mix,
    revenues,
    velocity,
    visits,
)
from leadpact.measure.pauses import Pause, pauses
from leadpact.measure.rates import Rate, rates
from leadpact.measure.speed import Speed, Times, speeds, times
from leadpact.measure.working import obligation_working

__all__ = [
    "Acceptance",
    "Budget",
    "Compliance",
    "Cost",
    "Count",
    "Course",
    "Deals",
    "Delivery",
    "Effort",
    "Evidence",
    "Grounds",
    "Interval",
    "Judged",
    "Measured",
    "Miss",
    "Misses",
    "Mix",
    "Pace",
    "Pause",
    "Rate",
    "Revenue",
    "Rung",
    "Speed",
    "Step",
    "Times",
    "acceptance",
    "budgets",
    "compliance",
    "costs",
    "counts",
    "courses",
    "deals",
    "deliveries",
    "effort",
    "efforts",
    "evidence",
    "kaplan_meier",
    "ladder",
    "misses",
    "mix",
    "obligation_working",
    "pauses",
    "period_rate",
    "rates",
    "revenues",
    "rows_of",
    "speeds",
    "steps",
    "times",
    "velocity",
    "visits",
    "wilson",
]
