"""Lists: the views that people saved, what they did to many leads at once, and what they merged."""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class SavedView(OfWorkspace):
    """A list of leads that somebody comes back to: the filters of its address, under a name."""

    key = models.CharField(max_length=40)
    person = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(default=False)
    created_at = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        constraints = (models.UniqueConstraint(fields=("workspace", "key"), name="one_view_a_key"),)
        indexes = (models.Index(fields=("workspace", "person"), name="view_by_person"),)


class BulkAct(OfWorkspace):
    """One act on many leads: proposed with the leads it is meant for, then done, perhaps undone.

    The fact that it records for the n-th of its `leads` has the source id ``<key>:<n>``, so that
    neither doing nor undoing a part twice changes anything. `place` says how far it has come.
    """

    class State(models.TextChoices):
        """How far it is."""

        PROPOSED = "proposed"
        RUNNING = "running"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"

    key = models.CharField(max_length=40)
    act = models.CharField(max_length=40)
    person = models.CharField(max_length=100)
    fields = models.JSONField(default=dict)
    leads = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    place = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=dict)
    created_at = models.BigIntegerField()
    done_at = models.BigIntegerField(null=True)
    undone_at = models.BigIntegerField(null=True)
    undone_by = models.CharField(max_length=100, blank=True)
    lease_until = models.BigIntegerField(null=True)

    class Meta(OfWorkspace.Meta):
        constraints = (models.UniqueConstraint(fields=("workspace", "key"), name="one_bulk_a_key"),)
        indexes = (
            models.Index(
                fields=("created_at",),
                condition=models.Q(state__in=("running", "undoing")),
                name="bulk_to_do",
            ),
        )


class Merge(OfWorkspace):
    """Two leads, or two companies, that became one: what each register said before is `kept`.

    Of leads, `source_id` is the fact that says so. What is kept goes when a contact is erased.
    """

    key = models.CharField(max_length=40)
    person = models.CharField(max_length=100)
    is_of_companies = models.BooleanField(default=False)
    gone = models.CharField(max_length=200)
    stays = models.CharField(max_length=200)
    source_id = models.CharField(max_length=200, blank=True)
    kept = models.JSONField(default=dict)
    merged_at = models.BigIntegerField()
    undone_at = models.BigIntegerField(null=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "key"), name="one_merge_a_key"),
        )
        indexes = (
            models.Index(fields=("workspace", "gone"), name="merge_by_gone"),
            models.Index(fields=("workspace", "stays"), name="merge_by_stays"),
        )
