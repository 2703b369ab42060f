"""The audit log: who changed what, sealed in blocks that build on each other."""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class Block(OfWorkspace):
    """A sealed run of entries. `hash` covers the hash before it and every entry in order."""

    number = models.PositiveIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    entries = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "number"), name="one_block_a_number"),
        )


class Entry(OfWorkspace):
    """One change: by whom, what, to what, with what; written in the transaction of the change."""

    at = models.BigIntegerField()
    actor = models.CharField(max_length=100)
    act = models.CharField(max_length=60)
    subject = models.CharField(max_length=300)
    detail = models.TextField()
    request = models.CharField(max_length=64, blank=True)
    block = models.ForeignKey(Block, models.PROTECT, null=True, related_name="+")

    class Meta(OfWorkspace.Meta):
        indexes = (
            models.Index(
                fields=("workspace", "id"),
                condition=models.Q(block__isnull=True),
                name="entry_to_seal",
            ),
            models.Index(fields=("workspace", "subject"), name="entry_by_subject"),
        )
