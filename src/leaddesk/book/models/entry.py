"""Ways in: second factors and sessions of accounts, invitations and single sign-on of workspaces."""

from django.db import models

from leaddesk.book.models.people import Role, User, Workspace
from leaddesk.book.models.scope import OfWorkspace


class Authenticator(models.Model):
    """The app that makes six-digit codes for an account; `secret` is sealed (`book.seal`).

    `last_step` is the half-minute of the newest code that was taken: no code is taken twice.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    secret = models.CharField(max_length=500)
    last_step = models.BigIntegerField(default=0)
    created_at = models.BigIntegerField()
    confirmed_at = models.BigIntegerField(null=True)


class Passkey(models.Model):
    """A key that somebody's device keeps for this desk; here is its public half."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    credential = models.CharField(max_length=1400, unique=True)
    public_key = models.TextField()
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=100)
    created_at = models.BigIntegerField()
    used_at = models.BigIntegerField(null=True)


class RecoveryCode(models.Model):
    """A code that stands in once for the second factor. Only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    used_at = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "digest"), name="one_recovery_code_once"),
        )


class Seat(models.Model):
    """A session of an account: deleting it signs that browser out.

    `workspace` is the only one that it opens, where not the account itself but this workspace
    vouched for whoever signed in. `is_strong` says that more than a password or a link did.
    """

    key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, related_name="+")
    way = models.CharField(max_length=40)
    browser = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=64, blank=True)
    is_strong = models.BooleanField(default=False)
    since = models.BigIntegerField()
    seen_at = models.BigIntegerField()


class Invitation(OfWorkspace):
    """Somebody asked to work here. Only the digest of the link is kept; `turn` counts the sendings.

    `is_mailed` says that the link went to the address itself and to nobody else.
    """

    key = models.CharField(max_length=40, unique=True)
    email = models.EmailField(max_length=254)
    person = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=20, choices=Role)
    team = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    turn = models.PositiveIntegerField(default=1)
    is_mailed = models.BooleanField(default=False)
    invited_by = models.CharField(max_length=100)
    created_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    accepted_at = models.BigIntegerField(null=True)
    revoked_at = models.BigIntegerField(null=True)


class SingleSignOn(OfWorkspace):
    """The OpenID provider that vouches for the people of a workspace; `secret` is sealed.

    Who is vouched for and isn't known yet is added with `role`, where `adds_people`.
    """

    issuer = models.CharField(max_length=500)
    client = models.CharField(max_length=300)
    secret = models.CharField(max_length=2000)
    domains = models.JSONField(default=list)
    button = models.CharField(max_length=100, blank=True)
    adds_people = models.BooleanField(default=False)
    role = models.CharField(max_length=20, choices=Role, default=Role.VIEWER)
    is_active = models.BooleanField(default=True)
    changed_at = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        constraints = (models.UniqueConstraint(fields=("workspace",), name="one_single_sign_on"),)


class Identity(OfWorkspace):
    """Whom a person is to the provider; an address that is given to somebody else later isn't them."""

    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    person = models.CharField(max_length=100)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("workspace", "issuer", "subject"), name="one_identity_a_subject"
            ),
            models.UniqueConstraint(
                fields=("workspace", "issuer", "person"), name="one_identity_a_person"
            ),
        )
