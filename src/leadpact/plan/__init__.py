"""Plan: a quota counted back through the funnel to the leads of each month, exactly."""

from leadpact.plan.demand import plan
from leadpact.plan.funnel import Chain, Demand, Rounding
from leadpact.plan.result import Plan, Total
from leadpact.plan.rows import Row
from leadpact.plan.targets import Targets, targets

__all__ = ["Chain", "Demand", "Plan", "Rounding", "Row", "Targets", "Total", "plan", "targets"]
