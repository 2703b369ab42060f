"""Fault points: named places where a test lets this process die, as a power cut would."""

import os
import signal
from itertools import count

_WANTED = os.environ.get("LEADDESK_FAULT", "")
_passes = count(1)


def fault(name: str) -> None:
    """Die here if the environment asks for it: ``LEADDESK_FAULT=record:judged:3``, the third pass."""
    wanted, _colon, nth = _WANTED.rpartition(":")
    if wanted == name and next(_passes) == int(nth):
        os.kill(os.getpid(), signal.SIGKILL)
