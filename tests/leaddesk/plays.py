"""Plays: what a process of the desk does in a fault test, and the ways to break it on purpose.

Each runs in a process of its own that is killed at some point, so it tells what it achieved by lines
in a file, each written at once.
"""
# ruff: noqa: E402  (the desk is set up before it is imported)

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created

from leaddesk import worker
from leaddesk.book import commit, database, fault, logbook, moment, outbox, rebuild, wake
from leaddesk.book.intake import Handed, Taken, take
from leaddesk.book.models import Delivery
from leaddesk.post import planning
from leaddesk.post.sending import Sender
from leadpact.agreement.load import load
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.program import Program
from leadpact.rulings import rulings
from tests.leaddesk.desk import AGREEMENT, handed_over
from tests.leaddesk.scene import HERE


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
        return
    with moment.standing_at(now if isinstance(now, int) else partial(ticking, *now)):
        play(*arguments)


def ticking(base, since):
    """The instant of a clock that showed `base` when the real one showed `since`."""
    return base + time.time_ns() // 1000 - since


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


def hand_over(workspace, items, file):
    """Hand in facts, one after another, and tell the id of each that is taken."""
    for item in items:
        taken = commit.shared(Handed(workspace, [item], "crm", "ana", history=True))
        assert taken.outcomes[0] in {"new", "known"}, taken
        tell(file, item["source_id"])


def hand_in_together(workspace, count, file):
    """Hand in many leads as one batch, and tell how many are taken."""
    items = [
        handed_over(f"L-{n}", f"2026-03-{10 + n % 20} 10:00", source_id=f"L-{n}")
        for n in range(count)
    ]
    taken = take([Handed(workspace, items, "crm", "ana")], now=moment.now())[0]
    tell(file, len(taken.outcomes))


def hand_over_in_batches(workspace, batches, file):
    """Hand in batches of facts, and tell the ids of each that is taken."""
    for batch in batches:
        handed = Handed(workspace, batch, "crm", "ana", history=True)
        taken = take([handed], now=moment.now())[0]
        assert {*taken.outcomes} <= {"new", "known"}, taken
        for item in batch:
            tell(file, item["source_id"])


def redraw(workspace, at_once):
    """Rebuild the index, so many leads in a transaction."""
    rebuild.LEADS_AT_ONCE = at_once
    rebuild.rebuild(workspace, moment.now())


def work(most=8):
    """Wake what is due, plan and send what has to be heard, until nothing is left to do now."""
    now, sender = moment.now(), Sender(HERE, most)
    while wake.woken(now, most=4) or planning.plan(now) or sender.step(now) or sender.is_busy():
        sender.wait(1)


def serve(lease):
    """Be a worker whose leases are so short (µs), until killed."""
    wake.LEASE = outbox.LEASE = lease
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, webhook_allow=HERE.allow)
    worker.run(Event().wait)


def wait_for(start):
    """Be ready, and wait for a file to appear."""
    outbox.is_held()  # opens the connection
    while not Path(start).exists():
        time.sleep(0.001)


def work_at_once(start):
    """Do all that is due as soon as a file appears, together with others who wait for it."""
    wait_for(start)
    work()


def send_at_once(start, most=8):
    """Send what is due as soon as a file appears, together with others who wait for it."""
    sender = Sender(HERE, most)
    wait_for(start)
    while sender.step(moment.now()) or sender.is_busy():
        sender.wait(1)


def answered_before_the_commit():
    """Break: a sender is told that a fact is taken before it is on disk."""
    write, pool = commit.shared, ThreadPoolExecutor(1)

    def shared(handed):
        pool.submit(write, handed)
        return Taken(["new"], [None])

    commit.shared = shared


def confined_to(pages):
    """Let the disk be full when a SQLite database has so many pages."""

    def confine(connection, **_signal):
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {pages}")

    connection_created.connect(confine, weak=False)


def marked_before_it_is_sent():
    """Break: a delivery is done as soon as a worker takes it."""
    claim = outbox.claim_one_each

    def marked(now, most, without=()):
        claimed = claim(now, most, without)
        for one in claimed:
            outbox.done(one, now, "", "")
        return claimed

    outbox.claim_one_each = marked


def claimed_without_a_lease():
    """Break: a worker reads what is due and takes it, without looking whether others did."""

    def claimed(now, _chosen, parameters):
        due = Delivery.across.filter(state="pending", next_at__lte=now).order_by("id")
        due = due[: parameters[-1]]
        ids = [one.pk for one in due]
        time.sleep(0.05)
        Delivery.across.filter(pk__in=ids).update(state="leased", attempts=1)
        return ids

    outbox._leased = claimed
    outbox.database.in_transaction = lambda work: work()


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
