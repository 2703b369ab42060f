"""Limits: how much one token may ask of one process, in requests, or in facts of a batch; what is
left refills steadily.
"""

from threading import Lock
from typing import NamedTuple

from leaddesk.api.problems import NotTaken
from leaddesk.book.moment import SECOND


class Share(NamedTuple):
    """So many requests at once, and so many more each second."""

    most: int
    each_second: int


SHARES = {"facts": Share(20_000, 10_000), "other": Share(2_000, 200), "nobody": Share(200, 20)}
"""Facts come in bulk from machines; other requests from people; "nobody" is an address that fails
to name a token."""
_MOST_KEPT = 10_000

_left: dict[tuple[str, str], tuple[float, int]] = {}
_guard = Lock()


def take(kind: str, who: str, now: int, count: int = 1) -> None:
    """Count one request, or `count` facts, at `now` (µs UTC). Raises `NotTaken` where too few are left."""
    share = SHARES[kind]
    with _guard:
        if len(_left) > _MOST_KEPT:
            _left.clear()
        left, since = _left.get((kind, who), (float(share.most), now))
        passed = max(now - since, 0)
        left = min(left + passed * share.each_second / SECOND, float(share.most))
        is_over = left < count
        _left[kind, who] = (left if is_over else left - count, now)
    if is_over:
        raise NotTaken("too-many-requests", headers={"Retry-After": "1"})


def forget() -> None:
    """Give everybody their whole share again."""
    with _guard:
        _left.clear()
