"""PostgreSQL: a dump of one snapshot by the server's own tools, and the way back."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import connection, transaction

from leaddesk.operation.archive import Unfinished

_OWN = ("book_", "django_")


def dump(target: Path) -> dict[str, int]:
    """Dump the desk's tables as they stand at one instant; the rows of each."""
    tables = _tables()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # while pg_dump works
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        chosen = [f"--table={_quoted(name)}" for name in tables]
        _run("pg_dump", "--format=custom", f"--file={target}", f"--snapshot={snapshot}", *chosen)
        counts = {name: _count(cursor, name) for name in tables}
    target.chmod(0o600)
    # Reads the dump to its end, which a list of its contents would not.
    _run("pg_restore", f"--file={os.devnull}", str(target), connects=False)
    return counts


def load(copy: Path, afterwards: Sequence[str], expected: Mapping[str, int]) -> None:
    """Put a dump in the place of the desk's tables, in one transaction: all of it or nothing."""
    _be_alone()
    before, script, after = (copy.with_suffix(f".{part}.sql") for part in ("1", "2", "3"))
    drops = [f"DROP TABLE {_quoted(name)} CASCADE;" for name in _tables()]
    checks = [_counted(name, count) for name, count in expected.items()]
    before.write_text("\n".join(["SET lock_timeout = '10s';", *drops]), "utf-8")
    script.touch(mode=0o600)
    _run(
        "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(copy), connects=False
    )
    place = f"SET search_path = {_schema()};"
    ends = [place, *checks, *(f"{one};" for one in afterwards)]
    after.write_text("\n".join(ends), "utf-8")
    connection.close()
    files = [f"--file={one}" for one in (before, script, after)]
    _run("psql", "-X", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *files)


def _counted(name: str, count: int) -> str:
    """A statement that fails where a table doesn't hold so many rows."""
    return (
        f"DO $$ BEGIN IF (SELECT count(*) FROM {_quoted(name)}) <> {count:d} THEN"  # noqa: S608
        f" RAISE EXCEPTION '{name} does not hold what the manifest says'; END IF; END $$;"
    )


def _be_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        if others := cursor.fetchone()[0]:
            raise Unfinished(
                f"the database is in use by {others} other connections. Stop the desk's web and"
                " worker first."
            )


def _tables() -> list[str]:
    return sorted(name for name in connection.introspection.table_names() if name.startswith(_OWN))


def _schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        return str(cursor.fetchone()[0])


def _count(cursor: object, name: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {_quoted(name)}")  # type: ignore[attr-defined]  # noqa: S608
    return int(cursor.fetchone()[0])  # type: ignore[attr-defined]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _run(program: str, *arguments: str, connects: bool = True) -> None:
    """Run a tool of PostgreSQL. Its password goes by the environment, which other users can't read."""
    path = shutil.which(program)
    if path is None:
        raise Unfinished(f"{program} is not installed. Install the client programs of PostgreSQL.")
    given, secret = _connection() if connects else ([], {})
    ended = subprocess.run(  # noqa: S603  (a fixed program, arguments of our own)
        [path, *arguments, *given],
        env={**os.environ, **secret, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().splitlines() or ["it ended early"]
        why = next((line for line in said if "error" in line.lower()), said[-1])
        raise Unfinished(f"{why.rstrip('.')}.")


def _connection() -> tuple[list[str], dict[str, str]]:
    from psycopg.conninfo import make_conninfo

    told = connection.get_connection_params()
    known = {"dbname", "user", "host", "port", "connect_timeout"}
    kept = {name: value for name, value in told.items() if name in known or name.startswith("ssl")}
    secret = {"PGPASSWORD": str(told["password"])} if told.get("password") else {}
    return [f"--dbname={make_conninfo(**kept)}"], secret
