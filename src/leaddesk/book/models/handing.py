"""Handing: the record of every handoff, and whose turn it is to get a lead."""

from django.db import models
from django.db.models import Case, Q, Value, When

from leaddesk.book.models.scope import OfWorkspace

DECIDED, SILENT, PACKED, LACKING = 1, 2, 4, 8
"""What `Handoff.tally` is the sum of: sales decided, by its silence; a packet was handed over; agreed
fields were missing."""


def _told(number: int, condition: Q) -> Case:
    return Case(When(condition, then=Value(number)), default=Value(0))


class Handoff(OfWorkspace):
    """One lead that marketing gave, or is about to give, to sales: one row a pass.

    An index, written by `record` alone. `fact` is the source id of the fact that handed it over
    (empty while it waits for somebody to take it, looked at again at `retry_at`). `fit` and `interest`
    are hundredths of a point, frozen at that moment. `route` tells as JSON how the owner was found, or
    why nobody was; `packet` what was handed over, `missing` which agreed fields it lacks. `is_silent`
    tells that what accepted it was silence, whatever came of it later; `left_at` when the lead left
    the pass; `attempts` how often it was tried without an answer of late. `tally` sums up what is
    counted; the database keeps it.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting"
        OFFERED = "offered"
        ACCEPTED = "accepted"
        SILENT = "silent"  # accepted by saying nothing until the time was over
        REJECTED = "rejected"
        RETURNED = "returned"
        ENDED = "ended"  # suppressed, merged or disqualified before anybody decided

    lead = models.CharField(max_length=200)
    pass_number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State)
    at = models.BigIntegerField()
    trigger = models.CharField(max_length=200, blank=True)
    owner = models.CharField(max_length=200, blank=True)
    fact = models.CharField(max_length=200, blank=True)
    fit = models.IntegerField(null=True)
    interest = models.IntegerField(null=True)
    grade = models.CharField(max_length=2, blank=True)
    packet = models.TextField(blank=True)
    missing = models.CharField(max_length=1000, blank=True)
    route = models.TextField(blank=True)
    accept_by = models.BigIntegerField(null=True)
    decided_at = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    is_silent = models.BooleanField(default=False)
    left_at = models.BigIntegerField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)
    track = models.CharField(max_length=200, blank=True)
    not_before = models.BigIntegerField(null=True)
    dispute = models.CharField(max_length=12, blank=True)  # open, upheld, overturned
    disputed_at = models.BigIntegerField(null=True)
    disputed_by = models.CharField(max_length=200, blank=True)
    settled_at = models.BigIntegerField(null=True)
    retry_at = models.BigIntegerField(null=True)
    tally = models.GeneratedField(
        expression=_told(DECIDED, Q(decided_at__isnull=False))
        + _told(SILENT, Q(is_silent=True))
        + _told(PACKED, ~Q(packet=""))
        + _told(LACKING, ~Q(missing="")),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "lead", "pass_number"), name="one_handoff_a_pass"
            ),
        )
        indexes = (
            models.Index(fields=("workspace", "state", "at"), name="handoff_by_state"),
            models.Index(fields=("workspace", "owner", "at"), name="handoff_by_owner"),
            models.Index(fields=("workspace", "at"), name="handoff_by_time"),
            models.Index(
                fields=("workspace", "state", "dispute", "tally", "at", "owner", "trigger"),
                name="handoff_by_tally",
            ),
            models.Index(fields=("workspace", "owner", "lead"), name="handoff_of_owner"),
            models.Index(
                fields=("workspace", "dispute", "disputed_at"),
                condition=~models.Q(dispute=""),
                name="handoff_disputed",
            ),
        )


class Turn(OfWorkspace):
    """Whose turn it is: what somebody in a pool of receivers is still owed, in millionths of a lead.

    Written under a lock on the pool whenever leads are given out; `since` is when they joined it,
    `rejected` how many of the leads that they rejected were given back to them.
    """

    pool = models.CharField(max_length=200)
    person = models.CharField(max_length=200)
    credit = models.BigIntegerField(default=0)
    given = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    since = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "pool", "person"), name="one_turn_a_person"
            ),
        )
