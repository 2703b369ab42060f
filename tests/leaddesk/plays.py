"""Plays: what a process of the desk does in a fault test, and the ways to break it on purpose.

Each runs in a process of its own that is killed at some point, so it tells what it achieved by lines
in a file, each written at once.
"""
# ruff: noqa: E402  (the desk is set up before it is imported)

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django

django.setup()

from django.db import connection

from leaddesk.book import commit, database, fault, logbook, moment, rebuild
from leaddesk.book.intake import Handed, Taken
from leadpact.agreement.load import load
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.program import Program
from leadpact.rulings import rulings
from tests.leaddesk.desk import AGREEMENT, handed_over


def warm():
    """Load compiled code once, for all processes that are forked from here."""
    lead = handed_over("L-1", "2026-03-12 09:00", source_id="1", system="crm")
    log, _problems = Log.from_facts([lead], zone="Europe/Warsaw", name="crm")
    found = judge(Program((load(AGREEMENT)[0],)), log, now=0)
    assert len(rulings(found.obligations, found.stories)) == 0


def perform(name, wanted, breaks, now, play, arguments):
    """Play on a database, dying at the wanted fault point, with the product broken as told."""
    connection.settings_dict["NAME"] = name
    fault._WANTED = wanted
    for broken in breaks:
        broken()
    if now is None:
        play(*arguments)
    else:
        with moment.standing_at(now):
            play(*arguments)


def tell(file, line):
    """Write a line that outlives this process."""
    with Path(file).open("a", encoding="utf-8") as told:
        told.write(f"{line}\n")


def told(file):
    """The lines that processes wrote."""
    return Path(file).read_text("utf-8").split() if Path(file).exists() else []


def hand_in(workspace, name, count, file, threads=1):
    """Hand in leads, one at a time in each thread, and tell the id of each that is taken."""

    def one(n):
        key = f"{name}-{n}"
        item = handed_over(key, f"2026-03-{10 + n % 20} 10:00", source_id=key)
        try:
            taken = commit.shared(Handed(workspace, [item], "crm", name, f"request-{key}"))
        except Exception as error:  # noqa: BLE001  (whatever it is, the sender sees no answer)
            tell(f"{file}.failed", type(error).__name__)
            return
        assert taken.outcomes[0] in {"new", "known"}, taken
        tell(file, key)

    if threads == 1:
        for n in range(count):
            one(n)
        return
    with ThreadPoolExecutor(threads) as pool:
        [*pool.map(one, range(count))]


def redraw(workspace, at_once):
    """Rebuild the index, so many leads in a transaction."""
    rebuild.LEADS_AT_ONCE = at_once
    rebuild.rebuild(workspace, moment.now())


def answered_before_the_commit():
    """Break: a sender is told that a fact is taken before it is on disk."""
    write, pool = commit.shared, ThreadPoolExecutor(1)

    def shared(handed):
        pool.submit(write, handed)
        return Taken(["new"], [None])

    commit.shared = shared


def written_in_pieces():
    """Break: each statement of a record is a transaction of its own."""
    database.in_transaction = lambda work: work()


def begun_as_readers():
    """Break: transactions of SQLite begin as readers and become writers on the way."""
    connection.settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"


def read_across_workspaces():
    """Break: the log of a lead is read without its workspace."""
    rows = database.rows

    def unscoped(sql, parameters):
        if sql.startswith(f"SELECT {logbook.COLUMNS} FROM book_fact WHERE workspace_id = %s AND"):
            return rows(sql.replace("workspace_id = %s AND", ""), parameters[1:])
        return rows(sql, parameters)

    logbook.database.rows = unscoped


warm()
