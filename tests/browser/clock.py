"""The clock of the desk in the browser: it stands at one moment until a test moves it.

Real time creeps a thousand times slower, so that what happens later is later, in every process.
"""

import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

WARSAW = ZoneInfo("Europe/Warsaw")
NOW = round(datetime(2026, 11, 25, 10, 40, tzinfo=WARSAW).timestamp()) * 1_000_000
"""A Wednesday on which people work in Warsaw and in Bangkok (µs UTC)."""


class Clock:
    """The moment, kept in a file that all processes of one desk read."""

    def __init__(self, path):
        self.path = Path(path)

    def set(self, after_seconds=0):
        """Stand so many seconds after `NOW`."""
        fresh = self.path.with_suffix(".new")
        stands_at = NOW + round(after_seconds * 1_000_000)
        fresh.write_text(f"{stands_at} {time.monotonic_ns()}", "ascii")
        fresh.replace(self.path)

    def forward(self, seconds):
        """Go on by so many seconds."""
        self.set((self.read() - NOW) / 1_000_000 + seconds)

    def read(self):
        """The present instant, µs UTC."""
        stands_at, since = map(int, self.path.read_text("ascii").split())
        return stands_at + (time.monotonic_ns() - since) // 1_000_000
