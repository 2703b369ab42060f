"""Answers: what a request with an `Idempotency-Key` was told, so that its repeat is told the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from django.db.models import Q

from leaddesk.book import database
from leaddesk.book.models import Answer
from leaddesk.book.moment import DAY

LASTS = DAY
_running: set[tuple[int, str, str]] = set()
_guard = Lock()


class Running(Exception):
    """The first request with this key isn't answered yet."""


class Reused(Exception):
    """The key stands for another request."""


class Given(NamedTuple):
    """An answer that was given before."""

    status: int
    body: str


@contextmanager
def alone(workspace: int, token: str, key: str) -> Iterator[None]:
    """Keep another request with the same key out of this process meanwhile. Raises `Running`.

    Between processes the database makes the second wait for the first.
    """
    own = (workspace, token, key)
    with _guard:
        if own in _running:
            raise Running
        _running.add(own)
    try:
        yield
    finally:
        with _guard:
            _running.discard(own)


def claimed(workspace: int, token: str, key: str, digest: str, now: int) -> Given | None:
    """Claim a key in the present transaction; what its first request was answered, if it was.

    Raises `Reused` where the digest of that request was another one.
    """
    own = Answer.objects.of(workspace).filter(token=token, key=key)
    own.filter(Q(created_at__lte=now - LASTS)).delete()
    database.insert(
        Answer,
        ("workspace", "token", "key", "digest", "body", "created_at"),
        [[workspace], [token], [key], [digest], [""], [now]],
        unique=("workspace", "token", "key"),
    )
    found = own.get()
    if found.digest != digest:
        raise Reused
    return None if found.status is None else Given(found.status, found.body)


def keep(workspace: int, token: str, key: str, given: Given) -> None:
    """Keep the answer of a claimed key, in the transaction of what the request did."""
    own = Answer.objects.of(workspace).filter(token=token, key=key)
    own.update(status=given.status, body=given.body)


def forget(now: int, most: int = 5_000) -> int:
    """Delete answers that are older than a day; how many they were."""
    old = Answer.across.filter(created_at__lte=now - LASTS).order_by("id")[:most]
    return Answer.across.filter(id__in=[*old.values_list("id", flat=True)]).delete()[0]
