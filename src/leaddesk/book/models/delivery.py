"""Envelopes: what people must hear, what is sent to whom, and every attempt to send it."""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class Notice(OfWorkspace):
    """One thing that has to be heard, once (`key`). `record` queues it; the post takes it from here.

    `to` is a person or a role of the agreement; `cause_at` the instant at which it became due, `body`
    the engine's figures as JSON.
    """

    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    to = models.CharField(max_length=100, blank=True)
    lead = models.CharField(max_length=200)
    body = models.TextField()
    cause_at = models.BigIntegerField()
    created_at = models.BigIntegerField()
    posted_at = models.BigIntegerField(null=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "key"), name="one_notice_a_key"),
        )
        indexes = (
            models.Index(
                fields=("cause_at",),
                condition=models.Q(posted_at__isnull=True),
                name="notice_to_post",
            ),
            models.Index(fields=("workspace", "lead"), name="notice_by_lead"),
        )


class Channel(OfWorkspace):
    """A way out that somebody configured: `kind` is a channel of the post. Secrets are never shown."""

    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    settings = models.JSONField(default=dict)
    secrets = models.JSONField(default=dict)
    events = models.JSONField(default=list)  # kinds of notice that it takes; empty: all
    is_active = models.BooleanField(default=True)
    off_because = models.CharField(max_length=300, blank=True)
    created_at = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "key"), name="one_channel_a_key"),
        )


class Delivery(OfWorkspace):
    """One message to one receiver by one channel; its `key` reaches the receiver.

    It moves pending → leased → done, dead or back to pending; held ones wait for somebody to
    release them, skipped ones had nobody who wanted them.
    """

    class State(models.TextChoices):
        """Where a delivery stands."""

        PENDING = "pending"
        LEASED = "leased"
        DONE = "done"
        DEAD = "dead"
        HELD = "held"
        SKIPPED = "skipped"

    key = models.CharField(max_length=64)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    to = models.CharField(max_length=100, blank=True)
    lead = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    cause_at = models.BigIntegerField()
    created_at = models.BigIntegerField()
    next_at = models.BigIntegerField()
    lease_until = models.BigIntegerField(null=True)
    fence = models.BigIntegerField(default=0)
    done_at = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=500, blank=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "key"), name="one_delivery_a_key"),
        )
        indexes = (
            models.Index(
                fields=("next_at", "id"),
                condition=models.Q(state__in=("pending", "leased")),
                name="delivery_to_send",
            ),
            models.Index(
                fields=("channel", "next_at", "id"),
                condition=models.Q(state__in=("pending", "leased")),
                name="delivery_of_channel",
            ),
            models.Index(fields=("workspace", "state", "created_at"), name="delivery_by_state"),
            models.Index(fields=("workspace", "channel", "lead"), name="delivery_by_lead"),
        )


class Attempt(OfWorkspace):
    """One try to send a delivery, and what came of it."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    began_at = models.BigIntegerField()
    ended_at = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    answer = models.CharField(max_length=1000, blank=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("delivery", "number"), name="one_attempt_a_number"),
        )


class Mute(OfWorkspace):
    """Somebody doesn't want to hear a kind of notice, or of a lead (both empty: any) before an instant."""

    person = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, blank=True)
    lead = models.CharField(max_length=200, blank=True, default="")
    until = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        indexes = (models.Index(fields=("workspace", "person", "until"), name="mute_by_person"),)
