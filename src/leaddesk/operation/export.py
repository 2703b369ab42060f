"""Export: everything of a workspace in files that other programs read.

Each table as CSV and as JSON lines, the texts of the agreement, and a description of every column.
Rows stream; a workspace of any size needs little memory. Secrets never leave: no keys of channels,
no digests of tokens or passwords. Who may export is for the caller to ask.
"""

import json
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leaddesk.book import audit, database, health
from leaddesk.book.models import AgreementVersion, Fact, Workspace
from leaddesk.book.plain_sheet import csv_of
from leaddesk.book.snapshot import snapshot
from leaddesk.book.tables import columns, facts, lines_of, name_of, rows_of, tables
from leaddesk.operation.archive import Unfinished
from leadpact.clock import to_datetime

Write = Callable[[str, Iterator[bytes]], None]


@dataclass(frozen=True)
class Exported:
    """How many files were written, and the rows of each table."""

    files: int
    rows: dict[str, int]


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
            name, listed = name_of(model), columns(model)
            names, rows_ = [column.name for column in listed], rows_of(workspace, model, listed)
            write(f"{name}.csv", csv_of(names, rows_, is_marked=False))
            lines = facts(workspace) if model is Fact else rows_of(workspace, model, listed)
            rows[name] = 0
            write(f"{name}.jsonl", _counted(lines_of(listed, lines), rows, name))
            files += 2
        for name, text in _agreements(workspace):
            write(name, iter([text.encode()]))
            files += 1
        described = _description(workspace, rows, now)
    write("schema.json", iter([described.encode()]))
    return Exported(files, rows)


def _counted(lines: Iterator[bytes], rows: dict[str, int], name: str) -> Iterator[bytes]:
    for line in lines:
        rows[name] += 1
        yield line


def _agreements(workspace: int) -> Iterator[tuple[str, str]]:
    """Each version's text, as people signed it."""
    names: Counter[str] = Counter()
    for one in AgreementVersion.objects.of(workspace).order_by("pk"):
        state = one.state.replace(" ", "-")
        name = f"agreement/{one.valid_from}-version-{one.number}-{state}-{one.hash[:8]}"
        names[name] += 1  # the same text may be proposed and withdrawn again and again
        again = f"-{names[name]}" if names[name] > 1 else ""
        yield f"{name}{again}.yaml", one.text


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
            name_of(model): {
                "what": " ".join((model.__doc__ or "").split()),
                "rows": rows[name_of(model)],
                "columns": {column.name: column.kind for column in columns(model)},
            }
            for model in tables()
        },
    }
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"
