"""Pages: the server time and the queries of every screen, at 100,000 leads and 1,000,000 facts.

`python -m bench.desk_pages` measures on SQLite and on PostgreSQL; `--quick` shows on 2,000 leads that
everything runs; `--on sqlite` measures on one of them. Screens are called in this process, without a
network; what is timed is all that the server does for a page.
"""

import argparse
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

ROOT = Path(__file__).parents[1]
DATABASES = {"sqlite": [], "postgresql": [ROOT / ".ci" / "postgres", "run"]}
LEADS, FACTS_EACH, ROUNDS = 100_000, 10, 12
BAR_SECONDS, BAR_QUERIES = 0.150, 20
DAY, HOUR = 86_400_000_000, 3_600_000_000
EMAIL, PASSWORD = "mia@northwind.example", "seven quiet herons"
SCREENS = (
    "/leads",
    "/leads?sort=urgent",
    "/leads?sort=changed",
    "/leads?sort=key",
    "/leads?owner=rep7",
    "/leads?team=north",
    "/leads?stage=mql&source=fair",
    "/leads?campaign=spring+3&sort=urgent",
    "/leads?owed=broken&sort=urgent",
    "/leads?owed=at+risk",
    "/leads?owed=kept",
    "/leads?pass=2",
    "/leads?created_from=2026-01-01&paused=no",
    "/leads?q=maria",
    "/leads?q=maria+company+77",
    "/leads?q=maria77777",
    "/leads?q=%2B48+22+5077777",
    "/leads?q=a",
    "/leads?q=nobody+at+all",
    "/companies",
    "/companies?q=company+77",
    "/contacts",
    "/contacts?q=maria+77",
    "/leads/L-00777",
    "/contacts/L-00777",
    "/companies/company-77",
    "/leads/new",
    "/bulk",
    "/",
    "/today",
    "/queue",
    "/queue?whose=rep7",
    "/scoreboard",
    "/stand-up",
    "/agreement",
    "/plan",
    "/imports",
    "/troubles",
    "/settings",
    "/settings/people",
    "/status",
)
"""Every screen that a person opens daily. One that isn't there is told as such."""


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
        client = furnished(leads)
        print(f"  filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        for screen in screens:
            yield _screen(client, screen)


def furnished(leads: int):
    """A client of somebody who leads a workspace with so many leads, ten facts each."""
    from django.conf import settings
    from django.test import Client

    from bench.desk_house import workspace
    from leaddesk.book.models import Person, Team, User

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = ["*"]
    logging.getLogger("leaddesk").setLevel(logging.ERROR)
    own, _token = workspace("pages")
    user = User.objects.create_user(EMAIL, PASSWORD)
    Person.objects.of(own).filter(key="mia").update(user=user, email=EMAIL)
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
    _fill(own, leads)
    client = Client()
    client.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
    return client


def _fill(own: int, leads: int) -> None:
    """Write facts and what follows from them as the desk would, some leads at a time."""
    from django.db import connection

    from leaddesk.book import database, due, moment
    from leaddesk.book.rules import rules_of

    random, now = Random(1), moment.now()
    rules = rules_of(own)
    _companies(own, max(leads // 20, 100), now)
    for start in range(0, leads, 5_000):
        numbers = range(start, min(start + 5_000, leads))
        told = [row for n in numbers for row in _life(n, leads, random, now)]
        _write_facts(own, told, now)
        _judge(own, rules, told, now, database, due)
        _contacts(own, numbers, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _life(number: int, leads: int, random: Random, now: int) -> Iterator[tuple]:
    """Ten facts of a lead, spread over two years; the newest leads are worked on today."""
    from leadpact import facts

    at = now - 2 * HOUR - int((leads - 1 - number) * 700 * DAY / leads)
    key, owner = f"L-{number:05}", f"rep{number % 40}"
    source = ("web", "fair", "partner", "ads")[number % 4]
    created = {"type": "website form", "stream": ("shops", "brands")[number % 2], "source": source}
    created |= {"campaign": f"spring {number % 50}", "account": f"company-{number % (leads // 20)}"}
    yield key, created["account"], facts.CREATED, at, created
    steps: list[tuple[int, dict]] = [
        (facts.ENGAGED, {"what": "guide downloaded"}),
        (facts.ENGAGED, {"what": "demo requested"}),
        (facts.MOVED, {"to": "mql"}),
        (facts.HANDED_OVER, {"owner": owner}),
    ]
    if number % 3:
        steps += [(facts.ATTEMPTED, {"by": owner, "channel": "phone"})] * (1 + number % 3)
    if number < leads * 0.97:  # most leads are over and done with
        steps += [(facts.LOST, {"reason": "price"})] if number % 5 else [(facts.WON, {})]
    while len(steps) < FACTS_EACH - 1:
        steps.insert(1, (facts.ENGAGED, {"what": "page seen"}))
    for kind, fields in steps:
        at = min(at + random.randrange(60_000_000, 3 * HOUR), now - 1)
        yield key, "", kind, at, fields


def _write_facts(own: int, told: list[tuple], now: int) -> None:
    from leaddesk.book import database
    from leaddesk.book.models import Fact

    count = len(told)
    lead, account, kind, at, body = zip(*told, strict=True)
    columns = {
        "workspace": [own] * count,
        "lead": lead,
        "account": account,
        "kind": kind,
        "occurred_at": at,
        "recorded_at": [now] * count,
        "date_only": [False] * count,
        "system": ["bench"] * count,
        "source_id": [f"{one[0]} {n}" for n, one in enumerate(told)],
        "body": [json.dumps(one) for one in body],
        "request": [""] * count,
    }
    database.in_transaction(lambda: database.insert(Fact, tuple(columns), [*columns.values()]))


def _judge(own, rules, told, now, database, due) -> None:
    """Judge these leads and write their index rows."""
    from leaddesk.book import running
    from leaddesk.book.codec import Row as Stored
    from leaddesk.book.codec import log_of_rows
    from leadpact.judge import judge

    stored = [
        Stored(lead, account, kind, at, at, False, "bench", str(n), json.dumps(fields))
        for n, (lead, account, kind, at, fields) in enumerate(told)
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


def _contacts(own: int, numbers: range, now: int) -> None:
    from leaddesk.book.models import Company, Contact

    companies = [*Company.objects.of(own).order_by("pk").values_list("pk", flat=True)]
    names = ("María", "Zoë", "علی", "สมชาย", "Kim", "Łukasz", "Ana", "Jean")
    Contact.objects.of(own).bulk_create(
        (
            Contact(
                workspace_id=own,
                lead=f"L-{n:05}",
                company_id=companies[n % len(companies)],
                name=f"{names[n % 8]} Person {n}",
                email=f"maria{n}@company{n % 500}.example",
                phone=f"+48 22 50{n:05}",
                created_at=now,
            )
            for n in numbers
        ),
        batch_size=2_000,
    )


def _screen(client, screen: str) -> Row:
    """The p95 of the server time of a screen, and the most queries that it asked."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    seconds, status = [], 0
    for number in range(ROUNDS + 2):
        began = time.perf_counter()
        answer = client.get(screen)
        if number >= 2:  # the first two load what stays loaded
            seconds.append(time.perf_counter() - began)
        status = answer.status_code
    with CaptureQueriesContext(connection) as queries:
        client.get(screen)
    most = len(queries)
    seconds.sort()
    slow = seconds[min(len(seconds) - 1, round(0.95 * len(seconds)))]
    if status == 404:
        return Row(screen, "isn't there yet", "a page", met=False)
    middle = seconds[len(seconds) // 2]
    figure = f"p50 {1000 * middle:.0f}, p95 {1000 * slow:.0f} ms, {most} queries, {len(answer.content) // 1024} KB"
    if status not in {200, 302}:
        figure = f"answered {status}, {figure}"
    met = status in {200, 302} and slow <= BAR_SECONDS and most <= BAR_QUERIES
    return Row(screen, figure, "≤ 150 ms, ≤ 20 queries", met)


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
