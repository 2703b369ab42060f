"""Tokens, links and answers: how somebody gets in, and what they were told before."""

from django.db import models

from leaddesk.book.models.people import User, Workspace
from leaddesk.book.models.scope import OfWorkspace


class Token(OfWorkspace):
    """A key to the API. Only the digest of its secret is kept; the secret is shown once."""

    key = models.CharField(max_length=40, unique=True)
    person = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.BigIntegerField()
    expires_at = models.BigIntegerField(null=True)
    revoked_at = models.BigIntegerField(null=True)
    used_at = models.BigIntegerField(null=True)


class Answer(OfWorkspace):
    """What a request with an `Idempotency-Key` was answered, to be answered so again."""

    key = models.CharField(max_length=255)
    token = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "token", "key"), name="one_answer_a_key"),
        )


class SignInLink(models.Model):
    """A link that signs its account in once; into `workspace` alone where that sent it.

    `key` names those that are sent by mail.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=40, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.BigIntegerField()
    used_at = models.BigIntegerField(null=True)


class SignInTry(models.Model):
    """How often a password was tried since `began_at`, for one account or one network address.

    `subject` is a digest: whose it is can't be read from it.
    """

    subject = models.CharField(max_length=64, unique=True)
    began_at = models.BigIntegerField()
    count = models.PositiveIntegerField()


class Installation(models.Model):
    """The one row about this installation (id 1).

    While `held_since` is set nothing is sent: a backup was restored and nobody has said yet what to
    do with what it had queued. By `address_key` addresses that mustn't be mailed are known again.
    """

    held_since = models.BigIntegerField(null=True)
    backup_at = models.BigIntegerField(null=True)
    address_key = models.CharField(max_length=64, blank=True, default="")
    created_at = models.BigIntegerField()


class Pulse(models.Model):
    """A worker that runs: when it was last seen, and what it has done."""

    worker = models.CharField(max_length=100, unique=True)
    started_at = models.BigIntegerField()
    seen_at = models.BigIntegerField()
    woken = models.BigIntegerField(default=0)
    sent = models.BigIntegerField(default=0)
