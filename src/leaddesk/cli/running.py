"""Running: the desk as a whole, or its web and its worker apart."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from leaddesk.cli import DONE, FAILED, INTERRUPTED, set_up

Host = Annotated[str, typer.Option(metavar="ADDRESS", help="network address to listen on")]
Port = Annotated[int, typer.Option(metavar="NUMBER", min=1, max=65535, help="port to listen on")]
Threads = Annotated[
    int, typer.Option(metavar="NUMBER", min=1, max=256, help="requests answered at once, by each")
]
Processes = Annotated[int, typer.Option(metavar="NUMBER", min=1, max=64, help="processes")]


def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    threads: Threads = 32,
    email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="of the admin, where there is none yet")
    ] = None,
) -> None:
    """leaddesk up --email you@company.com

    Run web and worker together: brings the database up to date, makes a first
    workspace with its admin where there is none, and prints the address and a
    link that signs the admin in once. Takes the next free port where this one
    is taken. Ctrl-C stops both.
    """
    from leaddesk.cli import together

    print("leaddesk: starting …", file=sys.stderr)
    set_up()
    raise typer.Exit(together.run(host, port, threads, email))


def web(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Processes = 1,
    threads: Threads = 32,
) -> None:
    """leaddesk web --host 0.0.0.0 --port 8000 --workers 2

    Answer requests. Any number may run at once beside any number of workers;
    run `leaddesk migrate` before.
    """
    from leaddesk.cli.together import is_free

    set_up()
    _must_have_tables()
    if not is_free(host, port):
        print(f"leaddesk: port {port} of {host} is taken; choose another.", file=sys.stderr)
        raise typer.Exit(FAILED)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        target="leaddesk.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=1,
    ).serve()


def worker() -> None:
    """leaddesk worker

    Wake leads whose time has come, send what people must hear, seal the audit
    log. Any number may run at once: each lead and message is one worker's.
    """
    set_up()
    _must_have_tables()
    from leaddesk import worker as working

    asked: list[int] = []

    def stop(number: int, _frame: object) -> None:
        if asked:
            os._exit(INTERRUPTED)
        asked.append(number)

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, stop)
    working.run(lambda: _until(lambda: bool(asked)))
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that still wait for a receiver aren't awaited: what they hold is sent again.
    os._exit(INTERRUPTED if asked == [signal.SIGINT] else DONE)


def _must_have_tables() -> None:
    """End the command where the database isn't one of this release."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    connection.close()
    if missing:
        told = "the database lacks tables of this release; run `leaddesk migrate`."
        print(f"leaddesk: {told}", file=sys.stderr)
        raise typer.Exit(FAILED)


def _until(is_over: Callable[[], bool]) -> None:
    import time

    while not is_over():
        time.sleep(0.1)


COMMANDS: dict[Callable[..., None], str] = {
    up: "run web and worker together",
    web: "answer requests",
    worker: "wake leads, send messages, seal the audit log",
}
"""The commands of this group, each with its line in the list of commands."""
