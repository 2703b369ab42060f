"""Learned: models that foretell which leads are won, each with how well it did."""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class ScoreModel(OfWorkspace):
    """A model of the chance to win, trained on the leads of this workspace.

    `body` is the model itself as JSON (no code), `validation` how it did on later leads than it saw,
    `grounds` what was looked at and left out, `refusal` why it was not trained. Leads that qualify
    from `used_at` on get a chance by it; `drift` is how leads have changed since, as of `drift_at`.
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
    grounds = models.JSONField(default=dict)
    refusal = models.JSONField(default=list)
    used_at = models.BigIntegerField(null=True)
    drift = models.JSONField(default=dict)
    drift_at = models.BigIntegerField(null=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "number"), name="one_model_a_number"),
        )
