"""Logging in to the API: credentials become a token of one device."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from audit.services import record
from mdv.accounts import known_addresses
from mdv.accounts.models import ApiToken, User
from mdv.accounts.services.credentials import InvalidCredentials, check_credentials
from mdv.kernel import clock, context

MAX_TOKENS = 50
MAX_NAME_LENGTH = 100


@dataclass(frozen=True, kw_only=True)
class LogIn:
    """`token` is shown this once; only its hash is stored."""

    token: str
    expires_at: datetime
    user: User


def log_in(*, email: str, password: str) -> LogIn:
    """Check the credentials and open a log-in for the device at hand.

    Raises:
        InvalidCredentials: 401, the same for known and unknown people.
        LimitReached: 429.
    """
    return _open(check_credentials(email=email, password=password))


@transaction.atomic
def _open(checked: User) -> LogIn:
    user = User.objects.select_for_update(no_key=True).get(pk=checked.pk)
    if not user.is_active or user.password != checked.password:
        # Changed since it was checked: what ended the other log-ins ends this one too.
        raise InvalidCredentials
    context.set_actor(user.as_actor())
    here = context.current()
    token, text = ApiToken.objects.create(
        user=user,
        expiry=settings.STAFF_TOKEN_LIFETIME if user.is_staff else settings.CUSTOMER_TOKEN_LIFETIME,
        name=here.user_agent[:MAX_NAME_LENGTH],
        last_used_at=clock.now(),
        last_address=here.address or None,
        last_device=here.user_agent,
    )
    _end_surplus(user)
    known_addresses.remember(user)
    user.last_login = clock.now()
    user.save(update_fields=["last_login"])
    record("logged_in", subject=user)
    return LogIn(token=text, expires_at=token.expiry, user=user)


def _end_surplus(user: User) -> None:
    """Keep the newest: a client that never logs out must not fill the table."""
    tokens = ApiToken.objects.filter(user=user).order_by("-created", "public_id")
    surplus = list(tokens.values_list("pk", flat=True)[MAX_TOKENS:])
    if surplus:
        ApiToken.objects.filter(pk__in=surplus).delete()
