"""Changing one's own password."""

from django.db import transaction

from audit.models import AuditEntry
from audit.services import record
from mdv.accounts.models import ApiToken, User
from mdv.accounts.services.new_password import BadPassword, check_new_password, set_new_password
from mdv.kernel.errors import FieldProblem, Invalid
from mdv.limits import services as limits
from mdv.mail.services import send_mail


class WrongPassword(Invalid):
    """The current password is another."""

    detail = "The current password is wrong."


def change_password(*, user: User, current: str, new: str, keep: ApiToken | None = None) -> None:
    """Replace `user`'s password and end all other log-ins but `keep`.

    Not atomic as a whole: the record of a wrong password stays.

    Raises:
        WrongPassword: `current` is not the password.
        BadPassword: `new` cannot be used, or is the current one.
        LimitReached: 429; whoever found an open log-in must not guess the password with it.
    """
    limits.enforce("login", f"password:{user.pk}")
    if not user.check_password(current):
        record("password_change_failed", subject=user, outcome=AuditEntry.Outcome.FAILED)
        message = WrongPassword.detail
        raise WrongPassword(problems=[FieldProblem("current", "wrong_password", message)])
    if new == current:
        message = "The new password is the current one."
        raise BadPassword(problems=[FieldProblem("new", "password_unchanged", message)])
    check_new_password(new, user, field="new")
    _change(user, new, keep)


@transaction.atomic
def _change(checked: User, new: str, keep: ApiToken | None) -> None:
    user = User.objects.select_for_update(no_key=True).get(pk=checked.pk)
    if user.password != checked.password:
        raise WrongPassword
    set_new_password(user, new, keep=keep)
    record("password_changed", subject=user)
    send_mail(kind="password_changed", to=user.email, context={}, about=user)
