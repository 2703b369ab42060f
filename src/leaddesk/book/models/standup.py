"""Registers of the stand-up: why promises were missed, what comes next, what was decided."""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class MissCause(OfWorkspace):
    """What people say about one broken promise: its cause (of a list) and the next step."""

    lead = models.CharField(max_length=200)
    promise = models.CharField(max_length=200)
    pass_number = models.PositiveIntegerField()
    rung = models.IntegerField(default=-1)
    occurrence = models.PositiveIntegerField(default=1)
    cause = models.CharField(max_length=40, blank=True)
    next_step = models.CharField(max_length=500, blank=True)
    said_by = models.CharField(max_length=100)
    said_at = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "lead", "promise", "pass_number", "rung", "occurrence"),
                name="one_cause_a_miss",
            ),
        )

    @property
    def said(self) -> tuple[str, str]:
        """The cause and the next step."""
        return self.cause, self.next_step


class Decision(OfWorkspace):
    """Something that was decided in the stand-up of a day; struck out where it was taken back."""

    day = models.DateField()
    text = models.CharField(max_length=1000)
    decided_by = models.CharField(max_length=100)
    decided_at = models.BigIntegerField()
    struck_at = models.BigIntegerField(null=True)

    class Meta(OfWorkspace.Meta):
        indexes = (models.Index(fields=("workspace", "day"), name="decision_by_day"),)
