"""Learned: models that foretell which leads are won, each with how well it did."""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class ScoreModel(OfWorkspace):
    """A model of the chance to win, trained on the leads of this workspace.

    `body` is the model itself as JSON (no code), `validation` how it did on later leads than it saw,
    `refusal` why it was not trained.
    """

    class State(models.TextChoices):
        """What became of it."""

        WANTED = "wanted"
        TRAINED = "trained"
        IN_USE = "in use"
        RETIRED = "retired"
        REFUSED = "refused"

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State)
    wanted_at = models.BigIntegerField()
    wanted_by = models.CharField(max_length=100)
    trained_at = models.BigIntegerField(null=True)
    lease_until = models.BigIntegerField(null=True)
    leads = models.PositiveIntegerField(default=0)
    won = models.PositiveIntegerField(default=0)
    body = models.JSONField(default=dict)
    validation = models.JSONField(default=dict)
    refusal = models.JSONField(default=list)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "number"), name="one_model_a_number"),
        )
