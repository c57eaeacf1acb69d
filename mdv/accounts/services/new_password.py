"""Setting a password: what it must be, and what ends with the old one."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from mdv.accounts.models import ApiToken, User
from mdv.accounts.services.end_log_ins import end_all
from mdv.kernel.errors import FieldProblem, Invalid


class BadPassword(Invalid):
    """A password that cannot be accepted; ``problems`` say why, at the field that it came in."""

    detail = "This password cannot be used."


def check_new_password(password: str, user: User, *, field: str = "password") -> None:
    """Refuse a password that is too short, too common or too much like its owner's name.

    Raises:
        BadPassword: with every reason.
    """
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise BadPassword(
            problems=[
                FieldProblem(field, error.code or "invalid", " ".join(error.messages))
                for error in problem.error_list
            ]
        ) from None


def set_new_password(user: User, password: str, *, keep: ApiToken | None = None) -> None:
    """Give `user`, a locked row, a checked password; end all other log-ins but `keep`."""
    user.set_password(password)
    user.must_change_password = False
    end_all(user, keep=keep)
