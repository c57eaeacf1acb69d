"""The back office's sessions in the trail. Django opens and ends them, and tells by signal."""

from typing import Any

from audit.services import record
from mdv.accounts import known_addresses
from mdv.accounts.models import User
from mdv.kernel import context


def record_log_in(*, user: User, **kwargs: Any) -> None:
    """Write down that `user` opened a session."""
    context.set_actor(user.as_actor())
    known_addresses.remember(user)
    record("logged_in", subject=user)


def record_log_out(*, user: User | None, **kwargs: Any) -> None:
    """Write down that `user` ended their session."""
    if user is not None:
        record("logged_out", subject=user)
