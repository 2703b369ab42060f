"""JSON lines: facts in their JSON form as columns of text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from leadpact import facts

if TYPE_CHECKING:
    import pyarrow as pa


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, pa.Array]:
    """Facts in their JSON form as columns of text under the names of their fields."""
    import pyarrow as pa

    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    columns: dict[str, list[Any]] = {}
    for name in names:
        values = [row.get(name) for row in rows]
        known = columns.setdefault(facts.key(name), values)
        if known is not values:
            columns[facts.key(name)] = [
                later if earlier is None else earlier
                for earlier, later in zip(known, values, strict=True)
            ]
    return {
        name: pa.array(
            [value if type(value) is str else text(value) for value in values], pa.string()
        )
        for name, values in columns.items()
    }


def text(value: Any) -> str | None:
    """A JSON value as the text that a CSV would hold."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, Decimal, float)):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ", ".join(text(item) or "" for item in value)
    return json.dumps(value, ensure_ascii=False, default=str)
