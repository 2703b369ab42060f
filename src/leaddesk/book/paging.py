"""Paging: the rows of a long list around a place in it, in either direction.

A place is the value of the sorted column and the key of a row, so that rows which come or go keep
no other row from being seen. Rows without a value come last.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import NullIf

MOST_COUNTED = 1_000


class Order(NamedTuple):
    """A column by which a list is sorted, and in which direction; the column of keys breaks ties.

    One that `is_text` has "" where it has no value.
    """

    column: str
    is_falling: bool = False
    key: str = "key"
    is_text: bool = False

    def valued(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that have a value."""
        if self.is_text:
            return rows.exclude(**{self.column: ""})
        return rows.filter(**{f"{self.column}__isnull": False})

    def empty(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that have none."""
        nothing = {self.column: ""} if self.is_text else {f"{self.column}__isnull": True}
        return rows.filter(**nothing)


class Place(NamedTuple):
    """Where a page begins: behind a row, or (`is_backwards`) before it."""

    value: Any
    key: str
    is_backwards: bool = False


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the places of the pages before and after them, "" where none are."""

    rows: list[Any]
    before: str = ""
    after: str = ""


def page_of(rows: QuerySet[Any], order: Order, place: Place | None, size: int) -> Page:
    """A page of at most `size` rows."""
    backwards = place is not None and place.is_backwards
    found: list[Any] = []
    for part in _parts(rows, order, place, backwards):
        found += part[: size + 1 - len(found)]
        if len(found) > size:
            break
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([])
    first, last = found[0], found[-1]
    is_before, is_after = (more, True) if backwards else (place is not None, more)
    return Page(
        found,
        before=written(order, first, backwards=True) if is_before else "",
        after=written(order, last, backwards=False) if is_after else "",
    )


def in_order(rows: QuerySet[Any], order: Order) -> QuerySet[Any]:
    """All rows in the order in which their pages show them."""
    first, then = F(order.column), F(order.key)
    if order.is_text:
        first = NullIf(first, Value(""))
    if order.is_falling:
        return rows.order_by(first.desc(nulls_last=True), then.desc())
    return rows.order_by(first.asc(nulls_last=True), then.asc())


def _parts(
    rows: QuerySet[Any], order: Order, place: Place | None, backwards: bool
) -> Iterator[QuerySet[Any]]:
    """The rows with a value and those without, from a place on, in the order of reading."""
    column, key, falling = order.column, order.key, order.is_falling != backwards
    sign = "-" if falling else ""
    if column == key:
        beyond = Q() if place is None else _beyond(key, place.key, falling)
        yield rows.filter(beyond).order_by(sign + key)
        return
    valued = order.valued(rows).order_by(sign + column, sign + key)
    empty = order.empty(rows).order_by(sign + key)
    if place is None:
        yield from (valued, empty)
    elif place.value is None:
        yield empty.filter(_beyond(key, place.key, falling))
        if backwards:
            yield valued
    else:
        reached = Q(**{f"{column}__{'lte' if falling else 'gte'}": place.value})
        passed = _beyond(column, place.value, falling) | _beyond(key, place.key, falling)
        yield valued.filter(reached & passed)
        if not backwards:
            yield empty


def _beyond(column: str, value: Any, falling: bool) -> Q:
    return Q(**{f"{column}__{'lt' if falling else 'gt'}": value})


def written(order: Order, row: Any, *, backwards: bool) -> str:
    """The place of a row as an address holds it."""
    key = getattr(row, order.key)
    value = None if order.column == order.key else getattr(row, order.column)
    if order.is_text:
        value = value or None
    told = json.dumps([order.column, value, key, int(backwards)], ensure_ascii=False)
    return urlsafe_b64encode(told.encode()).rstrip(b"=").decode()


def read(order: Order, text: str) -> Place | None:
    """The place in an address; None for the beginning, and for what is no place of this order."""
    if not text or len(text) > 2_000:
        return None
    try:
        told = json.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        column, value, key, backwards = told
    except (ValueError, TypeError, RecursionError):
        return None
    reads_text = order.column == "name" or order.is_text
    fits = value is None or _is_text(value) if reads_text else _is_instant(value)
    fits &= column == order.column
    return Place(value, key, backwards == 1) if fits and _is_text(key) else None


def _is_instant(value: Any) -> bool:
    return value is None or (type(value) is int and abs(value) < 1 << 62)


def _is_text(value: Any) -> bool:
    """Whether a database can compare it."""
    if not isinstance(value, str) or "\x00" in value:
        return False
    return value == value.encode(errors="ignore").decode()


def counted(rows: QuerySet[Any], most: int = MOST_COUNTED) -> int:
    """How many rows there are; one more than `most` stands for more than that."""
    return int(rows.order_by().values("pk")[: most + 1].count())
