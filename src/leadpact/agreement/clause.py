"""Clause: the frozen base of every part of an agreement, and the units its values are typed by."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic import model_validator

from leadpact import units


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
    def _spaces_for_underscores(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = {field.alias for field in cls.model_fields.values()}
        return {
            spaced(key) if key not in known and spaced(key) in known else key: inside
            for key, inside in value.items()
        }


def _unit(
    reader: Callable[[str], Any],
    written: Callable[[Any], str],
    example: str,
    ready: type | tuple[type, ...],
) -> list[Any]:
    def read(value: Any) -> Any:
        if isinstance(value, ready) and not isinstance(value, str):
            return value
        if not isinstance(value, str):
            raise units.Misread("A plain value is expected here.", f"Write something like {example}.")
        return reader(value)

    return [
        BeforeValidator(read),
        PlainSerializer(written, return_type=str),
        WithJsonSchema({"type": ["string", "number", "boolean"], "examples": [example]}),
    ]


def _fraction_text(value: Fraction) -> str:
    return str(value)


Rate = Annotated[Fraction, *_unit(units.rate, _fraction_text, "34%", Fraction)]
"""A share from 0 to 1: ``34%``, ``0.34`` or ``1/3``."""
Percent = Annotated[Fraction, *_unit(units.percent, _fraction_text, "150%", Fraction)]
"""A percentage that may pass 100 %."""
Amount = Annotated[Decimal, *_unit(units.amount, str, "500000", Decimal)]
"""Money in the agreement's currency, or a count; exact, not below zero."""
Count = Annotated[int, *_unit(units.count, str, "30", int)]
"""A whole number, zero or more."""
Points = Annotated[int, *_unit(units.points, str, "20", int)]
"""Whole score points; may be negative."""
Length = Annotated[units.Span, *_unit(units.span, str, "4 working hours", units.Span)]
"""A length of time: ``4 working hours``, ``90 minutes``, ``14 days``, ``2 working days``."""
Day = Annotated[date, *_unit(units.day, str, "2026-01-31", date)]
"""A calendar date, ``2026-01-31``."""
DaysOff = Annotated[
    tuple[date, date],
    *_unit(units.days_off, lambda off: f"{off[0]}/{off[1]}", "2026-02-02/2026-02-13", tuple),
]
"""One day or an inclusive range of days."""
YesNo = Annotated[bool, *_unit(units.yes_or_no, lambda v: "yes" if v else "no", "yes", bool)]
"""``yes`` or ``no``."""
Every = Annotated[str, *_unit(units.period, str, "month", ())]
"""A period: day, week, month, quarter, year."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""One word or a list of words."""


def _named(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.replace("_", " ").casefold().split())
    return value


Name = Annotated[str, BeforeValidator(_named), Field(min_length=1, max_length=200)]
"""A name of the trade (stage, fact, channel, reason), compared without case; `_` reads as a space."""


def _names(value: Any) -> Any:
    return _listed(value)


Names = Annotated[tuple[Name, ...], BeforeValidator(_names)]
"""One name or a list of names."""
