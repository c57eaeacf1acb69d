"""Jobs of accounts: letters, and clearing away what has expired."""

from django.db import transaction

from mdv.accounts import expiry, letters
from mdv.accounts.models import User
from mdv.jobs.app import job
from mdv.kernel import clock


@job("accounts.answer_registration")
def answer_registration(*, user_id: int, is_new: bool) -> None:
    """Welcome somebody new; write to somebody known, with a link if they have no password yet."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    if is_new or user.has_usable_password():
        letters.write_about_registration(user, is_new=is_new)
    else:
        _mail_reset_link(user)


@job("accounts.answer_reset_request")
def answer_reset_request(*, user_id: int) -> None:
    """Mail a link, if there is such a person."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        _mail_reset_link(user)


@job("accounts.send_reset_link")  # the name that it had before invitations
def send_link(*, mail_id: int) -> None:
    """Write the link and send it."""
    letters.send_link(mail_id=mail_id)


@job("accounts.delete_expired", cron="23 * * * *", retries=0)
def delete_expired() -> None:
    """Delete the tokens and sessions whose time is over."""
    expiry.delete_expired(at=clock.now())


@transaction.atomic
def _mail_reset_link(user: User) -> None:
    entered = letters.enter_reset_link(user)
    if entered is not None:
        send_link.defer(mail_id=entered.pk)
