"""Ending log-ins: one token, or all tokens and sessions of a person."""

from uuid import UUID

from django.db import transaction

from audit.services import record
from mdv.accounts import known_addresses
from mdv.accounts.models import ApiToken, User
from mdv.kernel.errors import NotFound


@transaction.atomic
def log_out(*, token: ApiToken) -> None:
    """End the log-in that `token` stands for."""
    token.delete()
    record("logged_out", subject=token.user)


@transaction.atomic
def log_out_everywhere(*, user: User) -> None:
    """End every token and every session of `user`."""
    end_all(User.objects.select_for_update(no_key=True).get(pk=user.pk))
    record("logged_out_everywhere", subject=user)


@transaction.atomic
def end_token(*, user: User, public_id: UUID) -> None:
    """End one of a person's log-ins, on a device that was lost, say.

    Raises:
        NotFound: there is no such token, or it is somebody else's.
    """
    token = ApiToken.objects.select_for_update().filter(user=user, public_id=public_id).first()
    if token is None:
        raise NotFound
    token.delete()
    record("token_ended", subject=user, facts={"token": str(public_id)})


def end_all(user: User, *, keep: ApiToken | None = None) -> None:
    """End what `user`, a locked row, has open, but for `keep`; save the row."""
    tokens = ApiToken.objects.filter(user=user)
    if keep is not None:
        tokens = tokens.exclude(pk=keep.pk)
    tokens.delete()
    known_addresses.forget(user)
    user.session_epoch += 1
    user.save(update_fields=["password", "must_change_password", "session_epoch"])
