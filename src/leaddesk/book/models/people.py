"""Registers: workspaces, people, teams, calendars, companies and contacts.

Names, addresses and numbers of persons stand here and nowhere else, so that erasing a person keeps
keys, times and counts.
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from leaddesk.book import folding
from leaddesk.book.models.folded import Folded
from leaddesk.book.models.scope import OfWorkspace


class Workspace(models.Model):
    """One revenue team with its agreement, its people and its leads.

    `rules` counts the changes of the agreement, the calendars and the roster: a lead that was
    judged by an earlier count is judged again. `dates` is the calendar by which days are written
    (empty: the usual one of the reader's language); `weekend` lists weekdays from Monday, 0, on,
    a half day off as ``3h``.

    From `hands_over_since` on (None: never) the desk itself hands over leads that qualify, but those
    of the systems listed in `hands_over_but`, which do it themselves; from `nurtures_since` on it sends
    the steps of nurture tracks, in the name of `mail_from` and with the `postal_address`; `nurtured`
    lists the times (from, until) in which it did before it was switched off.

    The stored scores of open leads are as of `scored_as_of` or later; up to the row `rescored_lead` of
    `rescored_account` as of `rescoring_as_of`, while they are brought up to it.
    """

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=12, default="en")
    dates = models.CharField(max_length=12, blank=True)
    week_start = models.PositiveSmallIntegerField(default=0)
    weekend = models.CharField(max_length=30, default="5,6")
    rules = models.PositiveIntegerField(default=1)
    is_sample = models.BooleanField(default=False)
    hands_over_since = models.BigIntegerField(null=True)
    hands_over_but = models.JSONField(default=list)
    nurtures_since = models.BigIntegerField(null=True)
    nurtured = models.JSONField(default=list)
    scored_as_of = models.BigIntegerField(null=True)
    rescoring_as_of = models.BigIntegerField(null=True)
    rescored_account = models.CharField(max_length=200, blank=True)
    rescored_lead = models.BigIntegerField(default=0)
    mail_from = models.CharField(max_length=300, blank=True)
    postal_address = models.CharField(max_length=500, blank=True)
    second_factor_required = models.BooleanField(default=False)
    created_at = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name


class Users(BaseUserManager["User"]):
    """Accounts that sign in."""

    def create_user(self, email: str, password: str | None = None) -> "User":
        """A new account; without a password it signs in by link only."""
        user = self.model(email=self.normalize_email(email))
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Accounts are found by their address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who signs in; a `Person` in each workspace where they work.

    `is_claimed` until its owner has shown that they read the mail of its address.
    """

    email = models.EmailField(max_length=254, unique=True)
    is_active = models.BooleanField(default=True)
    is_claimed = models.BooleanField(default=False)

    objects = Users()
    USERNAME_FIELD = "email"

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="one_account_an_address"),)

    def __str__(self) -> str:
        return self.email


class Role(models.TextChoices):
    """What somebody is in a workspace; the rights of each stand in `access`."""

    ADMIN = "admin", _("RevOps admin")
    MARKETING_LEAD = "marketing lead", _("marketing lead")
    SALES_LEAD = "sales lead", _("sales lead")
    MARKETER = "marketer", _("marketer")
    REP = "rep", _("rep")
    VIEWER = "viewer", _("executive viewer")
    AUDITOR = "auditor", _("auditor")


class Calendar(OfWorkspace):
    """Dated exceptions beside a calendar that the agreement names: holidays and special hours."""

    key = models.CharField(max_length=100)
    day = models.DateField()
    open = models.CharField(max_length=200, blank=True)  # "09:00-12:00, 13:00-15:00"; empty: closed
    note = models.CharField(max_length=200, blank=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "key", "day"), name="one_exception_a_day"),
        )


class Team(OfWorkspace):
    """People who share leads, and the calendar of those who name none."""

    key = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    calendar = models.CharField(max_length=100, blank=True)
    manager = models.CharField(max_length=100, blank=True)

    class Meta(OfWorkspace.Meta):
        constraints = (models.UniqueConstraint(fields=("workspace", "key"), name="one_team_a_key"),)


class Person(OfWorkspace):
    """Somebody in a workspace; `key` is their name in the agreement and in the log.

    `calendar` is by whose hours they work, `dates` by which calendar days are written for them.
    """

    key = models.CharField(max_length=100)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    slack = models.CharField(max_length=40, blank=True)
    role = models.CharField(max_length=20, choices=Role, default=Role.REP)
    side = models.CharField(max_length=40, blank=True)
    team = models.CharField(max_length=100, blank=True)
    calendar = models.CharField(max_length=100, blank=True)
    manager = models.CharField(max_length=100, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=12, blank=True)
    dates = models.CharField(max_length=12, blank=True)
    digits = models.CharField(max_length=12, blank=True)
    theme = models.CharField(max_length=12, default="system")
    single_keys = models.BooleanField(default=True)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    digest_at = models.TimeField(null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.BigIntegerField()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "key"), name="one_person_a_key"),
            models.UniqueConstraint(
                fields=("workspace", "user"),
                condition=models.Q(user__isnull=False),
                name="one_person_an_account",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Leave(OfWorkspace):
    """Whole days on which somebody doesn't work, both ends included."""

    person = models.CharField(max_length=100)
    first = models.DateField()
    last = models.DateField()
    note = models.CharField(max_length=200, blank=True)

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="leave_ends_after_it_begins"
            ),
        )
        indexes = (models.Index(fields=("workspace", "person"), name="leave_by_person"),)


class Company(OfWorkspace):
    """A company; `key` is what facts call its account.

    One that was merged `into` another stays for the facts that name it.
    """

    key = models.CharField(max_length=200)
    name = models.CharField(max_length=300)
    domain = models.CharField(max_length=253, blank=True)
    country = models.CharField(max_length=2, blank=True)
    into = models.CharField(max_length=200, blank=True)
    created_at = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)
    folded = Folded()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "key"), name="one_company_a_key"),
        )
        indexes = (
            models.Index(fields=("workspace", "domain"), name="company_by_domain"),
            models.Index(fields=("workspace", "name", "key"), name="company_by_name"),
            models.Index("workspace", Lower("name"), name="company_by_small_name"),
        )

    def searched(self) -> str:
        """What a search finds it by."""
        return folding.index_of(self.name, self.domain, self.key)


class Contact(OfWorkspace):
    """The person behind a lead. `lead` is the key of the lead in the log.

    `mail_consent` is yes, no, or empty where nobody asked; without `tracking_consent` nobody counts
    what they open and follow.
    """

    lead = models.CharField(max_length=200)
    company = models.ForeignKey(Company, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=300, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=12, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    mail_consent = models.CharField(max_length=10, blank=True)
    tracking_consent = models.BooleanField(default=False)
    consent_at = models.BigIntegerField(null=True)
    consent_source = models.CharField(max_length=200, blank=True)
    consent_by = models.CharField(max_length=100, blank=True, default="")
    created_at = models.BigIntegerField()
    erased_at = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    folded = Folded()

    class Meta(OfWorkspace.Meta):
        constraints = (
            models.UniqueConstraint(fields=("workspace", "lead"), name="one_contact_a_lead"),
        )
        indexes = (
            models.Index(fields=("workspace", "email"), name="contact_by_email"),
            models.Index("workspace", Lower("email"), name="contact_by_small_email"),
            models.Index(fields=("workspace", "name", "lead"), name="contact_by_name"),
            models.Index(fields=("workspace", "company"), name="contact_by_company"),
        )

    def searched(self) -> str:
        """What a search finds them by; their company has its own."""
        if self.erased_at is not None:
            return ""
        return folding.index_of(self.name, self.email, self.lead, phone=self.phone)
