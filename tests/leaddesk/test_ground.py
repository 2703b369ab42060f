"""What every other test of the desk stands on: a real database that is fresh, and no network."""

import os
import socket
from pathlib import Path

import httpx
import pytest
from django.core.management import call_command
from django.db import connection

WANTED = "postgresql" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"


def asked(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_database_is_the_one_that_was_asked_for():
    assert connection.vendor == WANTED
    name = {
        "sqlite": "SELECT file FROM pragma_database_list",
        "postgresql": "SELECT current_database()",
    }
    assert Path(asked(name[WANTED])).name.startswith(
        {"sqlite": "desk", "postgresql": "test_"}[WANTED]
    )


@pytest.mark.django_db(transaction=True)
def test_sqlite_writes_ahead_and_postgresql_commits_before_it_answers():
    if WANTED == "sqlite":
        assert asked("PRAGMA journal_mode") == "wal"
        assert asked("PRAGMA foreign_keys") == 1
    else:
        assert asked("SHOW synchronous_commit") == "on"


@pytest.mark.django_db
def test_the_migrations_make_what_the_models_say():
    call_command("makemigrations", "--check", "--dry-run", verbosity=3)


def test_the_database_is_closed_to_a_test_that_does_not_ask_for_it():
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        asked("SELECT 1")


@pytest.mark.parametrize(
    "url", ["http://198.51.100.7/", "http://receiver.example/", "http://[2001:db8::7]/"]
)
def test_a_test_reaches_nobody_else(url):
    with pytest.raises(pytest.fail.Exception, match="tests use no network"):
        httpx.get(url, trust_env=False)


def test_a_test_reaches_its_own_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address) as sender, server.accept()[0] as receiver:
            sender.sendall(b"here")
            assert receiver.recv(4) == b"here"
