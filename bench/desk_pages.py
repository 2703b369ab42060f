"""Pages: the server time and the queries of every screen, at 100,000 leads and 1,000,000 facts.

`python -m bench.desk_pages` measures on SQLite and on PostgreSQL, lists of the API too; `--quick` shows on 2,000 leads that
everything runs; `--on sqlite` measures on one of them. Screens are called in this process, without a
network; what is timed is all that the server does for a page.
"""

import argparse
import gc
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bench import Row
from bench.desk_lives import Told, key_of, life
from bench.desk_rooms import agreement, furnish, run_by_itself
from bench.desk_screens import SCREENS

ROOT = Path(__file__).parents[1]
DATABASES = {"sqlite": [], "postgresql": [ROOT / ".ci" / "postgres", "run"]}
LEADS, ROUNDS = 100_000, 12
BAR_SECONDS, BAR_QUERIES = 0.150, 20
EMAIL, PASSWORD = "{}@northwind.example", "seven quiet herons"


def rows() -> Iterator[Row]:
    """The bars of the screens on each database."""
    for database in DATABASES:
        yield from measured(database)


def measured(database: str, *arguments: str) -> Iterator[Row]:
    """The rows of one database, measured in a process of its own."""
    command = [*DATABASES[database], sys.executable, "-m", "bench.desk_pages", "--here", *arguments]
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


def here(leads: int, screens: tuple[str, ...]) -> Iterator[Row]:
    """The rows of the database that this process has."""
    from bench.desk_house import house

    with house():
        began = time.perf_counter()
        clients = visitors(filled(leads))
        gc.collect()
        gc.freeze()  # a server's collector wouldn't look at what filling left in this process
        print(f"  filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        for screen in screens:
            yield measured_screen(clients, screen)


def filled(leads: int) -> str:
    """A workspace with so many leads, ten facts each; a token of whoever runs it."""
    from django.conf import settings

    from bench.desk_house import workspace
    from leaddesk.book.models import Person, Team, User

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    own, token = workspace("pages", agreement())
    user = User.objects.create_user(EMAIL.format("mia"), PASSWORD)
    Person.objects.of(own).filter(key="mia").update(user=user, email=EMAIL.format("mia"))
    for team in ("north", "south"):
        Team.objects.of(own).create(workspace_id=own, key=team, name=team.title())
    Person.objects.of(own).bulk_create(
        Person(
            workspace_id=own,
            key=f"rep{n}",
            name=f"Rep {n}",
            team=("north", "south")[n % 2],
            created_at=1,
        )
        for n in range(40)
    )
    user = User.objects.create_user(EMAIL.format("rep7"), PASSWORD)
    Person.objects.of(own).filter(key="rep7").update(user=user)
    _fill(own, leads)
    return token


def visitors(token: str) -> dict[str, object]:
    """Who asks for screens, by the word before their addresses."""
    from django.conf import settings
    from django.test import Client

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = ["*"]
    logging.getLogger("leaddesk").setLevel(logging.ERROR)
    found = {
        "": Client(),
        "rep": Client(),
        "nobody": Client(),
        "api": Client(headers={"Authorization": f"Bearer {token}"}),
    }
    for word, name in (("", "mia"), ("rep", "rep7")):
        found[word].post("/sign-in", {"email": EMAIL.format(name), "password": PASSWORD})
    return found


def _fill(own: int, leads: int) -> None:
    """Write facts and what follows from them as the desk would, some leads at a time."""
    from django.db import connection

    from leaddesk.book import moment
    from leaddesk.book.rules import rules_of

    random, now = Random(1), moment.now()
    run_by_itself(own, now)
    rules = rules_of(own)
    _companies(own, max(leads // 20, 100), now)
    for start in range(0, leads, 5_000):
        numbers = range(start, min(start + 5_000, leads))
        told = [row for n in numbers for row in life(n, leads, random, now)]
        _write_facts(own, told, now)
        _judge(own, rules, told, now)
        _contacts(own, numbers, leads, now)
    furnish(own, leads, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _write_facts(own: int, told: list[Told], now: int) -> None:
    from leaddesk.book import database
    from leaddesk.book.models import Fact

    count = len(told)
    lead, account, kind, at, body, system, names = zip(*told, strict=True)
    columns = {
        "workspace": [own] * count,
        "lead": lead,
        "account": account,
        "kind": kind,
        "occurred_at": at,
        "recorded_at": [now] * count,
        "date_only": [False] * count,
        "system": system,
        "source_id": [name or f"{lead[n]} {n}" for n, name in enumerate(names)],
        "body": [json.dumps(one) for one in body],
        "request": [""] * count,
    }
    database.in_transaction(lambda: database.insert(Fact, tuple(columns), [*columns.values()]))


def _judge(own: int, rules, told: list[Told], now: int) -> None:
    """Judge these leads and write their index rows."""
    from leaddesk.book import database, due, running
    from leaddesk.book.codec import Row as Stored
    from leaddesk.book.codec import log_of_rows
    from leadpact.judge import judge

    stored = [
        Stored(
            one.lead,
            one.account,
            one.kind,
            one.at,
            one.at,
            False,
            one.system,
            one.source_id or f"{one.lead} {n}",
            json.dumps(one.fields),
        )
        for n, one in enumerate(told)
    ]
    judgement = judge(rules.program, log_of_rows(stored, rules.zone), now=now)
    run = running.followed(own, rules, judgement, now, announce=False)
    database.in_transaction(lambda: due.write(own, rules, judgement, run))


def _companies(own: int, count: int, now: int) -> None:
    from leaddesk.book.models import Company

    Company.objects.of(own).bulk_create(
        (
            Company(
                workspace_id=own,
                key=f"company-{n}",
                name=f"Company {n} Ltd",
                domain=f"company{n}.example",
                created_at=now,
            )
            for n in range(count)
        ),
        batch_size=2_000,
    )


def _contacts(own: int, numbers: range, leads: int, now: int) -> None:
    from leaddesk.book.models import Company, Contact

    companies = [*Company.objects.of(own).order_by("pk").values_list("pk", flat=True)]
    names = ("María", "Zoë", "علی", "สมชาย", "Kim", "Łukasz", "Ana", "Jean")
    Contact.objects.of(own).bulk_create(
        (
            Contact(
                workspace_id=own,
                lead=key_of(n, leads),
                company_id=companies[n % len(companies)],
                name=f"{names[n % 8]} Person {n}",
                email=f"maria{n}@company{n % 500}.example",
                phone=f"+48 22 50{n:05}",
                zone=("Europe/Warsaw", "Asia/Bangkok", "")[n % 3],
                mail_consent=("yes", "", "no")[n % 3],
                created_at=now,
            )
            for n in numbers
        ),
        batch_size=2_000,
    )


def measured_screen(clients: dict[str, object], what: str) -> Row:
    """The p95 of the server time of a screen, and the queries that it asked."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    word, _blank, address = what.rpartition(" ")
    client, address = clients[word], f"/api/v1{address}" if word == "api" else address
    seconds, status = [], 0
    for _number in range(ROUNDS + 2):
        began = time.perf_counter()
        answer = client.get(address)
        seconds.append(time.perf_counter() - began)
        status = answer.status_code
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    first, seconds = seconds[0], sorted(seconds[2:])  # the first two load what stays loaded
    slow = seconds[min(len(seconds) - 1, round(0.95 * len(seconds)))]
    if status == 404:
        return Row(what, "isn't there yet", "a page", met=False)
    middle, most = seconds[len(seconds) // 2], len(queries)
    figure = f"p50 {1000 * middle:.0f}, p95 {1000 * slow:.0f} ms, {most} queries"
    figure += f", {len(answer.content) // 1024} KB, first {1000 * first:.0f} ms"
    if status not in {200, 302}:
        figure = f"answered {status}, {figure}"
    met = status in {200, 302} and slow <= BAR_SECONDS and most <= BAR_QUERIES
    return Row(what, figure, "≤ 150 ms, ≤ 20 queries", met)


def main() -> int:
    """Measure what is asked for; the exit code is 0 where every bar is met."""
    from bench.__main__ import lines

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("screens", nargs="*", help="only screens that begin so")
    parser.add_argument("--on", choices=[*DATABASES], action="append")
    parser.add_argument("--quick", action="store_true", help="only show that everything runs")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        chosen = tuple(
            s for s in SCREENS if not given.screens or s.startswith(tuple(given.screens))
        )
        for row in here(2_000 if given.quick else LEADS, chosen):
            print(json.dumps(row), flush=True)
        return 0
    arguments = [*given.screens, *(["--quick"] if given.quick else [])]
    found = [row for each in given.on or DATABASES for row in measured(each, *arguments)]
    table = [(row.what, row.figure, row.bar, "yes" if row.met else "NO") for row in found]
    print("\n".join(lines([("what", "figure", "bar", "met"), *table])))
    print(f"measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC", file=sys.stderr)
    return 0 if all(row.met for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
