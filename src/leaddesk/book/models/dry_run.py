"""Dry runs of the route: which leads were tried, and who would get each. Gone after a day."""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class DryRun(OfWorkspace):
    """Leads that somebody tries as of an instant: first each is scored, then all are given out.

    `done` counts those that were taken of the present step; a worker holds it until `lease_until`, and
    goes on only under its own `fence`. `tally` has what was left out, and in the end what it came to.
    """

    class State(models.TextChoices):
        """Where a dry run stands."""

        SCORING = "scoring"
        GIVING = "giving"
        DONE = "done"
        FAILED = "failed"

    key = models.CharField(max_length=40)
    person = models.CharField(max_length=100)
    what = models.CharField(max_length=20)
    name = models.CharField(max_length=200, blank=True)
    at = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.SCORING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    tally = models.JSONField(default=dict)
    until = models.BigIntegerField()
    lease_until = models.BigIntegerField(null=True)
    fence = models.BigIntegerField(default=0)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "key"), name="one_dry_run_a_key"),
        )
        indexes = (
            models.Index(
                fields=("lease_until",),
                condition=models.Q(state__in=("scoring", "giving")),
                name="dry_run_under_way",
            ),
            models.Index(fields=("workspace", "person", "at"), name="dry_run_by_person"),
        )


class DryRunLead(OfWorkspace):
    """A lead of a dry run: how important it is once it is scored, and what else is wanted, as JSON."""

    run = models.ForeignKey(DryRun, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    lead = models.CharField(max_length=200)
    rank = models.PositiveSmallIntegerField(default=0)
    since = models.BigIntegerField(default=0)
    interest = models.BigIntegerField(default=0)
    want = models.TextField(blank=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("run", "number"), name="one_dry_run_lead_a_number"),
        )


class DryRunFate(OfWorkspace):
    """Who would get a lead of a dry run, in the order in which they would be given out; "" waits, and
    `why` says for what, in short."""

    run = models.ForeignKey(DryRun, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    lead = models.CharField(max_length=200)
    owner = models.CharField(max_length=100, blank=True)
    why = models.CharField(max_length=100, blank=True)
    route = models.TextField(blank=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("run", "number"), name="one_dry_run_fate_a_number"),
        )
        indexes = (models.Index(fields=("run", "owner", "number"), name="dry_run_fate_by_owner"),)
