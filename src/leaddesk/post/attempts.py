"""Attempts: what is being handed to servers at the moment, several at a time.

The database is spoken to by the one thread that calls; the others only wait for the network.
"""

from abc import ABC, abstractmethod
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from leaddesk.post.message import Outcome

Sending = TypeVar("Sending")


class Attempts(ABC, Generic[Sending]):
    """The attempts of one worker; `step` is called again and again, `finish` or `close` at the end.

    `under_way` has what each attempt sends, `silent_until` who gets nothing more for a while.
    """

    def __init__(self, most: int, name: str) -> None:
        self.most = most
        self.pool = ThreadPoolExecutor(most, thread_name_prefix=name)
        self.under_way: dict[Future[Outcome], Sending] = {}
        self.silent_until: dict[int, int] = {}

    @abstractmethod
    def step(self, now: int) -> int:
        """Write down what came of earlier attempts and begin what is due; how many are dealt with."""

    @abstractmethod
    def _note(self, one: Sending, future: Future[Outcome], now: int) -> None:
        """Write down what came of an attempt."""

    def is_busy(self) -> bool:
        """Whether attempts are under way."""
        return bool(self.under_way)

    def wait(self, seconds: float) -> None:
        """Wait until an attempt ends, or for so long."""
        wait(self.under_way, seconds, return_when=FIRST_COMPLETED)

    def finish(self, now: int, seconds: float) -> bool:
        """Begin nothing more and wait for what is under way, so long at most; whether all ended."""
        wait(self.under_way, seconds)
        self._note_finished(now)
        self.close()
        return not self.under_way

    def close(self) -> None:
        """Begin nothing more; what is under way is sent again, under its key, after its lease."""
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _note_finished(self, now: int) -> int:
        finished = [future for future in self.under_way if future.done()]
        for future in finished:
            self._note(self.under_way[future], future, now)
            del self.under_way[future]
        return len(finished)
