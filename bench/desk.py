"""The desk: recording, steady load, timers and rebuilding, on SQLite and on PostgreSQL.

`python -m bench desk` measures everything, which takes about twenty minutes;
`python -m bench.desk --quick` shows in one that everything runs, and its figures mean nothing.
`python -m bench.desk --on postgresql record timers` measures two parts on one database.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import Row

ROOT = Path(__file__).parents[1]
DATABASES = {"sqlite": [], "postgresql": [ROOT / ".ci" / "postgres", "--durable", "run"]}


def rows() -> Iterator[Row]:
    """The bars of the desk on each database."""
    for database in DATABASES:
        yield from measured(database)


def measured(database: str, *arguments: str) -> Iterator[Row]:
    """The rows of one database, measured in a process of its own."""
    command = [*DATABASES[database], sys.executable, "-m", "bench.desk_parts", *arguments]
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL" and not name.startswith("LEADDESK_")
    }
    print(f" on {database}", file=sys.stderr)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        for line in process.stdout:
            what, *rest = json.loads(line)
            yield Row(f"{database}: {what}", *rest)
    if process.returncode:
        yield Row(f"{database}: ended with {process.returncode}", "nothing", "a figure", met=False)


def main() -> int:
    """Measure what is asked for; the exit code is 0 where every bar is met."""
    from bench.__main__ import lines

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help="record, intake, timers, rebuild")
    parser.add_argument("--on", choices=[*DATABASES], action="append")
    parser.add_argument("--quick", action="store_true", help="only show that everything runs")
    given = parser.parse_args()
    arguments = [*given.parts, *(["--quick"] if given.quick else [])]
    found = [row for each in given.on or DATABASES for row in measured(each, *arguments)]
    table = [(row.what, row.figure, row.bar, "yes" if row.met else "NO") for row in found]
    print("\n".join(lines([("what", "figure", "bar", "met"), *table])))
    return 0 if all(row.met for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
