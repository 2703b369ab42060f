"""Archive: one ZIP file with the copy of a database and a manifest that says what it must hold."""

import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

FORMAT = 1
MANIFEST = "manifest.json"
MEMBERS = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
_NAME = re.compile(r"[a-z0-9_]+")
_PIECE = 1024 * 1024
_MOST_MANIFEST = 1024 * 1024


class Unfinished(Exception):
    """What could not be done, why, and what was left as it was; in sentences."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `installation` tells one desk from another; `digest` is the SHA-256 of
    the database's copy, `counts` the rows of each table in it."""

    format: int
    version: str
    made_at: str
    database: str
    server: str
    installation: int
    migrations: tuple[str, ...]
    counts: Mapping[str, int]
    digest: str
    bytes: int


def write(target: Path, manifest: Manifest, copy: Path) -> None:
    """Write the archive beside its place, read it back, then put it there in one step."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            _pack(file, manifest, copy)
            file.flush()
            os.fsync(file.fileno())
        if opened(part) != manifest:
            raise Unfinished(f"{target} could not be read back as it was written.")
        part.replace(target)
        _sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _pack(file: IO[bytes], manifest: Manifest, copy: Path) -> None:
    # What pg_dump wrote is compressed already.
    method = zipfile.ZIP_STORED if manifest.database == "postgresql" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(file, "w", method, compresslevel=1) as archive:
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        archive.write(copy, MEMBERS[manifest.database])


def opened(path: Path) -> Manifest:
    """The manifest of an archive whose every byte was checked. Raises `Unfinished`."""
    with _reading(path) as archive:
        manifest = _manifest(archive, path)
        with archive.open(MEMBERS[manifest.database]) as copy:
            told = _digest(copy)
        if told != (manifest.digest, manifest.bytes):
            raise Unfinished(f"{path} is damaged: the copy of the database is not the one written.")
    return manifest


def unpack(path: Path, manifest: Manifest, target: Path) -> None:
    """Write the copy of the database to a file of its own."""
    number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    member = MEMBERS[manifest.database]
    with (
        os.fdopen(number, "wb") as file,
        _reading(path) as archive,
        archive.open(member) as copy,
    ):
        shutil.copyfileobj(copy, file, _PIECE)


@contextmanager
def _reading(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError:
        raise Unfinished(f"There is no file {path}.") from None
    except (zipfile.BadZipFile, EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise Unfinished(f"{path} is damaged or no backup of a desk: {error}.") from None


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        with archive.open(MANIFEST) as file:
            told = json.loads(file.read(_MOST_MANIFEST))
        manifest = Manifest(**{**told, "migrations": tuple(told["migrations"])})
        archive.getinfo(MEMBERS[manifest.database])
        sound = _is_sound(manifest)
    except (AttributeError, KeyError, TypeError, ValueError):
        sound = False
    if not sound:
        raise Unfinished(f"{path} is no backup of a desk.")
    if manifest.format != FORMAT:
        raise Unfinished(f"{path} was made by another version of the desk ({manifest.version}).")
    return manifest


def _is_sound(manifest: Manifest) -> bool:
    """Whether its names and numbers are such; they become part of statements. Raises `ValueError`."""
    datetime.fromisoformat(manifest.made_at)
    numbers = (manifest.installation, manifest.bytes, *manifest.counts.values())
    return all(type(one) is int for one in numbers) and all(map(_NAME.fullmatch, manifest.counts))


def digest(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file and its size."""
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> tuple[str, int]:
    running, size = sha256(), 0
    while piece := file.read(_PIECE):
        running.update(piece)
        size += len(piece)
    return running.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    """Make sure that the new name outlives a power cut."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
