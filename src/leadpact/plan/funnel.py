"""Chain: the funnel turned round, from a quota back through any number of stages, exactly."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from leadpact.figure import Exact, number, percentage
from leadpact.words import _

WIN = "win"
"""The name of the step into the last stage."""


class Rounding(StrEnum):
    """Where a plan rounds to whole leads."""

    EACH_STEP_UP = "each step up"
    ONCE_AT_THE_END = "once at the end"
    HALF_UP_EACH_STEP = "half up each step"

    @property
    def sentence(self) -> str:
        """What the policy does, in words."""
        return {
            Rounding.EACH_STEP_UP: _(
                "Each step is rounded up to whole leads, from the rounded one."
            ),
            Rounding.ONCE_AT_THE_END: _(
                "Nothing is rounded on the way; each count is rounded up once."
            ),
            Rounding.HALF_UP_EACH_STEP: _("Each step is rounded half up, from the rounded one."),
        }[self]

    def whole(self, value: Fraction) -> int:
        """A number of leads made whole."""
        if self is Rounding.HALF_UP_EACH_STEP:
            return (2 * value.numerator + value.denominator) // (2 * value.denominator)
        return -(-value.numerator // value.denominator)


@dataclass(frozen=True)
class Chain:
    """Stages from first to last, the rate of each step, and the average value of a deal.

    Raises `ValueError` unless there is one rate a step, each above 0 and at most 1, and the order
    value is above 0.
    """

    stages: tuple[str, ...]
    rates: tuple[Fraction, ...]
    order_value: Fraction

    def __post_init__(self) -> None:
        if not self.rates or len(self.stages) != len(self.rates) + 1:
            raise ValueError("a chain has one rate for each step between its stages")
        if any(not 0 < rate <= 1 for rate in self.rates) or self.order_value <= 0:
            raise ValueError("rates are above 0 and at most 1, the order value is above 0")

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps as they are written: ``mql to sql``, and ``win`` for the last."""
        return (*(f"{a} to {b}" for a, b in pairwise(self.stages[:-1])), WIN)

    def overall(self, stage: str | None = None) -> Fraction:
        """The share of a stage (the first unless said) that reaches the last."""
        return self._overall[self.stages.index(stage) if stage else 0]

    def value_per_lead(self, stage: str | None = None) -> Fraction:
        """Forward: what one lead at a stage (the first unless said) is worth on average."""
        return self.overall(stage) * self.order_value

    def demand(self, quota: Exact, rounding: Rounding = Rounding.EACH_STEP_UP) -> "Demand":
        """What each stage must hold for the quota."""
        return self._back(Fraction(quota), Fraction(quota) / self.order_value, rounding)

    def for_deals(self, deals: Exact, rounding: Rounding = Rounding.EACH_STEP_UP) -> "Demand":
        """What each stage must hold for a number of deals."""
        return self._back(Fraction(deals) * self.order_value, Fraction(deals), rounding)

    def yields(self, leads: Exact) -> tuple[Fraction, ...]:
        """Forward: what so many leads at the first stage become at each stage, on average."""
        return tuple(Fraction(leads) * self._overall[0] / share for share in self._overall)

    def changed(
        self, rates: Mapping[str, Fraction] | None = None, order_value: Exact | None = None
    ) -> "Chain":
        """The chain with other values; `rates` by step. Raises `KeyError` for a step it lacks."""
        new = dict(rates or {})
        last = f"{self.stages[-2]} to {self.stages[-1]}"
        if last in new:
            new[WIN] = new.pop(last)
        if unknown := new.keys() - set(self.steps):
            raise KeyError(*sorted(unknown))
        return replace(
            self,
            rates=tuple(new.get(s, r) for s, r in zip(self.steps, self.rates, strict=True)),
            order_value=self.order_value if order_value is None else Fraction(order_value),
        )

    @cached_property
    def _overall(self) -> tuple[Fraction, ...]:
        shares = [Fraction(1)]
        for rate in reversed(self.rates):
            shares.append(shares[-1] * rate)
        return tuple(reversed(shares))

    def _back(self, quota: Fraction, deals: Fraction, rounding: Rounding) -> "Demand":
        exact, counts = [deals], [rounding.whole(deals)]
        for rate in reversed(self.rates):
            once = rounding is Rounding.ONCE_AT_THE_END
            exact.append((exact[-1] if once else counts[-1]) / rate)
            counts.append(rounding.whole(exact[-1]))
        return Demand(self, quota, rounding, tuple(reversed(exact)), tuple(reversed(counts)))


@dataclass(frozen=True)
class Demand:
    """What a quota asks of each stage of a chain, first stage first.

    `exact` is each count before it was made whole, `counts` after.
    """

    chain: Chain
    quota: Fraction
    rounding: Rounding
    exact: tuple[Fraction, ...]
    counts: tuple[int, ...]

    @property
    def deals(self) -> int:
        """How many deals the quota takes."""
        return self.counts[-1]

    @property
    def leads(self) -> int:
        """How many leads the first stage must hold."""
        return self.counts[0]

    def count(self, stage: str) -> int:
        """How many leads a stage must hold."""
        return self.counts[self.chain.stages.index(stage)]

    def value_per_lead(self, stage: str | None = None) -> Fraction | None:
        """Backward: the quota over the whole leads that it takes; None where it takes none."""
        count = self.count(stage) if stage else self.leads
        return self.quota / count if count else None

    @cached_property
    def working(self) -> str:
        """The chain as it is computed: ``500,000 ÷ 2,000 = 250 deals ÷ 23% = 1,086.96 → …``."""
        once = self.rounding is Rounding.ONCE_AT_THE_END
        text = f"{number(self.quota)} ÷ {number(self.chain.order_value)}"
        ups = [None, *reversed(self.chain.rates)]
        names = [_("deals"), *reversed(self.chain.stages[:-1])]
        for rate, exact, count, name in zip(
            ups, reversed(self.exact), reversed(self.counts), names, strict=True
        ):
            text += f" ÷ {percentage(rate)}" if rate else ""
            kept = exact == count or (once and name != self.chain.stages[0])
            text += f" = {number(exact)}" + ("" if kept else f" → {count:,}") + f" {name}"
        return text
