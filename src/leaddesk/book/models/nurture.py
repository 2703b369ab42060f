"""Nurture: who is in which track, what is sent to them, and who must not be written to."""

from django.db import models

from leaddesk.book.models.scope import OfWorkspace


class Enrolment(OfWorkspace):
    """A lead in a nurture track. An index, written by `record` alone.

    `step` is the number (from 0) of the step that comes next at `next_at`; None at its end or while it
    `is_paused`, because sales works on the lead. `interest_before` is in hundredths of a point.
    """

    lead = models.CharField(max_length=200)
    track = models.CharField(max_length=200)
    fact = models.CharField(max_length=200)
    entered_at = models.BigIntegerField()
    by = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=500, blank=True)
    step = models.PositiveIntegerField(default=0)
    next_at = models.BigIntegerField(null=True)
    is_paused = models.BooleanField(default=False)
    interest_before = models.IntegerField(null=True)
    left_at = models.BigIntegerField(null=True)
    left_why = models.CharField(max_length=200, blank=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "lead", "fact"), name="one_enrolment_a_fact"
            ),
        )
        indexes = (
            models.Index(fields=("workspace", "track", "entered_at"), name="enrolment_by_track"),
            models.Index(fields=("workspace", "entered_at"), name="enrolment_by_time"),
        )


class Offer(OfWorkspace):
    """What a step of a track sends. `texts` has a subject and a text for each language, in which
    `{name}` and the like are replaced by fields that are listed, never evaluated."""

    key = models.CharField(max_length=200)
    texts = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.BigIntegerField()
    changed_by = models.CharField(max_length=100, blank=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "key"), name="one_offer_a_key"),
        )


class Mailing(OfWorkspace):
    """One mail of a track to one lead: waits, is sent once, or is left out for a reason.

    `token` stands in the links of the mail; `message_id` is the same however often it is tried;
    `address` is a digest as `Suppression` has it; `links` are those of the mail, where its receiver
    lets us count.
    """

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting"
        SENT = "sent"
        LEFT_OUT = "left out"
        FAILED = "failed"

    lead = models.CharField(max_length=200)
    track = models.CharField(max_length=200)
    step = models.PositiveIntegerField()
    offer = models.CharField(max_length=200)
    enrolment = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(max_length=300, blank=True)
    due_at = models.BigIntegerField()
    try_at = models.BigIntegerField(null=True)
    tries = models.PositiveIntegerField(default=0)
    lease_until = models.BigIntegerField(null=True)
    sent_at = models.BigIntegerField(null=True)
    address = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=12, blank=True)
    message_id = models.CharField(max_length=200)
    token = models.CharField(max_length=64, unique=True)
    opened_at = models.BigIntegerField(null=True)
    followed_at = models.BigIntegerField(null=True)
    follows = models.PositiveIntegerField(default=0)
    links = models.JSONField(default=list)
    bounced_at = models.BigIntegerField(null=True)
    soft_bounces = models.PositiveIntegerField(default=0)
    complained_at = models.BigIntegerField(null=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "lead", "enrolment", "step"), name="one_mailing_a_step"
            ),
        )
        indexes = (
            models.Index(
                fields=("try_at",), condition=models.Q(state="waiting"), name="mailing_to_send"
            ),
            models.Index(fields=("workspace", "lead"), name="mailing_by_lead"),
            models.Index(fields=("workspace", "due_at", "message_id"), name="mailing_by_due"),
            models.Index(
                fields=("workspace", "track", "step", "state", "lead"), name="mailing_by_step"
            ),
            models.Index(
                fields=("workspace", "offer", "state", "bounced_at"), name="mailing_by_offer"
            ),
            models.Index(fields=("workspace", "address", "sent_at"), name="mailing_by_address"),
            models.Index(fields=("message_id",), name="mailing_by_message"),
        )


class Suppression(OfWorkspace):
    """An address that is never mailed again. It outlives the contact, any import and any sync:
    what is kept for good is a digest of the address under a key of this desk."""

    digest = models.CharField(max_length=64)
    address = models.CharField(max_length=254, blank=True)
    reason = models.CharField(max_length=20)  # unsubscribed, bounced, complained, by hand
    source = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=100, blank=True)
    at = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "digest"), name="one_suppression_an_address"
            ),
        )
