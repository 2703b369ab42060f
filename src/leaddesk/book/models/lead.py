"""The log as an envelope, and the two indexes that are drawn from it.

`Fact` is append-only. `Lead` and `Due` hold what `record` derived; they can be dropped and refilled
at any time. Instants are µs since 1970 UTC.
"""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class Fact(OfWorkspace):
    """One thing that happened. `kind` is the engine's code, `body` the fields of the kind as JSON.

    A fact without a `lead` belongs to all leads of its `account`: those whose creation names it,
    which is the only fact that has both.
    """

    lead = models.CharField(max_length=200)
    account = models.CharField(max_length=200)
    kind = models.SmallIntegerField()
    occurred_at = models.BigIntegerField()
    recorded_at = models.BigIntegerField()
    date_only = models.BooleanField(default=False)
    system = models.CharField(max_length=100)
    source_id = models.CharField(max_length=200)
    body = models.TextField()
    request = models.CharField(max_length=64)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "system", "source_id"), name="one_fact_a_source_id"
            ),
        )
        indexes = (
            models.Index(fields=("workspace", "lead"), name="fact_by_lead"),
            models.Index(
                fields=("workspace", "account"),
                condition=~models.Q(account=""),
                name="fact_by_account",
            ),
        )


class Lead(OfWorkspace):
    """Where a lead stands, as SQL filters on it. Written by `record` alone.

    `due_at` is when the next open obligation is due; `urgent_at` when the first that nobody has
    answered yet, or the next touch of its cadence, is or was due in the pass that is open. `wake_at` is when it can next change by
    itself; `rules` the count of rules it was judged by. `fit` and `interest` are the score in
    hundredths of a point by the rules of the agreement, `grade` is that of its grid: as of `scored_at`, when
    something last happened that counts for the lead, or of what its workspace was scored as of, if later.
    `rank` is its place among leads that are urgent at one instant, the most important lowest;
    `touched_at` when sales and the person last had to do with each other; `last_owner` is who owned it
    last, also where nobody owns it any more.
    A worker that judges it holds it until `lease_until`, and finishes only under its own `fence`.
    """

    key = models.CharField(max_length=200)
    created_at = models.BigIntegerField(null=True)
    changed_at = models.BigIntegerField(null=True)
    facts = models.PositiveIntegerField(default=0)
    type = models.CharField(max_length=200, blank=True)
    stream = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200, blank=True)
    campaign = models.CharField(max_length=200, blank=True)
    account = models.CharField(max_length=200, blank=True)
    into = models.CharField(max_length=200, blank=True)
    pass_number = models.PositiveIntegerField(default=1)
    standing = models.CharField(max_length=20, blank=True)
    stage = models.CharField(max_length=200, blank=True)
    owner = models.CharField(max_length=200, blank=True)
    is_paused = models.BooleanField(default=False)
    due_at = models.BigIntegerField(null=True)
    urgent_at = models.BigIntegerField(null=True)
    rank = models.BigIntegerField(default=0)
    touched_at = models.BigIntegerField(null=True)
    last_owner = models.CharField(max_length=200, blank=True)
    open = models.PositiveIntegerField(default=0)
    broken = models.PositiveIntegerField(default=0)
    wake_at = models.BigIntegerField(null=True)
    rules = models.PositiveIntegerField(default=0)
    is_settled = models.BooleanField(default=False)
    fit = models.IntegerField(null=True)
    interest = models.IntegerField(null=True)
    grade = models.CharField(max_length=2, blank=True)
    scored_at = models.BigIntegerField(null=True)
    lease_until = models.BigIntegerField(null=True)
    fence = models.BigIntegerField(default=0)

    class Meta(OfWorkspace.Meta):
        constraints = (models.UniqueConstraint(fields=("workspace", "key"), name="one_lead_a_key"),)
        indexes = (
            models.Index(
                fields=("wake_at",), condition=models.Q(wake_at__isnull=False), name="lead_to_wake"
            ),
            models.Index(
                fields=("workspace", "rules"),
                condition=models.Q(is_settled=False),
                name="lead_by_rules",
            ),
            models.Index(fields=("workspace", "owner", "due_at"), name="lead_by_owner"),
            models.Index(
                fields=("workspace", "owner", "urgent_at", "rank", "key"),
                condition=models.Q(urgent_at__isnull=False),
                name="lead_by_urgency_of_owner",
            ),
            models.Index(
                fields=("workspace", "urgent_at", "rank", "key"),
                condition=models.Q(urgent_at__isnull=False),
                name="lead_by_urgency",
            ),
            models.Index(
                fields=("workspace", "standing", "touched_at", "key"),
                condition=models.Q(standing__in=["lost", "out", "won"]),
                name="lead_by_silence",
            ),
            models.Index(fields=("workspace", "created_at"), name="lead_by_creation"),
            models.Index(fields=("workspace", "changed_at", "key"), name="lead_by_change"),
            models.Index(fields=("workspace", "account", "id"), name="lead_by_company"),
            models.Index(
                fields=("workspace", "interest", "key"),
                condition=models.Q(interest__isnull=False),
                name="lead_by_interest",
            ),
            models.Index(
                fields=("workspace", "grade", "key"),
                condition=~models.Q(grade=""),
                name="lead_by_grade",
            ),
            models.Index(
                fields=("workspace", "into"), condition=~models.Q(into=""), name="lead_by_into"
            ),
        )


class Due(OfWorkspace):
    """One obligation: a promise applied to one pass of a lead. Written by `record` alone."""

    lead = models.CharField(max_length=200)
    promise = models.CharField(max_length=200)
    pass_number = models.PositiveIntegerField()
    rung = models.IntegerField(default=-1)  # -1: the promise is no ladder
    occurrence = models.PositiveIntegerField()
    side = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    owner = models.CharField(max_length=200, blank=True)
    started_at = models.BigIntegerField()
    due_at = models.BigIntegerField(null=True)
    answered_at = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=20)
    at_risk = models.BooleanField(default=False)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "lead", "promise", "pass_number", "rung", "occurrence"),
                name="one_due_an_obligation",
            ),
        )
        indexes = (
            models.Index(fields=("workspace", "verdict", "due_at"), name="due_by_verdict"),
            models.Index(fields=("workspace", "owner", "verdict", "due_at"), name="due_by_owner"),
        )
