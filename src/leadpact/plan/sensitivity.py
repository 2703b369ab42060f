"""Sensitivity: what the demand would be if one value of the funnel were another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from leadpact.figure import Exact
from leadpact.plan.funnel import Chain, Demand, Rounding
from leadpact.words import _

TENTH = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One change and the leads that the quota then takes.

    `exact` is without rounding, `once` rounded up at the end, `stepwise` as the plan rounds;
    `saved` is how many fewer than before, as the plan rounds. `capped` where a rate stops at 1.
    """

    what: str
    exact: Fraction
    once: int
    stepwise: int
    saved: int
    capped: bool


def sensitivities(
    chain: Chain,
    quota: Exact,
    *,
    by: Fraction = TENTH,
    rounding: Rounding = Rounding.EACH_STEP_UP,
    stage: str | None = None,
) -> tuple[Sensitivity, ...]:
    """The leads needed at a stage (the first unless said) with each value raised by a share.

    First as agreed, then each rate by itself, the order value, and all rates together.
    """
    at = stage or chain.stages[0]
    before = chain.demand(quota, rounding).count(at)
    return tuple(
        _measured(what, changed, capped, quota, rounding, at, before)
        for what, changed, capped in _changes(chain, 1 + by)
    )


def what_if(
    chain: Chain,
    quota: Exact,
    *,
    rates: Mapping[str, Fraction] | None = None,
    order_value: Exact | None = None,
    rounding: Rounding = Rounding.EACH_STEP_UP,
) -> Demand:
    """The demand with any value another one. Raises `KeyError` for a step that the chain lacks."""
    return chain.changed(rates, order_value).demand(quota, rounding)


def _changes(chain: Chain, factor: Fraction) -> Iterator[tuple[str, Chain, bool]]:
    wanted = {step: rate * factor for step, rate in zip(chain.steps, chain.rates, strict=True)}
    raised = {step: min(rate, Fraction(1)) for step, rate in wanted.items()}
    yield _("as agreed"), chain, False
    for step, rate in raised.items():
        yield step, chain.changed({step: rate}), rate < wanted[step]
    yield _("order value"), chain.changed(order_value=chain.order_value * factor), False
    yield _("all rates"), chain.changed(raised), raised != wanted


def _measured(
    what: str,
    chain: Chain,
    capped: bool,
    quota: Exact,
    rounding: Rounding,
    stage: str,
    before: int,
) -> Sensitivity:
    once = chain.demand(quota, Rounding.ONCE_AT_THE_END)
    stepwise = chain.demand(quota, rounding).count(stage)
    exact = once.exact[chain.stages.index(stage)]
    return Sensitivity(what, exact, once.count(stage), stepwise, before - stepwise, capped)
