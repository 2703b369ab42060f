"""Tables: everything of a workspace as rows that may leave, in files or over the API.

Other rows are named by their keys, never by database ids. Secrets never leave: no keys of channels,
no digests of tokens or passwords.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db import models

from leaddesk.book import codec
from leaddesk.book import models as book
from leaddesk.book.models import Entry, Fact, Workspace
from leaddesk.book.snapshot import snapshot
from leadpact.clock import to_datetime

HIDDEN = {
    ("Channel", "secrets"),
    ("Invitation", "digest"),
    ("Mailing", "token"),
    ("SingleSignOn", "secret"),
    ("Token", "digest"),
}
"""Columns that are secret."""
_DRAWN = {"folded"}
"""Columns that are drawn from others."""
LEFT_OUT = {
    "Answer",
    "DryRun",
    "DryRunFate",
    "DryRunLead",
    "Grounds",
    "ImportFile",
    "ImportRow",
    "StandingReport",
}
"""Tables that hold what was said over the API, which may be a secret; files on their way in and dry
runs, which are kept for days only; and what is drawn from others."""
_NAMED_BY = {"channel": "key", "company": "key", "delivery": "key", "version": "number"}
_ROWS = 2_000


@dataclass(frozen=True)
class Column:
    """A column as it leaves: its name, where its value comes from, what kind of value it is."""

    name: str
    source: str
    kind: str


def tables() -> list[type[models.Model]]:
    """Every table of a workspace, the workspace itself first."""
    found = [getattr(book, name) for name in sorted(book.__all__)]
    return [
        Workspace,
        *(
            model
            for model in found
            if isinstance(model, type)
            and issubclass(model, book.OfWorkspace)
            and not model._meta.abstract  # noqa: SLF001
            and model.__name__ not in LEFT_OUT
        ),
    ]


def columns(model: type[models.Model]) -> list[Column]:
    """The columns of a table as they leave: other rows by their keys, never by database ids."""
    # Blocks of the audit log are sealed over the numbers of their entries.
    found = [Column("number", "pk", "integer")] if model is Entry else []
    for field in model._meta.concrete_fields:  # noqa: SLF001
        if (
            field.primary_key
            or field.name == "workspace"
            or (model.__name__, field.name) in HIDDEN
            or field.name in _DRAWN
        ):
            continue
        if isinstance(field, models.ForeignKey):
            by = _NAMED_BY.get(field.name) or {"user": "email", "block": "number"}[field.name]
            found.append(Column(field.name, f"{field.name}__{by}", "text"))
        else:
            found.append(Column(field.name, field.name, _kind(model, field)))
    return found


def _kind(model: type[models.Model], field: models.Field) -> str:  # type: ignore[type-arg]
    name = field.name
    if model is Fact and name == "kind":
        return "kind of fact"
    if isinstance(field, models.BigIntegerField):
        ends = name.endswith(("_at", "_until", "_since")) or name in {"at", "until"}
        return "instant" if ends else "integer"
    if isinstance(field, models.JSONField):
        return "json"
    if isinstance(field, models.BooleanField):
        return "boolean"
    if isinstance(field, models.IntegerField):
        return "integer"
    if isinstance(field, models.DateField):
        return "date"
    return "time" if isinstance(field, models.TimeField) else "text"


def rows_of(
    workspace: int, model: type[models.Model], listed: list[Column]
) -> Iterator[tuple[Any, ...]]:
    """The rows of a table as they leave."""
    if model is Workspace:
        chosen = Workspace.objects.filter(pk=workspace)
    else:
        chosen = model.objects.of(workspace)  # type: ignore[attr-defined]
    sources = [column.source for column in listed]
    for row in chosen.order_by("pk").values_list(*sources).iterator(chunk_size=_ROWS):
        yield tuple(_value(column, value) for column, value in zip(listed, row, strict=True))


def _value(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.kind == "instant":
        return to_datetime(value).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if column.kind == "kind of fact":
        return codec.NAMES[value]
    return value.isoformat() if isinstance(value, (date, time)) else value


def facts(workspace: int) -> Iterator[dict[str, Any]]:
    """The log as `leadpact` reads it."""
    names = codec.Row._fields
    chosen = Fact.objects.of(workspace).order_by("pk").values_list(*names)
    for row in chosen.iterator(chunk_size=_ROWS):
        yield codec.fact_of(codec.Row._make(row))


def lines_of(listed: list[Column], rows: Iterator[Any]) -> Iterator[bytes]:
    """Rows as JSON, one a line."""
    names = [column.name for column in listed]
    for row in rows:
        told = row if isinstance(row, dict) else dict(zip(names, row, strict=True))
        yield json.dumps(told, ensure_ascii=False).encode() + b"\n"


def name_of(model: type[models.Model]) -> str:
    """The name of a table: ``AgreementVersion`` becomes ``agreement_version``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()


def takeout(workspace: int) -> Iterator[bytes]:
    """Every row of every table as JSON, one a line, each with the name of its table."""
    with snapshot():
        for model in tables():
            listed = columns(model)
            rows = facts(workspace) if model is Fact else rows_of(workspace, model, listed)
            head = f'{{"table": {json.dumps(name_of(model))}, "row": '.encode()
            for line in lines_of(listed, rows):
                yield head + line.rstrip(b"\n") + b"}\n"
