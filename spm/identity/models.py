"""People who sign in, the companies they belong to, and the keys they use. All global: read before a scope exists."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from knox.models import AbstractAuthToken
from knox.settings import CONSTANTS

from spm.tenancy.keys import uuid7


class UserManager(BaseUserManager["User"]):
    """Makes users; an e-mail address is the name to sign in with."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a user; without a password the account can't be signed in to until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a member of the platform staff."""
        return self.create_user(email, password, is_staff=True, **fields)


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # knox gives its base class no manager to resolve
    """A person who can sign in. What they may do comes from memberships and roles, never from here."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    locale = models.CharField(max_length=16, blank=True)
    theme = models.CharField(
        max_length=8, default="system", choices=[("system", "System"), ("light", "Light"), ("dark", "Dark")]
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("platform staff", default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Let platform staff use Django's admin, which shows global tables only."""
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Let platform staff see the admin's index."""
        return self.is_active and self.is_staff


class Membership(models.Model):
    """A user in a company. Roles hang on it (`spm.roles`); suspended means no entry. Addresses carry `public_id`, which counts nobody."""

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="memberships")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.organisation}"


class Invitation(models.Model):
    """An offer to join a company with roles; only the digest of its token is kept."""

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    email = models.EmailField()
    roles = models.JSONField(default=list)
    participant_id = models.UUIDField(null=True, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organisation}"


class ApiToken(AbstractAuthToken):
    """An API token for one company; hashed, expiring, shown once.

    Without `rights` it is a person's own and may what the person may. With them it is the service key of a machine: it may these, and what
    it does counts as done by who made it, so that nobody approves or pays what their own key asked for.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=CONSTANTS.DIGEST_LENGTH, unique=True)
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    read_only = models.BooleanField(default=True)
    rights = ArrayField(models.CharField(max_length=50), null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "organisation", Lower("name"), condition=Q(rights__isnull=False), name="service_key_name_once"
            ),
            models.CheckConstraint(condition=Q(rights=None) | ~Q(rights=[]), name="service_key_has_rights"),
        ]

    def __str__(self) -> str:
        return self.name


class TokenUse(models.Model):
    """When a token last opened the door, to the hour. A row of its own: a token's use is no change of the token."""

    token = models.OneToOneField(ApiToken, models.CASCADE, primary_key=True, related_name="use")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.token} at {self.last_used_at}"


class StaffEntry(models.Model):
    """Platform staff inside one company, until when and why; shown to the company."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    entered_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "staff entries"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("entered_at")), name="staff_entry_ends"),
            models.CheckConstraint(condition=~Q(reason=""), name="staff_entry_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organisation}"
