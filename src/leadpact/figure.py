"""Figures: a value that opens to how it was reached: definition, working, and where inputs stand."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from leadpact.units import rounded

Exact: TypeAlias = int | Decimal | Fraction


@dataclass(frozen=True, slots=True)
class Input:
    """One value that a figure rests on: as it was written, where, and on whose authority."""

    name: str
    value: str
    origin: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its unit, what it means, the working that led to it and its inputs."""

    value: Exact
    unit: str
    definition: str
    working: str
    inputs: tuple[Input, ...] = ()

    def __str__(self) -> str:
        return f"{number(self.value)} {self.unit}"

    def to_json(self) -> dict[str, Any]:
        """The figure in its JSON form; the value is an int or an exact decimal text."""
        return {
            "value": exact_text(self.value),
            "unit": self.unit,
            "definition": self.definition,
            "working": self.working,
            "inputs": [
                {"name": i.name, "value": i.value, "origin": i.origin, "source": i.source}
                for i in self.inputs
            ],
        }


def number(value: Exact, places: int = 2) -> str:
    """A number as people read it: ``1,086.96``; whole numbers without decimals."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{rounded(Fraction(value), places):,}"


def percentage(share: Fraction) -> str:
    """A share as people read it: ``34%``, ``49.6%``; ``1/3`` where a percentage can't be exact."""
    hundredfold = share * 100
    for places in range(5):
        if hundredfold == Fraction(shown := rounded(hundredfold, places)):
            return f"{shown}%"
    return str(share)


def exact_text(value: Exact, places: int = 4) -> int | str:
    """A number for JSON: an int, or a decimal text (of `places` where it has no end)."""
    if isinstance(value, int):
        return value
    if isinstance(value, Fraction):
        value = rounded(value, places)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
