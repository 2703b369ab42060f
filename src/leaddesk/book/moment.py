"""The moment: the one place where the desk reads the time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND


def now() -> int:
    """The present instant, µs since 1970 UTC."""
    return _source()


@contextmanager
def standing_at(read: Callable[[], int] | int) -> Iterator[None]:
    """Let `now` answer a given instant, or what a function reads, for tests and trials."""
    global _source  # noqa: PLW0603  (one clock for the process)
    before = _source
    _source = read if callable(read) else lambda: read
    try:
        yield
    finally:
        _source = before


def _system() -> int:
    return time.time_ns() // 1000


_source: Callable[[], int] = _system
