"""Commit: small writes that come at the same time share one transaction.

Syncing the disk costs the same for one fact and for fifty. So whoever finds nobody writing takes
everything that waits, writes it in one transaction, and wakes the others with their answers. Nobody
is answered before their facts are on disk.
"""

import time
from collections import deque
from threading import Event, Lock

from django.db import InterfaceError, OperationalError, connection

from leaddesk.book import database, moment
from leaddesk.book.intake import Handed, Taken, take

MOST_SHARED = 256
"""So many writes share a transaction at most, so that the first of them doesn't wait for long."""
PATIENCE = 0.02
"""Seconds for which a writer waits for those with whom it shared the last transaction."""

LOCKED_FOR = 5.0
"""Seconds for which such a write waits for leads that somebody else writes."""


class _Waiting:
    """A write that waits: woken with its answer, or to write for itself and all who wait."""

    def __init__(self, handed: Handed) -> None:
        self.handed = handed
        self.answer: Taken | None = None
        self.error: BaseException | None = None
        self.woken = Event()

    @property
    def is_over(self) -> bool:
        """Whether it was written, or failed."""
        return self.answer is not None or self.error is not None


class _Queue:
    """The writes to one workspace that wait, and whether somebody is writing there."""

    def __init__(self) -> None:
        self.waiting: deque[_Waiting] = deque()
        self.is_writing = False
        self.company = 1  # how many wrote together the last time


_queues: dict[int, _Queue] = {}
_guard = Lock()


def shared(handed: Handed) -> Taken:
    """Take what a caller hands in, in one transaction with others of this process that come just then.

    They write to the same workspace: whoever waits for its leads keeps no other workspace waiting.
    What fails for one of them fails for it alone, but whatever is wrong with the database (or leads
    that somebody else writes for long) fails for all. Inside a transaction of the caller it is part
    of that one.
    """
    if connection.in_atomic_block:
        return take([handed], now=moment.now())[0]
    own = _Waiting(handed)
    queue, leads = _joined(own)
    if not leads:
        own.woken.wait()
    if not own.is_over:
        try:
            _gather(queue)
            _write(_taken(queue))
        finally:
            _hand_on(queue, own)
    if own.error is not None:
        raise own.error
    if own.answer is None:
        raise AssertionError
    return own.answer


def _joined(own: _Waiting) -> tuple[_Queue, bool]:
    """The queue in which a write waits now, and whether it finds nobody writing."""
    with _guard:
        queue = _queues.setdefault(own.handed.workspace, _Queue())
        queue.waiting.append(own)
        leads, queue.is_writing = not queue.is_writing, True
    return queue, leads


def _hand_on(queue: _Queue, own: _Waiting) -> None:
    """Let whoever has waited longest write next."""
    with _guard:
        if own in queue.waiting:  # interrupted before it wrote anything
            queue.waiting.remove(own)
        if queue.waiting:
            queue.waiting[0].woken.set()
        else:
            queue.is_writing = False


def _gather(queue: _Queue) -> None:
    """Let those come who wrote together the last time, since they are likely to write again.

    Whoever writes alone waits for nobody.
    """
    until = time.monotonic() + PATIENCE
    while len(queue.waiting) < queue.company and time.monotonic() < until:
        time.sleep(0.001)


def _taken(queue: _Queue) -> list[_Waiting]:
    """What waits, as much as one transaction takes."""
    taken: list[_Waiting] = []
    while queue.waiting and len(taken) < MOST_SHARED:
        taken.append(queue.waiting.popleft())
    queue.company = len(taken)
    return taken


def _write(taken: list[_Waiting]) -> None:
    try:
        with database.waiting(LOCKED_FOR):
            answers = take([one.handed for one in taken], now=moment.now())
    except BaseException as error:  # noqa: BLE001  (it is raised where it belongs)
        _fail(taken, error)
        return
    for one, answer in zip(taken, answers, strict=True):
        one.answer = answer
        one.woken.set()


def _fail(taken: list[_Waiting], error: BaseException) -> None:
    """Let all fail with the database; else write each alone, so that one keeps nobody else from it."""
    for one in taken:
        if len(taken) == 1:
            one.error = error
        elif isinstance(error, (OperationalError, InterfaceError)):
            one.error = type(error)(*error.args)  # raised in a thread each
        else:
            _write([one])
        one.woken.set()
