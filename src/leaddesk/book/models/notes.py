"""Notes and reminders: what people write beside the log, which holds no personal text."""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class Note(OfWorkspace):
    """What somebody wrote about a lead; `fact` is the source id of the fact it belongs to.

    A note that belongs to none has an id of its own there, which begins with ``note-``.
    """

    lead = models.CharField(max_length=200)
    fact = models.CharField(max_length=200, blank=True)
    person = models.CharField(max_length=100)
    text = models.TextField()
    created_at = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        indexes = (models.Index(fields=("workspace", "lead"), name="note_by_lead"),)


class Reminder(OfWorkspace):
    """Somebody puts a lead aside for themselves until an instant. No clock stands still for it."""

    person = models.CharField(max_length=100)
    lead = models.CharField(max_length=200)
    until = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    created_at = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "person", "lead"), name="one_reminder_a_lead"
            ),
        )
