"""Imports: files that people brought, their rows, and what became of each."""

from django.db import models
from django.db.models.functions import Lower

from leaddesk.book.models.scope import OfWorkspace


class Import(OfWorkspace):
    """One file on its way to leads. `form` says how it was read, `mapping` what its columns mean.

    A job (checking, trying, importing, undoing) goes through the rows up to `done`; a worker holds it
    until `lease_until`, and finishes only under its own `fence`. The rows are kept until `until`.
    """

    class State(models.TextChoices):
        """Where an import stands; those that end in "ing" are jobs under way."""

        READ = "read"
        CHECKING = "checking"
        CHECKED = "checked"
        TRYING = "trying"
        TRIED = "tried"
        IMPORTING = "importing"
        IMPORTED = "imported"
        UNDOING = "undoing"
        UNDONE = "undone"
        FAILED = "failed"

    key = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    person = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State, default=State.READ)
    header = models.JSONField(default=list)
    headers = models.CharField(max_length=64)  # the digest of the header
    form = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    tally = models.JSONField(default=dict)  # what the job counts so far
    tried = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    is_told = models.BooleanField(default=False)
    why = models.CharField(max_length=500, blank=True)
    created_at = models.BigIntegerField()
    began_at = models.BigIntegerField(null=True)
    ended_at = models.BigIntegerField(null=True)
    until = models.BigIntegerField()
    lease_until = models.BigIntegerField(null=True)
    fence = models.BigIntegerField(default=0)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "key"), name="one_import_a_key"),
        )
        indexes = (
            models.Index(
                fields=("lease_until",),
                condition=models.Q(state__in=("checking", "trying", "importing", "undoing")),
                name="import_under_way",
            ),
            models.Index(fields=("workspace", "created_at"), name="import_by_creation"),
            models.Index(fields=("workspace", "headers"), name="import_by_header"),
        )


class ImportFile(OfWorkspace):
    """The bytes of a file that may have to be read in another way; gone once it is imported."""

    whole = models.OneToOneField(Import, models.CASCADE, related_name="+")
    data = models.BinaryField()


class ImportRow(OfWorkspace):
    """A row of a file: its line, its cells, the lead it is about, and what became of it.

    `outcome` is "new", "changed", "same", "repeated" or "problem"; `changes` has the old and new
    values. `version` is that of the contact after the import, `company` the key of one it created.
    """

    whole = models.ForeignKey(Import, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    cells = models.TextField()
    outcome = models.CharField(max_length=10, blank=True)
    lead = models.CharField(max_length=200, blank=True)
    company = models.CharField(max_length=200, blank=True)
    problems = models.TextField(blank=True)
    changes = models.TextField(blank=True)
    version = models.PositiveIntegerField(null=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("whole", "number"), name="one_row_a_number"),
        )
        indexes = (
            models.Index(fields=("whole", "outcome", "number"), name="import_row_by_outcome"),
            models.Index(fields=("workspace", "lead"), name="import_row_by_lead"),
            models.Index(
                "whole",
                Lower("company"),
                condition=~models.Q(company=""),
                name="import_row_by_company",
            ),
        )
