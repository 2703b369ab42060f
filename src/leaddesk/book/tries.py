"""Tries: how often somebody may guess, by account and by network address."""

from django.db.models import F

from leaddesk.book.models import SignInTry
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.seal import digest

WINDOW = 15 * MINUTE
MOST_LETTERS = 5
"""How many mails with links one address may be sent within the window."""
MOST_CODES = ((10, WINDOW), (40, DAY))
"""How many codes may be tried for one account, and within what."""
MOST_VISITS = 60
"""How often one network address may begin something that costs us work within the window."""


class TooOften(Exception):
    """Somebody tried too often; they may again `after` so many seconds.

    `is_first` at the first try that is held off, so that it is noted once.
    """

    def __init__(self, after: int, *, is_first: bool = False) -> None:
        self.after, self.is_first = after, is_first
        super().__init__(after)


def count(subject: str, most: int, now: int, window: int = WINDOW) -> None:
    """Count one more try of a subject. Raises `TooOften`."""
    rows = SignInTry.objects.filter(subject=digest(subject))
    fresh = SignInTry(subject=digest(subject), began_at=now, count=0)
    SignInTry.objects.bulk_create([fresh], ignore_conflicts=True)
    rows.filter(began_at__lte=now - window).update(count=0, began_at=now)
    rows.update(count=F("count") + 1)
    told = rows.values_list("count", "began_at").first()
    if told and told[0] > most:
        after = max(1, -(-(told[1] + window - now) // 1_000_000))
        raise TooOften(after, is_first=told[0] == most + 1)


def count_code(account: int, now: int) -> None:
    """Count one more code that is tried for an account. Raises `TooOften`."""
    for most, window in MOST_CODES:
        count(f"code {account} {window}", most, now, window)


def take_back(subject: str) -> None:
    """One try less: it was a good one."""
    rows = SignInTry.objects.filter(subject=digest(subject), count__gt=0)
    rows.update(count=F("count") - 1)


def start_again(subject: str) -> None:
    """Forget the tries of a subject."""
    SignInTry.objects.filter(subject=digest(subject)).delete()


def is_first(ticket: str, now: int) -> bool:
    """Whether a ticket that lasts no longer than the window is shown for the first time."""
    try:
        count(f"ticket {ticket}", 1, now)
    except TooOften:
        return False
    return True


def forget(now: int) -> int:
    """Delete the tries that are over; how many there were."""
    gone, _rows = SignInTry.objects.filter(began_at__lte=now - DAY).delete()
    return int(gone)
