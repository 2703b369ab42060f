"""Safety: what makes a production desk refuse to start, each in one plain sentence."""

import fcntl
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import IO

from leaddesk.environment import SAMPLE_KEY, Environment

REFUSED = 2
"""The exit code of a process that refuses to start."""
SHORTEST_KEY, FEWEST_CHARACTERS = 50, 5
OLDEST_ZONES = timedelta(days=400)
NETWORK = {
    *("9p", "afs", "ceph", "cifs", "coda", "davfs", "glusterfs", "lustre", "ncp", "ncpfs"),
    *("nfs", "nfs4", "ocfs2", "smb3", "smbfs", "vboxsf", "virtiofs"),
    *("fuse.ceph", "fuse.davfs2", "fuse.glusterfs", "fuse.juicefs", "fuse.rclone", "fuse.s3fs"),
    *("fuse.sshfs", "fuse.vmhgfs-fuse"),
}
"""File systems on which SQLite's locks or shared memory can't be relied upon."""
MOUNTS = Path("/proc/mounts")
_PLACE = "running"
_places: list[IO[str]] = []
_UPDATED = re.compile(r"^#updated (\d+)", re.MULTILINE)


def refuse(environment: Environment) -> None:
    """End this process with exit code 2 where a production desk would be unsafe, saying why."""
    if environment.mode == "production" and (found := faults(environment)):
        for fault in found:
            print(f"leaddesk: {fault}", file=sys.stderr)  # noqa: T201
        raise SystemExit(REFUSED)


def faults(environment: Environment, today: date | None = None) -> list[str]:
    """Everything that makes it unsafe to serve people with these settings; nothing where all is well."""
    return [
        *_of_debugging(),
        *_of_key(environment.secret_key),
        *_of_hosts(environment.hosts),
        *_of_url(environment.url),
        *_of_sqlite(environment),
        *_of_zones(today or datetime.now(UTC).date()),
    ]


def _of_debugging() -> Iterator[str]:
    from django.conf import settings

    if settings.DEBUG:
        yield "DEBUG is on, which shows secrets to whoever meets a fault; switch it off."


def _of_key(key: str) -> Iterator[str]:
    remedy = "set it to fifty or more random characters."
    if SAMPLE_KEY in key or key.startswith("django-insecure-"):
        yield f"LEADDESK_SECRET_KEY is the sample from the instructions; {remedy}"
    elif len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS:
        yield f"LEADDESK_SECRET_KEY is missing or too short to be a secret; {remedy}"


def _of_hosts(hosts: tuple[str, ...]) -> Iterator[str]:
    remedy = "list the names under which people reach this desk."
    if not hosts:
        yield f"LEADDESK_HOSTS is empty; {remedy}"
    elif "*" in hosts:
        yield f"LEADDESK_HOSTS allows every name (*); {remedy}"


def _of_url(url: str) -> Iterator[str]:
    if not url.startswith("https://"):
        yield "LEADDESK_URL does not begin with https://, so that sign-in links would travel in the open."


def _of_sqlite(environment: Environment) -> Iterator[str]:
    database = environment.database
    if not database["ENGINE"].endswith("sqlite3"):
        return
    path = Path(database["NAME"])
    if kind := network_volume(path):
        yield (
            f"the database file {path} is on a network volume ({kind}), where SQLite can lose data;"
            " move it to a local disk or use PostgreSQL."
        )
    elif path.exists():
        yield from _of_journal(path, str(database["OPTIONS"]["init_command"]))


def _of_journal(path: Path, set_up: str) -> Iterator[str]:
    """Ask the way that the desk itself connects."""
    try:
        with closing(sqlite3.connect(path, timeout=2)) as connection:
            connection.executescript(set_up)
            (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    except sqlite3.Error as error:
        yield f"the database file {path} can't be used ({error}); see docs/operations.md."
        return
    if mode != "wal":
        yield (
            f"the database file {path} keeps its journal in mode {mode}, not WAL;"
            " remove `journal_mode` from the settings of the database."
        )


def network_volume(path: Path, mounts: Path = MOUNTS) -> str:
    """The kind of the network volume that a path is on, "" where it is on none."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:  # a system without /proc
        return ""
    place, best, found = path.resolve(), -1, ""
    for line in lines:
        _device, mounted, kind, *_options = line.split(" ")
        at = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), mounted))
        # Of two mounts at one place the later one is seen.
        if place.is_relative_to(at) and len(at.parts) >= best:
            best, found = len(at.parts), kind
    return found if found in NETWORK else ""


def _of_zones(today: date) -> Iterator[str]:
    if (age := today - zones_released()) > OLDEST_ZONES:
        yield (
            f"the zone data are {age.days} days old or older, so that offices may open at wrong times;"
            " upgrade the package tzdata."
        )


def zones_released() -> date:
    """The last day on which the zone data in use can have been released.

    A release carries its year, and the list of leap seconds of its half-year.
    """
    import tzdata

    latest = date(int(tzdata.IANA_VERSION[:4]), 12, 31)
    listed = resources.files("tzdata") / "zoneinfo" / "leapseconds"
    if listed.is_file() and (updated := _UPDATED.search(listed.read_text("utf-8"))):
        half = datetime.fromtimestamp(int(updated[1]), UTC).date() + timedelta(days=200)
        latest = min(latest, half)
    return latest


def take_place(home: Path) -> None:
    """Let `is_served` be true for as long as this process runs."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = (home / _PLACE).open("a")
    fcntl.flock(place, fcntl.LOCK_SH)
    _places.append(place)


def is_served(home: Path) -> bool:
    """Whether a process of this machine serves the desk whose folder this is."""
    try:
        with (home / _PLACE).open("a") as place:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def force_zone_data() -> None:
    """Let this process, and those it starts, read zones from the package `tzdata` alone."""
    import zoneinfo

    os.environ["PYTHONTZPATH"] = ""
    zoneinfo.reset_tzpath(to=())
