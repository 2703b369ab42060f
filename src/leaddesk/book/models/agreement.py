"""Envelopes: versions of the agreement, and the signatures given to them."""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class AgreementVersion(OfWorkspace):
    """One version's text. `hash` is that of its meaning; its body is checked by the engine.

    Only what is in force judges leads; a proposal can be signed, put in force or withdrawn.
    """

    class State(models.TextChoices):
        """Where a version stands."""

        PROPOSED = "proposed"
        IN_FORCE = "in force"
        WITHDRAWN = "withdrawn"

    name = models.CharField(max_length=200)
    number = models.PositiveIntegerField()
    valid_from = models.DateField()
    text = models.TextField()
    hash = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=State, default=State.PROPOSED)
    proposed_by = models.CharField(max_length=100)
    proposed_at = models.BigIntegerField()
    in_force_by = models.CharField(max_length=100, blank=True)
    in_force_at = models.BigIntegerField(null=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "number"),
                condition=~models.Q(state="withdrawn"),
                name="one_version_a_number",
            ),
        )


class Signature(OfWorkspace):
    """That somebody signed for a side, over the hash of the version's meaning."""

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="+")
    side = models.CharField(max_length=40)
    person = models.CharField(max_length=100)
    hash = models.CharField(max_length=64)
    signed_at = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("version", "side", "person"), name="one_signature_a_side_and_person"
            ),
        )
