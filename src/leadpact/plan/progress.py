"""Progress: what a mix of leads is worth against the quota, and how far along a month should be."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from leadpact.figure import Exact
from leadpact.plan.tolerance import Band, band
from leadpact.units import rounded


@dataclass(frozen=True, slots=True)
class Progress:
    """The value of the leads delivered, and its share of the quota (None without a quota).

    `whole_units` says whether each value per lead was rounded to whole units of the currency.
    """

    value: Fraction
    attained: Fraction | None
    whole_units: bool


def progress(
    mix: Mapping[str, int],
    values: Mapping[str, Exact],
    quota: Exact,
    *,
    whole_units: bool = False,
) -> Progress:
    """Σ leads × value per lead over the lead types of `mix`, against the quota.

    Values are taken exactly, or (`whole_units`) rounded half up first, as a table of $128 and $187
    shows them. Raises `KeyError` for a lead type without a value.
    """
    value = sum((n * _worth(values[kind], whole_units) for kind, n in mix.items()), Fraction(0))
    return Progress(value, value / Fraction(quota) if quota else None, whole_units)


def _worth(value: Exact, whole_units: bool) -> Fraction:
    worth = Fraction(value)
    return Fraction(rounded(worth, 0)) if whole_units else worth


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a period should stand after some of its working days."""

    expected: Decimal
    band: Band


def pace(planned: Exact, days_gone: int, days: int, tolerance: Fraction = Fraction(0)) -> Pace:
    """The plan's share of the working days gone, to the nearest whole, with its band.

    The band is taken around the exact share. Raises `ValueError` unless the days gone are among
    the days.
    """
    if not 0 <= days_gone <= days or not days:
        raise ValueError("the working days gone are among those of the period")
    exact = Fraction(planned) * days_gone / days
    return Pace(rounded(exact, 0), band(exact, tolerance))
