"""Export: everything of a workspace in files that other programs read.

Each table as CSV and as JSON lines, the texts of the agreement, and a description of every column.
Rows stream; a workspace of any size needs little memory. Secrets never leave: no keys of channels,
no digests of tokens or passwords. Who may export is for the caller to ask.
"""

import csv
import io
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from django.db import models

from leaddesk.book import audit, codec, database, health
from leaddesk.book import models as book
from leaddesk.book.models import AgreementVersion, Entry, Fact, Workspace
from leaddesk.operation.archive import Unfinished
from leaddesk.operation.snapshot import snapshot
from leadpact.clock import to_datetime

HIDDEN = {("Channel", "secrets"), ("Token", "digest")}
"""Columns that are secret."""
LEFT_OUT = {"Answer"}
"""Tables that hold what was said over the API, which may be a secret."""
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_NAMED_BY = {"channel": "key", "company": "key", "delivery": "key", "version": "number"}
_ROWS = 2_000

Write = Callable[[str, Iterator[bytes]], None]


@dataclass(frozen=True)
class Exported:
    """How many files were written, and the rows of each table."""

    files: int
    rows: dict[str, int]


@dataclass(frozen=True)
class Column:
    """A column as it leaves: its name, where its value comes from, what kind of value it is."""

    name: str
    source: str
    kind: str


def export(workspace: int, target: Path, now: int, actor: str = "operator") -> Exported:
    """Write the workspace to a new or empty folder, or to a ZIP file where the name ends so.

    Raises `Unfinished`; then nothing is left behind.
    """
    target = target.absolute()
    try:
        exported = (
            _to_zip(workspace, target, now)
            if _is_zip(target)
            else _to_folder(workspace, target, now)
        )
    except OSError as error:
        raise Unfinished(f"Nothing was exported: {error.strerror or error}.") from error
    told = {"rows": sum(exported.rows.values())}
    entry = audit.Note(actor, "exported the workspace", "workspace", told)
    database.in_transaction(lambda: audit.note(workspace, [entry], now))
    return exported


def _is_zip(target: Path) -> bool:
    return target.suffix.casefold() == ".zip"


def _to_zip(workspace: int, target: Path, now: int) -> Exported:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            exported = write_zip(workspace, file, now)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return exported


def _to_folder(workspace: int, target: Path, now: int) -> Exported:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Unfinished(f"{target} is not empty. Nothing was exported; name a new folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:

        def write(name: str, pieces: Iterator[bytes]) -> None:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.writelines(pieces)

        exported = write_all(workspace, write, now)
        if target.exists():
            target.rmdir()
        ready = Path(folder)
        ready.rename(target)
        ready.mkdir()  # for the clean-up to find
    return exported


def write_zip(workspace: int, file: Any, now: int) -> Exported:
    """Write a ZIP to a file that may be a stream."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:

        def write(name: str, pieces: Iterator[bytes]) -> None:
            with archive.open(name, "w", force_zip64=True) as member:
                for piece in pieces:
                    member.write(piece)

        return write_all(workspace, write, now)


def write_all(workspace: int, write: Write, now: int) -> Exported:
    """Hand every file to `write`, all as of one instant."""
    rows: dict[str, int] = {}
    files = 1
    with snapshot():
        for model in tables():
            name, listed = _file(model), columns(model)
            write(f"{name}.csv", _csv(listed, _rows(workspace, model, listed)))
            lines = _facts(workspace) if model is Fact else _rows(workspace, model, listed)
            rows[name] = 0
            write(f"{name}.jsonl", _counted(_jsonl(listed, lines), rows, name))
            files += 2
        for name, text in _agreements(workspace):
            write(name, iter([text.encode()]))
            files += 1
        described = _description(workspace, rows, now)
    write("schema.json", iter([described.encode()]))
    return Exported(files, rows)


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
        if field.primary_key or field.name == "workspace" or (model.__name__, field.name) in HIDDEN:
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


def _rows(
    workspace: int, model: type[models.Model], listed: list[Column]
) -> Iterator[tuple[Any, ...]]:
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


def _facts(workspace: int) -> Iterator[dict[str, Any]]:
    """The log as `leadpact` reads it."""
    names = codec.Row._fields
    chosen = Fact.objects.of(workspace).order_by("pk").values_list(*names)
    for row in chosen.iterator(chunk_size=_ROWS):
        yield codec.fact_of(codec.Row._make(row))


def _csv(listed: list[Column], rows: Iterator[tuple[Any, ...]]) -> Iterator[bytes]:
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow([column.name for column in listed])
    for row in rows:
        writer.writerow([defused(value) for value in row])
        if page.tell() > 65_536:
            yield page.getvalue().encode()
            page.seek(0)
            page.truncate()
    yield page.getvalue().encode()


def defused(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula: what would be one gets an apostrophe."""
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(_RISKY) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def _jsonl(listed: list[Column], rows: Iterator[Any]) -> Iterator[bytes]:
    names = [column.name for column in listed]
    for row in rows:
        told = row if isinstance(row, dict) else dict(zip(names, row, strict=True))
        yield json.dumps(told, ensure_ascii=False).encode() + b"\n"


def _counted(lines: Iterator[bytes], rows: dict[str, int], name: str) -> Iterator[bytes]:
    for line in lines:
        rows[name] += 1
        yield line


def _agreements(workspace: int) -> Iterator[tuple[str, str]]:
    """Each version's text, as people signed it."""
    for one in AgreementVersion.objects.of(workspace).order_by("pk"):
        state = one.state.replace(" ", "-")
        yield (
            f"agreement/{one.valid_from}-version-{one.number}-{state}-{one.hash[:8]}.yaml",
            one.text,
        )


def _file(model: type[models.Model]) -> str:
    """The name of a table's files: ``AgreementVersion`` becomes ``agreement_version``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()


def _description(workspace: int, rows: dict[str, int], now: int) -> str:
    described = {
        "leaddesk export": 1,
        "version": health.version(),
        "workspace": Workspace.objects.values_list("slug", flat=True).get(pk=workspace),
        "exported_at": to_datetime(now).isoformat().replace("+00:00", "Z"),
        "notes": [
            "Instants are RFC 3339 in UTC; days and times are as the workspace's zone has them.",
            "fact.jsonl is a log that `leadpact judge` reads, with the texts in agreement/.",
            "In CSV, text that a spreadsheet would take for a formula begins with an apostrophe.",
            "Secrets of channels and of tokens are left out.",
        ],
        "tables": {
            _file(model): {
                "what": " ".join((model.__doc__ or "").split()),
                "rows": rows[_file(model)],
                "columns": {column.name: column.kind for column in columns(model)},
            }
            for model in tables()
        },
    }
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"
