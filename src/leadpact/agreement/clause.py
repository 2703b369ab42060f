"""Clause: the frozen base of every part of an agreement, and the units its values are typed by."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from leadpact import units
from leadpact.words import _


def spaced(name: str) -> str:
    """A key as the author writes it: ``valid_from`` is ``valid from``."""
    return name.rstrip("_").replace("_", " ")


class Clause(BaseModel):
    """A part of an agreement: immutable, and refusing keys that it doesn't know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=spaced,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        str_max_length=10_000,
    )

    @model_validator(mode="before")
    @classmethod
    def _keys_as_compared(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = {field.alias for field in cls.model_fields.values()}
        return {
            named(key) if key not in known and named(key) in known else key: inside
            for key, inside in value.items()
        }


def _unit(
    reader: Callable[[str], Any],
    written: Callable[[Any], str],
    called: str,
    example: str,
    ready: type | tuple[type, ...],
) -> list[Any]:
    def read(value: Any) -> Any:
        if isinstance(value, ready) and not isinstance(value, str):
            return value
        if not isinstance(value, str):
            raise units.Misread(
                _("A plain value is expected here."),
                _("Write something like {example}.").format(example=example),
            )
        return reader(value)

    return [
        BeforeValidator(read),
        PlainSerializer(written, return_type=str),
        WithJsonSchema({"type": "string", "title": called, "examples": [example]}),
    ]


def rate_text(value: Fraction) -> str:
    """A share as people write it: ``34%`` where that is exact, else ``1/3``."""
    hundredfold = value * 100
    percentage = Decimal(hundredfold.numerator) / Decimal(hundredfold.denominator)
    return f"{percentage:f}%" if Fraction(percentage) == hundredfold else str(value)


def _elapsed(text: str) -> units.Span:
    span = units.span(text)
    if span.unit in {"working hours", "working days"}:
        raise units.Misread(
            _("'{text}' is working time; here time runs day and night.").format(text=span),
            _("Write hours, days or weeks."),
        )
    return span


Rate = Annotated[Fraction, *_unit(units.rate, rate_text, "rate", "34%", Fraction)]
"""A share from 0 to 1: ``34%``, ``0.34`` or ``1/3``."""
Percent = Annotated[Fraction, *_unit(units.percent, rate_text, "percentage", "150%", Fraction)]
"""A percentage that may pass 100 %."""
Amount = Annotated[Decimal, *_unit(units.amount, str, "amount", "500000", Decimal)]
"""Money in the agreement's currency, or a count; exact, not below zero."""
Number = Annotated[Decimal, *_unit(units.number, str, "number", "50", Decimal)]
"""An exact number; may be negative."""
Count = Annotated[int, *_unit(units.count, str, "whole number", "30", int)]
"""A whole number, zero or more."""
Points = Annotated[int, *_unit(units.points, str, "points", "20", int)]
"""Whole score points; may be negative."""
Length = Annotated[
    units.Span, *_unit(units.span, str, "length of time", "4 working hours", units.Span)
]
"""A length of time: ``4 working hours``, ``90 minutes``, ``14 days``, ``2 working days``."""
Elapsed = Annotated[units.Span, *_unit(_elapsed, str, "time, day and night", "30 days", units.Span)]
"""A length of time that runs day and night: ``36 hours``, ``30 days``, ``8 weeks``."""
Day = Annotated[date, *_unit(units.day, str, "date", "2026-01-31", date)]
"""A calendar date, ``2026-01-31``."""
DaysOff = Annotated[
    tuple[date, date],
    *_unit(
        units.days_off, lambda off: f"{off[0]}/{off[1]}", "days", "2026-02-02/2026-02-13", tuple
    ),
]
"""One day or an inclusive range of days."""
YesNo = Annotated[
    bool, *_unit(units.yes_or_no, lambda v: "yes" if v else "no", "yes or no", "yes", bool)
]
"""``yes`` or ``no``."""
Every = Annotated[str, *_unit(units.period, str, "period", "month", ())]
"""A period: day, week, month, quarter, year."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""One word or a list of words."""


def named(value: Any) -> Any:
    """A name as it is compared: without case, `_` and runs of space as one space."""
    if isinstance(value, str):
        return " ".join(value.replace("_", " ").casefold().split())
    return value


Name = Annotated[str, BeforeValidator(named), Field(min_length=1, max_length=200)]
"""A name of the trade (stage, fact, channel, reason), compared without case; `_` reads as a space."""


Names = Annotated[tuple[Name, ...], BeforeValidator(_listed)]
"""One name or a list of names."""
