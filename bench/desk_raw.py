"""The raw rate: one lead transaction (a fact and its lead's row) after the other, by plain drivers.

Eight clients with a process and a connection each, on the tables and the settings of the desk.
"""

import multiprocessing
import sqlite3
from time import monotonic, sleep, time_ns

CLIENTS = 8
FACT = """INSERT INTO book_fact (workspace_id, lead, account, kind, occurred_at, recorded_at, date_only,
          system, source_id, body, request) VALUES ({0}, {0}, '', 1, {0}, {0}, {1}, 'raw', {0}, {0}, '')"""
LEAD = """INSERT INTO book_lead (workspace_id, key, facts, type, stream, source, campaign, account, "into",
          pass_number, standing, stage, owner, is_paused, open, broken, rules, is_settled, fence, wake_at)
          VALUES ({0}, {0}, 1, '', '', '', '', '', '', 1, 'open', 'mql', 'ana', {1}, 1, 0, 1, {1}, 0, {0})
          ON CONFLICT (workspace_id, key) DO UPDATE SET facts = book_lead.facts + 1"""
BODY = '{"owner":"ana","packet":"source, pages seen, guide, phone"}'


def rate(settings: dict, workspace: int, seconds: float) -> float:
    """Transactions a second."""
    context = multiprocessing.get_context("spawn")
    begin = monotonic() + 2.0
    given = [(settings, workspace, client, begin, seconds) for client in range(CLIENTS)]
    with context.Pool(CLIENTS) as pool:
        return sum(pool.starmap(_client, given)) / seconds


def _client(settings, workspace, client, begin, seconds):
    connect = _sqlite if settings["ENGINE"].endswith("sqlite3") else _postgresql
    write = connect(settings)
    while monotonic() < begin:
        sleep(0.001)
    done, stop = 0, begin + seconds
    while monotonic() < stop:
        now = time_ns() // 1000
        key = f"raw {client} {now}"
        write((workspace, key, now, now, key, BODY), (workspace, key, now + 3_600_000_000))
        done += 1
    return done


def _sqlite(settings):
    connection = sqlite3.connect(settings["NAME"], timeout=60, isolation_level=None)
    connection.executescript("PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;")
    fact, lead = FACT.format("?", "0"), LEAD.format("?", "0")

    def write(of_fact, of_lead):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(fact, of_fact)
        connection.execute(lead, of_lead)
        connection.execute("COMMIT")

    return write


def _postgresql(settings):
    import psycopg

    connection = psycopg.connect(
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        host=settings["HOST"],
        port=settings["PORT"] or None,
    )
    fact, lead = FACT.format("%s", "false"), LEAD.format("%s", "false")

    def write(of_fact, of_lead):
        with connection.transaction():
            connection.execute(fact, of_fact)
            connection.execute(lead, of_lead)

    return write
