"""Leases: long jobs that one worker at a time goes on with, by the columns `lease_until` and `fence`."""

from typing import Any

from django.db.models import F, Q, QuerySet

from leaddesk.book.moment import SECOND

LEASE = 60 * SECOND
_TRIED = 5


def claimed(jobs: QuerySet[Any], now: int) -> Any:
    """The oldest of some jobs that nobody holds, held from now on; None where there is none.

    A lease that ends later than any that is given out now is from a clock that went wrong.
    """
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now) | Q(lease_until__gt=now + LEASE)
    for job in jobs.filter(free).order_by("id")[:_TRIED]:
        taken = type(job).across.filter(pk=job.pk, fence=job.fence)
        if taken.update(lease_until=now + LEASE, fence=F("fence") + 1):
            job.refresh_from_db()
            return job
    return None


def let_go(job: Any) -> None:
    """Let any worker go on with a job that one holds."""
    type(job).across.filter(pk=job.pk, fence=job.fence).update(lease_until=None)
