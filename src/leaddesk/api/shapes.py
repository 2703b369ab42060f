"""Shapes: the types that several resources share, for reading, answering and the reference alike."""

import re
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import (
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    WithJsonSchema,
)

from leadpact.clock import to_datetime, to_micros

Item = TypeVar("Item")
MOST_ON_A_PAGE = 200
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")
_AWARE = TypeAdapter(AwareDatetime)
_INSTANT = {"type": "string", "format": "date-time"}


def stamp(micros: int) -> str:
    """An instant (µs UTC) as RFC 3339 writes it."""
    return to_datetime(micros).isoformat().replace("+00:00", "Z")


def _micros(value: Any) -> int:
    moment = _AWARE.validate_python(value)
    if not isinstance(value, str) or not 1970 < moment.year < 2200:
        raise ValueError("Write an instant from 1971 to 2199 as RFC 3339 has it")
    return to_micros(moment)


Instant = Annotated[int, PlainSerializer(stamp, return_type=str), WithJsonSchema(_INSTANT)]
"""An instant as it is answered: µs UTC inside, RFC 3339 with `Z` outside."""
Moment = Annotated[int, PlainValidator(_micros), WithJsonSchema(_INSTANT)]
"""An instant as it comes in: RFC 3339 with its offset outside, µs UTC inside."""
Key = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str | None, BeforeValidator(lambda text: text or None)]
"""A text that is answered as null where it is empty."""
Line = Annotated[str | None, Field(max_length=300)]
"""A text that comes in; null empties it. The register says how long it may be."""
Limit = Annotated[int, Field(ge=1, le=MOST_ON_A_PAGE)]
Cursor = Annotated[str, Field(max_length=2000)]


class Sent(Schema):
    """What a request carries: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Page(Schema, Generic[Item]):
    """Some of the things asked for; `next_cursor` gets the next of them, null when there are none."""

    data: list[Item]
    next_cursor: str | None


class Flaw(Schema):
    """One thing that is wrong: where, what, and what to write instead."""

    path: str
    problem: str
    remedy: str
    line: int | None = None


class ProblemDetails(Schema):
    """A request that is refused, after RFC 9457; `type` leads to a page that explains it."""

    type: str
    title: str
    status: int
    detail: str
    request: str
    problems: list[Flaw] = []


def needs(act: str, *, versioned: bool = False, **extra: Any) -> dict[str, Any]:
    """What an endpoint says of itself: the right that it needs; whether it needs If-Match."""
    told: dict[str, Any] = {"x-permission": act}
    if versioned:
        told["x-versioned"] = True
    return {"openapi_extra": told | extra}


def in_utc(value: Any) -> Any:
    """What the engine tells in local time, with every instant in UTC."""
    if isinstance(value, dict):
        return {name: in_utc(part) for name, part in value.items()}
    if isinstance(value, list):
        return [in_utc(part) for part in value]
    if isinstance(value, str) and _LOCAL.fullmatch(value):
        return stamp(to_micros(datetime.fromisoformat(value)))
    return value
