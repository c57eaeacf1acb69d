"""Checking who somebody says they are: limits first, then one hash for everybody, then a record."""

from audit.models import AuditEntry
from audit.services import record
from mdv.accounts import known_addresses
from mdv.accounts.backends import PasswordBackend
from mdv.accounts.models import User
from mdv.http.address import bucket
from mdv.kernel import context
from mdv.kernel.errors import Forbidden, NotAuthenticated
from mdv.limits import services as limits


class InvalidCredentials(NotAuthenticated):
    """Whatever is wrong: unknown, wrong password, no password, not active, not on staff."""

    code = "invalid_credentials"
    detail = "The e-mail or the password is wrong."


class NotYourPassword(Forbidden):
    """Who is logged in was asked for the password once more, and gave another one."""

    code = "wrong_password"
    detail = "This is not your password."


def check_credentials(*, email: str, password: str) -> User:
    """Return the person whose e-mail and password these are.

    Costs the same for known and unknown people. Not atomic: the record of a failure stays.

    Raises:
        InvalidCredentials: 401.
        LimitReached: 429, before any password is checked.
    """
    email = email.lower()
    _hold_to_limits(email)
    user = PasswordBackend().authenticate(None, username=email, password=password)
    if user is None:
        _record_failure(email, "")
        raise InvalidCredentials
    return user


def check_staff_credentials(*, email: str, password: str) -> User:
    """Return the member of staff whose e-mail and password these are.

    Raises:
        InvalidCredentials: also for a customer with the right password.
        LimitReached: 429, before any password is checked.
    """
    user = check_credentials(email=email, password=password)
    if not user.is_staff:
        _record_failure(user.email, "not on staff")
        raise InvalidCredentials
    return user


def check_own_password(*, user: User, password: str) -> None:
    """Ask who is logged in for the password again, with the limits and records of a log-in.

    Raises:
        NotYourPassword: 403.
        LimitReached: 429, before any password is checked.
    """
    try:
        check_credentials(email=user.email, password=password)
    except InvalidCredentials:
        raise NotYourPassword from None


def _hold_to_limits(email: str) -> None:
    """Count the attempt for the address and, unless it comes from a known device, the account."""
    here = bucket(context.current().address or "0.0.0.0")  # noqa: S104 (no address: a command)
    limits.enforce("login", f"address:{here}")
    if known_addresses.is_known(email, here):
        # Whoever attacks the account from elsewhere must not keep its owner out.
        return
    limits.enforce("login", f"account:{email}")
    limits.enforce("login_account", f"account:{email}")


def _record_failure(email: str, reason: str) -> None:
    record(
        "login_failed",
        subject=User.objects.filter(email=email).first(),
        label=email,
        outcome=AuditEntry.Outcome.FAILED,
        reason=reason,
    )
