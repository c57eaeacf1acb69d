"""People: customers and staff in one table, their roles, their tokens, their addresses."""

import uuid
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from knox.models import AbstractAuthToken, AuthTokenManager

from mdv.accounts import roles
from mdv.accounts.roles import Role
from mdv.kernel.context import Actor

SESSION_SALT = "mdv.accounts.session"


class Users(BaseUserManager["User"]):
    """Finds people by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # knox is untyped
    """A person who can log in. Never deleted, only erased.

    Nobody stands above the table of roles: there are no superusers and no permissions per user.
    """

    email = models.EmailField(
        unique=True, error_messages={"unique": "Someone is already registered with this e-mail."}
    )
    name = models.CharField(max_length=150, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    # Part of what a session is signed with: raising it ends all of a person's sessions.
    session_epoch = models.PositiveIntegerField(default=0)
    date_joined = models.DateTimeField(auto_now_add=True)
    groups = models.ManyToManyField(Group, through="RoleGrant", related_name="users")

    objects: ClassVar[Users] = Users()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_superuser = False

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                name="email_is_stored_in_lower_case", condition=models.Q(email=Lower("email"))
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] or self.email

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles held, read once per instance."""
        names = RoleGrant.objects.filter(user=self).values_list("group__name", flat=True)
        return frozenset(Role(name) for name in names)

    @property
    def is_staff(self) -> bool:
        return self.is_active and bool(self.roles)

    @property
    def role_label(self) -> str:
        return ", ".join(sorted(self.roles)) or "customer"

    def as_actor(self) -> Actor:
        """Return the snapshot that the trail keeps."""
        return Actor(kind="user", id=self.pk, role=self.role_label, label=self.email)

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Return what a session must carry to stay valid. Django asks with older secrets too."""
        signed = f"{self.password}:{self.session_epoch}"
        return salted_hmac(SESSION_SALT, signed, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Ask the table of roles."""
        return self.is_active and roles.may(self.roles, perm)

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and roles.may_see_app(self.roles, app_label)


class RoleGrant(models.Model):
    """One role held by one person. Changed by ``services.set_roles`` alone."""

    user = models.ForeignKey(User, models.PROTECT, related_name="role_grants")
    group = models.ForeignKey(Group, models.PROTECT, related_name="grants")
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "group", name="a_role_is_granted_once"),
        ]

    def __str__(self) -> str:
        return f"role {self.group_id} of user {self.user_id}"


class ApiTokens(AuthTokenManager):
    """Finds the log-ins that still hold."""

    def live(self, at: datetime) -> "models.QuerySet[ApiToken]":
        """Select the tokens that have not expired, of people who may log in."""
        lasting = models.Q(expiry=None) | models.Q(expiry__gt=at)
        tokens: models.QuerySet[ApiToken] = self.filter(lasting, user__is_active=True)
        return tokens


class ApiToken(AbstractAuthToken):
    """A log-in of one device. Only the token's hash is stored; deleting the row ends it at once."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100, blank=True)
    last_used_at = models.DateTimeField(null=True)
    last_address = models.GenericIPAddressField(null=True)
    last_device = models.CharField(max_length=256, blank=True)

    objects: ClassVar[ApiTokens] = ApiTokens()

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return self.name or str(self.public_id)


class KnownAddress(models.Model):
    """An address that somebody logged in from. The limits on their account let it through."""

    user = models.ForeignKey(User, models.CASCADE, related_name="known_addresses")
    bucket = models.CharField(max_length=64)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "bucket"], name="an_address_is_known_once_per_person"
            ),
        ]

    def __str__(self) -> str:
        return self.bucket


class Address(models.Model):
    """A place to deliver to, kept by a customer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="addresses")
    label = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=150)
    phone = models.CharField(max_length=32, blank=True)
    street = models.CharField(max_length=255)
    city = models.CharField(max_length=100)
    state = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(
                "user",
                condition=models.Q(is_default=True),
                name="one_default_address_per_user",
            ),
            models.CheckConstraint(
                name="country_is_two_capital_letters",
                condition=models.Q(country__regex=r"^[A-Z]{2}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.label or f"{self.street}, {self.city}"
