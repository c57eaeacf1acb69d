"""Getting back in after a password was forgotten, by a link that is mailed."""

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.http import urlsafe_base64_decode

from audit.services import record
from mdv.accounts import tasks
from mdv.accounts.models import User
from mdv.accounts.services.new_password import check_new_password, set_new_password
from mdv.kernel.errors import Invalid
from mdv.mail.services import send_mail

NOBODY = 0
# What everybody is told.
LINK_REQUESTED = "If there is an account with this address, a link is on its way."


class InvalidResetLink(Invalid):
    """The link was never valid, is too old, or was used: we do not say which."""

    code = "invalid_reset_link"
    detail = "This link is not valid or no longer. Ask for a new one."


@transaction.atomic
def request_password_reset(*, email: str) -> None:
    """Have a link mailed to whoever has this e-mail. Does the same work for unknown people."""
    email = email.lower()
    user = User.objects.filter(email=email).first()
    record("password_reset_requested", subject=user, label=email)
    tasks.answer_reset_request.defer(user_id=user.pk if user else NOBODY)


@transaction.atomic
def reset_password(*, uid: str, token: str, password: str) -> None:
    """Set a password by a mailed link. Ends every log-in; the link works once.

    Raises:
        InvalidResetLink: 400.
        BadPassword: the link still works for another one.
    """
    user = User.objects.select_for_update(no_key=True).filter(pk=_user_id(uid)).first()
    if user is None or not user.is_active or not default_token_generator.check_token(user, token):
        raise InvalidResetLink
    check_new_password(password, user)
    set_new_password(user, password)
    record("password_reset", subject=user)
    send_mail(kind="password_changed", to=user.email, context={}, about=user)


def _user_id(uid: str) -> int:
    try:
        return int(urlsafe_base64_decode(uid).decode("ascii"))
    except ValueError:
        return NOBODY
