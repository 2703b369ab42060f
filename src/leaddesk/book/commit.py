"""Commit: small writes that come at the same time share one transaction.

Syncing the disk costs the same for one fact and for fifty. So whoever finds nobody writing takes
everything that waits, writes it in one transaction, and wakes the others with their answers. Nobody
is answered before their facts are on disk.
"""

import time
from collections import deque
from threading import Event, Lock

from django.db import connection

from leaddesk.book import moment
from leaddesk.book.intake import Handed, Taken, take

MOST_SHARED = 256
"""So many writes share a transaction at most, so that the first of them doesn't wait for long."""
PATIENCE = 0.02
"""Seconds for which a writer waits for those with whom it shared the last transaction."""


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


_queue: deque[_Waiting] = deque()
_guard = Lock()
_is_writing = False
_company = 1  # how many wrote together the last time


def shared(handed: Handed) -> Taken:
    """Take what a caller hands in, in one transaction with others of this process that come just then.

    What fails for one of them fails for it alone. Inside a transaction of the caller it is part of
    that one.
    """
    if connection.in_atomic_block:
        return take([handed], now=moment.now())[0]
    own = _Waiting(handed)
    if not _leads(own):
        own.woken.wait()
    if not own.is_over:
        try:
            _gather()
            _write(_taken())
        finally:
            _hand_on()
    if own.error is not None:
        raise own.error
    if own.answer is None:
        raise AssertionError
    return own.answer


def _leads(own: _Waiting) -> bool:
    """Put a write into the queue; whether it finds nobody writing."""
    global _is_writing
    with _guard:
        _queue.append(own)
        found, _is_writing = not _is_writing, True
    return found


def _hand_on() -> None:
    """Let whoever has waited longest write next."""
    global _is_writing  # noqa: PLW0603  (one queue for the process)
    with _guard:
        if _queue:
            _queue[0].woken.set()
        else:
            _is_writing = False


def _gather() -> None:
    """Let those come who wrote together the last time, since they are likely to write again.

    Whoever writes alone waits for nobody.
    """
    until = time.monotonic() + PATIENCE
    while len(_queue) < _company and time.monotonic() < until:
        time.sleep(0.001)


def _taken() -> list[_Waiting]:
    """What waits, as much as one transaction takes."""
    global _company  # noqa: PLW0603  (one queue for the process)
    taken: list[_Waiting] = []
    while _queue and len(taken) < MOST_SHARED:
        taken.append(_queue.popleft())
    _company = len(taken)
    return taken


def _write(taken: list[_Waiting]) -> None:
    try:
        answers = take([one.handed for one in taken], now=moment.now())
    except BaseException as error:  # noqa: BLE001  (it is raised where it belongs)
        _apart(taken, error)
        return
    for one, answer in zip(taken, answers, strict=True):
        one.answer = answer
        one.woken.set()


def _apart(taken: list[_Waiting], error: BaseException) -> None:
    """Write each alone, so that the one that can't be written keeps nobody else from it."""
    for one in taken:
        try:
            if len(taken) == 1:
                raise error
            one.answer = take([one.handed], now=moment.now())[0]
        except BaseException as own:  # noqa: BLE001
            one.error = own
        one.woken.set()
