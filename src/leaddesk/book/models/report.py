"""The report of a workspace as a worker last drew it, and the rows behind its figures: indexes.

Both can be dropped and drawn again at any time.
"""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class StandingReport(OfWorkspace):
    """The engine's report on a whole workspace, as JSON; `body` is empty until it was drawn once.

    It tells how things stood at `as_of` by the facts up to `last_fact` and the rules of that count;
    drawing it took `cost` µs. A worker that draws it holds it until `lease_until`.
    """

    as_of = models.BigIntegerField(default=0)
    rules = models.PositiveIntegerField(default=0)
    last_fact = models.BigIntegerField(default=0)
    facts = models.PositiveIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    body = models.TextField(default="")
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.BigIntegerField(default=0)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace",), name="one_report_a_workspace"),
        )


class Grounds(OfWorkspace):
    """One table of what the figures of a report count (obligations, entries, …), compressed."""

    name = models.CharField(max_length=40)
    as_of = models.BigIntegerField()
    body = models.BinaryField()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "name"), name="one_table_of_grounds"),
        )
